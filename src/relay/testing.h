/*
 * relay/testing.h - for tests: a server that says what a script says.
 *
 * Lines "S: text" are sent with CRLF; at "C: text" a line must come (a star at
 * its end: that begins so), at "D:" all until the lone dot, kept in `data`, at
 * "B: N" so many bytes.  At the end, and where a line is wrong, it hangs up.
 *
 *	peer_begin(&p, "S: 220 x\nC: EHLO *\nS: 250 x\n");
 *	... p.addr ...
 *	peer_end(&p);                    fails when the script was not obeyed
 */
#ifndef RELAY_TESTING_H
#define RELAY_TESTING_H

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/test.h"
#include "net/addr.h"

struct peer {
	const char *script;
	struct net_addr addr;
	int listener;
	pthread_t thread;
	struct buf data;
	char wrong[300]; /* "" when all was as it should be */
};

static inline bool peer_line(FILE *f, char line[2048])
{
	size_t n;

	if (!fgets(line, 2048, f))
		return false;
	n = strlen(line);
	while (n && (line[n - 1] == '\n' || line[n - 1] == '\r'))
		line[--n] = '\0';
	return true;
}

static inline bool peer_matches(const char *want, const char *line)
{
	size_t n = strlen(want);

	if (n && want[n - 1] == '*')
		return strncmp(want, line, n - 1) == 0;
	return strcmp(want, line) == 0;
}

static inline bool peer_data(struct peer *p, FILE *f)
{
	char line[2048];

	while (fgets(line, sizeof(line), f)) {
		if (strcmp(line, ".\r\n") == 0)
			return true;
		buf_add_z(&p->data, line);
	}
	return false;
}

static inline bool peer_bytes(struct peer *p, FILE *f, size_t n)
{
	int c;

	while (n-- > 0) {
		if ((c = fgetc(f)) == EOF)
			return false;
		buf_add_c(&p->data, (char)c);
	}
	return true;
}

static inline bool peer_step(struct peer *p, FILE *f, int fd, const char *row)
{
	char line[2048];
	bool ok = true;

	switch (row[0]) {
	case 'S':
		(void)snprintf(line, sizeof(line), "%s\r\n", row + 3);
		return send(fd, line, strlen(line), MSG_NOSIGNAL) > 0;
	case 'D': return peer_data(p, f);
	case 'B': return peer_bytes(p, f, strtoul(row + 3, NULL, 10));
	default: break;
	}
	if (!peer_line(f, line))
		(void)snprintf(line, sizeof(line), "(nothing)");
	ok = peer_matches(row + 3, line);
	if (!ok)
		(void)snprintf(p->wrong, sizeof(p->wrong),
		               "got %.100s, want %.100s", line, row + 3);
	return ok;
}

static inline void *peer_run(void *arg)
{
	struct peer *p = arg;
	struct str rest = str_z(p->script), row;
	char text[2048];
	int fd = accept(p->listener, NULL, NULL);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
	bool ok = f != NULL;

	while (ok && str_cut(&rest, '\n', &row)) {
		(void)snprintf(text, sizeof(text), "%.*s", STR_ARG(row));
		ok = peer_step(p, f, fd, text);
	}
	if (f)
		(void)fclose(f);
	return NULL;
}

static inline void peer_begin(struct peer *p, const char *script)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	struct err err;

	memset(p, 0, sizeof(*p));
	p->script = script;
	buf_init(&p->data, 1000000);
	p->listener = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(p->listener, (struct sockaddr *)&a, sizeof(a)),
	                 0);
	assert_int_equal(listen(p->listener, 1), 0);
	assert_int_equal(getsockname(p->listener, (struct sockaddr *)&a, &n),
	                 0);
	assert_int_equal(net_addr_parse(STR("127.0.0.1"), &p->addr, &err), 0);
	p->addr.port = ntohs(a.sin_port);
	assert_int_equal(pthread_create(&p->thread, NULL, peer_run, p), 0);
}

static inline void peer_end(struct peer *p)
{
	(void)pthread_join(p->thread, NULL);
	(void)close(p->listener);
	if (p->wrong[0])
		fail_msg("%s", p->wrong);
}

#endif
