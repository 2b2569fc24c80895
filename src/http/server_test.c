#include "http/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/test.h"
#include "config/config.h"
#include "http/health.h"
#include "os/clock.h"
#include "pack/gzip.h"

/* ---- a site ---- */

static atomic_int dones, drops;

static void hello(struct http_exchange *x)
{
	http_set(x, "X-Own", STR("yes"));
	http_reply(x, 200, "text/plain", STR("hello\n"));
}

static void echo(struct http_exchange *x)
{
	struct str body;
	struct err err;

	assert_int_equal(http_body(x, &body, &err), 0);
	http_reply(x, 200, "application/octet-stream", body);
}

static void rest(struct http_exchange *x)
{
	http_reply(x, 200, "text/plain", http_path_rest(x));
}

static void forgets(struct http_exchange *x)
{
	(void)x;
}

static bool pieces(struct http_exchange *x, void *arg)
{
	int *left = arg;

	http_write(x, STR("piece."));
	return --*left > 0;
}

static void drop(void *arg)
{
	mem_free(arg);
	(void)atomic_fetch_add(&drops, 1);
}

static int *three(void)
{
	int *left = mem_alloc(sizeof(*left));

	*left = 3;
	return left;
}

static void stream(struct http_exchange *x)
{
	http_send(x, 200, "text/plain", UINT64_MAX, pieces, drop, three());
}

static void stream_known(struct http_exchange *x)
{
	http_send(x, 200, "text/plain", 18, pieces, drop, three());
}

static void stream_short(struct http_exchange *x)
{
	http_send(x, 200, "text/plain", 100, pieces, drop, three());
}

static bool breaks(struct http_exchange *x, void *arg)
{
	if (pieces(x, arg))
		return true;
	http_break(x);
	return false;
}

static void stream_broken(struct http_exchange *x)
{
	http_send(x, 200, "text/plain", UINT64_MAX, breaks, drop, three());
}

static void stream_none(struct http_exchange *x)
{
	http_send(x, 204, NULL, 0, pieces, drop, three());
}

static void big(struct http_exchange *x)
{
	char *p = mem_zalloc(3000000);

	http_reply(x, 200, "text/plain", (struct str){ p, 3000000 });
	mem_free(p);
}

/* So and so many bytes that pack well. */
static void text(struct http_exchange *x)
{
	struct str rest = http_path_rest(x);
	uint64_t n = 0;
	char *p;

	assert_true(str_to_u64(rest, 3000000, &n));
	p = mem_alloc((size_t)n + 1);
	for (size_t i = 0; i < n; i++)
		p[i] = "{\"id\": [1, 23]}\n"[i * i / 100 % 17];
	http_compress(x);
	http_reply(x, 200, "application/json", (struct str){ p, (size_t)n });
	mem_free(p);
}

static const struct http_route routes[] = {
	{ .method = "GET", .path = "/text/*", .handle = text },
	{ .method = "GET", .path = "/hello", .handle = hello },
	{ .method = "POST",
	  .path = "/echo",
	  .handle = echo,
	  .body_max = 1000000 },
	{ .method = "GET", .path = "/files/*", .handle = rest },
	{ .method = "GET", .path = "/files/own", .handle = hello },
	{ .method = "GET", .path = "/forgets", .handle = forgets },
	{ .method = "GET", .path = "/stream", .handle = stream },
	{ .method = "GET", .path = "/known", .handle = stream_known },
	{ .method = "GET", .path = "/short", .handle = stream_short },
	{ .method = "GET", .path = "/broken", .handle = stream_broken },
	{ .method = "GET", .path = "/none", .handle = stream_none },
	{ .method = "GET", .path = "/big", .handle = big },
};

static void done(struct http_exchange *x, int status, uint64_t bytes,
                 int64_t us)
{
	(void)x;
	(void)bytes;
	assert_true(status >= 200 && us >= 0);
	(void)atomic_fetch_add(&dones, 1);
}

