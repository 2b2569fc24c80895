/*
 * migrate/status.h - how an import fares, as JSON; and what became of the last
 * one of each account, in DIR/ACCOUNT.json.
 */
#ifndef MIGRATE_STATUS_H
#define MIGRATE_STATUS_H

#include "base/buf.h"
#include "migrate/migrate.h"
#include "wire/json/write.h"

#define MIGRATE_STATUS_MAX ((size_t)8 * 1024 * 1024)

struct migrate_status {
	const char *state; /* none, running, done, failed, stopped */
	struct str host, user;
	int64_t began_us, ended_us;          /* 0: not yet */
	struct str why;                      /* of failed, in words */
	const struct migrate_report *report; /* NULL: nothing yet */
};

/* An object. */
void migrate_status_write(const struct migrate_status *s,
                          struct json_writer *w);

/* The file is replaced as a whole. */
int migrate_status_save(const char *dir, int64_t account,
                        const struct migrate_status *s, struct err *err)
	ATTR_MUST_USE;
/* The object; with state "none" where there was no import yet.  One whose
 * program ended with it running is "stopped". */
int migrate_status_load(const char *dir, int64_t account, struct arena *a,
                        struct str *out, struct err *err) ATTR_MUST_USE;

#endif
