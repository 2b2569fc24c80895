#include "smtp/session.h"

void smtp_starttls(struct net_session *s, struct smtp *c, struct str args)
{
	if (args.n) {
		smtp_error(s, c, 501, "5.5.4", "Syntax: STARTTLS");
		return;
	}
	if (net_is_tls(s)) {
		smtp_error(s, c, 503, "5.5.1", "TLS is on already");
		return;
	}
	if (!smtp_context(s)->starttls) {
		smtp_error(s, c, 502, "5.5.1", "STARTTLS is not offered");
		return;
	}
	/* After a login in clear there is nothing left to protect. */
	if (c->account_id) {
		smtp_error(s, c, 503, "5.5.1", "Already logged in");
		return;
	}
	/* No command is read before the handshake; the engine drops what was
	 * sent along in clear (RFC 3207, 4.2). */
	c->busy = true;
	smtp_say(s, 220, "2.0.0", "Ready to start TLS");
	net_start_tls(s);
}
