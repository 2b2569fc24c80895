#include "imap/command.h"

/* RFC 9051, 6.2.1.  Bytes sent in clear behind the command are dropped by the
 * connection (net_start_tls()), so that nobody can put commands there. */
void imap_cmd_starttls(struct imap_session *s, struct imap_parser *p)
{
	if (!imap_done(s, p, true))
		return;
	if (net_is_tls(s->net)) {
		imap_bad(s, "TLS is on already");
		return;
	}
	if (!s->ctx->starttls) {
		imap_no(s, "[CANNOT] There is no certificate");
		return;
	}
	imap_ok(s, "Begin the handshake");
	net_start_tls(s->net);
}
