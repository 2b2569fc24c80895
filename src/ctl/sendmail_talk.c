#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "ctl/sendmail.h"
#include "os/file.h"

/* As long as the host may take for a message (RFC 5321, 4.5.3.2.6). */
#define WAIT_S     600
#define REPLY_LINE 1024

void sendmail_say(const char *fmt, ...)
{
	struct err ignored = ERR_INIT;
	struct buf b;
	va_list ap;

	buf_init(&b, 8192);
	buf_add_z(&b, "sendmail: ");
	va_start(ap, fmt);
	buf_vfmt(&b, fmt, ap);
	va_end(ap);
	buf_add_c(&b, '\n');
	err_drop(file_write(2, buf_str(&b), &ignored)); /* nowhere to tell */
	buf_deinit(&b);
}

static int lost(void)
{
	sendmail_say("the host did not answer (%s); try again later",
	             errno == EAGAIN ? "no answer in time" : "it went away");
	return SENDMAIL_TEMPFAIL;
}

/* ---- replies ---- */

static int exit_of(unsigned code, struct str status)
{
	if (code < 500)
		return SENDMAIL_TEMPFAIL;
	if (str_starts(status, STR("5.1.1")))
		return SENDMAIL_NOUSER;
	if (code == 501 || code == 553 || str_starts(status, STR("5.1.")) ||
	    str_starts(status, STR("5.6.")))
		return SENDMAIL_DATAERR;
	if (str_starts(status, STR("5.7.")))
		return SENDMAIL_NOPERM;
	return SENDMAIL_UNAVAILABLE;
}

int sendmail_reply(struct sendmail *m, struct str about, char good)
{
	char line[REPLY_LINE];
	struct buf all;
	uint64_t code = 0;
	int rc = 0;

	buf_init(&all, 8192);
	do {
		size_t n;

		errno = 0;
		if (!fgets(line, sizeof(line), m->in)) {
			buf_deinit(&all);
			return lost();
		}
		n = strcspn(line, "\r\n");
		line[n] = '\0';
		if (n < 3 || !str_to_u64((struct str){ line, 3 }, 599, &code))
			break;
		if (m->verbose)
			sendmail_say("<<< %s", line);
		if (n > 4)
			buf_fmt(&all, "%s%s", all.n ? "\n  " : "", line + 4);
	} while (line[3] == '-');
	if (!m->host.n) { /* "mx.example.com ESMTP" */
		struct str rest = buf_str(&all), word;

		if (str_cut(&rest, ' ', &word))
			m->host = arena_dup(&m->arena, word);
	}
	if (code / 100 != (uint64_t)(good - '0')) {
		rc = code ? exit_of((unsigned)code, buf_str(&all))
		          : SENDMAIL_TEMPFAIL;
		sendmail_say("%.*s: %u %.*s", STR_ARG(about), (unsigned)code,
		             STR_ARG(buf_str(&all)));
	}
	buf_deinit(&all);
	return rc;
}

int sendmail_command(struct sendmail *m, struct str about, struct str line)
{
	if (m->verbose)
		sendmail_say(">>> %.*s", STR_ARG(line));
	if (fprintf(m->out, "%.*s\r\n", STR_ARG(line)) < 0 ||
	    fflush(m->out) != 0)
		return lost();
	return sendmail_reply(m, about, '2');
}

/* ---- the socket ---- */

static int open_socket(struct sendmail *m, const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	struct timeval wait = { .tv_sec = WAIT_S };

	if (strlen(path) >= sizeof(sa.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(sa.sun_path, path, strlen(path) + 1);
	m->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (m->fd < 0)
		return -1;
	(void)setsockopt(m->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	(void)setsockopt(m->fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
	if (connect(m->fd, (struct sockaddr *)&sa, sizeof(sa)) < 0)
		return -1;
	m->in = fdopen(m->fd, "r");
	m->out = fdopen(dup(m->fd), "w");
	return m->in && m->out ? 0 : -1;
}

int sendmail_connect(struct sendmail *m, const char *path)
{
	struct err err = ERR_INIT;

	if (open_socket(m, path) == 0)
		return 0;
	err_drop(err_sys(&err, errno, "%s", path));
	sendmail_say("the mail host does not run here (%s); try again later",
	             err.text);
	return SENDMAIL_TEMPFAIL;
}

/* ---- -bs ---- */

static bool copy(int from, int to)
{
	char bytes[16384];
	struct err err = ERR_INIT;
	ssize_t n = read(from, bytes, sizeof(bytes));

	return n > 0 &&
	       file_write(to, (struct str){ bytes, (size_t)n }, &err) == 0;
}

int sendmail_pass_on(struct sendmail *m)
{
	struct pollfd p[2] = { { .fd = 0, .events = POLLIN },
		               { .fd = m->fd, .events = POLLIN } };

	for (;;) {
		if (poll(p, 2, -1) < 0) {
			if (errno == EINTR)
				continue;
			return SENDMAIL_IOERR;
		}
		if (p[1].revents && !copy(m->fd, 1))
			return SENDMAIL_OK; /* the host has said goodbye */
		if (p[0].revents && !copy(0, m->fd)) {
			/* what it still has to say */
			(void)shutdown(m->fd, SHUT_WR);
			p[0].fd = -1;
		}
	}
}
