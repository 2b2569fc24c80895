#include "net/session.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/test.h"
#include "os/blocking.h"
#include "os/clock.h"

/* ---- a service that does everything the engine offers ---- */

struct echo {
	bool begun;
	size_t big_left, taken;
	int wakes;
};

static struct {
	atomic_int opened, closed, drops, running, most_running, wakes, alarms;
	atomic_int ends[NET_END_DRAIN + 1];
	_Atomic uint64_t last_ref;
	atomic_bool drain_stays, latch;
} seen;

static void forget(void)
{
	atomic_store(&seen.opened, 0);
	atomic_store(&seen.closed, 0);
	atomic_store(&seen.drops, 0);
	atomic_store(&seen.wakes, 0);
	atomic_store(&seen.alarms, 0);
	atomic_store(&seen.most_running, 0);
	atomic_store(&seen.drain_stays, false);
	atomic_store(&seen.latch, false);
	for (int i = 0; i <= NET_END_DRAIN; i++)
		atomic_store(&seen.ends[i], 0);
}

static void echo_open(struct net_session *s)
{
	struct net_ref r = net_ref(s);

	(void)atomic_fetch_add(&seen.opened, 1);
	atomic_store(&seen.last_ref, r.slot | (uint64_t)r.generation << 32);
	net_timeout(s, 60 * US_PER_SEC);
	net_write(s, STR("hello\r\n"));
}

static bool big_source(struct net_session *s, void *arg)
{
	struct echo *st = arg;
	size_t n = st->big_left < 100000 ? st->big_left : 100000;
	char *p = mem_alloc(n);

	memset(p, 'x', n);
	net_write(s, (struct str){ p, n });
	mem_free(p);
	st->big_left -= n;
	return st->big_left > 0;
}

/* Has something to say, and then waits for news that never come. */
static bool waiting_source(struct net_session *s, void *arg)
{
	struct echo *st = arg;

	if (st->big_left) {
		net_write(s, STR("listening\r\n"));
		st->big_left = 0;
	}
	return true;
}

static void big_drop(void *arg)
{
	(void)arg;
	(void)atomic_fetch_add(&seen.drops, 1);
}

/* Bulk: everything up to a '.', counted. */
static void take_data(struct net_session *s)
{
	struct echo *st = net_state(s);
	struct str in = net_input(s);
	size_t dot = str_chr(in, '.');

	if (dot == STR_NPOS) {
		st->taken += in.n;
		net_consume(s, in.n);
		return;
	}
	st->taken += dot;
	net_consume(s, dot + 1);
	net_set_input(s, NULL, 0);
	net_fmt(s, "took %zu\r\n", st->taken);
	st->taken = 0;
}

/* Blocks for a time, or until the latch is opened. */
static void block(int64_t ms)
{
	int now = atomic_fetch_add(&seen.running, 1) + 1;
	int most = atomic_load(&seen.most_running);

	while (now > most &&
	       !atomic_compare_exchange_weak(&seen.most_running, &most, now))
		;
	blocking_begin();
	if (ms > 0)
		clock_sleep_us(ms * US_PER_MS);
	while (ms == 0 && !atomic_load(&seen.latch))
		clock_sleep_us(US_PER_MS);
	blocking_end();
	(void)atomic_fetch_sub(&seen.running, 1);
}

static uint64_t number(struct str s)
{
	uint64_t v = 0;

	(void)!str_to_u64(s, UINT32_MAX, &v);
	return v;
}

