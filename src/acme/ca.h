/*
 * acme/ca.h - an authority that gives certificates (RFC 8555).
 *
 * One account at one authority.  The account's key and the keys of
 * certificates are in the keys process; what the authority asks for is shown
 * by the caller (`publish`): a file behind HTTP, a certificate behind TLS, or
 * a record.  Everything blocks, for minutes at most; `stop` ends it sooner.
 *
 *	acme_ca_open(&ca, &o, err)             the directory, the account
 *	acme_issue(ca, names, n, STR("imap.customer.example"), STR(""),
 *	           &arena, &chain_pem, err)
 *	acme_ca_close(&ca)
 *
 * Errors: ERR_TEMP (try later; acme_retry_after() when it said when),
 * ERR_TIMEOUT, ERR_DENIED (it refuses, and why), ERR_INVALID (it makes no
 * sense, or the options do not), ERR_CLOSED (it was stopped).
 */
#ifndef ACME_CA_H
#define ACME_CA_H

#include "crypto/tls_server.h"
#include "dns/client.h"
#include "keys/client.h"
#include "wire/acme/acme.h"

struct acme_ca;

enum acme_kind { ACME_HTTP, ACME_TLS_ALPN, ACME_DNS };

/* How a name is to be shown as ours (RFC 8555, 8; RFC 8737). */
struct acme_proof {
	enum acme_kind kind;
	struct str name;              /* without "*." */
	struct str token;             /* HTTP: the file's name */
	struct str key_authorization; /* HTTP: what is in it */
	unsigned char digest[32];     /* TLS_ALPN: of that */
	struct str record;            /* DNS: TXT of _acme-challenge.NAME */
};

struct acme_options {
	const char *directory; /* URL */
	const char *ca_file;   /* NULL: the system's authorities */
	const char *contact;   /* a mail address, or "" */
	const char *eab_kid;   /* RFC 8555, 7.3.4; "" for none */
	const char *eab_key;   /* base64url, as the authority gave it */
	enum acme_kind kind;
	struct keys_client *keys;
	struct dns_client *dns; /* NULL: only addresses and localhost */
	/* Show it, until `withdraw`. */
	int (*publish)(void *arg, const struct acme_proof *p, struct err *err);
	void (*withdraw)(void *arg, const struct acme_proof *p);
	bool (*stop)(void *arg);
	void *arg;
};

int acme_ca_open(struct acme_ca **out, const struct acme_options *o,
                 struct err *err) ATTR_MUST_USE;
void acme_ca_close(struct acme_ca **ca);

/* A chain in PEM for all `names`, the first of which need be no other than
 * the rest, for the key `key_name` of the keys process.  `replaces` is the
 * certificate before it (certificate_facts.ari), or "". */
int acme_issue(struct acme_ca *ca, const struct str *names, size_t n,
               struct str key_name, struct str replaces, struct arena *a,
               struct str *chain_out, struct err *err) ATTR_MUST_USE;

/* When the authority would like it renewed (RFC 9773); ERR_NOT_FOUND when it
 * does not say.  *again_s: seconds until it may be asked again. */
int acme_window(struct acme_ca *ca, const char *ari, struct arena *a,
                struct acme_window *out, int64_t *again_s, struct err *err)
	ATTR_MUST_USE;

/* After a refusal: seconds to wait; 0 when it did not say. */
int64_t acme_retry_after(const struct acme_ca *ca);

#endif
