/* clamd and rspamd as strangers that answer well, badly, late or never. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/test.h"
#include "config/config.h"
#include "os/clock.h"
#include "score/ask.h"
#include "score/clamd.h"
#include "score/look.h"
#include "score/rspamd.h"

struct server {
	int fd;
	unsigned port;
	struct str answer; /* n 0: says nothing */
	const char *until; /* answers when this was read; NULL: at once */
	size_t until_n;
	char got[8192];
	size_t got_n;
	pthread_t thread;
};

static void *serve(void *arg)
{
	struct server *s = arg;
	int c = accept(s->fd, NULL, NULL);
	struct pollfd p = { .fd = c, .events = POLLIN };

	if (c < 0)
		return NULL;
	while (s->until && s->got_n < sizeof(s->got) &&
	       !memmem(s->got, s->got_n, s->until, s->until_n) &&
	       poll(&p, 1, 3000) > 0) {
		ssize_t n =
			read(c, s->got + s->got_n, sizeof(s->got) - s->got_n);

		if (n <= 0)
			break;
		s->got_n += (size_t)n;
	}
	if (s->answer.n)
		assert_true(write(c, s->answer.p, s->answer.n) > 0);
	else
		(void)poll(&p, 1, 3000);
	(void)close(c);
	return NULL;
}

static void begin(struct server *s, struct str answer, const char *until,
                  size_t until_n)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t n = sizeof(a);

	memset(s, 0, sizeof(*s));
	s->answer = answer;
	s->until = until;
	s->until_n = until_n;
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(s->fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(s->fd, 5), 0);
	assert_int_equal(getsockname(s->fd, (struct sockaddr *)&a, &n), 0);
	s->port = ntohs(a.sin_port);
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void end(struct server *s)
{
	(void)shutdown(s->fd, SHUT_RDWR);
	(void)pthread_join(s->thread, NULL);
	(void)close(s->fd);
}

#define MESSAGE "Subject: x\r\n\r\nbody\r\n"
#define WHOLE   "body\r\n\0\0\0\0"

static void clamd_answers(void **state)
{
	static const struct {
		struct str answer;
		const char *virus; /* NULL: an error */
		enum err_kind kind;
	} rows[] = {
		{ STR_INIT("stream: OK\0"), "", ERR_NONE },
		{ STR_INIT("stream: Eicar-Test-Signature FOUND\0"),
		  "Eicar-Test-Signature", ERR_NONE },
		{ STR_INIT("stream: a\r\nb FOUND\0"), "a__b", ERR_NONE },
		{ STR_INIT("INSTREAM size limit exceeded. ERROR\0"), "",
		  ERR_NONE },
		{ STR_INIT("stream: something ERROR\0"), NULL, ERR_TEMP },
		{ STR_INIT("stream: O"), NULL, ERR_CLOSED },
		{ STR_INIT("UNKNOWN COMMAND\0"), NULL, ERR_TEMP },
		{ STR_INIT(""), NULL, ERR_TIMEOUT },
	};
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = ERR_INIT;
		struct server s;
		struct str virus;
		int64_t at = clock_real_us();
		int rc;

		begin(&s, rows[i].answer, WHOLE, sizeof(WHOLE) - 1);
		rc = clamd_check(arena_fmt(&a, "127.0.0.1:%u", s.port),
		                 STR(MESSAGE),
		                 rows[i].kind == ERR_TIMEOUT ? 100 * US_PER_MS
		                                             : 5 * US_PER_SEC,
		                 &a, &virus, &err);
		assert_true(clock_real_us() - at < 2 * US_PER_SEC);
		end(&s);
		assert_int_equal(err.kind, rows[i].kind);
		assert_int_equal(rc, rows[i].virus ? 0 : -1);
		if (rows[i].virus)
			assert_str(virus, rows[i].virus);
		assert_memory_equal(s.got, "zINSTREAM\0\0\0\0\x14" MESSAGE,
		                    14 + sizeof(MESSAGE) - 1);
	}
	arena_deinit(&a);
}

/* It says what it found and closes while a large message still comes. */
static void clamd_answers_early(void **state)
{
	size_t n = (size_t)8 * 1024 * 1024;
	char *big = mem_zalloc(n);
	struct err err = ERR_INIT;
	struct str virus;
	struct server s;
	struct arena a;
	int rc;

	(void)state;
	arena_init(&a);
	begin(&s, STR("stream: Early FOUND\0"), "zINSTREAM", 9);
	rc = clamd_check(arena_fmt(&a, "127.0.0.1:%u", s.port),
	                 (struct str){ big, n }, 5 * US_PER_SEC, &a, &virus,
	                 &err);
	end(&s);
	/* a reset may have thrown the answer away: then it is an error, never
	 * a clean bill */
	if (rc == 0)
		assert_str(virus, "Early");
	mem_free(big);
	arena_deinit(&a);
}

static void clamd_is_not_there(void **state)
{
	static const char *const places[] = { "/nonexistent/clamd.ctl",
		                              "127.0.0.1:1", "nonsense" };
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct err err = ERR_INIT;
		struct str virus;

		assert_int_equal(clamd_check(str_z(places[i]), STR("x"),
		                             US_PER_SEC, &a, &virus, &err),
		                 -1);
		assert_int_not_equal(err.kind, ERR_NONE);
	}
	arena_deinit(&a);
}

