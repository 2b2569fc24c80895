#include "pop3/command.h"

static const struct pop3_command commands[] = {
	{ STR_INIT("AUTH"), pop3_cmd_auth, POP3_AUTHORIZATION },
	{ STR_INIT("CAPA"), pop3_cmd_capa, POP3_ANY },
	{ STR_INIT("DELE"), pop3_cmd_dele, POP3_TRANSACTION },
	{ STR_INIT("LIST"), pop3_cmd_list, POP3_TRANSACTION },
	{ STR_INIT("NOOP"), pop3_cmd_noop, POP3_TRANSACTION },
	{ STR_INIT("PASS"), pop3_cmd_pass, POP3_AUTHORIZATION },
	{ STR_INIT("QUIT"), pop3_cmd_quit, POP3_ANY },
	{ STR_INIT("RETR"), pop3_cmd_retr, POP3_TRANSACTION },
	{ STR_INIT("RSET"), pop3_cmd_rset, POP3_TRANSACTION },
	{ STR_INIT("STAT"), pop3_cmd_stat, POP3_TRANSACTION },
	{ STR_INIT("STLS"), pop3_cmd_stls, POP3_AUTHORIZATION },
	{ STR_INIT("TOP"), pop3_cmd_top, POP3_TRANSACTION },
	{ STR_INIT("UIDL"), pop3_cmd_uidl, POP3_TRANSACTION },
	{ STR_INIT("USER"), pop3_cmd_user, POP3_AUTHORIZATION },
	{ STR_INIT("UTF8"), pop3_cmd_utf8, POP3_AUTHORIZATION },
};

const struct pop3_command *pop3_command_find(struct str name)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (str_eq_case(name, commands[i].name))
			return &commands[i];
	return NULL;
}