static void echo_command(struct net_session *s, struct str line)
{
	struct echo *st = net_state(s);
	struct str word, rest = line;

	if (!str_cut(&rest, ' ', &word)) {
		net_write(s, STR("empty\r\n"));
	} else if (str_eq(word, STR("quit"))) {
		net_write(s, STR("bye\r\n"));
		net_close(s);
	} else if (str_eq(word, STR("big"))) {
		st->big_left = number(rest);
		net_send(s, big_source, big_drop, st);
	} else if (str_eq(word, STR("listen"))) {
		st->big_left = 1;
		net_send(s, waiting_source, big_drop, st);
	} else if (str_eq(word, STR("data"))) {
		net_set_input(s, take_data, 200000);
	} else if (str_eq(word, STR("block"))) {
		block((int64_t)number(rest));
		net_write(s, STR("woke\r\n"));
	} else if (str_eq(word, STR("hold"))) {
		net_alarm(s, (int64_t)number(rest) * US_PER_MS, true);
		net_write(s, STR("holding\r\n"));
	} else if (str_eq(word, STR("deadline"))) {
		net_deadline(s, (int64_t)number(rest) * US_PER_MS);
		net_write(s, STR("ok\r\n"));
	} else if (str_eq(word, STR("rate"))) {
		net_min_rate(s, (uint32_t)number(rest));
		net_write(s, STR("ok\r\n"));
	} else if (str_eq(word, STR("starttls"))) {
		net_write(s, STR("go\r\n"));
		net_start_tls(s);
	} else {
		net_fmt(s, "%.*s\r\n", STR_ARG(line));
	}
}

static void echo_input(struct net_session *s)
{
	struct str line;

	if (net_take_line(s, &line, NULL)) {
		echo_command(s, line);
	} else if (net_input_full(s)) {
		net_write(s, STR("line too long\r\n"));
		net_close(s);
	}
}

static void echo_wake(struct net_session *s)
{
	(void)atomic_fetch_add(&seen.wakes, 1);
	net_write(s, STR("woken\r\n"));
}

static void echo_alarm(struct net_session *s)
{
	(void)atomic_fetch_add(&seen.alarms, 1);
	net_write(s, STR("alarm\r\n"));
}

static void echo_timeout(struct net_session *s)
{
	net_write(s, STR("timeout\r\n"));
}

static void echo_drain(struct net_session *s)
{
	net_write(s, STR("going down\r\n"));
	if (!atomic_load(&seen.drain_stays))
		net_close(s);
}

static void echo_closed(struct net_session *s, enum net_end why)
{
	(void)s;
	(void)atomic_fetch_add(&seen.closed, 1);
	(void)atomic_fetch_add(&seen.ends[why], 1);
}

static const struct net_service echo_service = {
	.name = "echo",
	.state_size = sizeof(struct echo),
	.input_max = 1000,
	.open = echo_open,
	.input = echo_input,
	.wake = echo_wake,
	.alarm = echo_alarm,
	.timeout = echo_timeout,
	.drain = echo_drain,
	.closed = echo_closed,
};

/* ---- server and clients ---- */

struct world {
	struct net_engine *e;
	struct sockaddr_in at;
};

static int listen_at(struct sockaddr_in *at)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t n = sizeof(*at);

	*at = (struct sockaddr_in){ .sin_family = AF_INET,
		                    .sin_addr.s_addr = htonl(0x7f000001) };
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)at, sizeof(*at)), 0);
	assert_int_equal(listen(fd, 4096), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)at, &n), 0);
	return fd;
}

static void start_with(struct world *w, struct net_options o)
{
	struct net_listener l = { .service = &echo_service };
	struct err err;

	forget();
	l.fd = listen_at(&w->at);
	if (net_engine_new(&w->e, &o, &err) < 0 ||
	    net_engine_listen(w->e, &l, &err) < 0 ||
	    net_engine_start(w->e, &err) < 0)
		fail_msg("%s", err.text);
}

static void start(struct world *w)
{
	start_with(w, (struct net_options){ .workers = 2 });
}

static void stop(struct world *w)
{
	net_engine_stop(w->e, 2 * US_PER_SEC);
	net_engine_free(&w->e);
	assert_null(w->e);
	assert_int_equal(atomic_load(&seen.opened), atomic_load(&seen.closed));
}

static int dial(const struct world *w)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&w->at,
	                         sizeof(w->at)),
	                 0);
	return fd;
}

