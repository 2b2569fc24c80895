#include "store/append.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "os/clock.h"
#include "os/file.h"
#include "store/change.h"
#include "store/digest.h"
#include "store/shard.h"

/* Keys are kept by quarters of an hour, so that they are found without an
 * index that grows, and forgotten a quarter at a time. */
#define SLOT_S 900

struct append {
	struct store *store;
	struct spool *spool; /* NULL: from memory */
	struct str bytes;
	struct digest digest;
	char blob[BLOB_NAME_MAX]; /* its file, when it is written */
	uint32_t blob_shard;
	bool blob_kept; /* by a row that is committed */

	/* Set anew by each run of the write function. */
	int64_t body;
	bool blob_used;
};

/* ---- prepare ---- */

static int prepare(struct append **out, struct store *s, struct spool *sp,
                   struct str bytes, struct err *err)
{
	struct append *m;

	if (store_check_space(s, bytes.n, err) < 0)
		return -1;
	m = mem_zalloc(sizeof(*m));
	m->store = s;
	m->spool = sp;
	m->bytes = bytes;
	if (digest_make(&m->digest, bytes, err) < 0) {
		mem_free(m);
		return -1;
	}
	*out = m;
	return 0;
}

int append_prepare(struct append **out, struct store *s, struct spool *sp,
                   struct err *err)
{
	struct str bytes;

	if (spool_view(sp, &bytes, err) < 0)
		return -1;
	return prepare(out, s, sp, bytes, err);
}

int append_prepare_str(struct append **out, struct store *s, struct str bytes,
                       struct err *err)
{
	return prepare(out, s, NULL, bytes, err);
}

static void remove_blob(struct append *m)
{
	struct store_account a = { .shard = m->blob_shard };
	struct shard *sh;
	struct err err;
	char path[4096];

	/* After a failed sync nobody knows whether the commit is on the disk:
	 * the row may be there at the next start, and must find its file.
	 * Else upkeep takes it away. */
	if (!m->blob[0] || file_sync_is_broken())
		return;
	if (store_shard(m->store, a, &sh, &err) == 0) {
		blob_path(sh, m->blob, path, sizeof(path));
		err_drop(file_remove(path, &err)); /* upkeep finds it */
	}
	m->blob[0] = '\0';
}

void append_free(struct append **mp)
{
	struct append *m = *mp;

	if (!m)
		return;
	if (!m->blob_kept)
		remove_blob(m);
	digest_deinit(&m->digest);
	mem_free(m);
	*mp = NULL;
}

uint64_t append_size(const struct append *m)
{
	return m->bytes.n;
}

/* ---- files of large bodies ---- */

static int write_blob(struct append *m, const char *path, struct err *err)
{
	int fd = file_open(path, O_WRONLY | O_CREAT | O_EXCL, 0660, err);
	int rc;

	if (fd < 0)
		return -1;
	rc = file_write(fd, m->bytes, err);
	if (rc == 0)
		rc = file_sync(fd, err);
	file_close(&fd);
	if (rc < 0) {
		struct err ignored;

		err_drop(file_remove(path, &ignored)); /* upkeep finds it */
	}
	return rc;
}

/* The spool's own file moves over, if the disk is the same. */
static int move_blob(struct append *m, const char *path, struct err *err)
{
	if (!m->spool || !spool_path(m->spool))
		return write_blob(m, path, err);
	if (file_sync(spool_fd(m->spool), err) < 0)
		return -1;
	if (file_rename(spool_path(m->spool), path, err) == 0) {
		spool_take_file(m->spool);
		return 0;
	}
	return err->errnum == EXDEV ? write_blob(m, path, err) : -1;
}

static int make_blob(struct append *m, struct shard *sh, struct err *err)
{
	char path[4096], name[BLOB_NAME_MAX];

	if (m->blob[0] && m->blob_shard == sh->no)
		return 0;
	if (!m->blob_kept)
		remove_blob(m);
	m->blob_kept = false;
	blob_name(sh, name);
	blob_path(sh, name, path, sizeof(path));
	if (move_blob(m, path, err) < 0)
		return -1;
	memcpy(m->blob, name, sizeof(name));
	m->blob_shard = sh->no;
	*strrchr(path, '/') = '\0';
	return file_sync_dir(path, err);
}

