#include "relay/book.h"

#include "base/mem.h"
#include "db/group.h"

#define SCHEMA_VERSION 1
/* Of one domain and day; a report with more would help nobody. */
#define NOTES_MAX 1000

static const char schema[] =
	"CREATE TABLE policy ("
	" domain TEXT PRIMARY KEY,"
	" id TEXT NOT NULL,"
	" file TEXT NOT NULL,"
	" fetched BIGINT NOT NULL,"
	" tried BIGINT NOT NULL,"
	" why TEXT NOT NULL);"
	"CREATE TABLE note ("
	" day BIGINT NOT NULL,"
	" domain TEXT NOT NULL,"
	" kind INTEGER NOT NULL,"
	" policy TEXT NOT NULL,"
	" hosts TEXT NOT NULL,"
	" result TEXT NOT NULL,"
	" host TEXT NOT NULL,"
	" ip TEXT NOT NULL,"
	" source TEXT NOT NULL,"
	" reason TEXT NOT NULL,"
	" n BIGINT NOT NULL,"
	" PRIMARY KEY (day, domain, kind, policy, hosts, result, host, ip,"
	" source));";

struct relay_book {
	struct db_group *db;
};

static int migrate(struct db *db, uint32_t version, struct err *err)
{
	return version < 1 ? db_exec(db, schema, err) : 0;
}

int relay_book_open(struct relay_book **out, const char *dir, struct err *err)
{
	struct db_group_options o = {
		.db = { .create = true, .lazy_sync = true },
		.schema_version = SCHEMA_VERSION,
		.migrate = migrate,
		.readers = 4,
	};
	struct relay_book *b = mem_zalloc(sizeof(*b));
	struct arena a;
	int rc;

	arena_init(&a);
	o.db.path = arena_fmt(&a, "%s/relay.db", dir).p;
	rc = db_group_open(&b->db, &o, err);
	arena_deinit(&a);
	if (rc == 0)
		*out = b;
	else
		relay_book_close(&b);
	return rc;
}

void relay_book_close(struct relay_book **bp)
{
	struct relay_book *b = *bp;

	if (!b)
		return;
	db_group_close(&b->db);
	mem_free(b);
	*bp = NULL;
}

/* ---- policies ---- */

int relay_book_policy_get(struct relay_book *b, struct str domain,
                          struct arena *a, struct relay_book_policy *out,
                          struct err *err)
{
	struct db_stmt *st;
	struct db *db;
	int rc;

	if (db_group_read(b->db, &db, err) < 0)
		return -1;
	rc = db_row(db, &st,
	            "SELECT id, file, fetched, tried, why FROM policy"
	            " WHERE domain = $1",
	            DB_ARGS(DB_S(domain)), err);
	if (rc > 0) {
		*out = (struct relay_book_policy){
			.id = arena_dup(a, db_text(st, 0)),
			.file = arena_dup(a, db_text(st, 1)),
			.fetched_us = db_i64(st, 2),
			.tried_us = db_i64(st, 3),
			.why = arena_dup(a, db_text(st, 4)),
		};
		db_done(&st);
	}
	db_group_done(b->db, &db);
	return rc;
}

struct put {
	struct str domain;
	const struct relay_book_policy *p;
};

static int write_policy(struct db *db, void *arg, struct err *err)
{
	const struct put *w = arg;

	return db_run(db,
	              "INSERT INTO policy (domain, id, file, fetched, tried,"
	              " why) VALUES ($1, $2, $3, $4, $5, $6)"
	              " ON CONFLICT (domain) DO UPDATE SET id = excluded.id,"
	              " file = excluded.file, fetched = excluded.fetched,"
	              " tried = excluded.tried, why = excluded.why",
	              DB_ARGS(DB_S(w->domain), DB_S(w->p->id), DB_S(w->p->file),
	                      DB_I(w->p->fetched_us), DB_I(w->p->tried_us),
	                      DB_S(w->p->why)),
	              err);
}

int relay_book_policy_put(struct relay_book *b, struct str domain,
                          const struct relay_book_policy *p, struct err *err)
{
	struct put w = { domain, p };

	return db_group_write(b->db, write_policy, &w, NULL, 0, err);
}

static int write_tidy(struct db *db, void *arg, struct err *err)
{
	int64_t *before = arg;

	return db_run(db,
	              "DELETE FROM policy WHERE fetched < $1 AND tried < $1",
	              DB_ARGS(DB_I(*before)), err);
}

int relay_book_policy_tidy(struct relay_book *b, int64_t before_us,
                           struct err *err)
{
	return db_group_write(b->db, write_tidy, &before_us, NULL, 0, err);
}

/* ---- notes ---- */

