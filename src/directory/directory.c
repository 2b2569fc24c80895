#include "directory/directory.h"

#include "base/mem.h"
#include "config/config.h"
#include "directory/private.h"
#include "os/random.h"

/* Answers kept take at most about this; then all are forgotten. */
#define CACHE_BYTES_MAX ((size_t)2 * 1024 * 1024)

int directory_open(struct directory **out, const struct config *cfg,
                   struct err *err)
{
	struct db_group_options o = {
		.db = { .create = true, .cache_kib = 512 },
		.schema_version = DIRECTORY_SCHEMA,
		.migrate = directory_migrate,
	};
	struct directory *dir;
	struct arena a;
	int rc;

	dir = mem_zalloc(sizeof(*dir));
	arena_init(&a);
	o.db.path = config_data_path(cfg, &a, "directory.db");
	rc = db_group_open(&dir->group, &o, err);
	if (rc < 0)
		err_prefix(err, "%s", o.db.path);
	arena_deinit(&a);
	if (rc < 0) {
		mem_free(dir);
		return -1;
	}
	dir->cfg = cfg;
	pthread_mutex_init(&dir->lock, NULL);
	map_init(&dir->cache, random_u64());
	arena_init(&dir->cache_arena);
	*out = dir;
	return 0;
}

void directory_close(struct directory **dir)
{
	struct directory *d = *dir;

	if (!d)
		return;
	db_group_close(&d->group);
	map_deinit(&d->cache);
	arena_deinit(&d->cache_arena);
	pthread_mutex_destroy(&d->lock);
	mem_free(d);
	*dir = NULL;
}

int directory_change(struct directory *dir, int64_t *out, struct err *err)
{
	struct db *db;
	int rc;

	if (db_group_read(dir->group, &db, err) < 0)
		return -1;
	rc = directory_last(db, out, err);
	db_group_done(dir->group, &db);
	return rc;
}

uint64_t directory_quota(const struct directory *dir, uint64_t own)
{
	return own ? own : config_u64(dir->cfg, OPT_LIMITS_QUOTA_BYTES);
}

/* ---- the cache of resolved addresses ---- */

static void copy_resolved(struct arena *a, const struct directory_resolved *r,
                          struct directory_resolved *out)
{
	struct directory_target *targets;

	*out = *r;
	out->asked = arena_dup(a, r->asked);
	out->detail = arena_dup(a, r->detail);
	out->address = arena_dup(a, r->address);
	out->targets = NULL;
	if (!r->targets_n)
		return;
	targets = arena_array(a, r->targets_n, sizeof(*targets));
	for (size_t i = 0; i < r->targets_n; i++) {
		targets[i] = r->targets[i];
		targets[i].address = arena_dup(a, r->targets[i].address);
	}
	out->targets = targets;
}

static void forget_all(struct directory *dir, int64_t change)
{
	map_deinit(&dir->cache);
	map_init(&dir->cache, random_u64());
	arena_reset(&dir->cache_arena);
	dir->cache_change = change;
}

static bool cache_find(struct directory *dir, struct str key, int64_t change,
                       struct arena *a, struct directory_resolved *out)
{
	const struct directory_resolved *kept = NULL;

	pthread_mutex_lock(&dir->lock);
	if (dir->cache_change == change)
		kept = map_get(&dir->cache, key);
	if (kept)
		copy_resolved(a, kept, out);
	pthread_mutex_unlock(&dir->lock);
	return kept != NULL;
}

/* Domains of others are not kept: anyone can ask for any number of them. */
static void cache_put(struct directory *dir, struct str key, int64_t change,
                      const struct directory_resolved *r)
{
	struct directory_resolved *kept;

	if (r->kind == DIRECTORY_NOT_LOCAL)
		return;
	pthread_mutex_lock(&dir->lock);
	if (dir->cache_change < change ||
	    dir->cache_arena.total > CACHE_BYTES_MAX)
		forget_all(dir, change > dir->cache_change ? change
		                                           : dir->cache_change);
	if (dir->cache_change == change && !map_get(&dir->cache, key)) {
		kept = arena_alloc(&dir->cache_arena, sizeof(*kept));
		copy_resolved(&dir->cache_arena, r, kept);
		map_put(&dir->cache, key, kept);
	}
	pthread_mutex_unlock(&dir->lock);
}

/* The number and the rows are read as one state. */
static int resolve_and_keep(struct directory *dir, struct db *db,
                            struct str key, struct str local, struct str domain,
                            struct arena *a, struct directory_resolved *out,
                            struct err *err)
{
	int64_t change = 0;
	int rc;

	if (db_begin_read(db, err) < 0)
		return -1;
	rc = directory_last(db, &change, err);
	if (rc == 0)
		rc = directory_resolve_in(dir, db, local, domain, a, out, err);
	db_rollback(db);
	if (rc == 0)
		cache_put(dir, key, change, out);
	return rc;
}

int directory_address_resolve(struct directory *dir, struct str local,
                              struct str domain, struct arena *a,
                              struct directory_resolved *out, struct err *err)
{
	struct str key = directory_join(a, local, domain);
	struct db *db;
	int64_t change = 0;
	int rc;

	if (db_group_read(dir->group, &db, err) < 0)
		return -1;
	rc = directory_last(db, &change, err);
	if (rc == 0 && !cache_find(dir, key, change, a, out))
		rc = resolve_and_keep(dir, db, key, local, domain, a, out, err);
	db_group_done(dir->group, &db);
	if (rc == 0)
		out->quota_bytes = directory_quota(dir, out->quota_bytes);
	return rc;
}
