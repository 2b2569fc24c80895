/*
 * imap/command.h - the table of commands.  Private to imap/.
 */
#ifndef IMAP_COMMAND_H
#define IMAP_COMMAND_H

#include "imap/session.h"

enum {
	IMAP_ANY = IMAP_NOT_AUTHENTICATED | IMAP_AUTHENTICATED | IMAP_SELECTED,
	IMAP_LOGGED_IN = IMAP_AUTHENTICATED | IMAP_SELECTED,
};

enum {
	/* Answers may tell of removed messages (RFC 9051, 7.5.1: all but FETCH,
	 * STORE and SEARCH by sequence number). */
	IMAP_MAY_EXPUNGE = 1,
	IMAP_WRITES = 2, /* not in a mailbox opened by EXAMINE */
};

struct imap_command {
	struct str name; /* "UID FETCH" for those behind UID */
	void (*run)(struct imap_session *s, struct imap_parser *p);
	uint8_t states; /* in which it is allowed */
	uint8_t flags;
};

/* NULL when there is none. */
const struct imap_command *imap_command_find(struct str name);

#define IMAP_COMMAND(fn) void fn(struct imap_session *s, struct imap_parser *p)

IMAP_COMMAND(imap_cmd_append);
IMAP_COMMAND(imap_cmd_authenticate);
IMAP_COMMAND(imap_cmd_capability);
IMAP_COMMAND(imap_cmd_check);
IMAP_COMMAND(imap_cmd_close);
IMAP_COMMAND(imap_cmd_copy);
IMAP_COMMAND(imap_cmd_create);
IMAP_COMMAND(imap_cmd_delete);
IMAP_COMMAND(imap_cmd_enable);
IMAP_COMMAND(imap_cmd_examine);
IMAP_COMMAND(imap_cmd_expunge);
IMAP_COMMAND(imap_cmd_fetch);
IMAP_COMMAND(imap_cmd_getmetadata);
IMAP_COMMAND(imap_cmd_getquota);
IMAP_COMMAND(imap_cmd_getquotaroot);
IMAP_COMMAND(imap_cmd_id);
IMAP_COMMAND(imap_cmd_idle);
IMAP_COMMAND(imap_cmd_list);
IMAP_COMMAND(imap_cmd_login);
IMAP_COMMAND(imap_cmd_logout);
IMAP_COMMAND(imap_cmd_lsub);
IMAP_COMMAND(imap_cmd_move);
IMAP_COMMAND(imap_cmd_namespace);
IMAP_COMMAND(imap_cmd_noop);
IMAP_COMMAND(imap_cmd_rename);
IMAP_COMMAND(imap_cmd_search);
IMAP_COMMAND(imap_cmd_select);
IMAP_COMMAND(imap_cmd_setmetadata);
IMAP_COMMAND(imap_cmd_starttls);
IMAP_COMMAND(imap_cmd_status);
IMAP_COMMAND(imap_cmd_store);
IMAP_COMMAND(imap_cmd_subscribe);
IMAP_COMMAND(imap_cmd_uid_copy);
IMAP_COMMAND(imap_cmd_uid_expunge);
IMAP_COMMAND(imap_cmd_uid_fetch);
IMAP_COMMAND(imap_cmd_uid_move);
IMAP_COMMAND(imap_cmd_uid_search);
IMAP_COMMAND(imap_cmd_uid_store);
IMAP_COMMAND(imap_cmd_unselect);
IMAP_COMMAND(imap_cmd_unsubscribe);

#endif
