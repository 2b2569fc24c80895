#include "verify/verify.h"

#include "base/mem.h"
#include "os/clock.h"
#include "text/idn.h"
#include "verify/private.h"
#include "wire/dns/rdata.h"

struct verify *verify_new(const struct verify_options *o)
{
	struct verify *v = mem_zalloc(sizeof(*v));

	v->dns = o->dns;
	v->hostname = mem_dup(o->hostname.p, o->hostname.n);
	v->spf = spf_cache_new();
	return v;
}

void verify_free(struct verify **vp)
{
	struct verify *v = *vp;

	if (!v)
		return;
	spf_cache_free(&v->spf);
	mem_free(v->hostname);
	mem_free(v);
	*vp = NULL;
}

void verify_budget_init(struct verify_budget *b)
{
	b->dns.lookups = VERIFY_LOOKUPS_MAX;
	verify_budget_renew(b);
}

void verify_budget_renew(struct verify_budget *b)
{
	b->dns.until_us = clock_steady_us() + VERIFY_TIME_US;
}

void verify_asking_init(struct asking *q, struct verify *v,
                        struct verify_budget *b)
{
	*q = (struct asking){ .v = v, .b = b, .ttl_s = UINT32_MAX };
}

void verify_ask(struct asking *q, struct str name, enum dns_type type,
                struct arena *a, struct dns_answer *out)
{
	dns_lookup_within(q->v->dns, &q->b->dns, name, type, a, out);
	if (out->status == DNS_FAIL)
		q->failed = true;
	else if (out->ttl_s < q->ttl_s)
		q->ttl_s = out->ttl_s;
}

enum dns_status verify_ask_txt(struct asking *q, struct str name,
                               struct arena *a, struct str **out, size_t *n_out)
{
	struct dns_answer ans;

	*n_out = 0;
	verify_ask(q, name, DNS_TXT, a, &ans);
	if (ans.status != DNS_OK)
		return ans.status;
	*out = arena_array(a, ans.n, sizeof(**out));
	for (size_t i = 0; i < ans.n; i++)
		if (dns_txt_read(ans.rdata[i], a, &(*out)[*n_out]))
			(*n_out)++;
	return *n_out ? DNS_OK : DNS_NODATA;
}

bool verify_domain(struct str in, struct arena *a, struct str *out)
{
	struct err err = ERR_INIT;
	struct str name;

	if (in.n == 0 || in.p[0] == '[')
		return false;
	if (text_domain_normal(a, in, &name, &err) == 0)
		*out = name;
	else if (dns_name_valid(in))
		*out = in; /* underscores and their like */
	else
		return false;
	return true;
}
