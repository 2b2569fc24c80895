#include "store/fsck.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "crypto/hash.h"
#include "os/clock.h"
#include "os/file.h"
#include "pack/zstd.h"
#include "store/digest.h"
#include "store/shard.h"

#define LINES_MAX 100
#define IDS_PIECE 500

struct check {
	const struct fsck_options *o;
	struct fsck_result *result;
	struct shard *shard;
	int64_t id; /* of the row that a step works on */
};

static void finding(struct check *c, int64_t account, bool mended,
                    const char *fmt, ...) ATTR_PRINTF(4, 5);

static void finding(struct check *c, int64_t account, bool mended,
                    const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	c->result->findings++;
	c->result->mended += mended;
	if (c->o->finding)
		c->o->finding(c->o->arg, account, text, mended);
}

/* ---- a mailbox: counters, runs ---- */

struct counts {
	int64_t total, unseen, deleted, bytes, deleted_bytes, last,
		first_unseen;
};

static int count_rows(struct db *db, int64_t folder, struct counts *out,
                      struct err *err)
{
	struct db_stmt *q;
	int rc = db_row(
		db, &q,
		"SELECT count(*), coalesce(sum(flags & 1 = 0), 0),"
		" coalesce(sum(flags & 8 <> 0), 0), coalesce(sum(size), 0),"
		" coalesce(sum(CASE WHEN flags & 8 <> 0 THEN size ELSE 0 END),"
		" 0), coalesce(max(uid), 0),"
		" coalesce(min(CASE WHEN flags & 1 = 0 THEN uid END), 0)"
		" FROM message WHERE mailbox = $1",
		DB_ARGS(DB_I(folder)), err);

	if (rc <= 0)
		return -1;
	*out = (struct counts){ db_i64(q, 0), db_i64(q, 1), db_i64(q, 2),
		                db_i64(q, 3), db_i64(q, 4), db_i64(q, 5),
		                db_i64(q, 6) };
	db_done(&q);
	return 0;
}

static int read_uids(struct db *db, int64_t folder, struct uidset *out,
                     struct err *err)
{
	struct db_stmt *q;
	int rc;

	if (db_query(db, &q,
	             "SELECT uid FROM message WHERE mailbox = $1 ORDER BY uid",
	             DB_ARGS(DB_I(folder)), err) < 0)
		return -1;
	while ((rc = db_next(q, err)) > 0)
		uidset_add(out, (uint32_t)db_i64(q, 0), (uint32_t)db_i64(q, 0));
	db_done(&q);
	return rc;
}

static bool same_set(const struct uidset *a, const struct uidset *b)
{
	return a->n == b->n &&
	       (a->n == 0 || memcmp(a->p, b->p, a->n * sizeof(*a->p)) == 0);
}

static int write_runs(struct db *db, struct folder *f,
                      const struct uidset *uids, struct err *err)
{
	if (db_run(db, "DELETE FROM run WHERE mailbox = $1",
	           DB_ARGS(DB_I(f->id)), err) < 0)
		return -1;
	f->tail_count = 0;
	f->tail_first = f->uidnext;
	for (size_t i = 0; i + 1 < uids->n; i++)
		if (db_run(db,
		           "INSERT INTO run (mailbox, first, last)"
		           " VALUES ($1, $2, $3)",
		           DB_ARGS(DB_I(f->id), DB_I(uids->p[i].first),
		                   DB_I(uids->p[i].last)),
		           err) < 0)
			return -1;
	if (uids->n) {
		f->tail_first = uids->p[uids->n - 1].first;
		f->tail_count =
			(int64_t)uids->p[uids->n - 1].last - f->tail_first + 1;
	}
	return 0;
}

static int check_runs(struct check *c, struct db *db, struct folder *f,
                      bool *wrong, struct err *err)
{
	struct uidset rows = UIDSET_EMPTY, runs = UIDSET_EMPTY;
	int rc = read_uids(db, f->id, &rows, err);

	if (rc == 0)
		rc = folder_uids(db, f, 1, &runs, err);
	if (rc == 0 && !same_set(&rows, &runs)) {
		*wrong = true;
		finding(c, f->account, c->o->mend,
		        "mailbox M%lld: UID runs differ from its messages",
		        (long long)f->no);
		if (c->o->mend)
			rc = write_runs(db, f, &rows, err);
	}
	uidset_deinit(&rows);
	uidset_deinit(&runs);
	return rc;
}

