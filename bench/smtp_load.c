/*
 * Deliver messages by SMTP from many clients at once.
 *
 *	smtp_load --port N --clients N --messages N --size BYTES
 *	          --users N --domain D [--per-connection N]
 *	          [--login BASE64 --from ADDRESS] [--spread N]
 *
 * Recipients are user0@D .. user(N-1)@D in turn; with --spread they are at d0.D
 * .. d(N-1).D.  --login is said with AUTH PLAIN, after which all comes from
 * the address --from.  Each client sends MAIL, RCPT
 * and DATA in one write (PIPELINING), then the body, and begins the next
 * message when 250 came.  Every message has a Message-ID and text of its own.
 * Prints: acknowledged, failed, seconds, latency (50th, 99th, most, in ms).
 */
#include "common.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum phase { GREETING, EHLO, AUTH, MAIL, RCPT, DATA, BODY, QUIT };

struct client {
	int fd;
	enum phase phase;
	long on_connection; /* messages sent on it */
	bool failed;        /* this message was refused */
	int64_t began_us;
	char in[4096];
	size_t in_n;
	char *out; /* head, body, end: what is still to be sent */
	size_t out_n, out_at;
};

static struct {
	int port, epoll;
	long clients, messages, per_connection, users, spread;
	size_t size;
	const char *domain, *login, *from;
	char *pool;
	size_t pool_n;
	uint64_t random;
	long started, acked, failed, open;
	int64_t *latency;
} load;

static void watch(struct client *c, int op)
{
	struct epoll_event e = {
		.events = EPOLLIN | (c->out_at < c->out_n ? EPOLLOUT : 0),
		.data.ptr = c,
	};

	if (epoll_ctl(load.epoll, op, c->fd, &e) < 0)
		bench_die("epoll_ctl");
}

static void flush(struct client *c)
{
	while (c->out_at < c->out_n) {
		ssize_t n = send(c->fd, c->out + c->out_at,
		                 c->out_n - c->out_at, MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0)
			bench_die("send");
		c->out_at += (size_t)n;
	}
	watch(c, EPOLL_CTL_MOD);
}

static void say(struct client *c, const char *words)
{
	c->out_n = strlen(words);
	c->out_at = 0;
	memcpy(c->out, words, c->out_n);
	flush(c);
}

static void begin(struct client *c)
{
	char words[700], at[300], from[300];

	if (load.started == load.messages ||
	    c->on_connection == load.per_connection) {
		c->phase = QUIT;
		say(c, "QUIT\r\n");
		return;
	}
	c->phase = MAIL;
	c->failed = false;
	c->on_connection++;
	c->began_us = bench_now_us();
	(void)snprintf(at, sizeof(at), "%s", load.domain);
	if (load.spread)
		(void)snprintf(at, sizeof(at), "d%ld.%s",
		               load.started % load.spread, load.domain);
	(void)snprintf(from, sizeof(from), "%s", load.from);
	if (!load.from[0])
		(void)snprintf(from, sizeof(from), "sender%ld@partner.example",
		               load.started % 50);
	(void)snprintf(words, sizeof(words),
	               "MAIL FROM:<%s>\r\nRCPT TO:<user%ld@%s>\r\nDATA\r\n",
	               from, load.started % load.users, at);
	load.started++;
	say(c, words);
}

static void send_body(struct client *c)
{
	size_t body = load.size > 600 ? load.size - 400 : 200;
	size_t at = bench_random(&load.random) % (load.pool_n - body);
	int n = snprintf(c->out, 1024,
	                 "From: Sender <%s>\r\n"
	                 "To: <user@%s>\r\nSubject: Order %llx of today\r\n"
	                 "Date: Tue, 24 Nov 2026 09:00:00 +0000\r\n"
	                 "Message-ID: <%llx.%ld@partner.example>\r\n"
	                 "MIME-Version: 1.0\r\n"
	                 "Content-Type: text/plain; charset=utf-8\r\n\r\n%llx ",
	                 load.from[0] ? load.from : "sender@partner.example",
	                 load.domain,
	                 (unsigned long long)bench_random(&load.random),
	                 (unsigned long long)bench_random(&load.random),
	                 load.started,
	                 (unsigned long long)bench_random(&load.random));

	memcpy(c->out + n, load.pool + at, body);
	c->out_n = (size_t)n + body;
	/* The slice may end inside a line, or in half a CRLF. */
	if (c->out[n] == '\n')
		c->out[n] = ' ';
	if (c->out[c->out_n - 1] == '\r')
		c->out[c->out_n - 1] = ' ';
	memcpy(c->out + c->out_n, "\r\n.\r\n", 5);
	c->out_n += 5;
	c->out_at = 0;
	c->phase = BODY;
	flush(c);
}

static void connect_client(struct client *c)
{
	c->fd = bench_connect(load.port);
	(void)fcntl(c->fd, F_SETFL, O_NONBLOCK);
	c->phase = GREETING;
	c->on_connection = 0;
	c->in_n = c->out_n = c->out_at = 0;
	watch(c, EPOLL_CTL_ADD);
}

