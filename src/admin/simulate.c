/* A message that nobody sent, put to all rules. */
#include <string.h>

#include "admin/explain.h"
#include "admin/private.h"
#include "deliver/route.h"
#include "os/clock.h"
#include "verify/helo.h"
#include "verify/spf.h"

struct trial {
	struct admin *adm;
	const struct admin_simulation *s;
	struct arena *a;
	struct policy_facts f;
	struct verify_client client;
	struct net_addr peer;
	struct str to; /* canonical */
	bool decided;
	void (*each)(void *arg, const struct admin_opinion *o);
	void *arg;
};

static enum policy_mode mode(const struct config *cfg, enum config_option id)
{
	switch (config_choice(cfg, id)) {
	case CONFIG_RULE_ON: return POLICY_ON;
	case CONFIG_RULE_LOG: return POLICY_LOG;
	default: return POLICY_OFF;
	}
}

static int ask_route(struct trial *t, struct err *err)
{
	static const enum policy_where where[] = {
		[ROUTE_ELSEWHERE] = POLICY_ELSEWHERE,
		[ROUTE_NOBODY] = POLICY_NOBODY,
		[ROUTE_HERE] = POLICY_HERE,
		[ROUTE_CIRCLE] = POLICY_CIRCLE,
	};

	size_t at = str_rchr(t->s->to, '@');
	struct store *store;
	struct route r;

	if (at == STR_NPOS)
		return err_set(err, ERR_INVALID, "\"%.*s\" is no address",
		               STR_ARG(t->s->to));
	if (admin_store(t->adm, &store, err) < 0 ||
	    route_find(t->adm->dir, store, str_to(t->s->to, at),
	               str_from(t->s->to, at + 1), 0, t->a, &r, err) < 0)
		return -1;
	t->f.where = where[r.kind];
	t->f.role = r.role;
	t->f.suspended = r.all_suspended;
	t->f.full = r.all_full;
	t->to = r.n == 1 && r.ends[0].here ? r.ends[0].account : t->s->to;
	return 0;
}

static void ask_dns(struct trial *t)
{
	struct verify_spf_result spf;
	struct verify_budget b;

	if (!t->s->verify)
		return;
	verify_budget_init(&b);
	switch (verify_helo(t->s->verify, &t->client, &b, t->a)) {
	case VERIFY_HELO_OK: t->f.helo = POLICY_PASS; break;
	case VERIFY_HELO_TEMP: t->f.helo = POLICY_DNS_TEMP; break;
	default: t->f.helo = POLICY_FAIL; break;
	}
	verify_budget_renew(&b);
	verify_spf(t->s->verify, &t->client, &b, t->a, &spf);
	switch (spf.result) {
	case SPF_PASS: t->f.spf = POLICY_PASS; break;
	case SPF_FAIL: t->f.spf = POLICY_FAIL; break;
	case SPF_TEMPERROR: t->f.spf = POLICY_DNS_TEMP; break;
	default: break;
	}
	t->f.spf_reason = spf.reason;
}

/* ---- after a login ---- */

static int ask_sender(struct trial *t, const struct directory_account *acc,
                      struct err *err)
{
	struct str from = t->s->from.n ? t->s->from : acc->address;
	size_t at = str_rchr(from, '@');

	t->f.sending_off = (acc->flags & DIRECTORY_NO_SEND) != 0;
	t->f.sender_null = str_eq(from, STR("<>"));
	if (t->f.sender_null)
		return 0;
	if (at == STR_NPOS)
		return err_set(err, ERR_INVALID, "\"%.*s\" is no address",
		               STR_ARG(from));
	return directory_may_send_as(t->adm->dir, acc->id, str_to(from, at),
	                             str_from(from, at + 1), &t->f.sender_own,
	                             err);
}

static void note_limit(struct policy_facts *f, const struct admin_limit *l)
{
	static const struct {
		const char *key;
		enum policy_window window;
	} windows[] = {
		{ "messages_5min", POLICY_MESSAGES_5M },
		{ "messages_1h", POLICY_MESSAGES_1H },
		{ "recipients_5min", POLICY_RECIPIENTS_5M },
		{ "recipients_1h", POLICY_RECIPIENTS_1H },
	};

	if (!l->limited)
		return;
	if (strcmp(l->key, "failed_1h") == 0) {
		f->failed_1h = l->used;
		f->failed_max = l->limit;
	} else if (strcmp(l->key, "queued") == 0) {
		f->queued = l->used;
		f->queued_max = l->limit;
	}
	for (size_t i = 0; i < sizeof(windows) / sizeof(windows[0]); i++)
		if (strcmp(l->key, windows[i].key) == 0 &&
		    l->used >= l->limit) {
			f->window_full[windows[i].window] = true;
			f->window_max[windows[i].window] = l->limit;
		}
}