static bool is_large(const struct append *m)
{
	return m->bytes.n > INLINE_MAX;
}

/* Equal bytes that are there: the body's row, 1; 0 when there are none. */
static int find_body(struct db *db, const struct append *m, int64_t *out,
                     struct err *err)
{
	struct str hash = { (const char *)m->digest.hash, DIGEST_HASH };
	struct db_stmt *q;
	bool found = false;
	int rc;

	if (m->bytes.n < DEDUPE_MIN)
		return 0;
	if (db_query(db, &q,
	             "SELECT id, hash, size FROM body WHERE hash64 = $1",
	             DB_ARGS(DB_I(m->digest.hash64)), err) < 0)
		return -1;
	while (!found && (rc = db_next(q, err)) > 0) {
		found = str_eq(db_blob(q, 1), hash) &&
		        (uint64_t)db_i64(q, 2) == m->bytes.n;
		if (found)
			*out = db_i64(q, 0);
	}
	db_done(&q);
	return found ? 1 : rc;
}

/* Write the file of a large body, unless there is one with the same bytes. */
static int make_blobs(struct shard *sh, struct append_target *t, size_t n,
                      bool must, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		struct db *db;
		int64_t id;
		int rc = 0;

		if (!is_large(t[i].message))
			continue;
		if (!must) {
			if (db_group_read(sh->group, &db, err) < 0)
				return -1;
			rc = find_body(db, t[i].message, &id, err);
			db_group_done(sh->group, &db);
		}
		if (rc == 0)
			rc = make_blob(t[i].message, sh, err);
		if (rc < 0)
			return -1;
	}
	return 0;
}

/* ---- the write function ---- */

struct commit {
	struct append_target *targets;
	size_t n;
	struct str key; /* empty: none */
	int64_t now_s;
	bool known;     /* the key was there */
	bool want_file; /* equal bytes were there, but no more */
};

static int new_body(struct db *db, struct append *m, struct commit *c,
                    struct err *err)
{
	struct digest *d = &m->digest;
	struct str hash = { (const char *)d->hash, DIGEST_HASH };
	bool large = is_large(m);

	if (large && !m->blob[0]) {
		c->want_file = true;
		return err_set(err, ERR_TEMP, "the body has no file yet");
	}
	if (db_number(db, &m->body,
	              "INSERT INTO body (hash, hash64, size, file, refs,"
	              " text_cut, meta) VALUES ($1, $2, $3, $4, 0, $5, $6)"
	              " RETURNING id",
	              DB_ARGS(DB_B(hash),
	                      m->bytes.n < DEDUPE_MIN ? DB_NULL
	                                              : DB_I(d->hash64),
	                      DB_I(m->bytes.n),
	                      large ? DB_S(str_z(m->blob)) : DB_NULL,
	                      DB_I(d->text_cut), DB_B(buf_str(&d->meta))),
	              err) < 0)
		return -1;
	m->blob_used = large;
	if (!large &&
	    db_run(db, "INSERT INTO body_data (id, data) VALUES ($1, $2)",
	           DB_ARGS(DB_I(m->body), DB_B(buf_str(&d->data))), err) < 0)
		return -1;
	return db_run(db, "INSERT INTO body_text (id, data) VALUES ($1, $2)",
	              DB_ARGS(DB_I(m->body), DB_B(buf_str(&d->text))), err);
}

static int put_body(struct db *db, struct append *m, struct commit *c,
                    struct err *err)
{
	int rc = 0;

	if (!m->body)
		rc = find_body(db, m, &m->body, err);
	if (rc == 0 && !m->body)
		rc = new_body(db, m, c, err);
	if (rc < 0)
		return -1;
	return db_run(db, "UPDATE body SET refs = refs + 1 WHERE id = $1",
	              DB_ARGS(DB_I(m->body)), err);
}

/* By References and In-Reply-To alone, never by the subject; the message's
 * own id finds the copy of it that came before. */
static int find_thread(struct db *db, int64_t account, const struct digest *d,
                       int64_t *out, struct err *err)
{
	static const char sql[] = "SELECT thread FROM msgid"
				  " WHERE account = $1 AND hash = $2";
	int rc = 0;

	if (d->id)
		rc = db_number(db, out, sql,
		               DB_ARGS(DB_I(account), DB_I(d->id)), err);
	for (size_t i = 0; rc == 0 && i < d->refs_n; i++)
		rc = db_number(db, out, sql,
		               DB_ARGS(DB_I(account), DB_I(d->refs[i])), err);
	return rc;
}