static void ended(struct client *c)
{
	(void)close(c->fd);
	if (load.started < load.messages)
		connect_client(c);
	else
		load.open--;
}

static void message_done(struct client *c, bool ok)
{
	if (ok)
		load.latency[load.acked++] = bench_now_us() - c->began_us;
	else
		load.failed++;
	begin(c);
}

/* One reply, its last line; false when the connection is over. */
static bool reply(struct client *c, const char *line)
{
	bool ok = line[0] == '2' || line[0] == '3';
	char words[300];

	if (!ok && load.failed < 5)
		fprintf(stderr, "refused: %.120s\n", line);
	switch (c->phase) {
	case GREETING:
		if (!ok)
			exit(1);
		c->phase = EHLO;
		say(c, "EHLO client.partner.example\r\n");
		break;
	case EHLO:
		if (!load.login[0]) {
			begin(c);
			break;
		}
		(void)snprintf(words, sizeof(words), "AUTH PLAIN %.200s\r\n",
		               load.login);
		c->phase = AUTH;
		say(c, words);
		break;
	case AUTH:
		if (!ok)
			exit(1);
		begin(c);
		break;
	case MAIL:
	case RCPT:
		c->failed |= !ok;
		c->phase++;
		break;
	case DATA:
		if (ok && line[0] == '3') {
			send_body(c);
		} else {
			message_done(c, false);
		}
		break;
	case BODY: message_done(c, ok && !c->failed); break;
	case QUIT: ended(c); return false;
	}
	return true;
}

static void readable(struct client *c)
{
	ssize_t n =
		recv(c->fd, c->in + c->in_n, sizeof(c->in) - c->in_n - 1, 0);
	char *at = c->in, *end;

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		if (c->phase != QUIT) {
			fprintf(stderr, "closed by the server\n");
			load.failed++;
		}
		ended(c);
		return;
	}
	c->in_n += (size_t)n;
	c->in[c->in_n] = '\0';
	while ((end = strchr(at, '\n')) != NULL) {
		bool last = end - at > 3 && at[3] != '-';

		if (last && !reply(c, at))
			return;
		at = end + 1;
	}
	c->in_n -= (size_t)(at - c->in);
	memmove(c->in, at, c->in_n);
}

static void run(void)
{
	struct client *clients = calloc((size_t)load.clients, sizeof(*clients));

	if (!clients)
		bench_die("calloc");
	for (long i = 0; i < load.clients; i++) {
		clients[i].out = malloc(load.size + 4096);
		if (!clients[i].out)
			bench_die("malloc");
		load.open++;
		connect_client(&clients[i]);
	}
	while (load.open > 0) {
		struct epoll_event e[64];
		int n = epoll_wait(load.epoll, e, 64, 60000);

		if (n == 0) {
			fprintf(stderr, "a minute without an answer\n");
			exit(1);
		}
		for (int i = 0; i < n; i++) {
			struct client *c = e[i].data.ptr;

			if (e[i].events & EPOLLOUT)
				flush(c);
			if (e[i].events & ~(unsigned)EPOLLOUT)
				readable(c);
		}
	}
}

int main(int argc, char **argv)
{
	int64_t began = bench_now_us();
	double seconds;

	load.port = (int)bench_number(argc, argv, "port", 25);
	load.clients = bench_number(argc, argv, "clients", 16);
	load.messages = bench_number(argc, argv, "messages", 1000);
	load.size = (size_t)bench_number(argc, argv, "size", 4096);
	load.users = bench_number(argc, argv, "users", 16);
	load.per_connection = bench_number(argc, argv, "per-connection", 10);
	load.domain = bench_option(argc, argv, "domain", "customer.example");
	load.login = bench_option(argc, argv, "login", "");
	load.from = bench_option(argc, argv, "from", "");
	load.spread = bench_number(argc, argv, "spread", 0);
	load.random = (uint64_t)bench_now_us() | 1;
	load.pool_n = load.size + 4 * 1024 * 1024;
	load.pool = bench_text(load.pool_n, 7);
	load.latency = calloc((size_t)load.messages + 1, sizeof(int64_t));
	load.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (!load.latency || load.epoll < 0)
		bench_die("start");
	if (load.clients > load.messages)
		load.clients = load.messages;
	began = bench_now_us();
	run();
	seconds = (double)(bench_now_us() - began) / 1e6;
	bench_sort(load.latency, (size_t)load.acked);
	printf("acknowledged %ld failed %ld seconds %.3f p50 %.2f p99 %.2f "
	       "most %.2f\n",
	       load.acked, load.failed, seconds,
	       (double)bench_percentile(load.latency, (size_t)load.acked, 50) /
	               1e3,
	       (double)bench_percentile(load.latency, (size_t)load.acked, 99) /
	               1e3,
	       (double)bench_percentile(load.latency, (size_t)load.acked, 100) /
	               1e3);
	return load.failed ? 1 : 0;
}
