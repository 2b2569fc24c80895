/*
 * crypto/tls_conn.h - TLS on a non-blocking socket.
 *
 * For net/ alone.  A call does what it can without waiting and says what it
 * waits for.  One thread at a time.
 *
 * tls_conn_read() takes all that is here, over several records; after it,
 * tls_conn_pending() is true when the buffer was too small for all, or the
 * end is known already: then the socket need not say so again, and it must be
 * called once more before the socket is waited for.
 */
#ifndef CRYPTO_TLS_CONN_H
#define CRYPTO_TLS_CONN_H

#include "base/err.h"
#include "base/str.h"

struct tls_server;
struct tls_conn;

enum tls_result {
	TLS_OK,
	TLS_WANT_READ,  /* call again when the socket is readable */
	TLS_WANT_WRITE, /* call again when it is writable */
	TLS_CLOSED,     /* the peer ended TLS, or the connection */
	TLS_FAILED,     /* *err says why */
};

/* The fd stays the caller's. */
int tls_conn_new(struct tls_conn **out, struct tls_server *srv, int fd,
                 struct err *err) ATTR_MUST_USE;
void tls_conn_free(struct tls_conn **c);

enum tls_result tls_conn_handshake(struct tls_conn *c, struct err *err);
/* At least one byte and at most `max` on TLS_OK. */
enum tls_result tls_conn_read(struct tls_conn *c, char *p, size_t max,
                              size_t *n_out, struct err *err);
/* Some bytes of `s`, how many in *n_out, on TLS_OK.  After TLS_WANT_* the
 * same bytes must be given again, wherever they lie then. */
enum tls_result tls_conn_write(struct tls_conn *c, struct str s, size_t *n_out,
                               struct err *err);
bool tls_conn_pending(const struct tls_conn *c);
/* Tell the peer that no more comes, as far as it goes without waiting. */
void tls_conn_shutdown(struct tls_conn *c);

struct tls_conn_info {
	char version[12]; /* "TLS1.3" */
	char cipher[48];
	int bits;
	char sni[256]; /* lower case, no trailing dot; "" without */
	char alpn[16]; /* "" without */
	bool resumed;
};

void tls_conn_info(const struct tls_conn *c, struct tls_conn_info *out);

/* "tls-exporter" (RFC 9266) or "tls-server-end-point" (RFC 5929); bytes
 * written, 0 when there is none. */
size_t tls_conn_binding(const struct tls_conn *c, const char *type,
                        unsigned char *out, size_t max);

#endif
