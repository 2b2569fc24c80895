#include "keys/dkim_store.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "base/mem.h"
#include "crypto/key.h"
#include "os/file.h"
#include "os/lock.h"

#define LIST_MAX ((size_t)64 * 1024)

const char *dkim_state_name(enum dkim_state s)
{
	static const char *const names[] = {
		[DKIM_NEW] = "new",
		[DKIM_ACTIVE] = "active",
		[DKIM_RETIRED] = "retired",
	};

	return names[s];
}

const char *dkim_state_words(enum dkim_state s)
{
	static const char *const words[] = {
		[DKIM_NEW] = "waits",
		[DKIM_ACTIVE] = "signs",
		[DKIM_RETIRED] = "retired",
	};

	return words[s];
}

struct str dkim_entry_record(const struct dkim_entry *e, struct arena *a)
{
	return arena_fmt(a, "v=DKIM1; k=%s; p=%.*s",
	                 e->ed25519 ? "ed25519" : "rsa", STR_ARG(e->public));
}

bool dkim_store_domain_ok(struct str d)
{
	if (d.n == 0 || d.n > 253 || d.p[0] == '.' || d.p[0] == '-')
		return false;
	for (size_t i = 0; i < d.n; i++)
		if (!ascii_is_digit(d.p[i]) &&
		    !(d.p[i] >= 'a' && d.p[i] <= 'z') && d.p[i] != '-' &&
		    d.p[i] != '.' && d.p[i] != '_')
			return false;
	return true;
}

/* ---- the list ---- */

static bool read_state(struct str s, enum dkim_state *out)
{
	for (int i = DKIM_NEW; i <= DKIM_RETIRED; i++)
		if (str_eq(s, str_z(dkim_state_name((enum dkim_state)i)))) {
			*out = (enum dkim_state)i;
			return true;
		}
	return false;
}

static bool read_line(struct str line, struct arena *a, struct dkim_entry *e)
{
	struct str selector, kind, state, since;
	uint64_t s;

	if (!str_cut(&line, ' ', &selector) || !str_cut(&line, ' ', &kind) ||
	    !str_cut(&line, ' ', &state) || !str_cut(&line, ' ', &since) ||
	    selector.n == 0 || selector.n >= sizeof(e->selector) ||
	    !read_state(state, &e->state) || !str_to_u64(since, INT64_MAX, &s))
		return false;
	memcpy(e->selector, selector.p, selector.n);
	e->selector[selector.n] = '\0';
	e->ed25519 = str_eq(kind, STR("ed25519"));
	e->since_s = (int64_t)s;
	e->public = arena_dup(a, line);
	return e->ed25519 || str_eq(kind, STR("rsa"));
}

int dkim_store_list(const char *public, struct str domain, struct arena *a,
                    struct dkim_entry out[DKIM_KEYS_MAX], size_t *n_out,
                    struct err *err)
{
	char path[PATH_MAX], *text;
	struct str rest, line;
	size_t n = 0, size;
	int rc = 0;

	*n_out = 0;
	if (!dkim_store_domain_ok(domain))
		return err_set(err, ERR_INVALID, "no domain");
	(void)snprintf(path, sizeof(path), "%s/%.*s", public, STR_ARG(domain));
	if (file_read_all(path, LIST_MAX, &text, &size, err) < 0)
		return err->kind == ERR_NOT_FOUND ? 0 : -1;
	rest = (struct str){ text, size };
	while (rc == 0 && str_cut(&rest, '\n', &line)) {
		if (n == DKIM_KEYS_MAX || !read_line(line, a, &out[n]))
			rc = err_set(err, ERR_CORRUPT, "%s is damaged", path);
		else
			n++;
	}
	mem_free(text);
	*n_out = rc == 0 ? n : 0;
	return rc;
}

