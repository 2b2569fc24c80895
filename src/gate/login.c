#include "gate/login.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "crypto/hash.h"
#include "os/clock.h"
#include "os/random.h"

#define REMEMBER_US    (10 * US_PER_MIN)
#define REMEMBERED_MAX 4 /* secrets of one account: itself and app passwords */
#define ACCOUNTS_MAX   100000
#define GUARDS_MAX     200000 /* then names that do not exist go uncounted */

/* The failures of one user from one side. */
struct guard {
	struct throttle t;
	uint32_t trying; /* attempts that are looked at now */
};

struct remembered {
	uint8_t tag[REMEMBERED_MAX][PASSWORD_TAG_SIZE];
	int64_t until_us[REMEMBERED_MAX];
	int64_t account;
};

struct login {
	struct gate_options o;
	struct credentials *credentials;
	struct diary *diary;
	struct password_tag_key key; /* of what is remembered */

	pthread_mutex_t lock;
	pthread_cond_t tried;
	struct gate_limits limits;
	struct map guards;   /* guard_key() -> struct guard */
	struct map accounts; /* id -> struct remembered */
	int64_t version;     /* of the credentials */
	uint64_t forgets;    /* how often something was forgotten */
};

/* One attempt on its way through. */
struct attempt {
	const struct gate_login_request *r;
	struct gate_login_result *out;
	struct gate_user user;
	struct net_addr network;
	bool known;      /* the user's own network */
	int64_t as_of;   /* of the credentials, before they are looked at */
	bool first_step; /* a browser: the second factor is asked elsewhere */
	struct str code; /* that, when it was given */
	char space[GATE_ADDRESS_MAX + 96];
	struct str guard_key;
};

static void load_guard(void *arg, struct str key, const struct throttle *t)
{
	struct login *l = arg;
	struct guard *g = mem_zalloc(sizeof(*g));
	struct guard *old;

	g->t = *t;
	old = map_put(&l->guards, key, g);
	mem_free(old);
}

int login_new(struct login **out, const struct gate_options *o,
              struct credentials *c, struct diary *d, struct err *err)
{
	struct login *l = mem_zalloc(sizeof(*l));

	l->o = *o;
	l->limits = o->limits;
	l->credentials = c;
	l->diary = d;
	password_tag_key(&l->key);
	(void)pthread_mutex_init(&l->lock, NULL);
	(void)pthread_cond_init(&l->tried, NULL);
	map_init(&l->guards, random_u64());
	map_init(&l->accounts, random_u64());
	if (diary_throttles(d, load_guard, l, err) < 0) {
		login_free(&l);
		return -1;
	}
	*out = l;
	return 0;
}

static bool keep_none(void *arg, void *value)
{
	(void)arg;
	mem_free(value);
	return false;
}

void login_free(struct login **lp)
{
	struct login *l = *lp;

	if (!l)
		return;
	map_sweep(&l->guards, keep_none, NULL);
	map_sweep(&l->accounts, keep_none, NULL);
	map_deinit(&l->guards);
	map_deinit(&l->accounts);
	(void)pthread_cond_destroy(&l->tried);
	(void)pthread_mutex_destroy(&l->lock);
	mem_wipe(&l->key, sizeof(l->key));
	mem_free(l);
	*lp = NULL;
}

void login_limits(struct login *l, const struct gate_limits *limits)
{
	(void)pthread_mutex_lock(&l->lock);
	l->limits = *limits;
	(void)pthread_mutex_unlock(&l->lock);
}

static bool finish(struct attempt *a, enum gate_verdict v, const char *why)
{
	a->out->verdict = v;
	(void)snprintf(a->out->why, sizeof(a->out->why), "%.*s",
	               GATE_WHY_MAX - 1, why);
	if (v == GATE_OK) {
		a->out->credential.as_of = a->as_of;
		a->out->account = a->user.account;
		(void)snprintf(a->out->address, sizeof(a->out->address), "%s",
		               a->user.address);
	}
	return true;
}

/* ---- the throttle ---- */

/* Failures are counted by account, or by the name that is none: both have
 * the same limit, so the answer does not tell which it is. */
