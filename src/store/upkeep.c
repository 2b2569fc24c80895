/*
 * What is done behind the back of deliveries: erase what is past its time,
 * take away bodies nobody refers to, forget keys, remove files that a crash
 * left behind.  In small pieces, each a write of its own.
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "os/clock.h"
#include "os/file.h"
#include "store/index.h"
#include "store/purged.h"
#include "store/shard.h"
#include "store/upload.h"

#define PIECE 200
/* Bodies stay a while after their last reference: a reader may be at it. */
#define BODY_GRACE_S 3600
/* A file that no row knows may belong to a delivery under way. */
#define FILE_GRACE_S (24 * 3600)
#define SLOT_S       900
#define SLOTS_KEPT   5

struct piece {
	int64_t now_s, account;
	int64_t ids[PIECE], sizes[PIECE], accounts[PIECE];
	char files[PIECE][BLOB_NAME_MAX];
	size_t n;
};

/* ---- purged messages past their time ---- */

static int read_expired(struct db *db, struct piece *p, struct err *err)
{
	struct db_stmt *q;
	int rc;

	p->n = 0;
	if (db_query(db, &q,
	             "SELECT id, account, size FROM email"
	             " WHERE purged IS NOT NULL AND purged < $1 LIMIT $2",
	             DB_ARGS(DB_I(p->now_s - PURGED_KEEP_US / US_PER_SEC),
	                     DB_I(PIECE)),
	             err) < 0)
		return -1;
	while ((rc = db_next(q, err)) > 0 && p->n < PIECE) {
		p->ids[p->n] = db_i64(q, 0);
		p->accounts[p->n] = db_i64(q, 1);
		p->sizes[p->n++] = db_i64(q, 2);
	}
	db_done(&q);
	return rc < 0 ? -1 : 0;
}

static int drop_emails(struct db *db, const struct piece *p, struct err *err)
{
	for (size_t i = 0; i < p->n; i++)
		if (email_drop(db, p->ids[i], err) < 0 ||
		    db_run(db,
		           "UPDATE account SET purged_bytes = purged_bytes - $2"
		           " WHERE id = $1",
		           DB_ARGS(DB_I(p->accounts[i]), DB_I(p->sizes[i])),
		           err) < 0)
			return -1;
	return 0;
}

static int write_expired(struct db *db, void *arg, struct err *err)
{
	struct piece *p = arg;

	if (read_expired(db, p, err) < 0)
		return -1;
	return drop_emails(db, p, err);
}

/* ---- bodies ---- */

static int read_dead(struct db *db, struct piece *p, struct err *err)
{
	struct db_stmt *q;
	int rc;

	p->n = 0;
	if (db_query(db, &q,
	             "SELECT id, file FROM body WHERE dead IS NOT NULL"
	             " AND dead < $1 LIMIT $2",
	             DB_ARGS(DB_I(p->now_s - BODY_GRACE_S), DB_I(PIECE)),
	             err) < 0)
		return -1;
	while ((rc = db_next(q, err)) > 0 && p->n < PIECE) {
		struct str file = db_text(q, 1);

		p->files[p->n][0] = '\0';
		if (blob_name_ok(file)) {
			memcpy(p->files[p->n], file.p, file.n);
			p->files[p->n][file.n] = '\0';
		}
		p->ids[p->n++] = db_i64(q, 0);
	}
	db_done(&q);
	return rc < 0 ? -1 : 0;
}

static int write_dead(struct db *db, void *arg, struct err *err)
{
	static const char *const sql[] = {
		"DELETE FROM body_data WHERE id = $1",
		"DELETE FROM body_text WHERE id = $1",
		"DELETE FROM body WHERE id = $1 AND dead IS NOT NULL",
	};
	struct piece *p = arg;

	for (size_t i = 0; i < p->n; i++)
		for (size_t k = 0; k < sizeof(sql) / sizeof(sql[0]); k++)
			if (db_run(db, sql[k], DB_ARGS(DB_I(p->ids[i])), err) <
			    0)
				return -1;
	return 0;
}

/* The file goes before the row that knows it: a crash between the two leaves
 * a row to try again with, never a file that is forgotten. */
static void remove_files(const struct shard *sh, const struct piece *p)
{
	for (size_t i = 0; i < p->n; i++) {
		char path[4096];
		struct err err;

		if (!p->files[i][0])
			continue;
		blob_path(sh, p->files[i], path, sizeof(path));
		err_drop(file_remove(path, &err)); /* may be gone already */
	}
}

static int collect(struct shard *sh, struct piece *p, struct err *err)
{
	struct db *db;
	int rc;

	if (db_group_read(sh->group, &db, err) < 0)
		return -1;
	rc = read_dead(db, p, err);
	db_group_done(sh->group, &db);
	if (rc < 0 || p->n == 0)
		return rc;
	remove_files(sh, p);
	return db_group_write(sh->group, write_dead, p, NULL, 0, err);
}

