/*
 * wire/spf/check.h - check_host(), the function of RFC 7208, 4.
 *
 * Pure but for the questions it asks: names are looked up through a callback
 * that may block.  All limits of RFC 7208, 4.6.4 hold: 10 terms that ask, 2
 * void look-ups, 10 MX and PTR names.
 *
 *	struct spf_query q = { .ip4 = ..., .domain = STR("example.com"), ... };
 *	struct spf_outcome o;
 *
 *	spf_check(&q, &dns, &arena, &o);
 *	if (o.result == SPF_FAIL)
 *		... o.reason
 */
#ifndef WIRE_SPF_CHECK_H
#define WIRE_SPF_CHECK_H

#include "base/arena.h"
#include "base/str.h"

#define SPF_LOOKUPS_MAX      10
#define SPF_VOID_LOOKUPS_MAX 2
#define SPF_NAMES_MAX        10

enum spf_result {
	SPF_NONE,
	SPF_NEUTRAL,
	SPF_PASS,
	SPF_FAIL,
	SPF_SOFTFAIL,
	SPF_TEMPERROR,
	SPF_PERMERROR,
};

enum spf_type {
	SPF_TYPE_A,
	SPF_TYPE_AAAA,
	SPF_TYPE_MX,
	SPF_TYPE_PTR,
	SPF_TYPE_TXT
};

enum spf_dns_status {
	SPF_DNS_OK,   /* an answer, maybe empty (no data) */
	SPF_DNS_NONE, /* the name does not exist */
	SPF_DNS_FAIL, /* time-out, SERVFAIL, bogus: temporary */
};

struct spf_answer {
	size_t n;
	/* TXT: the strings of a record joined without a space; MX and PTR:
	 * the name, without a dot at the end; A: 4, AAAA: 16 raw bytes.  MX
	 * come in order of preference. */
	struct str *rr;
};

struct spf_dns {
	enum spf_dns_status (*query)(void *ctx, struct str name,
	                             enum spf_type type, struct arena *a,
	                             struct spf_answer *out);
	void *ctx;
};

struct spf_query {
	bool ipv6;
	uint8_t ip[16]; /* the first 4 for IPv4 */
	struct str helo;
	struct str local;    /* of MAIL FROM; empty: "postmaster" */
	struct str domain;   /* of MAIL FROM, else the HELO name */
	struct str receiver; /* this host, for %{r} */
	int64_t now_s;
};

struct spf_outcome {
	enum spf_result result;
	struct str reason; /* in words; with fail, the domain's explanation */
	struct str mechanism; /* that decided, as "include:x.example", or "" */
	unsigned lookups, void_lookups;
};

/* Views in *out are in `a` or in the query. */
void spf_check(const struct spf_query *q, const struct spf_dns *dns,
               struct arena *a, struct spf_outcome *out);

/* "none", "pass", ... as RFC 7208, 9.1 and RFC 8601 write them. */
const char *spf_result_name(enum spf_result r);

#endif
