/*
 * smtp/server.h - the SMTP service: MX on 25, submission on 465, 587, 2525.
 *
 * One service of the session engine (net/session.h); the listener's context
 * says which it is.  On port 25 a client that logs in becomes a submission
 * client (R11).
 *
 *	struct smtp_shared *shared = smtp_shared_new();
 *	struct smtp_context mx = { .kind = SMTP_MX, .shared = shared, ... };
 *	struct net_listener l = { .service = &smtp_service, .context = &mx,
 *	                          .fd = fd, .tls_server = ts };
 */
#ifndef SMTP_SERVER_H
#define SMTP_SERVER_H

#include "net/session.h"

struct config;
struct directory;
struct gate_client;
struct greylist;
struct intake;
struct spool_pool;
struct store;
struct trail;
struct verify;

enum smtp_kind {
	SMTP_MX,         /* 25: also a submission service after a login */
	SMTP_SUBMISSION, /* 465, 587, 2525: a login is required */
	SMTP_SENDMAIL,   /* the local socket of posthus sendmail (R30) */
};

/* What all listeners of a process share: connections by client, figures. */
struct smtp_shared;

struct smtp_shared *smtp_shared_new(void);
void smtp_shared_free(struct smtp_shared **sh);

struct smtp_figures {
	uint64_t accepted; /* messages */
	uint64_t refused;  /* messages, recipients, logins */
	uint64_t deferred; /* the same, with 4xx */
	uint64_t bytes;    /* of accepted messages */
};

void smtp_shared_figures(struct smtp_shared *sh, struct smtp_figures *out);

/* Made once by the process; all must outlive the engine. */
struct smtp_context {
	enum smtp_kind kind;
	bool starttls; /* the listener has a tls_server and is not TLS itself */
	const struct config *config;
	struct directory *directory;
	struct store *store;
	struct gate_client *gate;
	struct greylist *greylist; /* NULL: none is greylisted */
	struct intake *intake;
	struct verify *verify; /* NULL: DNS is not asked */
	struct spool_pool *spool;
	struct trail *trail; /* may be NULL */
	struct smtp_shared *shared;
};

extern const struct net_service smtp_service;

#endif
