/* For people: list, remove, hold, try again, figures. */
#include <string.h>

#include "os/clock.h"
#include "queue/private.h"
#include "queue/schema.h"

#define LIST_PIECE 200

struct listing {
	struct queue_item items[LIST_PIECE];
	size_t n;
};

static void read_item(struct db_stmt *st, struct arena *a, int64_t now_us,
                      struct queue_item *out)
{
	bool active = db_i64(st, 13) > now_us;

	*out = (struct queue_item){
		.action = db_i64(st, 0),
		.message = db_i64(st, 1),
		.kind = (enum queue_kind)db_i64(st, 2),
		.source = (enum queue_source)db_i64(st, 4),
		.sender = arena_dup(a, db_text(st, 5)),
		.address = arena_dup(a, db_text(st, 6)),
		.original = arena_dup(a, db_text(st, 7)),
		.trace = arena_dup(a, db_text(st, 8)),
		.account_id = db_i64(st, 9),
		.domain_id = db_i64(st, 10),
		.size = (uint64_t)db_i64(st, 11),
		.received_us = db_i64(st, 14),
		.next_us = db_i64(st, 15),
		.last_us = db_i64(st, 16),
		.attempts = (unsigned)db_i64(st, 17),
		.status = arena_dup(a, db_text(st, 18)),
		.reply = arena_dup(a, db_text(st, 19)),
		.release_us = db_i64(st, 20) > now_us ? db_i64(st, 20) : 0,
		.expires_us = db_i64(st, 21),
		.mta = arena_dup(a, db_text(st, 22)),
		.dest = arena_dup(a, db_text(st, 23)),
	};
	if (db_is_null(st, 24))
		out->blocked_us = 0;
	else if (db_i64(st, 24) > now_us) { /* that is why it waits */
		out->blocked_us = db_i64(st, 24);
		out->status = arena_dup(a, db_text(st, 25));
		out->reply = arena_dup(a, db_text(st, 26));
		out->mta = arena_dup(a, db_text(st, 27));
		out->last_us = db_i64(st, 28);
	}
	switch (db_i64(st, 3)) {
	case ACTION_FAILED: out->state = QUEUE_FAILED; break;
	case ACTION_SENT: out->state = QUEUE_SENT; break;
	case ACTION_HELD: out->state = QUEUE_HELD; break;
	default: out->state = active ? QUEUE_ACTIVE : QUEUE_WAITING;
	}
}

/* One piece, so that no read is open while the caller prints. */
static int list_piece(struct queue *q, int64_t message, int64_t after,
                      struct arena *a, struct listing *out, struct err *err)
{
	int64_t now_us = clock_wall_us();
	struct db_stmt *st;
	struct db *db;
	int rc;

	out->n = 0;
	if (db_group_read(q->db, &db, err) < 0)
		return -1;
	rc = db_query(db, &st,
	              "SELECT a.id, a.message, a.kind, a.state, m.source,"
	              " m.sender, a.address, a.original, m.trace, m.account,"
	              " m.domain, m.size, m.held, a.lease, m.received, a.next,"
	              " a.last, a.attempts, a.status, a.reply, m.release,"
	              " a.expires, a.mta, a.dest, d.blocked,"
	              " d.status, d.reply, d.mta, d.last"
	              " FROM action a JOIN message m ON m.id = a.message"
	              " LEFT JOIN destination d ON d.name = a.dest"
	              " AND a.state = 0"
	              " WHERE a.id > $1 AND ($2 = 0 OR a.message = $2)"
	              " ORDER BY a.id LIMIT $3",
	              DB_ARGS(DB_I(after), DB_I(message), DB_I(LIST_PIECE)),
	              err);
	while (rc == 0 && out->n < LIST_PIECE) {
		int more = db_next(st, err);

		if (more <= 0) {
			rc = more;
			break;
		}
		read_item(st, a, now_us, &out->items[out->n++]);
	}
	db_done(&st);
	db_group_done(q->db, &db);
	return rc;
}

int queue_list(struct queue *q, int64_t message,
               bool (*each)(void *arg, const struct queue_item *item),
               void *arg, struct err *err)
{
	struct listing *l;
	struct arena a;
	int64_t after = 0;
	bool go = true;
	size_t i;
	int rc;

	arena_init(&a);
	do {
		arena_reset(&a);
		l = arena_zalloc(&a, sizeof(*l));
		rc = list_piece(q, message, after, &a, l, err);
		for (i = 0; rc == 0 && go && i < l->n; i++) {
			go = each(arg, &l->items[i]);
			after = l->items[i].action;
		}
	} while (rc == 0 && go && l->n == LIST_PIECE);
	arena_deinit(&a);
	return rc;
}

/* ---- changes ---- */

struct change {
	int64_t message, now_us, give_up_us;
	bool hold;
	char file[40];
};

static int missing(const struct change *c, struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, "no message %lld in the queue",
	               (long long)c->message);
}

