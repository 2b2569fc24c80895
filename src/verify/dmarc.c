#include "verify/dmarc.h"

#include "verify/private.h"
#include "wire/message/address.h"

static enum dmarc_dns_status status_of(enum dns_status s)
{
	switch (s) {
	case DNS_OK: return DMARC_DNS_OK;
	case DNS_NODATA:
	case DNS_NXDOMAIN: return DMARC_DNS_NONE;
	case DNS_FAIL: break;
	}
	return DMARC_DNS_FAIL;
}

static enum dmarc_dns_status ask_txt(void *ctx, struct str name,
                                     struct arena *a, struct str **out,
                                     size_t *n_out)
{
	return status_of(verify_ask_txt(ctx, name, a, out, n_out));
}

/* np= is for names that do not exist at all (RFC 9989, 3.2.10): any answer
 * but NXDOMAIN says that there is one. */
static enum dmarc_dns_status ask_exists(void *ctx, struct str name)
{
	struct dns_answer ans;
	struct arena a;
	enum dmarc_dns_status st = DMARC_DNS_OK;

	arena_init(&a);
	verify_ask(ctx, name, DNS_A, &a, &ans);
	if (ans.status == DNS_NXDOMAIN)
		st = DMARC_DNS_NONE;
	else if (ans.status == DNS_FAIL)
		st = DMARC_DNS_FAIL;
	arena_deinit(&a);
	return st;
}

bool verify_dmarc_org(struct asking *q, struct str domain, struct arena *a,
                      struct str *out)
{
	const struct dmarc_dns dns = { ask_txt, ask_exists, q };

	return dmarc_org_domain(domain, &dns, a, out);
}

static struct str author_domain(struct str from, struct arena *a)
{
	struct str none = { NULL, 0 }, found = none, one;
	struct address_list list;

	if (from.n == 0)
		return none;
	address_list_parse(a, from, NULL, &list);
	for (size_t i = 0; i < list.n; i++) {
		if (list.v[i].kind != ADDRESS_MAILBOX)
			continue;
		if (!verify_domain(list.v[i].domain, a, &one))
			return none;
		if (found.n && !str_eq_case(found, one))
			return none;
		found = one;
	}
	return found;
}

void verify_dmarc(struct verify *v, struct str from,
                  const struct verify_spf_result *spf,
                  const struct verify_dkim_result *dkim,
                  struct verify_budget *b, struct arena *a,
                  struct verify_dmarc_result *out)
{
	struct str domains[VERIFY_DKIM_MAX];
	struct asking q;
	const struct dmarc_dns dns = { ask_txt, ask_exists, &q };
	struct dmarc_facts f = { .dkim_domains = domains };

	verify_asking_init(&q, v, b);
	*out = (struct verify_dmarc_result){ .author = author_domain(from, a) };
	f.author = out->author;
	if (spf && spf->result == SPF_PASS)
		f.spf_domain = spf->domain;
	for (size_t i = 0; i < dkim->n; i++)
		if (dkim->v[i].status == DKIM_PASS &&
		    verify_domain(dkim->v[i].domain, a, &domains[f.n_dkim]))
			f.n_dkim++;
	dmarc_evaluate(&f, &dns, a, &out->o);
}