static void say(int fd, const char *text)
{
	size_t n = strlen(text);

	assert_int_equal(send(fd, text, n, MSG_NOSIGNAL), (ssize_t)n);
}

/* Up to `n` bytes, within 5 s; fewer at the end of the connection. */
static size_t hear_some(int fd, char *p, size_t n)
{
	size_t got = 0;

	while (got < n) {
		struct pollfd pf = { .fd = fd, .events = POLLIN };
		ssize_t r;

		if (poll(&pf, 1, 5000) != 1)
			break;
		r = recv(fd, p + got, n - got, 0);
		if (r <= 0)
			break;
		got += (size_t)r;
	}
	return got;
}

static void hear_at(int fd, const char *want, int line)
{
	char got[4096] = "";
	size_t n = strlen(want);

	got[hear_some(fd, got, n)] = '\0';
	if (strcmp(got, want) != 0)
		fail_msg("line %d: heard \"%s\", want \"%s\"", line, got, want);
}

#define hear(fd, want) hear_at((fd), (want), __LINE__)

static void hear_end(int fd)
{
	struct pollfd pf = { .fd = fd, .events = POLLIN };
	char c;

	assert_int_equal(poll(&pf, 1, 5000), 1);
	assert_true(recv(fd, &c, 1, 0) <= 0);
	(void)close(fd);
}

/* Until *v is `want`, within 5 s. */
static void wait_for(atomic_int *v, int want)
{
	for (int i = 0; i < 5000 && atomic_load(v) != want; i++)
		clock_sleep_us(US_PER_MS);
	assert_int_equal(atomic_load(v), want);
}

/* ---- the simulated clock ---- */

static char clock_path[] = "/tmp/net-session-test-clock-XXXXXX";
static int clock_fd;
static int64_t ahead;

/* First the workers park what they have just answered: they take the time
 * after it was sent. */
static void jump(int64_t us)
{
	clock_sleep_us(100 * US_PER_MS);
	ahead += us;
	assert_int_equal(pwrite(clock_fd, &ahead, sizeof(ahead), 0),
	                 (ssize_t)sizeof(ahead));
}

/* ---- tests ---- */

static void answers_and_closes(void **state)
{
	struct world w;
	int fd;

	(void)state;
	start(&w);
	fd = dial(&w);
	hear(fd, "hello\r\n");
	say(fd, "one\r\ntwo\nquit\r\nnot read\r\n");
	hear(fd, "one\r\ntwo\r\nbye\r\n");
	hear_end(fd);
	wait_for(&seen.ends[NET_END_SERVER], 1);
	stop(&w);
}

static void takes_input_split_anywhere(void **state)
{
	static const char in[] = "alpha\r\ndata\r\nabc\r\n.beta\r\nquit\r\n";
	struct world w;

	(void)state;
	start(&w);
	for (size_t cut = 1; cut < sizeof(in) - 1; cut++) {
		int fd = dial(&w);
		char first[64];

		(void)snprintf(first, sizeof(first), "%.*s", (int)cut, in);
		hear(fd, "hello\r\n");
		say(fd, first);
		clock_sleep_us(2 * US_PER_MS);
		say(fd, in + cut);
		hear(fd, "alpha\r\ntook 5\r\nbeta\r\nbye\r\n");
		hear_end(fd);
	}
	stop(&w);
}

static void takes_input_byte_by_byte(void **state)
{
	static const char in[] = "alpha\r\ndata\r\nabc\r\n.beta\r\nquit\r\n";
	struct world w;
	int fd;

	(void)state;
	start(&w);
	fd = dial(&w);
	hear(fd, "hello\r\n");
	for (size_t i = 0; i < sizeof(in) - 1; i++) {
		say(fd, (char[]){ in[i], '\0' });
		clock_sleep_us(300);
	}
	hear(fd, "alpha\r\ntook 5\r\nbeta\r\nbye\r\n");
	hear_end(fd);
	stop(&w);
}

