#include "score/clamd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "net/addr.h"
#include "net/sockaddr.h"
#include "os/blocking.h"
#include "os/clock.h"

#define PIECE      ((size_t)64 * 1024)
#define ANSWER_MAX 1024

struct talk {
	int fd;
	int64_t until_us;
};

/* Until it can be read or written. */
static int wait_for(const struct talk *t, short events, struct err *err)
{
	for (;;) {
		int64_t left = t->until_us - clock_real_us();
		struct pollfd p = { .fd = t->fd, .events = events };
		int rc;

		if (left <= 0)
			return err_set(err, ERR_TIMEOUT, "clamd took too long");
		rc = poll(&p, 1, (int)((left + 999) / 1000));
		if (rc > 0)
			return 0;
		if (rc < 0 && errno != EINTR)
			return err_sys(err, errno, "clamd");
	}
}

static int send_all(const struct talk *t, const void *bytes, size_t n,
                    struct err *err)
{
	const char *p = bytes;

	while (n) {
		ssize_t done = send(t->fd, p, n, MSG_NOSIGNAL);

		if (done > 0) {
			p += done;
			n -= (size_t)done;
			continue;
		}
		if (errno != EAGAIN && errno != EINTR)
			return err_sys(err, errno, "clamd");
		if (wait_for(t, POLLOUT, err) < 0)
			return -1;
	}
	return 0;
}

static int fill_path(struct str where, struct sockaddr_storage *sa,
                     socklen_t *n, struct err *err)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	if (where.n >= sizeof(un.sun_path))
		return err_set(err, ERR_INVALID, "the path is too long");
	memcpy(un.sun_path, where.p, where.n);
	memcpy(sa, &un, sizeof(un));
	*n = sizeof(un);
	return 0;
}

static int dial(struct talk *t, struct str where, struct err *err)
{
	struct sockaddr_storage sa = { 0 };
	struct net_addr addr;
	socklen_t n, size = sizeof(int);
	int error = 0;

	if (str_starts(where, STR("/"))) {
		if (fill_path(where, &sa, &n, err) < 0)
			return -1;
	} else {
		if (net_addr_parse_port(where, 3310, &addr, err) < 0)
			return -1;
		n = net_sockaddr_write(&addr, &sa);
	}
	t->fd = socket(sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	               0);
	if (t->fd < 0)
		return err_sys(err, errno, "clamd");
	if (connect(t->fd, (struct sockaddr *)&sa, n) == 0)
		return 0;
	if (errno != EINPROGRESS)
		return err_sys(err, errno, "cannot reach clamd");
	if (wait_for(t, POLLOUT, err) < 0)
		return -1;
	if (getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
		error = errno;
	return error ? err_sys(err, error, "cannot reach clamd") : 0;
}

static int send_message(const struct talk *t, struct str message,
                        struct err *err)
{
	static const char command[] = "zINSTREAM"; /* with its NUL */

	if (send_all(t, command, sizeof(command), err) < 0)
		return -1;
	for (;;) {
		size_t n = message.n < PIECE ? message.n : PIECE;
		unsigned char length[4] = { (unsigned char)(n >> 24),
			                    (unsigned char)(n >> 16),
			                    (unsigned char)(n >> 8),
			                    (unsigned char)n };

		if (send_all(t, length, sizeof(length), err) < 0 ||
		    send_all(t, message.p, n, err) < 0)
			return -1;
		if (n == 0)
			return 0;
		message = str_from(message, n);
	}
}

/* Up to the NUL, or the end. */
static int read_line(const struct talk *t, char line[ANSWER_MAX], size_t *n_out,
                     struct err *err)
{
	size_t n = 0;

	for (;;) {
		ssize_t got = recv(t->fd, line + n, ANSWER_MAX - n, 0);

		if (got > 0) {
			n += (size_t)got;
			if (memchr(line, '\0', n)) {
				*n_out = strlen(line);
				return 0;
			}
			if (n == ANSWER_MAX)
				return err_set(err, ERR_TOO_BIG,
				               "clamd says too much");
			continue;
		}
		if (got == 0)
			return err_set(err, ERR_CLOSED,
			               "clamd went away in the middle");
		if (errno != EAGAIN && errno != EINTR)
			return err_sys(err, errno, "clamd");
		if (wait_for(t, POLLIN, err) < 0)
			return -1;
	}
}

int clamd_read(struct str line, struct arena *a, struct str *virus_out,
               struct err *err)
{
	struct str s = str_trim(line);
	char *p;

	*virus_out = (struct str){ NULL, 0 };
	if (str_starts(s, STR("INSTREAM size limit exceeded")))
		return 0;
	if (!str_starts(s, STR("stream: ")))
		return err_set(err, ERR_TEMP, "clamd said \"%.*s\"",
		               STR_ARG(str_to(s, s.n < 100 ? s.n : 100)));
	s = str_from(s, 8);
	if (str_eq(s, STR("OK")))
		return 0;
	if (!str_ends(s, STR(" FOUND")) || s.n == 6)
		return err_set(err, ERR_TEMP, "clamd said \"%.*s\"",
		               STR_ARG(str_to(s, s.n < 100 ? s.n : 100)));
	s.n -= 6;
	if (s.n > 100)
		s.n = 100;
	/* It goes into a reply. */
	p = arena_strz(a, s);
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)p[i] <= ' ' || (unsigned char)p[i] >= 0x7f)
			p[i] = '_';
	*virus_out = (struct str){ p, s.n };
	return 0;
}

int clamd_check(struct str where, struct str message, int64_t timeout_us,
                struct arena *a, struct str *virus_out, struct err *err)
{
	struct talk t = { .fd = -1, .until_us = clock_real_us() + timeout_us };
	struct err early = ERR_INIT;
	char line[ANSWER_MAX];
	size_t n = 0;
	int rc;

	blocking_begin();
	rc = dial(&t, where, err);
	if (rc == 0) {
		/* It may answer, and close, before it has all: over its
		 * limit, or a virus in the first piece. */
		int sent = send_message(&t, message, &early);

		rc = read_line(&t, line, &n, err);
		if (rc < 0 && sent < 0)
			*err = early;
	}
	blocking_end();
	if (t.fd >= 0)
		(void)close(t.fd);
	if (rc < 0)
		return -1;
	return clamd_read((struct str){ line, n }, a, virus_out, err);
}
