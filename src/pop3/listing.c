#include "base/mem.h"
#include "pop3/session.h"

/* Written at a time: far below NET_PIECE. */
#define PIECE ((size_t)32 * 1024)

struct listing {
	struct pop3_session *s;
	pop3_lister line;
	uint32_t next; /* number */
};

static bool more(struct net_session *net, void *arg)
{
	struct listing *l = arg;
	struct pop3_maildrop *m = &l->s->drop;
	struct buf b;
	bool end;

	buf_init(&b, PIECE + 256);
	for (; l->next <= m->n && b.n < PIECE; l->next++) {
		if (!pop3_maildrop_get(m, l->next))
			continue;
		buf_fmt(&b, "%u ", l->next);
		l->line(m, l->next, &b);
		buf_add(&b, STR("\r\n"));
	}
	end = l->next > m->n;
	if (end)
		buf_add(&b, STR(".\r\n"));
	net_write(net, buf_str(&b));
	buf_deinit(&b);
	return !end;
}

void pop3_list(struct pop3_session *s, pop3_lister line)
{
	struct listing *l = mem_alloc(sizeof(*l));

	*l = (struct listing){ .s = s, .line = line, .next = 1 };
	net_send(s->net, more, mem_free, l);
}
