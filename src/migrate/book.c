#include "migrate/book.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "crypto/hash.h"
#include "db/db.h"
#include "os/file.h"
#include "os/lock.h"

#define VERSION   1
#define WAL_BYTES ((uint64_t)4 * 1024 * 1024)

struct book {
	struct db *db;
	struct lock *lock; /* of the account */
};

static int prepare(struct db *db, struct err *err)
{
	uint32_t version;

	if (db_version(db, &version, err) < 0)
		return -1;
	if (version > VERSION)
		return err_set(err, ERR_INVALID,
		               "a later program wrote this book");
	if (version == VERSION)
		return 0;
	if (db_begin(db, err) < 0)
		return -1;
	if (db_exec(db,
	            "CREATE TABLE taken (folder TEXT NOT NULL,"
	            " uidvalidity BIGINT NOT NULL, uid BIGINT NOT NULL,"
	            " digest BIGINT NOT NULL,"
	            " PRIMARY KEY (folder, uidvalidity, uid))",
	            err) == 0 &&
	    db_set_version(db, VERSION, err) == 0)
		return db_commit(db, err);
	db_rollback(db);
	return -1;
}

static int take_lock(struct book *b, const char *path, struct err *err)
{
	int rc = lock_open(&b->lock, path, err);

	if (rc == 0)
		rc = lock_try(b->lock, err);
	if (rc == 0)
		return err_set(err, ERR_EXISTS,
		               "another import runs for this account");
	return rc < 0 ? -1 : 0;
}

int book_open(struct book **out, const char *dir, int64_t account,
              struct str server, struct err *err)
{
	struct book *b = mem_zalloc(sizeof(*b));
	unsigned char digest[HASH_MAX];
	struct db_options o = { .create = true };
	char hex[33];
	struct arena a;
	int rc = -1;

	arena_init(&a);
	hash_bytes(HASH_SHA256, server, digest);
	hash_hex(digest, 16, hex);
	o.path = arena_fmt(&a, "%s/%lld-%s.db", dir, (long long)account, hex).p;
	if (file_mkdir(dir, 0770, err) == 0 &&
	    take_lock(b,
	              arena_fmt(&a, "%s/%lld.lock", dir, (long long)account).p,
	              err) == 0 &&
	    db_open(&b->db, &o, err) == 0)
		rc = prepare(b->db, err);
	arena_deinit(&a);
	if (rc < 0)
		book_close(&b);
	else
		*out = b;
	return rc;
}

void book_close(struct book **bp)
{
	struct book *b = *bp;
	struct err ignored = ERR_INIT;

	if (!b)
		return;
	if (b->db)
		err_drop(db_checkpoint(b->db, true, &ignored)); /* or later */
	db_close(&b->db);
	lock_close(&b->lock);
	mem_free(b);
	*bp = NULL;
}

int book_read(struct book *b, struct str folder, uint32_t uidvalidity,
              struct book_row **out, size_t *n_out, struct err *err)
{
	struct book_row *v = NULL;
	size_t n = 0, cap = 0;
	struct db_stmt *q;
	int rc;

	if (db_query(b->db, &q,
	             "SELECT uid, digest FROM taken"
	             " WHERE folder = $1 AND uidvalidity = $2 ORDER BY uid",
	             DB_ARGS(DB_S(folder), DB_I(uidvalidity)), err) < 0)
		return -1;
	while ((rc = db_next(q, err)) > 0) {
		v = mem_grow(v, n, &cap, sizeof(*v));
		v[n++] = (struct book_row){ (uint32_t)db_i64(q, 0),
			                    (uint64_t)db_i64(q, 1) };
	}
	db_done(&q);
	if (rc < 0) {
		mem_free(v);
		return -1;
	}
	*out = v;
	*n_out = n;
	return 0;
}

int book_digests(struct book *b, uint64_t **out, size_t *n_out, struct err *err)
{
	uint64_t *v = NULL;
	size_t n = 0, cap = 0;
	struct db_stmt *q;
	int rc;

	if (db_query(b->db, &q, "SELECT digest FROM taken", DB_NO_ARGS, err) <
	    0)
		return -1;
	while ((rc = db_next(q, err)) > 0) {
		v = mem_grow(v, n, &cap, sizeof(*v));
		v[n++] = (uint64_t)db_i64(q, 0);
	}
	db_done(&q);
	if (rc < 0) {
		mem_free(v);
		return -1;
	}
	book_sort(v, n);
	*out = v;
	*n_out = n;
	return 0;
}

int book_add(struct book *b, struct str folder, uint32_t uidvalidity,
             const struct book_row *rows, size_t n, struct err *err)
{
	int rc = db_begin(b->db, err);

	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = db_run(b->db,
		            "INSERT INTO taken (folder, uidvalidity, uid, "
		            "digest) VALUES ($1, $2, $3, $4)"
		            " ON CONFLICT (folder, uidvalidity, uid)"
		            " DO UPDATE SET digest = excluded.digest",
		            DB_ARGS(DB_S(folder), DB_I(uidvalidity),
		                    DB_I(rows[i].uid), DB_I(rows[i].digest)),
		            err);
	if (rc == 0)
		rc = db_commit(b->db, err);
	else
		db_rollback(b->db);
	if (rc == 0 && db_wal_bytes(b->db) > WAL_BYTES)
		rc = db_checkpoint(b->db, true, err);
	return rc;
}

/* ---- digests ---- */

uint64_t book_digest(struct str message_id, int64_t date_s, uint64_t size)
{
	unsigned char d[HASH_MAX];
	struct arena a;
	uint64_t out;

	/* No longer than the store keeps them (store/digest.c). */
	if (message_id.n > 1024)
		message_id = str_to(message_id, 1024);
	arena_init(&a);
	hash_bytes(HASH_SHA256,
	           message_id.n ? arena_fmt(&a, "%llu <%.*s>",
	                                    (unsigned long long)size,
	                                    STR_ARG(message_id))
	                        : arena_fmt(&a, "%llu %lld",
	                                    (unsigned long long)size,
	                                    (long long)date_s),
	           d);
	arena_deinit(&a);
	memcpy(&out, d, sizeof(out));
	return out;
}

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

void book_sort(uint64_t *v, size_t n)
{
	if (n)
		qsort(v, n, sizeof(*v), compare);
}

size_t book_matches(const uint64_t *a, size_t n_a, const uint64_t *b,
                    size_t n_b)
{
	size_t i = 0, j = 0, n = 0;

	while (i < n_a && j < n_b) {
		if (a[i] < b[j]) {
			i++;
		} else if (a[i] > b[j]) {
			j++;
		} else {
			n++;
			i++;
			j++;
		}
	}
	return n;
}

size_t book_without(uint64_t *a, size_t n_a, const uint64_t *b, size_t n_b)
{
	size_t i = 0, j = 0, n = 0;

	while (i < n_a) {
		while (j < n_b && b[j] < a[i])
			j++;
		if (j < n_b && b[j] == a[i]) {
			i++;
			j++;
		} else {
			a[n++] = a[i++];
		}
	}
	return n;
}

bool book_has(const uint64_t *v, size_t n, uint64_t digest)
{
	return n && bsearch(&digest, v, n, sizeof(*v), compare) != NULL;
}