static void refuses_a_line_without_end(void **state)
{
	struct world w;
	char line[1500];
	int fd;

	(void)state;
	memset(line, 'a', sizeof(line));
	line[sizeof(line) - 1] = '\0';
	start(&w);
	fd = dial(&w);
	hear(fd, "hello\r\n");
	say(fd, line);
	hear(fd, "line too long\r\n");
	hear_end(fd);
	stop(&w);
}

/* Much more than the buffers hold, in one go: the reader is slow, the server
 * must neither block nor lose a byte, and take the next command after it. */
static void sends_much_to_a_slow_reader(void **state)
{
	const size_t n = 8 * 1000 * 1000;
	struct world w;
	size_t got = 0;
	char *p = mem_alloc(100000);
	int fd, other;

	(void)state;
	start_with(&w, (struct net_options){ .workers = 1 });
	fd = dial(&w);
	hear(fd, "hello\r\n");
	say(fd, "big 8000000\r\nafter\r\n");
	clock_sleep_us(50 * US_PER_MS);
	other = dial(&w);
	hear(other, "hello\r\n");
	say(other, "quit\r\n");
	hear(other, "bye\r\n");
	hear_end(other);
	while (got < n) {
		size_t want = n - got < 100000 ? n - got : 100000;

		assert_int_equal(hear_some(fd, p, want), want);
		for (size_t i = 0; i < want; i++)
			assert_int_equal(p[i], 'x');
		got += want;
	}
	hear(fd, "after\r\n");
	assert_int_equal(atomic_load(&seen.drops), 1);
	(void)close(fd);
	wait_for(&seen.ends[NET_END_PEER], 1);
	mem_free(p);
	stop(&w);
}

static void takes_bulk(void **state)
{
	struct world w;
	char *p = mem_alloc(100001);
	int fd;

	(void)state;
	memset(p, 'd', 100000);
	p[100000] = '\0';
	start(&w);
	fd = dial(&w);
	hear(fd, "hello\r\n");
	say(fd, "data\r\n");
	for (int i = 0; i < 50; i++)
		say(fd, p);
	say(fd, ".next\r\n");
	hear(fd, "took 5000000\r\nnext\r\n");
	(void)close(fd);
	mem_free(p);
	stop(&w);
}

static void answers_after_a_half_close(void **state)
{
	struct world w;
	char all[100];
	size_t n;
	int fd;

	(void)state;
	start(&w);
	fd = dial(&w);
	say(fd, "one\r\nbig 300000\r\ntwo\r\nrest without end");
	(void)shutdown(fd, SHUT_WR);
	hear(fd, "hello\r\none\r\n");
	for (int i = 0; i < 300000; i += 100) {
		n = hear_some(fd, all, 100);
		assert_int_equal(n, 100);
	}
	hear(fd, "two\r\n");
	hear_end(fd);
	wait_for(&seen.ends[NET_END_PEER], 1);
	stop(&w);
}

/* A browser's page is gone: its stream of events ends at once, not with the
 * next ping. */
static void a_waiting_source_ends_with_its_peer(void **state)
{
	struct world w;
	int fd;

	(void)state;
	start(&w);
	fd = dial(&w);
	say(fd, "listen\r\n");
	hear(fd, "hello\r\nlistening\r\n");
	(void)close(fd);
	wait_for(&seen.ends[NET_END_PEER], 1);
	assert_int_equal(atomic_load(&seen.drops), 1);
	stop(&w);
}

static void reset(int fd)
{
	struct linger l = { .l_onoff = 1, .l_linger = 0 };

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	(void)close(fd);
}

