#include "daemon/ports.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "log/log.h"
#include "net/addr.h"
#include "os/file.h"

#define BACKLOG 1024

const struct port_row port_rows[PORT_COUNT] = {
	[PORT_SMTP] = { "smtp", OPT_LISTEN_SMTP, ROLE_SMTP, false, false,
	                false },
	[PORT_SUBMISSIONS] = { "submissions", OPT_LISTEN_SUBMISSIONS, ROLE_SMTP,
	                       true, false, false },
	[PORT_SUBMISSION] = { "submission", OPT_LISTEN_SUBMISSION, ROLE_SMTP,
	                      false, false, false },
	[PORT_SUBMISSION_ALT] = { "submission_alt", OPT_LISTEN_SUBMISSION_ALT,
	                          ROLE_SMTP, false, false, false },
	[PORT_IMAP] = { "imap", OPT_LISTEN_IMAP, ROLE_IMAP, false, false,
	                false },
	[PORT_IMAPS] = { "imaps", OPT_LISTEN_IMAPS, ROLE_IMAP, true, false,
	                 false },
	[PORT_POP3] = { "pop3", OPT_LISTEN_POP3, ROLE_POP3, false, false,
	                false },
	[PORT_POP3S] = { "pop3s", OPT_LISTEN_POP3S, ROLE_POP3, true, false,
	                 false },
	[PORT_SIEVE] = { "sieve", OPT_LISTEN_SIEVE, ROLE_SIEVE, false, false,
	                 false },
	[PORT_HTTP] = { "http", OPT_LISTEN_HTTP, ROLE_HTTP, false, false,
	                false },
	[PORT_HTTP_ALT] = { "http_alt", OPT_LISTEN_HTTP_ALT, ROLE_HTTP, false,
	                    false, false },
	[PORT_HTTPS] = { "https", OPT_LISTEN_HTTPS, ROLE_HTTP, true, false,
	                 false },
	[PORT_METRICS] = { "metrics", OPT_LISTEN_METRICS, ROLE_HTTP, false,
	                   true, false },
	[PORT_SENDMAIL] = { .name = "sendmail",
	                    .option = OPT_LISTEN_SENDMAIL,
	                    .role = ROLE_SMTP,
	                    .local = true },
};

static socklen_t to_sockaddr(const struct net_addr *a,
                             struct sockaddr_storage *out)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)out;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)out;

	memset(out, 0, sizeof(*out));
	if (a->family == NET_IPV4) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(a->port);
		memcpy(&v4->sin_addr, a->ip, 4);
		return sizeof(*v4);
	}
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(a->port);
	memcpy(&v6->sin6_addr, a->ip, 16);
	return sizeof(*v6);
}

/* The fd, -1 with errno. */
static int listen_on(const struct net_addr *a)
{
	struct sockaddr_storage sa;
	socklen_t n = to_sockaddr(a, &sa);
	int one = 1, errnum, fd;

	fd = socket(sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	            0);
	if (fd < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (a->family == NET_IPV6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one,
		                 sizeof(one));
	if (bind(fd, (struct sockaddr *)&sa, n) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	errnum = errno;
	(void)close(fd);
	errno = errnum;
	return -1;
}

static int keep_listener(struct fds *f, enum port_id port, int fd,
                         struct err *err)
{
	if (f->n_listeners == FDS_LISTENERS_MAX) {
		(void)close(fd);
		return err_set(err, ERR_TOO_BIG,
		               "too many addresses to listen");
	}
	f->listeners[f->n_listeners++] = (struct fds_listener){ fd, port };
	return 0;
}

static int bind_one(struct fds *f, enum port_id port, struct net_addr *a,
                    struct err *err)
{
	char text[NET_ADDR_TEXT_MAX];
	int fd = listen_on(a);

	if (fd < 0 && a->family == NET_IPV6 &&
	    (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL))
		return 0; /* a machine without IPv6 */
	if (fd < 0)
		return err_sys(err, errno, "cannot listen on %s (%s)",
		               net_addr_port_text(a, text),
		               config_row(port_rows[port].option)->key);
	return keep_listener(f, port, fd, err);
}

/* ---- the local socket ---- */

static bool somebody_answers(const struct sockaddr_un *sa)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool yes = fd >= 0 &&
	           connect(fd, (const struct sockaddr *)sa, sizeof(*sa)) == 0;

	if (fd >= 0)
		(void)close(fd);
	return yes;
}

/* The fd, -1 with errno.  What a crash left is taken away. */
static int listen_local(const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	struct stat st;
	int errnum, fd;

	if (strlen(path) >= sizeof(sa.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(sa.sun_path, path, strlen(path) + 1);
	if (somebody_answers(&sa)) {
		errno = EADDRINUSE;
		return -1;
	}
	if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode))
		(void)unlink(path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	/* For everyone: who calls is told by the kernel. */
	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0 &&
	    chmod(path, 0666) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	errnum = errno;
	(void)close(fd);
	errno = errnum;
	return -1;
}

static int bind_local(const struct config *cfg, struct fds *f,
                      enum port_id port, struct err *err)
{
	const char *path;
	struct err ignored = ERR_INIT;
	struct arena a;
	int fd = -1, rc = 0;

	arena_init(&a);
	path = config_sendmail_socket(cfg, &a);
	if (path && strcmp(path, CONFIG_SENDMAIL_SOCKET) == 0) {
		/* bind() says it better */
		err_drop(file_mkdir("/run/posthus", 0755, &ignored));
		(void)chmod("/run/posthus", 0755);
	}
	if (path)
		fd = listen_local(path);
	if (path && fd < 0)
		rc = err_sys(err, errno, "cannot listen on %s (%s)", path,
		             config_row(port_rows[port].option)->key);
	/* Mail comes and goes without it; only a wish is a condition. */
	if (rc < 0 && config_str(cfg, OPT_LISTEN_SENDMAIL).n == 0) {
		log_fail(LOG_WARN, "listen.sendmail", err);
		rc = 0;
	}
	if (fd >= 0)
		rc = keep_listener(f, port, fd, err);
	arena_deinit(&a);
	return rc;
}

static int bind_port(const struct config *cfg, struct fds *f, enum port_id port,
                     struct err *err)
{
	static const struct str loopback = STR_INIT("127.0.0.1");
	const struct port_row *row = &port_rows[port];
	const struct str *addresses = &loopback;
	uint16_t number = 0;
	size_t n = 1;
	struct net_addr a;

	if (row->local)
		return bind_local(cfg, f, port, err);
	number = config_port(cfg, row->option);
	if (!number)
		return 0;
	if (!row->loopback)
		n = config_list(cfg, OPT_LISTEN_ADDRESSES, &addresses);
	for (size_t i = 0; i < n; i++) {
		if (net_addr_parse(addresses[i], &a, err) < 0)
			return err_prefix(err, "listen.addresses");
		a.port = number;
		if (bind_one(f, port, &a, err) < 0)
			return -1;
	}
	return 0;
}

int ports_bind(const struct config *cfg, struct fds *f, struct err *err)
{
	for (unsigned i = 0; i < PORT_COUNT; i++)
		if (bind_port(cfg, f, (enum port_id)i, err) < 0)
			return -1;
	return 0;
}
