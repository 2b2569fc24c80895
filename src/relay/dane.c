#include "relay/dane.h"

#include "dns/client.h"
#include "wire/dns/rdata.h"

enum relay_dane relay_dane_decide(const struct relay_dane_facts *f)
{
	/* RFC 7672, 2.1.1 and 2.2.1: without DNSSEC all the way nothing is
	 * demanded, and nothing could be believed. */
	if (!f->mx_secure || !f->address_secure)
		return RELAY_DANE_NONE;
	/* RFC 7672, 2.1.2: an attacker may hide the records by an error. */
	if (f->failed)
		return RELAY_DANE_UNKNOWN;
	if (!f->secure || f->records == 0)
		return RELAY_DANE_NONE;
	return f->usable ? RELAY_DANE_VERIFY : RELAY_DANE_ENCRYPT;
}

/* Could OpenSSL match it?  Selectors and matching types of RFC 6698, 7. */
static bool is_usable(const struct dns_tlsa *t)
{
	static const size_t sizes[] = { 0, 32, 64 };

	if ((t->usage != 2 && t->usage != 3) || t->selector > 1 ||
	    t->matching > 2 || t->data.n == 0)
		return false;
	return t->matching == 0 || t->data.n == sizes[t->matching];
}

static void look_up(const struct relay_asker *ask, struct str host,
                    uint16_t port, struct arena *a, struct dns_answer *ans)
{
	struct str name =
		arena_fmt(a, "_%u._tcp.%.*s", (unsigned)port, STR_ARG(host));

	dns_lookup_within(ask->dns, ask->budget, name, DNS_TLSA, a, ans);
}

static void read_records(struct relay_dane_records *out,
                         const struct dns_answer *ans)
{
	struct dns_tlsa t;
	size_t i;

	for (i = 0; i < ans->n && out->n < RELAY_DANE_RECORDS_MAX; i++)
		if (dns_tlsa_read(ans->rdata[i], &t) && is_usable(&t))
			out->v[out->n++] = (struct tls_dane_record){
				.usage = t.usage,
				.selector = t.selector,
				.matching = t.matching,
				.data = t.data,
			};
}

enum relay_dane relay_dane_find(struct relay_dane_records *out,
                                const struct relay_asker *ask, bool mx_secure,
                                const struct relay_addresses *addrs,
                                struct str host, uint16_t port, struct arena *a)
{
	struct relay_dane_facts f = { .mx_secure = mx_secure,
		                      .address_secure = addrs->secure };
	struct dns_answer ans = { .status = DNS_FAIL };

	out->n = 0;
	out->base = host;
	if (!f.mx_secure || !f.address_secure)
		return RELAY_DANE_NONE;
	/* RFC 7672, 2.2.2: behind secure CNAMEs first. */
	if (!str_eq_case(addrs->name, host)) {
		out->base = addrs->name;
		look_up(ask, out->base, port, a, &ans);
		if (ans.status == DNS_NODATA || ans.status == DNS_NXDOMAIN)
			out->base = host;
	}
	if (str_eq_case(out->base, host))
		look_up(ask, host, port, a, &ans);
	f.failed = ans.status == DNS_FAIL;
	f.secure = ans.secure;
	if (ans.status == DNS_OK) {
		f.records = ans.n;
		read_records(out, &ans);
	}
	f.usable = out->n;
	return relay_dane_decide(&f);
}