static void name_guard(struct attempt *a)
{
	char *p = a->space;
	size_t max = sizeof(a->space), n;

	if (a->user.kind == GATE_USER_ACCOUNT) {
		char text[NET_ADDR_TEXT_MAX];

		n = (size_t)snprintf(p, max, "a%lld %s",
		                     (long long)a->user.account,
		                     a->known ? net_addr_text(&a->network, text)
		                              : "");
	} else {
		n = (size_t)snprintf(p, max, "n%.*s", STR_ARG(a->r->user));
		if (n >= max)
			n = max - 1;
		for (size_t i = 1; i < n; i++)
			p[i] = ascii_lower(p[i]);
	}
	a->guard_key = (struct str){ p, n };
}

static struct guard *guard_of(struct login *l, struct attempt *a)
{
	struct guard *g = map_get(&l->guards, a->guard_key);

	if (g ||
	    (l->guards.n >= GUARDS_MAX && a->user.kind != GATE_USER_ACCOUNT))
		return g;
	g = mem_zalloc(sizeof(*g));
	(void)map_put(&l->guards, a->guard_key, g);
	return g;
}

/* Is the user rejected now?  Called with the lock. */
static bool is_locked(struct login *l, struct attempt *a)
{
	struct guard *g = map_get(&l->guards, a->guard_key);
	int64_t wait = g ? throttle_wait(&g->t, diary_now(l->diary)) : 0;

	if (wait <= 0)
		return false;
	a->out->retry_s = throttle_seconds(wait);
	return finish(a, GATE_LOCKED, "too many failures");
}

/* Take part in the attempts that are looked at: of those under way none may
 * turn out to be one too many.  Called with the lock; false when locked. */
static bool begin_try(struct login *l, struct attempt *a)
{
	for (;;) {
		struct guard *g;

		if (is_locked(l, a))
			return false;
		g = guard_of(l, a);
		if (!g)
			return true;
		if (g->trying < throttle_room(&g->t,
		                              l->limits.failures_per_minute,
		                              diary_now(l->diary))) {
			g->trying++;
			return true;
		}
		/* Those run on other threads of the pool and end soon. */
		(void)pthread_cond_wait(&l->tried, &l->lock);
	}
}

static void count_failure(struct login *l, struct attempt *a)
{
	struct guard *g = guard_of(l, a);
	struct err err = ERR_INIT;

	if (!g)
		return;
	throttle_failed(&g->t, l->limits.failures_per_minute,
	                diary_now(l->diary));
	/* Without the file the count still holds for this life. */
	err_drop(diary_throttle_keep(l->diary, a->guard_key, &g->t, &err));
}

static void end_try(struct login *l, struct attempt *a, bool failed)
{
	struct guard *g = map_get(&l->guards, a->guard_key);

	if (g && g->trying)
		g->trying--;
	if (failed)
		count_failure(l, a);
	(void)pthread_cond_broadcast(&l->tried);
}

/* ---- remembered successes ---- */

static void make_tag(struct login *l, int64_t account, struct str secret,
                     uint8_t tag[PASSWORD_TAG_SIZE])
{
	char context[24];

	(void)snprintf(context, sizeof(context), "%lld", (long long)account);
	password_tag(&l->key, str_z(context), secret, tag);
}

static bool is_remembered(struct login *l, int64_t account, struct str secret)
{
	struct remembered *m = map_get_u64(&l->accounts, (uint64_t)account);
	int64_t now = diary_now(l->diary);
	uint8_t tag[PASSWORD_TAG_SIZE];
	bool found = false;

	if (!m)
		return false;
	make_tag(l, account, secret, tag);
	for (int i = 0; i < REMEMBERED_MAX; i++)
		if (hash_equal(m->tag[i], tag, sizeof(tag)) &&
		    now < m->until_us[i])
			found = true;
	return found;
}

static void remember(struct login *l, int64_t account, struct str secret)
{
	struct remembered *m = map_get_u64(&l->accounts, (uint64_t)account);
	int64_t now = diary_now(l->diary);
	int oldest = 0;

	if (!m && l->accounts.n >= ACCOUNTS_MAX)
		return;
	if (!m) {
		m = mem_zalloc(sizeof(*m));
		m->account = account;
		(void)map_put_u64(&l->accounts, (uint64_t)account, m);
	}
	for (int i = 1; i < REMEMBERED_MAX; i++)
		if (m->until_us[i] < m->until_us[oldest])
			oldest = i;
	make_tag(l, account, secret, m->tag[oldest]);
	m->until_us[oldest] = now + REMEMBER_US;
}