static struct http_context site = {
	.routes = routes,
	.routes_n = sizeof(routes) / sizeof(routes[0]),
	.done = done,
};

static bool is_ready = true;

static bool ready(void *arg, struct buf *why)
{
	(void)arg;
	if (!is_ready)
		buf_add(why, STR("the store is not open"));
	return is_ready;
}

static void figures(void *arg, struct buf *out)
{
	(void)arg;
	buf_add(out, STR("posthus_up 1\n"));
}

static struct http_health health = { .ready = ready, .metrics = figures };
static struct http_context health_site = HTTP_HEALTH_CONTEXT(&health);

/* ---- the world ---- */

static char dir[] = "/tmp/http-test-XXXXXX";
static char clock_path[] = "/tmp/http-test-clock-XXXXXX";
static int clock_fd;
static struct net_engine *engine;
static struct spool_pool *spools;

static int set_up(void **state)
{
	struct net_options o = { .workers = 2 };
	struct err err;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(spool_pool_open(&spools, dir, 1 << 20, true, &err), 0);
	site.spools = spools;
	assert_int_equal(net_engine_new(&engine, &o, &err), 0);
	assert_int_equal(net_engine_start(engine, &err), 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	net_engine_stop(engine, US_PER_SEC);
	net_engine_free(&engine);
	spool_pool_free(&spools);
	/* Every spool's file is gone. */
	return rmdir(dir);
}

static int dial(struct http_context *to)
{
	struct net_listener l = { .service = &http_service,
		                  .context = to,
		                  .fd = -1 };
	struct err err;
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(net_engine_adopt(engine, &l, fds[0], &err), 0);
	return fds[1];
}

static void say(int fd, struct str s)
{
	while (s.n > 0) {
		ssize_t n = send(fd, s.p, s.n, MSG_NOSIGNAL);

		if (n <= 0)
			return; /* refused in the middle: the answer tells */
		s = str_from(s, (size_t)n);
	}
}

/* All until the server closes (or 5 s). */
static void hear_all(int fd, struct buf *out)
{
	struct pollfd pf = { .fd = fd, .events = POLLIN };
	char p[65536];
	ssize_t n;

	while (poll(&pf, 1, 5000) == 1 && (n = recv(fd, p, sizeof(p), 0)) > 0)
		buf_add(out, (struct str){ p, (size_t)n });
	(void)close(fd);
}

/* The whole conversation of one connection. */
static void talk(struct http_context *to, struct str in, struct buf *out)
{
	int fd = dial(to);

	buf_reset(out);
	say(fd, in);
	hear_all(fd, out);
}

static size_t count_in(struct buf *b, const char *what)
{
	struct str s = buf_str(b);
	size_t n = 0, at;

	while ((at = str_find(s, str_z(what))) != STR_NPOS) {
		s = str_from(s, at + 1);
		n++;
	}
	return n;
}

static void has(struct buf *b, const char *what)
{
	if (*what && count_in(b, what) == 0)
		fail_msg("no \"%s\" in \"%.*s\"", what, STR_ARG(buf_str(b)));
}

static void wait_for(atomic_int *v, int want)
{
	for (int i = 0; i < 5000 && atomic_load(v) != want; i++)
		clock_sleep_us(US_PER_MS);
	assert_int_equal(atomic_load(v), want);
}

#define H     " HTTP/1.1\r\nHost: a.example\r\n"
#define CLOSE "Connection: close\r\n\r\n"

/* ---- tests ---- */

static void answers(void **state)
{
	static const struct {
		const char *in, *status, *also;
	} rows[] = {
		{ "GET /hello" H CLOSE, "200 OK", "\r\n\r\nhello\n" },
		{ "GET /hello" H CLOSE, "200 OK", "X-Own: yes\r\n" },
		{ "GET /hello" H CLOSE, "200 OK", "Content-Length: 6\r\n" },
		{ "GET /hello" H CLOSE, "200 OK", "Connection: close\r\n" },
		{ "GET /hello" H CLOSE, "200 OK", "default-src 'none'" },
		{ "GET /hello" H CLOSE, "200 OK",
		  "X-Content-Type-Options: nosniff" },
		{ "GET /nothing" H CLOSE, "404 Not Found", "" },
		{ "POST /hello" H CLOSE, "405 Method Not Allowed",
		  "Allow: GET, HEAD\r\n" },
		{ "GET /../hello" H CLOSE, "400 Bad Request", "" },
		{ "GET /files/a%20b" H CLOSE, "200 OK", "\r\n\r\na b" },
		{ "GET /files/own" H CLOSE, "200 OK", "hello" },
		{ "GET /forgets" H CLOSE, "500 Internal Server Error", "" },
		{ "GET /hello HTTP/1.0\r\n\r\n", "200 OK", "hello" },
		{ "rubbish\r\n\r\n", "400 Bad Request", "Connection: close" },
		{ "GET /hello HTTP/3.0\r\n\r\n", "505 ", "" },
		{ "GET /known" H CLOSE, "200 OK",
		  "\r\n\r\npiece.piece.piece." },
		{ "GET /stream" H CLOSE, "200 OK",
		  "\r\n\r\n6\r\npiece.\r\n6\r\npiece.\r\n6\r\npiece.\r\n0\r\n\r\n" },
		{ "GET /stream HTTP/1.0\r\n\r\n", "200 OK",
		  "\r\n\r\npiece.piece.piece." },
		{ "GET /short" H "\r\n", "200 OK",
		  "\r\n\r\npiece.piece.piece." },
	};
	struct buf out;

	(void)state;
	buf_init(&out, 100000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char want[64];

		talk(&site, str_z(rows[i].in), &out);
		(void)snprintf(want, sizeof(want), "HTTP/1.1 %s",
		               rows[i].status);
		assert_true(str_starts(buf_str(&out), str_z(want)));
		has(&out, rows[i].also);
		has(&out, i < 12 ? "Date: " : "");
	}
	buf_deinit(&out);
}

/* The last chunk, which says that it is all, does not come; nor does an answer
 * to what was asked behind it. */
static void breaks_off_what_cannot_go_on(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 100000);
	talk(&site, STR("GET /broken" H "\r\nGET /hello" H "\r\n"), &out);
	has(&out, "6\r\npiece.\r\n6\r\npiece.\r\n6\r\npiece.\r\n");
	assert_true(str_ends(buf_str(&out), STR("piece.\r\n")));
	buf_deinit(&out);
}

