#include "fetch/fetch.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/test.h"
#include "os/clock.h"

/* A server that reads one request, keeps it, and answers with `answer`; with
 * NULL it says nothing until the client goes. */
struct server {
	int fd;
	unsigned port;
	const char *answer;
	char got[4096];
	size_t got_n;
	pthread_t thread;
};

static void *serve(void *arg)
{
	struct server *s = arg;
	int c = accept(s->fd, NULL, NULL);
	struct pollfd p = { .fd = c, .events = POLLIN };
	ssize_t n;

	if (c < 0)
		return NULL;
	while (s->got_n < sizeof(s->got) - 1 && poll(&p, 1, 3000) > 0) {
		n = read(c, s->got + s->got_n, sizeof(s->got) - 1 - s->got_n);
		if (n <= 0)
			break;
		s->got_n += (size_t)n;
		s->got[s->got_n] = '\0';
		if (s->answer && strstr(s->got, "\r\n\r\n") &&
		    (!strstr(s->got, "POST") || strstr(s->got, "END")))
			break;
	}
	if (s->answer)
		assert_true(write(c, s->answer, strlen(s->answer)) > 0);
	(void)close(c);
	return NULL;
}

static void begin(struct server *s, const char *answer)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t n = sizeof(a);

	memset(s, 0, sizeof(*s));
	s->answer = answer;
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(s->fd >= 0);
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

static struct fetch_request request(struct arena *a, const struct server *s)
{
	static const struct str here[] = { STR_INIT("127.0.0.1") };

	return (struct fetch_request){
		.url = arena_fmt(a, "http://name.example:%u/x?y=1", s->port),
		.addresses = here,
		.addresses_n = 1,
		.timeout_us = 5 * US_PER_SEC,
		.size_max = 100,
	};
}

static void reads_answers(void **state)
{
	static const struct {
		const char *answer;
		unsigned status;
		const char *body;
		enum err_kind kind;
	} rows[] = {
		{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200,
		  "hello", ERR_NONE },
		{ "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", 404,
		  "", ERR_NONE },
		/* where it points to is not asked */
		{ "HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\n"
		  "Content-Length: 0\r\n\r\n",
		  302, "", ERR_NONE },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		  "3\r\nabc\r\n0\r\n\r\n",
		  200, "abc", ERR_NONE },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		  0, NULL, ERR_TOO_BIG },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\ncut", 0, NULL,
		  ERR_TEMP },
		{ "no HTTP at all\r\n\r\n", 0, NULL, ERR_TEMP },
	};
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fetch_request q;
		struct fetch_answer ans;
		struct err err = ERR_INIT;
		struct server s;
		int rc;

		begin(&s, rows[i].answer);
		q = request(&a, &s);
		rc = fetch(&q, &a, &ans, &err);
		end(&s);
		assert_int_equal(rc, rows[i].kind == ERR_NONE ? 0 : -1);
		assert_int_equal(err.kind, rows[i].kind);
		if (rc < 0)
			continue;
		assert_int_equal(ans.status, rows[i].status);
		assert_str(ans.body, rows[i].body);
		assert_non_null(strstr(s.got, "GET /x?y=1 HTTP/1.1\r\n"));
		assert_non_null(strstr(s.got, "Host: name.example:"));
	}
	arena_deinit(&a);
}

static void posts(void **state)
{
	static const struct str headers[] = { STR_INIT("IP: 192.0.2.1") };
	static const struct str two[] = { STR_INIT("A: b\r\nC: d") };
	struct fetch_request q;
	struct fetch_answer ans;
	struct err err = ERR_INIT;
	struct server s;
	struct arena a;

	(void)state;
	arena_init(&a);
	begin(&s, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	          "Content-Length: 2\r\n\r\n{}");
	q = request(&a, &s);
	q.post = true;
	q.body = STR("some bytes END");
	q.headers = headers;
	q.headers_n = 1;
	assert_int_equal(fetch(&q, &a, &ans, &err), 0);
	end(&s);
	assert_str(ans.type, "application/json");
	assert_non_null(strstr(s.got, "POST /x?y=1 HTTP/1.1\r\n"));
	assert_non_null(strstr(s.got, "\r\nIP: 192.0.2.1\r\n"));
	assert_non_null(strstr(s.got, "\r\n\r\nsome bytes END"));
	q.headers = two;
	assert_int_equal(fetch(&q, &a, &ans, &err), -1);
	assert_int_equal(err.kind, ERR_INVALID);
	arena_deinit(&a);
}

