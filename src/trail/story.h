/* trail/story.h - the events of one message; private to trail/. */
#ifndef TRAIL_STORY_H
#define TRAIL_STORY_H

#include "trail/find.h"
#include "trail/private.h"

/* The files of the days, opened when they are asked for. */
struct trail_files {
	const char *dir;
	struct arena *a;

	struct {
		int64_t day;
		struct db *db;
	} * v; /* ascending */

	size_t n;
};

int trail_files_open(struct trail_files *f, const char *dir, struct arena *a,
                     struct err *err) ATTR_MUST_USE;
/* *out NULL: there is none (any more). */
int trail_files_get(struct trail_files *f, int64_t day, struct db **out,
                    struct err *err) ATTR_MUST_USE;
void trail_files_close(struct trail_files *f);

struct trail_row {
	int64_t id, at_us, trace;
	unsigned kind;
	struct str facts; /* lives until the next row */
};

/* Columns id, at, kind, trace, facts. */
void trail_row_read(struct db_stmt *q, struct trail_row *out);

/* Its views lie in the arena. */
void trail_row_event(const struct trail_row *row, struct arena *a,
                     struct trail_event *e);

/* All events with the row's trace id from `day` on, or the row alone. */
int trail_story_read(struct trail_files *f, int64_t day,
                     const struct trail_row *row, struct arena *a,
                     struct trail_story *out, struct err *err) ATTR_MUST_USE;

bool trail_story_matches(const struct trail_story *s,
                         const struct trail_query *q);

/* Take out what who asks may not see; false when the rest is not what was
 * asked for. */
bool trail_story_limit(struct trail_story *s, const struct trail_query *q)
	ATTR_MUST_USE;

#endif