static int note_id(struct db *db, int64_t account, int64_t hash, int64_t thread,
                   struct err *err)
{
	return db_run(db,
	              "INSERT INTO msgid (account, hash, thread)"
	              " VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
	              DB_ARGS(DB_I(account), DB_I(hash), DB_I(thread)), err);
}

static int put_thread(struct db *db, int64_t account, const struct digest *d,
                      int64_t email, int64_t *out, struct err *err)
{
	int rc = find_thread(db, account, d, out, err);

	if (rc < 0)
		return -1;
	if (rc == 0)
		*out = email;
	if (d->id && note_id(db, account, d->id, *out, err) < 0)
		return -1;
	for (size_t i = 0; i < d->refs_n; i++)
		if (note_id(db, account, d->refs[i], *out, err) < 0)
			return -1;
	return 0;
}

static int put_email(struct db *db, struct append_target *t,
                     struct account_row *row, int64_t received_s, int64_t size,
                     int64_t *out, struct err *err)
{
	int64_t no = row->next_email++, thread;

	if (put_thread(db, row->id, &t->message->digest, no, &thread, err) < 0)
		return -1;
	t->email = (uint64_t)no;
	t->thread = (uint64_t)thread;
	return db_number(db, out,
	                 "INSERT INTO email (account, no, thread, body,"
	                 " places, size, received, created, prefix)"
	                 " VALUES ($1, $2, $3, $4, 1, $5, $6, $7, $8)"
	                 " RETURNING id",
	                 DB_ARGS(DB_I(row->id), DB_I(no), DB_I(thread),
	                         DB_I(t->message->body), DB_I(size),
	                         DB_I(received_s), DB_I(row->modseq),
	                         DB_B(t->prefix)),
	                 err) < 0
	               ? -1
	               : 0;
}

static int choose_folder(struct db *db, const struct append_target *t,
                         struct folder *f, struct err *err)
{
	int64_t no = (int64_t)t->mailbox;

	if (no == 0 && t->use <= MAILBOX_USE_INBOX)
		no = 1; /* INBOX is made first */
	if (no == 0 && folder_of_use(db, t->account.id, t->use, &no, err) < 0)
		return -1;
	return folder_need(db, t->account.id, no, f, err);
}

/* Is it one to tell the owner of?  What they write themselves is none. */
static bool is_delivery(const struct member *m)
{
	return !(m->flags & (FLAG_DRAFT | FLAG_SEEN));
}

static int put_target(struct db *db, struct append_target *t, struct commit *c,
                      struct err *err)
{
	int64_t size = (int64_t)(t->message->bytes.n + t->prefix.n);
	int64_t received =
		t->internaldate_us ? t->internaldate_us / US_PER_SEC : c->now_s;
	struct member m = { .flags = t->flags,
		            .size = size,
		            .received_s = received,
		            .saved_s = c->now_s };
	struct account_row row;
	struct folder f;
	uint64_t bits = 0;

	if (account_take(db, t->account, &row, err) < 0 ||
	    account_room(&row, t->account, size, err) < 0 ||
	    choose_folder(db, t, &f, err) < 0 ||
	    (t->keywords_n &&
	     keyword_bits(db, row.id, t->keywords, t->keywords_n, true, &bits,
	                  err) < 0) ||
	    put_body(db, t->message, c, err) < 0 ||
	    put_email(db, t, &row, received, size, &m.email, err) < 0)
		return -1;
	m.flags |= bits;
	if (folder_add(db, &f, &row, &m, err) < 0 ||
	    folder_save(db, &f, err) < 0)
		return -1;
	t->uid = m.uid;
	for (size_t i = 0; i < t->also_n; i++)
		if (account_room(&row, t->account, size, err) < 0 ||
		    email_add_place(db, &row, t->also[i], m, err) < 0)
			return -1;
	if (t->delivered && t->message->digest.is_report &&
	    report_note(db, &row, t->email, err) < 0)
		return -1;
	if ((is_delivery(&m) &&
	     object_touch(db, &row, CHANGE_DELIVERY, err) < 0) ||
	    account_save(db, &row, err) < 0)
		return -1;
	t->uidvalidity = (uint32_t)f.uidvalidity;
	t->mailbox_out = (uint64_t)f.no;
	t->modseq = (uint64_t)row.modseq;
	return 0;
}

