/*
 * bench/net_bench.c - what a session costs, without any mail in it.
 *
 *	net_bench idle [N]     N parked TLS sessions (10,000): memory of the
 *	                       server for each, its threads, its CPU at rest
 *	net_bench idle-clear [N]
 *	net_bench cycles [N]   N commands and replies on one connection and on
 *	                       16: how many a second, CPU of the server for each
 *	net_bench cycles-clear [N]
 *
 * The server is a child process with a service that echoes lines.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <malloc.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "crypto/selfsigned.h"
#include "crypto/tls_client.h"
#include "crypto/tls_server.h"
#include "net/session.h"
#include "os/clock.h"

/* ---- the server ---- */

static void echo_open(struct net_session *s)
{
	net_timeout(s, 30 * US_PER_MIN);
	net_write(s, STR("hello\r\n"));
}

static void echo_input(struct net_session *s)
{
	struct str line;

	if (net_take_line(s, &line, NULL))
		net_fmt(s, "%.*s\r\n", STR_ARG(line));
}

static void echo_closed(struct net_session *s, enum net_end why)
{
	(void)s;
	(void)why;
}

static const struct net_service echo = {
	.name = "echo",
	.state_size = 256,
	.input_max = 8192,
	.open = echo_open,
	.input = echo_input,
	.closed = echo_closed,
};

static void need(int rc, const struct err *err)
{
	if (rc < 0)
		err_die("%s", err->text);
}

static struct tls_server *certificates(void)
{
	struct tls_options o = { .alpn = NULL };
	struct str name = STR("localhost");
	struct tls_server *srv;
	struct tls_identity id;
	struct buf cert, pem;
	struct key *key;
	struct err err;

	buf_init(&cert, 65536);
	buf_init(&pem, 65536);
	need(key_generate(&key, &err), &err);
	need(selfsigned_write(key, &name, 1, &cert, &err), &err);
	need(key_write_pem(key, &pem, &err), &err);
	need(tls_server_new(&srv, &o, &err), &err);
	id = (struct tls_identity){ buf_str(&cert), buf_str(&pem) };
	need(tls_server_set_default(srv, &id, &err), &err);
	return srv;
}

static void serve(int fd, bool tls)
{
	struct net_listener l = { .service = &echo, .fd = fd, .tls = tls };
	struct net_options o = { .sessions_max = 20000 };
	struct net_engine *e;
	struct err err;

	/* As the roles do. */
	(void)mallopt(M_ARENA_MAX, 2);
	if (tls)
		l.tls_server = certificates();
	need(net_engine_new(&e, &o, &err), &err);
	need(net_engine_listen(e, &l, &err), &err);
	need(net_engine_start(e, &err), &err);
	for (;;)
		(void)pause();
}

/* ---- clients ---- */

struct client {
	int fd;
	struct tls_conn *tls;
};

static struct sockaddr_in at;
static struct tls_client *trust;

static void wait_fd(int fd, short events)
{
	struct pollfd pf = { .fd = fd, .events = events };

	if (poll(&pf, 1, 10000) != 1)
		err_die("the server does not answer");
}

static void wait_for(struct client *c, enum tls_result r)
{
	if (r >= TLS_CLOSED)
		err_die("the server closed");
	wait_fd(c->fd, r == TLS_WANT_WRITE ? POLLOUT : POLLIN);
}

static void hear(struct client *c, size_t n)
{
	char p[256];
	struct err err;

	while (n > 0) {
		size_t got = 0;

		if (c->tls) {
			enum tls_result r =
				tls_conn_read(c->tls, p, n, &got, &err);

			if (r != TLS_OK)
				wait_for(c, r);
		} else {
			ssize_t r = recv(c->fd, p, n, 0);

			if (r == 0)
				err_die("the server closed");
			if (r < 0)
				wait_fd(c->fd, POLLIN);
			else
				got = (size_t)r;
		}
		n -= got;
	}
}

static void say(struct client *c, struct str s)
{
	struct err err;
	size_t n;

	if (!c->tls) {
		if (send(c->fd, s.p, s.n, MSG_NOSIGNAL) != (ssize_t)s.n)
			err_die("cannot send");
	} else if (tls_conn_write(c->tls, s, &n, &err) != TLS_OK) {
		err_die("cannot send");
	}
}