static int write_remove(struct db *db, void *arg, struct err *err)
{
	struct change *c = arg;
	int rc = queue_message_delete(db, c->message, c->file, err);

	if (rc == 0)
		return missing(c, err);
	return rc < 0 ? -1 : 0;
}

int queue_remove(struct queue *q, int64_t message, struct err *err)
{
	struct change c = { .message = message };

	if (db_group_write(q->db, write_remove, &c, NULL, 0, err) < 0)
		return -1;
	queue_file_remove(q, str_z(c.file));
	return 0;
}

/* What its sender held until some time goes now, with all that was added
 * under the same id. */
static int end_sender_hold(struct db *db, const struct change *c,
                           struct err *err)
{
#define OF_TRACE                                                      \
	" (SELECT id FROM message WHERE release > $2 AND release > 0" \
	" AND held = 0 AND trace = (SELECT trace FROM message WHERE id = $1))"
	if (db_run(db,
	           "UPDATE action SET next = $2 WHERE lease <= $2"
	           " AND message IN" OF_TRACE,
	           DB_ARGS(DB_I(c->message), DB_I(c->now_us)), err) < 0 ||
	    db_run(db,
	           "UPDATE destination SET due = CASE WHEN $2 < blocked"
	           " THEN blocked ELSE $2 END WHERE due > $2 AND name IN"
	           " (SELECT dest FROM action WHERE message IN" OF_TRACE ")",
	           DB_ARGS(DB_I(c->message), DB_I(c->now_us)), err) < 0)
		return -1;
	return db_run(db, "UPDATE message SET release = 0 WHERE id IN" OF_TRACE,
	              DB_ARGS(DB_I(c->message), DB_I(c->now_us)), err);
#undef OF_TRACE
}

static int write_hold(struct db *db, void *arg, struct err *err)
{
	struct change *c = arg;
	int64_t was = 0;

	if (db_number(db, &was, "SELECT held FROM message WHERE id = $1",
	              DB_ARGS(DB_I(c->message)), err) < 0)
		return -1;
	if (db_run(db, "UPDATE message SET held = $1 WHERE id = $2",
	           DB_ARGS(DB_I(c->hold), DB_I(c->message)), err) < 0)
		return -1;
	if (db_changes(db) == 0)
		return missing(c, err);
	if (!c->hold && !was && end_sender_hold(db, c, err) < 0)
		return -1;
	if (db_run(db,
	           "UPDATE action SET state = $1 WHERE message = $2"
	           " AND state IN (0, -1)",
	           DB_ARGS(DB_I(c->hold ? ACTION_HELD : ACTION_WAITING),
	                   DB_I(c->message)),
	           err) < 0)
		return -1;
	return queue_destination_refresh_of(db, c->message, err);
}

int queue_hold(struct queue *q, int64_t message, bool hold, struct err *err)
{
	struct change c = {
		.message = message,
		.now_us = clock_wall_us(),
		.hold = hold,
	};

	if (db_group_write(q->db, write_hold, &c, NULL, 0, err) < 0)
		return -1;
	queue_tell(q);
	return 0;
}

static int write_retry(struct db *db, void *arg, struct err *err)
{
	struct change *c = arg;

	/* A failed one waits again; one that is claimed is being tried, one
	 * that is held stays so. */
	if (db_run(db,
	           "UPDATE action SET state = CASE state WHEN 1 THEN 0"
	           " ELSE state END, next = $1, expires = CASE"
	           " WHEN state = 1 THEN $1 + $3 ELSE expires END"
	           " WHERE (message = $2 OR ($2 = 0 AND state = 0"
	           " AND message NOT IN"
	           " (SELECT id FROM message WHERE release > $1)))"
	           " AND state <> 2 AND lease <= $1",
	           DB_ARGS(DB_I(c->now_us), DB_I(c->message),
	                   DB_I(c->give_up_us)),
	           err) < 0)
		return -1;
	if (c->message && db_changes(db) == 0)
		return missing(c, err);
	/* Nobody holds what is to go now. */
	if (c->message &&
	    db_run(db, "UPDATE message SET release = 0 WHERE id = $1",
	           DB_ARGS(DB_I(c->message)), err) < 0)
		return -1;
	if (db_run(db,
	           "UPDATE destination SET blocked = 0 WHERE $1 = 0"
	           " OR name IN (SELECT dest FROM action WHERE message = $1)",
	           DB_ARGS(DB_I(c->message)), err) < 0)
		return -1;
	return queue_destination_refresh_of(db, c->message, err);
}

int queue_retry(struct queue *q, int64_t message, int64_t now_us,
                struct err *err)
{
	struct change c = {
		.message = message,
		.now_us = now_us,
		.give_up_us = q->give_up_us,
	};

	if (db_group_write(q->db, write_retry, &c, NULL, 0, err) < 0)
		return -1;
	queue_tell(q);
	return 0;
}

