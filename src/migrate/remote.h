/*
 * migrate/remote.h - the folders of the old provider, and where they go.
 */
#ifndef MIGRATE_REMOTE_H
#define MIGRATE_REMOTE_H

#include "migrate/session.h"
#include "store/mailbox.h"

#define REMOTE_FOLDERS_MAX 5000

struct remote_folder {
	struct str name;      /* as the server has it, for commands */
	struct str shown;     /* in UTF-8 */
	enum mailbox_use use; /* it goes to the mailbox of this use, */
	struct str here;      /* or to the one of this name */
	bool is_all;          /* it holds what others hold too */
	const char *skipped;  /* why it is passed over, or NULL */
};

/* Those that hold all come last. */
int remote_folders(struct session *s, struct arena *a,
                   struct remote_folder **out, size_t *n_out, struct err *err)
	ATTR_MUST_USE;

/* Where a folder goes; for tests. */
void remote_folder_read(const struct imap_listed *l, struct arena *a,
                        struct remote_folder *out);

#endif