/* 1: the key was there. */
static int put_key(struct db *db, struct commit *c, struct err *err)
{
	int64_t slot = c->now_s / SLOT_S, is;
	int rc =
		db_number(db, &is,
	                  "SELECT 1 FROM done WHERE slot IN"
	                  " ($1, $2, $3, $4, $5) AND key = $6",
	                  DB_ARGS(DB_I(slot), DB_I(slot - 1), DB_I(slot - 2),
	                          DB_I(slot - 3), DB_I(slot - 4), DB_B(c->key)),
	                  err);

	if (rc != 0)
		return rc;
	return db_run(db, "INSERT INTO done (slot, key) VALUES ($1, $2)",
	              DB_ARGS(DB_I(slot), DB_B(c->key)), err);
}

static int write_all(struct db *db, void *arg, struct err *err)
{
	struct commit *c = arg;
	int rc = 0;

	c->known = c->want_file = false;
	for (size_t i = 0; i < c->n; i++) {
		c->targets[i].message->body = 0;
		c->targets[i].message->blob_used = false;
	}
	if (c->key.n)
		rc = put_key(db, c, err);
	if (rc < 0)
		return -1;
	c->known = rc == 1;
	for (size_t i = 0; !c->known && i < c->n; i++)
		if (put_target(db, &c->targets[i], c, err) < 0)
			return -1;
	return 0;
}

/* ---- commit ---- */

static int check(struct store *s, const struct append_target *t, size_t n,
                 struct str key, struct err *err)
{
	uint64_t bytes = 0;

	if (n == 0 || n > APPEND_TARGETS_MAX || key.n > APPEND_KEY_MAX)
		return err_set(err, ERR_INVALID, "append: %zu targets", n);
	for (size_t i = 0; i < n; i++) {
		if (t[i].account.id <= 0 ||
		    (t[i].account.shard ? t[i].account.shard : 1) !=
		            (t[0].account.shard ? t[0].account.shard : 1))
			return err_set(err, ERR_INVALID,
			               "append: targets in two shards");
		if (t[i].prefix.n > APPEND_PREFIX_MAX ||
		    t[i].keywords_n > APPEND_KEYWORDS_MAX)
			return err_set(err, ERR_TOO_BIG,
			               "append: over a limit");
		bytes += t[i].message->digest.data.n;
	}
	return store_check_space(s, bytes, err);
}

/* After the commit: what became of the files. */
static void settle_blobs(struct append_target *t, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct append *m = t[i].message;

		if (m->blob_used)
			m->blob_kept = true;
	}
}

int append_commit(struct store *s, struct append_target *targets, size_t n,
                  struct str key, bool *known_out, struct err *err)
{
	struct commit c = { .targets = targets, .n = n, .key = key };
	int64_t few[16], *accounts = few;
	struct shard *sh;
	int rc;

	if (check(s, targets, n, key, err) < 0 ||
	    store_shard(s, targets[0].account, &sh, err) < 0 ||
	    make_blobs(sh, targets, n, false, err) < 0)
		return -1;
	c.now_s = clock_wall_us() / US_PER_SEC;
	if (n > 16)
		accounts = mem_array(n, sizeof(*accounts));
	for (size_t i = 0; i < n; i++)
		accounts[i] = targets[i].account.id;
	rc = db_group_write(sh->group, write_all, &c, accounts, n, err);
	if (rc < 0 && c.want_file) {
		rc = make_blobs(sh, targets, n, true, err);
		if (rc == 0)
			rc = db_group_write(sh->group, write_all, &c, accounts,
			                    n, err);
	}
	if (accounts != few)
		mem_free(accounts);
	if (rc < 0)
		return -1;
	if (c.known)
		for (size_t i = 0; i < n; i++)
			targets[i].uid = 0;
	else
		settle_blobs(targets, n);
	if (known_out)
		*known_out = c.known;
	return 0;
}
