/*
 * managesieve/command.h - the table of commands (RFC 5804, 2).  Private to
 * managesieve/.
 */
#ifndef MANAGESIEVE_COMMAND_H
#define MANAGESIEVE_COMMAND_H

#include "managesieve/session.h"

enum {
	MANAGESIEVE_ANY = MANAGESIEVE_EARLY | MANAGESIEVE_LOGGED_IN,
};

struct managesieve_row {
	struct str name;
	void (*run)(struct managesieve_session *s,
	            const struct managesieve_command *c);
	uint8_t states;
	/* Its arguments: "S" string, "N" number, "T" a script; those behind
	 * "?" may be missing. */
	const char *args;
};

/* NULL when there is none. */
const struct managesieve_row *managesieve_row_find(struct str name);

#define MANAGESIEVE_COMMAND_FN(fn)             \
	void fn(struct managesieve_session *s, \
	        const struct managesieve_command *c)

MANAGESIEVE_COMMAND_FN(managesieve_cmd_authenticate);
MANAGESIEVE_COMMAND_FN(managesieve_cmd_capability);
MANAGESIEVE_COMMAND_FN(managesieve_cmd_checkscript);
MANAGESIEVE_COMMAND_FN(managesieve_cmd_deletescript);
MANAGESIEVE_COMMAND_FN(managesieve_cmd_getscript);
MANAGESIEVE_COMMAND_FN(managesieve_cmd_havespace);
MANAGESIEVE_COMMAND_FN(managesieve_cmd_listscripts);
MANAGESIEVE_COMMAND_FN(managesieve_cmd_logout);
MANAGESIEVE_COMMAND_FN(managesieve_cmd_noop);
MANAGESIEVE_COMMAND_FN(managesieve_cmd_putscript);
MANAGESIEVE_COMMAND_FN(managesieve_cmd_renamescript);
MANAGESIEVE_COMMAND_FN(managesieve_cmd_setactive);
MANAGESIEVE_COMMAND_FN(managesieve_cmd_starttls);
MANAGESIEVE_COMMAND_FN(managesieve_cmd_unauthenticate);

#endif
