#include "store/index.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "os/file.h"
#include "os/lock.h"
#include "pack/zstd.h"
#include "store/digest.h"
#include "store/fetch.h"
#include "text/fold.h"

/* Messages of one batch; about a quarter of a second. */
#define BATCH 500
/* Or less, when they are long. */
#define BATCH_BYTES ((size_t)16 * 1024 * 1024)
/* Of one message; of more the index says nothing. */
#define INDEX_TEXT_MAX ((size_t)1024 * 1024)
/* Trigrams of a text that are asked for: more hardly narrow it down. */
#define TRIGRAMS_MAX 16
/* A longer list helps no more than reading. */
#define CANDIDATES_MAX 200000

#define VERSION        1

static void index_path(const struct shard *sh, int64_t account, char *out,
                       size_t n)
{
	(void)snprintf(out, n, "%s/a%lld.db", sh->index, (long long)account);
}

static void upto_path(const struct shard *sh, char *out, size_t n)
{
	(void)snprintf(out, n, "%s/UPTO", sh->index);
}

static int64_t read_upto(const struct shard *sh)
{
	char path[4096], *text;
	struct err err;
	uint64_t v = 0;
	size_t n;

	upto_path(sh, path, sizeof(path));
	if (file_read_all(path, 64, &text, &n, &err) < 0)
		return 0;
	if (!str_to_u64(str_trim((struct str){ text, n }), INT64_MAX, &v))
		v = 0;
	mem_free(text);
	return (int64_t)v;
}

static int write_upto(const struct shard *sh, int64_t upto, struct err *err)
{
	char path[4096], text[32];

	upto_path(sh, path, sizeof(path));
	(void)snprintf(text, sizeof(text), "%lld\n", (long long)upto);
	return file_replace(path, str_z(text), 0660, err);
}

/* ---- asking ---- */

/* Each conjunct that only messages with its text can fulfil. */
static bool is_required_text(enum query_op op)
{
	return op == QUERY_FROM || op == QUERY_TO || op == QUERY_CC ||
	       op == QUERY_BCC || op == QUERY_SUBJECT || op == QUERY_BODY ||
	       op == QUERY_TEXT;
}

/* "abc" AND "bcd" ..: with detail=none there are no phrases. */
static size_t add_trigrams(struct buf *match, struct str text, size_t n)
{
	size_t chars = utf8_count(text), at = 0;
	size_t step = chars > TRIGRAMS_MAX + 2 ? chars / TRIGRAMS_MAX : 1;

	for (struct str rest = text; at + 3 <= chars; at++) {
		struct str three = rest;
		uint32_t c;

		for (int i = 0; i < 3; i++)
			if (utf8_next(&three, &c) != UTF8_CHAR)
				return n;
		three = str_to(rest, rest.n - three.n);
		if (at % step == 0 && n < 2 * TRIGRAMS_MAX) {
			buf_add_z(match, n++ ? " AND \"" : "\"");
			for (size_t i = 0; i < three.n; i++) {
				if (three.p[i] == '"')
					buf_add_c(match, '"');
				buf_add_c(match, three.p[i]);
			}
			buf_add_c(match, '"');
		}
		if (utf8_next(&rest, &c) == UTF8_END)
			return n;
	}
	return n;
}

static size_t add_required(struct buf *match, const struct cond *c, size_t n)
{
	if (c->q->op == QUERY_AND)
		for (const struct cond *kid = c->kids; kid; kid = kid->next)
			n = add_required(match, kid, n);
	else if (is_required_text(c->q->op))
		n = add_trigrams(match, c->text, n);
	return n;
}

/* 1, 0: it is not to be used, -1. */
static int read_state(struct db *db, int64_t *upto, struct err *err)
{
	struct db_stmt *q;
	bool building;
	int rc = db_row(db, &q, "SELECT upto, building FROM state", DB_NO_ARGS,
	                err);

	if (rc <= 0)
		return rc;
	*upto = db_i64(q, 0);
	building = db_i64(q, 1) != 0;
	db_done(&q);
	return building ? 0 : 1;
}

static int read_ids(struct db *db, const char *sql, struct str match,
                    struct candidates *out, struct err *err)
{
	size_t cap = out->n;
	struct db_stmt *q;
	int rc;

