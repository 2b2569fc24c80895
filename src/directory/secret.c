#include <string.h>

#include "base/mem.h"
#include "directory/private.h"
#include "os/random.h"

struct secret {
	struct str name;
	unsigned char value[DIRECTORY_SECRET_SIZE];
};

/* 1 and *out, 0 when there is none, -1. */
static int find(struct db *db, struct str name,
                unsigned char out[DIRECTORY_SECRET_SIZE], struct err *err)
{
	struct db_stmt *q;
	int rc = db_row(db, &q, "SELECT value FROM secret WHERE name = $1",
	                DB_ARGS(DB_S(name)), err);

	if (rc <= 0)
		return rc;
	if (db_blob(q, 0).n == DIRECTORY_SECRET_SIZE)
		memcpy(out, db_blob(q, 0).p, DIRECTORY_SECRET_SIZE);
	else
		rc = err_set(err, ERR_CORRUPT,
		             "the directory has a secret of "
		             "another size");
	db_done(&q);
	return rc;
}

static int add(struct db *db, void *arg, struct err *err)
{
	const struct secret *s = arg;

	/* Another process may have been faster: then its value stands. */
	return db_run(db,
	              "INSERT INTO secret (name, value) VALUES ($1, $2)"
	              " ON CONFLICT (name) DO NOTHING",
	              DB_ARGS(DB_S(s->name),
	                      DB_B(((struct str){ (const char *)s->value,
	                                          sizeof(s->value) }))),
	              err);
}

static int read_it(struct directory *dir, struct str name,
                   unsigned char out[DIRECTORY_SECRET_SIZE], struct err *err)
{
	struct db *db;
	int rc;

	if (db_group_read(dir->group, &db, err) < 0)
		return -1;
	rc = find(db, name, out, err);
	db_group_done(dir->group, &db);
	return rc;
}

int directory_secret(struct directory *dir, struct str name,
                     unsigned char out[DIRECTORY_SECRET_SIZE], struct err *err)
{
	struct secret s = { .name = name };
	int rc = read_it(dir, name, out, err);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	random_bytes(s.value, sizeof(s.value));
	rc = db_group_write(dir->group, add, &s, NULL, 0, err);
	mem_wipe(&s, sizeof(s));
	if (rc < 0)
		return -1;
	rc = read_it(dir, name, out, err);
	if (rc == 0)
		return err_set(err, ERR_CORRUPT, "the directory lost a secret");
	return rc < 0 ? -1 : 0;
}