static void reads_rspamd(void **state)
{
	static const struct {
		const char *json;
		int points; /* INT32_MIN: refused */
	} rows[] = {
		{ "{\"score\":15.0,\"required_score\":15,\"action\":\"reject\"}",
		  500 },
		{ "{\"score\":3,\"required_score\":15,\"action\":\"no action\"}",
		  100 },
		{ "{\"score\":-1.5,\"required_score\":15}", -50 },
		{ "{\"score\":1,\"required_score\":15,\"action\":\"reject\"}",
		  500 },
		{ "{\"score\":1e300,\"required_score\":15}", 2000 },
		{ "{\"score\":1,\"required_score\":0}", INT32_MIN },
		{ "{\"score\":\"1\",\"required_score\":15}", INT32_MIN },
		{ "{\"error\":\"x\"}", INT32_MIN },
		{ "[]", INT32_MIN },
		{ "{\"score\":1,\"requ", INT32_MIN },
		{ "", INT32_MIN },
	};
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rspamd_answer ans = { .points = INT32_MIN };
		struct err err = ERR_INIT;
		int rc = rspamd_read(str_z(rows[i].json), &a, &ans, &err);

		assert_int_equal(rc, rows[i].points == INT32_MIN ? -1 : 0);
		assert_int_equal(ans.points, rows[i].points);
	}
	arena_deinit(&a);
}

#define JSON "{\"score\":6,\"required_score\":15,\"action\":\"greylist\"}"

static void rspamd_is_asked(void **state)
{
	struct score_facts f = { .ip = STR_INIT("192.0.2.1"),
		                 .helo = STR_INIT("a\r\nX: b"),
		                 .sender = STR_INIT("a@a.example") };
	struct rspamd_answer ans;
	struct err err = ERR_INIT;
	struct server s;
	struct arena a;

	(void)state;
	arena_init(&a);
	begin(&s, STR("HTTP/1.1 200 OK\r\nContent-Length: 51\r\n\r\n" JSON),
	      "body\r\n", 6);
	assert_int_equal(sizeof(JSON) - 1, 51);
	assert_int_equal(
		rspamd_check(arena_fmt(&a, "http://127.0.0.1:%u/", s.port),
	                     STR(MESSAGE), &f, 5 * US_PER_SEC, &a, &ans, &err),
		0);
	end(&s);
	assert_int_equal(ans.points, 200);
	assert_str(ans.action, "greylist");
	s.got[s.got_n < sizeof(s.got) ? s.got_n : sizeof(s.got) - 1] = '\0';
	assert_non_null(strstr(s.got, "POST /checkv2 HTTP/1.1\r\n"));
	assert_non_null(strstr(s.got, "\r\nIP: 192.0.2.1\r\n"));
	assert_non_null(strstr(s.got, "\r\nHelo: a??X: b\r\n"));
	assert_non_null(strstr(s.got, "\r\nFrom: a@a.example\r\n"));
	arena_deinit(&a);
}

static unsigned asked(struct score_ask *k, struct arena *a,
                      struct score_look *l)
{
	struct score_facts f = { .now_us = 0 };
	struct score sc = { .points = 0 };

	score_ask_all(k, a, l, &f, &sc);
	return (unsigned)sc.n;
}

/* One failure, then it is left alone, and mail goes on. */
static void who_fails_is_left_alone(void **state)
{
	struct score_look *l = mem_alloc(sizeof(*l));
	struct config_report report;
	struct config *cfg = NULL;
	struct score_ask *k;
	struct server s;
	struct arena a;
	const char *set[3] = { NULL };
	int64_t at;

	(void)state;
	arena_init(&a);
	begin(&s, STR(""), "never", 5);
	set[0] = arena_fmt(&a, "score.clamd=127.0.0.1:%u", s.port).p;
	set[1] = "score.timeout=200ms";
	config_report_init(&report);
	assert_int_equal(config_load(&cfg,
	                             &(struct config_source){ .set = set },
	                             &report),
	                 0);
	config_report_deinit(&report);
	k = score_ask_new(cfg, NULL);
	score_look_make(&a, STR(MESSAGE), l);
	at = clock_real_us();
	assert_int_equal(asked(k, &a, l), 0);
	assert_true(clock_real_us() - at >= 190 * US_PER_MS);
	at = clock_real_us();
	for (int i = 0; i < 10; i++)
		assert_int_equal(asked(k, &a, l), 0);
	assert_true(clock_real_us() - at < 150 * US_PER_MS);
	end(&s);
	score_look_free(l);
	mem_free(l);
	score_ask_free(&k);
	config_free(&cfg);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clamd_answers),
		cmocka_unit_test(clamd_answers_early),
		cmocka_unit_test(clamd_is_not_there),
		cmocka_unit_test(reads_rspamd),
		cmocka_unit_test(rspamd_is_asked),
		cmocka_unit_test(who_fails_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
