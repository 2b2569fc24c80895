#include "trail/find.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "os/clock.h"
#include "os/file.h"
#include "trail/private.h"
#include "trail/story.h"

#define PAGE_USUAL 20
/* Processes write some time after the event: numbers and times agree only
 * about. */
#define SLACK_US (30 * US_PER_SEC)
/* Rows looked at for a page before it ends short; the mark goes on. */
#define LOOK_MAX 20000

struct search {
	const struct trail_query *q;
	struct arena *a;
	struct trail_page *page;
	size_t limit, looked;
	struct trail_files files;
	struct map known; /* trace number -> itself: on this page */
	bool by_key;
	uint64_t key;
};

/* The most telling condition drives the search. */
static void choose_key(struct search *s)
{
	const struct trail_query *q = s->q;

	s->by_key = true;
	if (q->message_id.n)
		s->key = trail_key_message_id(q->message_id);
	else if (q->rcpt.n)
		s->key = trail_key_address(q->rcpt);
	else if (q->sender.n)
		s->key = trail_key_address(q->sender);
	else if (q->address.n)
		s->key = trail_key_address(q->address);
	else if (q->account)
		s->key = trail_key_account(q->account);
	else if (q->domain.n)
		s->key = trail_key_domain(q->domain);
	else
		s->by_key = false;
}

/* ---- one candidate ---- */

static bool is_known(struct search *s, int64_t trace)
{
	uint64_t key = (uint64_t)trace;

	return trace != 0 && map_put_u64(&s->known, key, s) != NULL;
}

/* Build its story; keep it when it is asked for. */
static int look_at(struct search *s, int64_t day, const struct trail_row *row,
                   struct err *err)
{
	const struct trail_query *q = s->q;
	struct trail_story story;

	s->looked++;
	if ((q->since_us && row->at_us < q->since_us) ||
	    (q->until_us && row->at_us > q->until_us))
		return 0;
	if (is_known(s, row->trace))
		return 0;
	if (trail_story_read(&s->files, day, row, s->a, &story, err) < 0)
		return -1;
	if (!trail_story_matches(&story, q))
		return 0;
	if (trail_story_limit(&story, q))
		s->page->stories[s->page->n++] = story;
	return 0;
}

/* ---- a day ---- */

/* The first number whose time is `at_us` or later, about. */
static int first_at(struct db *db, int64_t at_us, int64_t *out, struct err *err)
{
	int64_t low = 0, high = 0, at;
	int rc = db_number(db, &high, "SELECT max(id) FROM event", DB_NO_ARGS,
	                   err);

	while (rc >= 0 && low < high) {
		int64_t middle = low + (high - low) / 2;

		at = INT64_MAX;
		rc = db_number(db, &at,
		               "SELECT at FROM event WHERE id >= $1"
		               " ORDER BY id LIMIT 1",
		               DB_ARGS(DB_I(middle)), err);
		if (at < at_us)
			low = middle + 1;
		else
			high = middle;
	}
	*out = low;
	return rc < 0 ? -1 : 0;
}

/* The numbers that can be asked for. */
static int bounds(const struct search *s, struct db *db, int64_t *low,
                  int64_t *high, struct err *err)
{
	const struct trail_query *q = s->q;

	*low = 0;
	*high = INT64_MAX;
	if (q->since_us && first_at(db, q->since_us - SLACK_US, low, err) < 0)
		return -1;
	if (q->until_us && first_at(db, q->until_us + SLACK_US, high, err) < 0)
		return -1;
	if (q->until_us)
		++*high;
	return 0;
}

