/*
 * smtp/testing.h - a host in a folder of its own, for the tests of smtp/: the
 * real engine, directory, store, queue and gate, and clients to talk to it.
 *
 *	talk(&c, "C: MAIL FROM:<a@far.example>\n"
 *	         "S: 250 2.1.0*\n");
 */
#ifndef SMTP_TESTING_H
#define SMTP_TESTING_H

#include <arpa/inet.h>
#include <ftw.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/test.h"
#include "config/config.h"
#include "deliver/runner.h"
#include "directory/directory.h"
#include "gate/server.h"
#include "intake/intake.h"
#include "ipc/ipc.h"
#include "log/log.h"
#include "os/clock.h"
#include "queue/queue.h"
#include "smtp/server.h"
#include "store/fetch.h"
#include "store/mailbox.h"
#include "store/store.h"
#include "store/view.h"

struct world {
	char dir[64];
	uint64_t reserve; /* set before world_start() */
	struct config *config;
	struct directory *directory;
	struct store *store;
	struct queue *queue;
	struct spool_pool *spool;
	struct intake *intake;
	struct gate_server *gate_server;
	struct gate_client *gate;
	int door[2];
	struct smtp_shared *shared;
	struct smtp_context mx, submission;
	struct net_engine *engine;
	uint16_t mx_port, submission_port;
	int64_t anna, bo, full, suspended, mute;
};

static struct world world;

#define OK(call)                                                  \
	do {                                                      \
		struct err err = ERR_INIT;                        \
		if ((call) < 0) {                                 \
			print_error("%s: %s\n", #call, err.text); \
			_fail(__FILE__, __LINE__);                \
		}                                                 \
	} while (0)

static inline int world_resolve(void *arg, struct str user,
                                struct gate_user *out, struct err *err)
{
	struct directory_account acc;
	struct arena a;
	int rc;

	(void)arg;
	arena_init(&a);
	*out = (struct gate_user){ .kind = GATE_USER_NONE };
	rc = directory_login(world.directory, user, &a, &acc, err);
	if (rc == 0) {
		out->kind = GATE_USER_ACCOUNT;
		out->account = acc.id;
		out->suspended = (acc.flags & DIRECTORY_NO_LOGIN) != 0;
		(void)snprintf(out->address, sizeof(out->address), "%.*s",
		               STR_ARG(acc.address));
	} else if (err->kind == ERR_NOT_FOUND) {
		rc = 0;
	}
	arena_deinit(&a);
	return rc;
}

static inline int world_listen(uint16_t *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t n = sizeof(at);

	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(fd, 64), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &n), 0);
	*port = ntohs(at.sin_port);
	return fd;
}

static inline int64_t world_account(const char *address)
{
	int64_t id = 0;

	OK(directory_account_add(world.directory, str_z(address), STR(""), &id,
	                         &err));
	return id;
}

static inline void world_alias(const char *address, const char *one,
                               const char *two)
{
	struct str targets[2] = { str_z(one), str_z(two ? two : "") };
	int64_t id;

	OK(directory_alias_set(world.directory, str_z(address), targets,
	                       two ? 2 : 1, false, &id, &err));
}

static inline void world_people(void)
{
	struct directory *d = world.directory;
	int64_t domain, caught;

	OK(directory_domain_add(d, STR("customer.example"), 0, &domain, &err));
	OK(directory_domain_add(d, STR("caught.example"), 0, &caught, &err));
	world.anna = world_account("anna@customer.example");
	world.bo = world_account("bo@customer.example");
	world.full = world_account("full@customer.example");
	world.suspended = world_account("away@customer.example");
	world.mute = world_account("mute@customer.example");
	OK(directory_account_set_quota(d, world.full, 1000, &err));
	OK(directory_account_set_flags(d, world.suspended, DIRECTORY_NO_RECEIVE,
	                               &err));
	OK(directory_account_set_flags(d, world.mute, DIRECTORY_NO_SEND, &err));
	OK(directory_domain_set_catchall(d, caught, world.anna, &err));
	OK(directory_domain_set_admin(d, domain, world.bo, &err));
	world_alias("both@customer.example", "anna@customer.example",
	            "bo@customer.example");
	world_alias("out@customer.example", "x@far.example",
	            "bo@customer.example");
	world_alias("mixed@customer.example", "full@customer.example",
	            "bo@customer.example");
	OK(gate_password_set(world.gate, world.anna,
	                     STR("anna@customer.example"), STR("annas secret"),
	                     &err));
	OK(gate_password_set(world.gate, world.mute,
	                     STR("mute@customer.example"), STR("secret"),
	                     &err));
}

