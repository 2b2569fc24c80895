#include "base/mem.h"
#include "pop3/command.h"

/* RFC 2595, 4.  Bytes sent in clear behind the command are dropped by the
 * connection (net_start_tls()), and what was said before is forgotten. */
void pop3_cmd_stls(struct pop3_session *s, struct str args)
{
	if (!pop3_take_end(s, args))
		return;
	if (net_is_tls(s->net)) {
		pop3_bad(s, "TLS is on already");
		return;
	}
	if (!s->ctx->stls) {
		pop3_err(s, "There is no certificate");
		return;
	}
	mem_free(s->user);
	s->user = NULL;
	pop3_ok(s, "Begin the handshake");
	net_start_tls(s->net);
}
