/*
 * relay/conn.h - a connection to another server, for a thread that waits.
 *
 * The socket is non-blocking; each call waits for the peer at most the time
 * it is given, and gives up at once when the role stops (`stop_fd` becomes
 * readable).  Times are real, also under a simulated clock.
 *
 * Errors: ERR_TIMEOUT, ERR_CLOSED, ERR_INVALID (no SMTP), ERR_TEMP.
 */
#ifndef RELAY_CONN_H
#define RELAY_CONN_H

#include "base/buf.h"
#include "base/err.h"
#include "net/addr.h"
#include "wire/smtp/answer.h"

struct tls_client;
struct tls_client_demand;
struct tls_conn;

struct relay_conn {
	int fd;      /* -1: closed */
	int stop_fd; /* -1: none */
	/* A message was sent whose answer is not here: hanging up now might
	 * send it twice, so that a stop is not obeyed for some seconds. */
	bool in_doubt;
	struct tls_conn *tls;
	/* Why TLS failed, or the certificate is not believed, as RFC 8460,
	 * 4.3.2.1 names it; else NULL. */
	const char *tls_result;
	struct buf in; /* private: read, not yet taken */
};

void relay_conn_init(struct relay_conn *c, int stop_fd);
void relay_conn_close(struct relay_conn *c); /* twice is fine */

/* `source` may be NULL. */
int relay_conn_open(struct relay_conn *c, const struct net_addr *to,
                    const struct net_addr *source, int64_t wait_us,
                    struct err *err) ATTR_MUST_USE;

/* The address it goes out from; family NET_NONE when it is not known. */
void relay_conn_source(const struct relay_conn *c, struct net_addr *out);

/* All of it; `wait_us` for each step ahead. */
int relay_conn_send(struct relay_conn *c, struct str s, int64_t wait_us,
                    struct err *err) ATTR_MUST_USE;

/* One reply, within `wait_us` in all.  `a` is initialised and reset here. */
int relay_conn_answer(struct relay_conn *c, struct smtp_answer *a,
                      int64_t wait_us, struct err *err) ATTR_MUST_USE;

/* Other protocols: what was read and not yet taken; take some; wait for more,
 * at most 64 KiB at a time. */
struct str relay_conn_input(const struct relay_conn *c);
void relay_conn_take(struct relay_conn *c, size_t n);
int relay_conn_more(struct relay_conn *c, int64_t wait_us, struct err *err)
	ATTR_MUST_USE;

/* Begin TLS.  What the peer sent before it in clear is refused. */
int relay_conn_tls(struct relay_conn *c, struct tls_client *client,
                   const struct tls_client_demand *demand, int64_t wait_us,
                   struct err *err) ATTR_MUST_USE;

#endif