/* Candidates of one hour, or of the day without a key, below `high`. */
static int look_through(struct search *s, struct db *db, int64_t day,
                        unsigned hour, int64_t low, int64_t high,
                        struct err *err)
{
	static const char by_key[] =
		"SELECT e.id, e.at, e.kind, e.trace, e.facts"
		" FROM finder f JOIN event e ON e.id = f.event"
		" WHERE f.key = $3 AND f.event >= $1 AND f.event < $2"
		" ORDER BY f.event DESC";
	static const char by_time[] =
		"SELECT id, at, kind, trace, facts FROM event"
		" WHERE id >= $1 AND id < $2 ORDER BY id DESC";
	struct db_arg args[] = { DB_I(low), DB_I(high),
		                 DB_I(trail_key_at(s->key, hour)) };
	struct db_stmt *stmt;
	int rc;

	if (db_query(db, &stmt, s->by_key ? by_key : by_time,
	             (struct db_args){ args, s->by_key ? 3 : 2 }, err) < 0)
		return -1;
	while ((rc = db_next(stmt, err)) > 0) {
		struct trail_row row;

		if (s->page->n == s->limit || s->looked == LOOK_MAX) {
			s->page->more = true;
			break;
		}
		trail_row_read(stmt, &row);
		s->page->mark = (struct trail_mark){ .day = day,
			                             .event = row.id,
			                             .hour = hour };
		if (look_at(s, day, &row, err) < 0) {
			rc = -1;
			break;
		}
	}
	db_done(&stmt);
	return rc < 0 ? -1 : 0;
}

static int look_through_day(struct search *s, int64_t day, struct err *err)
{
	const struct trail_mark *after = &s->q->after;
	bool goes_on = after->day == day;
	unsigned hour = goes_on ? after->hour : TRAIL_HOURS - 1;
	int64_t low, high, all;
	struct db *db;

	if (trail_files_get(&s->files, day, &db, err) < 0)
		return -1;
	if (!db)
		return 0;
	if (bounds(s, db, &low, &high, err) < 0)
		return -1;
	all = high;
	if (goes_on && after->event < high)
		high = after->event;
	if (!s->by_key)
		return look_through(s, db, day, 0, low, high, err);
	for (;; hour--) {
		if (look_through(s, db, day, hour, low, high, err) < 0)
			return -1;
		if (hour == 0 || s->page->more)
			return 0;
		high = all;
	}
}

/* ---- all days ---- */

static bool day_is_asked(const struct trail_query *q, int64_t day)
{
	if (q->after.day && day > q->after.day)
		return false;
	if (q->since_us && day < trail_day(q->since_us))
		return false;
	return !q->until_us || day <= trail_day(q->until_us);
}

/* One message whose id is known. */
static int find_one(struct search *s, struct err *err)
{
	struct trail_row row = { .trace = trail_number(s->q->trace) };
	int64_t made_us = trail_id_time(s->q->trace);
	struct trail_story story;

	if (trail_story_read(&s->files, made_us ? trail_day(made_us) : 0, &row,
	                     s->a, &story, err) < 0)
		return -1;
	if (story.n && trail_story_matches(&story, s->q) &&
	    trail_story_limit(&story, s->q))
		s->page->stories[s->page->n++] = story;
	return 0;
}

int trail_find(const char *dir, const struct trail_query *q, struct arena *a,
               struct trail_page *out, struct err *err)
{
	struct search s = { .q = q, .a = a, .page = out };
	int rc = 0;

	s.limit = q->limit ? q->limit : PAGE_USUAL;
	if (s.limit > TRAIL_PAGE_MAX)
		s.limit = TRAIL_PAGE_MAX;
	*out = (struct trail_page){ .mark = q->after };
	out->stories = arena_array(a, s.limit, sizeof(*out->stories));
	if (trail_files_open(&s.files, dir, a, err) < 0)
		return -1;
	map_init(&s.known, 0);
	choose_key(&s);
	if (q->trace.n)
		rc = find_one(&s, err);
	for (size_t i = s.files.n; !q->trace.n && rc == 0 && i-- > 0;) {
		if (!day_is_asked(q, s.files.v[i].day))
			continue;
		rc = look_through_day(&s, s.files.v[i].day, err);
		if (out->more)
			break;
	}
	map_deinit(&s.known);
	trail_files_close(&s.files);
	return rc;
}
