#include "imap/command.h"

/* RFC 2342: one namespace, the account's own. */
void imap_cmd_namespace(struct imap_session *s, struct imap_parser *p)
{
	if (!imap_done(s, p, true))
		return;
	net_write(s->net, STR("* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n"));
	imap_ok(s, "Done");
}
