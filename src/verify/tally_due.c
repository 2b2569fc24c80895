/* The tally for who reports: what is due, row by row. */
#include "os/clock.h"
#include "verify/tally_private.h"

int tally_next(struct tally *t, int64_t before_day, int64_t now_us,
               struct arena *a, struct tally_due *out, struct err *err)
{
	struct db_stmt *q;
	struct db *db;
	int rc;

	if (db_group_read(t->group, &db, err) < 0)
		return -1;
	rc = db_row(db, &q,
	            "SELECT day, name, record, messages, tries FROM domain"
	            " WHERE day < $1 AND next_us <= $2"
	            " ORDER BY day, name LIMIT 1",
	            DB_ARGS(DB_I(before_day), DB_I(now_us)), err);
	if (rc > 0) {
		*out = (struct tally_due){
			.day = db_i64(q, 0),
			.domain = arena_dup(a, db_text(q, 1)),
			.record = arena_dup(a, db_text(q, 2)),
			.messages = (uint64_t)db_i64(q, 3),
			.tries = (unsigned)db_i64(q, 4),
		};
		db_done(&q);
	}
	db_group_done(t->group, &db);
	return rc;
}

int tally_rows(struct tally *t, int64_t day, struct str domain,
               void (*each)(void *arg, const struct dmarc_report_row *row),
               void *arg, struct err *err)
{
	struct dmarc_report_row row;
	struct db_stmt *q;
	struct db *db;
	int rc;

	if (db_group_read(t->group, &db, err) < 0)
		return -1;
	rc = db_query(db, &q,
	              "SELECT line, count FROM seen"
	              " WHERE day = $1 AND name = $2 ORDER BY line",
	              DB_ARGS(DB_I(day), DB_S(domain)), err);
	while (rc == 0 && (rc = db_next(q, err)) > 0) {
		rc = 0;
		if (!tally_line_read(db_text(q, 0), &row))
			continue;
		row.count = (uint64_t)db_i64(q, 1);
		each(arg, &row);
	}
	db_done(&q);
	db_group_done(t->group, &db);
	return rc < 0 ? -1 : 0;
}

struct settle {
	int64_t day, at_us;
	struct str domain;
};

static int forget(struct db *db, void *arg, struct err *err)
{
	const struct settle *s = arg;
	struct db_args args = DB_ARGS(DB_I(s->day), DB_S(s->domain));

	if (db_run(db, "DELETE FROM seen WHERE day = $1 AND name = $2", args,
	           err) < 0)
		return -1;
	return db_run(db, "DELETE FROM domain WHERE day = $1 AND name = $2",
	              args, err);
}

int tally_done(struct tally *t, int64_t day, struct str domain, struct err *err)
{
	struct settle s = { .day = day, .domain = domain };

	return db_group_write(t->group, forget, &s, NULL, 0, err);
}

static int postpone(struct db *db, void *arg, struct err *err)
{
	const struct settle *s = arg;

	return db_run(db,
	              "UPDATE domain SET next_us = $3, tries = tries + 1"
	              " WHERE day = $1 AND name = $2",
	              DB_ARGS(DB_I(s->day), DB_S(s->domain), DB_I(s->at_us)),
	              err);
}

int tally_later(struct tally *t, int64_t day, struct str domain, int64_t at_us,
                struct err *err)
{
	struct settle s = { .day = day, .domain = domain, .at_us = at_us };

	return db_group_write(t->group, postpone, &s, NULL, 0, err);
}

static int drop_old(struct db *db, void *arg, struct err *err)
{
	int64_t now_us = *(const int64_t *)arg;
	int64_t day = now_us / US_PER_DAY;
	int64_t before_s = (day - TALLY_KEEP_DAYS) * (US_PER_DAY / US_PER_SEC);

	/* What could not be reported for three days is no news. */
	if (db_run(db, "DELETE FROM seen WHERE day < $1",
	           DB_ARGS(DB_I(day - 4)), err) < 0 ||
	    db_run(db, "DELETE FROM domain WHERE day < $1",
	           DB_ARGS(DB_I(day - 4)), err) < 0 ||
	    db_run(db,
	           "DELETE FROM line WHERE report IN"
	           " (SELECT id FROM report WHERE begin_s < $1)",
	           DB_ARGS(DB_I(before_s)), err) < 0)
		return -1;
	return db_run(db, "DELETE FROM report WHERE begin_s < $1",
	              DB_ARGS(DB_I(before_s)), err);
}

int tally_tidy(struct tally *t, int64_t now_us, struct err *err)
{
	return db_group_write(t->group, drop_old, &now_us, NULL, 0, err);
}
