#include "relay/conn.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crypto/tls_client.h"
#include "net/sockaddr.h"
#include "os/clock.h"

#define INPUT_MAX ((size_t)64 * 1024)
#define PIECE     4096
/* How long a stop waits for the answer to a message that was sent. */
#define DOUBT_US (5 * US_PER_SEC)

void relay_conn_init(struct relay_conn *c, int stop_fd)
{
	*c = (struct relay_conn){ .fd = -1, .stop_fd = stop_fd };
	buf_init(&c->in, INPUT_MAX);
}

void relay_conn_close(struct relay_conn *c)
{
	if (c->tls)
		tls_conn_shutdown(c->tls);
	tls_conn_free(&c->tls);
	if (c->fd >= 0)
		(void)close(c->fd);
	c->fd = -1;
	buf_deinit(&c->in);
	buf_init(&c->in, INPUT_MAX);
}

/* Until the socket is ready for `events` or the time is over. */
static int wait_for(struct relay_conn *c, short events, int64_t until_us,
                    struct err *err)
{
	struct pollfd p[2] = { { .fd = c->fd, .events = events },
		               { .fd = c->stop_fd, .events = POLLIN } };
	const int on = 1;
	int64_t left;
	int n;

	/* A host that says its answers piece by piece holds the next piece
	 * back until the one before is acknowledged: the kernel's
	 * delay would cost 40 ms a message. */
	if (events & POLLIN)
		(void)setsockopt(c->fd, IPPROTO_TCP, TCP_QUICKACK, &on,
		                 sizeof(on));
	for (;;) {
		left = until_us - clock_real_us();
		if (left <= 0)
			return err_set(err, ERR_TIMEOUT, "no answer in time");
		n = poll(p, 2, (int)(left / US_PER_MS) + 1);
		if (n < 0 && errno != EINTR)
			return err_sys(err, errno, "poll");
		if (n <= 0)
			continue;
		if (!p[1].revents)
			return 0;
		if (!c->in_doubt)
			return err_set(err, ERR_TEMP, "this host is stopping");
		/* No longer than the stop may take, and asked no more. */
		if (until_us > clock_real_us() + DOUBT_US)
			until_us = clock_real_us() + DOUBT_US;
		p[1].fd = -1;
	}
}

static int bind_source(int fd, const struct net_addr *source, struct err *err)
{
	struct sockaddr_storage ss;
	socklen_t n = net_sockaddr_write(source, &ss);

	if (bind(fd, (const struct sockaddr *)&ss, n) < 0)
		return err_sys(err, errno,
		               "cannot send from the address "
		               "that is configured");
	return 0;
}

static int finish_connect(struct relay_conn *c, int64_t wait_us,
                          struct err *err)
{
	int e = 0;
	socklen_t n = sizeof(e);

	if (wait_for(c, POLLOUT, clock_real_us() + wait_us, err) < 0)
		return -1;
	if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &e, &n) < 0)
		e = errno;
	return e ? err_sys(err, e, "connect") : 0;
}

int relay_conn_open(struct relay_conn *c, const struct net_addr *to,
                    const struct net_addr *source, int64_t wait_us,
                    struct err *err)
{
	const int on = 1;
	struct sockaddr_storage ss;
	socklen_t n = net_sockaddr_write(to, &ss);
	int rc = 0;

	relay_conn_close(c);
	c->fd = socket(ss.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	               0);
	if (c->fd < 0)
		return err_sys(err, errno, "socket");
	/* The end of a message does not wait for what went before. */
	(void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (source && source->family == to->family)
		rc = bind_source(c->fd, source, err);
	if (rc == 0 && connect(c->fd, (const struct sockaddr *)&ss, n) < 0)
		rc = errno == EINPROGRESS ? finish_connect(c, wait_us, err)
		                          : err_sys(err, errno, "connect");
	if (rc < 0)
		relay_conn_close(c);
	return rc;
}

void relay_conn_source(const struct relay_conn *c, struct net_addr *out)
{
	struct sockaddr_storage ss;
	socklen_t n = sizeof(ss);

	*out = (struct net_addr){ .family = NET_NONE };
	if (c->fd >= 0 && getsockname(c->fd, (struct sockaddr *)&ss, &n) == 0)
		net_sockaddr_read(&ss, out);
}

static int tls_said(struct relay_conn *c, enum tls_result r, int64_t until_us,
                    struct err *err)
{
	switch (r) {
	case TLS_OK: return 0;
	case TLS_WANT_READ: return wait_for(c, POLLIN, until_us, err);
	case TLS_WANT_WRITE: return wait_for(c, POLLOUT, until_us, err);
	case TLS_CLOSED:
		return err_set(err, ERR_CLOSED, "the connection was closed");
	case TLS_FAILED: break;
	}
	return -1;
}

static int send_some(struct relay_conn *c, struct str s, size_t *n_out,
                     int64_t until_us, struct err *err)
{
	enum tls_result r;
	ssize_t n;

	*n_out = 0;
	if (c->tls) {
		r = tls_conn_write(c->tls, s, n_out, err);
		return tls_said(c, r, until_us, err);
	}
	n = send(c->fd, s.p, s.n, MSG_NOSIGNAL);
	if (n >= 0) {
		*n_out = (size_t)n;
		return 0;
	}
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		return wait_for(c, POLLOUT, until_us, err);
	return errno == EINTR ? 0 : err_sys(err, errno, "send");
}

int relay_conn_send(struct relay_conn *c, struct str s, int64_t wait_us,
                    struct err *err)
{
	int64_t until_us = clock_real_us() + wait_us;
	size_t n;