static int check_counts(struct check *c, struct db *db, struct folder *f,
                        bool *wrong, struct err *err)
{
	struct counts n;

	if (count_rows(db, f->id, &n, err) < 0)
		return -1;
	c->result->messages += (uint64_t)n.total;
	if (n.last >= f->uidnext) {
		*wrong = true;
		finding(c, f->account, c->o->mend,
		        "mailbox M%lld: UIDNEXT is %lld, a message has %lld",
		        (long long)f->no, (long long)f->uidnext,
		        (long long)n.last);
		f->uidnext = n.last + 1;
	}
	if (n.total != f->total || n.unseen != f->unseen ||
	    n.deleted != f->deleted || n.bytes != f->bytes ||
	    n.deleted_bytes != f->deleted_bytes ||
	    (n.first_unseen && n.first_unseen < f->unseen_from)) {
		*wrong = true;
		finding(c, f->account, c->o->mend,
		        "mailbox M%lld: counters differ from its messages",
		        (long long)f->no);
	}
	f->total = n.total;
	f->unseen = n.unseen;
	f->deleted = n.deleted;
	f->bytes = n.bytes;
	f->deleted_bytes = n.deleted_bytes;
	if (n.first_unseen && n.first_unseen < f->unseen_from)
		f->unseen_from = n.first_unseen;
	return 0;
}

static int write_mailbox(struct db *db, void *arg, struct err *err)
{
	struct check *c = arg;
	struct folder f;
	bool wrong = false;
	int rc = folder_load_id(db, c->id, &f, err);

	if (rc <= 0)
		return rc;
	c->result->mailboxes++;
	if (check_counts(c, db, &f, &wrong, err) < 0 ||
	    check_runs(c, db, &f, &wrong, err) < 0)
		return -1;
	return wrong && c->o->mend ? folder_save(db, &f, err) : 0;
}

/* ---- an account: sums ---- */

static int write_account(struct db *db, void *arg, struct err *err)
{
	struct check *c = arg;
	struct account_row row;
	int64_t bytes = 0, messages = 0, purged = 0, last = 0, box = 0;
	int rc = account_load(db, c->id, &row, err);

	if (rc <= 0)
		return rc;
	c->result->accounts++;
	if (db_number(db, &bytes,
	              "SELECT coalesce(sum(bytes), 0) FROM mailbox"
	              " WHERE account = $1",
	              DB_ARGS(DB_I(row.id)), err) < 0 ||
	    db_number(db, &messages,
	              "SELECT coalesce(sum(total), 0) FROM mailbox"
	              " WHERE account = $1",
	              DB_ARGS(DB_I(row.id)), err) < 0 ||
	    db_number(db, &purged,
	              "SELECT coalesce(sum(size), 0) FROM email"
	              " WHERE account = $1 AND purged IS NOT NULL",
	              DB_ARGS(DB_I(row.id)), err) < 0 ||
	    db_number(db, &last,
	              "SELECT coalesce(max(no), 0) FROM email"
	              " WHERE account = $1",
	              DB_ARGS(DB_I(row.id)), err) < 0 ||
	    db_number(db, &box,
	              "SELECT coalesce(max(no), 0) FROM mailbox"
	              " WHERE account = $1",
	              DB_ARGS(DB_I(row.id)), err) < 0)
		return -1;
	if (bytes == row.bytes && messages == row.messages &&
	    purged == row.purged_bytes && last < row.next_email &&
	    box < row.next_mailbox)
		return 0;
	finding(c, row.id, c->o->mend, "the account's sums are wrong");
	row.bytes = bytes;
	row.messages = messages;
	row.purged_bytes = purged;
	if (last >= row.next_email)
		row.next_email = last + 1;
	if (box >= row.next_mailbox)
		row.next_mailbox = box + 1;
	return c->o->mend ? account_save(db, &row, err) : 0;
}

/* ---- rows that refer to each other ---- */

struct repair {
	const char *count, *mend, *text;
};

