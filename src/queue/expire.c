/* What had to be there by a time, and is not (RFC 2852, 4: by-mode "R"). */
#include "queue/private.h"

/* In one write; the rest comes at the next call. */
#define MESSAGES_MAX 200

#define WORDS        "It could not be delivered within the time that its sender gave"

struct expiry {
	int64_t now_us;
	int64_t ids[MESSAGES_MAX];
	size_t n;
};

/* What is being tried now is judged by who tries it. */
static int find(struct db *db, struct expiry *e, struct err *err)
{
	struct db_stmt *st;
	int rc = 0;

	e->n = 0;
	if (db_query(db, &st,
	             "SELECT m.id FROM message m WHERE m.by_at > 0"
	             " AND m.by_at <= $1 AND m.by_flags IN (0, 2)"
	             " AND EXISTS (SELECT 1 FROM action a"
	             " WHERE a.message = m.id AND a.state = 0"
	             " AND a.lease <= $1) ORDER BY m.by_at LIMIT $2",
	             DB_ARGS(DB_I(e->now_us), DB_I(MESSAGES_MAX)), err) < 0)
		return -1;
	while (e->n < MESSAGES_MAX && (rc = db_next(st, err)) > 0)
		e->ids[e->n++] = db_i64(st, 0);
	db_done(&st);
	return rc < 0 ? -1 : 0;
}

static int give_up(struct db *db, int64_t message, int64_t now_us,
                   struct err *err)
{
	if (db_run(db,
	           "UPDATE action SET state = 1, lease = 0, last = $2,"
	           " status = '5.4.7', reply = CASE WHEN reply <> ''"
	           " THEN '" WORDS "; the last try: ' || reply"
	           " ELSE COALESCE((SELECT '" WORDS "; the last try: '"
	           " || d.reply FROM destination d WHERE d.name = action.dest"
	           " AND d.failures > 0), '" WORDS "') END"
	           " WHERE message = $1 AND state = 0 AND lease <= $2",
	           DB_ARGS(DB_I(message), DB_I(now_us)), err) < 0)
		return -1;
	return queue_destination_refresh_of(db, message, err);
}

static int write_expire(struct db *db, void *arg, struct err *err)
{
	struct expiry *e = arg;

	if (find(db, e, err) < 0)
		return -1;
	for (size_t i = 0; i < e->n; i++)
		if (give_up(db, e->ids[i], e->now_us, err) < 0)
			return -1;
	return 0;
}

int queue_expire(struct queue *q, int64_t now_us, struct err *err)
{
	struct expiry e = { .now_us = now_us };
	struct db *db;
	int rc;

	/* Nothing is the usual answer, and costs no commit. */
	if (db_group_read(q->db, &db, err) < 0)
		return -1;
	rc = find(db, &e, err);
	db_group_done(q->db, &db);
	if (rc < 0 || e.n == 0)
		return rc;
	if (db_group_write(q->db, write_expire, &e, NULL, 0, err) < 0)
		return -1;
	queue_tell(q);
	return (int)e.n;
}