	if (db_query(db, &q, sql, DB_ARGS(DB_S(match)), err) < 0)
		return -1;
	while ((rc = db_next(q, err)) > 0 && out->n < CANDIDATES_MAX) {
		out->ids = mem_grow(out->ids, out->n, &cap, sizeof(*out->ids));
		out->ids[out->n++] = db_i64(q, 0);
	}
	db_done(&q);
	return rc;
}

static int by_id(const void *pa, const void *pb)
{
	int64_t a = *(const int64_t *)pa, b = *(const int64_t *)pb;

	return a < b ? -1 : a > b;
}

static int ask(struct db *db, struct str match, struct candidates *out,
               struct err *err)
{
	int rc = read_state(db, &out->upto, err);

	if (rc <= 0)
		return rc;
	/* Those whose text was too long to be indexed whole may always. */
	if (read_ids(db, "SELECT rowid FROM t WHERE t MATCH $1", match, out,
	             err) != 0 ||
	    read_ids(db, "SELECT id FROM long WHERE $1 <> ''", match, out,
	             err) != 0)
		return 0;
	if (out->n)
		qsort(out->ids, out->n, sizeof(*out->ids), by_id);
	return 1;
}

void index_candidates(struct shard *sh, int64_t account,
                      const struct cond *cond, struct candidates *out)
{
	struct db_options o = { .readonly = true, .busy_ms = 1000 };
	int64_t before = read_upto(sh);
	struct buf match;
	struct db *db;
	struct err err;
	char path[4096];

	memset(out, 0, sizeof(*out));
	index_path(sh, account, path, sizeof(path));
	o.path = path;
	if (access(path, F_OK) < 0)
		return;
	buf_init(&match, 16384);
	if (add_required(&match, cond, 0) > 0 && !buf_overflow(&match) &&
	    db_open(&db, &o, &err) == 0) {
		out->on = ask(db, buf_str(&match), out, &err) == 1;
		db_close(&db);
	}
	/* The account had nothing in the batches that did not touch its
	 * file. */
	if (out->on && before > out->upto)
		out->upto = before;
	buf_deinit(&match);
}

void index_candidates_deinit(struct candidates *c)
{
	mem_free(c->ids);
	*c = (struct candidates){ .on = false };
}

/* ---- making it ---- */

struct doc {
	int64_t id, account;
	bool is_cut;     /* the kept text is not all of it */
	bool is_long;    /* nor is this one */
	struct str text; /* folded; in the arena */
};

static const char schema[] =
	"CREATE VIRTUAL TABLE IF NOT EXISTS t USING fts5"
	" (x, tokenize = 'trigram', content = '', detail = none);"
	"CREATE TABLE IF NOT EXISTS long (id INTEGER PRIMARY KEY);"
	"CREATE TABLE IF NOT EXISTS state (upto BIGINT, building BIGINT);"
	"DELETE FROM state; INSERT INTO state VALUES (0, 1);";

static int open_index(const struct shard *sh, int64_t account, struct db **out,
                      struct err *err)
{
	struct db_options o = { .create = true,
		                .cache_kib = 32768,
		                .busy_ms = 200 };
	uint32_t version;
	char path[4096];

	index_path(sh, account, path, sizeof(path));
	o.path = path;
	if (db_open(out, &o, err) < 0)
		return -1;
	if (db_version(*out, &version, err) < 0)
		goto bad;
	if (version == VERSION)
		return 0;
	if (db_begin(*out, err) < 0 || db_exec(*out, schema, err) < 0 ||
	    db_set_version(*out, VERSION, err) < 0 || db_commit(*out, err) < 0)
		goto bad;
	return 0;
bad:
	db_rollback(*out);
	db_close(out);
	return -1;
}

/* A damaged or half-made index is thrown away; it comes back by itself. */
static void drop_index(const struct shard *sh, int64_t account)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	char path[4096], file[4200];
	struct err err;

	index_path(sh, account, path, sizeof(path));
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		(void)snprintf(file, sizeof(file), "%s%s", path, ends[i]);
		err_drop(file_remove(file, &err)); /* may not be there */
	}
}