/* In this order: a later one counts what an earlier one left. */
static const struct repair repairs[] = {
	{ "SELECT count(*) FROM message m WHERE NOT EXISTS"
	  " (SELECT 1 FROM mailbox b WHERE b.id = m.mailbox)",
	  "DELETE FROM message WHERE NOT EXISTS"
	  " (SELECT 1 FROM mailbox b WHERE b.id = message.mailbox)",
	  "%lld messages are in a mailbox that is not there" },
	{ "SELECT count(*) FROM message m WHERE NOT EXISTS"
	  " (SELECT 1 FROM email e WHERE e.id = m.email)",
	  "DELETE FROM message WHERE NOT EXISTS"
	  " (SELECT 1 FROM email e WHERE e.id = message.email)",
	  "%lld messages have no email row" },
	{ "SELECT count(*) FROM email e WHERE e.places <>"
	  " (SELECT count(*) FROM message m WHERE m.email = e.id)",
	  "UPDATE email SET places = (SELECT count(*) FROM message m"
	  " WHERE m.email = email.id) WHERE places <>"
	  " (SELECT count(*) FROM message m WHERE m.email = email.id)",
	  "%lld emails have a wrong count of places" },
	{ "SELECT count(*) FROM email WHERE places > 0 AND purged IS NOT NULL",
	  "UPDATE email SET purged = NULL WHERE places > 0"
	  " AND purged IS NOT NULL",
	  "%lld emails are both purged and in a mailbox" },
	{ "SELECT count(*) FROM email WHERE places = 0 AND purged IS NULL",
	  "UPDATE email SET purged = CAST($1 AS BIGINT), purged_flags = 0,"
	  " purged_mailbox = 1 WHERE places = 0 AND purged IS NULL",
	  "%lld emails are in no mailbox (made recoverable)" },
	{ "SELECT count(*) FROM body b WHERE b.refs <>"
	  " (SELECT count(*) FROM email e WHERE e.body = b.id)",
	  "UPDATE body SET refs = (SELECT count(*) FROM email e"
	  " WHERE e.body = body.id) WHERE refs <>"
	  " (SELECT count(*) FROM email e WHERE e.body = body.id)",
	  "%lld bodies have a wrong count of references" },
	{ "SELECT count(*) FROM body WHERE refs = 0 AND dead IS NULL",
	  "UPDATE body SET dead = CAST($1 AS BIGINT), hash64 = NULL"
	  " WHERE refs = 0 AND dead IS NULL",
	  "%lld bodies belong to no email" },
	{ "SELECT count(*) FROM body WHERE refs > 0 AND dead IS NOT NULL",
	  "UPDATE body SET dead = NULL WHERE refs > 0 AND dead IS NOT NULL",
	  "%lld bodies are marked dead and are in use" },
	{ "SELECT count(*) FROM email e WHERE NOT EXISTS"
	  " (SELECT 1 FROM body b WHERE b.id = e.body)",
	  NULL, "%lld emails have lost their body" },
	{ "SELECT count(*) FROM body b WHERE b.file IS NULL AND NOT EXISTS"
	  " (SELECT 1 FROM body_data d WHERE d.id = b.id)",
	  NULL, "%lld bodies have lost their bytes" },
	{ "SELECT count(*) FROM metadata x WHERE x.mailbox <> 0 AND NOT EXISTS"
	  " (SELECT 1 FROM mailbox b WHERE b.account = x.account"
	  " AND b.no = x.mailbox)",
	  "DELETE FROM metadata WHERE mailbox <> 0 AND NOT EXISTS"
	  " (SELECT 1 FROM mailbox b WHERE b.account = metadata.account"
	  " AND b.no = metadata.mailbox)",
	  "%lld annotations are of a mailbox that is not there" },
};

