/* admin/private.h - what the files of this folder share. */
#ifndef ADMIN_PRIVATE_H
#define ADMIN_PRIVATE_H

#include "admin/admin.h"
#include "config/config.h"
#include "gate/credentials.h"
#include "greylist/greylist.h"
#include "queue/queue.h"

struct admin {
	struct config *cfg;
	struct directory *dir;
	struct store *store;             /* NULL until needed */
	struct queue *queue;             /* NULL until needed */
	struct credentials *credentials; /* NULL until needed */
	struct greylist *greylist;       /* NULL until needed */
	bool lent;                       /* all above, but credentials */
	struct gate_client *gate;        /* when lent */
	struct keys_client *keys;        /* when lent */
	struct dns_client *dns;          /* when lent; may be NULL */
	/* When lent, or NULL: have a domain checked in the background,
	 * "": the host itself. */
	int (*check)(void *arg, struct str domain, struct err *err);
	void *check_arg;
};

/* Not of one that is lent. */
int admin_credentials(struct admin *adm, struct credentials **out,
                      struct err *err) ATTR_MUST_USE;

#endif
