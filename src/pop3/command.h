/*
 * pop3/command.h - the table of commands.  Private to pop3/.
 */
#ifndef POP3_COMMAND_H
#define POP3_COMMAND_H

#include "pop3/session.h"

enum {
	POP3_ANY = POP3_AUTHORIZATION | POP3_TRANSACTION,
};

struct pop3_command {
	struct str name;
	void (*run)(struct pop3_session *s, struct str args);
	uint8_t states; /* in which it is allowed */
};

/* NULL when there is none. */
const struct pop3_command *pop3_command_find(struct str name);

#define POP3_COMMAND(fn) void fn(struct pop3_session *s, struct str args)

POP3_COMMAND(pop3_cmd_auth);
POP3_COMMAND(pop3_cmd_capa);
POP3_COMMAND(pop3_cmd_dele);
POP3_COMMAND(pop3_cmd_list);
POP3_COMMAND(pop3_cmd_noop);
POP3_COMMAND(pop3_cmd_pass);
POP3_COMMAND(pop3_cmd_quit);
POP3_COMMAND(pop3_cmd_retr);
POP3_COMMAND(pop3_cmd_rset);
POP3_COMMAND(pop3_cmd_stat);
POP3_COMMAND(pop3_cmd_stls);
POP3_COMMAND(pop3_cmd_top);
POP3_COMMAND(pop3_cmd_uidl);
POP3_COMMAND(pop3_cmd_user);
POP3_COMMAND(pop3_cmd_utf8);

#endif
