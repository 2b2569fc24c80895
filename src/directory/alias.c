#include "base/utf8.h"
#include "config/config.h"
#include "directory/private.h"
#include "os/clock.h"
#include "os/random.h"

/* A target taken apart. */
struct split {
	struct str local, domain;
	int64_t confirmed; /* when; 0: not yet */
	struct str token;  /* by which it can be; "" */
};

/* In the one form for hosts of ours, as typed for others. */
static int insert_target(struct db *db, int64_t owner, size_t place,
                         const struct split *t, int64_t change, struct arena *a,
                         struct err *err)
{
	struct directory_host host;
	struct str local = t->local;
	int64_t confirmed = t->confirmed;
	int rc = directory_host_find(db, t->domain, a, &host, err);

	if (rc < 0)
		return -1;
	if (rc > 0) {
		local = directory_local(a, local);
		confirmed = 1; /* it is ours: nobody is to be asked */
	}
	return db_run(db,
	              "INSERT INTO target (owner, place, local, domain, change,"
	              " confirmed, token) VALUES ($1, $2, $3, $4, $5, $6, $7)",
	              DB_ARGS(DB_I(owner), DB_I(place), DB_S(local),
	                      DB_S(t->domain), DB_I(change), DB_I(confirmed),
	                      DB_S(confirmed ? STR("") : t->token)),
	              err);
}

/* A target that stands there already stays as confirmed as it is, and the
 * link that was sent to it stays good. */
static int keep_state(struct db *db, int64_t owner, struct split *t,
                      struct arena *a, struct err *err)
{
	struct db_stmt *q;
	int rc;

	if (t->confirmed)
		return 0;
	rc = db_row(db, &q,
	            "SELECT confirmed, token FROM target WHERE owner = $1"
	            " AND local = $2 AND domain = $3",
	            DB_ARGS(DB_I(owner), DB_S(t->local), DB_S(t->domain)), err);
	if (rc <= 0)
		return rc;
	t->confirmed = db_i64(q, 0);
	if (db_text(q, 1).n)
		t->token = arena_dup(a, db_text(q, 1));
	db_done(&q);
	return 0;
}

static int replace_targets(struct db *db, int64_t owner, const struct split *t,
                           size_t n, int64_t change, struct arena *a,
                           struct err *err)
{
	struct split *now = arena_array(a, n + 1, sizeof(*now));

	for (size_t i = 0; i < n; i++) {
		now[i] = t[i];
		if (keep_state(db, owner, &now[i], a, err) < 0)
			return -1;
	}
	if (db_run(db, "DELETE FROM target WHERE owner = $1",
	           DB_ARGS(DB_I(owner)), err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (insert_target(db, owner, i, &now[i], change, a, err) < 0)
			return -1;
	return 0;
}

static bool is_double(const struct split *t, size_t n, const struct split *one)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq_case(t[i].local, one->local) &&
		    str_eq(t[i].domain, one->domain))
			return true;
	return false;
}

/* Parse and count; what stands twice is kept once. */
static int split_targets(struct directory *dir, const struct str *targets,
                         size_t *n, struct arena *a, struct split **out,
                         struct err *err)
{
	uint64_t most = config_u64(dir->cfg, OPT_LIMITS_FORWARD_CHARACTERS);
	struct split *t, one;
	uint64_t characters = 0;
	size_t kept = 0;

	for (size_t i = 0; i < *n; i++)
		characters += utf8_count(str_trim(targets[i]));
	if (characters > most)
		return err_set(err, ERR_TOO_BIG,
		               "the addresses hold %llu characters together; "
		               "at most %llu are allowed",
		               (unsigned long long)characters,
		               (unsigned long long)most);
	if (*n > DIRECTORY_TARGETS_MAX)
		return err_set(err, ERR_TOO_BIG,
		               "%zu addresses; at most %d are allowed", *n,
		               DIRECTORY_TARGETS_MAX);
	t = arena_array(a, *n + 1, sizeof(*t));
	for (size_t i = 0; i < *n; i++) {
		one = (struct split){ .confirmed = 1 };
		if (directory_target_parse(a, targets[i], &one.local,
		                           &one.domain, err) < 0)
			return -1;
		if (!is_double(t, kept, &one))
			t[kept++] = one;
	}
	*n = kept;
	*out = t;
	return 0;
}

