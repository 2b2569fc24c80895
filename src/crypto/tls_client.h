/*
 * crypto/tls_client.h - the client's side of TLS: for the tests, and for
 * whoever connects to other hosts.
 *
 *	struct tls_client_options o = { .verify = true };
 *
 *	tls_client_new(&client, &o, err);
 *	tls_client_conn(&conn, client, fd, "mx.example", err);
 *	... tls_conn_handshake() and so on (crypto/tls_conn.h)
 */
#ifndef CRYPTO_TLS_CLIENT_H
#define CRYPTO_TLS_CLIENT_H

#include "base/err.h"
#include "crypto/tls_conn.h"

struct tls_client;

struct tls_client_options {
	bool verify;         /* chain and name, else the handshake fails */
	bool authorities;    /* load them, for demands of single connections */
	const char *ca_file; /* PEM; NULL: the system's */
	const char *alpn;    /* "h2,http/1.1"; NULL: none */
	bool tls12;          /* not above TLS 1.2: for tests */
};

int tls_client_new(struct tls_client **out, const struct tls_client_options *o,
                   struct err *err) ATTR_MUST_USE;
void tls_client_free(struct tls_client **c); /* after its connections */

/* `name` is sent (SNI) and verified; NULL or "": neither. */
int tls_client_conn(struct tls_conn **out, struct tls_client *c, int fd,
                    const char *name, struct err *err) ATTR_MUST_USE;

/* Beyond what the client's options ask of a connection. */
struct tls_dane_record {
	uint8_t usage, selector, matching; /* RFC 6698, 2.1 */
	struct str data;
};

struct tls_client_demand {
	const char *sni; /* sent; NULL: no name */
	/* The certificate must be for one of these names, and its chain end
	 * in an authority of the client's; n 0: not asked. */
	const char *const *names;
	size_t n_names;
	/* Or: one of these must match (RFC 7671; usages 2 and 3 alone are
	 * taken, RFC 7672, 3.1.3).  With a usage of 2 one of `names` must be
	 * in the certificate.  n 0: not asked. */
	const struct tls_dane_record *records;
	size_t n_records;
	/* Look, but go on whatever it is: see tls_conn_distrust_kind(). */
	bool soft;
};

/* ERR_INVALID: no record could be used. */
int tls_client_conn_demand(struct tls_conn **out, struct tls_client *c, int fd,
                           const struct tls_client_demand *d, struct err *err)
	ATTR_MUST_USE;

/* Why the peer's certificate was not believed, in words; "" when it was or
 * was not asked. */
const char *tls_conn_distrust(const struct tls_conn *c);

enum tls_distrust {
	TLS_DISTRUST_NOT,
	TLS_DISTRUST_NAME,    /* it is another host's */
	TLS_DISTRUST_EXPIRED, /* or not valid yet */
	TLS_DISTRUST_ISSUER,  /* no chain to an authority */
	TLS_DISTRUST_OTHER,
};

/* After the handshake, of a soft demand too. */
enum tls_distrust tls_conn_distrust_kind(const struct tls_conn *c);

#endif
