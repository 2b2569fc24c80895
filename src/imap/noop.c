#include "imap/command.h"

void imap_cmd_noop(struct imap_session *s, struct imap_parser *p)
{
	bool aside = s->said_aside;

	if (!imap_done(s, p, true))
		return;
	imap_ok(s, "Done");
	s->said_aside = aside; /* who asks hears what is said to this */
}

/* RFC 3501, 6.4.1: everything is on disk already. */
void imap_cmd_check(struct imap_session *s, struct imap_parser *p)
{
	imap_cmd_noop(s, p);
}