/* ---- keys ---- */

static int write_keys(struct db *db, void *arg, struct err *err)
{
	struct piece *p = arg;

	p->n = 0;
	if (db_run(db,
	           "DELETE FROM done WHERE slot = (SELECT min(slot) FROM done)"
	           " AND slot < $1",
	           DB_ARGS(DB_I(p->now_s / SLOT_S - SLOTS_KEPT)), err) < 0)
		return -1;
	p->n = db_changes(db) > 0;
	return 0;
}

/* ---- what was remembered for a time ---- */

static int write_remembered(struct db *db, void *arg, struct err *err)
{
	struct piece *p = arg;

	p->n = 0;
	if (db_run(db,
	           "DELETE FROM remembered WHERE (account, kind, hash) IN"
	           " (SELECT account, kind, hash FROM remembered"
	           " WHERE until <= $1 LIMIT 500)",
	           DB_ARGS(DB_I(p->now_s)), err) < 0)
		return -1;
	p->n = (size_t)db_changes(db);
	return 0;
}

/* ---- files that no row knows ---- */

static int is_known(struct shard *sh, const char *name, struct err *err)
{
	struct db *db;
	int64_t is;
	int rc;

	if (db_group_read(sh->group, &db, err) < 0)
		return -1;
	rc = db_number(db, &is, "SELECT 1 FROM body WHERE file = $1",
	               DB_ARGS(DB_S(str_z(name))), err);
	db_group_done(sh->group, &db);
	return rc;
}

static int sweep_folder(struct shard *sh, int which, int64_t now_s,
                        struct err *err)
{
	char path[4096], file[4400];
	struct dirent *e;
	struct stat st;
	DIR *d;
	int rc = 0;

	(void)snprintf(path, sizeof(path), "%s/%02x", sh->blobs, which);
	d = opendir(path);
	if (!d)
		return 0;
	while (rc >= 0 && (e = readdir(d))) {
		if (!blob_name_ok(str_z(e->d_name)) ||
		    fstatat(dirfd(d), e->d_name, &st, 0) < 0 ||
		    st.st_ctime > now_s - FILE_GRACE_S)
			continue;
		rc = is_known(sh, e->d_name, err);
		(void)snprintf(file, sizeof(file), "%s/%s", path, e->d_name);
		if (rc == 0)
			rc = file_remove(file, err);
	}
	(void)closedir(d);
	return rc < 0 ? -1 : 0;
}

/* ---- all of it ---- */

struct work {
	struct store *store;
	int64_t end;
	bool more;
};

static bool is_late(const struct work *w)
{
	return clock_steady_us() >= w->end;
}

static int repeat(struct work *w, struct shard *sh, struct piece *p,
                  db_write_fn fn, struct err *err)
{
	do {
		if (is_late(w)) {
			w->more = true;
			return 0;
		}
		if (fn ? db_group_write(sh->group, fn, p, NULL, 0, err) < 0
		       : collect(sh, p, err) < 0)
			return -1;
	} while (p->n > 0);
	return 0;
}

static int keep_shard(struct work *w, struct shard *sh, struct err *err)
{
	struct piece *p = mem_zalloc(sizeof(*p));
	int rc;

	p->now_s = clock_wall_us() / US_PER_SEC;
	rc = repeat(w, sh, p, write_keys, err);
	if (rc == 0)
		rc = repeat(w, sh, p, write_remembered, err);
	if (rc == 0)
		rc = repeat(w, sh, p, write_expired, err);
	if (rc == 0)
		rc = repeat(w, sh, p, NULL, err);
	while (rc == 0 && !is_late(w)) {
		bool more;

		rc = index_step(sh, &more, err);
		w->more |= more && is_late(w);
		if (!more)
			break;
	}
	/* One folder of files a call: it is round in 256 calls. */
	if (rc == 0 && !w->more)
		rc = sweep_folder(sh, (int)(sh->sweep++ & 0xff), p->now_s, err);
	mem_free(p);
	return rc;
}

int store_upkeep(struct store *s, int64_t budget_us, bool *more_out,
                 struct err *err)
{
	struct work w = { .store = s, .end = clock_steady_us() + budget_us };

	for (uint32_t no = 1; no < STORE_SHARDS_MAX; no++) {
		struct shard *sh = store_open_shard(s, no);

		if (sh && keep_shard(&w, sh, err) < 0)
			return -1;
	}
	*more_out = w.more;
	/* Once an hour is enough; upkeep comes more often than a minute. */
	if (clock_wall_us() / US_PER_SEC % 3600 < 60)
		return upload_sweep(s, clock_wall_us(), err);
	return 0;
}
