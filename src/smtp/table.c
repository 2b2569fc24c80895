#include "smtp/session.h"

static const struct smtp_row rows[] = {
	{ "MAIL", smtp_mail, SMTP_NEEDS_HELO | SMTP_NO_MAIL | SMTP_PROGRESS },
	{ "RCPT", smtp_rcpt,
	  SMTP_NEEDS_HELO | SMTP_NEEDS_MAIL | SMTP_PROGRESS },
	{ "DATA", smtp_data,
	  SMTP_NEEDS_HELO | SMTP_NEEDS_MAIL | SMTP_PROGRESS },
	/* BDAT judges its own state: its chunk must be read over anyway. */
	{ "BDAT", smtp_bdat, SMTP_PROGRESS },
	{ "EHLO", smtp_ehlo, 0 },
	{ "HELO", smtp_helo, 0 },
	{ "QUIT", smtp_quit, 0 },
	{ "RSET", smtp_rset, 0 },
	{ "NOOP", smtp_noop, 0 },
	{ "STARTTLS", smtp_starttls, SMTP_NEEDS_HELO | SMTP_NO_MAIL },
	{ "AUTH", smtp_auth, SMTP_NEEDS_HELO | SMTP_NO_MAIL | SMTP_NO_LOGIN },
	{ "VRFY", smtp_vrfy, 0 },
	{ "EXPN", smtp_expn, 0 },
	{ "HELP", smtp_help, 0 },
	{ "ETRN", smtp_etrn, 0 },
};

const struct smtp_row *smtp_row_find(struct str verb)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (str_eq_case(verb, str_z(rows[i].verb)))
			return &rows[i];
	return NULL;
}
