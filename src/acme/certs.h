/*
 * acme/certs.h - which certificates this host has, wants and renews.
 *
 * One certificate, "default", is for the names of the provider; every name of
 * a hosted domain that points here gets one of its own.  Certificates lie in
 * DATA/tls/NAME.crt, their keys with the keys process under the same name, and
 * are chosen by SNI.  What is known of each is a row of DATA/acme.db.
 *
 * A certificate that the operator put there (one that is not in the database
 * and not self-signed) is left alone.
 *
 *	certs_open(&c, &o, err)
 *	certs_run(c, now, err)      now and then, on one thread: looks for
 *	                            names, gets or renews at most a few
 *	certs_close(&c)
 *
 * A name that failed is tried again after 10 minutes, then twice as long each
 * time, at most once a day; or when the authority says.
 */
#ifndef ACME_CERTS_H
#define ACME_CERTS_H

#include "acme/ca.h"
#include "config/config.h"
#include "directory/directory.h"

struct certs;

struct certs_options {
	const struct config *config;
	const char *dir; /* the data folder */
	struct keys_client *keys;
	struct dns_client *dns;
	struct directory *directory;
	bool (*stop)(void *arg);
	/* Set ("add") or take back ("remove") a TXT record; NULL: cannot. */
	int (*set_record)(void *arg, const char *verb, struct str name,
	                  struct str text, struct err *err);
	/* For the log: it is in place, or why it is not. */
	void (*told)(void *arg, struct str name, int64_t until_s,
	             const struct err *why);
	void *arg;
};

int certs_open(struct certs **out, const struct certs_options *o,
               struct err *err) ATTR_MUST_USE;
void certs_close(struct certs **c);

/* Trouble with one name is told and is no error. */
int certs_run(struct certs *c, int64_t now_us, struct err *err) ATTR_MUST_USE;

/* ---- what is known, for people ---- */

enum cert_state {
	CERT_WANTED, /* asked for soon */
	CERT_VALID,
	CERT_FAILED, /* none yet, or the renewal fails: `why` */
};

struct cert_row {
	struct str name;
	struct str names; /* separated by blanks */
	enum cert_state state;
	int64_t until_s; /* 0: none yet */
	int64_t next_us; /* of the next try */
	unsigned failures;
	struct str why;
};

struct certs_list; /* the database alone */

int certs_list_open(struct certs_list **out, const char *dir, struct err *err)
	ATTR_MUST_USE;
void certs_list_close(struct certs_list **l);
/* In the order of names.  `each` returns false to stop. */
int certs_list_each(struct certs_list *l,
                    bool (*each)(void *arg, const struct cert_row *row),
                    void *arg, struct err *err) ATTR_MUST_USE;
/* Renew it now, as far as the authority lets us.  ERR_NOT_FOUND. */
int certs_list_renew(struct certs_list *l, struct str name, struct err *err)
	ATTR_MUST_USE;
/* Know it no more: it is not renewed, and not asked for unless it points
 * here.  ERR_NOT_FOUND. */
int certs_list_forget(struct certs_list *l, struct str name, struct err *err)
	ATTR_MUST_USE;

/* ---- in place ---- */

/* Put a chain where it is served, and have all roles read it within seconds. */
int certs_place(const char *dir, struct str name, struct str chain,
                struct err *err) ATTR_MUST_USE;
/* What is in DATA/tls or DATA/keys changed: say so to all roles. */
int certs_tell(const char *dir, struct err *err) ATTR_MUST_USE;

/* ---- what a challenge asks for ---- */

/* The answer to /.well-known/acme-challenge/TOKEN; ERR_NOT_FOUND. */
int certs_http_answer(const char *dir, struct str token, struct arena *a,
                      struct str *out, struct err *err) ATTR_MUST_USE;
/* The certificate for a handshake that says "acme-tls/1" (RFC 8737). */
int certs_tls_answer(const char *dir, struct str name, struct arena *a,
                     struct str *pem_out, struct err *err) ATTR_MUST_USE;

/* A client asked for this name, of which there is no certificate: look soon
 * whether it points here.  Cheap; what is no name of a hosted domain must be
 * told apart by the caller. */
void certs_wish(const char *dir, struct str name);

#endif
