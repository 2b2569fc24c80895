#include "os/clock.h"
#include "store/change.h"
#include "store/shard.h"

int email_drop(struct db *db, int64_t email, struct err *err)
{
	int64_t body, refs;
	int rc = db_number(db, &body,
	                   "DELETE FROM email WHERE id = $1 RETURNING body",
	                   DB_ARGS(DB_I(email)), err);

	if (rc <= 0)
		return rc;
	rc = db_number(db, &refs,
	               "UPDATE body SET refs = refs - 1 WHERE id = $1"
	               " RETURNING refs",
	               DB_ARGS(DB_I(body)), err);
	if (rc <= 0 || refs > 0)
		return rc < 0 ? -1 : 0;
	/* From now on nothing can refer to it; upkeep.c takes it away. */
	return db_run(db,
	              "UPDATE body SET dead = $2, hash64 = NULL WHERE id = $1",
	              DB_ARGS(DB_I(body), DB_I(clock_wall_us() / US_PER_SEC)),
	              err);
}

static int purge(struct db *db, struct account_row *a, const struct member *m,
                 const struct folder *f, int64_t size, struct err *err)
{
	a->purged_bytes += size;
	return db_run(db,
	              "UPDATE email SET purged = $2, purged_flags = $3,"
	              " purged_mailbox = $4 WHERE id = $1",
	              DB_ARGS(DB_I(m->email),
	                      DB_I(clock_wall_us() / US_PER_SEC),
	                      DB_I(m->flags), DB_I(f->no)),
	              err);
}

int email_leave(struct db *db, struct account_row *a, const struct member *m,
                const struct folder *f, bool forever, struct err *err)
{
	int64_t places, no, thread, size;
	struct db_stmt *q;
	int rc = db_row(db, &q,
	                "UPDATE email SET places = places - 1 WHERE id = $1"
	                " RETURNING places, no, thread, size",
	                DB_ARGS(DB_I(m->email)), err);

	if (rc <= 0)
		return rc; /* fsck finds a message without its Email */
	places = db_i64(q, 0);
	no = db_i64(q, 1);
	thread = db_i64(q, 2);
	size = db_i64(q, 3);
	db_done(&q);
	if (places > 0)
		return account_note(db, a, CHANGE_EMAIL, no, CHANGE_UPDATED,
		                    err);
	if (account_note(db, a, CHANGE_EMAIL, no, CHANGE_DESTROYED, err) < 0 ||
	    account_note(db, a, CHANGE_THREAD, thread, CHANGE_UPDATED, err) < 0)
		return -1;
	if (forever)
		return email_drop(db, m->email, err);
	return purge(db, a, m, f, size, err);
}

int email_trim(struct db *db, struct account_row *a, uint64_t quota_bytes,
               struct err *err)
{
	for (int i = 0; i < CHUNK_MAX / 4; i++) {
		struct db_stmt *q;
		int64_t id, size;
		int rc;

		if ((uint64_t)a->purged_bytes <= quota_bytes)
			return 0;
		rc = db_row(db, &q,
		            "SELECT id, size FROM email WHERE account = $1"
		            " AND purged IS NOT NULL ORDER BY purged, id"
		            " LIMIT 1",
		            DB_ARGS(DB_I(a->id)), err);
		if (rc <= 0)
			return rc;
		id = db_i64(q, 0);
		size = db_i64(q, 1);
		db_done(&q);
		if (email_drop(db, id, err) < 0)
			return -1;
		a->purged_bytes -= size;
	}
	return 0;
}

int email_enter(struct db *db, struct account_row *a, int64_t email,
                struct err *err)
{
	int64_t no;
	int rc = db_number(db, &no,
	                   "UPDATE email SET places = places + 1"
	                   " WHERE id = $1 RETURNING no",
	                   DB_ARGS(DB_I(email)), err);

	if (rc == 0)
		return err_set(err, ERR_CORRUPT, "a message has no email row");
	if (rc < 0)
		return -1;
	return account_note(db, a, CHANGE_EMAIL, no, CHANGE_UPDATED, err);
}
