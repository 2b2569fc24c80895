#include "http/socket.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/test.h"
#include "os/clock.h"

#define MESSAGE_MAX 2000000

/* ---- a service that echoes ---- */

static struct net_engine *engine;
static struct spool_pool *spools;
static atomic_int closes;
static struct net_ref last;

static void message(struct http_socket *ws, bool text, struct str m)
{
	last = net_ref(http_socket_session(ws));
	if (str_eq(m, STR("twice")))
		http_socket_send(ws, m);
	if (!text)
		http_socket_close(ws, WEBSOCKET_TYPE, "text is expected");
	else if (str_eq(m, STR("bye")))
		http_socket_close(ws, WEBSOCKET_NORMAL, "bye");
	else
		http_socket_send(ws, m);
}

static void woken(struct http_socket *ws)
{
	http_socket_send(ws, STR("woken"));
}

static void closed(struct http_socket *ws)
{
	assert_ptr_equal(http_socket_arg(ws), &closes);
	(void)atomic_fetch_add(&closes, 1);
}

static const struct http_socket_service service = {
	.protocol = "echo",
	.message_max = MESSAGE_MAX,
	.message = message,
	.wake = woken,
	.closed = closed,
};

static void upgrade(struct http_exchange *x)
{
	(void)http_socket_accept(x, &service, &closes);
}

static const struct http_route routes[] = {
	{ .method = "GET", .path = "/socket", .handle = upgrade },
};

static struct http_context site = { .routes = routes, .routes_n = 1 };

static char dir[] = "/tmp/socket-test-XXXXXX";

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
	return rmdir(dir);
}

/* ---- a client ---- */

#define H         " HTTP/1.1\r\nHost: a.example\r\n"
#define UPGRADE   "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
#define KEY       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define VERSION   "Sec-WebSocket-Version: 13\r\n"
#define PROTOCOL  "Sec-WebSocket-Protocol: other, echo\r\n"
#define HANDSHAKE "GET /socket" H UPGRADE KEY VERSION PROTOCOL "\r\n"

static int dial(void)
{
	struct net_listener l = { .service = &http_service,
		                  .context = &site,
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
			return;
		s = str_from(s, (size_t)n);
	}
}

/* Until `n` bytes are there, or the server closes (or 5 s). */
static void hear(int fd, struct buf *out, size_t n)
{
	struct pollfd pf = { .fd = fd, .events = POLLIN };
	char p[65536];
	ssize_t got;

	while (out->n < n && poll(&pf, 1, 5000) == 1 &&
	       (got = recv(fd, p,
	                   n - out->n < sizeof(p) ? n - out->n : sizeof(p),
	                   0)) > 0)
		buf_add(out, (struct str){ p, (size_t)got });
}

static void frame(struct buf *b, unsigned first, struct str payload)
{
	size_t at = b->n;

	websocket_write_head(b, (enum websocket_opcode)(first & 15),
	                     (first & 128) != 0, payload.n);
	b->p[at] = (char)first;
	b->p[at + 1] = (char)((unsigned char)b->p[at + 1] | 128);
	buf_add(b, STR("\x01\x02\x03\x04"));
	for (size_t i = 0; i < payload.n; i++)
		buf_add_c(b, (char)((unsigned char)payload.p[i] ^
		                    "\x01\x02\x03\x04"[i & 3]));
}

/* Shake hands; the answer is checked. */
static int connect_socket(void)
{
	static const char want[] = "Sec-WebSocket-Accept: "
				   "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";
	struct buf b;
	int fd = dial();

	buf_init(&b, 4096);
	say(fd, STR(HANDSHAKE));
	while (!str_ends(buf_str(&b), STR("\r\n\r\n")) && b.n < 4000)
		hear(fd, &b, b.n + 1);
	assert_true(str_starts(buf_str(&b), STR("HTTP/1.1 101 ")));
	assert_true(str_find(buf_str(&b), str_z(want)) != STR_NPOS);
	assert_true(str_find(buf_str(&b), STR("Sec-WebSocket-Protocol: echo"
	                                      "\r\n")) != STR_NPOS);
	assert_true(str_find(buf_str(&b), STR("Connection: Upgrade\r\n")) !=
	            STR_NPOS);
	buf_deinit(&b);
	return fd;
}

