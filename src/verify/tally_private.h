/* verify/tally_private.h - what the files of the tally share. */
#ifndef VERIFY_TALLY_PRIVATE_H
#define VERIFY_TALLY_PRIVATE_H

#include <pthread.h>

#include "base/map.h"
#include "db/group.h"
#include "verify/tally.h"

#define TALLY_LINE_MAX ((size_t)4096)

struct tally_mail;

struct tally {
	struct db_group *group;
	pthread_t thread;
	bool runs;

	pthread_mutex_t lock; /* of all below */
	pthread_cond_t wake, idle;
	struct map waiting; /* "DAY DOMAIN\nRECORD\nLINE" -> struct counted */
	uint64_t added, written, dropped;
	struct tally_mail *inbox;
	size_t inbox_n, inbox_bytes;
	struct directory *directory; /* borrowed; NULL: nothing is read */
	bool stop, hurry;
};

/* Read what came by mail; with the lock, which is let go meanwhile. */
void tally_read_inbox(struct tally *t);

/* A row as one line: fields between tabs, signatures as domain:selector:
 * result; what a field may not hold is left out. */
void tally_line_write(struct buf *out, const struct dmarc_report_row *row);
/* Views are of the line. */
bool tally_line_read(struct str line, struct dmarc_report_row *out)
	ATTR_MUST_USE;

#endif