/* The body of an answer, chunks undone. */
static void body_of(struct buf *in, struct buf *out)
{
	struct str all = buf_str(in), body, piece;
	struct http_chunks c;
	enum http_parse r;

	buf_reset(out);
	body = str_from(all, str_find(all, STR("\r\n\r\n")) + 4);
	if (count_in(in, "Transfer-Encoding: chunked") == 0) {
		buf_add(out, body);
		return;
	}
	http_chunks_init(&c);
	do {
		r = http_chunks_next(&c, &body, &piece);
		buf_add(out, piece);
	} while (r == HTTP_MORE && piece.n > 0);
	assert_int_equal(r, HTTP_DONE);
}

static void compresses(void **state)
{
	static const struct {
		const char *path, *fields;
		size_t n;
		bool packed, chunks;
	} rows[] = {
		{ "/text/1024", "Accept-Encoding: gzip\r\n", 1024, false,
		  false },
		{ "/text/1025", "Accept-Encoding: br, gzip\r\n", 1025, true,
		  false },
		{ "/text/1025", "Accept-Encoding: gzip;q=0\r\n", 1025, false,
		  false },
		{ "/text/1025", "", 1025, false, false },
		{ "/text/65536", "Accept-Encoding: gzip\r\n", 65536, true,
		  false },
		{ "/text/3000000", "Accept-Encoding: gzip\r\n", 3000000, true,
		  true },
		{ "/text/3000000", "", 3000000, false, false },
		{ "/big", "Accept-Encoding: gzip\r\n", 3000000, false, false },
	};
	struct err err = ERR_INIT;
	struct buf in, body, out;
	char request[300];

	(void)state;
	buf_init(&in, 4000000);
	buf_init(&body, 4000000);
	buf_init(&out, 4000000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)snprintf(request, sizeof(request), "GET %s%s%s%s",
		               rows[i].path, H, rows[i].fields, CLOSE);
		talk(&site, str_z(request), &in);
		assert_int_equal(count_in(&in, "Content-Encoding: gzip\r\n"),
		                 rows[i].packed);
		assert_int_equal(count_in(&in, "Vary: Accept-Encoding\r\n"),
		                 str_starts(str_z(rows[i].path), STR("/text")));
		assert_int_equal(count_in(&in, "chunked\r\n"), rows[i].chunks);
		body_of(&in, &body);
		buf_reset(&out);
		if (rows[i].packed) {
			assert_true(body.n < rows[i].n);
			assert_int_equal(gunzip(buf_str(&body), &out, &err), 0);
		} else {
			buf_add(&out, buf_str(&body));
		}
		assert_int_equal(out.n, rows[i].n);
	}
	buf_deinit(&in);
	buf_deinit(&body);
	buf_deinit(&out);
}