/* How full the windows of a domain, or of an account, are. */
static int ask_limits(struct trial *t, struct str name, struct err *err)
{
	struct admin_limit rows[ADMIN_LIMITS];
	size_t n;

	if (admin_limits_show(t->adm, name, t->a, rows, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		note_limit(&t->f, &rows[i]);
	return 0;
}

static void tell(void *arg, const struct policy_opinion *p);

static int simulate_login(struct trial *t, struct err *err)
{
	struct str login = t->s->login;
	struct directory_account acc;

	t->f.logged_in = true;
	if (admin_account_find(t->adm, login, t->a, &acc, err) < 0 ||
	    ask_sender(t, &acc, err) < 0)
		return -1;
	t->f.step = POLICY_MAIL;
	t->f.size_max = UINT64_MAX;
	policy_each(&t->f, tell, t);
	t->f.step = POLICY_RCPT;
	if (ask_route(t, err) < 0 ||
	    ask_limits(t, str_from(login, str_rchr(login, '@') + 1), err) < 0 ||
	    ask_limits(t, login, err) < 0)
		return -1;
	policy_each(&t->f, tell, t);
	return 0;
}

/* ---- from elsewhere ---- */

static int ask_greylist(struct trial *t, struct err *err)
{
	struct greylist_ask q = {
		.sender = { .local = t->client.local,
		            .domain = t->client.domain,
		            .client = t->peer },
		.recipient = t->to,
		.now_us = clock_wall_us(),
		.wait_us = (int64_t)config_u64(t->adm->cfg,
		                               OPT_POLICY_GREYLIST_MINUTES) *
		           US_PER_MIN,
	};
	struct greylist_answer got;
	struct greylist *g;

	if (t->f.spf == POLICY_PASS)
		q.sender.spf = t->client.domain;
	if (admin_greylist(t->adm, &g, err) < 0 ||
	    greylist_peek(g, &q, &got, err) < 0)
		return -1;
	t->f.blocked = got.result == GREYLIST_BLOCKED;
	if (got.result == GREYLIST_WAITS)
		t->f.greylist_left_us = got.left_us;
	return 0;
}

static int read_message(struct trial *t, struct err *err)
{
	struct str from = t->s->from;
	size_t at;

	if (net_addr_parse(t->s->ip, &t->peer, err) < 0)
		return -1;
	t->client.ipv6 = t->peer.family == NET_IPV6;
	memcpy(t->client.ip, t->peer.ip, sizeof(t->client.ip));
	t->client.helo = t->s->helo;
	if (!from.n || str_eq(from, STR("<>")))
		return 0;
	at = str_rchr(from, '@');
	if (at == STR_NPOS)
		return err_set(err, ERR_INVALID, "\"%.*s\" is no address",
		               STR_ARG(from));
	t->client.local = str_to(from, at);
	t->client.domain = str_from(from, at + 1);
	return 0;
}

static void tell(void *arg, const struct policy_opinion *p)
{
	struct trial *t = arg;
	struct policy_words w = { .rcpt = t->s->to,
		                  .n = p->n,
		                  .why = str_z(p->why) };
	struct admin_opinion o = {
		.rule = p->rule, .ref = p->ref, .mode = p->mode, .asked = true
	};
	struct buf b;

	if (strcmp(p->rule, "R17") == 0)
		o.asked = t->f.helo != POLICY_NOT_ASKED;
	else if (strcmp(p->rule, "R18") == 0)
		o.asked = t->s->verify != NULL;
	if (p->ref != REF_NONE) {
		buf_init(&b, 4096);
		policy_reply_first(&b, p->ref, &w);
		o.text = arena_dup(t->a, buf_str(&b));
		buf_deinit(&b);
		o.decides = !t->decided && p->mode == POLICY_ON;
		t->decided = t->decided || o.decides;
	}
	t->each(t->arg, &o);
}

int admin_simulate(struct admin *adm, const struct admin_simulation *s,
                   struct arena *a,
                   void (*each)(void *arg, const struct admin_opinion *o),
                   void *arg, struct err *err)
{
	struct trial t = {
		.adm = adm,
		.s = s,
		.a = a,
		.f = { .step = POLICY_RCPT,
		       .recipients_max = UINT32_MAX,
		       .helo_mode = mode(adm->cfg, OPT_POLICY_HELO),
		       .spf_mode = mode(adm->cfg, OPT_POLICY_SPF),
		       .greylist_mode = mode(adm->cfg, OPT_POLICY_GREYLIST) },
		.each = each,
		.arg = arg,
	};

	if (s->login.n)
		return simulate_login(&t, err);
	if (read_message(&t, err) < 0 || ask_route(&t, err) < 0)
		return -1;
	ask_dns(&t);
	if (ask_greylist(&t, err) < 0)
		return -1;
	policy_each(&t.f, tell, &t);
	return 0;
}
