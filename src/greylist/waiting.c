/* Those that wait: they come, come back, or are forgotten. */
#include "base/mem.h"
#include "greylist/private.h"

#define DAY_US       (INT64_C(24) * 3600 * 1000000)
#define TIDY_AT_ONCE 2000

int greylist_learn(struct db *db, int64_t key, int64_t now_us, struct err *err)
{
	return db_run(db,
	              "INSERT INTO known (key, day) VALUES ($1, $2)"
	              " ON CONFLICT (key) DO NOTHING",
	              DB_ARGS(DB_I(key), DB_I(now_us / DAY_US)), err);
}

static int forget(struct db *db, int64_t key, struct err *err)
{
	if (db_run(db, "DELETE FROM asked WHERE key = $1", DB_ARGS(DB_I(key)),
	           err) < 0)
		return -1;
	return db_run(db, "DELETE FROM waiting WHERE key = $1",
	              DB_ARGS(DB_I(key)), err);
}

static int note(struct db *db, int64_t number, const struct greylist_ask *q,
                int64_t first_us, struct err *err)
{
	const struct greylist_sender *s = &q->sender;
	struct net_addr net = greylist_network(&s->client);
	char text[NET_ADDR_TEXT_MAX];
	struct str vouched =
		s->spf.n ? s->spf : str_z(net_addr_text(&net, text));
	struct buf sender;
	int rc;

	buf_init(&sender, GREYLIST_KEY_MAX);
	if (s->domain.n) {
		buf_add(&sender, s->local);
		buf_add_c(&sender, '@');
		buf_add(&sender, s->domain);
	} else {
		buf_add_z(&sender, "<>");
	}
	rc = db_run(db,
	            "INSERT INTO waiting"
	            " (key, sender, vouched, first_us, last_us, tries)"
	            " VALUES ($1, $2, $3, $4, $5, 1)"
	            " ON CONFLICT (key) DO UPDATE SET"
	            " first_us = excluded.first_us, last_us = excluded.last_us,"
	            " tries = waiting.tries + 1",
	            DB_ARGS(DB_I(number), DB_S(buf_str(&sender)), DB_S(vouched),
	                    DB_I(first_us), DB_I(q->now_us)),
	            err);
	buf_deinit(&sender);
	if (rc < 0)
		return -1;
	return db_run(db,
	              "INSERT INTO asked (key, recipient) VALUES ($1, $2)"
	              " ON CONFLICT (key, recipient) DO NOTHING",
	              DB_ARGS(DB_I(number), DB_S(q->recipient)), err);
}

int greylist_look(struct greylist *g, struct db *db,
                  const struct greylist_ask *q, struct str key,
                  struct greylist_answer *out, int64_t *first_out,
                  struct err *err)
{
	int64_t first = q->now_us, last = 0;
	struct db_stmt *row;
	int rc;

	rc = db_row(db, &row,
	            "SELECT first_us, last_us FROM waiting WHERE key = $1",
	            DB_ARGS(DB_I(greylist_number(g, key))), err);
	if (rc < 0)
		return -1;
	if (rc > 0) {
		first = db_i64(row, 0);
		last = db_i64(row, 1);
		db_done(&row);
	}
	/* Forgotten, or the clock was set back: it is new. */
	if (q->now_us - last >= GREYLIST_FORGET_US || first > q->now_us)
		first = q->now_us;
	out->result = q->now_us - first >= q->wait_us ? GREYLIST_PASSED
	                                              : GREYLIST_WAITS;
	out->left_us = out->result == GREYLIST_WAITS
	                       ? q->wait_us - (q->now_us - first)
	                       : 0;
	if (first_out)
		*first_out = first;
	return 0;
}

int greylist_come(struct greylist *g, struct db *db,
                  const struct greylist_ask *q, struct str key,
                  struct greylist_answer *out, struct err *err)
{
	int64_t number = greylist_number(g, key), first;

	if (greylist_look(g, db, q, key, out, &first, err) < 0)
		return -1;
	if (out->result == GREYLIST_WAITS)
		return note(db, number, q, first, err);
	if (forget(db, number, err) < 0)
		return -1;
	return greylist_learn(db, number, q->now_us, err);
}

/* ---- who waits ---- */

int greylist_waiting(struct greylist *g, struct str scope, int64_t now_us,
                     bool (*each)(void *arg, const struct greylist_item *i),
                     void *arg, struct err *err)
{
	struct db_stmt *q = NULL;
	struct db *db;
	int rc;

	if (db_group_read(g->group, &db, err) < 0)
		return -1;
	rc = db_query(db, &q,
	              "SELECT w.sender, w.vouched, a.recipient, w.first_us,"
	              " w.last_us, w.tries FROM waiting w"
	              " JOIN asked a ON a.key = w.key"
	              " WHERE w.last_us > $1 AND ($2 = '' OR a.recipient = $2"
	              "  OR substr(a.recipient,"
	              "   length(a.recipient) - length($2)) = '@' || $2)"
	              " ORDER BY w.last_us DESC, a.recipient",
	              DB_ARGS(DB_I(now_us - GREYLIST_FORGET_US), DB_S(scope)),
	              err);
	while (rc >= 0 && (rc = db_next(q, err)) > 0) {
		struct greylist_item i = {
			.sender = db_text(q, 0),
			.vouched = db_text(q, 1),
			.recipient = db_text(q, 2),
			.first_us = db_i64(q, 3),
			.last_us = db_i64(q, 4),
			.tries = (uint64_t)db_i64(q, 5),
		};

		if (!each(arg, &i))
			break;
	}
	db_done(&q);
	db_group_done(g->group, &db);
	return rc < 0 ? -1 : 0;
}

/* ---- forgetting ---- */

/* The oldest `n` that came last at `before_us` or earlier. */
static int drop(struct db *db, int64_t before_us, int64_t n, struct err *err)
{
	if (db_run(db,
	           "DELETE FROM asked WHERE key IN (SELECT key FROM waiting"
	           " WHERE last_us <= $1 ORDER BY last_us LIMIT $2)",
	           DB_ARGS(DB_I(before_us), DB_I(n)), err) < 0)
		return -1;
	return db_run(db,
	              "DELETE FROM waiting WHERE key IN (SELECT key"
	              " FROM waiting WHERE last_us <= $1"
	              " ORDER BY last_us LIMIT $2)",
	              DB_ARGS(DB_I(before_us), DB_I(n)), err);
}

static int tidy(struct db *db, void *arg, struct err *err)
{
	int64_t *now = arg, waiting = 0;

	if (drop(db, *now - GREYLIST_FORGET_US, TIDY_AT_ONCE, err) < 0 ||
	    db_number(db, &waiting, "SELECT count(*) FROM waiting", DB_NO_ARGS,
	              err) < 0)
		return -1;
	return waiting > GREYLIST_WAITING_MAX
	               ? drop(db, INT64_MAX, waiting - GREYLIST_WAITING_MAX,
	                      err)
	               : 0;
}

int greylist_tidy(struct greylist *g, int64_t now_us, struct err *err)
{
	return db_group_write(g->group, tidy, &now_us, NULL, 0, err);
}
