/* The tally of what others report about our domains. */
#include "base/mem.h"
#include "verify/tally_private.h"

#define ORGS_MAX 200 /* characters of their names, in one line */

struct adding {
	const struct tally_report *report;
	const struct dmarc_report_row *rows;
	size_t n;
};

/* The domain's oldest go when there are too many. */
static int make_room(struct db *db, struct str domain, struct err *err)
{
	static const char oldest[] =
		"SELECT id FROM report WHERE domain = $1"
		" ORDER BY begin_s DESC, id DESC LIMIT 1000000 OFFSET $2";
	int64_t id;
	int rc;

	while ((rc = db_number(db, &id, oldest,
	                       DB_ARGS(DB_S(domain),
	                               DB_I(TALLY_REPORTS_MAX - 1)),
	                       err)) > 0)
		if (db_run(db, "DELETE FROM line WHERE report = $1",
		           DB_ARGS(DB_I(id)), err) < 0 ||
		    db_run(db, "DELETE FROM report WHERE id = $1",
		           DB_ARGS(DB_I(id)), err) < 0)
			return -1;
	return rc;
}

static int add(struct db *db, void *arg, struct err *err)
{
	const struct adding *w = arg;
	const struct dmarc_report *r = &w->report->r;
	int64_t id;
	struct buf line;
	int rc = 0;

	if (make_room(db, r->domain, err) < 0 ||
	    db_number(db, &id,
	              "INSERT INTO report (domain, who, email, number,"
	              " begin_s, end_s, vouched, received_us)"
	              " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
	              DB_ARGS(DB_S(r->domain), DB_S(r->org_name),
	                      DB_S(r->email), DB_S(r->report_id),
	                      DB_I(r->begin_s), DB_I(r->end_s),
	                      DB_S(w->report->by),
	                      DB_I(w->report->received_us)),
	              err) < 0)
		return -1;
	buf_init(&line, TALLY_LINE_MAX);
	for (size_t i = 0; rc == 0 && i < w->n; i++) {
		buf_reset(&line);
		tally_line_write(&line, &w->rows[i]);
		if (buf_overflow(&line))
			continue;
		rc = db_run(db,
		            "INSERT INTO line (report, line, count)"
		            " VALUES ($1, $2, $3) ON CONFLICT (report, line)"
		            " DO UPDATE SET count = line.count +"
		            " excluded.count",
		            DB_ARGS(DB_I(id), DB_S(buf_str(&line)),
		                    DB_I(w->rows[i].count)),
		            err);
	}
	buf_deinit(&line);
	return rc;
}

int tally_report_add(struct tally *t, const struct tally_report *report,
                     const struct dmarc_report_row *rows, size_t n,
                     struct err *err)
{
	struct adding w = { report, rows, n };

	return db_group_write(t->group, add, &w, NULL, 0, err);
}

/* "Big", "Big, Small", "Big and 7 others". */
static struct str name_orgs(struct arena *a, struct str first, struct str last,
                            int64_t n)
{
	struct str out = first;

	if (n == 2)
		out = arena_fmt(a, "%.*s, %.*s", STR_ARG(first), STR_ARG(last));
	else if (n > 2)
		out = arena_fmt(a, "%.*s and %lld others", STR_ARG(first),
		                (long long)n - 1);
	return out.n > ORGS_MAX ? str_to(out, ORGS_MAX) : out;
}

/* False when what is stored is no line. */
static bool read_line(struct db_stmt *q, struct arena *a,
                      struct tally_line *out)
{
	*out = (struct tally_line){ .reports = (uint64_t)db_i64(q, 2) };
	if (!tally_line_read(db_text(q, 0), &out->row))
		return false;
	out->row.count = (uint64_t)db_i64(q, 1);
	out->orgs = name_orgs(a, db_text(q, 3), db_text(q, 4), db_i64(q, 5));
	return true;
}

int tally_report_each(struct tally *t, struct str domain, int64_t since_s,
                      bool (*each)(void *arg, const struct tally_line *l),
                      void *arg, struct err *err)
{
	struct tally_line l;
	struct arena a;
	struct db_stmt *q;
	struct db *db;
	int rc;

	if (db_group_read(t->group, &db, err) < 0)
		return -1;
	arena_init(&a);
	rc = db_query(
		db, &q,
		"SELECT line.line, SUM(line.count), COUNT(*), MIN(report.who),"
		" MAX(report.who), COUNT(DISTINCT report.who)"
		" FROM line JOIN report ON report.id = line.report"
		" WHERE report.begin_s >= $2 AND (report.domain = $1 OR"
		" report.domain LIKE $3)"
		" GROUP BY line.line ORDER BY 2 DESC, 1 LIMIT 10000",
		DB_ARGS(DB_S(domain), DB_I(since_s),
	                DB_S(arena_fmt(&a, "%%.%.*s", STR_ARG(domain)))),
		err);
	while (rc == 0 && (rc = db_next(q, err)) > 0) {
		rc = 0;
		if (read_line(q, &a, &l) && !each(arg, &l))
			break;
	}
	db_done(&q);
	arena_deinit(&a);
	db_group_done(t->group, &db);
	return rc < 0 ? -1 : 0;
}
