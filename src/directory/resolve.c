#include "config/config.h"
#include "directory/private.h"

int directory_host_find(struct db *db, struct str name, struct arena *a,
                        struct directory_host *out, struct err *err)
{
	struct db_stmt *q;
	bool other;
	int rc;

	rc = db_row(db, &q,
	            "SELECT d.id, d.name, d.flags, d.catchall, d.admin,"
	            " m.id, m.name, m.flags, m.catchall, m.admin"
	            " FROM domain d LEFT JOIN domain m ON m.id = d.alias_of"
	            " WHERE d.name = $1",
	            DB_ARGS(DB_S(name)), err);
	if (rc <= 0)
		return rc;
	other = !db_is_null(q, 5);
	out->id = db_i64(q, other ? 5 : 0);
	out->name = arena_dup(a, db_text(q, other ? 6 : 1));
	out->flags = (unsigned)(db_i64(q, 2) | db_i64(q, 7));
	out->catchall = db_i64(q, other ? 8 : 3);
	out->admin = db_i64(q, other ? 9 : 4);
	db_done(&q);
	return 1;
}

static int read_targets(struct db *db, int64_t owner, struct arena *a,
                        struct directory_resolved *out, struct err *err)
{
	struct directory_target *t = NULL;
	size_t n = 0, cap = 0;
	struct db_stmt *q;
	int rc;

	if (db_query(db, &q,
	             "SELECT t.local, t.domain, d.id IS NOT NULL, t.confirmed"
	             " FROM target t LEFT JOIN domain d ON d.name = t.domain"
	             " WHERE t.owner = $1 ORDER BY t.place",
	             DB_ARGS(DB_I(owner)), err) < 0)
		return -1;
	while ((rc = db_next(q, err)) > 0 && n < DIRECTORY_TARGETS_MAX) {
		t = arena_grow(a, t, n, &cap, sizeof(*t));
		t[n].here = db_i64(q, 2) != 0;
		t[n].confirmed = db_i64(q, 3) != 0;
		t[n++].address =
			directory_join(a, db_text(q, 0), db_text(q, 1));
	}
	db_done(&q);
	out->targets = t;
	out->targets_n = n;
	return rc < 0 ? -1 : 0;
}

/* Fill in the account `id`: 1, or 0 when there is none (any more). */
static int take_account(struct db *db, int64_t id, enum directory_kind kind,
                        struct arena *a, struct directory_resolved *out,
                        struct err *err)
{
	struct db_stmt *q;
	int rc;

	rc = db_row(db, &q,
	            "SELECT c.address, c.shard, c.flags, c.quota, c.keep,"
	            " d.flags, c.script FROM account c LEFT JOIN domain d"
	            " ON d.id = c.domain WHERE c.id = $1 AND c.removed = 0",
	            DB_ARGS(DB_I(id)), err);
	if (rc <= 0)
		return rc;
	out->kind = kind;
	out->account_id = id;
	out->address = arena_dup(a, db_text(q, 0));
	out->shard = (uint32_t)db_i64(q, 1);
	out->flags |= (unsigned)(db_i64(q, 2) | db_i64(q, 5));
	out->quota_bytes = (uint64_t)db_i64(q, 3);
	out->keep = db_i64(q, 4) != 0;
	out->script = db_i64(q, 6);
	db_done(&q);
	return read_targets(db, id, a, out, err) < 0 ? -1 : 1;
}

/* An account or alias of exactly this name: 1, 0, -1. */
static int take_exact(struct db *db, const struct directory_host *host,
                      struct str local, struct arena *a,
                      struct directory_resolved *out, struct err *err)
{
	struct db_stmt *q;
	int64_t id, kind;
	int rc;

	rc = db_row(db, &q,
	            "SELECT id, kind FROM address"
	            " WHERE domain = $1 AND local = $2",
	            DB_ARGS(DB_I(host->id), DB_S(local)), err);
	if (rc <= 0)
		return rc;
	id = db_i64(q, 0);
	kind = db_i64(q, 1);
	db_done(&q);
	if (kind == ROW_ACCOUNT)
		return take_account(db, id, DIRECTORY_ACCOUNT, a, out, err);
	out->kind = DIRECTORY_ALIAS;
	out->alias_id = id;
	out->address = directory_join(a, local, host->name);
	return read_targets(db, id, a, out, err) < 0 ? -1 : 1;
}