static int write_list(const struct dkim_dirs *d, struct str domain,
                      const struct dkim_entry *v, size_t n, struct err *err)
{
	char path[PATH_MAX];
	struct buf b;
	int rc;

	buf_init(&b, LIST_MAX);
	for (size_t i = 0; i < n; i++)
		buf_fmt(&b, "%s %s %s %lld %.*s\n", v[i].selector,
		        v[i].ed25519 ? "ed25519" : "rsa",
		        dkim_state_name(v[i].state), (long long)v[i].since_s,
		        STR_ARG(v[i].public));
	(void)snprintf(path, sizeof(path), "%s/%.*s", d->public,
	               STR_ARG(domain));
	rc = file_replace(path, buf_str(&b), 0644, err);
	buf_deinit(&b);
	return rc;
}

static void key_path(const struct dkim_dirs *d, struct str domain,
                     const char *selector, char out[PATH_MAX])
{
	(void)snprintf(out, PATH_MAX, "%s/dkim/%s.%.*s.key", d->keys, selector,
	               STR_ARG(domain));
}

/* ---- changes, one at a time ---- */

struct change {
	const struct dkim_dirs *dirs;
	struct str domain;
	int64_t now_s;
	struct lock *lock;
	struct arena a;
	struct dkim_entry v[DKIM_KEYS_MAX];
	size_t n;
};

static int begin(struct change *c, struct err *err)
{
	char path[PATH_MAX];

	arena_init(&c->a);
	if (!dkim_store_domain_ok(c->domain))
		return err_set(err, ERR_INVALID, "no domain");
	(void)snprintf(path, sizeof(path), "%s/dkim", c->dirs->keys);
	if (file_mkdir(c->dirs->keys, 0700, err) < 0 ||
	    file_mkdir(path, 0700, err) < 0 ||
	    file_mkdir(c->dirs->public, 0755, err) < 0)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/dkim/lock", c->dirs->keys);
	if (lock_open(&c->lock, path, err) < 0 ||
	    lock_acquire(c->lock, err) < 0)
		return -1;
	return dkim_store_list(c->dirs->public, c->domain, &c->a, c->v, &c->n,
	                       err);
}

static int end(struct change *c, int rc)
{
	lock_close(&c->lock);
	arena_deinit(&c->a);
	return rc;
}

static int add_key(struct change *c, bool ed25519, enum dkim_state state,
                   struct err *err)
{
	struct dkim_entry *e = &c->v[c->n];
	struct key *k = NULL;
	struct buf pem, public, text;
	char path[PATH_MAX];
	int rc;

	*e = (struct dkim_entry){ .ed25519 = ed25519,
		                  .state = state,
		                  .since_s = c->now_s };
	(void)snprintf(e->selector, sizeof(e->selector), "%c%08llx",
	               ed25519 ? 'e' : 'r', (unsigned long long)c->now_s);
	key_path(c->dirs, c->domain, e->selector, path);
	buf_init(&pem, 16384);
	buf_init(&public, 4096);
	buf_init(&text, 8192);
	rc = key_generate_mail(&k, ed25519, err);
	if (rc == 0)
		rc = key_write_pem(k, &pem, err);
	if (rc == 0)
		rc = key_write_public(k, &public, err);
	if (rc == 0)
		rc = file_replace(path, buf_str(&pem), 0600, err);
	if (rc == 0) {
		base64_encode(&text, buf_str(&public));
		e->public = arena_dup(&c->a, buf_str(&text));
		c->n++;
	}
	key_free(&k);
	if (pem.p)
		mem_wipe(pem.p, pem.n);
	buf_deinit(&pem);
	buf_deinit(&public);
	buf_deinit(&text);
	return rc;
}

static int add_pair(struct change *c, enum dkim_state state, struct err *err)
{
	if (c->n + 2 > DKIM_KEYS_MAX)
		return err_set(err, ERR_TOO_BIG, "%.*s has %zu keys already",
		               STR_ARG(c->domain), c->n);
	if (add_key(c, false, state, err) < 0 ||
	    add_key(c, true, state, err) < 0)
		return -1;
	return write_list(c->dirs, c->domain, c->v, c->n, err);
}