struct noting {
	const struct relay_note *v;
	size_t n;
};

static int write_notes(struct db *db, void *arg, struct err *err)
{
	const struct noting *w = arg;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < w->n; i++) {
		const struct relay_note *t = &w->v[i];

		rc = db_run(db,
		            "INSERT INTO note (day, domain, kind, policy,"
		            " hosts, result, host, ip, source, reason, n)"
		            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,"
		            " $11) ON CONFLICT (day, domain, kind, policy,"
		            " hosts, result, host, ip, source) DO UPDATE SET"
		            " n = note.n + excluded.n,"
		            " reason = excluded.reason",
		            DB_ARGS(DB_I(t->day), DB_S(t->domain),
		                    DB_I(t->kind), DB_S(t->policy),
		                    DB_S(t->hosts), DB_S(t->result),
		                    DB_S(t->host), DB_S(t->ip), DB_S(t->source),
		                    DB_S(t->reason), DB_I(t->n)),
		            err);
	}
	return rc;
}

int relay_book_note(struct relay_book *b, const struct relay_note *notes,
                    size_t n, struct err *err)
{
	struct noting w = { notes, n };

	return n ? db_group_write(b->db, write_notes, &w, NULL, 0, err) : 0;
}

/* 1, 0, -1 */
static int find_first(struct db *db, int64_t before,
                      const struct relay_note *after, struct arena *a,
                      int64_t *day, struct str *domain, struct err *err)
{
	struct db_stmt *st;
	int rc = db_row(db, &st,
	                "SELECT day, domain FROM note WHERE day < $1"
	                " AND (day > $2 OR (day = $2 AND domain > $3))"
	                " ORDER BY day, domain LIMIT 1",
	                DB_ARGS(DB_I(before), DB_I(after ? after->day : 0),
	                        DB_S(after ? after->domain : STR(""))),
	                err);

	if (rc <= 0)
		return rc;
	*day = db_i64(st, 0);
	*domain = arena_dup(a, db_text(st, 1));
	db_done(&st);
	return 1;
}

static int read_notes(struct db *db, int64_t day, struct str domain,
                      struct arena *a, struct relay_note **out, size_t *n_out,
                      struct err *err)
{
	struct relay_note *v = arena_array(a, NOTES_MAX, sizeof(*v));
	struct db_stmt *st;
	size_t n = 0;
	int rc;

	if (db_query(db, &st,
	             "SELECT kind, policy, hosts, result, host, ip, source,"
	             " reason, n FROM note WHERE day = $1 AND domain = $2"
	             " ORDER BY kind, policy, hosts, result, n DESC LIMIT $3",
	             DB_ARGS(DB_I(day), DB_S(domain), DB_I(NOTES_MAX)),
	             err) < 0)
		return -1;
	while ((rc = db_next(st, err)) > 0 && n < NOTES_MAX)
		v[n++] = (struct relay_note){
			.day = day,
			.domain = domain,
			.kind = (enum relay_policy_kind)db_i64(st, 0),
			.policy = arena_dup(a, db_text(st, 1)),
			.hosts = arena_dup(a, db_text(st, 2)),
			.result = arena_dup(a, db_text(st, 3)),
			.host = arena_dup(a, db_text(st, 4)),
			.ip = arena_dup(a, db_text(st, 5)),
			.source = arena_dup(a, db_text(st, 6)),
			.reason = arena_dup(a, db_text(st, 7)),
			.n = (uint64_t)db_i64(st, 8),
		};
	db_done(&st);
	*out = v;
	*n_out = n;
	return rc < 0 ? -1 : 1;
}

int relay_book_next(struct relay_book *b, int64_t before,
                    const struct relay_note *after, struct arena *a,
                    struct relay_note **out, size_t *n_out, struct err *err)
{
	struct str domain;
	int64_t day;
	struct db *db;
	int rc;

	if (db_group_read(b->db, &db, err) < 0)
		return -1;
	rc = find_first(db, before, after, a, &day, &domain, err);
	if (rc > 0)
		rc = read_notes(db, day, domain, a, out, n_out, err);
	db_group_done(b->db, &db);
	return rc;
}

struct forgetting {
	int64_t day;
	struct str domain;
};

static int write_forget(struct db *db, void *arg, struct err *err)
{
	const struct forgetting *w = arg;

	return db_run(db, "DELETE FROM note WHERE day = $1 AND domain = $2",
	              DB_ARGS(DB_I(w->day), DB_S(w->domain)), err);
}

int relay_book_forget(struct relay_book *b, int64_t day, struct str domain,
                      struct err *err)
{
	struct forgetting w = { day, domain };

	return db_group_write(b->db, write_forget, &w, NULL, 0, err);
}
