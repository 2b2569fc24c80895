/* admin/private.h - what the files of this folder share. */
#ifndef ADMIN_PRIVATE_H
#define ADMIN_PRIVATE_H

#include "admin/admin.h"
#include "config/config.h"
#include "gate/credentials.h"
#include "greylist/greylist.h"
#include "queue/queue.h"
#include "trail/trail.h"

struct admin {
	struct config *cfg;
	struct directory *dir;
	struct store *store;             /* NULL until needed */
	struct queue *queue;             /* NULL until needed */
	struct credentials *credentials; /* NULL until needed */
	struct greylist *greylist;       /* NULL until needed */
	struct trail *trail;             /* NULL until needed */
	char *bell;                      /* with the store: who is told */
	bool lent;                       /* all above, but credentials */
	struct gate_client *gate;        /* when lent */
	struct keys_client *keys;        /* when lent */
	struct dns_client *dns;          /* when lent; may be NULL */
	/* When lent, or NULL: have a domain checked in the background,
	 * "": the host itself. */
	int (*check)(void *arg, struct str domain, struct err *err);
	void *check_arg;
	const struct admin_importer *importer; /* when lent, or NULL */
};

/* What somebody does to the mail of the queue is told to the trail: what of
 * it will be touched is noted before, and told when it is done. */
struct admin_told {
	struct arena a;
	struct trail_event *v;
	size_t n, cap;
	enum trail_kind kind;
	unsigned states; /* 1 << enum queue_state, and: */
};

#define ADMIN_TOLD_LATER (1u << 8) /* its sender wants it sent later */
#define ADMIN_TOLD_MAX   10000     /* of all; the rest is not told */

/* Actions of the message, 0: of all, that are in one of `states`. */
int admin_told_begin(struct admin *adm, struct admin_told *t, int64_t message,
                     enum trail_kind kind, unsigned states, struct err *err)
	ATTR_MUST_USE;
/* Done by `who`, or not.  The trail never holds up what was done. */
void admin_told_end(struct admin *adm, struct admin_told *t, bool done,
                    struct str who);

/* Not of one that is lent. */
int admin_credentials(struct admin *adm, struct credentials **out,
                      struct err *err) ATTR_MUST_USE;

#endif
