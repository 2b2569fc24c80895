/* What the rows of a check ask of DNS and of web servers. */
#include <string.h>

#include "admin/check_private.h"
#include "fetch/fetch.h"
#include "net/addr.h"
#include "os/clock.h"
#include "wire/dkim/signature.h"
#include "wire/dns/rdata.h"

/* Of one domain; past it rows are "could not check". */
#define LOOKUPS_MAX 150
#define LOOKUP_US   (5 * US_PER_SEC)
/* So many in a row: the resolver, or the domain's servers, are not there. */
#define FAILURES_MAX   3

#define FETCH_US       (8 * US_PER_SEC)
#define FETCH_SIZE_MAX ((size_t)64 * 1024)

struct admin_check_row *check_row(struct checking *k, const char *id,
                                  enum admin_grade grade, struct str name,
                                  const char *type)
{
	struct admin_checks *r = k->r;
	struct admin_check_row *row;

	if (r->n == ADMIN_CHECKS_MAX)
		r->n--;
	row = &r->v[r->n++];
	*row = (struct admin_check_row){ .id = id,
		                         .grade = grade,
		                         .state = CHECK_UNKNOWN,
		                         .name = name,
		                         .type = type,
		                         .found = STR(""),
		                         .wanted = STR(""),
		                         .why = STR("") };
	return row;
}

void check_ask(struct checking *k, struct str name, enum dns_type type,
               struct dns_answer *out)
{
	int64_t left_us = k->until_us - clock_steady_us();

	if ((k->o->stop && atomic_load(k->o->stop)) || left_us <= 0 ||
	    k->failures >= FAILURES_MAX || k->lookups >= LOOKUPS_MAX) {
		*out = (struct dns_answer){ .status = DNS_FAIL,
			                    .why = "the check gave up" };
		return;
	}
	k->lookups++;
	dns_lookup(k->o->dns, name, type,
	           left_us < LOOKUP_US ? left_us : LOOKUP_US, k->a, out);
	k->failures = out->status == DNS_FAIL ? k->failures + 1 : 0;
}

int check_texts(struct checking *k, struct str name, struct str begin,
                struct str *out, size_t max)
{
	struct dns_answer ans;
	struct str text;
	size_t n = 0;

	check_ask(k, name, DNS_TXT, &ans);
	if (ans.status == DNS_FAIL)
		return -1;
	for (size_t i = 0; i < ans.n && n < max; i++)
		if (dns_txt_read(ans.rdata[i], k->a, &text) &&
		    str_starts_case(text, begin))
			out[n++] = text;
	return (int)n;
}

static size_t add_addresses(struct checking *k, struct str name,
                            enum dns_type type, struct str *out, size_t n,
                            size_t max, bool *failed)
{
	struct net_addr at = { .family = type == DNS_A ? NET_IPV4 : NET_IPV6 };
	size_t bytes = type == DNS_A ? 4 : 16;
	struct dns_answer ans;
	char text[NET_ADDR_TEXT_MAX];

	check_ask(k, name, type, &ans);
	*failed |= ans.status == DNS_FAIL;
	for (size_t i = 0; i < ans.n && n < max; i++)
		if (ans.rdata[i].n == bytes) {
			memcpy(at.ip, ans.rdata[i].p, bytes);
			out[n++] = arena_dup(k->a,
			                     str_z(net_addr_text(&at, text)));
		}
	return n;
}

int check_addresses(struct checking *k, struct str name, struct str *out,
                    size_t max)
{
	bool failed = false;
	size_t n = add_addresses(k, name, DNS_A, out, 0, max, &failed);

	n = add_addresses(k, name, DNS_AAAA, out, n, max, &failed);
	return failed && n == 0 ? -1 : (int)n;
}

bool check_is_here(const struct checking *k, const struct str *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool own = false;

		for (size_t j = 0; j < k->own_n; j++)
			own |= str_eq(v[i], k->own[j]);
		if (!own)
			return false;
	}
	return n > 0;
}

struct str check_join(struct checking *k, const struct str *v, size_t n)
{
	struct str all = STR("");

	for (size_t i = 0; i < n; i++)
		all = i ? arena_fmt(k->a, "%.*s, %.*s", STR_ARG(all),
		                    STR_ARG(v[i]))
		        : v[i];
	return all;
}

