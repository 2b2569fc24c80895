#include "pop3/command.h"

void pop3_cmd_uidl(struct pop3_session *s, struct str args)
{
	uint32_t number;
	struct buf b;

	if (str_trim(args).n == 0) {
		pop3_ok(s, "Unique ids follow");
		pop3_list(s, pop3_maildrop_unique_id);
		return;
	}
	if (!pop3_take_message(s, &args, &number) || !pop3_take_end(s, args))
		return;
	buf_init(&b, 100);
	pop3_maildrop_unique_id(&s->drop, number, &b);
	pop3_ok(s, "%u %s", number, buf_z(&b));
	buf_deinit(&b);
}