static void keeps_alive_and_pipelines(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 100000);
	talk(&site,
	     STR("GET /hello" H "\r\nGET /stream" H "\r\nHEAD /hello" H
	         "\r\nHEAD /stream" H "\r\nGET /none" H "\r\nPOST /echo" H
	         "Content-Length: 3\r\n\r\nabcGET /hello" H CLOSE
	         "GET /hello" H CLOSE),
	     &out);
	assert_int_equal(count_in(&out, "HTTP/1.1 200 OK"), 6);
	assert_int_equal(count_in(&out, "HTTP/1.1 204 No Content"), 1);
	assert_int_equal(count_in(&out, "\r\n\r\nhello\n"), 2);
	assert_int_equal(count_in(&out, "Content-Length: 6\r\n"), 3);
	assert_int_equal(count_in(&out, "\r\n\r\nabcHTTP/1.1"), 1);
	assert_int_equal(count_in(&out, "\r\n\r\n6\r\npiece."), 1);
	buf_deinit(&out);
}

static void takes_bodies(void **state)
{
	struct buf in, out;

	(void)state;
	buf_init(&in, 2000000);
	buf_init(&out, 2000000);
	/* Above what stays in memory, so it goes through a file. */
	buf_add(&in, STR("POST /echo" H "Content-Length: 900000\r\n" CLOSE));
	for (int i = 0; i < 90000; i++)
		buf_add(&in, STR("0123456789"));
	talk(&site, buf_str(&in), &out);
	assert_true(str_starts(buf_str(&out), STR("HTTP/1.1 200 OK")));
	assert_int_equal(count_in(&out, "0123456789"), 90000);
	buf_reset(&in);
	buf_add(&in, STR("POST /echo" H "Transfer-Encoding: chunked\r\n" CLOSE
	                 "4\r\nabcd\r\n3\r\nefg\r\n0\r\n\r\n"));
	for (size_t cut = 1; cut < in.n; cut++) {
		int fd = dial(&site);

		say(fd, str_to(buf_str(&in), cut));
		clock_sleep_us(500);
		say(fd, str_from(buf_str(&in), cut));
		buf_reset(&out);
		hear_all(fd, &out);
		has(&out, "\r\n\r\nabcdefg");
	}
	buf_deinit(&in);
	buf_deinit(&out);
}

