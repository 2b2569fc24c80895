/* The limits of a domain or an account: how full, by whom, whose own. */
#include "gate/limits.h"
#include "admin/private.h"
#include "base/mem.h"
#include "gate/counts.h"
#include "os/clock.h"

static int open_counts(struct admin *adm, struct counts **out, struct err *err)
{
	struct arena a;
	int rc;

	arena_init(&a);
	rc = counts_open(out, config_data_path(adm->cfg, &a, ""), err);
	arena_deinit(&a);
	return rc;
}

/* A domain, or the account of an address. */
static int find_subject(struct admin *adm, struct str name, struct arena *a,
                        int64_t *out, bool *is_domain, struct err *err)
{
	struct directory_domain d;
	struct directory_account acc;

	*is_domain = str_chr(name, '@') == STR_NPOS;
	if (*is_domain) {
		if (directory_domain_get(adm->dir, name, a, &d, err) < 0)
			return -1;
		*out = d.alias_of ? d.alias_of : d.id;
		return 0;
	}
	if (admin_account_find(adm, name, a, &acc, err) < 0)
		return -1;
	*out = acc.id;
	return 0;
}

/* ---- showing ---- */

struct event {
	int64_t at_us, account;
	enum gate_count what;
	uint32_t n;
};

struct events {
	struct event *v;
	size_t n, cap;
};

static void keep(void *arg, const struct counts_event *e)
{
	struct events *all = arg;

	all->v = mem_grow(all->v, all->n, &all->cap, sizeof(*all->v));
	all->v[all->n++] = (struct event){ e->at_us, e->want.account,
		                           e->want.what, e->want.n };
}

struct own {
	struct admin_limit *rows;
	size_t n;
};

static bool take_own(void *arg, const struct directory_limit *l)
{
	struct own *o = arg;

	for (size_t i = 0; i < o->n; i++)
		if (str_eq(l->key, str_z(o->rows[i].key))) {
			o->rows[i].limit = l->value;
			o->rows[i].own = o->rows[i].limited = true;
		}
	return true;
}

static void add_user(struct admin_limit *l, struct arena *a, int64_t account,
                     uint32_t n, size_t max)
{
	size_t i = 0;

	if (!l->users)
		l->users = arena_array(a, max, sizeof(*l->users));
	while (i < l->users_n && l->users[i].account != account)
		i++;
	if (i == l->users_n)
		l->users[l->users_n++] =
			(struct admin_limit_user){ .account = account };
	l->users[i].n += n;
	/* The one who used most stands first. */
	for (; i && l->users[i].n > l->users[i - 1].n; i--) {
		struct admin_limit_user swap = l->users[i];

		l->users[i] = l->users[i - 1];
		l->users[i - 1] = swap;
	}
}

static void fill(struct admin_limit *l, const struct gate_limit_row *row,
                 const struct events *all, int64_t now_us, struct arena *a)
{
	uint64_t gone = 0;

	for (size_t i = 0; i < all->n; i++) {
		const struct event *e = &all->v[i];

		if (e->what != row->what || now_us - e->at_us >= row->length_us)
			continue;
		l->used += e->n;
		add_user(l, a, e->account, e->n, all->n);
	}
	/* When there is room for one more, or when the first one leaves. */
	for (size_t i = 0; i < all->n && l->used; i++) {
		const struct event *e = &all->v[i];

		if (e->what != row->what || now_us - e->at_us >= row->length_us)
			continue;
		gone += e->n;
		if (!l->limited || l->used - gone < l->limit ||
		    gone == l->used) {
			l->frees_us = e->at_us + row->length_us;
			break;
		}
	}
}

static int name_users(struct admin *adm, struct admin_limit *l, struct arena *a,
                      struct err *err)
{
	for (size_t i = 0; i < l->users_n; i++) {
		struct directory_account acc;

		l->users[i].address = STR("");
		if (!l->users[i].account)
			continue;
		if (directory_account_get(adm->dir, l->users[i].account, a,
		                          &acc, err) == 0)
			l->users[i].address = acc.address;
		else if (err->kind != ERR_NOT_FOUND)
			return -1;
	}
	return 0;
}

static int read_events(struct admin *adm, int64_t subject, int64_t since_us,
                       struct events *out, struct err *err)
{
	struct counts *c;
	int rc;