static void expect(int fd, struct str want)
{
	struct buf b;

	buf_init(&b, want.n + 1);
	hear(fd, &b, want.n);
	assert_int_equal(b.n, want.n);
	assert_memory_equal(b.p, want.p, want.n);
	buf_deinit(&b);
}

static void wait_for(int want)
{
	for (int i = 0; i < 5000 && atomic_load(&closes) != want; i++)
		clock_sleep_us(US_PER_MS);
	assert_int_equal(atomic_load(&closes), want);
}

/* ---- tests ---- */

static void refuses_other_handshakes(void **state)
{
	static const struct {
		const char *in, *status;
	} rows[] = {
		{ "GET /socket" H "\r\n", "426" },
		{ "GET /socket" H
		  "Upgrade: h2c\r\nConnection: upgrade\r\n" KEY VERSION PROTOCOL
		  "\r\n",
		  "426" },
		{ "GET /socket" H UPGRADE KEY
		  "Sec-WebSocket-Version: 8\r\n" PROTOCOL "\r\n",
		  "426" },
		{ "GET /socket" H UPGRADE VERSION PROTOCOL "\r\n", "400" },
		{ "GET /socket" H UPGRADE
		  "Sec-WebSocket-Key: abc=\r\n" VERSION PROTOCOL "\r\n",
		  "400" },
		{ "GET /socket" H UPGRADE KEY VERSION "\r\n", "400" },
		{ "GET /socket" H UPGRADE KEY VERSION
		  "Sec-WebSocket-Protocol: other\r\n\r\n",
		  "400" },
		{ "HEAD /socket" H UPGRADE KEY VERSION PROTOCOL "\r\n", "426" },
		{ "POST /socket" H UPGRADE KEY VERSION PROTOCOL
		  "Content-Length: 0\r\n\r\n",
		  "405" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf b;
		int fd = dial();

		buf_init(&b, 4096);
		say(fd, str_z(rows[i].in));
		hear(fd, &b, 12);
		assert_true(str_eq(str_from(buf_str(&b), 9),
		                   str_z(rows[i].status)));
		(void)close(fd);
		buf_deinit(&b);
	}
	assert_int_equal(atomic_load(&closes), 0);
}

static void echoes(void **state)
{
	int fd = connect_socket(), before = atomic_load(&closes);
	struct buf b;

	(void)state;
	buf_init(&b, 10000);
	frame(&b, 0x81, STR("hello"));
	for (size_t cut = 1; cut < b.n; cut++) {
		say(fd, str_to(buf_str(&b), cut));
		clock_sleep_us(300);
		say(fd, str_from(buf_str(&b), cut));
		expect(fd, STR("\x81\x05hello"));
	}
	buf_reset(&b);
	frame(&b, 0x01, STR("a"));
	frame(&b, 0x89, STR("?"));
	frame(&b, 0x80, STR("b"));
	frame(&b, 0x81, STR("twice"));
	frame(&b, 0x81, STR(""));
	frame(&b, 0x8a, STR("unasked"));
	say(fd, buf_str(&b));
	expect(fd, STR("\x8a\x01?\x81\x02"
	               "ab\x81\x05twice\x81\x05twice"
	               "\x81\x00"));
	net_wake(engine, last);
	expect(fd, STR("\x81\x05woken"));
	buf_reset(&b);
	frame(&b, 0x88, STR("\x03\xe8"));
	say(fd, buf_str(&b));
	expect(fd, STR("\x88\x02\x03\xe8"));
	wait_for(before + 1);
	(void)close(fd);
	buf_deinit(&b);
}

/* Through a file, and out in frames of 64 KiB. */
static void carries_much(void **state)
{
	int fd = connect_socket(), before = atomic_load(&closes);
	struct str rest;
	struct buf b, out;
	size_t n = 0;

	(void)state;
	buf_init(&b, MESSAGE_MAX + 100);
	buf_init(&out, MESSAGE_MAX + 1000);
	{
		char *p = mem_alloc(MESSAGE_MAX);

		for (size_t i = 0; i < MESSAGE_MAX; i++)
			p[i] = (char)('a' + i % 23);
		frame(&b, 0x81, (struct str){ p, MESSAGE_MAX });
		mem_free(p);
	}
	say(fd, buf_str(&b));
	/* 31 frames with a head of 10 or 4 bytes. */
	hear(fd, &out, MESSAGE_MAX + 30 * 10 + 4);
	rest = buf_str(&out);
	for (unsigned first = 0x01; rest.n > 0; first = 0x00) {
		bool final = ((unsigned char)rest.p[0] & 128) != 0;
		size_t size = final ? MESSAGE_MAX - n : 65536;

		assert_int_equal((unsigned char)rest.p[0] & 15, first);
		rest = str_from(rest, final ? 4 : 10);
		for (size_t i = 0; i < size; i++, n++)
			assert_int_equal(rest.p[i], 'a' + (int)(n % 23));
		rest = str_from(rest, size);
	}
	assert_int_equal(n, MESSAGE_MAX);
	(void)close(fd);
	wait_for(before + 1);
	buf_deinit(&b);
	buf_deinit(&out);
}

static void closes_with_reasons(void **state)
{
	static const struct {
		unsigned first;
		struct str payload;
		int code;
	} rows[] = {
		{ 0x81, STR_INIT("bye"), 1000 },
		{ 0x82, STR_INIT("binary"), 1003 },
		{ 0x81, STR_INIT("\xc3("), 1007 },
		{ 0xc1, STR_INIT("compressed"), 1002 },
		{ 0x80, STR_INIT("nothing to continue"), 1002 },
		{ 0x88, STR_INIT("\x03"), 1002 },
		{ 0x88, STR_INIT("\x03\xe9gone"), 1001 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int fd = connect_socket(), before = atomic_load(&closes);
		struct buf b, out;

		buf_init(&b, 1000);
		buf_init(&out, 1000);
		frame(&b, rows[i].first, rows[i].payload);
		say(fd, buf_str(&b));
		hear(fd, &out, 1000);
		assert_true(out.n >= 4);
		if ((unsigned char)out.p[0] != 0x88)
			fail_msg("row %zu: no close", i);
		assert_int_equal((unsigned char)out.p[2] << 8 |
		                         (unsigned char)out.p[3],
		                 rows[i].code);
		wait_for(before + 1);
		(void)close(fd);
		buf_deinit(&b);
		buf_deinit(&out);
	}
}

static void refuses_too_much(void **state)
{
	int fd = connect_socket(), before = atomic_load(&closes);
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	/* 2,000,001 bytes: told by its head alone. */
	say(fd, STR("\x81\xff\0\0\0\0\0\x1e\x84\x81zzzz"));
	hear(fd, &out, 1000);
	assert_int_equal((unsigned char)out.p[2] << 8 | (unsigned char)out.p[3],
	                 1009);
	wait_for(before + 1);
	(void)close(fd);
	buf_deinit(&out);
}

/* A message right behind the handshake, and a peer that goes. */
static void takes_what_comes_early(void **state)
{
	int before = atomic_load(&closes), fd = dial();
	struct buf b;

	(void)state;
	buf_init(&b, 10000);
	buf_add(&b, STR(HANDSHAKE));
	frame(&b, 0x81, STR("early"));
	say(fd, buf_str(&b));
	buf_reset(&b);
	while (!str_ends(buf_str(&b), STR("early")) && b.n < 4000)
		hear(fd, &b, b.n + 1);
	assert_true(str_ends(buf_str(&b), STR("\r\n\r\n\x81\x05"
	                                      "early")));
	(void)close(fd);
	wait_for(before + 1);
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_other_handshakes),
		cmocka_unit_test(echoes),
		cmocka_unit_test(carries_much),
		cmocka_unit_test(closes_with_reasons),
		cmocka_unit_test(refuses_too_much),
		cmocka_unit_test(takes_what_comes_early),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
