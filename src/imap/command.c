#include "imap/command.h"

#define EXPUNGE IMAP_MAY_EXPUNGE
#define WRITES  (IMAP_WRITES | IMAP_MAY_EXPUNGE)

static const struct imap_command commands[] = {
	{ STR_INIT("APPEND"), imap_cmd_append, IMAP_LOGGED_IN, EXPUNGE },
	{ STR_INIT("AUTHENTICATE"), imap_cmd_authenticate,
	  IMAP_NOT_AUTHENTICATED, 0 },
	{ STR_INIT("CAPABILITY"), imap_cmd_capability, IMAP_ANY, EXPUNGE },
	{ STR_INIT("CHECK"), imap_cmd_check, IMAP_SELECTED, EXPUNGE },
	{ STR_INIT("CLOSE"), imap_cmd_close, IMAP_SELECTED, 0 },
	{ STR_INIT("COPY"), imap_cmd_copy, IMAP_SELECTED, EXPUNGE },
	{ STR_INIT("CREATE"), imap_cmd_create, IMAP_LOGGED_IN, EXPUNGE },
	{ STR_INIT("DELETE"), imap_cmd_delete, IMAP_LOGGED_IN, EXPUNGE },
	{ STR_INIT("ENABLE"), imap_cmd_enable, IMAP_LOGGED_IN, EXPUNGE },
	{ STR_INIT("EXAMINE"), imap_cmd_examine, IMAP_LOGGED_IN, 0 },
	{ STR_INIT("EXPUNGE"), imap_cmd_expunge, IMAP_SELECTED, WRITES },
	{ STR_INIT("FETCH"), imap_cmd_fetch, IMAP_SELECTED, 0 },
	{ STR_INIT("GETMETADATA"), imap_cmd_getmetadata, IMAP_LOGGED_IN,
	  EXPUNGE },
	{ STR_INIT("GETQUOTA"), imap_cmd_getquota, IMAP_LOGGED_IN, EXPUNGE },
	{ STR_INIT("GETQUOTAROOT"), imap_cmd_getquotaroot, IMAP_LOGGED_IN,
	  EXPUNGE },
	{ STR_INIT("ID"), imap_cmd_id, IMAP_ANY, EXPUNGE },
	{ STR_INIT("IDLE"), imap_cmd_idle, IMAP_LOGGED_IN, EXPUNGE },
	{ STR_INIT("LIST"), imap_cmd_list, IMAP_LOGGED_IN, EXPUNGE },
	{ STR_INIT("LOGIN"), imap_cmd_login, IMAP_NOT_AUTHENTICATED, 0 },
	{ STR_INIT("LOGOUT"), imap_cmd_logout, IMAP_ANY, 0 },
	{ STR_INIT("LSUB"), imap_cmd_lsub, IMAP_LOGGED_IN, EXPUNGE },
	{ STR_INIT("MOVE"), imap_cmd_move, IMAP_SELECTED, WRITES },
	{ STR_INIT("NAMESPACE"), imap_cmd_namespace, IMAP_LOGGED_IN, EXPUNGE },
	{ STR_INIT("NOOP"), imap_cmd_noop, IMAP_ANY, EXPUNGE },
	{ STR_INIT("RENAME"), imap_cmd_rename, IMAP_LOGGED_IN, EXPUNGE },
	{ STR_INIT("SEARCH"), imap_cmd_search, IMAP_SELECTED, 0 },
	{ STR_INIT("SELECT"), imap_cmd_select, IMAP_LOGGED_IN, 0 },
	{ STR_INIT("SETMETADATA"), imap_cmd_setmetadata, IMAP_LOGGED_IN,
	  EXPUNGE },
	{ STR_INIT("STARTTLS"), imap_cmd_starttls, IMAP_NOT_AUTHENTICATED, 0 },
	{ STR_INIT("STATUS"), imap_cmd_status, IMAP_LOGGED_IN, EXPUNGE },
	{ STR_INIT("STORE"), imap_cmd_store, IMAP_SELECTED, IMAP_WRITES },
	{ STR_INIT("SUBSCRIBE"), imap_cmd_subscribe, IMAP_LOGGED_IN, EXPUNGE },
	{ STR_INIT("UID COPY"), imap_cmd_uid_copy, IMAP_SELECTED, EXPUNGE },
	{ STR_INIT("UID EXPUNGE"), imap_cmd_uid_expunge, IMAP_SELECTED,
	  WRITES },
	{ STR_INIT("UID FETCH"), imap_cmd_uid_fetch, IMAP_SELECTED, EXPUNGE },
	{ STR_INIT("UID MOVE"), imap_cmd_uid_move, IMAP_SELECTED, WRITES },
	{ STR_INIT("UID SEARCH"), imap_cmd_uid_search, IMAP_SELECTED, EXPUNGE },
	{ STR_INIT("UID STORE"), imap_cmd_uid_store, IMAP_SELECTED, WRITES },
	{ STR_INIT("UNSELECT"), imap_cmd_unselect, IMAP_SELECTED, 0 },
	{ STR_INIT("UNSUBSCRIBE"), imap_cmd_unsubscribe, IMAP_LOGGED_IN,
	  EXPUNGE },
};

const struct imap_command *imap_command_find(struct str name)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (str_eq_case(name, commands[i].name))
			return &commands[i];
	return NULL;
}