static inline void world_open_files(const char *settings)
{
	struct config_source from = { .path = "test.conf" };
	struct store_options so = { .dir = world.dir,
		                    .reserve_bytes = world.reserve };
	struct queue_options qo = { .dir = world.dir };
	struct gate_options go = {
		.dir = world.dir,
		.resolve = world_resolve,
		.limits = { .failures_per_minute = 3,
		            .login_case_strict = true,
		            .windows = { [GATE_FAILED] = { { US_PER_HOUR,
		                                             100 } } },
		            .n_windows = { [GATE_FAILED] = 1 } }
	};
	struct config_report *report = mem_zalloc(sizeof(*report));
	char text[1000], path[100];

	(void)snprintf(text, sizeof(text),
	               "[server]\nhostname = \"mx.host.example\"\n"
	               "data = \"%s\"\n[provider]\ndomain = \"host.example\"\n"
	               "%s",
	               world.dir, settings);
	from.text = str_z(text);
	config_report_init(report);
	if (config_load(&world.config, &from, report) < 0)
		fail_msg("%.*s", STR_ARG(report->items[0].text));
	config_report_deinit(report);
	mem_free(report);
	OK(directory_open(&world.directory, world.config, &err));
	OK(store_open(&world.store, &so, &err));
	OK(queue_open(&world.queue, &qo, &err));
	(void)snprintf(path, sizeof(path), "%s/spool", world.dir);
	OK(spool_pool_open(&world.spool, path, 1 << 24, true, &err));
	OK(ipc_door(world.door, &err));
	go.door = world.door[0];
	OK(gate_server_start(&world.gate_server, &go, &err));
	world.gate = gate_client_new(world.door[1], "test");
}

static inline void world_start(const char *settings)
{
	struct intake_options io = { 0 };
	struct net_options no = { .workers = 2 };
	struct net_listener l = { .service = &smtp_service };

	log_setup("test", LOG_ERROR, false);
	(void)snprintf(world.dir, sizeof(world.dir), "/tmp/smtp-test-XXXXXX");
	assert_non_null(mkdtemp(world.dir));
	world_open_files(settings);
	world_people();
	io.config = world.config;
	io.directory = world.directory;
	io.store = world.store;
	io.queue = world.queue;
	io.spool = world.spool;
	io.gate = world.gate;
	world.intake = intake_new(&io);
	world.shared = smtp_shared_new();
	world.mx = (struct smtp_context){ .kind = SMTP_MX,
		                          .config = world.config,
		                          .directory = world.directory,
		                          .store = world.store,
		                          .gate = world.gate,
		                          .intake = world.intake,
		                          .spool = world.spool,
		                          .shared = world.shared };
	world.submission = world.mx;
	world.submission.kind = SMTP_SUBMISSION;
	OK(net_engine_new(&world.engine, &no, &err));
	l.context = &world.mx;
	l.fd = world_listen(&world.mx_port);
	OK(net_engine_listen(world.engine, &l, &err));
	l.context = &world.submission;
	l.fd = world_listen(&world.submission_port);
	OK(net_engine_listen(world.engine, &l, &err));
	OK(net_engine_start(world.engine, &err));
}