static int write_give_up(struct db *db, void *arg, struct err *err)
{
	struct change *c = arg;

	/* The last reason stands; without one there is this. */
	if (db_run(db,
	           "UPDATE action SET state = 1, lease = 0, last = $2,"
	           " status = CASE WHEN status = '' THEN '5.0.0' ELSE status"
	           " END, reply = CASE WHEN reply = ''"
	           " THEN 'The operator of this host has returned the message'"
	           " ELSE reply END"
	           " WHERE message = $1 AND state IN (0, -1)",
	           DB_ARGS(DB_I(c->message), DB_I(c->now_us)), err) < 0)
		return -1;
	if (db_changes(db) == 0)
		return missing(c, err);
	return queue_destination_refresh_of(db, c->message, err);
}

int queue_give_up(struct queue *q, int64_t message, struct err *err)
{
	struct change c = { .message = message, .now_us = clock_wall_us() };

	if (db_group_write(q->db, write_give_up, &c, NULL, 0, err) < 0)
		return -1;
	queue_tell(q);
	return 0;
}

/* ---- figures ---- */

int queue_figures(struct queue *q, struct queue_figures *out, struct err *err)
{
	struct db_stmt *st;
	struct db *db;
	int rc;

	if (db_group_read(q->db, &db, err) < 0)
		return -1;
	rc = db_row(db, &st,
	            "SELECT (SELECT COUNT(*) FROM message),"
	            " (SELECT COUNT(*) FROM action),"
	            " (SELECT COUNT(*) FROM action WHERE kind = 1),"
	            " (SELECT COUNT(*) FROM message WHERE held <> 0),"
	            " (SELECT COUNT(*) FROM action WHERE state = 1),"
	            " (SELECT MIN(received) FROM message)",
	            DB_NO_ARGS, err);
	if (rc > 0) {
		*out = (struct queue_figures){
			.messages = (uint64_t)db_i64(st, 0),
			.actions = (uint64_t)db_i64(st, 1),
			.relay = (uint64_t)db_i64(st, 2),
			.held = (uint64_t)db_i64(st, 3),
			.failed = (uint64_t)db_i64(st, 4),
			.oldest_us = db_i64(st, 5),
		};
		db_done(&st);
	}
	db_group_done(q->db, &db);
	return rc < 0 ? -1 : 0;
}

int queue_domain_waiting(struct queue *q, int64_t domain_id, uint64_t *out,
                         struct err *err)
{
	return queue_domain_waiting_at_most(q, domain_id, INT64_MAX - 1, out,
	                                    err);
}

int queue_domain_waiting_at_most(struct queue *q, int64_t domain_id,
                                 uint64_t max, uint64_t *out, struct err *err)
{
	struct db *db;
	int64_t n = 0;
	int rc;

	if (db_group_read(q->db, &db, err) < 0)
		return -1;
	/* R28: what users send by login, webmail or script; what is held for
	 * a later time was counted by R26. */
	rc = db_number(db, &n,
	               "SELECT COUNT(*) FROM (SELECT 1 FROM message m"
	               " WHERE m.domain = $1 AND m.source IN (1, 2, 3)"
	               " AND m.release <= $2 AND EXISTS (SELECT 1 FROM"
	               " action a WHERE a.message = m.id AND a.kind = 1"
	               " AND a.state <= 0) LIMIT $3) AS waiting",
	               DB_ARGS(DB_I(domain_id), DB_I(clock_wall_us()),
	                       DB_I(max + 1)),
	               err);
	db_group_done(q->db, &db);
	if (rc < 0)
		return -1;
	*out = (uint64_t)n;
	return 0;
}

/* ---- upkeep ---- */

static int write_tidy(struct db *db, void *arg, struct err *err)
{
	int64_t *before = arg;

	if (db_run(db, "DELETE FROM seen WHERE at <= $1",
	           DB_ARGS(DB_I(*before)), err) < 0)
		return -1;
	if (db_run(db, "DELETE FROM withdrawn WHERE at <= $1",
	           DB_ARGS(DB_I(*before + QUEUE_KEY_US - QUEUE_WITHDRAWN_US)),
	           err) < 0)
		return -1;
	/* Destinations for which nothing waits and that did nothing wrong
	 * lately. */
	return db_run(db,
	              "DELETE FROM destination WHERE due = $2 AND last <= $1",
	              DB_ARGS(DB_I(*before), DB_I(QUEUE_NEVER)), err);
}

int queue_tidy(struct queue *q, int64_t now_us, struct err *err)
{
	int64_t before = now_us - QUEUE_KEY_US;

	if (db_group_write(q->db, write_tidy, &before, NULL, 0, err) < 0)
		return -1;
	/* The ages of files are real, a simulated clock is not. */
	return clock_is_simulated() ? 0 : queue_file_tidy(q, before, err);
}
