#include "os/host.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/sysinfo.h>
#include <sys/timex.h>
#include <unistd.h>

void host_name(char *out, size_t n)
{
	if (gethostname(out, n) < 0 || out[0] == '\0')
		snprintf(out, n, "localhost");
	out[n - 1] = '\0';
}

void host_absolute_path(const char *path, char *out, size_t n)
{
	char folder[4096];

	if (path[0] == '/' || !getcwd(folder, sizeof(folder)))
		snprintf(out, n, "%s", path);
	else
		snprintf(out, n, "%s/%s", folder, path);
}

static socklen_t fill_address(const char *address, uint16_t port,
                              struct sockaddr_storage *out)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;

	memset(out, 0, sizeof(*out));
	if (inet_pton(AF_INET, address, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		return sizeof(*v4);
	}
	if (inet_pton(AF_INET6, address, &v6->sin6_addr) != 1)
		return 0;
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(port);
	return sizeof(*v6);
}

/* A connection that was begun comes about. */
static bool connects(int fd, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	socklen_t n = sizeof(int);
	int error = 0;

	if (poll(&p, 1, timeout_ms) != 1)
		return false;
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n) == 0 &&
	       error == 0;
}

bool host_port_answers(const char *address, uint16_t port, int timeout_ms)
{
	struct sockaddr_storage to;
	socklen_t n = fill_address(address, port, &to);
	bool ok = false;
	int fd;

	if (!n)
		return false;
	fd = socket(to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	            0);
	if (fd < 0)
		return false;
	if (connect(fd, (struct sockaddr *)&to, n) == 0)
		ok = true;
	else if (errno == EINPROGRESS)
		ok = connects(fd, timeout_ms);
	close(fd);
	return ok;
}

int host_port_blocked(const char *address, uint16_t port)
{
	struct sockaddr_storage at;
	socklen_t n = fill_address(address, port, &at);
	int one = 1, rc = 0, fd;

	if (!n)
		return EINVAL;
	fd = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (at.ss_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one,
		                 sizeof(one));
	if (bind(fd, (struct sockaddr *)&at, n) < 0 || listen(fd, 1) < 0)
		rc = errno;
	close(fd);
	return rc;
}

uint64_t host_memory(void)
{
	struct sysinfo s;

	return sysinfo(&s) < 0 ? 0 : (uint64_t)s.totalram * s.mem_unit;
}

uint64_t host_files_max(void)
{
	struct rlimit r;

	return getrlimit(RLIMIT_NOFILE, &r) < 0 ? 0 : (uint64_t)r.rlim_max;
}

bool host_is_root(void)
{
	return geteuid() == 0;
}

int host_clock_kept(void)
{
	struct timex t = { .modes = 0 };
	int state = adjtimex(&t);

	if (state < 0)
		return -1;
	return state != TIME_ERROR && !(t.status & STA_UNSYNC);
}
