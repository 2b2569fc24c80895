/*
 * daemon/certs.h - certificates come by themselves (acme/certs.h): a thread
 * of the relay role gets and renews them, the http role shows what their
 * authority asks to see.
 */
#ifndef DAEMON_CERTS_H
#define DAEMON_CERTS_H

#include "daemon/host.h"
#include "http/server.h"

struct cert_thread;

/* Before the process is confined and has threads (os/hook.h). */
int cert_hook_start(struct host *h, struct err *err) ATTR_MUST_USE;

/* *out is NULL when no authority is configured. */
int cert_thread_start(struct cert_thread **out, struct host *h, struct err *err)
	ATTR_MUST_USE;
/* Waits for the request in hand. */
void cert_thread_stop(struct cert_thread **t);

#define CERT_ROUTES_N 1
/* /.well-known/acme-challenge/, also in clear (RFC 8555, 8.3). */
void cert_routes(struct host *h, struct http_route out[CERT_ROUTES_N]);

#endif