/* A reset in every state the session can be in. */
static void survives_resets(void **state)
{
	static const char *const said[] = {
		"",         "half a line",  "one\r\n",        "big 9000000\r\n",
		"data\r\n", "data\r\nxxxx", "hold 60000\r\n", "block 20\r\n",
		"quit\r\n", "hold 5\r\n",
	};
	struct world w;
	int n = 0;

	(void)state;
	start(&w);
	for (int wait = 0; wait < 3; wait++) {
		for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
			int fd = dial(&w);

			hear(fd, "hello\r\n");
			say(fd, said[i]);
			clock_sleep_us(wait * 10 * US_PER_MS);
			reset(fd);
			n++;
		}
	}
	wait_for(&seen.closed, n);
	stop(&w);
}

static void wakes(void **state)
{
	struct world w;
	struct net_ref r;
	uint64_t ref;
	int fd;

	(void)state;
	start(&w);
	fd = dial(&w);
	hear(fd, "hello\r\n");
	ref = atomic_load(&seen.last_ref);
	r = (struct net_ref){ (uint32_t)ref, (uint32_t)(ref >> 32) };
	net_wake(w.e, r);
	hear(fd, "woken\r\n");
	net_wake(w.e, (struct net_ref){ r.slot, r.generation + 1 });
	net_wake(w.e, (struct net_ref){ 77777, 1 });
	net_wake(w.e, (struct net_ref){ 0, 0 });
	say(fd, "block 100\r\n");
	clock_sleep_us(20 * US_PER_MS);
	net_wake(w.e, r);
	net_wake(w.e, r);
	net_wake(w.e, r);
	hear(fd, "woke\r\nwoken\r\n");
	/* Not before the whole of a long answer is out. */
	say(fd, "big 3000000\r\n");
	clock_sleep_us(20 * US_PER_MS);
	net_wake(w.e, r);
	for (int i = 0; i < 3000; i++) {
		char p[1001] = "";

		assert_int_equal(hear_some(fd, p, 1000), 1000);
		assert_null(strchr(p, 'w'));
	}
	hear(fd, "woken\r\n");
	say(fd, "quit\r\n");
	hear(fd, "bye\r\n");
	hear_end(fd);
	wait_for(&seen.closed, 1);
	net_wake(w.e, r);
	assert_int_equal(atomic_load(&seen.wakes), 3);
	stop(&w);
}

/* While many block, others run, though there is one worker. */
static void grows_while_threads_block(void **state)
{
	struct net_figures f;
	struct world w;
	int fds[20], other;

	(void)state;
	start_with(&w, (struct net_options){ .workers = 1 });
	for (int i = 0; i < 20; i++) {
		fds[i] = dial(&w);
		hear(fds[i], "hello\r\n");
		say(fds[i], "block 0\r\n");
	}
	wait_for(&seen.running, 20);
	other = dial(&w);
	hear(other, "hello\r\n");
	say(other, "still there\r\n");
	hear(other, "still there\r\n");
	net_engine_figures(w.e, &f);
	assert_int_equal(f.workers_blocked, 20);
	assert_int_equal(f.workers, 21);
	atomic_store(&seen.latch, true);
	for (int i = 0; i < 20; i++) {
		hear(fds[i], "woke\r\n");
		(void)close(fds[i]);
	}
	(void)close(other);
	stop(&w);
}

static void bounds_its_threads(void **state)
{
	struct net_figures f;
	struct world w;
	int fds[10];

	(void)state;
	start_with(&w, (struct net_options){ .workers = 1, .workers_max = 4 });
	for (int i = 0; i < 10; i++) {
		fds[i] = dial(&w);
		if (i < 4)
			hear(fds[i], "hello\r\n");
		say(fds[i], "block 0\r\n");
	}
	wait_for(&seen.running, 4);
	clock_sleep_us(50 * US_PER_MS);
	net_engine_figures(w.e, &f);
	assert_int_equal(f.workers, 4);
	atomic_store(&seen.latch, true);
	for (int i = 0; i < 10; i++) {
		hear(fds[i], i < 4 ? "woke\r\n" : "hello\r\nwoke\r\n");
		(void)close(fds[i]);
	}
	assert_int_equal(atomic_load(&seen.most_running), 4);
	stop(&w);
}

