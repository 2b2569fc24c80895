#include "base/mem.h"
#include "config/config.h"
#include "deliver/srs.h"
#include "log/log.h"
#include "os/clock.h"
#include "smtp/session.h"

static enum policy_mode mode(const struct config *cfg, enum config_option id)
{
	switch (config_choice(cfg, id)) {
	case CONFIG_RULE_ON: return POLICY_ON;
	case CONFIG_RULE_LOG: return POLICY_LOG;
	default: return POLICY_OFF;
	}
}

static enum policy_where where(enum route_kind k)
{
	switch (k) {
	case ROUTE_ELSEWHERE: return POLICY_ELSEWHERE;
	case ROUTE_NOBODY: return POLICY_NOBODY;
	case ROUTE_HERE: return POLICY_HERE;
	case ROUTE_CIRCLE: return POLICY_CIRCLE;
	}
	return POLICY_NOBODY;
}

static struct policy_facts facts(const struct smtp_context *x,
                                 const struct smtp *c, const struct smtp_tx *tx,
                                 const struct route *route)
{
	return (struct policy_facts){
		.step = POLICY_RCPT,
		.submission = x->kind == SMTP_SUBMISSION,
		.logged_in = smtp_is_known(c),
		.where = where(route->kind),
		.role = route->role,
		.suspended = route->all_suspended,
		.full = route->all_full,
		.recipients = (uint32_t)tx->rcpts_n,
		.recipients_max =
			(uint32_t)config_u64(x->config, OPT_SMTP_RECIPIENTS),
		.helo_mode = mode(x->config, OPT_POLICY_HELO),
		.spf_mode = mode(x->config, OPT_POLICY_SPF),
		.greylist_mode = mode(x->config, OPT_POLICY_GREYLIST),
	};
}

/* `event` says whether it was refused or only would have been. */
static void log_objection(struct net_session *s, const struct smtp *c,
                          const char *event, const struct smtp_rcpt *r,
                          const struct policy_facts *f, enum policy_ref ref)
{
	struct log_line l;

	log_begin(&l, LOG_INFO, event);
	smtp_log_peer(&l, s);
	if (c->login)
		log_z(&l, "login", c->login);
	log_str(&l, "from", c->tx->mail.path.address);
	log_str(&l, "addr", r->path.address);
	log_u64(&l, "code", policy_reply(ref)->code);
	log_z(&l, "ref", policy_reply(ref)->ref);
	if (ref == REF_SPF)
		log_str(&l, "why", f->spf_reason);
	if (f->free_us)
		log_i64(&l, "free_s", (f->free_us + 999999) / 1000000);
	if (f->own_limit)
		log_z(&l, "whose", "account");
	log_end(&l);
}

static void keep(struct smtp_tx *tx, const struct smtp_rcpt *r,
                 const struct route *route)
{
	struct intake_rcpt *to;

	tx->rcpts = mem_grow(tx->rcpts, tx->rcpts_n, &tx->rcpts_cap,
	                     sizeof(*tx->rcpts));
	to = &tx->rcpts[tx->rcpts_n++];
	*to = (struct intake_rcpt){
		.address = r->path.address,
		.route = *route,
		.notify = r->notify,
	};
	if (r->orcpt.n)
		to->orcpt =
			arena_fmt(&tx->arena, "%.*s;%.*s",
		                  STR_ARG(r->orcpt_type), STR_ARG(r->orcpt));
}

/* Whose affair it is what becomes of this recipient. */
static int64_t owner(const struct route *route)
{
	return route->n == 1 && route->ends[0].here ? route->ends[0].account_id
	                                            : 0;
}

/* Where it leads; a bounce to what we forwarded goes back (deliver/srs.h). */
static int find_route(const struct smtp_context *x, const struct smtp *c,
                      struct smtp_tx *tx, const struct smtp_rcpt *r,
                      struct route *out, struct err *err)
{
	int rc = 0;

	if (!c->account_id)
		rc = deliver_srs_route(x->directory, x->store,
		                       tx->mail.path.null, r->path.local,
		                       r->path.domain, clock_wall_us(),
		                       &tx->arena, out, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	return route_find(x->directory, x->store, r->path.local, r->path.domain,
	                  tx->mail.size, &tx->arena, out, err);
}

void smtp_rcpt(struct net_session *s, struct smtp *c, struct str args)
{
	const struct smtp_context *x = smtp_context(s);
	struct smtp_tx *tx = c->tx;
	struct policy_words w = { 0 };
	struct policy_verdict v;
	struct policy_facts f;
	struct smtp_rcpt r;
	struct route route;
	enum smtp_parse p;
	struct err err = ERR_INIT;

	if (tx->bdat) {
		smtp_error(s, c, 503, "5.5.1", "The message has begun");
		return;
	}
	p = smtp_rcpt_parse(arena_dup(&tx->arena, args), &tx->arena, &r);
	if (p != SMTP_PARSE_OK) {
		smtp_parse_error(s, c, p, false);
		return;
	}
	w.rcpt = r.path.address;
	if (r.path.utf8 && !tx->mail.smtputf8) {
		/* The reply must be ASCII (RFC 6531, 3.5). */
		smtp_error(s, c, 553, "5.6.7", "Address needs SMTPUTF8");
		return;
	}
	tx->rcpt = r.path.address;
	tx->rcpt_account = 0;
	smtp_script_rcpt(x, c, &r.path);
	if (find_route(x, c, tx, &r, &route, &err) < 0) {
		smtp_trouble(s, c, "smtp.rcpt.trouble", &err);
		return;
	}
	tx->rcpt_account = owner(&route);
	f = facts(x, c, tx, &route);
	if (smtp_facts_rcpt(s, c, &r, &route, &f, &v, &err) < 0) {
		smtp_trouble(s, c, "smtp.rcpt.trouble", &err);
		return;
	}
	if (v.logged != REF_NONE)
		log_objection(s, c, "smtp.rcpt.noted", &r, &f, v.logged);
	if (v.ref != REF_NONE) {
		w.n = v.n;
		w.why = str_z(v.why);
		log_objection(s, c, "smtp.rcpt.refused", &r, &f, v.ref);
		smtp_refuse(s, c, v.ref, &w);
		return;
	}
	keep(tx, &r, &route);
	smtp_trail(s, c, TRAIL_RCPT_ACCEPTED);
	tx->rcpt = (struct str){ NULL, 0 };
	c->errors = 0;
	smtp_say(s, 250, "2.1.5", "Recipient OK");
}
