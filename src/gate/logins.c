#include "gate/logins.h"

#include <limits.h>
#include <stdio.h>

#include "db/db.h"

/* The table of logins is there since. */
#define LEAST_VERSION 3

static int read_one(struct db *db, struct str user, struct arena *a,
                    struct gate_last_login *out, struct err *err)
{
	struct db_stmt *q;
	int rc = db_row(db, &q,
	                "SELECT last_us, protocol, ip FROM login"
	                " WHERE user = $1 AND verdict = $2"
	                " ORDER BY last_us DESC LIMIT 1",
	                DB_ARGS(DB_S(user), DB_I(GATE_OK)), err);

	if (rc <= 0)
		return rc;
	*out = (struct gate_last_login){
		.at_us = db_i64(q, 0),
		.protocol = (enum gate_protocol)db_i64(q, 1),
		.ip = arena_dup(a, db_text(q, 2)),
	};
	db_done(&q);
	return 0;
}

int gate_last_logins(const char *dir, const struct str *users, size_t n,
                     struct arena *a, struct gate_last_login *out,
                     struct err *err)
{
	char path[PATH_MAX];
	struct db_options o = { .path = path, .readonly = true };
	uint32_t version;
	struct db *db;
	int rc;

	for (size_t i = 0; i < n; i++)
		out[i] = (struct gate_last_login){ .at_us = 0 };
	(void)snprintf(path, sizeof(path), "%s/gate.db", dir);
	if (db_open(&db, &o, err) < 0) {
		if (err->kind != ERR_NOT_FOUND)
			return -1;
		*err = (struct err)ERR_INIT;
		return 0; /* no gate has run here yet */
	}
	rc = db_version(db, &version, err);
	for (size_t i = 0; rc == 0 && version >= LEAST_VERSION && i < n; i++)
		rc = read_one(db, users[i], a, &out[i], err);
	db_close(&db);
	return rc;
}
