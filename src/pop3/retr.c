#include "pop3/command.h"

void pop3_cmd_retr(struct pop3_session *s, struct str args)
{
	struct pop3_message *m = pop3_take_message(s, &args, NULL);
	struct pop3_stuff stuff;

	if (!m || !pop3_take_end(s, args))
		return;
	s->retrieved++;
	pop3_stuff_init(&stuff);
	pop3_send_message(s, m, &stuff);
}