/* ---- our own records ---- */

static enum dns_type type_of(enum admin_record_type t)
{
	switch (t) {
	case RECORD_MX: return DNS_MX;
	case RECORD_TXT: return DNS_TXT;
	case RECORD_CNAME: return DNS_CNAME;
	case RECORD_SRV: return DNS_SRV;
	}
	return DNS_TXT;
}

static unsigned u16_at(struct str s, size_t at)
{
	return (unsigned)(unsigned char)s.p[at] << 8 |
	       (unsigned char)s.p[at + 1];
}

struct str admin_record_words(enum admin_record_type t, struct str rdata,
                              struct arena *a)
{
	struct str none = { NULL, 0 }, name, rest;
	struct dns_mx mx;

	switch (t) {
	case RECORD_TXT: return dns_txt_read(rdata, a, &name) ? name : none;
	case RECORD_MX:
		return dns_mx_read(rdata, a, &mx)
		               ? arena_fmt(a, "%u %.*s", mx.preference,
		                           STR_ARG(mx.name))
		               : none;
	case RECORD_CNAME: return dns_name_read(&rdata, a, &name) ? name : none;
	case RECORD_SRV:
		if (rdata.n < 7)
			return none;
		rest = str_from(rdata, 6);
		if (!dns_name_read(&rest, a, &name))
			return none;
		return arena_fmt(a, "%u %u %u %.*s", u16_at(rdata, 0),
		                 u16_at(rdata, 2), u16_at(rdata, 4),
		                 STR_ARG(name));
	}
	return none;
}

bool admin_record_is_same(const struct admin_record *r, struct str got,
                          struct arena *a)
{
	if (r->selector.n)
		return dkim_key_same(got, r->value, a);
	return r->type == RECORD_TXT ? str_eq(got, r->value)
	                             : str_eq_case(got, r->value);
}

enum admin_check check_record(struct checking *k, const struct admin_record *r,
                              struct str *found)
{
	struct dns_answer ans;

	*found = STR("");
	check_ask(k, r->name, type_of(r->type), &ans);
	if (ans.status == DNS_FAIL) {
		*found = arena_dup(k->a, str_z(ans.why));
		return CHECK_UNKNOWN;
	}
	for (size_t i = 0; i < ans.n; i++) {
		struct str got =
			admin_record_words(r->type, ans.rdata[i], k->a);

		if (admin_record_is_same(r, got, k->a)) {
			*found = got;
			return CHECK_OK;
		}
		*found = i ? arena_fmt(k->a, "%.*s, %.*s", STR_ARG(*found),
		                       STR_ARG(got))
		           : got;
	}
	return ans.n ? CHECK_WRONG : CHECK_MISSING;
}

/* ---- documents ---- */

unsigned check_fetch(struct checking *k, struct str host, const char *path,
                     struct str body, struct str *out, struct str *why)
{
	const char *ca = config_z(k->adm->cfg, OPT_RELAY_AUTHORITIES);
	struct str xml = STR("Content-Type: text/xml");
	struct fetch_request q = {
		.url = arena_fmt(k->a, "https://%.*s:%u%s", STR_ARG(host),
		                 config_port(k->adm->cfg, OPT_LISTEN_HTTPS),
		                 path),
		.addresses = k->own,
		.addresses_n = k->own_n < FETCH_ADDRESSES_MAX
		                       ? k->own_n
		                       : FETCH_ADDRESSES_MAX,
		.post = body.n > 0,
		.body = body,
		.headers = &xml,
		.headers_n = body.n > 0,
		.timeout_us = FETCH_US,
		.size_max = FETCH_SIZE_MAX,
		.ca_file = *ca ? ca : NULL,
	};
	struct fetch_answer ans;
	struct err err = ERR_INIT;

	*why = STR("");
	if (k->o->stop && atomic_load(k->o->stop)) {
		*why = STR("the check was stopped");
		return 0;
	}
	if (fetch(&q, k->a, &ans, &err) < 0) {
		*why = arena_dup(k->a, str_z(err.text));
		return 0;
	}
	*out = ans.body;
	if (ans.status != 200)
		*why = arena_fmt(k->a, "the answer is %u", ans.status);
	return ans.status;
}
