/* The commands of one reply. */
#include "smtp/session.h"

void smtp_rset(struct net_session *s, struct smtp *c, struct str args)
{
	if (args.n) {
		smtp_error(s, c, 501, "5.5.4", "Syntax: RSET");
		return;
	}
	smtp_tx_drop(c);
	smtp_say(s, 250, "2.0.0", "OK");
}

void smtp_noop(struct net_session *s, struct smtp *c, struct str args)
{
	(void)c;
	(void)args; /* RFC 5321, 4.1.1.9: a string that is ignored */
	smtp_say(s, 250, "2.0.0", "OK");
}

void smtp_quit(struct net_session *s, struct smtp *c, struct str args)
{
	if (args.n) {
		smtp_error(s, c, 501, "5.5.4", "Syntax: QUIT");
		return;
	}
	smtp_say(s, 221, "2.0.0", "Bye");
	net_close(s);
}

void smtp_help(struct net_session *s, struct smtp *c, struct str args)
{
	const struct smtp_context *x = smtp_context(s);
	struct str help = intake_help(x->intake);

	(void)c;
	(void)args;
	net_fmt(s,
	        "214-2.0.0 MAIL RCPT DATA BDAT EHLO HELO QUIT RSET NOOP "
	        "STARTTLS AUTH VRFY HELP\r\n"
	        "214 2.0.0 %.*s\r\n",
	        STR_ARG(help));
}

/* RFC 5321, 3.5.3: 252 tells nobody which addresses there are. */
void smtp_vrfy(struct net_session *s, struct smtp *c, struct str args)
{
	if (args.n == 0) {
		smtp_error(s, c, 501, "5.5.4", "Syntax: VRFY address");
		return;
	}
	smtp_say(s, 252, "2.5.2",
	         "Cannot verify, but will take mail and try to deliver it");
}

void smtp_expn(struct net_session *s, struct smtp *c, struct str args)
{
	(void)args;
	smtp_error(s, c, 502, "5.5.1", "EXPN is not offered");
}

void smtp_etrn(struct net_session *s, struct smtp *c, struct str args)
{
	(void)args;
	smtp_error(s, c, 502, "5.5.1", "ETRN is not offered");
}
