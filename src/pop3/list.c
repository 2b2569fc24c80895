#include "pop3/command.h"

static void size_line(const struct pop3_maildrop *m, uint32_t number,
                      struct buf *out)
{
	buf_fmt(out, "%u", m->v[number - 1].size);
}

void pop3_cmd_list(struct pop3_session *s, struct str args)
{
	struct pop3_message *m;
	uint32_t number;

	if (str_trim(args).n == 0) {
		pop3_ok(s, "%u messages (%llu octets)", s->drop.left,
		        (unsigned long long)s->drop.bytes_left);
		pop3_list(s, size_line);
		return;
	}
	m = pop3_take_message(s, &args, &number);
	if (m && pop3_take_end(s, args))
		pop3_ok(s, "%u %u", number, m->size);
}