void login_forget(struct login *l, int64_t account)
{
	(void)pthread_mutex_lock(&l->lock);
	l->forgets++;
	mem_free(map_remove_u64(&l->accounts, (uint64_t)account));
	(void)pthread_mutex_unlock(&l->lock);
}

/* The command line may have changed a password while it saw no server. */
static void notice_changes(struct login *l)
{
	struct err err = ERR_INIT;
	int64_t version;

	if (credentials_version(l->credentials, &version, &err) < 0 ||
	    version != l->version)
		map_sweep(&l->accounts, keep_none, NULL);
	else
		return;
	l->version = version;
}

/* ---- the parts of a login ---- */

static bool has_capitals(struct str user)
{
	for (size_t i = 0; i < user.n; i++)
		if (user.p[i] >= 'A' && user.p[i] <= 'Z')
			return true;
	return false;
}

/* Name and network; true when that is the end already. */
static bool look_up(struct login *l, struct attempt *a)
{
	struct err err = ERR_INIT;
	bool strict;
	int rc;

	memset(a->out, 0, sizeof(*a->out));
	(void)pthread_mutex_lock(&l->lock);
	strict = l->limits.login_case_strict;
	(void)pthread_mutex_unlock(&l->lock);
	/* Said of every name, so that it tells of none. */
	if (strict && has_capitals(a->r->user))
		return finish(a, GATE_CASE, "capitals in the user name");
	if (credentials_as_of(l->credentials, &a->as_of, &err) < 0)
		return finish(a, GATE_TEMP, err.text);
	if (l->o.resolve(l->o.resolve_arg, a->r->user, &a->user, &err) < 0)
		return finish(a, GATE_TEMP, err.text);
	if (a->user.kind == GATE_USER_ACCOUNT) {
		if (strict && a->user.case_differs)
			return finish(a, GATE_CASE,
			              "capitals in the user name");
		a->network = net_addr_network(&a->r->peer);
		rc = diary_network_known(l->diary, a->user.account, &a->network,
		                         &err);
		a->known = rc > 0;
	}
	name_guard(a);
	return false;
}

static bool accept(struct login *l, struct attempt *a, const char *why)
{
	struct err err = ERR_INIT;

	/* Told only to who has the password. */
	if (a->user.suspended)
		return finish(a, GATE_SUSPENDED, "suspended");
	/* Without the note strangers might lock the user out: no reason to
	 * refuse the user now. */
	err_drop(diary_network_seen(l->diary, a->user.account, &a->network,
	                            &err));
	return finish(a, GATE_OK, why);
}

/* It looks like an app password; true: *a says what it is. */
static bool try_app_password(struct login *l, struct attempt *a)
{
	struct err err = ERR_INIT;
	const char *why = NULL;
	int64_t id;

	if (a->user.kind != GATE_USER_ACCOUNT || a->r->protocol == GATE_WEB ||
	    a->r->secret.n != PASSWORD_RANDOM_MAX - 1)
		return false;
	switch (credentials_app_check(l->credentials, a->r, a->user.account,
	                              diary_now(l->diary), &id, &why, &err)) {
	case 1:
		if (accept(l, a, "app password") &&
		    a->out->verdict == GATE_OK) {
			a->out->credential.kind = GATE_BY_APP;
			a->out->credential.id = id;
		}
		return true;
	case 2:
		(void)pthread_mutex_lock(&l->lock);
		count_failure(l, a);
		(void)pthread_mutex_unlock(&l->lock);
		return finish(a, GATE_WRONG, why);
	default: return false;
	}
}

/* The password is right.  Does it need more?  True: *a says what is missing,
 * or that it cannot be told. */
static bool lacks_factor(struct login *l, struct attempt *a)
{
	struct err err = ERR_INIT;
	struct gate_totp t;
	int rc;

	if (a->r->protocol == GATE_WEB && a->first_step)
		return false; /* who is logged in is asked again */
	if (credentials_totp_get(l->credentials, a->user.account, &t, &err) < 0)
		return finish(a, GATE_TEMP, "credentials unreadable");
	if (!t.on)
		return false;
	if (a->r->protocol != GATE_WEB)
		return finish(a, GATE_APP_ONLY, "no app password");
	if (!a->code.n)
		return finish(a, GATE_CODE, "no code");
	rc = credentials_code_use(l->credentials, a->user.account, a->code,
	                          &err);
	if (rc < 0)
		return finish(a, GATE_TEMP, "credentials unreadable");
	return rc == 0 && finish(a, GATE_WRONG, "wrong code");
}