static void refuses_bodies(void **state)
{
	static const struct {
		const char *in, *status;
	} rows[] = {
		{ "POST /echo" H "Content-Length: 1000001\r\n\r\n", "413" },
		{ "GET /hello" H "Content-Length: 1\r\n\r\nx", "413" },
		{ "POST /nothing" H "Content-Length: 1\r\n\r\nx", "404" },
		{ "POST /echo" H "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
		  "400" },
		{ "POST /echo" H "Transfer-Encoding: chunked\r\n"
		  "Content-Length: 5\r\n\r\n",
		  "400" },
	};
	struct buf in, out;

	(void)state;
	buf_init(&in, 2000000);
	buf_init(&out, 100000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char want[32];
		int fd = dial(&site);

		say(fd, str_z(rows[i].in));
		if (i == 1 || i == 2)
			(void)shutdown(fd, SHUT_WR);
		buf_reset(&out);
		if (i == 0)
			say(fd, STR("xxxxxxxxxx"));
		hear_all(fd, &out);
		(void)snprintf(want, sizeof(want), "HTTP/1.1 %s",
		               rows[i].status);
		if (!str_starts(buf_str(&out), str_z(want)))
			fail_msg("row %zu: %.*s", i, STR_ARG(buf_str(&out)));
	}
	/* Chunks whose sum is too much, though each is not. */
	buf_add(&in, STR("POST /echo" H "Transfer-Encoding: chunked\r\n\r\n"));
	for (int i = 0; i < 110; i++) {
		buf_add(&in, STR("2710\r\n"));
		for (int k = 0; k < 1000; k++)
			buf_add(&in, STR("0123456789"));
		buf_add(&in, STR("\r\n"));
	}
	talk(&site, buf_str(&in), &out);
	assert_true(str_starts(buf_str(&out), STR("HTTP/1.1 413")));
	buf_deinit(&in);
	buf_deinit(&out);
}

static void says_to_continue(void **state)
{
	struct buf out;
	char p[64] = "";
	int fd = dial(&site);

	(void)state;
	buf_init(&out, 10000);
	say(fd, STR("POST /echo" H
	            "Expect: 100-continue\r\nContent-Length: 2\r\n" CLOSE));
	assert_int_equal(recv(fd, p, 25, MSG_WAITALL), 25);
	assert_string_equal(p, "HTTP/1.1 100 Continue\r\n\r\n");
	say(fd, STR("ab"));
	hear_all(fd, &out);
	has(&out, "HTTP/1.1 200 OK");
	has(&out, "\r\n\r\nab");
	/* Not when it is refused anyway. */
	talk(&site,
	     STR("POST /echo" H
	         "Expect: 100-continue\r\nContent-Length: 2000000\r\n\r\n"),
	     &out);
	assert_true(str_starts(buf_str(&out), STR("HTTP/1.1 413")));
	buf_deinit(&out);
}

static void sends_much(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 4000000);
	talk(&site, STR("GET /big" H CLOSE), &out);
	has(&out, "Content-Length: 3000000\r\n");
	assert_true(out.n > 3000000);
	buf_deinit(&out);
}

/* A client that goes in the middle of an answer: the source is dropped, the
 * exchange freed, and it is logged. */
static void survives_a_client_that_goes(void **state)
{
	int before = atomic_load(&dones);

	(void)state;
	for (int i = 0; i < 20; i++) {
		int fd = dial(&site);

		say(fd, STR("GET /big" H "\r\n"));
		if (i % 2)
			clock_sleep_us(5 * US_PER_MS);
		(void)close(fd);
		fd = dial(&site);
		say(fd, STR("POST /echo" H "Content-Length: 10\r\n\r\nabc"));
		(void)close(fd);
	}
	wait_for(&dones, before + 20);
}