/* What was written, looked at as mail would go. */
static int check_way(struct directory *dir, struct db *db, struct str local,
                     struct str domain, struct arena *a, struct err *err)
{
	struct directory_ends ends;

	return directory_expand_in(dir, db, true, local, domain, a, &ends, err);
}

/* ---- forwards ---- */

struct forward_change {
	struct directory *dir;
	int64_t id;
	const struct split *targets;
	size_t n;
	bool keep;
};

static int set_forward(struct db *db, struct forward_change *c, struct arena *a,
                       struct err *err)
{
	struct directory_account acc;
	int64_t change;
	size_t at;

	if (directory_account_in(c->dir, db, c->id, false, a, &acc, err) < 0 ||
	    directory_next(db, &change, err) < 0 ||
	    replace_targets(db, c->id, c->targets, c->n, change, a, err) < 0 ||
	    db_run(db,
	           "UPDATE account SET keep = $1, change = $2, forwarded = $4"
	           " WHERE id = $3",
	           DB_ARGS(DB_I(c->keep || c->n == 0), DB_I(change),
	                   DB_I(c->id), DB_I(c->n ? clock_wall_us() : 0)),
	           err) < 0)
		return -1;
	at = str_rchr(acc.address, '@');
	return check_way(c->dir, db, str_to(acc.address, at),
	                 str_from(acc.address, at + 1), a, err);
}

static int set_forward_write(struct db *db, void *arg, struct err *err)
{
	struct arena a;
	int rc;

	arena_init(&a);
	rc = set_forward(db, arg, &a, err);
	arena_deinit(&a);
	return rc;
}

/* A token that nobody guesses. */
static void make_tokens(struct split *t, size_t n, struct arena *a)
{
	for (size_t i = 0; i < n; i++) {
		t[i].confirmed = 0;
		t[i].token = arena_fmt(a, "%016llx%016llx",
		                       (unsigned long long)random_u64(),
		                       (unsigned long long)random_u64());
	}
}

static int forward_set(struct directory *dir, int64_t account_id,
                       const struct str *targets, size_t n, bool keep,
                       bool confirm, struct err *err)
{
	struct forward_change c = { .dir = dir,
		                    .id = account_id,
		                    .keep = keep };
	struct split *split;
	struct arena a;
	int rc;

	arena_init(&a);
	rc = split_targets(dir, targets, &n, &a, &split, err);
	if (rc == 0) {
		if (confirm)
			make_tokens(split, n, &a);
		c.targets = split;
		c.n = n;
		rc = directory_write(dir, set_forward_write, &c, err);
	}
	arena_deinit(&a);
	return rc;
}

int directory_forward_set(struct directory *dir, int64_t account_id,
                          const struct str *targets, size_t n, bool keep,
                          struct err *err)
{
	return forward_set(dir, account_id, targets, n, keep, false, err);
}

int directory_forward_propose(struct directory *dir, int64_t account_id,
                              const struct str *targets, size_t n, bool keep,
                              struct err *err)
{
	return forward_set(dir, account_id, targets, n, keep, true, err);
}

/* ---- aliases ---- */

struct alias_change {
	struct directory *dir;
	struct str local, domain;
	const struct split *targets;
	size_t n;
	bool replace;
	int64_t id;
};

/* The row of the name, an old one or a new one. */
static int alias_row(struct db *db, struct alias_change *c,
                     const struct directory_host *host, int64_t change,
                     struct err *err)
{
	struct db_stmt *q;
	int64_t kind;
	int rc;