static void ends_in_time(void **state)
{
	struct fetch_request q;
	struct fetch_answer ans;
	struct err err = ERR_INIT;
	struct server s;
	struct arena a;
	int64_t at = clock_real_us();

	(void)state;
	arena_init(&a);
	begin(&s, NULL);
	q = request(&a, &s);
	q.timeout_us = 100 * US_PER_MS;
	assert_int_equal(fetch(&q, &a, &ans, &err), -1);
	assert_int_equal(err.kind, ERR_TIMEOUT);
	assert_true(clock_real_us() - at < 2 * US_PER_SEC);
	end(&s);
	/* nobody listens there any more */
	q.timeout_us = US_PER_SEC;
	assert_int_equal(fetch(&q, &a, &ans, &err), -1);
	assert_int_equal(err.kind, ERR_TEMP);
	arena_deinit(&a);
}

static bool none(void *arg, const struct sockaddr_storage *to)
{
	unsigned *asked = arg;

	assert_int_equal(to->ss_family, AF_INET);
	(*asked)++;
	return false;
}

/* By name or by number: it is the address that is asked about. */
static void asks_before_it_connects(void **state)
{
	struct fetch_request q;
	struct fetch_answer ans;
	struct err err = ERR_INIT;
	struct server s;
	struct arena a;
	unsigned asked = 0;

	(void)state;
	arena_init(&a);
	begin(&s, "HTTP/1.1 302 Found\r\nLocation: /y\r\n"
	          "Content-Length: 0\r\n\r\n");
	q = request(&a, &s);
	q.may_connect = none;
	q.may_connect_arg = &asked;
	assert_int_equal(fetch(&q, &a, &ans, &err), -1);
	assert_int_equal(err.kind, ERR_DENIED);
	q.url = arena_fmt(&a, "http://127.0.0.1:%u/", s.port);
	q.addresses_n = 0;
	assert_int_equal(fetch(&q, &a, &ans, &err), -1);
	assert_int_equal(err.kind, ERR_DENIED);
	assert_int_equal(asked, 2);
	q.may_connect = NULL;
	assert_int_equal(fetch(&q, &a, &ans, &err), 0);
	end(&s);
	assert_int_equal(ans.status, 302);
	assert_str(ans.location,
	           arena_fmt(&a, "http://127.0.0.1:%u/y", s.port).p);
	arena_deinit(&a);
}

static void refuses_other_urls(void **state)
{
	static const char *const urls[] = {
		"",        "file:///etc/passwd", "ftp://127.0.0.1/x",
		"http://", "http://a b/",        "x\r\ny"
	};
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		struct fetch_request q = { .url = str_z(urls[i]),
			                   .timeout_us = US_PER_SEC,
			                   .size_max = 10 };
		struct fetch_answer ans;
		struct err err = ERR_INIT;

		assert_int_equal(fetch(&q, &a, &ans, &err), -1);
		assert_int_equal(err.kind, ERR_INVALID);
	}
	arena_deinit(&a);
}

static void fields_of_the_answer(void **state)
{
	static const char *const wanted[] = { "Replay-Nonce", "Location",
		                              "X-None" };
	struct err err = ERR_INIT;
	struct fetch_request q;
	struct fetch_answer ans;
	struct server s;
	struct arena a;

	(void)state;
	arena_init(&a);
	begin(&s, "HTTP/1.1 201 Created\r\nreplay-nonce: abc_1\r\n"
	          "Location:  http://x.example/acct/1 \r\n"
	          "Content-Length: 2\r\n\r\nok");
	q = request(&a, &s);
	q.wanted = wanted;
	q.wanted_n = 3;
	assert_int_equal(fetch(&q, &a, &ans, &err), 0);
	end(&s);
	assert_str(ans.found[0], "abc_1");
	assert_str(ans.found[1], "http://x.example/acct/1");
	assert_int_equal(ans.found[2].n, 0);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_of_the_answer),
		cmocka_unit_test(reads_answers),
		cmocka_unit_test(posts),
		cmocka_unit_test(ends_in_time),
		cmocka_unit_test(asks_before_it_connects),
		cmocka_unit_test(refuses_other_urls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
