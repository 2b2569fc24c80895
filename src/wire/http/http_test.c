#include <string.h>

#include "base/test.h"
#include "wire/http/request.h"
#include "wire/http/response.h"

static const struct http_limits limits = HTTP_LIMITS_INIT;

#define GET  "GET / HTTP/1.1\r\nHost: a.example\r\n"
#define POST "POST /x HTTP/1.1\r\nHost: a.example\r\n"

static void parses_or_refuses(void **state)
{
	static const struct {
		const char *in;
		int status; /* 0: parsed */
	} rows[] = {
		{ GET "\r\n", 0 },
		{ "\r\n" GET "\r\n", 0 },
		{ "GET / HTTP/1.0\r\n\r\n", 0 },
		{ "GET / HTTP/1.1\r\n\r\n", 400 },
		{ GET "Host: b.example\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400 },
		{ "GET http://b.example/x?y HTTP/1.1\r\nHost: a\r\n\r\n", 0 },
		{ "GET http://b.example HTTP/1.1\r\nHost: a\r\n\r\n", 0 },
		{ "GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
		{ "GET http://u@b/x HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
		{ "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 0 },
		{ "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
		{ "CONNECT a.example:25 HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
		{ "GET x HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
		{ "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
		{ "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
		{ "GET /\r\nHost: a\r\n\r\n", 400 },
		{ "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505 },
		{ "GET / HTTP/1.9\r\nHost: a\r\n\r\n", 0 },
		{ "GET / http/1.1\r\nHost: a\r\n\r\n", 400 },
		{ "G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
		{ "GET /\x80 HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
		{ "GET /#x HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\nHost: a\n\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", 400 },
		{ GET " fold: x\r\n\r\n", 400 },
		{ GET "X: y\r\n fold\r\n\r\n", 400 },
		{ GET "X : y\r\n\r\n", 400 },
		{ GET ": y\r\n\r\n", 400 },
		{ GET "no colon\r\n\r\n", 400 },
		{ GET "X: a\x01z\r\n\r\n", 400 },
		{ GET "X: \xc3\xa9\r\n\r\n", 0 },
		{ POST "Content-Length: 5\r\n\r\n", 0 },
		{ POST "Content-Length: 5\r\nContent-Length: 5\r\n\r\n", 400 },
		{ POST "Content-Length: 5, 5\r\n\r\n", 400 },
		{ POST "Content-Length: +5\r\n\r\n", 400 },
		{ POST "Content-Length: 0x5\r\n\r\n", 400 },
		{ POST "Content-Length: \r\n\r\n", 400 },
		{ POST "Content-Length: -1\r\n\r\n", 400 },
		{ POST "Content-Length: 99999999999999999999\r\n\r\n", 400 },
		{ POST "Transfer-Encoding: chunked\r\n\r\n", 0 },
		{ POST "Transfer-Encoding: Chunked\r\n\r\n", 0 },
		{ POST "Transfer-Encoding: gzip, chunked\r\n\r\n", 501 },
		{ POST "Transfer-Encoding: xchunked\r\n\r\n", 501 },
		{ POST "Transfer-Encoding: chunked\r\n"
		       "Transfer-Encoding: chunked\r\n\r\n",
		  400 },
		{ POST
		  "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
		  400 },
		{ "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
		  400 },
		{ POST "Content-Length: 1\r\nExpect: 100-continue\r\n\r\n", 0 },
		{ POST "Expect: something\r\n\r\n", 417 },
		{ " GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
		{ "\r\n\r\n\r\n" GET "\r\n", 400 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str in = str_z(rows[i].in);
		struct http_head h;
		size_t used = 0;
		int status = 0;
		enum http_parse r =
			http_head_parse(in, &limits, &h, &used, &status);

		if (rows[i].status != (r == HTTP_DONE ? 0 : status) ||
		    r == HTTP_MORE)
			fail_msg("row %zu: %s: %d", i, rows[i].in, status);
		if (r == HTTP_DONE)
			assert_int_equal(used, in.n);
	}
}

/* Cut anywhere, a good head is MORE until it is whole, never BAD; and a bad
 * one never becomes good by being cut. */
static void parses_at_every_cut(void **state)
{
	static const char in[] = POST "Content-Length: 10\r\n"
				      "Cookie: a=b\r\nExpect: 100-continue\r\n"
				      "\r\nbody";
	struct str all = { in, sizeof(in) - 1 };

	(void)state;
	for (size_t cut = 0; cut <= all.n; cut++) {
		struct http_head h;
		size_t used;
		int status;
		enum http_parse r = http_head_parse(str_to(all, cut), &limits,
		                                    &h, &used, &status);

		if (cut < all.n - 4) {
			assert_int_equal(r, HTTP_MORE);
			continue;
		}
		assert_int_equal(r, HTTP_DONE);
		assert_int_equal(used, all.n - 4);
		assert_str(h.method, "POST");
		assert_str(h.path, "/x");
		assert_str(h.host, "a.example");
		assert_str(http_head_get(&h, "cookie"), "a=b");
		assert_null(http_head_get(&h, "Nothing").p);
		assert_int_equal(h.body, HTTP_BODY_LENGTH);
		assert_int_equal(h.length, 10);
		assert_true(h.expect_continue);
		assert_true(h.keep_alive);
	}
}

static void reads_targets(void **state)
{
	static const struct {
		const char *target, *path, *query, *host;
	} rows[] = {
		{ "/", "/", "", "h" },
		{ "/a%20b?c=d&e", "/a%20b", "c=d&e", "h" },
		{ "/?", "/", "", "h" },
		{ "/a?b?c", "/a", "b?c", "h" },
		{ "http://other:80", "/", "", "other:80" },
		{ "http://other?q", "/", "q", "other" },
		{ "HTTPS://other/p?q", "/p", "q", "other" },
		{ "//double", "//double", "", "h" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf b;
		struct http_head h;
		size_t used;
		int status;

		buf_init(&b, 1000);
		buf_fmt(&b, "GET %s HTTP/1.1\r\nHost: h\r\n\r\n",
		        rows[i].target);
		assert_int_equal(http_head_parse(buf_str(&b), &limits, &h,
		                                 &used, &status),
		                 HTTP_DONE);
		assert_str(h.path, rows[i].path);
		assert_str(h.query, rows[i].query);
		assert_str(h.host, rows[i].host);
		buf_deinit(&b);
	}
}

static void keeps_alive(void **state)
{
	static const struct {
		const char *in;
		bool keep;
	} rows[] = {
		{ GET "\r\n", true },
		{ GET "Connection: close\r\n\r\n", false },
		{ GET "Connection: x, Close\r\n\r\n", false },
		{ GET "Connection: keep-alive\r\nConnection: close\r\n\r\n",
		  false },
		{ "GET / HTTP/1.0\r\n\r\n", false },
		{ "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct http_head h;
		size_t used;
		int status;

		assert_int_equal(http_head_parse(str_z(rows[i].in), &limits, &h,
		                                 &used, &status),
		                 HTTP_DONE);
		assert_int_equal(h.keep_alive, rows[i].keep);
	}
}

static void has_limits(void **state)
{
	struct http_limits l = { .line_max = 100,
		                 .head_max = 300,
		                 .fields_max = 3 };
	struct http_head h;
	struct buf b;
	size_t used;
	int status;

	(void)state;
	buf_init(&b, 10000);
	buf_add_z(&b, "GET /");
	for (int i = 0; i < 100; i++)
		buf_add_c(&b, 'x');
	assert_int_equal(http_head_parse(buf_str(&b), &l, &h, &used, &status),
	                 HTTP_BAD);
	assert_int_equal(status, 414);
	buf_reset(&b);
	buf_add_z(&b, GET "A: 1\r\nB: 2\r\n\r\n");
	assert_int_equal(http_head_parse(buf_str(&b), &l, &h, &used, &status),
	                 HTTP_DONE);
	buf_reset(&b);
	buf_add_z(&b, GET "A: 1\r\nB: 2\r\nC: 3\r\n\r\n");
	assert_int_equal(http_head_parse(buf_str(&b), &l, &h, &used, &status),
	                 HTTP_BAD);
	assert_int_equal(status, 431);
	buf_reset(&b);
	buf_add_z(&b, GET "A: ");
	for (int i = 0; i < 300; i++)
		buf_add_c(&b, 'x');
	assert_int_equal(http_head_parse(buf_str(&b), &l, &h, &used, &status),
	                 HTTP_BAD);
	assert_int_equal(status, 431);
	buf_add_z(&b, "\r\n\r\n");
	assert_int_equal(http_head_parse(buf_str(&b), &l, &h, &used, &status),
	                 HTTP_BAD);
	assert_int_equal(status, 431);
	buf_deinit(&b);
}

/* ---- chunks ---- */

/* All of it in pieces of `step`; the body to `out`. */
static enum http_parse dechunk(struct str in, size_t step, struct buf *out,
                               struct str *rest)
{
	struct http_chunks c;
	enum http_parse r = HTTP_MORE;

	http_chunks_init(&c);
	buf_reset(out);
	while (in.n > 0 && r == HTTP_MORE) {
		size_t n = in.n < step ? in.n : step;
		struct str now = str_to(in, n), piece;

		do {
			r = http_chunks_next(&c, &now, &piece);
			buf_add(out, piece);
		} while (r == HTTP_MORE && piece.n > 0);
		in = str_from(in, n - now.n);
	}
	*rest = in;
	return r;
}

static void reads_chunks(void **state)
{
	static const struct {
		const char *in;
		const char *body; /* NULL: refused */
		const char *rest;
	} rows[] = {
		{ "5\r\nhello\r\n0\r\n\r\nNEXT", "hello", "NEXT" },
		{ "5\r\nhello\r\n3\r\n\r\n!\r\n0\r\n\r\n", "hello\r\n!", "" },
		{ "A\r\n0123456789\r\n00\r\n\r\n", "0123456789", "" },
		{ "a;x=\"y\"\r\n0123456789\r\n0;z\r\nTrailer: x\r\n\r\nN",
		  "0123456789", "N" },
		{ "0\r\n\r\n", "", "" },
		{ "5\nhello\r\n0\r\n\r\n", NULL, "" },
		{ "5\r\nhello0\r\n\r\n", NULL, "" },
		{ "5\r\nhello\n0\r\n\r\n", NULL, "" },
		{ "\r\nhello\r\n0\r\n\r\n", NULL, "" },
		{ ";x\r\n", NULL, "" },
		{ "-5\r\nhello", NULL, "" },
		{ "+5\r\nhello", NULL, "" },
		{ "0x5\r\nhello", NULL, "" },
		{ " 5\r\nhello", NULL, "" },
		{ "5 \r\nhello", NULL, "" },
		{ "FFFFFFFFFFFFFFFFF\r\n", NULL, "" },
		{ "5;a\nb\r\n", NULL, "" },
		{ "0\r\nTrailer\n\r\n", NULL, "" },
		{ "0\r\nA: b\r\r\n", NULL, "" },
	};
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str in = str_z(rows[i].in), rest;

		for (size_t step = 1; step <= in.n; step++) {
			enum http_parse r = dechunk(in, step, &out, &rest);

			if (r != (rows[i].body ? HTTP_DONE : HTTP_BAD))
				fail_msg("row %zu, step %zu: %d", i, step, r);
			if (r == HTTP_BAD)
				continue;
			assert_str(buf_str(&out), rows[i].body);
			assert_str(rest, rows[i].rest);
		}
	}
	buf_deinit(&out);
}

static void bounds_chunks(void **state)
{
	struct buf in, out;
	struct str rest;

	(void)state;
	buf_init(&in, 100000);
	buf_init(&out, 1000);
	buf_add_z(&in, "5;");
	for (int i = 0; i < 300; i++)
		buf_add_c(&in, 'x');
	assert_int_equal(dechunk(buf_str(&in), 7, &out, &rest), HTTP_BAD);
	buf_reset(&in);
	buf_add_z(&in, "0\r\n");
	for (int i = 0; i < 2000; i++)
		buf_add_z(&in, "A: b\r\n");
	assert_int_equal(dechunk(buf_str(&in), 7, &out, &rest), HTTP_BAD);
	buf_deinit(&in);
	buf_deinit(&out);
}

static void writes_chunks_it_can_read(void **state)
{
	struct buf b, out;
	struct str rest;

	(void)state;
	buf_init(&b, 1000);
	buf_init(&out, 1000);
	http_write_chunk(&b, STR("one "));
	http_write_chunk(&b, STR(""));
	http_write_chunk(&b, STR("and twenty-two bytes"));
	http_write_last_chunk(&b);
	assert_int_equal(dechunk(buf_str(&b), 3, &out, &rest), HTTP_DONE);
	assert_str(buf_str(&out), "one and twenty-two bytes");
	buf_deinit(&b);
	buf_deinit(&out);
}

/* ---- targets and answers ---- */

static void decodes_paths(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
		{ "/a%20b", "/a b" },
		{ "/a+b", "/a+b" },
		{ "/%c3%A6", "/\xc3\xa6" },
		{ "/..", NULL },
		{ "/a/../b", NULL },
		{ "/a/%2e%2e/b", NULL },
		{ "/./a", NULL },
		{ "/...", "/..." },
		{ "/a%2fb", NULL },
		{ "/a%00", NULL },
		{ "/a%", NULL },
		{ "/a%2", NULL },
		{ "/a%zz", NULL },
		{ "/a%5cb", NULL },
		{ "/.well-known/x", "/.well-known/x" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char out[64];
		size_t n;
		bool ok = http_path_decode(str_z(rows[i].in), out, &n);

		if (ok != (rows[i].want != NULL))
			fail_msg("%s", rows[i].in);
		if (ok)
			assert_str(((struct str){ out, n }), rows[i].want);
	}
}

static void reads_queries(void **state)
{
	struct str q = STR("a=1&&b&c=x%3Dy+z&=v"), name, value;
	char out[64];
	size_t n;

	(void)state;
	assert_true(http_query_next(&q, &name, &value));
	assert_str(name, "a");
	assert_str(value, "1");
	assert_true(http_query_next(&q, &name, &value));
	assert_str(name, "b");
	assert_str(value, "");
	assert_true(http_query_next(&q, &name, &value));
	assert_true(http_query_decode(value, out, &n));
	assert_str(((struct str){ out, n }), "x=y z");
	assert_true(http_query_next(&q, &name, &value));
	assert_str(name, "");
	assert_false(http_query_next(&q, &name, &value));
	assert_false(http_query_decode(STR("%4"), out, &n));
}

static void writes_dates(void **state)
{
	static const struct {
		int64_t at;
		const char *want;
	} rows[] = {
		{ 0, "Thu, 01 Jan 1970 00:00:00 GMT" },
		{ 784111777, "Sun, 06 Nov 1994 08:49:37 GMT" },
		{ 951782400, "Tue, 29 Feb 2000 00:00:00 GMT" },
		{ 4107542400, "Mon, 01 Mar 2100 00:00:00 GMT" },
		{ -5, "Thu, 01 Jan 1970 00:00:00 GMT" },
		{ INT64_MAX, "Fri, 31 Dec 9999 23:59:59 GMT" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char out[HTTP_DATE_SIZE];

		http_date(rows[i].at, out);
		assert_string_equal(out, rows[i].want);
	}
}

static void writes_fields_that_stay_one(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	http_write_status(&b, 404);
	http_write_field(&b, STR("Location"),
	                 STR("/a\r\nSet-Cookie: x\0\x7f\t."));
	http_write_length(&b, 12);
	http_write_end(&b);
	assert_str(buf_str(&b), "HTTP/1.1 404 Not Found\r\n"
	                        "Location: /a??Set-Cookie: x??\t.\r\n"
	                        "Content-Length: 12\r\n\r\n");
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_or_refuses),
		cmocka_unit_test(parses_at_every_cut),
		cmocka_unit_test(reads_targets),
		cmocka_unit_test(keeps_alive),
		cmocka_unit_test(has_limits),
		cmocka_unit_test(reads_chunks),
		cmocka_unit_test(bounds_chunks),
		cmocka_unit_test(writes_chunks_it_can_read),
		cmocka_unit_test(decodes_paths),
		cmocka_unit_test(reads_queries),
		cmocka_unit_test(writes_dates),
		cmocka_unit_test(writes_fields_that_stay_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