int dkim_store_ensure(const struct dkim_dirs *d, struct str domain,
                      int64_t now_s, struct err *err)
{
	struct change c = { .dirs = d, .domain = domain, .now_s = now_s };
	int rc = begin(&c, err);

	if (rc == 0 && c.n == 0)
		rc = add_pair(&c, DKIM_NEW, err);
	return end(&c, rc);
}

int dkim_store_rotate(const struct dkim_dirs *d, struct str domain,
                      int64_t now_s, struct err *err)
{
	struct change c = { .dirs = d, .domain = domain, .now_s = now_s };
	int rc = begin(&c, err);

	for (size_t i = 0; rc == 0 && i < c.n; i++)
		if (c.v[i].state == DKIM_NEW)
			rc = err_set(err, ERR_EXISTS,
			             "the new key %s waits for its record",
			             c.v[i].selector);
		else if (c.v[i].since_s == now_s)
			c.now_s = now_s + 1; /* names must differ */
	if (rc == 0)
		rc = add_pair(&c, DKIM_NEW, err);
	return end(&c, rc);
}

bool dkim_entry_is_over(const struct dkim_entry *e, int64_t now_s)
{
	return e->state == DKIM_RETIRED && now_s - e->since_s >= DKIM_RETIRED_S;
}

/* Those retired for long enough go, with their files. */
static void drop_old(struct change *c)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->n; i++) {
		const struct dkim_entry *e = &c->v[i];
		struct err ignored = ERR_INIT;
		char path[PATH_MAX];

		if (!dkim_entry_is_over(e, c->now_s)) {
			c->v[kept++] = *e;
			continue;
		}
		key_path(c->dirs, c->domain, e->selector, path);
		err_drop(file_remove(path, &ignored)); /* it signs no more */
	}
	c->n = kept;
}

int dkim_store_tidy(const struct dkim_dirs *d, struct str domain, int64_t now_s,
                    struct err *err)
{
	struct change c = { .dirs = d, .domain = domain, .now_s = now_s };
	int rc = begin(&c, err);
	size_t before = c.n;

	if (rc == 0)
		drop_old(&c);
	if (rc == 0 && c.n < before)
		rc = write_list(d, domain, c.v, c.n, err);
	return end(&c, rc);
}

static int find(const struct change *c, struct str selector, size_t *out,
                struct err *err)
{
	for (size_t i = 0; i < c->n; i++)
		if (str_eq(str_z(c->v[i].selector), selector)) {
			*out = i;
			return 0;
		}
	return err_set(err, ERR_NOT_FOUND, "no such key");
}

static void set_state(struct change *c, size_t i, enum dkim_state state)
{
	c->v[i].state = state;
	c->v[i].since_s = c->now_s;
}

int dkim_store_seen(const struct dkim_dirs *d, struct str domain,
                    struct str selector, int64_t now_s, struct err *err)
{
	struct change c = { .dirs = d, .domain = domain, .now_s = now_s };
	size_t seen = 0;
	int rc = begin(&c, err);

	if (rc == 0)
		rc = find(&c, selector, &seen, err);
	if (rc == 0 && c.v[seen].state == DKIM_NEW) {
		/* What was made before it is over, whether it signed or
		 * waited. */
		for (size_t i = 0; i < seen; i++)
			if (c.v[i].ed25519 == c.v[seen].ed25519 &&
			    c.v[i].state != DKIM_RETIRED)
				set_state(&c, i, DKIM_RETIRED);
		set_state(&c, seen, DKIM_ACTIVE);
		drop_old(&c);
		rc = write_list(d, domain, c.v, c.n, err);
	}
	return end(&c, rc);
}

int dkim_store_lost(const struct dkim_dirs *d, struct str domain,
                    struct str selector, int64_t now_s, struct err *err)
{
	struct change c = { .dirs = d, .domain = domain, .now_s = now_s };
	size_t lost = 0;
	int rc = begin(&c, err);

	if (rc == 0)
		rc = find(&c, selector, &lost, err);
	if (rc == 0 && c.v[lost].state == DKIM_ACTIVE) {
		set_state(&c, lost, DKIM_NEW);
		rc = write_list(d, domain, c.v, c.n, err);
	}
	return end(&c, rc);
}