static void times_out_when_idle(void **state)
{
	struct world w;
	int fd, busy;

	(void)state;
	start(&w);
	fd = dial(&w);
	busy = dial(&w);
	hear(fd, "hello\r\n");
	hear(busy, "hello\r\n");
	jump(50 * US_PER_SEC);
	say(busy, "one\r\n");
	hear(busy, "one\r\n");
	say(fd, "half a line is no progress");
	clock_sleep_us(50 * US_PER_MS);
	assert_int_equal(atomic_load(&seen.closed), 0);
	jump(11 * US_PER_SEC);
	hear(fd, "timeout\r\n");
	hear_end(fd);
	wait_for(&seen.ends[NET_END_TIMEOUT], 1);
	say(busy, "two\r\n");
	hear(busy, "two\r\n");
	(void)close(busy);
	stop(&w);
}

static void keeps_deadlines(void **state)
{
	struct world w;
	int fd;

	(void)state;
	start(&w);
	fd = dial(&w);
	hear(fd, "hello\r\n");
	say(fd, "deadline 90000\r\n");
	hear(fd, "ok\r\n");
	for (int i = 0; i < 2; i++) {
		jump(40 * US_PER_SEC);
		say(fd, "busy\r\n");
		hear(fd, "busy\r\n");
	}
	jump(11 * US_PER_SEC);
	hear(fd, "timeout\r\n");
	hear_end(fd);
	stop(&w);
}

/* A reader that takes nothing at all, and one that sends a byte at a time:
 * both are too slow, though the second is never idle. */
static void ends_slow_peers(void **state)
{
	struct world w;
	int reader, writer;

	(void)state;
	start(&w);
	reader = dial(&w);
	hear(reader, "hello\r\n");
	say(reader, "big 9000000\r\n");
	writer = dial(&w);
	hear(writer, "hello\r\n");
	say(writer, "rate 100\r\n");
	hear(writer, "ok\r\n");
	say(writer, "data\r\n");
	clock_sleep_us(50 * US_PER_MS);
	for (int i = 0; i < 9; i++) {
		jump(7 * US_PER_SEC);
		(void)send(writer, "x", 1, MSG_NOSIGNAL);
		clock_sleep_us(60 * US_PER_MS);
	}
	wait_for(&seen.ends[NET_END_TIMEOUT], 2);
	hear(writer, "timeout\r\n");
	hear_end(writer);
	(void)close(reader);
	assert_int_equal(atomic_load(&seen.drops), 1);
	stop(&w);
}

static void holds_input(void **state)
{
	struct pollfd pf;
	struct world w;
	char c;
	int fd;

	(void)state;
	start(&w);
	fd = dial(&w);
	hear(fd, "hello\r\n");
	say(fd, "hold 30000\r\nlater\r\n");
	hear(fd, "holding\r\n");
	pf = (struct pollfd){ .fd = fd, .events = POLLIN };
	assert_int_equal(poll(&pf, 1, 100), 0);
	assert_int_equal(recv(fd, &c, 1, MSG_DONTWAIT), -1);
	jump(31 * US_PER_SEC);
	hear(fd, "alarm\r\nlater\r\n");
	say(fd, "hold 30000\r\n");
	hear(fd, "holding\r\n");
	(void)close(fd);
	wait_for(&seen.ends[NET_END_PEER], 1);
	stop(&w);
}

static void drains(void **state)
{
	struct world w;
	int idle, busy;

	(void)state;
	start(&w);
	idle = dial(&w);
	hear(idle, "hello\r\n");
	busy = dial(&w);
	hear(busy, "hello\r\n");
	say(busy, "block 100\r\n");
	clock_sleep_us(20 * US_PER_MS);
	net_engine_stop(w.e, 5 * US_PER_SEC);
	hear(idle, "going down\r\n");
	hear_end(idle);
	hear(busy, "woke\r\ngoing down\r\n");
	hear_end(busy);
	stop(&w);
}

