/* Accounts that behave as if someone else had them: what they send is held,
 * and their owner and administrator are told. */
#include "policy/suspect.h"
#include "base/civil.h"
#include "config/config.h"
#include "directory/directory.h"
#include "gate/client.h"
#include "greylist/greylist.h"
#include "intake/private.h"
#include "log/log.h"
#include "log/metric.h"
#include "queue/queue.h"
#include "wire/message/date.h"

#define NOTICE_RCPTS_MAX 16

/* ---- the facts ---- */

/* Recipients elsewhere to whom nobody of this host has written. */
static int count_strangers(struct intake_work *w, uint32_t *out,
                           struct err *err)
{
	const struct intake_message *m = w->m;

	*out = 0;
	for (size_t i = 0; i < m->rcpts_n; i++) {
		bool known;

		if (m->rcpts[i].route.kind != ROUTE_ELSEWHERE)
			continue;
		if (greylist_was_written(w->in->o.greylist, m->rcpts[i].address,
		                         &known, err) < 0)
			return -1;
		*out += !known;
	}
	return 0;
}

static int gather(struct intake_work *w, const struct directory_account *acc,
                  struct suspect_facts *f, struct err *err)
{
	const struct intake_message *m = w->m;
	struct gate_want want = { GATE_STRANGERS, m->domain_id, 0,
		                  m->account_id };
	struct gate_habits habits;

	if (count_strangers(w, &want.n, err) < 0)
		return -1;
	if (want.n && intake_room_add(w->in, m->room, &want, err) < 0)
		return -1;
	if (gate_habits(w->in->o.gate, m->account_id, &habits, err) < 0)
		return -1;
	*f = (struct suspect_facts){
		.strangers_1h = habits.strangers_1h,
		.recipients_1h = habits.recipients_1h,
		.failed_1h = habits.failed_1h,
		.new_networks_1d = habits.new_networks_1d,
		.forward_age_us = acc->forwards && acc->forwarded_us
		                          ? w->at_us - acc->forwarded_us
		                          : -1,
	};
	return 0;
}

static void limits(const struct config *cfg, struct suspect_limits *l)
{
	*l = (struct suspect_limits){
		.strangers = (uint32_t)config_u64(cfg, OPT_HOLD_STRANGERS),
		.failed = (uint32_t)config_u64(cfg, OPT_HOLD_FAILED),
		.networks = (uint32_t)config_u64(cfg, OPT_HOLD_NETWORKS),
		.forward_recipients =
			(uint32_t)config_u64(cfg, OPT_HOLD_FORWARD),
	};
}

/* ---- the notice ---- */

static void write_notice(struct intake_work *w, struct str address,
                         enum suspect why, struct buf *b)
{
	struct str provider = config_provider_domain(w->in->o.config);

	buf_fmt(b, "From: Mail service <postmaster@%.*s>\r\nTo: <%.*s>\r\n",
	        STR_ARG(provider), STR_ARG(address));
	buf_add_z(b, "Subject: Mail you send is held\r\nDate: ");
	date_write(b, w->at_us, 0);
	buf_fmt(b,
	        "\r\nMessage-ID: <hold-%s@%.*s>\r\n"
	        "Auto-Submitted: auto-generated\r\n"
	        "MIME-Version: 1.0\r\n"
	        "Content-Type: text/plain; charset=utf-8\r\n\r\n",
	        w->trace, STR_ARG(provider));
	buf_fmt(b,
	        "The account %.*s sends as if someone else had its password:\r\n"
	        "%s.\r\n\r\n"
	        "What it sends is therefore kept and not delivered for now.\r\n"
	        "Receiving and reading go on as usual.\r\n\r\n"
	        "If you sent these messages, tell the administrator of your\r\n"
	        "domain or your provider, who can release them.\r\n"
	        "If you did not, change the password now, look at the forward\r\n"
	        "of the account, and have the messages discarded.\r\n",
	        STR_ARG(address), suspect_words(why));
}

static void add_ends(const struct route *r, struct queue_rcpt *to, size_t *n)
{
	for (size_t i = 0; i < r->n && *n < NOTICE_RCPTS_MAX; i++) {
		const struct route_end *e = &r->ends[i];
		size_t j = 0;

		while (j < *n && to[j].account_id != e->account_id)
			j++;
		if (!e->here || j < *n)
			continue;
		to[(*n)++] = (struct queue_rcpt){
			.kind = QUEUE_LOCAL,
			.address = e->account,
			.original = e->account,
			.account_id = e->account_id,
			.shard = e->shard,
		};
	}
}

