/*
 * verify/verify.h - who vouches for a message: what all checks share.
 *
 * One object serves all threads of a process: the resolver to ask, and what
 * was found out lately.  What one message may cost is in a verify_budget that
 * goes with it from RCPT to the end of the data; when it is used up, every
 * further question counts as "no answer now".
 *
 *	struct verify_options o = { .dns = dns, .hostname = name };
 *	struct verify *v = verify_new(&o);
 *	struct verify_client c = { .ip = ..., .helo = helo };
 *	struct verify_budget b;
 *
 *	verify_budget_init(&b);
 *	verify_helo(v, &c, &b, &arena)          verify/helo.h
 *	verify_spf(v, &c, &b, &arena, &spf)     verify/spf.h
 *
 * Nothing here logs; results are values with a reason in words.
 */
#ifndef VERIFY_VERIFY_H
#define VERIFY_VERIFY_H

#include "base/arena.h"
#include "dns/client.h"

/* SPF needs up to 10 terms with 10 names each and their text; a DKIM
 * signature one look-up, DMARC eight for each of a few domains. */
#define VERIFY_LOOKUPS_MAX 200
/* RFC 7208, 4.6.4: at least 20 s for one check. */
#define VERIFY_TIME_US (INT64_C(20) * 1000 * 1000)

struct verify;

struct verify_options {
	struct dns_client *dns; /* borrowed */
	struct str hostname;    /* our name; copied */
};

struct verify *verify_new(const struct verify_options *o);
void verify_free(struct verify **v);

struct verify_budget {
	struct dns_budget dns;
};

void verify_budget_init(struct verify_budget *b);
/* The next step begins: its time runs from now, look-ups stay used. */
void verify_budget_renew(struct verify_budget *b);

/* The peer, as the checks see it. */
struct verify_client {
	bool ipv6;
	uint8_t ip[16];           /* the first 4 for IPv4 */
	struct str helo;          /* as said in HELO or EHLO */
	struct str local, domain; /* of MAIL FROM; both empty for <> */
};

#endif