static void cuts_what_does_not_leave(void **state)
{
	struct world w;
	int fd, big;

	(void)state;
	start(&w);
	atomic_store(&seen.drain_stays, true);
	fd = dial(&w);
	hear(fd, "hello\r\n");
	big = dial(&w);
	say(big, "big 9000000\r\n");
	clock_sleep_us(50 * US_PER_MS);
	net_engine_stop(w.e, 300 * US_PER_MS);
	hear(fd, "going down\r\n");
	hear_end(fd);
	assert_int_equal(atomic_load(&seen.ends[NET_END_DRAIN]), 2);
	(void)close(big);
	stop(&w);
}

static void adopts(void **state)
{
	struct net_listener l = { .service = &echo_service, .fd = -1 };
	struct world w;
	struct err err;
	int pair[2];

	(void)state;
	start(&w);
	for (int i = 0; i < 100; i++) {
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
		assert_int_equal(net_engine_adopt(w.e, &l, pair[0], &err), 0);
		say(pair[1], "over a local socket\r\n");
		hear(pair[1], "hello\r\nover a local socket\r\n");
		(void)close(pair[1]);
	}
	stop(&w);
}

static void bounds_its_sessions(void **state)
{
	struct world w;
	int fds[8], more;

	(void)state;
	start_with(&w, (struct net_options){ .workers = 2, .sessions_max = 8 });
	for (int i = 0; i < 8; i++) {
		fds[i] = dial(&w);
		hear(fds[i], "hello\r\n");
	}
	more = dial(&w);
	hear_end(more);
	(void)close(fds[3]);
	wait_for(&seen.closed, 1);
	clock_sleep_us(20 * US_PER_MS);
	fds[3] = dial(&w);
	hear(fds[3], "hello\r\n");
	for (int i = 0; i < 8; i++)
		(void)close(fds[i]);
	stop(&w);
}

/* Out of file descriptors: no busy loop, and it goes on afterwards. */
static void lives_through_a_shortage_of_fds(void **state)
{
	struct rlimit old, low;
	int64_t cpu;
	struct world w;
	int first, n = 0, blocked[512];

	(void)state;
	start(&w);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	first = dial(&w);
	hear(first, "hello\r\n");
	low = old;
	low.rlim_cur = 400;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	/* Client and server are one process: its clients use them up. */
	while (n < 512) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);

		if (fd < 0)
			break;
		blocked[n++] = fd;
	}
	(void)close(blocked[--n]);
	(void)close(blocked[--n]);
	for (int i = 0; i < 20; i++)
		(void)connect(blocked[i], (struct sockaddr *)&w.at,
		              sizeof(w.at));
	clock_sleep_us(50 * US_PER_MS);
	cpu = clock_cpu_us();
	clock_sleep_us(300 * US_PER_MS);
	assert_true(clock_cpu_us() - cpu < 100 * US_PER_MS);
	say(first, "alive\r\n");
	hear(first, "alive\r\n");
	for (int i = 0; i < n; i++)
		(void)close(blocked[i]);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	clock_sleep_us(300 * US_PER_MS);
	n = dial(&w);
	hear(n, "hello\r\n");
	(void)close(n);
	(void)close(first);
	stop(&w);
}

/* ---- many ---- */

#define MANY 2000