static int send_notice(struct intake_work *w, struct str address,
                       enum suspect why, struct err *err)
{
	size_t at = str_rchr(address, '@');
	struct queue_rcpt to[NOTICE_RCPTS_MAX];
	struct queue_new q = { .source = QUEUE_FROM_HOST,
		               .trace = str_z(w->trace),
		               .received_us = w->at_us,
		               .rcpts = to };
	struct str locals[2] = { str_to(address, at), STR("postmaster") };
	struct buf b;
	int64_t id;
	int rc = 0;

	for (int i = 0; i < 2 && rc == 0; i++) {
		struct route r;

		rc = route_find(w->in->o.directory, w->in->o.store, locals[i],
		                str_from(address, at + 1), 0, w->arena, &r,
		                err);
		if (rc == 0)
			add_ends(&r, to, &q.rcpts_n);
	}
	if (rc < 0 || !q.rcpts_n)
		return rc;
	buf_init(&b, 16384);
	write_notice(w, address, why, &b);
	q.message = buf_str(&b);
	rc = queue_add(w->in->o.queue, &q, &id, err);
	buf_deinit(&b);
	return rc;
}

/* ---- holding ---- */

static void log_held(struct intake_work *w, enum suspect why,
                     const struct suspect_facts *f, bool holds)
{
	struct log_line l;

	log_begin(&l, LOG_WARN, "account.suspect");
	log_z(&l, "qid", w->trace);
	log_str(&l, "login", w->m->login);
	log_z(&l, "why", suspect_words(why));
	log_u64(&l, "strangers", f->strangers_1h);
	log_u64(&l, "failed", f->failed_1h);
	log_u64(&l, "networks", f->new_networks_1d);
	log_z(&l, "held", holds ? "yes" : "no");
	log_end(&l);
}

static int hold(struct intake_work *w, const struct directory_account *acc,
                enum suspect why, struct err *err)
{
	if (directory_account_set_flags(w->in->o.directory, acc->id,
	                                acc->own_flags | DIRECTORY_HOLD,
	                                err) < 0)
		return -1;
	w->hold = true;
	metric_add(METRIC_ACCOUNTS_HELD, 1);
	return send_notice(w, acc->address, why, err);
}

static int look(struct intake_work *w, enum policy_mode mode, struct err *err)
{
	struct directory_account acc;
	struct suspect_facts f;
	struct suspect_limits l;
	enum suspect why;

	if (directory_account_get(w->in->o.directory, w->m->account_id,
	                          w->arena, &acc, err) < 0)
		return -1;
	w->hold = (acc.own_flags & DIRECTORY_HOLD) != 0;
	if (w->hold || mode == POLICY_OFF || !w->in->o.greylist)
		return 0;
	if (gather(w, &acc, &f, err) < 0)
		return -1;
	limits(w->in->o.config, &l);
	why = suspect_judge(&f, &l);
	if (why == SUSPECT_NOT)
		return 0;
	log_held(w, why, &f, mode == POLICY_ON);
	return mode == POLICY_ON ? hold(w, &acc, why, err) : 0;
}

/* The operator can switch it off for a domain: limits set DOMAIN hold 0. */
static int mode_of(struct intake_work *w, enum policy_mode *out,
                   struct err *err)
{
	uint64_t on = 1;

	switch (config_choice(w->in->o.config, OPT_POLICY_HOLD)) {
	case CONFIG_RULE_ON: *out = POLICY_ON; break;
	case CONFIG_RULE_LOG: *out = POLICY_LOG; break;
	default: *out = POLICY_OFF; break;
	}
	if (*out == POLICY_OFF)
		return 0;
	if (directory_limit_get(w->in->o.directory, w->m->domain_id,
	                        STR("hold"), &on, err) < 0)
		return -1;
	if (!on)
		*out = POLICY_OFF;
	return 0;
}

int intake_suspect(struct intake_work *w, struct err *err)
{
	enum policy_mode mode;

	if (!w->m->account_id || !w->m->room)
		return 0;
	if (mode_of(w, &mode, err) < 0)
		return -1;
	return look(w, mode, err);
}
