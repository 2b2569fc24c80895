/*
 * dns/client.h - ask the resolver.
 *
 * Everything that looks up a name asks here; the answers come from the
 * resolver's process (dns/server.h), which validates DNSSEC and has a cache.
 * One client serves all threads of a process, and has room for as many
 * questions as any of them asks: those of zones that do not answer, which wait
 * for half a minute, do not keep the others.
 *
 *	struct dns_answer ans;
 *
 *	dns_lookup(dns, STR("example.com"), DNS_MX, 10 * US_PER_SEC, &arena,
 *	           &ans);
 *	switch (ans.status) ...
 */
#ifndef DNS_CLIENT_H
#define DNS_CLIENT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* The numbers of RFC 1035 and its successors. */
enum dns_type {
	DNS_A = 1,
	DNS_NS = 2,
	DNS_CNAME = 5,
	DNS_SOA = 6,
	DNS_PTR = 12,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_SRV = 33,
	DNS_DNSKEY = 48,
	DNS_TLSA = 52,
	DNS_CAA = 257,
};

enum dns_status {
	DNS_OK,       /* at least one record */
	DNS_NODATA,   /* the name exists, without such a record */
	DNS_NXDOMAIN, /* there is no such name */
	DNS_FAIL,     /* no answer now: time-out, SERVFAIL, bogus signatures */
};

struct dns_answer {
	enum dns_status status;
	bool secure;       /* validated by DNSSEC, the denials too */
	bool bogus;        /* FAIL, because signatures do not hold */
	uint32_t ttl_s;    /* how long it may be kept */
	struct str name;   /* canonical, behind all CNAMEs */
	struct str *rdata; /* raw: wire/dns/rdata.h reads it */
	size_t n;
	char why[96]; /* FAIL in words, for logs */
};

struct dns_client;

/* `door` is the clients' end of the resolver's door (ipc/ipc.h), not taken. */
struct dns_client *dns_client_new(int door, const char *role);
void dns_client_free(struct dns_client **c);

/* Never longer than `timeout_us`; a time-out is DNS_FAIL.  A name that cannot
 * exist (a label too long) is DNS_NXDOMAIN.  Views in *out lie in `a`. */
void dns_lookup(struct dns_client *c, struct str name, enum dns_type type,
                int64_t timeout_us, struct arena *a, struct dns_answer *out);

/* What one message may cost: look-ups and time together.  Past it every
 * question is answered DNS_FAIL at once. */
struct dns_budget {
	unsigned lookups; /* left */
	int64_t until_us; /* steady */
};

void dns_lookup_within(struct dns_client *c, struct dns_budget *b,
                       struct str name, enum dns_type type, struct arena *a,
                       struct dns_answer *out);

#endif
