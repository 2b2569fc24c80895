#include "trail/story.h"

/* One day's events behind at->event. */
static int tail_day(struct trail_files *f, int64_t day, struct trail_mark *at,
                    bool (*each)(void *arg, const struct trail_event *e),
                    void *arg, struct err *err)
{
	struct trail_event e;
	struct db_stmt *q;
	struct arena a;
	struct db *db;
	int rc;

	if (trail_files_get(f, day, &db, err) < 0)
		return -1;
	if (!db)
		return 0;
	if (db_query(db, &q,
	             "SELECT id, at, kind, trace, facts FROM event"
	             " WHERE id > $1 ORDER BY id",
	             DB_ARGS(DB_I(at->event)), err) < 0)
		return -1;
	arena_init(&a);
	while ((rc = db_next(q, err)) > 0) {
		struct trail_row row;

		trail_row_read(q, &row);
		arena_reset(&a);
		trail_row_event(&row, &a, &e);
		at->event = row.id;
		if (!each(arg, &e)) {
			rc = 0;
			break;
		}
	}
	arena_deinit(&a);
	db_done(&q);
	return rc < 0 ? -1 : 0;
}

static int find_end(struct trail_files *f, struct trail_mark *at,
                    struct err *err)
{
	struct db *db;

	*at = (struct trail_mark){ .day = f->n ? f->v[f->n - 1].day : 1 };
	if (trail_files_get(f, at->day, &db, err) < 0)
		return -1;
	if (db && db_number(db, &at->event, "SELECT max(id) FROM event",
	                    DB_NO_ARGS, err) < 0)
		return -1;
	return 0;
}

int trail_tail(const char *dir, struct trail_mark *at,
               bool (*each)(void *arg, const struct trail_event *e), void *arg,
               struct err *err)
{
	struct trail_files f;
	struct arena a;
	int rc;

	arena_init(&a);
	rc = trail_files_open(&f, dir, &a, err);
	if (rc == 0 && !at->day) {
		rc = find_end(&f, at, err);
	} else {
		for (size_t i = 0; rc == 0 && i < f.n; i++) {
			if (f.v[i].day < at->day)
				continue;
			if (f.v[i].day > at->day)
				*at = (struct trail_mark){ .day = f.v[i].day };
			rc = tail_day(&f, at->day, at, each, arg, err);
		}
	}
	trail_files_close(&f);
	arena_deinit(&a);
	return rc;
}
