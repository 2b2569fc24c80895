#include "imap/testing.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ftw.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "ipc/ipc.h"

#define MUST(call)                                                \
	do {                                                      \
		struct err must_err = ERR_INIT;                   \
		struct err *err = &must_err;                      \
		if ((call) < 0)                                   \
			fail_msg("%s: %s", #call, must_err.text); \
	} while (0)

/* ---- the host ---- */

static int host_resolve(void *arg, struct str user, struct gate_user *out,
                        struct err *err)
{
	struct host *h = arg;
	struct directory_account acc;
	struct arena a;
	int rc;

	memset(out, 0, sizeof(*out));
	out->kind = GATE_USER_NONE;
	arena_init(&a);
	rc = directory_login(h->directory, user, &a, &acc, err);
	if (rc == 0) {
		out->kind = GATE_USER_ACCOUNT;
		out->account = acc.id;
		out->case_differs = acc.case_differs;
		(void)snprintf(out->address, sizeof(out->address), "%.*s",
		               STR_ARG(acc.address));
	}
	arena_deinit(&a);
	return rc < 0 && err->kind != ERR_NOT_FOUND ? -1 : 0;
}

static void host_news(void *arg, const int64_t *accounts, size_t n)
{
	struct host *h = arg;

	for (size_t i = 0; i < n && h->news; i++)
		news_publish(h->news, accounts[i]);
}

static void host_config(struct host *h, const char *settings)
{
	char text[2000];
	struct config_report r;
	struct config_source from = { .path = "test.conf" };

	(void)snprintf(text, sizeof(text),
	               "[server]\nhostname = \"imap.test.example\"\n"
	               "data = \"%s\"\n%s",
	               h->dir, settings);
	from.text = str_z(text);
	config_report_init(&r);
	if (config_load(&h->config, &from, &r) < 0) {
		struct buf b;

		buf_init(&b, 10000);
		config_report_write(&r, &b);
		fail_msg("%s", buf_z(&b));
	}
	config_report_deinit(&r);
}

static void host_people(struct host *h)
{
	struct gate_options o = {
		.dir = h->dir,
		.limits = { .failures_per_minute = 3,
		            .login_case_strict = true },
		.hashers = 1,
		.resolve = host_resolve,
		.resolve_arg = h,
	};
	int64_t domain;

	MUST(directory_open(&h->directory, h->config, err));
	MUST(directory_domain_add(h->directory, STR("test.example"), 0, &domain,
	                          err));
	MUST(directory_account_add(h->directory, STR(ANNA), STR("Anna"),
	                           &h->anna, err));
	MUST(directory_account_add(h->directory, STR(BO), STR("Bo"), &h->bo,
	                           err));
	MUST(ipc_door(h->door, err));
	o.door = h->door[0];
	MUST(gate_server_start(&h->gate, &o, err));
	h->context.gate = gate_client_new(h->door[1], "test");
	MUST(gate_password_set(h->context.gate, h->anna, STR(ANNA), STR(SECRET),
	                       err));
	MUST(gate_password_set(h->context.gate, h->bo, STR(BO), STR(SECRET),
	                       err));
}

static void host_listen(struct host *h)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct net_listener l = { .service = &imap_service,
		                  .context = &h->context };
	struct net_options o = { .workers = 2 };
	socklen_t n = sizeof(a);

	l.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_true(l.fd >= 0);
	assert_int_equal(bind(l.fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(l.fd, 20), 0);
	assert_int_equal(getsockname(l.fd, (struct sockaddr *)&a, &n), 0);
	h->port = ntohs(a.sin_port);
	MUST(net_engine_new(&h->engine, &o, err));
	MUST(net_engine_listen(h->engine, &l, err));
	h->context.engine = h->engine;
	MUST(net_engine_start(h->engine, err));
}

/* `settings`: more lines of the configuration, or "". */
void host_start(struct host *h, const char *settings)
{
	struct store_options o = { .news = host_news, .news_arg = h };
	char path[100];

	memset(h, 0, sizeof(*h));
	(void)snprintf(h->dir, sizeof(h->dir), "/tmp/posthus-imap-XXXXXX");
	assert_non_null(mkdtemp(h->dir));
	host_config(h, settings);
	(void)snprintf(path, sizeof(path), "%s/mail", h->dir);
	o.dir = path;
	MUST(store_open(&h->store, &o, err));
	(void)snprintf(path, sizeof(path), "%s/spool", h->dir);
	MUST(spool_pool_open(&h->spools, path, 1 << 24, true, err));
	host_people(h);
	MUST(news_make(&h->news_fds, 1, err));
	MUST(news_open(&h->news, &h->news_fds, 0, err));
	h->context.config = h->config;
	h->context.store = h->store;
	h->context.directory = h->directory;
	h->context.spools = h->spools;
	h->context.news = h->news;
	host_listen(h);
}

void host_hang_up(struct host *h)
{
	for (int i = 0; i < PEERS_MAX; i++) {
		if (h->peers[i].fd > 0)
			(void)close(h->peers[i].fd);
		buf_deinit(&h->peers[i].in);
		h->peers[i].fd = 0;
	}
}

static int remove_one(const char *path, const struct stat *st, int type,
                      struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void host_stop(struct host *h)
{
	host_hang_up(h);
	net_engine_stop(h->engine, 2 * US_PER_SEC);
	net_engine_free(&h->engine);
	gate_client_free(&h->context.gate);
	gate_server_stop(&h->gate);
	store_close(&h->store);
	news_close(&h->news);
	news_fds_close(&h->news_fds);
	directory_close(&h->directory);
	spool_pool_free(&h->spools);
	config_free(&h->config);
	(void)close(h->door[0]);
	(void)close(h->door[1]);
	assert_int_equal(nftw(h->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

/* ---- conversations ---- */

static bool glob(const char *g, const char *s)
{
	for (; *g; g++, s++) {
		if (*g == '*') {
			for (g++;; s++) {
				if (glob(g, s))
					return true;
				if (!*s)
					return false;
			}
		}
		if (*g == '?') {
			if (!*s)
				return false;
			continue;
		}
		if (*g == '\\' && (g[1] == '*' || g[1] == '?'))
			g++;
		if (*g != *s)
			return false;
	}
	return !*s;
}

/* Wait for more; false when nothing comes in time, or the end. */
bool peer_fill(struct peer *p, int wait_ms, bool *closed)
{
	struct pollfd pfd = { .fd = p->fd, .events = POLLIN };
	char piece[16384];
	ssize_t n;

	*closed = false;
	if (poll(&pfd, 1, wait_ms) <= 0)
		return false;
	n = read(p->fd, piece, sizeof(piece));
	if (n <= 0) {
		*closed = true;
		return false;
	}
	buf_add(&p->in, (struct str){ piece, (size_t)n });
	return true;
}

/* The next line without CRLF into `out`; false when none comes. */
bool peer_line(struct peer *p, struct buf *out, int wait_ms)
{
	bool closed;
	size_t lf;

	buf_reset(out);
	while ((lf = str_chr(buf_str(&p->in), '\n')) == STR_NPOS)
		if (!peer_fill(p, wait_ms, &closed))
			return false;
	buf_add(out, str_to(buf_str(&p->in), lf));
	if (str_ends(buf_str(out), STR("\r")))
		buf_truncate(out, out->n - 1);
	buf_consume(&p->in, lf + 1);
	return true;
}

struct peer *peer_get(struct host *h, unsigned i)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		                 .sin_port = htons(h->port),
		                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct peer *p = &h->peers[i];
	struct buf greeting;

	if (p->fd > 0)
		return p;
	buf_init(&p->in, 1 << 28);
	p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(p->fd, (struct sockaddr *)&a, sizeof(a)), 0);
	buf_init(&greeting, 10000);
	if (i > 0)
		(void)peer_line(p, &greeting, 20000);
	buf_deinit(&greeting);
	return p;
}

void peer_send(struct peer *p, struct str s)
{
	while (s.n > 0) {
		ssize_t n = send(p->fd, s.p, s.n, MSG_NOSIGNAL);

		if (n <= 0)
			fail_msg("sending failed, errno %d", errno);
		s = str_from(s, (size_t)n);
	}
}

static void unescape(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '\\' || i + 1 == s.n) {
			buf_add_c(out, s.p[i]);
			continue;
		}
		switch (s.p[++i]) {
		case 'r': buf_add_c(out, '\r'); break;
		case 'n': buf_add_c(out, '\n'); break;
		case '0': buf_add_c(out, '\0'); break;
		case 'x':
			assert_true(i + 2 < s.n);
			buf_add_c(out, (char)(ascii_hex(s.p[i + 1]) * 16 +
			                      ascii_hex(s.p[i + 2])));
			i += 2;
			break;
		default: buf_add_c(out, s.p[i]); break;
		}
	}
}

#define TALK_ANY 16

struct talk {
	struct host *h;
	struct buf said; /* to show when something is not as it should be */
	struct buf line;
	char *any[TALK_ANY]; /* the globs of S~ that still wait */
	size_t n_any;
};

static void talk_fail(struct talk *t, const char *want, const char *got)
{
	print_error("%s\n", buf_z(&t->said));
	fail_msg("want: %s\ngot: %s", want, got);
}

static void talk_read(struct talk *t, struct peer *p, const char *want)
{
	if (!peer_line(p, &t->line, 10000))
		talk_fail(t, want, "nothing");
	buf_fmt(&t->said, "S: %.400s\n", buf_z(&t->line));
}

static void talk_any(struct talk *t, struct peer *p)
{
	while (t->n_any > 0) {
		size_t i = 0;

		talk_read(t, p, t->any[0]);
		while (i < t->n_any && !glob(t->any[i], buf_z(&t->line)))
			i++;
		if (i == t->n_any)
			talk_fail(t, t->any[0], buf_z(&t->line));
		mem_free(t->any[i]);
		t->any[i] = t->any[--t->n_any];
	}
}

static void talk_expect(struct talk *t, struct peer *p, char how,
                        const char *want)
{
	do
		talk_read(t, p, want);
	while (how == '*' && !glob(want, buf_z(&t->line)));
	if (!glob(want, buf_z(&t->line)))
		talk_fail(t, want, buf_z(&t->line));
}

static void talk_quiet(struct talk *t, struct peer *p)
{
	if (peer_line(p, &t->line, 150))
		talk_fail(t, "silence", buf_z(&t->line));
}

static void talk_closed(struct talk *t, struct peer *p)
{
	bool closed = false;

	while (!closed)
		if (!peer_fill(p, 5000, &closed) && !closed)
			talk_fail(t, "the end", "nothing");
	(void)close(p->fd);
	p->fd = 0;
	buf_deinit(&p->in);
}

static void talk_one(struct talk *t, struct str line)
{
	char what = line.p[0], how;
	size_t at = 1;
	unsigned n = 1;
	struct peer *p;
	struct buf b;

	if (ascii_is_digit(line.p[at]))
		n = (unsigned)(line.p[at++] - '0');
	how = line.p[at++];
	line = str_from(line, at);
	if (line.n > 0 && line.p[0] == ' ')
		line = str_from(line, 1);
	p = peer_get(t->h, n);
	buf_init(&b, 1 << 20);
	if (what == 'S' && how == '~') {
		assert_true(t->n_any < TALK_ANY);
		t->any[t->n_any++] = mem_dup(line.p, line.n);
	} else {
		talk_any(t, p);
	}
	if (what == 'C') {
		if (how == '-')
			unescape(&b, line);
		else
			buf_add(&b, line);
		buf_fmt(&t->said, "C%u: %.*s\n", n, STR_ARG(line));
		if (how != '-')
			buf_add(&b, STR("\r\n"));
		peer_send(p, buf_str(&b));
	} else if (what == 'S' && how != '~') {
		buf_add(&b, line);
		talk_expect(t, p, how, buf_z(&b));
	} else if (what == 'X') {
		talk_closed(t, p);
	} else if (what == 'Q') {
		talk_quiet(t, p);
	}
	buf_deinit(&b);
}

void talk(struct host *h, const char *script)
{
	struct talk t = { .h = h };
	struct str s = str_z(script), line;

	buf_init(&t.said, 1 << 22);
	buf_init(&t.line, 1 << 26);
	while (str_cut(&s, '\n', &line))
		if (line.n > 1)
			talk_one(&t, line);
	talk_any(&t, peer_get(h, 1));
	buf_deinit(&t.said);
	buf_deinit(&t.line);
}

/* APPEND on connection `n`; `args` is what stands before the literal:
 * "INBOX (\\Seen)". */
void talk_append(struct host *h, unsigned n, const char *args,
                 struct str message)
{
	struct peer *p = peer_get(h, n);
	char script[100];
	struct buf b;

	buf_init(&b, (size_t)1 << 28);
	buf_fmt(&b, "append APPEND %s {%zu+}\r\n", args, message.n);
	buf_add(&b, message);
	buf_add(&b, STR("\r\n"));
	peer_send(p, buf_str(&b));
	buf_deinit(&b);
	(void)snprintf(script, sizeof(script),
	               "S%u* append OK [APPENDUID *] *\n", n);
	talk(h, script);
}

/* Log in on connection `n` as anna. */
void talk_login(struct host *h, unsigned n)
{
	char script[200];

	(void)snprintf(script, sizeof(script),
	               "C%u: login LOGIN " ANNA " \"" SECRET "\"\n"
	               "S%u: login OK *\n",
	               n, n);
	talk(h, script);
}