static int oldest_account(struct db *db, int64_t domain, int64_t *out,
                          struct err *err)
{
	if (domain)
		return db_number(db, out,
		                 "SELECT id FROM account WHERE domain = $1"
		                 " AND removed = 0 ORDER BY id LIMIT 1",
		                 DB_ARGS(DB_I(domain)), err);
	return db_number(db, out,
	                 "SELECT id FROM account WHERE removed = 0"
	                 " ORDER BY id LIMIT 1",
	                 DB_NO_ARGS, err);
}

/* The account that provider.administrator names: 1, 0, -1. */
static int provider_account(struct directory *dir, struct db *db,
                            struct arena *a, int64_t *out, struct err *err)
{
	struct str text = config_str(dir->cfg, OPT_PROVIDER_ADMINISTRATOR);
	struct directory_resolved r = { .kind = DIRECTORY_NONE };
	struct directory_host host;
	struct err ignored = ERR_INIT;
	struct str local, domain;
	int rc;

	if (!text.n ||
	    directory_address_parse(text, a, &local, &domain, &ignored) < 0)
		return 0;
	rc = directory_host_find(db, domain, a, &host, err);
	if (rc > 0)
		rc = take_exact(db, &host, local, a, &r, err);
	if (rc <= 0 || r.kind != DIRECTORY_ACCOUNT)
		return rc < 0 ? -1 : 0;
	*out = r.account_id;
	return 1;
}

/* Who answers for a domain (R39): the administrator it was given, else its
 * oldest account, else the provider's, else the oldest of all. */
static int take_administrator(struct directory *dir, struct db *db,
                              const struct directory_host *host,
                              struct arena *a, struct directory_resolved *out,
                              struct err *err)
{
	int64_t id = host->admin;
	int rc = id ? 1 : 0;

	if (rc == 0 && host->id)
		rc = oldest_account(db, host->id, &id, err);
	if (rc == 0)
		rc = provider_account(dir, db, a, &id, err);
	if (rc == 0)
		rc = oldest_account(db, 0, &id, err);
	if (rc <= 0)
		return rc;
	out->role = true;
	return take_account(db, id, DIRECTORY_ACCOUNT, a, out, err);
}

static bool is_role(struct str local)
{
	return str_eq(local, STR("postmaster")) || str_eq(local, STR("abuse"));
}

/* The address itself, what stands before a detail, an administrator, the
 * catch-all: the first that exists. */
static int take_any(struct directory *dir, struct db *db,
                    const struct directory_host *host, struct str local,
                    struct arena *a, struct directory_resolved *out,
                    struct err *err)
{
	size_t plus = str_chr(local, '+');
	struct str base = local;
	int rc = take_exact(db, host, local, a, out, err);

	if (rc == 0 && plus != STR_NPOS && plus > 0) {
		base = str_to(local, plus);
		rc = take_exact(db, host, base, a, out, err);
		if (rc > 0)
			out->detail = str_from(local, plus + 1);
	}
	if (rc == 0 && is_role(base))
		rc = take_administrator(dir, db, host, a, out, err);
	if (rc == 0 && host->catchall)
		rc = take_account(db, host->catchall, DIRECTORY_CATCHALL, a,
		                  out, err);
	return rc;
}

/* The detail as it was received: folders and filters know its case. */
static void keep_detail(struct str received, struct directory_resolved *out)
{
	size_t plus = str_chr(received, '+');

	if (out->detail.n && plus != STR_NPOS)
		out->detail = str_from(received, plus + 1);
}

int directory_resolve_in(struct directory *dir, struct db *db, struct str local,
                         struct str domain, struct arena *a,
                         struct directory_resolved *out, struct err *err)
{
	struct directory_host host = { .name = STR("") };
	struct directory_resolved r = { .kind = DIRECTORY_NOT_LOCAL,
		                        .keep = true };
	struct err ignored = ERR_INIT;
	struct str name = STR(""), canonical = directory_local(a, local);
	int rc = 0;

	if (domain.n && directory_domain(a, domain, &name, &ignored) < 0) {
		*out = r; /* no name that could be hosted */
		return 0;
	}
	if (name.n)
		rc = directory_host_find(db, name, a, &host, err);
	if (rc < 0)
		return -1;
	r.asked = canonical;
	if (name.n)
		r.asked = directory_join(a, canonical, rc ? host.name : name);
	if (rc > 0) {
		r.kind = DIRECTORY_NONE;
		r.domain_id = host.id;
		r.flags = host.flags;
		rc = take_any(dir, db, &host, canonical, a, &r, err);
		keep_detail(arena_dup(a, local), &r);
	} else if (is_role(canonical) &&
	           (!name.n || str_eq(name, config_hostname(dir->cfg)))) {
		rc = take_administrator(dir, db, &host, a, &r, err);
	}
	if (rc < 0)
		return -1;
	*out = r;
	return 0;
}