	while (s.n) {
		if (send_some(c, s, &n, until_us, err) < 0)
			return -1;
		if (n)
			until_us = clock_real_us() + wait_us;
		s = str_from(s, n);
	}
	return 0;
}

static int read_some(struct relay_conn *c, int64_t until_us, struct err *err)
{
	char *p = buf_room(&c->in, PIECE);
	enum tls_result r;
	size_t got = 0;
	ssize_t n;

	if (!p)
		return err_set(err, ERR_TOO_BIG, "too much at once");
	if (c->tls) {
		r = tls_conn_read(c->tls, p, PIECE, &got, err);
		buf_grown(&c->in, got);
		return tls_said(c, r, until_us, err);
	}
	n = recv(c->fd, p, PIECE, 0);
	if (n > 0) {
		buf_grown(&c->in, (size_t)n);
		return 0;
	}
	if (n == 0)
		return err_set(err, ERR_CLOSED, "the connection was closed");
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		return wait_for(c, POLLIN, until_us, err);
	return errno == EINTR ? 0 : err_sys(err, errno, "recv");
}

int relay_conn_answer(struct relay_conn *c, struct smtp_answer *a,
                      int64_t wait_us, struct err *err)
{
	int64_t until_us = clock_real_us() + wait_us;

	smtp_answer_reset(a);
	for (;;) {
		struct str in = buf_str(&c->in);
		enum smtp_answer_result r = smtp_answer_feed(a, &in);

		buf_consume(&c->in, c->in.n - in.n);
		if (r == SMTP_ANSWER_DONE)
			return 0;
		if (r == SMTP_ANSWER_BAD)
			return err_set(err, ERR_INVALID,
			               "what came is not SMTP");
		if (read_some(c, until_us, err) < 0)
			return -1;
	}
}

struct str relay_conn_input(const struct relay_conn *c)
{
	return buf_str(&c->in);
}

void relay_conn_take(struct relay_conn *c, size_t n)
{
	buf_consume(&c->in, n);
}

int relay_conn_more(struct relay_conn *c, int64_t wait_us, struct err *err)
{
	size_t before = c->in.n;
	int64_t until_us = clock_real_us() + wait_us;

	do
		if (read_some(c, until_us, err) < 0)
			return -1;
	while (c->in.n == before);
	return 0;
}

/* RFC 8460, 4.3.2.1 */
static const char *result_type(enum tls_distrust why)
{
	switch (why) {
	case TLS_DISTRUST_NAME: return "certificate-host-mismatch";
	case TLS_DISTRUST_EXPIRED: return "certificate-expired";
	case TLS_DISTRUST_ISSUER: return "certificate-not-trusted";
	case TLS_DISTRUST_NOT: return NULL;
	case TLS_DISTRUST_OTHER: break;
	}
	return "validation-failure";
}

int relay_conn_tls(struct relay_conn *c, struct tls_client *client,
                   const struct tls_client_demand *demand, int64_t wait_us,
                   struct err *err)
{
	int64_t until_us = clock_real_us() + wait_us;
	enum tls_result r;

	c->tls_result = "validation-failure";
	/* RFC 3207, 4.2: nothing from before TLS may count after it. */
	if (c->in.n)
		return err_set(err, ERR_INVALID, "it spoke before TLS began");
	if (tls_client_conn_demand(&c->tls, client, c->fd, demand, err) < 0)
		return -1;
	do {
		r = tls_conn_handshake(c->tls, err);
		if (tls_said(c, r, until_us, err) < 0) {
			const char *why = tls_conn_distrust(c->tls);

			if (*why)
				c->tls_result = result_type(
					tls_conn_distrust_kind(c->tls));
			if (*why)
				return err_set(err, ERR_DENIED,
				               "its certificate is not "
				               "believed: %s",
				               why);
			return -1;
		}
	} while (r != TLS_OK);
	c->tls_result = result_type(tls_conn_distrust_kind(c->tls));
	return 0;
}
