/* migrate/private.h - between run.c and folder.c. */
#ifndef MIGRATE_PRIVATE_H
#define MIGRATE_PRIVATE_H

#include "migrate/book.h"
#include "migrate/remote.h"

struct run {
	const struct migrate *m;
	struct migrate_report *report;
	struct arena *a; /* of the report */
	struct book *book;
	struct session session;
	bool is_open;
	int64_t begun_us; /* for the rate */
};

/* All of one folder over the session that is open, as far as it was not taken
 * before; counts of an earlier try are set anew. */
int folder_run(struct run *r, const struct remote_folder *f,
               struct migrate_folder *line, struct err *err) ATTR_MUST_USE;

bool run_is_stopped(const struct run *r);
void run_tell(struct run *r);
/* What failed for good; the words are copied. */
void run_failed(struct run *r, struct migrate_folder *line, uint32_t uid,
                const char *why);

#endif
