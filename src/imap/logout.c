#include "imap/command.h"

void imap_cmd_logout(struct imap_session *s, struct imap_parser *p)
{
	if (!imap_done(s, p, true))
		return;
	net_write(s->net, STR("* BYE Goodbye\r\n"));
	net_fmt(s->net, "%s OK Logged out\r\n", s->tag);
	s->state = IMAP_LOGGED_OUT;
	net_close(s->net);
}
