#include "imap/command.h"

#define POLL_US INT64_C(5000000) /* without news */

/* On the news thread. */
static void on_news(void *arg)
{
	struct imap_session *s = arg;

	net_wake(s->ctx->engine, s->self);
}

void imap_idle_stop(struct imap_session *s)
{
	if (s->sub)
		news_unsubscribe(s->ctx->news, &s->sub);
	if (s->idle)
		net_alarm(s->net, 0, false);
	s->idle = false;
}

/* RFC 2177.  Listen first, look then: nothing falls between.  Thunderbird does
 * not look at EXISTS in the answer to FETCH, STORE or APPEND, and shows such a
 * message only when the next one comes: imap_tell() says it once more here. */
void imap_cmd_idle(struct imap_session *s, struct imap_parser *p)
{
	if (!imap_done(s, p, true))
		return;
	s->idle = true;
	s->self = net_ref(s->net);
	if (!s->view) {
		net_write(s->net, STR("+ idling\r\n"));
		return;
	}
	if (s->ctx->news)
		s->sub =
			news_subscribe(s->ctx->news, s->account.id, on_news, s);
	else
		net_alarm(s->net, POLL_US, false);
	net_write(s->net, STR("+ idling\r\n"));
	(void)imap_tell(s, true);
}

void imap_idle_line(struct imap_session *s, struct str line)
{
	imap_idle_stop(s);
	if (str_eq_case(line, STR("DONE")))
		imap_ok(s, "Done");
	else
		imap_bad(s, "DONE expected");
}
