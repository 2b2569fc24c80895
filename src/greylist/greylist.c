#include "greylist/greylist.h"

#include <limits.h>
#include <stdio.h>

#include "base/map.h"
#include "base/mem.h"
#include "greylist/private.h"
#include "os/random.h"

#define SCHEMA_VERSION 1

/* INTEGER: to SQLite the key is then the row's own number. */
static const char schema[] =
	"CREATE TABLE secret (seed BIGINT NOT NULL);"
	"CREATE TABLE known (key INTEGER PRIMARY KEY, day BIGINT NOT NULL);"
	"CREATE TABLE waiting ("
	" key INTEGER PRIMARY KEY, sender TEXT NOT NULL, vouched TEXT NOT NULL,"
	" first_us BIGINT NOT NULL, last_us BIGINT NOT NULL,"
	" tries BIGINT NOT NULL);"
	"CREATE INDEX waiting_last ON waiting (last_us);"
	"CREATE INDEX waiting_sender ON waiting (sender);"
	"CREATE TABLE asked ("
	" key BIGINT NOT NULL, recipient TEXT NOT NULL,"
	" PRIMARY KEY (key, recipient));"
	"CREATE TABLE let ("
	" sender TEXT NOT NULL, scope TEXT NOT NULL, what BIGINT NOT NULL,"
	" at_us BIGINT NOT NULL, PRIMARY KEY (sender, scope));";

static int migrate(struct db *db, uint32_t version, struct err *err)
{
	if (version >= 1)
		return 0;
	if (db_exec(db, schema, err) < 0)
		return -1;
	return db_run(db, "INSERT INTO secret (seed) VALUES ($1)",
	              DB_ARGS(DB_I(random_u64())), err);
}

static int read_seed(struct greylist *g, struct err *err)
{
	struct db *db;
	int64_t seed;
	int rc;

	if (db_group_read(g->group, &db, err) < 0)
		return -1;
	rc = db_number(db, &seed, "SELECT seed FROM secret", DB_NO_ARGS, err);
	db_group_done(g->group, &db);
	if (rc == 0)
		return err_set(err, ERR_CORRUPT, "greylist.db has no seed");
	if (rc > 0)
		g->seed = (uint64_t)seed;
	return rc < 0 ? -1 : 0;
}

int greylist_open(struct greylist **out, const char *dir, struct err *err)
{
	struct greylist *g = mem_zalloc(sizeof(*g));
	char path[PATH_MAX];
	struct db_group_options o = { .db = { .path = path,
		                              .create = true,
		                              .lazy_sync = true,
		                              .cache_kib = 4096 },
		                      .schema_version = SCHEMA_VERSION,
		                      .migrate = migrate };

	(void)snprintf(path, sizeof(path), "%s/greylist.db", dir);
	if (db_group_open(&g->group, &o, err) < 0 || read_seed(g, err) < 0) {
		greylist_close(&g);
		return err_prefix(err, "greylist");
	}
	*out = g;
	return 0;
}

void greylist_close(struct greylist **gp)
{
	struct greylist *g = *gp;

	if (!g)
		return;
	if (g->group)
		db_group_close(&g->group);
	mem_free(g);
	*gp = NULL;
}

int64_t greylist_number(const struct greylist *g, struct str key)
{
	return (int64_t)map_hash(g->seed, key);
}

/* ---- asking ---- */

static int is_known(struct db *db, int64_t key, struct err *err)
{
	int64_t one;

	return db_number(db, &one, "SELECT 1 FROM known WHERE key = $1",
	                 DB_ARGS(DB_I(key)), err);
}

static void wrote_key(const struct greylist_sender *s, struct buf *out)
{
	struct buf address;

	buf_init(&address, GREYLIST_KEY_MAX);
	buf_add(&address, s->local);
	buf_add_c(&address, '@');
	buf_add(&address, s->domain);
	greylist_key_wrote(buf_str(&address), out);
	buf_deinit(&address);
}

/* What can be said without writing; 1 when it was, 0: it waits or is new. */
static int look(struct greylist *g, struct db *db, const struct greylist_ask *q,
                struct str key, struct str wrote, struct greylist_answer *out,
                struct err *err)
{
	enum greylist_let said;
	int rc;

	*out = (struct greylist_answer){ .result = GREYLIST_KNOWN };
	if (greylist_said(db, q, &said, err) < 0)
		return -1;
	if (said != GREYLIST_NEITHER) {
		out->result = said == GREYLIST_ALLOW ? GREYLIST_LET_IN
		                                     : GREYLIST_BLOCKED;
		return 1;
	}
	rc = is_known(db, greylist_number(g, key), err);
	if (rc == 0 && wrote.n)
		rc = is_known(db, greylist_number(g, wrote), err);
	return rc;
}

