#include "pop3/command.h"

void pop3_cmd_top(struct pop3_session *s, struct str args)
{
	struct pop3_message *m = pop3_take_message(s, &args, NULL);
	struct pop3_stuff stuff;
	uint32_t lines;

	if (!m)
		return;
	if (!pop3_number(&args, &lines)) {
		pop3_bad(s, "A number of lines is expected");
		return;
	}
	if (!pop3_take_end(s, args))
		return;
	pop3_stuff_init_top(&stuff, lines);
	pop3_send_message(s, m, &stuff);
}