#define DOC_COLUMNS                                            \
	"SELECT e.id, e.account, e.prefix, b.text_cut, x.data" \
	" FROM email e JOIN body b ON b.id = e.body"           \
	" LEFT JOIN body_text x ON x.id = b.id"

static void set_text(struct doc *d, struct str text, struct str prefix,
                     struct arena *arena)
{
	struct str folded = text_fold_dup(arena, prefix);

	d->text = arena_fmt(arena, "%.*s %.*s", STR_ARG(text), STR_ARG(folded));
}

static void read_doc(struct db_stmt *q, struct arena *arena, struct doc *d)
{
	struct buf text;
	struct err err;

	*d = (struct doc){ .id = db_i64(q, 0),
		           .account = db_i64(q, 1),
		           .is_cut = db_i64(q, 3) != 0 };
	buf_init(&text, DIGEST_TEXT_MAX + 65536);
	if (unpack_zstd(db_blob(q, 4), DIGEST_TEXT_MAX + 65536, &text, &err) <
	    0)
		d->is_cut = true;
	set_text(d, buf_str(&text), db_blob(q, 2), arena);
	buf_deinit(&text);
}

/* What was left out at delivery, so that delivery need not wait for it. */
static void read_whole(struct shard *sh, struct arena *arena, struct doc *d)
{
	struct str prefix, message;
	struct body *b = NULL;
	struct buf text;
	struct err err;

	d->is_long = true; /* until we know: not to be judged by the index */
	if (body_open_row(&b, sh, d->id, &err) < 0)
		return;
	buf_init(&text, INDEX_TEXT_MAX + 65536);
	if (body_view(b, &prefix, &message, &err) == 0) {
		d->is_long = digest_text(message, INDEX_TEXT_MAX, &text) ||
		             buf_overflow(&text);
		set_text(d, buf_str(&text), prefix, arena);
	}
	buf_deinit(&text);
	body_close(&b);
}

static int read_docs(struct shard *sh, const char *sql, int64_t account,
                     int64_t after, int64_t upto, struct arena *arena,
                     struct doc *out, size_t *n_out, bool *more_out,
                     struct err *err)
{
	size_t n = 0, bytes = 0;
	struct db_stmt *q;
	struct db *db;
	int rc;

	if (db_group_read(sh->group, &db, err) < 0)
		return -1;
	rc = db_query(db, &q, sql,
	              DB_ARGS(DB_I(account), DB_I(after), DB_I(upto),
	                      DB_I(BATCH)),
	              err);
	while (rc == 0 && n < BATCH && bytes < BATCH_BYTES &&
	       (rc = db_next(q, err)) > 0) {
		struct doc *d = &out[n++];

		read_doc(q, arena, d);
		bytes += d->is_cut ? INDEX_TEXT_MAX : d->text.n;
		rc = 0;
	}
	db_done(&q);
	db_group_done(sh->group, &db);
	for (size_t i = 0; i < n; i++)
		if (out[i].is_cut)
			read_whole(sh, arena, &out[i]);
	*n_out = n;
	*more_out = n == BATCH || bytes >= BATCH_BYTES;
	return rc < 0 ? -1 : 0;
}

static int add_docs(struct db *db, const struct doc *d, size_t n,
                    int64_t account, int64_t after, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		if (d[i].account != account || d[i].id <= after)
			continue;
		if (db_run(db, "INSERT INTO t (rowid, x) VALUES ($1, $2)",
		           DB_ARGS(DB_I(d[i].id), DB_S(d[i].text)), err) < 0)
			return -1;
		if (d[i].is_long && db_run(db,
		                           "INSERT INTO long VALUES ($1)"
		                           " ON CONFLICT DO NOTHING",
		                           DB_ARGS(DB_I(d[i].id)), err) < 0)
			return -1;
	}
	return 0;
}

