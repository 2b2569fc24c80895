/* Who may not be logged in at present. */
#include "directory/private.h"

int directory_barred_each(struct directory *dir,
                          void (*each)(void *arg, int64_t account), void *arg,
                          struct err *err)
{
	struct db_stmt *q;
	struct db *db;
	int rc;

	if (db_group_read(dir->group, &db, err) < 0)
		return -1;
	rc = db_query(db, &q,
	              "SELECT c.id FROM account c"
	              " LEFT JOIN domain d ON d.id = c.domain"
	              " WHERE c.removed > 0 OR (c.flags & $1) <> 0"
	              " OR (d.flags & $1) <> 0",
	              DB_ARGS(DB_I(DIRECTORY_NO_LOGIN)), err);
	while (rc == 0 && (rc = db_next(q, err)) > 0) {
		each(arg, db_i64(q, 0));
		rc = 0;
	}
	db_done(&q);
	db_group_done(dir->group, &db);
	return rc < 0 ? -1 : 0;
}
