#include "pop3/command.h"

void pop3_cmd_rset(struct pop3_session *s, struct str args)
{
	if (!pop3_take_end(s, args))
		return;
	pop3_maildrop_unmark_all(&s->drop);
	pop3_ok(s, "%u messages (%llu octets)", s->drop.left,
	        (unsigned long long)s->drop.bytes_left);
}
