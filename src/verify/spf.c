#include "verify/spf.h"

#include <stdlib.h>
#include <string.h>

#include "os/clock.h"
#include "verify/private.h"
#include "wire/dns/rdata.h"

#define KEEP_MAX_S 3600
#define KEY_MAX    (17 + DNS_NAME_MAX)

struct run {
	struct asking q;
	bool personal; /* a macro looks at more than domain and client */
};

/* Does a text hold a macro of the sender, the HELO name, the receiver or the
 * time?  Then its result is of this message alone. */
static bool is_personal(struct str text)
{
	for (size_t i = 0; i + 2 < text.n; i++)
		if (text.p[i] == '%' && text.p[i + 1] == '{' &&
		    memchr("slhrtSLHRT", text.p[i + 2], 10))
			return true;
	return false;
}

static enum dns_type dns_type_of(enum spf_type t)
{
	switch (t) {
	case SPF_TYPE_A: return DNS_A;
	case SPF_TYPE_AAAA: return DNS_AAAA;
	case SPF_TYPE_MX: return DNS_MX;
	case SPF_TYPE_PTR: return DNS_PTR;
	case SPF_TYPE_TXT: return DNS_TXT;
	}
	return DNS_TXT;
}

static int by_preference(const void *a, const void *b)
{
	const struct dns_mx *x = a, *y = b;

	return (int)x->preference - (int)y->preference;
}

static void read_mx(const struct dns_answer *ans, struct arena *a,
                    struct spf_answer *out)
{
	struct dns_mx *mx = arena_array(a, ans->n, sizeof(*mx));
	size_t n = 0;

	for (size_t i = 0; i < ans->n; i++)
		if (dns_mx_read(ans->rdata[i], a, &mx[n]))
			n++;
	qsort(mx, n, sizeof(*mx), by_preference);
	for (size_t i = 0; i < n; i++)
		out->rr[out->n++] = mx[i].name;
}

static void read_names(const struct dns_answer *ans, struct arena *a,
                       struct spf_answer *out)
{
	for (size_t i = 0; i < ans->n; i++) {
		struct str rest = ans->rdata[i];

		if (dns_name_read(&rest, a, &out->rr[out->n]))
			out->n++;
	}
}

static void read_texts(struct run *r, const struct dns_answer *ans,
                       struct arena *a, struct spf_answer *out)
{
	for (size_t i = 0; i < ans->n; i++) {
		if (!dns_txt_read(ans->rdata[i], a, &out->rr[out->n]))
			continue;
		r->personal |= is_personal(out->rr[out->n]);
		out->n++;
	}
}

static enum spf_dns_status query(void *ctx, struct str name, enum spf_type type,
                                 struct arena *a, struct spf_answer *out)
{
	struct run *r = ctx;
	struct dns_answer ans;

	verify_ask(&r->q, name, dns_type_of(type), a, &ans);
	switch (ans.status) {
	case DNS_FAIL: return SPF_DNS_FAIL;
	case DNS_NXDOMAIN: return SPF_DNS_NONE;
	case DNS_NODATA: return SPF_DNS_OK;
	case DNS_OK: break;
	}
	out->rr = arena_array(a, ans.n, sizeof(*out->rr));
	switch (type) {
	case SPF_TYPE_A:
	case SPF_TYPE_AAAA:
		memcpy(out->rr, ans.rdata, ans.n * sizeof(*out->rr));
		out->n = ans.n;
		break;
	case SPF_TYPE_MX: read_mx(&ans, a, out); break;
	case SPF_TYPE_PTR: read_names(&ans, a, out); break;
	case SPF_TYPE_TXT: read_texts(r, &ans, a, out); break;
	}
	return SPF_DNS_OK;
}

static struct str make_key(const struct verify_client *c, struct str domain,
                           char out[KEY_MAX])
{
	size_t n = 1 + sizeof(c->ip);

	out[0] = c->ipv6 ? '6' : '4';
	memset(out + 1, 0, sizeof(c->ip));
	memcpy(out + 1, c->ip, c->ipv6 ? 16 : 4);
	for (size_t i = 0; i < domain.n && n < KEY_MAX; i++)
		out[n++] = ascii_lower(domain.p[i]);
	return (struct str){ out, n };
}

static void keep(struct verify *v, const struct run *r, struct str key,
                 int64_t now_us, const struct verify_spf_result *res)
{
	uint32_t ttl = r->q.ttl_s;

	if (r->q.failed || r->personal || ttl == 0)
		return;
	if (ttl > KEEP_MAX_S)
		ttl = KEEP_MAX_S;
	spf_cache_put(v->spf, key, now_us + ttl * US_PER_SEC, res);
}

void verify_spf(struct verify *v, const struct verify_client *c,
                struct verify_budget *b, struct arena *a,
                struct verify_spf_result *out)
{
	int64_t now_us = clock_steady_us();
	struct run r = { .personal = false };
	const struct spf_dns dns = { query, &r };
	struct spf_query q = {
		.ipv6 = c->ipv6,
		.helo = c->helo,
		.local = c->local,
		.receiver = str_z(v->hostname),
		.now_s = clock_wall_us() / US_PER_SEC,
	};
	struct spf_outcome o;
	char bytes[KEY_MAX];
	struct str key;

	*out = (struct verify_spf_result){ .result = SPF_NONE,
		                           .helo = c->domain.n == 0 };
	if (!verify_domain(out->helo ? c->helo : c->domain, a, &q.domain))
		return;
	key = make_key(c, q.domain, bytes);
	if (spf_cache_get(v->spf, key, now_us, a, out)) {
		out->domain = q.domain;
		out->helo = c->domain.n == 0;
		return;
	}
	memcpy(q.ip, c->ip, sizeof(q.ip));
	verify_asking_init(&r.q, v, b);
	spf_check(&q, &dns, a, &o);
	out->result = o.result;
	out->domain = q.domain;
	out->reason = o.reason;
	out->mechanism = o.mechanism;
	keep(v, &r, key, now_us, out);
}
