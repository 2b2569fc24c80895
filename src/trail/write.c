#include "trail/write.h"

#include <string.h>

#include "base/mem.h"
#include "db/group.h"

/* The hour's part of the index is a few megabytes on a busy host. */
#define CACHE_KIB 4096
/* A name that this message was made findable by a moment ago. */
#define SEEN_SLOTS 4096

struct trail_writer {
	char *dir;
	struct db_group *group; /* of `day` */
	int64_t day;
	uint64_t seen[SEEN_SLOTS];
};

struct trail_writer *trail_writer_new(const char *dir)
{
	struct trail_writer *w = mem_zalloc(sizeof(*w));

	w->dir = mem_strdup(dir);
	return w;
}

/* A day's log goes into its file, so that a day is one file afterwards. */
static void leave_day(struct trail_writer *w)
{
	struct err err = ERR_INIT;

	if (w->group)
		err_drop(db_group_checkpoint(w->group, true, &err));
	db_group_close(&w->group);
}

void trail_writer_free(struct trail_writer **wp)
{
	struct trail_writer *w = *wp;

	if (!w)
		return;
	leave_day(w);
	mem_free(w->dir);
	mem_free(w);
	*wp = NULL;
}

static int open_day(struct trail_writer *w, int64_t day, struct err *err)
{
	struct db_group_options o = {
		.db = { .create = true,
		        .lazy_sync = true,
		        .cache_kib = CACHE_KIB },
		.schema_version = TRAIL_SCHEMA,
		.migrate = trail_migrate,
		.readers = 1,
	};
	struct arena a;
	int rc;

	if (w->group && w->day == day)
		return 0;
	leave_day(w);
	memset(w->seen, 0, sizeof(w->seen));
	arena_init(&a);
	o.db.path = trail_day_path(&a, w->dir, day).p;
	rc = db_group_open(&w->group, &o, err);
	arena_deinit(&a);
	w->day = day;
	return rc;
}

/* Several events of a message have the same names; one of them is enough. */
static void drop_seen_keys(struct trail_writer *w, struct trail_record *r)
{
	uint32_t n = 0;

	if (!r->trace)
		return;
	for (uint32_t i = 0; i < r->keys_n; i++) {
		uint64_t mark =
			(r->keys[i] ^
		         (uint64_t)r->trace * UINT64_C(0x9e3779b97f4a7c15)) |
			1;
		uint64_t *slot = &w->seen[mark >> 1 & (SEEN_SLOTS - 1)];

		if (*slot == mark)
			continue;
		*slot = mark;
		r->keys[n++] = r->keys[i];
	}
	r->keys_n = n;
}

/* ---- one transaction ---- */

struct batch {
	const char *p; /* records of one day */
	size_t n;      /* bytes */
};

static int add_record(struct db *db, int64_t id, const struct trail_record *r,
                      struct err *err)
{
	struct str facts = { (const char *)(r + 1), r->facts_n };
	unsigned hour = trail_hour(r->at_us);

	if (db_run(db,
	           "INSERT INTO event (id, at, kind, trace, facts)"
	           " VALUES ($1, $2, $3, $4, $5)",
	           DB_ARGS(DB_I(id), DB_I(r->at_us), DB_I(r->kind),
	                   DB_I(r->trace), DB_B(facts)),
	           err) < 0)
		return -1;
	for (uint32_t i = 0; i < r->keys_n; i++)
		if (db_run(db,
		           "INSERT INTO finder (key, event) VALUES ($1, $2)"
		           " ON CONFLICT DO NOTHING",
		           DB_ARGS(DB_I(trail_key_at(r->keys[i], hour)),
		                   DB_I(id)),
		           err) < 0)
			return -1;
	return 0;
}

static int add_batch(struct db *db, void *arg, struct err *err)
{
	const struct batch *b = arg;
	int64_t id = 0;

	if (db_number(db, &id, "SELECT max(id) FROM event", DB_NO_ARGS, err) <
	    0)
		return -1;
	for (size_t at = 0; at < b->n;) {
		const struct trail_record *r =
			(const struct trail_record *)(const void *)(b->p + at);

		if (add_record(db, ++id, r, err) < 0)
			return -1;
		at += r->size;
	}
	return 0;
}

/* ---- all of them ---- */

/* How many of the records from `at` on are of one day, and where they end. */
static size_t same_day(struct trail_writer *w, char *p, size_t bytes,
                       size_t *end_out)
{
	size_t at = 0, n = 0;
	int64_t day = 0;

	while (at < bytes) {
		struct trail_record *r =
			(struct trail_record *)(void *)(p + at);

		if (n && trail_day(r->at_us) != day)
			break;
		day = trail_day(r->at_us);
		drop_seen_keys(w, r);
		at += r->size;
		n++;
	}
	*end_out = at;
	return n;
}

int trail_write(struct trail_writer *w, char *records, size_t bytes, size_t n,
                size_t *dropped_out, struct err *err)
{
	size_t at = 0, end, some;
	int rc = 0;

	*dropped_out = 0;
	for (; at < bytes && n; at += end, n -= some) {
		const struct trail_record *first =
			(const struct trail_record *)(void *)(records + at);
		struct batch b;

		if (open_day(w, trail_day(first->at_us), err) < 0) {
			*dropped_out += n;
			return -1;
		}
		some = same_day(w, records + at, bytes - at, &end);
		b = (struct batch){ .p = records + at, .n = end };
		if (db_group_write(w->group, add_batch, &b, NULL, 0, err) < 0) {
			memset(w->seen, 0, sizeof(w->seen));
			*dropped_out += some;
			rc = -1;
		}
	}
	return rc;
}