static int write_repairs(struct db *db, void *arg, struct err *err)
{
	int64_t now = clock_wall_us() / US_PER_SEC;
	struct check *c = arg;

	/* email(body) has no index of its own, and needs one only here. */
	if (db_exec(db,
	            "CREATE INDEX IF NOT EXISTS fsck_email_body"
	            " ON email (body)",
	            err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(repairs) / sizeof(repairs[0]); i++) {
		const struct repair *r = &repairs[i];
		bool mend = c->o->mend && r->mend;
		char text[200];
		int64_t n = 0;

		if (db_number(db, &n, r->count, DB_NO_ARGS, err) < 0)
			return -1;
		if (n == 0)
			continue;
		(void)snprintf(text, sizeof(text), "%lld%s", (long long)n,
		               strchr(r->text, ' '));
		finding(c, 0, mend, "%s", text);
		if (mend && db_run(db, r->mend,
		                   strstr(r->mend, "$1") ? DB_ARGS(DB_I(now))
		                                         : DB_NO_ARGS,
		                   err) < 0)
			return -1;
	}
	return db_exec(db, "DROP INDEX fsck_email_body", err);
}

/* ---- bodies and their files ---- */

struct body_row {
	int64_t id, size;
	char file[BLOB_NAME_MAX];
	unsigned char hash[DIGEST_HASH];
};

static int read_bodies(struct check *c, struct db *db, int64_t after,
                       struct body_row *out, size_t *n_out, struct err *err)
{
	struct db_stmt *q;
	size_t n = 0;
	int rc;

	(void)c;
	if (db_query(db, &q,
	             "SELECT id, size, file, hash FROM body WHERE id > $1"
	             " AND dead IS NULL ORDER BY id LIMIT $2",
	             DB_ARGS(DB_I(after), DB_I(IDS_PIECE)), err) < 0)
		return -1;
	while ((rc = db_next(q, err)) > 0 && n < IDS_PIECE) {
		struct body_row *b = &out[n++];
		struct str file = db_text(q, 2), hash = db_blob(q, 3);

		memset(b, 0, sizeof(*b));
		b->id = db_i64(q, 0);
		b->size = db_i64(q, 1);
		if (!db_is_null(q, 2))
			(void)snprintf(b->file, sizeof(b->file), "%.*s",
			               STR_ARG(file));
		if (hash.n == DIGEST_HASH)
			memcpy(b->hash, hash.p, DIGEST_HASH);
	}
	db_done(&q);
	*n_out = n;
	return rc < 0 ? -1 : 0;
}

static bool hash_is(struct str bytes, const struct body_row *b)
{
	unsigned char hash[HASH_MAX];

	hash_bytes(HASH_SHA256, bytes, hash);
	return (uint64_t)b->size == bytes.n &&
	       memcmp(hash, b->hash, DIGEST_HASH) == 0;
}

static int file_hash_is(const char *path, const struct body_row *b, bool *out,
                        struct err *err)
{
	unsigned char hash[HASH_MAX], *piece = mem_alloc(65536);
	struct hash_state *st;
	int fd = file_open(path, O_RDONLY, 0, err);
	uint64_t at = 0;
	size_t got = 1;

	*out = false;
	if (fd < 0) {
		mem_free(piece);
		return err->kind == ERR_NOT_FOUND ? 0 : -1;
	}
	st = hash_begin(HASH_SHA256);
	while (got > 0) {
		if (file_pread(fd, piece, 65536, at, &got, err) < 0)
			break;
		hash_add(st, (struct str){ (char *)piece, got });
		at += got;
	}
	hash_end(&st, hash);
	file_close(&fd);
	mem_free(piece);
	*out = at == (uint64_t)b->size &&
	       memcmp(hash, b->hash, DIGEST_HASH) == 0;
	return 0;
}

static int check_file(struct check *c, const struct body_row *b,
                      struct err *err)
{
	char path[4096];
	struct stat st;
	bool good = true;

	if (!blob_name_ok(str_z(b->file))) {
		finding(c, 0, false, "body %lld: bad file name",
		        (long long)b->id);
		return 0;
	}
	blob_path(c->shard, b->file, path, sizeof(path));
	c->result->files++;
	if (stat(path, &st) < 0) {
		finding(c, 0, false, "body %lld: %s is missing",
		        (long long)b->id, path);
		return 0;
	}
	if (st.st_size != b->size) {
		finding(c, 0, false, "body %lld: %s has %lld bytes, not %lld",
		        (long long)b->id, path, (long long)st.st_size,
		        (long long)b->size);
		return 0;
	}
	if (c->o->bodies && file_hash_is(path, b, &good, err) < 0)
		return -1;
	if (!good)
		finding(c, 0, false, "body %lld: %s has other bytes",
		        (long long)b->id, path);
	return 0;
}

static int check_inline(struct check *c, struct db *db,
                        const struct body_row *b, struct err *err)
{
	struct db_stmt *q;
	struct buf out;
	bool good;
	int rc;

	if (!c->o->bodies)
		return 0;
	rc = db_row(db, &q, "SELECT data FROM body_data WHERE id = $1",
	            DB_ARGS(DB_I(b->id)), err);
	if (rc <= 0)
		return rc;
	buf_init(&out, INLINE_MAX);
	good = unpack_zstd(db_blob(q, 0), INLINE_MAX, &out, err) == 0 &&
	       hash_is(buf_str(&out), b);
	if (!good)
		finding(c, 0, false, "body %lld does not read back",
		        (long long)b->id);
	buf_deinit(&out);
	db_done(&q);
	return 0;
}

static int check_bodies(struct check *c, struct err *err)
{
	struct body_row *rows = mem_array(IDS_PIECE, sizeof(*rows));
	int64_t after = 0;
	size_t n = 1;
	int rc = 0;

	while (rc == 0 && n > 0) {
		struct db *db;

		rc = db_group_read(c->shard->group, &db, err);
		if (rc < 0)
			break;
		rc = read_bodies(c, db, after, rows, &n, err);
		for (size_t i = 0; rc == 0 && i < n; i++) {
			c->result->bodies++;
			rc = rows[i].file[0]
			             ? check_file(c, &rows[i], err)
			             : check_inline(c, db, &rows[i], err);
			after = rows[i].id;
		}
		db_group_done(c->shard->group, &db);
		if (c->o->progress)
			c->o->progress(c->o->arg, c->result->bodies, 0);
	}
	mem_free(rows);
	return rc;
}

/* ---- steps over rows ---- */

static int read_ids(struct check *c, const char *sql, int64_t after,
                    int64_t *out, size_t *n_out, struct err *err)
{
	struct db_stmt *q;
	struct db *db;
	size_t n = 0;
	int rc;

	if (db_group_read(c->shard->group, &db, err) < 0)
		return -1;
	rc = db_query(db, &q, sql, DB_ARGS(DB_I(after), DB_I(IDS_PIECE)), err);
	if (rc == 0) {
		while ((rc = db_next(q, err)) > 0 && n < IDS_PIECE)
			out[n++] = db_i64(q, 0);
		db_done(&q);
	}
	db_group_done(c->shard->group, &db);
	*n_out = n;
	return rc < 0 ? -1 : 0;
}

static int each(struct check *c, const char *sql, db_write_fn fn,
                struct err *err)
{
	int64_t ids[IDS_PIECE], after = 0;
	size_t n;

	do {
		if (read_ids(c, sql, after, ids, &n, err) < 0)
			return -1;
		for (size_t i = 0; i < n; i++) {
			struct fsck_result before = *c->result;

			c->id = after = ids[i];
			/* A write may be run again: count it once. */
			if (db_group_write(c->shard->group, fn, c, NULL, 0,
			                   err) < 0) {
				*c->result = before;
				return -1;
			}
		}
	} while (n > 0);
	return 0;
}

static int check_database(struct check *c, struct err *err)
{
	struct arena arena;
	struct str *lines;
	struct db *db;
	size_t n;
	int rc;

	if (db_group_read(c->shard->group, &db, err) < 0)
		return -1;
	arena_init(&arena);
	rc = db_verify(db, &arena, LINES_MAX, &lines, &n, err);
	db_group_done(c->shard->group, &db);
	for (size_t i = 0; rc == 0 && i < n; i++)
		finding(c, 0, false, "database: %.*s", STR_ARG(lines[i]));
	arena_deinit(&arena);
	return rc;
}

static int rebuild_indexes(struct db *db, void *arg, struct err *err)
{
	(void)arg;
	return db_exec(db, "REINDEX", err);
}

static int check_shard(struct check *c, struct err *err)
{
	uint64_t before = c->result->findings;

	if (check_database(c, err) < 0)
		return -1;
	if (c->result->findings > before && c->o->mend) {
		/* What only indexes had is made anew; then look again. */
		if (db_group_write(c->shard->group, rebuild_indexes, NULL, NULL,
		                   0, err) < 0)
			return -1;
		finding(c, 0, true, "indexes were made anew");
		if (check_database(c, err) < 0)
			return -1;
	}
	if (db_group_write(c->shard->group, write_repairs, c, NULL, 0, err) < 0)
		return -1;
	if (each(c, "SELECT id FROM mailbox WHERE id > $1 ORDER BY id LIMIT $2",
	         write_mailbox, err) < 0 ||
	    each(c, "SELECT id FROM account WHERE id > $1 ORDER BY id LIMIT $2",
	         write_account, err) < 0)
		return -1;
	return check_bodies(c, err);
}

int fsck_run(const char *dir, uint32_t shard, const struct fsck_options *o,
             struct fsck_result *out, struct err *err)
{
	struct check c = { .o = o, .result = out };
	bool any = false;

	memset(out, 0, sizeof(*out));
	for (uint32_t no = shard ? shard : 1;
	     no < (shard ? shard + 1 : STORE_SHARDS_MAX); no++) {
		char path[4096];
		int rc;

		(void)snprintf(path, sizeof(path), "%s/shard-%04u.db", dir, no);
		if (access(path, F_OK) < 0)
			continue;
		any = true;
		if (shard_open(dir, no, &c.shard, err) < 0)
			return -1;
		rc = check_shard(&c, err);
		shard_close(&c.shard);
		if (rc < 0)
			return -1;
	}
	return any ? 0 : err_set(err, ERR_NOT_FOUND, "no store in %s", dir);
}
