/*
 * relay/dane.h - what the DNS demands of the TLS with a host (RFC 7672).
 *
 * TLSA records count when they, the MX records and the host's addresses are
 * all validated by DNSSEC.  Then TLS is a must, and with a usable record its
 * certificate must match.
 *
 *	switch (relay_dane_find(&d, &asker, hosts.secure, &addrs, port, &a)) ...
 */
#ifndef RELAY_DANE_H
#define RELAY_DANE_H

#include "crypto/tls_client.h"
#include "relay/hosts.h"

enum relay_dane {
	RELAY_DANE_NONE,    /* no such demand */
	RELAY_DANE_ENCRYPT, /* TLS, whatever the certificate */
	RELAY_DANE_VERIFY,  /* TLS, with a certificate that matches */
	RELAY_DANE_UNKNOWN, /* no answer now: the host must not be used */
};

#define RELAY_DANE_RECORDS_MAX 16

struct relay_dane_records {
	struct tls_dane_record v[RELAY_DANE_RECORDS_MAX];
	size_t n;        /* usable ones: usage 2 and 3 (RFC 7672, 3.1.3) */
	struct str base; /* the host's name they stand at */
};

struct relay_dane_facts {
	bool mx_secure, address_secure;
	bool failed; /* no answer for the TLSA records */
	bool secure; /* the answer is validated */
	size_t records, usable;
};

/* The rules of RFC 7672, 2.2, alone. */
enum relay_dane relay_dane_decide(const struct relay_dane_facts *f);

/* Ask and decide.  Views lie in the arena. */
enum relay_dane relay_dane_find(struct relay_dane_records *out,
                                const struct relay_asker *ask, bool mx_secure,
                                const struct relay_addresses *addrs,
                                struct str host, uint16_t port,
                                struct arena *a);

#endif