static void ends_slow_heads(void **state)
{
	int64_t ahead = 0;
	struct buf out;
	int fd = dial(&site);

	(void)state;
	buf_init(&out, 10000);
	say(fd, STR("GET /hello HTT"));
	clock_sleep_us(100 * US_PER_MS);
	for (int i = 0; i < 3; i++) {
		ahead += 7 * US_PER_SEC;
		assert_int_equal(pwrite(clock_fd, &ahead, sizeof(ahead), 0),
		                 (ssize_t)sizeof(ahead));
		say(fd, STR("P"));
		clock_sleep_us(60 * US_PER_MS);
	}
	hear_all(fd, &out);
	has(&out, "HTTP/1.1 408");
	buf_deinit(&out);
}

static void time_passes(int64_t us)
{
	int64_t ahead = 0;

	assert_int_equal(pread(clock_fd, &ahead, sizeof(ahead), 0),
	                 (ssize_t)sizeof(ahead));
	ahead += us;
	assert_int_equal(pwrite(clock_fd, &ahead, sizeof(ahead), 0),
	                 (ssize_t)sizeof(ahead));
}

static void hear_hello(int fd)
{
	char p[4096];
	size_t n = 0;

	while (str_find((struct str){ p, n }, STR("hello\n")) == STR_NPOS) {
		ssize_t got = recv(fd, p + n, sizeof(p) - n, 0);

		assert_true(got > 0);
		n += (size_t)got;
	}
}

static void keeps_idle_ones_as_long_as_told(void **state)
{
	static const char *const set[] = { "http.idle=3m", NULL };
	struct config_source from = { .set = set };
	struct config_report report;
	struct http_context patient = site;
	struct config *cfg;
	struct buf out;
	int quick, slow;

	(void)state;
	buf_init(&out, 10000);
	config_report_init(&report);
	assert_int_equal(config_load(&cfg, &from, &report), 0);
	config_report_deinit(&report);
	patient.config = cfg;
	slow = dial(&patient);
	quick = dial(&site);
	say(slow, STR("GET /hello" H "\r\n"));
	hear_hello(slow);
	say(quick, STR("GET /hello" H "\r\n"));
	hear_hello(quick);
	time_passes(2 * US_PER_MIN);
	hear_all(quick, &out); /* closed: the engine has looked */
	say(slow, STR("GET /hello" H CLOSE));
	hear_all(slow, &out);
	has(&out, "200 OK");
	buf_deinit(&out);
	config_free(&cfg);
}

static void tells_its_health(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 10000);
	talk(&health_site, STR("GET /healthz" H CLOSE), &out);
	has(&out, "200 OK");
	talk(&health_site, STR("GET /readyz" H CLOSE), &out);
	has(&out, "200 OK");
	is_ready = false;
	talk(&health_site, STR("GET /readyz" H CLOSE), &out);
	has(&out, "503 Service Unavailable");
	has(&out, "the store is not open\n");
	is_ready = true;
	talk(&health_site, STR("GET /metrics" H CLOSE), &out);
	has(&out, "version=0.0.4");
	has(&out, "posthus_up 1\n");
	buf_deinit(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(breaks_off_what_cannot_go_on),
		cmocka_unit_test(answers),
		cmocka_unit_test(compresses),
		cmocka_unit_test(keeps_alive_and_pipelines),
		cmocka_unit_test(takes_bodies),
		cmocka_unit_test(refuses_bodies),
		cmocka_unit_test(says_to_continue),
		cmocka_unit_test(sends_much),
		cmocka_unit_test(survives_a_client_that_goes),
		cmocka_unit_test(ends_slow_heads),
		cmocka_unit_test(keeps_idle_ones_as_long_as_told),
		cmocka_unit_test(tells_its_health),
	};
	int rc;

	clock_fd = mkstemp(clock_path);
	if (clock_fd < 0 || setenv("POSTHUS_CLOCK", clock_path, 1) < 0)
		return 1;
	rc = cmocka_run_group_tests(tests, set_up, tear_down);
	(void)unlink(clock_path);
	return rc;
}