static inline int world_remove(const char *path, const struct stat *st,
                               int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static inline void world_stop(void)
{
	net_engine_stop(world.engine, 0);
	net_engine_free(&world.engine);
	smtp_shared_free(&world.shared);
	intake_free(&world.intake);
	gate_client_free(&world.gate);
	gate_server_stop(&world.gate_server);
	(void)close(world.door[0]);
	(void)close(world.door[1]);
	spool_pool_free(&world.spool);
	queue_close(&world.queue);
	store_close(&world.store);
	directory_close(&world.directory);
	config_free(&world.config);
	(void)nftw(world.dir, world_remove, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- clients ---- */

struct client {
	int fd;
	char in[70000];
	size_t n;
};

static inline void client_open(struct client *c, uint16_t port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		                  .sin_port = htons(port),
		                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct timeval wait = { .tv_sec = 20 };

	c->n = 0;
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	(void)setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	assert_int_equal(connect(c->fd, (struct sockaddr *)&at, sizeof(at)), 0);
}

static inline void client_close(struct client *c)
{
	(void)close(c->fd);
	c->fd = -1;
}

static inline void client_send(struct client *c, struct str s)
{
	while (s.n) {
		ssize_t n = send(c->fd, s.p, s.n, MSG_NOSIGNAL);

		if (n <= 0)
			return; /* it has hung up; what it said is read next */
		s = str_from(s, (size_t)n);
	}
}

/* The next line without CRLF; false at the end. */
static inline bool client_line(struct client *c, char *out, size_t max)
{
	for (;;) {
		char *lf = memchr(c->in, '\n', c->n);
		ssize_t got;

		if (lf) {
			size_t n = (size_t)(lf - c->in), used = n + 1;

			if (n && c->in[n - 1] == '\r')
				n--;
			assert_true(n < max);
			memcpy(out, c->in, n);
			out[n] = '\0';
			c->n -= used;
			memmove(c->in, c->in + used, c->n);
			return true;
		}
		got = recv(c->fd, c->in + c->n, sizeof(c->in) - c->n, 0);
		if (got <= 0)
			return false;
		c->n += (size_t)got;
	}
}

/* `want`: the whole line, or its beginning when it ends in "*". */
static inline bool line_is(const char *got, struct str want)
{
	if (want.n && want.p[want.n - 1] == '*')
		return str_starts(str_z(got), str_to(want, want.n - 1));
	return str_eq(str_z(got), want);
}

static inline void expect(struct client *c, struct str want, const char *file,
                          int line)
{
	char got[2000];

	if (!client_line(c, got, sizeof(got))) {
		print_error("%s:%d: closed, want \"%.*s\"\n", file, line,
		            STR_ARG(want));
		_fail(file, line);
	}
	if (line_is(got, want))
		return;
	print_error("%s:%d: got \"%s\", want \"%.*s\"\n", file, line, got,
	            STR_ARG(want));
	_fail(file, line);
}

/* Lines "C: sent", "c: sent later with the next C:", "S: expected". */
static inline void talk_at(struct client *c, const char *script,
                           const char *file, int line)
{
	struct str rest = str_z(script), row;
	struct buf out;

	buf_init(&out, 1 << 20);
	while (str_cut(&rest, '\n', &row)) {
		struct str text = str_from(row, row.n < 3 ? row.n : 3);

		if (str_starts(row, STR("S: "))) {
			expect(c, text, file, line);
			continue;
		}
		buf_add(&out, text);
		buf_add(&out, STR("\r\n"));
		if (str_starts(row, STR("C:"))) {
			client_send(c, buf_str(&out));
			buf_reset(&out);
		}
	}
	buf_deinit(&out);
}

#define talk(c, script) talk_at((c), (script), __FILE__, __LINE__)

static inline bool client_is_closed(struct client *c)
{
	char line[2000];

	return !client_line(c, line, sizeof(line));
}

/* A session that has greeted. */
static inline void client_hello(struct client *c, uint16_t port)
{
	client_open(c, port);
	talk(c, "S: 220 mx.host.example ESMTP*\nC: HELO far.example\n"
	        "S: 250 mx.host.example\n");
}

/* ---- mailboxes ---- */

static inline struct store_account world_store_account(int64_t id)
{
	struct store_account a = { .id = id,
		                   .shard = 1,
		                   .quota_bytes = STORE_QUOTA_NONE };

	return a;
}

static inline uint64_t world_inbox(int64_t id)
{
	struct mailbox m;
	struct arena a;

	arena_init(&a);
	OK(mailbox_get(world.store, world_store_account(id), STR("INBOX"), &a,
	               &m, &err));
	arena_deinit(&a);
	return m.no;
}

static inline uint32_t world_count(int64_t id)
{
	struct view *v = NULL;
	uint32_t n;

	OK(view_open(&v, world.store, world_store_account(id), world_inbox(id),
	             &err));
	n = view_count(v);
	view_close(&v);
	return n;
}

/* The last message, prefix and all, into `out`. */
static inline void world_last(int64_t id, struct buf *out)
{
	struct store_account a = world_store_account(id);
	uint64_t inbox = world_inbox(id);
	struct str prefix, message;
	struct view *v = NULL;
	struct body *b = NULL;

	OK(view_open(&v, world.store, a, inbox, &err));
	assert_true(view_count(v) > 0);
	OK(body_open(&b, world.store, a, inbox, view_uid(v, view_count(v)),
	             &err));
	OK(body_view(b, &prefix, &message, &err));
	buf_reset(out);
	buf_add(out, prefix);
	buf_add(out, message);
	body_close(&b);
	view_close(&v);
}

#endif