bool login_quick(struct login *l, const struct gate_login_request *r,
                 struct gate_login_result *out)
{
	struct attempt a = { .r = r, .out = out };
	bool locked, known_secret = false;

	if (look_up(l, &a))
		return true;
	(void)pthread_mutex_lock(&l->lock);
	locked = is_locked(l, &a);
	if (!locked && a.user.kind == GATE_USER_ACCOUNT) {
		notice_changes(l);
		known_secret = is_remembered(l, a.user.account, r->secret);
	}
	(void)pthread_mutex_unlock(&l->lock);
	if (locked)
		return true;
	if (known_secret)
		return accept(l, &a, "remembered");
	return try_app_password(l, &a);
}

/* A hash of another kind becomes one of ours, and missing SCRAM keys are
 * made, now that the password is here. */
static void renew(struct login *l, struct attempt *a,
                  const struct credential *c)
{
	struct err err = ERR_INIT;
	bool scram;

	(void)pthread_mutex_lock(&l->lock);
	scram = l->limits.scram;
	(void)pthread_mutex_unlock(&l->lock);
	if (!password_hash_old(str_z(c->hash)) && (!scram || c->has_scram))
		return;
	/* It worked before and will again. */
	err_drop(credentials_renew(l->credentials, a->user.account,
	                           str_z(a->user.address), a->r->secret,
	                           scram || c->has_scram, &err));
}

static enum password_result check(struct login *l, struct attempt *a,
                                  struct credential *c, const char **why)
{
	enum password_result r;
	struct err err = ERR_INIT;
	int rc = 0;

	*why = a->user.kind == GATE_USER_ALIAS ? "alias" : "unknown name";
	if (a->user.kind == GATE_USER_ACCOUNT) {
		*why = "no password set";
		rc = credentials_get(l->credentials, a->user.account, c, &err);
	}
	if (rc < 0) {
		*why = "credentials unreadable";
		return PASSWORD_TEMP;
	}
	if (rc == 0 || !a->r->secret.n || a->r->secret.n > PASSWORD_MAX) {
		/* As long as a real one (R2). */
		password_verify_nothing(a->r->secret);
		if (rc > 0)
			*why = "wrong password";
		return PASSWORD_WRONG;
	}
	r = password_verify(str_z(c->hash), a->r->secret);
	*why = "wrong password";
	if (r == PASSWORD_UNKNOWN) {
		*why = "password hash of no known kind";
		r = PASSWORD_WRONG;
	}
	return r;
}

static void conclude(struct login *l, struct attempt *a,
                     enum password_result result, const char *why,
                     const struct credential *c)
{
	switch (result) {
	case PASSWORD_MATCH:
		renew(l, a, c);
		if (!lacks_factor(l, a))
			(void)accept(l, a, "password");
		break;
	case PASSWORD_TEMP: (void)finish(a, GATE_TEMP, why); break;
	case PASSWORD_WRONG:
	case PASSWORD_UNKNOWN: (void)finish(a, GATE_WRONG, why); break;
	}
}

static void judge(struct login *l, struct attempt *a)
{
	enum password_result result;
	struct credential c = { .has_scram = false };
	const char *why;
	uint64_t forgets;
	bool may;

	if (look_up(l, a))
		return;
	(void)pthread_mutex_lock(&l->lock);
	may = begin_try(l, a);
	forgets = l->forgets;
	(void)pthread_mutex_unlock(&l->lock);
	if (!may)
		return;
	result = check(l, a, &c, &why);
	conclude(l, a, result, why, &c);
	(void)pthread_mutex_lock(&l->lock);
	end_try(l, a, a->out->verdict == GATE_WRONG);
	/* Not a password that was changed while it was checked, nor one that
	 * is not enough for a program. */
	if (a->out->verdict == GATE_OK && forgets == l->forgets &&
	    a->r->protocol != GATE_WEB)
		remember(l, a->user.account, a->r->secret);
	(void)pthread_mutex_unlock(&l->lock);
	mem_wipe(&c, sizeof(c));
}

void login_slow(struct login *l, const struct gate_login_request *r,
                struct gate_login_result *out)
{
	struct attempt a = { .r = r, .out = out, .first_step = true };

	judge(l, &a);
}

