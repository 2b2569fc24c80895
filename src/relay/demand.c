/* What a destination demands of the TLS with its hosts: DANE where it is, else
 * MTA-STS, else what this host is told; and how it went. */
#include <stdio.h>

#include "os/clock.h"
#include "relay/tally.h"
#include "relay/task.h"

/* Of a policy or its hosts, in a report. */
#define POLICY_TEXT_MAX 4096

static enum relay_tls_mode plain_mode(const struct task *k)
{
	struct str v = config_str(k->r->o.config, OPT_RELAY_TLS);

	if (k->smarthost && k->port == 465)
		return RELAY_TLS_DIRECT;
	/* A password is said to whom it is for. */
	if (k->smarthost && k->peer.login.n)
		return RELAY_TLS_VERIFY;
	if (str_eq(v, STR("off")))
		return RELAY_TLS_OFF;
	return str_eq(v, STR("must")) ? RELAY_TLS_MUST : RELAY_TLS_MAY;
}

/* The certificate must be for one of k->names. */
static void demand_names(struct task *k, size_t n, const char *trust)
{
	k->tls_demand = (struct tls_client_demand){
		.sni = k->names[0],
		.names = k->names,
		.n_names = n,
	};
	k->peer.demand = &k->tls_demand;
	k->peer.trust = trust;
}

/* ---- DANE ---- */

static struct str tlsa_text(struct task *k)
{
	static const char digits[] = "0123456789abcdef";
	struct str out;
	struct buf b;

	buf_init(&b, POLICY_TEXT_MAX);
	for (size_t i = 0; i < k->records.n && !buf_overflow(&b); i++) {
		const struct tls_dane_record *t = &k->records.v[i];

		buf_fmt(&b, "%s%u %u %u ", i ? "\n" : "", t->usage, t->selector,
		        t->matching);
		for (size_t j = 0; j < t->data.n; j++) {
			unsigned char c = (unsigned char)t->data.p[j];

			buf_add_c(&b, digits[c >> 4]);
			buf_add_c(&b, digits[c & 15]);
		}
	}
	out = arena_dup(&k->arena, buf_str(&b));
	buf_deinit(&b);
	return out;
}

static void take_dane(struct task *k, const struct relay_host *h,
                      enum relay_dane dane)
{
	k->demand = (struct relay_demand){
		.mode = dane == RELAY_DANE_VERIFY ? RELAY_TLS_VERIFY
		                                  : RELAY_TLS_MUST,
		.kind = RELAY_POLICY_TLSA,
		.because = arena_fmt(&k->arena, "the DNS (DANE) of %.*s",
		                     STR_ARG(h->name))
		                   .p,
		.policy = tlsa_text(k),
		.hosts = h->name,
	};
	if (dane != RELAY_DANE_VERIFY)
		return;
	/* RFC 7672, 3.2.2: the host's name, or the destination's. */
	k->names[0] = arena_strz(&k->arena, k->records.base);
	k->names[1] = arena_strz(&k->arena, h->name);
	k->names[2] = k->t->name;
	demand_names(k, 3, "DANE");
	k->tls_demand.records = k->records.v;
	k->tls_demand.n_records = k->records.n;
}

/* ---- MTA-STS ---- */

static struct str lines_of(struct arena *a, struct str text)
{
	struct str line, out;
	struct buf b;

	buf_init(&b, POLICY_TEXT_MAX);
	while (str_cut(&text, '\n', &line)) {
		line = str_trim(line);
		if (line.n && b.n)
			buf_add_c(&b, '\n');
		buf_add(&b, line);
	}
	out = arena_dup(a, buf_str(&b));
	buf_deinit(&b);
	return out;
}

void relay_demand_policy(struct task *k)
{
	const struct config *cfg = k->r->o.config;
	const char *ca = config_z(cfg, OPT_RELAY_AUTHORITIES);
	struct relay_sts_asker ask = {
		.book = k->r->book,
		.dns = &k->ask,
		.ca_file = *ca ? ca : NULL,
		.port = (uint16_t)config_u64(cfg, OPT_RELAY_POLICY_PORT),
		.now_us = clock_wall_us(),
	};

	k->sts = (struct relay_sts){ .result = "" };
	if (k->smarthost || k->t->name[0] == '[' ||
	    !config_bool(cfg, OPT_RELAY_MTA_STS))
		return;
	relay_sts_find(&k->sts, &ask, str_z(k->t->name), &k->arena);
	if (k->sts.result[0])
		relay_tally_add(k->r->tally,
		                &(struct relay_note){
					.day = clock_wall_us() / US_PER_DAY,
					.domain = str_z(k->t->name),
					.kind = RELAY_POLICY_STS,
					.policy = lines_of(&k->arena,
		                                           k->sts.file),
					.result = str_z(k->sts.result),
					.reason = str_z(k->sts.why),
					.n = 1 });
}

static struct str patterns_of(struct arena *a, const struct mtasts_policy *p)
{
	struct str out;
	struct buf b;

	buf_init(&b, POLICY_TEXT_MAX);
	for (size_t i = 0; i < p->mx_n && !buf_overflow(&b); i++) {
		if (i)
			buf_add_c(&b, '\n');
		buf_add(&b, p->mx[i]);
	}
	out = arena_dup(a, buf_str(&b));
	buf_deinit(&b);
	return out;
}