	if (open_counts(adm, &c, err) < 0)
		return -1;
	rc = counts_of(c, subject, since_us, keep, out, err);
	counts_close(&c);
	return rc;
}

static int ask_queue(struct admin *adm, int64_t domain, struct admin_limit *l,
                     struct err *err)
{
	struct queue *q;

	if (admin_queue(adm, &q, err) < 0)
		return -1;
	return queue_domain_waiting(q, domain, &l->used, err);
}

int admin_limits_show(struct admin *adm, struct str name, struct arena *a,
                      struct admin_limit out[ADMIN_LIMITS], size_t *n_out,
                      struct err *err)
{
	int64_t now = clock_wall_us(), subject;
	struct events all = { .n = 0 };
	struct own own = { out, 0 };
	bool is_domain;
	int rc;

	if (find_subject(adm, name, a, &subject, &is_domain, err) < 0)
		return -1;
	for (size_t i = 0; i < GATE_LIMIT_ROWS; i++)
		out[own.n++] = (struct admin_limit){
			.key = gate_limit_rows[i].key,
			.limited = is_domain,
			.limit =
				config_u64(adm->cfg, gate_limit_rows[i].option),
			.length_us = gate_limit_rows[i].length_us,
		};
	if (is_domain)
		out[own.n++] = (struct admin_limit){
			.key = "queued",
			.limited = true,
			.limit = config_u64(adm->cfg, OPT_LIMITS_DOMAIN_QUEUED),
		};
	*n_out = own.n;
	rc = directory_limits_of(adm->dir, subject, take_own, &own, err);
	if (rc == 0)
		rc = read_events(adm, subject, now - 8 * US_PER_HOUR, &all,
		                 err);
	for (size_t i = 0; i < GATE_LIMIT_ROWS && rc == 0; i++) {
		fill(&out[i], &gate_limit_rows[i], &all, now, a);
		rc = name_users(adm, &out[i], a, err);
	}
	if (rc == 0 && is_domain)
		rc = ask_queue(adm, subject, &out[own.n - 1], err);
	mem_free(all.v);
	return rc;
}

/* ---- changing ---- */

int admin_limit_set(struct admin *adm, struct str name, struct str key,
                    bool remove, uint64_t value, struct err *err)
{
	bool is_domain;
	int64_t subject;
	struct arena a;
	int rc;

	if (!gate_limit_find(key) && !str_eq(key, STR("queued")) &&
	    !str_eq(key, STR("hold")) && !str_eq(key, STR("spam_points")))
		return err_set(err, ERR_INVALID, "there is no limit \"%.*s\"",
		               STR_ARG(key));
	if (value > 1000000000)
		return err_set(err, ERR_INVALID,
		               "a limit is a number up to 1000000000");
	arena_init(&a);
	rc = find_subject(adm, name, &a, &subject, &is_domain, err);
	if (rc == 0 && !is_domain && !gate_limit_find(key) &&
	    !str_eq(key, STR("spam_points")))
		rc = err_set(err, ERR_INVALID,
		             "\"%.*s\" is a limit of domains alone",
		             STR_ARG(key));
	if (rc == 0)
		rc = remove ? directory_limit_unset(adm->dir, subject, key, err)
		            : directory_limit_set(adm->dir, subject, key, value,
		                                  err);
	arena_deinit(&a);
	return rc;
}

int admin_limits_reset(struct admin *adm, struct str name, struct err *err)
{
	struct counts *c;
	int64_t subject;
	bool is_domain;
	struct arena a;
	int rc;

	arena_init(&a);
	rc = find_subject(adm, name, &a, &subject, &is_domain, err);
	arena_deinit(&a);
	if (rc < 0 || open_counts(adm, &c, err) < 0)
		return -1;
	rc = counts_reset(c, subject, clock_wall_us(), err);
	counts_close(&c);
	return rc;
}

/* ---- greylisting ---- */

int admin_greylist(struct admin *adm, struct greylist **out, struct err *err)
{
	struct arena a;
	int rc = 0;

	if (!adm->greylist) {
		arena_init(&a);
		rc = greylist_open(&adm->greylist,
		                   config_data_path(adm->cfg, &a, ""), err);
		arena_deinit(&a);
	}
	*out = adm->greylist;
	return rc;
}