struct come {
	struct greylist *g;
	const struct greylist_ask *q;
	struct str key;
	struct greylist_answer answer;
};

static int come(struct db *db, void *arg, struct err *err)
{
	struct come *c = arg;

	return greylist_come(c->g, db, c->q, c->key, &c->answer, err);
}

static int ask(struct greylist *g, const struct greylist_ask *q, bool peek,
               struct greylist_answer *out, struct err *err)
{
	struct come c = { .g = g, .q = q };
	struct buf key, wrote;
	struct db *db;
	int rc;

	buf_init(&key, GREYLIST_KEY_MAX * 2);
	buf_init(&wrote, GREYLIST_KEY_MAX * 2);
	greylist_key(&q->sender, &key);
	if (q->sender.domain.n)
		wrote_key(&q->sender, &wrote);
	rc = db_group_read(g->group, &db, err);
	if (rc == 0) {
		rc = look(g, db, q, buf_str(&key), buf_str(&wrote), out, err);
		if (rc == 0 && peek)
			rc = greylist_look(g, db, q, buf_str(&key), out, NULL,
			                   err);
		db_group_done(g->group, &db);
	}
	if (rc == 0 && !peek) {
		c.key = buf_str(&key);
		rc = db_group_write(g->group, come, &c, NULL, 0, err);
		*out = c.answer;
	}
	buf_deinit(&key);
	buf_deinit(&wrote);
	return rc < 0 ? -1 : 0;
}

int greylist_ask(struct greylist *g, const struct greylist_ask *q,
                 struct greylist_answer *out, struct err *err)
{
	return ask(g, q, false, out, err);
}

int greylist_peek(struct greylist *g, const struct greylist_ask *q,
                  struct greylist_answer *out, struct err *err)
{
	return ask(g, q, true, out, err);
}

/* ---- addresses written to ---- */

struct wrote {
	struct greylist *g;
	const struct str *addresses;
	size_t n;
	int64_t now_us;
};

static int add_wrote(struct db *db, void *arg, struct err *err)
{
	struct wrote *w = arg;
	struct buf key;
	int rc = 0;

	buf_init(&key, GREYLIST_KEY_MAX * 2);
	for (size_t i = 0; i < w->n && rc == 0; i++) {
		buf_reset(&key);
		greylist_key_wrote(w->addresses[i], &key);
		rc = greylist_learn(db, greylist_number(w->g, buf_str(&key)),
		                    w->now_us, err);
	}
	buf_deinit(&key);
	return rc;
}

int greylist_wrote(struct greylist *g, const struct str *addresses, size_t n,
                   int64_t now_us, struct err *err)
{
	struct wrote w = { g, addresses, n, now_us };
	bool known = true;

	/* Most are written to again: then there is nothing to write. */
	for (size_t i = 0; i < n && known; i++)
		if (greylist_was_written(g, addresses[i], &known, err) < 0)
			return -1;
	return known ? 0
	             : db_group_write(g->group, add_wrote, &w, NULL, 0, err);
}

int greylist_was_written(struct greylist *g, struct str address, bool *out,
                         struct err *err)
{
	struct buf key;
	struct db *db;
	int rc;

	if (db_group_read(g->group, &db, err) < 0)
		return -1;
	buf_init(&key, GREYLIST_KEY_MAX * 2);
	greylist_key_wrote(address, &key);
	rc = is_known(db, greylist_number(g, buf_str(&key)), err);
	buf_deinit(&key);
	db_group_done(g->group, &db);
	*out = rc > 0;
	return rc < 0 ? -1 : 0;
}

int greylist_figures(struct greylist *g, struct greylist_figures *out,
                     struct err *err)
{
	int64_t known = 0, waiting = 0;
	struct db *db;
	int rc;

	if (db_group_read(g->group, &db, err) < 0)
		return -1;
	rc = db_number(db, &known, "SELECT count(*) FROM known", DB_NO_ARGS,
	               err);
	if (rc >= 0)
		rc = db_number(db, &waiting, "SELECT count(*) FROM waiting",
		               DB_NO_ARGS, err);
	db_group_done(g->group, &db);
	*out = (struct greylist_figures){ (uint64_t)known, (uint64_t)waiting };
	return rc < 0 ? -1 : 0;
}
