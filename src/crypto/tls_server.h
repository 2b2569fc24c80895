/*
 * crypto/tls_server.h - the certificates of a TLS server, chosen by name.
 *
 * One tls_server per role.  It has a default identity (certificate chain and
 * key), and asks `load` for the identity of any other name a client sends
 * (SNI); what it was given is kept for the names used last.  Names compare
 * without case and without a trailing dot; when there is nothing for
 * "a.b.c", "*.b.c" is asked for.  TLS 1.2 and 1.3.  Setting or dropping an
 * identity holds for new handshakes; running connections keep theirs.
 *
 *	struct tls_options o = { .names_max = 1000, .load = load };
 *	struct tls_identity id = { .chain_pem = chain, .key_pem = key };
 *
 *	if (tls_server_new(&srv, &o, err) < 0 ||
 *	    tls_server_set_default(srv, &id, err) < 0)
 *		...
 *
 * Private keys may stay in another process: with a `signer`, an identity
 * without key_pem signs through it; key_id() of the certificate's public key
 * names the key.
 */
#ifndef CRYPTO_TLS_SERVER_H
#define CRYPTO_TLS_SERVER_H

#include "base/arena.h"
#include "base/err.h"
#include "crypto/key.h"

struct tls_server;

/* Signs in another process.  Called on the thread of a handshake; may block
 * (bracketed by os/blocking.h) but must end by a deadline. */
struct tls_signer {
	int (*sign)(void *arg, const unsigned char key_id[KEY_ID_SIZE],
	            enum key_scheme scheme, enum key_hash hash,
	            struct str digest, unsigned char out[KEY_SIGNATURE_MAX],
	            size_t *n_out, struct err *err);
	void *arg;
};

struct tls_identity {
	struct str chain_pem; /* the server's certificate first */
	struct str key_pem;   /* empty: the signer has the key */
};

/* The identity of `name` (lower case, no trailing dot; perhaps "*.b.c"),
 * its bytes in `a`.  -1 with ERR_NOT_FOUND: there is none (and must be found
 * out fast: anyone may ask for any name).  Any other error is treated alike
 * but not remembered. */
typedef int (*tls_load)(void *arg, struct str name, struct arena *a,
                        struct tls_identity *out, struct err *err);

struct tls_options {
	const struct tls_signer *signer; /* must outlive the server, or NULL */
	tls_load load;                   /* or NULL: only the default */
	void *load_arg;
	/* The certificate for a client that says "acme-tls/1", which is an
	 * authority that looks whether a name is ours (RFC 8737); asked each
	 * time, nothing is kept.  NULL: none. */
	tls_load load_challenge;
	uint32_t names_max; /* identities kept; 0: 1000 */
	const char *alpn;   /* "http/1.1", or "h2,http/1.1"; NULL: none */
};

int tls_server_new(struct tls_server **out, const struct tls_options *o,
                   struct err *err) ATTR_MUST_USE;
void tls_server_free(struct tls_server **s); /* after its connections */

/* Replace the default identity.  On failure the old one stays. */
int tls_server_set_default(struct tls_server *s, const struct tls_identity *id,
                           struct err *err) ATTR_MUST_USE;
/* Read the files of the default identity; key_path NULL: the signer. */
int tls_server_set_default_files(struct tls_server *s, const char *chain_path,
                                 const char *key_path, struct err *err)
	ATTR_MUST_USE;

/* Forget what was loaded for `name`, or (empty) for all names: the next
 * handshake asks again. */
void tls_server_forget(struct tls_server *s, struct str name);

/* Seconds since 1970 at which the default certificate ends; 0 without one. */
int64_t tls_server_expiry(const struct tls_server *s);

#endif
