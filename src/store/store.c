#include "store/store.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "os/file.h"
#include "store/emails.h"
#include "store/shard.h"

struct store {
	struct store_options o;
	char *dir;
	pthread_mutex_t mutex; /* for `shards` */
	struct shard *shards[STORE_SHARDS_MAX];
	struct emails_cache *emails;
};

int store_open(struct store **out, const struct store_options *o,
               struct err *err)
{
	struct store *s;
	struct shard *first;
	char path[4096];

	if (strlen(o->dir) > sizeof(path) - 100)
		return err_set(err, ERR_TOO_BIG, "path is too long");
	if (file_mkdir(o->dir, 0770, err) < 0)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/blobs", o->dir);
	if (file_mkdir(path, 0770, err) < 0)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/index", o->dir);
	if (file_mkdir(path, 0770, err) < 0)
		return -1;
	s = mem_zalloc(sizeof(*s));
	s->o = *o;
	s->dir = mem_strdup(o->dir);
	s->o.dir = s->dir;
	(void)pthread_mutex_init(&s->mutex, NULL);
	s->emails = emails_cache_new();
	if (store_shard(s, (struct store_account){ .shard = 1 }, &first, err) <
	    0) {
		store_close(&s);
		return -1;
	}
	*out = s;
	return 0;
}

void shard_close(struct shard **shp)
{
	struct shard *sh = *shp;

	if (!sh)
		return;
	db_group_close(&sh->group);
	mem_free(sh->blobs);
	mem_free(sh->index);
	mem_free(sh);
	*shp = NULL;
}

void store_close(struct store **sp)
{
	struct store *s = *sp;

	if (!s)
		return;
	for (size_t i = 0; i < STORE_SHARDS_MAX; i++)
		shard_close(&s->shards[i]);
	emails_cache_free(&s->emails);
	(void)pthread_mutex_destroy(&s->mutex);
	mem_free(s->dir);
	mem_free(s);
	*sp = NULL;
}

struct emails_cache *store_emails(struct store *s)
{
	return s->emails;
}

const char *store_dir(const struct store *s)
{
	return s->dir;
}

static void committed(void *arg, const int64_t *accounts, size_t n)
{
	struct store *s = arg;

	if (s->o.news)
		s->o.news(s->o.news_arg, accounts, n);
}

static void shard_file(const char *dir, uint32_t no, char *out, size_t n)
{
	(void)snprintf(out, n, "%s/shard-%04u.db", dir, no);
}

static int open_shard(const char *dir, uint32_t no,
                      const struct db_group_options *options,
                      struct shard **out, struct err *err)
{
	struct db_group_options o = *options;
	struct shard *sh = mem_zalloc(sizeof(*sh));
	char path[4096];

	o.schema_version = SCHEMA_VERSION;
	o.migrate = schema_migrate;
	sh->no = no;
	(void)snprintf(path, sizeof(path), "%s/blobs/%04u", dir, no);
	sh->blobs = mem_strdup(path);
	(void)snprintf(path, sizeof(path), "%s/index/%04u", dir, no);
	sh->index = mem_strdup(path);
	shard_file(dir, no, path, sizeof(path));
	o.db.path = path;
	if (blob_folders(sh, err) < 0 ||
	    db_group_open(&sh->group, &o, err) < 0) {
		shard_close(&sh);
		if (err->kind == ERR_CORRUPT)
			err_prefix(err, "damaged, run: posthus fsck");
		return -1;
	}
	*out = sh;
	return 0;
}

int shard_open(const char *dir, uint32_t no, struct shard **out,
               struct err *err)
{
	struct db_group_options o = { .readers = 2 };

	return open_shard(dir, no, &o, out, err);
}

static int open_own(struct store *s, uint32_t no, struct err *err)
{
	struct db_group_options o = {
		.db = { .create = true,
		        .cache_kib = s->o.cache_kib ? s->o.cache_kib : 2048 },
		.committed = committed,
		.committed_arg = s,
		.readers = s->o.readers,
	};

	if (open_shard(s->dir, no, &o, &s->shards[no], err) < 0)
		return -1;
	s->shards[no]->store = s;
	return 0;
}

struct shard *store_open_shard(struct store *s, uint32_t no)
{
	struct store_account a = { .shard = no };
	struct shard *sh = NULL;
	struct err err;
	char path[4096];

	shard_file(s->dir, no, path, sizeof(path));
	if (access(path, F_OK) < 0 || store_shard(s, a, &sh, &err) < 0)
		return NULL;
	return sh;
}

int store_shard(struct store *s, struct store_account a, struct shard **out,
                struct err *err)
{
	uint32_t no = a.shard ? a.shard : 1;
	int rc = 0;

	if (no >= STORE_SHARDS_MAX)
		return err_set(err, ERR_INVALID, "no shard %u", no);
	(void)pthread_mutex_lock(&s->mutex);
	if (!s->shards[no])
		rc = open_own(s, no, err);
	*out = s->shards[no];
	(void)pthread_mutex_unlock(&s->mutex);
	return rc;
}

struct make {
	struct store_account account;
};

static int make_account(struct db *db, void *arg, struct err *err)
{
	struct make *m = arg;
	struct account_row row;

	if (account_take(db, m->account, &row, err) < 0)
		return -1;
	return row.made ? account_save(db, &row, err) : 0;
}

int shard_read(struct store *s, struct store_account a, struct shard **sh,
               struct db **db, struct err *err)
{
	struct make m = { a };
	int64_t is;
	int rc;

	if (a.id <= 0)
		return err_set(err, ERR_INVALID, "no account");
	if (store_shard(s, a, sh, err) < 0 ||
	    db_group_read((*sh)->group, db, err) < 0)
		return -1;
	rc = db_number(*db, &is, "SELECT 1 FROM account WHERE id = $1",
	               DB_ARGS(DB_I(a.id)), err);
	if (rc > 0)
		return 0;
	if (rc == 0) {
		/* Not while a connection is held: writers may need one. */
		db_group_done((*sh)->group, db);
		if (shard_write(s, a, make_account, &m, err) < 0)
			return -1;
		return db_group_read((*sh)->group, db, err);
	}
	db_group_done((*sh)->group, db);
	return -1;
}

int shard_write(struct store *s, struct store_account a, db_write_fn fn,
                void *arg, struct err *err)
{
	struct shard *sh;

	if (a.id <= 0)
		return err_set(err, ERR_INVALID, "no account");
	if (store_shard(s, a, &sh, err) < 0)
		return -1;
	return db_group_write(sh->group, fn, arg, &a.id, 1, err);
}

int store_check_space(struct store *s, uint64_t bytes, struct err *err)
{
	uint64_t left = file_free_bytes(s->dir);

	if (left >= s->o.reserve_bytes && left - s->o.reserve_bytes >= bytes)
		return 0;
	return err_set(err, ERR_NO_SPACE,
	               "%s has %llu bytes free, the reserve is %llu", s->dir,
	               (unsigned long long)left,
	               (unsigned long long)s->o.reserve_bytes);
}

/* ---- numbers ---- */

struct store_id store_id(char letter, uint64_t no)
{
	struct store_id id;

	(void)snprintf(id.z, sizeof(id.z), "%c%llu", letter,
	               (unsigned long long)no);
	return id;
}

bool store_id_parse(struct str s, char letter, uint64_t *out)
{
	if (s.n < 2 || s.p[0] != letter || s.p[1] == '0')
		return false;
	return str_to_u64(str_from(s, 1), INT64_MAX, out);
}
