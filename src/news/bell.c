#include "news/bell.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "os/thread.h"

#define AT_ONCE 64 /* accounts of one datagram */

struct bell {
	struct news *news;
	pthread_t thread;
	bool runs;
	int fd, stop; /* the socket; an eventfd */
};

static bool name_socket(const char *path, struct sockaddr_un *out)
{
	*out = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(out->sun_path)) {
		errno = ENAMETOOLONG;
		return false;
	}
	memcpy(out->sun_path, path, strlen(path) + 1);
	return true;
}

/* ---- who listens ---- */

static void take(struct bell *b)
{
	int64_t accounts[AT_ONCE];
	ssize_t n;

	while ((n = recv(b->fd, accounts, sizeof(accounts), MSG_DONTWAIT)) > 0)
		for (size_t i = 0; i < (size_t)n / sizeof(accounts[0]); i++)
			news_publish(b->news, accounts[i]);
}

static void *listen_on(void *arg)
{
	struct bell *b = arg;
	struct pollfd p[2] = { { .fd = b->fd, .events = POLLIN },
		               { .fd = b->stop, .events = POLLIN } };

	while (!p[1].revents) {
		if (poll(p, 2, -1) > 0 && p[0].revents)
			take(b);
	}
	return NULL;
}

static int open_socket(const char *path)
{
	struct sockaddr_un at;
	struct stat st;
	int fd, errnum;

	if (!name_socket(path, &at))
		return -1;
	if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode))
		(void)unlink(path);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0 &&
	    chmod(path, 0660) == 0)
		return fd;
	errnum = errno;
	(void)close(fd);
	errno = errnum;
	return -1;
}

int bell_listen(struct bell **out, const char *path, struct news *news,
                struct err *err)
{
	struct bell *b = mem_zalloc(sizeof(*b));

	b->news = news;
	b->stop = -1;
	b->fd = open_socket(path);
	if (b->fd >= 0)
		b->stop = eventfd(0, EFD_CLOEXEC);
	if (b->stop < 0) {
		err_drop(err_sys(err, errno, "cannot listen on %s", path));
		bell_close(&b);
		return -1;
	}
	if (thread_start(&b->thread, "bell", listen_on, b, err) < 0) {
		bell_close(&b);
		return -1;
	}
	b->runs = true;
	*out = b;
	return 0;
}

void bell_close(struct bell **b)
{
	uint64_t one = 1;

	if (!*b)
		return;
	if ((*b)->runs) {
		while (write((*b)->stop, &one, sizeof(one)) < 0 &&
		       errno == EINTR)
			;
		(void)pthread_join((*b)->thread, NULL);
	}
	if ((*b)->stop >= 0)
		(void)close((*b)->stop);
	if ((*b)->fd >= 0)
		(void)close((*b)->fd);
	mem_free(*b);
	*b = NULL;
}

/* ---- who rings ---- */

void bell_ring(const char *path, const int64_t *accounts, size_t n)
{
	struct timeval second = { .tv_sec = 1 };
	struct sockaddr_un to;
	int fd;

	if (!name_socket(path, &to))
		return;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &second, sizeof(second));
	while (n) {
		size_t now = n < AT_ONCE ? n : AT_ONCE;

		if (sendto(fd, accounts, now * sizeof(*accounts), MSG_NOSIGNAL,
		           (struct sockaddr *)&to, sizeof(to)) < 0)
			break; /* nobody listens: who comes later looks anyway */
		accounts += now;
		n -= now;
	}
	(void)close(fd);
}
