#include "pop3/command.h"

void pop3_cmd_dele(struct pop3_session *s, struct str args)
{
	struct pop3_message *m;
	uint32_t number;

	m = pop3_take_message(s, &args, &number);
	if (!m || !pop3_take_end(s, args))
		return;
	pop3_maildrop_mark(&s->drop, m);
	pop3_ok(s, "Message %u is removed at QUIT", number);
}