	rc = db_row(db, &q,
	            "SELECT id, kind FROM address"
	            " WHERE domain = $1 AND local = $2",
	            DB_ARGS(DB_I(host->id), DB_S(c->local)), err);
	if (rc < 0)
		return -1;
	if (rc == 0) {
		c->id = change;
		return db_run(db,
		              "INSERT INTO address (id, domain, local, kind,"
		              " created, change)"
		              " VALUES ($1, $2, $3, $4, $5, $1)",
		              DB_ARGS(DB_I(change), DB_I(host->id),
		                      DB_S(c->local), DB_I(ROW_ALIAS),
		                      DB_I(clock_wall_us())),
		              err);
	}
	c->id = db_i64(q, 0);
	kind = db_i64(q, 1);
	db_done(&q);
	if (kind == ROW_ACCOUNT || !c->replace)
		return err_set(err, ERR_EXISTS,
		               "%.*s@%.*s is there already, as %s",
		               STR_ARG(c->local), STR_ARG(c->domain),
		               kind == ROW_ACCOUNT ? "an account" : "an alias");
	return db_run(db, "UPDATE address SET change = $1 WHERE id = $2",
	              DB_ARGS(DB_I(change), DB_I(c->id)), err);
}

static int set_alias(struct db *db, struct alias_change *c, struct arena *a,
                     struct err *err)
{
	struct directory_host host;
	int64_t change;
	int rc;

	rc = directory_host_find(db, c->domain, a, &host, err);
	if (rc == 0)
		err_set(err, ERR_NOT_FOUND,
		        "the domain %.*s is not hosted here",
		        STR_ARG(c->domain));
	if (rc <= 0 || directory_next(db, &change, err) < 0 ||
	    alias_row(db, c, &host, change, err) < 0 ||
	    replace_targets(db, c->id, c->targets, c->n, change, a, err) < 0)
		return -1;
	return check_way(c->dir, db, c->local, host.name, a, err);
}

static int set_alias_write(struct db *db, void *arg, struct err *err)
{
	struct arena a;
	int rc;

	arena_init(&a);
	rc = set_alias(db, arg, &a, err);
	arena_deinit(&a);
	return rc;
}

int directory_alias_set(struct directory *dir, struct str address,
                        const struct str *targets, size_t n, bool replace,
                        int64_t *id_out, struct err *err)
{
	struct alias_change c = { .dir = dir, .replace = replace };
	struct split *split;
	struct arena a;
	int rc;

	if (n == 0)
		return err_set(err, ERR_INVALID,
		               "an alias has at least one target");
	arena_init(&a);
	rc = directory_address_parse(address, &a, &c.local, &c.domain, err);
	if (rc == 0)
		rc = split_targets(dir, targets, &n, &a, &split, err);
	if (rc == 0) {
		c.targets = split;
		c.n = n;
		rc = directory_write(dir, set_alias_write, &c, err);
	}
	if (rc == 0 && id_out)
		*id_out = c.id;
	arena_deinit(&a);
	return rc;
}

static int remove_alias(struct db *db, void *arg, struct err *err)
{
	const struct alias_change *c = arg;

	if (db_run(db, "DELETE FROM address WHERE id = $1 AND kind = $2",
	           DB_ARGS(DB_I(c->id), DB_I(ROW_ALIAS)), err) < 0)
		return -1;
	if (db_changes(db) == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no such alias");
	if (db_run(db, "DELETE FROM target WHERE owner = $1",
	           DB_ARGS(DB_I(c->id)), err) < 0)
		return -1;
	return directory_gone(db, ROW_ALIAS, c->id, err);
}

int directory_alias_remove(struct directory *dir, struct str address,
                           struct err *err)
{
	struct alias_change c = { .dir = dir };
	struct directory_resolved r;
	struct arena a;
	int rc;

	arena_init(&a);
	rc = directory_address_parse(address, &a, &c.local, &c.domain, err);
	if (rc == 0)
		rc = directory_address_resolve(dir, c.local, c.domain, &a, &r,
		                               err);
	if (rc == 0 && r.kind != DIRECTORY_ALIAS)
		rc = err_set(err, ERR_NOT_FOUND, "there is no alias %.*s",
		             STR_ARG(str_trim(address)));
	if (rc == 0) {
		c.id = r.alias_id;
		rc = directory_write(dir, remove_alias, &c, err);
	}
	arena_deinit(&a);
	return rc;
}
