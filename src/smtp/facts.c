/* What has to be looked up for a recipient.  Each look-up is made only when
 * all rules before it let pass: they cost time, and room that is reserved for
 * someone who is refused anyway would be missing elsewhere. */
#include "config/config.h"
#include "greylist/greylist.h"
#include "log/metric.h"
#include "os/clock.h"
#include "smtp/origin.h"

struct asked {
	struct net_session *s;
	const struct smtp_context *x;
	struct smtp *c;
	const struct smtp_rcpt *r;
	const struct route *route;
	struct policy_facts *f;
};

/* R17 and R18. */
static int ask_helo(struct asked *a, struct err *err)
{
	(void)err;
	smtp_origin_helo(a->s, a->c, a->f);
	return 0;
}

static int ask_spf(struct asked *a, struct err *err)
{
	(void)err;
	smtp_origin_spf(a->s, a->c, a->f);
	return 0;
}

/* R19.  Whoever is refused by a rule before this one does not wait for it. */
static int ask_greylist(struct asked *a, struct err *err)
{
	static const enum metric metrics[] = {
		[GREYLIST_KNOWN] = METRIC_GREYLIST_KNOWN,
		[GREYLIST_PASSED] = METRIC_GREYLIST_PASSED,
		[GREYLIST_WAITS] = METRIC_GREYLIST_WAITS,
		[GREYLIST_LET_IN] = METRIC_GREYLIST_LET_IN,
		[GREYLIST_BLOCKED] = METRIC_GREYLIST_BLOCKED,
	};

	const struct smtp_path *from = &a->c->tx->mail.path;
	struct policy_facts *f = a->f;
	struct greylist_ask q = {
		.sender = { .local = from->local,
		            .domain = from->domain,
		            .client = *net_peer(a->s) },
		.recipient = a->route->n == 1 && a->route->ends[0].here
		                     ? a->route->ends[0].account
		                     : a->r->path.address,
		.now_us = clock_wall_us(),
		.wait_us = (int64_t)config_u64(a->x->config,
		                               OPT_POLICY_GREYLIST_MINUTES) *
		           US_PER_MIN,
	};
	struct greylist_answer got;

	if (smtp_is_known(a->c) || !a->x->greylist || f->role ||
	    f->greylist_mode == POLICY_OFF || smtp_origin_exempt(a->s))
		return 0;
	if (f->spf == POLICY_PASS)
		q.sender.spf = from->domain;
	if (greylist_ask(a->x->greylist, &q, &got, err) < 0)
		return -1;
	metric_add(metrics[got.result], 1);
	f->blocked = got.result == GREYLIST_BLOCKED;
	if (got.result == GREYLIST_WAITS)
		f->greylist_left_us = got.left_us;
	return 0;
}

/* R26, R27, R28. */
static int ask_room(struct asked *a, struct err *err)
{
	struct smtp *c = a->c;

	if (!smtp_is_known(c))
		return 0;
	if (!c->script) { /* else MAIL has said */
		c->tx->room.account_id = c->account_id;
		c->tx->room.domain_id = c->domain_id;
	}
	return intake_room_ask(a->x->intake, &c->tx->room, a->f, err);
}

/* In the order of the rules; the first of all needs nothing more. */
static int (*const look_ups[])(struct asked *a, struct err *err) = {
	ask_helo,
	ask_spf,
	ask_greylist,
	ask_room,
};

int smtp_facts_rcpt(struct net_session *s, struct smtp *c,
                    const struct smtp_rcpt *r, const struct route *route,
                    struct policy_facts *f, struct policy_verdict *out,
                    struct err *err)
{
	struct asked a = { s, smtp_context(s), c, r, route, f };

	*out = policy_admit(f);
	for (size_t i = 0;
	     i < sizeof(look_ups) / sizeof(look_ups[0]) && out->ref == REF_NONE;
	     i++) {
		if (look_ups[i](&a, err) < 0)
			return -1;
		*out = policy_admit(f);
	}
	return 0;
}