static void dial(struct client *c, bool tls)
{
	enum tls_result r = TLS_OK;
	struct err err;

	c->tls = NULL;
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0 ||
	    connect(c->fd, (struct sockaddr *)&at, sizeof(at)) < 0 ||
	    fcntl(c->fd, F_SETFL, O_NONBLOCK) < 0)
		err_die("cannot connect");
	if (tls)
		need(tls_client_conn(&c->tls, trust, c->fd, NULL, &err), &err);
	while (tls && (r = tls_conn_handshake(c->tls, &err)) != TLS_OK)
		wait_for(c, r);
	hear(c, 7);
}

/* ---- figures of the server ---- */

static long field_kb(pid_t pid, const char *file, const char *name)
{
	char path[64], line[256];
	long kb = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, name, strlen(name)) == 0)
			kb = strtol(line + strlen(name), NULL, 10);
	if (f)
		(void)fclose(f);
	return kb;
}

static long pss_kb(pid_t pid)
{
	return field_kb(pid, "smaps_rollup", "Pss:");
}

static double cpu_s(pid_t pid)
{
	char path[64], text[1024] = "";
	const char *p;
	unsigned long user, sys;
	char *end;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "r");
	if (!f || !fgets(text, sizeof(text), f))
		return 0;
	(void)fclose(f);
	p = strrchr(text, ')');
	for (int i = 0; p && i < 12; i++)
		p = strchr(p + 1, ' ');
	if (!p)
		return 0;
	user = strtoul(p, &end, 10);
	sys = strtoul(end, NULL, 10);
	return (double)(user + sys) / (double)sysconf(_SC_CLK_TCK);
}

/* ---- what is measured ---- */

static void idle(pid_t pid, bool tls, int n)
{
	struct client *all = mem_array((size_t)n, sizeof(*all));
	struct client first;
	long before, after;
	int64_t began;
	double cpu;

	dial(&first, tls);
	before = pss_kb(pid);
	began = clock_steady_us();
	for (int i = 0; i < n; i++) {
		dial(&all[i], tls);
		say(&all[i], STR("a1 noop\r\n"));
		hear(&all[i], 9);
	}
	began = clock_steady_us() - began;
	after = pss_kb(pid);
	cpu = cpu_s(pid);
	clock_sleep_us(2 * US_PER_SEC);
	printf("%d idle %s sessions: server %ld KB before, %ld KB after: "
	       "%.1f MB more, %.2f KB each\n",
	       n, tls ? "TLS" : "clear", before, after,
	       (double)(after - before) / 1024, (double)(after - before) / n);
	printf("%ld threads, %.2f s CPU in 2 s at rest; connected at %.0f a "
	       "second\n",
	       field_kb(pid, "status", "Threads:"), cpu_s(pid) - cpu,
	       n * 1e6 / (double)began);
}

static void cycles(pid_t pid, bool tls, int n, int conns)
{
	struct client *all = mem_array((size_t)conns, sizeof(*all));
	int64_t began;
	double cpu;

	for (int i = 0; i < conns; i++)
		dial(&all[i], tls);
	cpu = cpu_s(pid);
	began = clock_steady_us();
	for (int done = 0; done < n; done += conns) {
		for (int i = 0; i < conns; i++)
			say(&all[i], STR("a1 noop\r\n"));
		for (int i = 0; i < conns; i++)
			hear(&all[i], 9);
	}
	began = clock_steady_us() - began;
	cpu = cpu_s(pid) - cpu;
	printf("%d %s connections: %.0f commands a second, %.1f us of the "
	       "server's CPU each\n",
	       conns, tls ? "TLS" : "clear", n * 1e6 / (double)began,
	       cpu * 1e6 / n);
}

static void run(pid_t pid, const char *what, bool tls, int n)
{
	if (strncmp(what, "idle", 4) == 0) {
		idle(pid, tls, n > 0 ? n : 10000);
	} else {
		cycles(pid, tls, n > 0 ? n : 100000, 1);
		cycles(pid, tls, n > 0 ? n : 100000, 16);
	}
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "idle";
	int n = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 0;
	bool tls = !strstr(what, "clear");
	struct tls_client_options o = { .verify = false };
	socklen_t len = sizeof(at);
	struct err err;
	pid_t pid;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	at.sin_family = AF_INET;
	at.sin_addr.s_addr = htonl(0x7f000001);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 ||
	    listen(fd, 4096) < 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &len) < 0)
		err_die("cannot listen");
	pid = fork();
	if (pid == 0)
		serve(fd, tls);
	(void)close(fd);
	need(tls_client_new(&trust, &o, &err), &err);
	run(pid, what, tls, n);
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	return 0;
}
