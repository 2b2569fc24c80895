#include "smtp/origin.h"

#include <string.h>

#include "config/config.h"
#include "log/log.h"
#include "verify/helo.h"

bool smtp_origin_exempt(struct net_session *s)
{
	const struct smtp_context *x = smtp_context(s);
	const struct str *list;
	size_t n = config_list(x->config, OPT_POLICY_EXEMPT, &list);

	for (size_t i = 0; i < n; i++) {
		struct net_prefix p;
		struct err err = ERR_INIT;

		if (net_prefix_parse(list[i], &p, &err) == 0 &&
		    net_prefix_has(&p, net_peer(s)))
			return true;
	}
	return false;
}

static struct verify_client client_of(struct net_session *s,
                                      const struct smtp *c)
{
	const struct net_addr *peer = net_peer(s);
	const struct smtp_path *from = &c->tx->mail.path;
	struct verify_client v = { .ipv6 = peer->family == NET_IPV6,
		                   .helo = str_z(c->helo) };

	memcpy(v.ip, peer->ip, sizeof(v.ip));
	if (!from->null) {
		v.local = from->local;
		v.domain = from->domain;
	}
	return v;
}

static struct verify *verifier(struct net_session *s)
{
	enum net_family f = net_peer(s)->family;

	return f == NET_IPV4 || f == NET_IPV6 ? smtp_context(s)->verify : NULL;
}

static void begin(struct smtp_tx *tx)
{
	if (!tx->asked)
		verify_budget_init(&tx->budget);
	else
		verify_budget_renew(&tx->budget);
	tx->asked = true;
}

static bool may_ask(struct net_session *s, const struct policy_facts *f,
                    enum policy_mode mode)
{
	return mode != POLICY_OFF && !f->logged_in && !f->role && verifier(s) &&
	       !smtp_origin_exempt(s);
}

static enum policy_dns helo_fact(struct net_session *s, struct smtp *c)
{
	struct verify_client client = client_of(s, c);
	struct smtp_tx *tx = c->tx;
	enum verify_helo_result r;
	struct log_line l;

	if (tx->helo != POLICY_NOT_ASKED)
		return tx->helo;
	begin(tx);
	r = verify_helo(verifier(s), &client, &tx->budget, &tx->arena);
	tx->helo = r == VERIFY_HELO_OK     ? POLICY_PASS
	           : r == VERIFY_HELO_TEMP ? POLICY_DNS_TEMP
	                                   : POLICY_FAIL;
	if (r != VERIFY_HELO_OK) {
		log_begin(&l, LOG_INFO, "smtp.helo.invalid");
		smtp_log_peer(&l, s);
		log_str(&l, "helo", client.helo);
		log_z(&l, "why", verify_helo_words(r));
		log_end(&l);
	}
	return tx->helo;
}

void smtp_origin_helo(struct net_session *s, struct smtp *c,
                      struct policy_facts *f)
{
	if (may_ask(s, f, f->helo_mode))
		f->helo = helo_fact(s, c);
}

/* Pass is what vouches for the sender; what neither does that nor refuses is
 * as if it had not been asked. */
static enum policy_dns spf_fact(const struct verify_spf_result *r)
{
	switch (r->result) {
	case SPF_PASS: return POLICY_PASS;
	case SPF_FAIL: return POLICY_FAIL;
	case SPF_TEMPERROR: return POLICY_DNS_TEMP;
	case SPF_NONE:
	case SPF_NEUTRAL:
	case SPF_SOFTFAIL:
	case SPF_PERMERROR: break;
	}
	return POLICY_NOT_ASKED;
}

void smtp_origin_spf(struct net_session *s, struct smtp *c,
                     struct policy_facts *f)
{
	struct smtp_tx *tx = c->tx;

	if (!may_ask(s, f, f->spf_mode))
		return;
	if (!tx->spf) {
		struct verify_client client = client_of(s, c);
		struct verify_spf_result *r =
			arena_alloc(&tx->arena, sizeof(*r));

		begin(tx);
		verify_spf(verifier(s), &client, &tx->budget, &tx->arena, r);
		tx->spf = r;
	}
	f->spf = spf_fact(tx->spf);
	f->spf_reason = tx->spf->reason;
}