static int put_docs(struct db *db, const struct doc *d, size_t n,
                    int64_t account, int64_t after, int64_t upto, bool building,
                    struct err *err)
{
	if (db_begin(db, err) < 0)
		return -1;
	if (add_docs(db, d, n, account, after, err) < 0 ||
	    db_run(db, "UPDATE state SET upto = $1, building = $2",
	           DB_ARGS(DB_I(upto), DB_I(building)), err) < 0 ||
	    db_commit(db, err) < 0) {
		db_rollback(db);
		return -1;
	}
	/* The log would stay as large as it ever was.  Who reads now keeps
	 * it for this time. */
	if (db_wal_bytes(db) > 4 * 1024 * 1024)
		err_drop(db_checkpoint(db, true, err));
	return 0;
}

/* All that the account had before this batch: its file is new. */
static int build(struct shard *sh, struct db *db, int64_t account,
                 int64_t after, int64_t upto, struct err *err)
{
	struct doc *docs = mem_array(BATCH, sizeof(*docs));
	bool more = true;
	size_t n;
	int rc = 0;

	while (rc == 0 && more) {
		struct arena arena;

		arena_init(&arena);
		rc = read_docs(sh,
		               DOC_COLUMNS " WHERE e.account = $1 AND e.id > $2"
		                           " AND e.id <= $3 ORDER BY e.id"
		                           " LIMIT $4",
		               account, after, upto, &arena, docs, &n, &more,
		               err);
		if (rc == 0) {
			int64_t last = more ? docs[n - 1].id : upto;

			rc = put_docs(db, docs, n, account, after, last, more,
			              err);
			after = last;
		}
		arena_deinit(&arena);
	}
	mem_free(docs);
	return rc;
}

static int index_account(struct shard *sh, const struct doc *docs, size_t n,
                         int64_t account, struct err *err)
{
	int64_t after = 0, upto = docs[n - 1].id;
	struct db *db;
	int rc;

	if (open_index(sh, account, &db, err) < 0)
		return -1;
	rc = read_state(db, &after, err);
	if (rc == 0) {
		if (db_number(db, &after, "SELECT upto FROM state", DB_NO_ARGS,
		              err) < 0)
			rc = -1;
		else
			rc = build(sh, db, account, after, upto, err);
	} else if (rc > 0) {
		rc = put_docs(db, docs, n, account, after, upto, false, err);
	}
	db_close(&db);
	return rc;
}

/* Once more from nothing when the index itself is at fault. */
static int index_or_drop(struct shard *sh, const struct doc *docs, size_t n,
                         int64_t account, struct err *err)
{
	if (index_account(sh, docs, n, account, err) == 0)
		return 0;
	if (err->kind != ERR_CORRUPT && err->kind != ERR_EXISTS)
		return -1;
	drop_index(sh, account);
	return index_account(sh, docs, n, account, err);
}

static bool is_first(const struct doc *docs, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (docs[i].account == docs[at].account)
			return false;
	return true;
}

static int step(struct shard *sh, bool *more_out, struct err *err)
{
	struct doc *docs;
	struct arena arena;
	size_t n = 0;
	int rc;

	docs = mem_array(BATCH, sizeof(*docs));
	arena_init(&arena);
	rc = read_docs(sh,
	               DOC_COLUMNS " WHERE $1 = 0 AND e.id > $2 AND e.id <= $3"
	                           " ORDER BY e.id LIMIT $4",
	               0, read_upto(sh), INT64_MAX, &arena, docs, &n, more_out,
	               err);
	for (size_t i = 0; rc == 0 && i < n; i++)
		if (is_first(docs, i))
			rc = index_or_drop(sh, docs, n, docs[i].account, err);
	if (rc == 0 && n > 0)
		rc = write_upto(sh, docs[n - 1].id, err);
	if (rc < 0)
		*more_out = false;
	arena_deinit(&arena);
	mem_free(docs);
	return rc;
}

int index_step(struct shard *sh, bool *more_out, struct err *err)
{
	struct lock *lock;
	char path[4096];
	int rc;

	*more_out = false;
	if (file_mkdir(sh->index, 0770, err) < 0)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/LOCK", sh->index);
	if (lock_open(&lock, path, err) < 0)
		return -1;
	/* One indexer is enough. */
	rc = lock_try(lock, err);
	if (rc > 0)
		rc = step(sh, more_out, err);
	lock_close(&lock);
	return rc;
}

void index_drop(struct shard *sh, int64_t account)
{
	drop_index(sh, account);
}
