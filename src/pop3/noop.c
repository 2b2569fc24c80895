#include "pop3/command.h"

void pop3_cmd_noop(struct pop3_session *s, struct str args)
{
	if (pop3_take_end(s, args))
		pop3_ok(s, "Nothing done");
}
