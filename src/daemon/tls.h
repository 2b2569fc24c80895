/*
 * daemon/tls.h - certificates: DATA/tls/NAME.crt, their keys in DATA/keys/.
 *
 * "default" serves every name that has no file of its own.  At the first
 * start the keys role makes a self-signed one for the provider's names.
 */
#ifndef DAEMON_TLS_H
#define DAEMON_TLS_H

#include "daemon/host.h"

/* By the keys role, before it loads the keys. */
int tls_ensure(struct host *h, struct err *err) ATTR_MUST_USE;

/* The certificates of a role that signs through the keys process. */
int tls_open(struct host *h, const char *alpn, struct tls_server **out,
             struct err *err) ATTR_MUST_USE;

/* The certificate that is served for `name` (lower case), those above it after
 * it; `arg` is the host. */
int tls_chain(void *arg, struct str name, struct arena *a, struct str *pem_out,
              struct err *err) ATTR_MUST_USE;

/* Now and then: take up certificates that were put in place since, which
 * DATA/tls/changed (acme/certs.h) tells. */
void tls_look(struct host *h);

/* Files may have changed: read the default again, forget the names. */
void tls_reload(struct host *h);

#endif