static long resident_kb(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	long size = 0, pages = 0;

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%ld %ld", &size, &pages), 2);
	(void)fclose(f);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/* 2,000 parked sessions, each having said and heard something, a storm that
 * wakes them all, and again nothing lost. */
static void parks_many(void **state)
{
	static int fds[MANY];
	static struct net_ref refs[MANY];
	struct world w;
	int64_t cpu;
	long before, after;

	(void)state;
	start(&w);
	before = resident_kb();
	for (int i = 0; i < MANY; i++) {
		uint64_t ref;

		fds[i] = dial(&w);
		hear(fds[i], "hello\r\n");
		ref = atomic_load(&seen.last_ref);
		refs[i] = (struct net_ref){ (uint32_t)ref,
			                    (uint32_t)(ref >> 32) };
		say(fds[i], "something\r\n");
		hear(fds[i], "something\r\n");
	}
	after = resident_kb();
	print_message("%ld bytes for each parked session\n",
	              (after - before) * 1024 / MANY);
	cpu = clock_cpu_us();
	clock_sleep_us(200 * US_PER_MS);
	assert_true(clock_cpu_us() - cpu < 50 * US_PER_MS);
	for (int i = 0; i < MANY; i++)
		net_wake(w.e, refs[i]);
	jump(3 * US_PER_SEC);
	for (int i = 0; i < MANY; i++)
		hear(fds[i], "woken\r\n");
	assert_int_equal(atomic_load(&seen.wakes), MANY);
	for (int i = 0; i < MANY; i++)
		(void)close(fds[i]);
	wait_for(&seen.closed, MANY);
	stop(&w);
}

/* Threads that wake at random while sessions come, talk, reset and go. */
struct waker {
	struct world *w;
	atomic_bool stop;
};

static void *wake_all_the_time(void *arg)
{
	struct waker *k = arg;
	uint32_t i = 0;

	while (!atomic_load(&k->stop)) {
		net_wake(k->w->e, (struct net_ref){ i % 64, 1 + i / 64 % 40 });
		if (++i % 1000 == 0)
			clock_sleep_us(100);
	}
	return NULL;
}

static void survives_wakes_at_any_moment(void **state)
{
	struct waker k = { .stop = false };
	pthread_t threads[2];
	struct world w;
	char skip[64];
	int n = 0;

	(void)state;
	start(&w);
	k.w = &w;
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL,
		                                wake_all_the_time, &k),
		                 0);
	for (int round = 0; round < 60; round++) {
		int fds[16];

		for (int i = 0; i < 16; i++) {
			fds[i] = dial(&w);
			say(fds[i], i % 3 == 0 ? "block 1\r\n" : "one\r\n");
			n++;
		}
		for (int i = 0; i < 16; i++) {
			assert_true(hear_some(fds[i], skip, 7) == 7);
			if (i % 2 == 0)
				reset(fds[i]);
			else
				(void)close(fds[i]);
		}
	}
	atomic_store(&k.stop, true);
	for (int i = 0; i < 2; i++)
		(void)pthread_join(threads[i], NULL);
	wait_for(&seen.closed, n);
	stop(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_and_closes),
		cmocka_unit_test(takes_input_split_anywhere),
		cmocka_unit_test(takes_input_byte_by_byte),
		cmocka_unit_test(refuses_a_line_without_end),
		cmocka_unit_test(sends_much_to_a_slow_reader),
		cmocka_unit_test(takes_bulk),
		cmocka_unit_test(answers_after_a_half_close),
		cmocka_unit_test(a_waiting_source_ends_with_its_peer),
		cmocka_unit_test(survives_resets),
		cmocka_unit_test(wakes),
		cmocka_unit_test(grows_while_threads_block),
		cmocka_unit_test(bounds_its_threads),
		cmocka_unit_test(times_out_when_idle),
		cmocka_unit_test(keeps_deadlines),
		cmocka_unit_test(ends_slow_peers),
		cmocka_unit_test(holds_input),
		cmocka_unit_test(drains),
		cmocka_unit_test(cuts_what_does_not_leave),
		cmocka_unit_test(adopts),
		cmocka_unit_test(bounds_its_sessions),
		cmocka_unit_test(lives_through_a_shortage_of_fds),
		cmocka_unit_test(parks_many),
		cmocka_unit_test(survives_wakes_at_any_moment),
	};
	int rc;

	clock_fd = mkstemp(clock_path);
	if (clock_fd < 0 || ftruncate(clock_fd, sizeof(ahead)) < 0 ||
	    setenv("POSTHUS_CLOCK", clock_path, 1) < 0)
		return 1;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	(void)unlink(clock_path);
	return rc;
}
