#include "managesieve/command.h"

static const struct managesieve_row rows[] = {
	{ STR_INIT("AUTHENTICATE"), managesieve_cmd_authenticate,
	  MANAGESIEVE_EARLY, "S?S" },
	{ STR_INIT("CAPABILITY"), managesieve_cmd_capability, MANAGESIEVE_ANY,
	  "" },
	{ STR_INIT("CHECKSCRIPT"), managesieve_cmd_checkscript,
	  MANAGESIEVE_LOGGED_IN, "T" },
	{ STR_INIT("DELETESCRIPT"), managesieve_cmd_deletescript,
	  MANAGESIEVE_LOGGED_IN, "S" },
	{ STR_INIT("GETSCRIPT"), managesieve_cmd_getscript,
	  MANAGESIEVE_LOGGED_IN, "S" },
	{ STR_INIT("HAVESPACE"), managesieve_cmd_havespace,
	  MANAGESIEVE_LOGGED_IN, "SN" },
	{ STR_INIT("LISTSCRIPTS"), managesieve_cmd_listscripts,
	  MANAGESIEVE_LOGGED_IN, "" },
	{ STR_INIT("LOGOUT"), managesieve_cmd_logout, MANAGESIEVE_ANY, "" },
	{ STR_INIT("NOOP"), managesieve_cmd_noop, MANAGESIEVE_ANY, "?S" },
	{ STR_INIT("PUTSCRIPT"), managesieve_cmd_putscript,
	  MANAGESIEVE_LOGGED_IN, "ST" },
	{ STR_INIT("RENAMESCRIPT"), managesieve_cmd_renamescript,
	  MANAGESIEVE_LOGGED_IN, "SS" },
	{ STR_INIT("SETACTIVE"), managesieve_cmd_setactive,
	  MANAGESIEVE_LOGGED_IN, "S" },
	{ STR_INIT("STARTTLS"), managesieve_cmd_starttls, MANAGESIEVE_EARLY,
	  "" },
	{ STR_INIT("UNAUTHENTICATE"), managesieve_cmd_unauthenticate,
	  MANAGESIEVE_LOGGED_IN, "" },
};

const struct managesieve_row *managesieve_row_find(struct str name)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (str_eq_case(name, rows[i].name))
			return &rows[i];
	return NULL;
}
