#include "pop3/command.h"

/* RFC 6856, 2: names, passwords and messages are UTF-8 here anyway. */
void pop3_cmd_utf8(struct pop3_session *s, struct str args)
{
	if (pop3_take_end(s, args))
		pop3_ok(s, "UTF-8 it is");
}