void login_web(struct login *l, const struct gate_login_request *r,
               struct str code, struct gate_login_result *out)
{
	struct attempt a = { .r = r, .out = out, .code = code };

	judge(l, &a);
}

/* ---- SCRAM ---- */

/* A user without keys gets a salt too, the same each time. */
static void pseudo_keys(struct login *l, struct str user,
                        struct scram_keys *out)
{
	uint8_t bytes[PASSWORD_TAG_SIZE];

	credentials_pseudo(l->credentials, user, bytes);
	memset(out, 0, sizeof(*out));
	memcpy(out->salt, bytes, sizeof(out->salt));
	out->iterations = SCRAM_ITERATIONS;
	random_bytes(out->stored_key, sizeof(out->stored_key));
	random_bytes(out->server_key, sizeof(out->server_key));
}

/* 1 real keys, 0 made up, -1. */
static int find_keys(struct login *l, const struct gate_user *u,
                     struct str user, struct scram_keys *out, struct err *err)
{
	struct credential c = { .has_scram = false };
	int rc = 0;

	if (u->kind == GATE_USER_ACCOUNT)
		rc = credentials_get(l->credentials, u->account, &c, err);
	if (rc < 0)
		return -1;
	if (rc > 0 && c.has_scram)
		*out = c.scram;
	else
		pseudo_keys(l, user, out);
	rc = rc > 0 && c.has_scram;
	mem_wipe(&c, sizeof(c));
	return rc;
}

int login_scram_begin(struct login *l, struct str user,
                      struct gate_scram_keys *out, struct err *err)
{
	struct gate_user u;
	struct scram_keys keys;

	if (l->o.resolve(l->o.resolve_arg, user, &u, err) < 0 ||
	    find_keys(l, &u, user, &keys, err) < 0)
		return -1;
	memcpy(out->salt, keys.salt, sizeof(keys.salt));
	out->salt_n = sizeof(keys.salt);
	out->iterations = keys.iterations;
	mem_wipe(&keys, sizeof(keys));
	return 0;
}

void login_scram_prove(struct login *l, const struct gate_login_request *r,
                       struct str auth_message, struct str proof,
                       struct gate_login_result *out, char signature_out[32])
{
	struct attempt a = { .r = r, .out = out };
	struct err err = ERR_INIT;
	struct scram_keys keys;
	uint8_t signature[SCRAM_KEY_SIZE];
	bool locked, right;
	int rc;

	if (look_up(l, &a))
		return;
	(void)pthread_mutex_lock(&l->lock);
	locked = is_locked(l, &a);
	(void)pthread_mutex_unlock(&l->lock);
	if (locked)
		return;
	rc = find_keys(l, &a.user, r->user, &keys, &err);
	if (rc < 0) {
		(void)finish(&a, GATE_TEMP, "credentials unreadable");
		return;
	}
	right = proof.n == SCRAM_KEY_SIZE &&
	        scram_verify(&keys, auth_message, (const uint8_t *)proof.p,
	                     signature) &&
	        rc > 0;
	mem_wipe(&keys, sizeof(keys));
	if (right) {
		memcpy(signature_out, signature, sizeof(signature));
		if (!lacks_factor(l, &a))
			(void)accept(l, &a, "scram");
		return;
	}
	(void)finish(&a, GATE_WRONG, rc > 0 ? "wrong password" : "no keys");
	(void)pthread_mutex_lock(&l->lock);
	count_failure(l, &a);
	(void)pthread_mutex_unlock(&l->lock);
}

/* ---- upkeep ---- */

static bool keep_guard(void *arg, void *value)
{
	struct login *l = arg;
	struct guard *g = value;

	if (g->trying || !throttle_is_idle(&g->t, diary_now(l->diary)))
		return true;
	mem_free(g);
	return false;
}

static bool keep_remembered(void *arg, void *value)
{
	struct login *l = arg;
	struct remembered *m = value;

	for (int i = 0; i < REMEMBERED_MAX; i++)
		if (diary_now(l->diary) < m->until_us[i])
			return true;
	mem_free(m);
	return false;
}

void login_upkeep(struct login *l)
{
	(void)pthread_mutex_lock(&l->lock);
	map_sweep(&l->guards, keep_guard, l);
	map_sweep(&l->accounts, keep_remembered, l);
	(void)pthread_mutex_unlock(&l->lock);
}
