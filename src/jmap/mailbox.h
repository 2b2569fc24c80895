/* jmap/mailbox.h - the tree of mailboxes as JMAP sees it.  Private to jmap/.
 *
 * The store names a mailbox by its whole path; JMAP has the last level as its
 * name and the mailbox above as parentId.  INBOX is shown as "Inbox". */
#ifndef JMAP_MAILBOX_H
#define JMAP_MAILBOX_H

#include "jmap/object.h"
#include "store/emails.h"
#include "store/mailbox.h"

struct jmap_mailbox {
	const struct mailbox *m;
	const struct mailbox *parent; /* NULL: at the top */
	struct str name;
	const struct emails_counts *counts; /* NULL unless asked for */
};

struct jmap_mailboxes {
	struct jmap_mailbox
		*list; /* in the order of whole names, INBOX first */
	size_t n;
};

/* In the call's arena. */
int jmap_mailboxes_read(struct jmap_call *c, bool counts,
                        struct jmap_mailboxes *out) ATTR_MUST_USE;
const struct jmap_mailbox *jmap_mailboxes_find(const struct jmap_mailboxes *l,
                                               uint64_t no);

/* "inbox", or NULL; and back (false when there is no such role). */
const char *jmap_role_name(enum mailbox_use use);
bool jmap_role_parse(struct str name, enum mailbox_use *out);
void jmap_write_rights(struct json_writer *w, bool inbox);
unsigned jmap_role_order(enum mailbox_use use);

#endif
