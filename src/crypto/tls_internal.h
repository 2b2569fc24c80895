/* crypto/tls_internal.h - between tls_server.c and tls_conn.c. */
#ifndef CRYPTO_TLS_INTERNAL_H
#define CRYPTO_TLS_INTERNAL_H

#include <openssl/ssl.h>

#include "crypto/tls_server.h"

#define TLS_NAME_MAX 253

/* Lower case, without a dot at the end; "" (and 0) when it is no host name. */
size_t tls_name_clean(const char *sent, char out[TLS_NAME_MAX + 1]);

struct tls_conn;

/* A connection around `ssl`, which is taken. */
int tls_conn_take(struct tls_conn **out, SSL *ssl, int fd, struct err *err)
	ATTR_MUST_USE;

/* "h2,http/1.1" as on the wire, to `out` of strlen(list) + 1; its bytes. */
size_t tls_alpn_wire(const char *list, unsigned char *out);

/* A connection's beginning; NULL without memory. */
SSL *tls_server_ssl(struct tls_server *s);

#endif
