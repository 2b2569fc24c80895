/*
 * Other mail hosts, for mail that goes out: take all and count it.
 *
 *	smtp_sink --listen ADDRESS --port N [--hang ADDRESS]
 *
 * Says "ready", then, for each line on its standard input, how much came so
 * far: messages, connections, and when the last one came, in microseconds of
 * the monotonic clock.  At --hang connections are made and never accepted, and
 * soon none can be made: a host that is dead without saying so.
 */
#include "common.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct conn {
	int fd;
	bool data;
	char in[65536];
	size_t n;
};

static struct {
	int epoll, listener;
	long messages, connections;
	int64_t last_us;
} sink;

static void say(struct conn *c, const char *words)
{
	size_t n = strlen(words);

	if (send(c->fd, words, n, MSG_NOSIGNAL) != (ssize_t)n)
		(void)shutdown(c->fd, SHUT_RDWR);
}

static int listen_at(const char *address, int port, int backlog)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		                 .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	if (inet_pton(AF_INET, address, &a.sin_addr) != 1 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
	    bind(fd, (const struct sockaddr *)&a, sizeof(a)) < 0 ||
	    listen(fd, backlog) < 0)
		bench_die(address);
	return fd;
}

/* A queue that is full answers no more. */
static void hang_at(const char *address, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		                 .sin_port = htons((uint16_t)port) };

	(void)listen_at(address, port, 0);
	(void)inet_pton(AF_INET, address, &a.sin_addr);
	for (int i = 0; i < 4; i++) {
		int fd = socket(AF_INET,
		                SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

		if (connect(fd, (const struct sockaddr *)&a, sizeof(a)) < 0 &&
		    errno != EINPROGRESS)
			bench_die("hang");
	}
}

static void accept_all(void)
{
	const int on = 1;
	int fd;

	while ((fd = accept4(sink.listener, NULL, NULL,
	                     SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
		struct conn *c = calloc(1, sizeof(*c));
		struct epoll_event e = { .events = EPOLLIN, .data.ptr = c };

		if (!c)
			bench_die("calloc");
		c->fd = fd;
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		sink.connections++;
		if (epoll_ctl(sink.epoll, EPOLL_CTL_ADD, fd, &e) < 0)
			bench_die("epoll_ctl");
		say(c, "220 sink ESMTP\r\n");
	}
}

static void command(struct conn *c, const char *line)
{
	if (strncasecmp(line, "EHLO", 4) == 0)
		say(c, "250-sink\r\n250-PIPELINING\r\n250-SIZE 100000000\r\n"
		       "250-8BITMIME\r\n250 ENHANCEDSTATUSCODES\r\n");
	else if (strncasecmp(line, "DATA", 4) == 0) {
		c->data = true;
		say(c, "354 go on\r\n");
	} else if (strncasecmp(line, "QUIT", 4) == 0) {
		say(c, "221 2.0.0 bye\r\n");
		(void)shutdown(c->fd, SHUT_RDWR);
	} else
		say(c, "250 2.0.0 ok\r\n");
}

static void line_came(struct conn *c, const char *line, size_t n)
{
	if (!c->data) {
		command(c, line);
	} else if (n == 2 && line[0] == '.') {
		c->data = false;
		sink.messages++;
		sink.last_us = bench_now_us();
		say(c, "250 2.0.0 taken\r\n");
	}
}

/* False: it is over. */
static bool readable(struct conn *c)
{
	ssize_t n = recv(c->fd, c->in + c->n, sizeof(c->in) - c->n - 1, 0);
	char *at = c->in, *end;

	if (n < 0 && errno == EAGAIN)
		return true;
	if (n <= 0)
		return false;
	c->n += (size_t)n;
	c->in[c->n] = '\0';
	while ((end = memchr(at, '\n', c->n - (size_t)(at - c->in))) != NULL) {
		line_came(c, at, (size_t)(end - at));
		at = end + 1;
	}
	c->n -= (size_t)(at - c->in);
	memmove(c->in, at, c->n);
	return c->n < sizeof(c->in) - 1;
}

/* False: nobody asks any more. */
static bool asked(void)
{
	char line[100];

	if (read(STDIN_FILENO, line, sizeof(line)) <= 0)
		return false;
	printf("messages %ld connections %ld last %lld\n", sink.messages,
	       sink.connections, (long long)sink.last_us);
	return fflush(stdout) == 0;
}

static bool event(struct epoll_event *e)
{
	struct conn *c = e->data.ptr;

	if (c == (struct conn *)&sink.listener) {
		accept_all();
	} else if (!c) {
		return asked();
	} else if (!readable(c)) {
		(void)close(c->fd);
		free(c);
	}
	return true;
}

int main(int argc, char **argv)
{
	int port = (int)bench_number(argc, argv, "port", 2500);
	const char *hang = bench_option(argc, argv, "hang", "");
	struct epoll_event e = { .events = EPOLLIN,
		                 .data.ptr = &sink.listener },
			   events[128];
	bool go = true;

	sink.epoll = epoll_create1(EPOLL_CLOEXEC);
	sink.listener =
		listen_at(bench_option(argc, argv, "listen", "127.0.0.1"), port,
	                  1000);
	(void)fcntl(sink.listener, F_SETFL, O_NONBLOCK);
	if (*hang)
		hang_at(hang, port);
	if (epoll_ctl(sink.epoll, EPOLL_CTL_ADD, sink.listener, &e) < 0)
		bench_die("epoll_ctl");
	e.data.ptr = NULL;
	if (epoll_ctl(sink.epoll, EPOLL_CTL_ADD, STDIN_FILENO, &e) < 0)
		bench_die("epoll_ctl");
	printf("ready\n");
	(void)fflush(stdout);
	while (go) {
		int n = epoll_wait(sink.epoll, events, 128, -1);

		for (int i = 0; i < n && go; i++)
			go = event(&events[i]);
	}
	return 0;
}
