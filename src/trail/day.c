#include <string.h>

#include "base/civil.h"
#include "os/clock.h"
#include "os/dir.h"
#include "os/file.h"
#include "trail/private.h"
#include "trail/trail.h"

/* WITHOUT ROWID is where SQLite is told to keep the key alone. */
static const char schema[] = "CREATE TABLE event ("
			     " id INTEGER PRIMARY KEY,"
			     " at BIGINT NOT NULL,"
			     " kind INTEGER NOT NULL,"
			     " trace BIGINT NOT NULL,"
			     " facts BLOB NOT NULL);"
			     "CREATE INDEX event_trace ON event (trace)"
			     " WHERE trace <> 0;"
			     "CREATE TABLE finder ("
			     " key BIGINT NOT NULL,"
			     " event BIGINT NOT NULL,"
			     " PRIMARY KEY (key, event)) WITHOUT ROWID;";

int trail_migrate(struct db *db, uint32_t version, struct err *err)
{
	return version < 1 ? db_exec(db, schema, err) : 0;
}

int64_t trail_day(int64_t at_us)
{
	return at_us / US_PER_DAY;
}

struct str trail_day_path(struct arena *a, const char *dir, int64_t day)
{
	struct civil c = civil_of(day * (US_PER_DAY / US_PER_SEC));

	return arena_fmt(a, "%s/trail/%04d-%02d-%02d.db", dir, c.year, c.month,
	                 c.day);
}

/* "2026-11-24" of a name that goes on with a dot; false for others. */
static bool read_day(struct str name, int64_t *out)
{
	struct civil c = { .hour = 0 };
	uint64_t y, m, d;

	if (name.n < 11 || name.p[4] != '-' || name.p[7] != '-' ||
	    name.p[10] != '.' || !str_to_u64(str_to(name, 4), 9999, &y) ||
	    !str_to_u64(str_to(str_from(name, 5), 2), 12, &m) || m == 0 ||
	    !str_to_u64(str_to(str_from(name, 8), 2), 31, &d))
		return false;
	c.year = (int32_t)y;
	c.month = (int8_t)m;
	c.day = (int8_t)d;
	*out = civil_seconds(&c) / (US_PER_DAY / US_PER_SEC);
	return true;
}

int trail_days(const char *dir, struct arena *a, int64_t **out, size_t *n_out,
               struct err *err)
{
	const char *path = arena_fmt(a, "%s/trail", dir).p;
	struct dir_entry *e;
	size_t n = 0, all;
	int64_t *days;

	*n_out = 0;
	if (!file_is_folder(path))
		return 0;
	if (dir_list(path, a, &e, &all, err) < 0)
		return -1;
	days = arena_array(a, all, sizeof(*days));
	for (size_t i = 0; i < all; i++)
		if (str_ends(e[i].name, STR(".db")) &&
		    read_day(e[i].name, &days[n]))
			n++;
	*out = days;
	*n_out = n;
	return 0;
}

int trail_tidy(const char *dir, int64_t now_us, unsigned days, struct err *err)
{
	struct dir_entry *e;
	struct arena a;
	size_t n = 0;
	int64_t day;
	const char *path;
	int rc = 0;

	arena_init(&a);
	path = arena_fmt(&a, "%s/trail", dir).p;
	if (file_is_folder(path))
		rc = dir_list(path, &a, &e, &n, err);
	for (size_t i = 0; rc == 0 && i < n; i++)
		if (read_day(e[i].name, &day) &&
		    day + (int64_t)days < trail_day(now_us))
			rc = file_remove(arena_fmt(&a, "%s/%.*s", path,
			                           STR_ARG(e[i].name))
			                         .p,
			                 err);
	arena_deinit(&a);
	return rc;
}