static void note_failure(struct task *k, const char *result, const char *reason,
                         struct str host, struct str ip, struct str source)
{
	relay_tally_add(k->r->tally,
	                &(struct relay_note){ .day = clock_wall_us() /
	                                             US_PER_DAY,
	                                      .domain = str_z(k->t->name),
	                                      .kind = k->demand.kind,
	                                      .policy = k->demand.policy,
	                                      .hosts = k->demand.hosts,
	                                      .result = str_z(result),
	                                      .host = host,
	                                      .ip = ip,
	                                      .source = source,
	                                      .reason = str_z(reason),
	                                      .n = 1 });
}

static bool take_sts(struct task *k, const struct relay_host *h,
                     struct relay_outcome *why)
{
	const struct mtasts_policy *p = k->sts.policy;
	bool enforce = p->mode == MTASTS_ENFORCE;

	k->demand = (struct relay_demand){
		.mode = enforce ? RELAY_TLS_VERIFY : plain_mode(k),
		.kind = RELAY_POLICY_STS,
		.testing = !enforce,
		.policy = lines_of(&k->arena, k->sts.file),
		.hosts = patterns_of(&k->arena, p),
	};
	if (!mtasts_policy_has(p, h->name)) {
		note_failure(k, "validation-failure",
		             "the policy does not name the host", h->name,
		             STR(""), STR(""));
		if (!enforce)
			return true;
		relay_outcome_set(why, RELAY_TEMP, "4.7.5",
		                  "%.*s is not among the hosts that the "
		                  "MTA-STS policy of %s names",
		                  STR_ARG(h->name), k->t->name);
		k->forbidden = true;
		return false;
	}
	if (!enforce)
		return true;
	k->demand.because =
		arena_fmt(&k->arena, "the MTA-STS policy of %s", k->t->name).p;
	k->names[0] = arena_strz(&k->arena, h->name);
	demand_names(k, 1, "MTA-STS");
	return true;
}

/* ---- which ---- */

static bool take_plain(struct task *k, const struct relay_host *h)
{
	k->demand = (struct relay_demand){ .mode = plain_mode(k) };
	if (!k->smarthost || k->peer.login.n == 0)
		return true;
	k->names[0] = arena_strz(&k->arena, h->name);
	demand_names(k, 1, "certificate");
	k->demand.because = "the login";
	return true;
}

static bool find_demand(struct task *k, const struct relay_host *h,
                        const struct relay_addresses *addrs, bool mx_secure,
                        struct relay_outcome *why)
{
	enum relay_dane dane;

	if (h->literal.family != NET_NONE || k->smarthost)
		return take_plain(k, h);
	/* RFC 8461, 2: no policy makes up for what DANE forbids. */
	dane = relay_dane_find(&k->records, &k->ask, mx_secure, addrs, h->name,
	                       k->port, &k->arena);
	switch (dane) {
	case RELAY_DANE_NONE: break;
	case RELAY_DANE_ENCRYPT:
	case RELAY_DANE_VERIFY: take_dane(k, h, dane); return true;
	case RELAY_DANE_UNKNOWN:
		relay_outcome_set(why, RELAY_TEMP, "4.7.5",
		                  "The DNS does not say now which certificate "
		                  "%.*s has (DANE)",
		                  STR_ARG(h->name));
		k->forbidden = true;
		return false;
	}
	if (k->sts.policy && k->sts.policy->mode != MTASTS_NONE)
		return take_sts(k, h, why);
	return take_plain(k, h);
}

bool relay_demand_find(struct task *k, const struct relay_host *h,
                       const struct relay_addresses *addrs, bool mx_secure,
                       struct relay_outcome *why)
{
	bool ok;

	k->peer.demand = NULL;
	k->peer.trust = NULL;
	k->peer.route_trusted =
		mx_secure || k->smarthost || h->literal.family != NET_NONE ||
		(k->sts.policy && k->sts.policy->mode != MTASTS_NONE &&
	         mtasts_policy_has(k->sts.policy, h->name));
	if (k->lenient) {
		k->demand = (struct relay_demand){ .mode = plain_mode(k) };
		k->peer.because = NULL;
		return true;
	}
	ok = find_demand(k, h, addrs, mx_secure, why);
	k->peer.because = k->demand.because;
	return ok;
}

/* ---- how it went ---- */

/* RFC 8460, 4.3: NULL: well. */
static const char *result_of(const struct task *k)
{
	const struct relay_session *s = &k->session;

	if (!s->tls)
		return s->tls_result ? s->tls_result : "starttls-not-supported";
	/* Nobody asked what the certificate is. */
	return k->demand.kind == RELAY_POLICY_NONE ||
	                       k->demand.mode == RELAY_TLS_MUST
	               ? NULL
	               : s->tls_result;
}

void relay_demand_note(struct task *k)
{
	const struct relay_session *s = &k->session;
	char ip[NET_ADDR_TEXT_MAX], source[NET_ADDR_TEXT_MAX];
	struct net_addr from, to = k->peer.addr;
	const char *result;

	/* Not reached at all, or not asked for TLS: nothing to tell. */
	if (k->smarthost || k->peer.tls == RELAY_TLS_OFF ||
	    k->t->name[0] == '[' || !s->greeted)
		return;
	if (!s->tls && !s->tls_result && s->broken)
		return;
	result = result_of(k);
	relay_conn_source(&s->conn, &from);
	from.port = to.port = 0;
	if (result)
		note_failure(k, result, s->tls_why[0] ? s->tls_why : "",
		             str_z(k->name), str_z(net_addr_text(&to, ip)),
		             from.family == NET_NONE
		                     ? STR("")
		                     : str_z(net_addr_text(&from, source)));
	else
		note_failure(k, "", "", STR(""), STR(""), STR(""));
}
