#include "wire/http/url.h"

#include "base/test.h"

static void reads(void **state)
{
	static const struct {
		const char *in, *want; /* NULL: none */
	} rows[] = {
		{ "http://a.example", "http://a.example/" },
		{ "HTTPS://A.Example/X?y=Z#frag", "https://a.example/X?y=Z" },
		{ "http://a.example:80/", "http://a.example/" },
		{ "https://a.example:8443/", "https://a.example:8443/" },
		{ "http://a.example?x", "http://a.example/?x" },
		{ "http://a.example./x", "http://a.example./x" },
		{ "http://192.0.2.1/x", "http://192.0.2.1/x" },
		{ "http://[2001:DB8::1]:81/x", "http://[2001:db8::1]:81/x" },
		{ "http://[::ffff:127.0.0.1]/", "http://[::ffff:127.0.0.1]/" },
		{ "http://x_1-2.example/%41;a=b,c",
		  "http://x_1-2.example/%41;a=b,c" },
		{ "http://1.example/", "http://1.example/" },
		{ "", NULL },
		{ "http://", NULL },
		{ "http:///x", NULL },
		{ "ftp://a.example/", NULL },
		{ "//a.example/", NULL },
		{ "javascript:alert(1)", NULL },
		{ "http://a@b.example/", NULL },
		{ "http://a:b@b.example/", NULL },
		{ "http://127.1/", NULL },
		{ "http://2130706433/", NULL },
		{ "http://0x7f.0.0.1/", NULL },
		{ "http://0x7f000001/", NULL },
		{ "http://127.0.0.0x1/", NULL },
		{ "http://0177.0.0.1/", NULL },
		{ "http://127.0.0.1./", NULL },
		{ "http://127.0.0.01/", NULL },
		{ "http://a..example/", NULL },
		{ "http://.example/", NULL },
		{ "http://a.example../", NULL },
		{ "http://a.example:0/", NULL },
		{ "http://a.example:/", NULL },
		{ "http://a.example:65536/", NULL },
		{ "http://a.example:8x/", NULL },
		{ "http://[fe80::1%25eth0]/", NULL },
		{ "http://[::1/", NULL },
		{ "http://[a.example]/", NULL },
		{ "http://::1/", NULL },
		{ "http://a.example/ x", NULL },
		{ "http://a.example\\@b/", NULL },
		{ "http://a.example/\r\nX: y", NULL },
		{ "http://\xc3\xa6.example/", NULL },
	};
	struct buf b;

	(void)state;
	buf_init(&b, HTTP_URL_MAX + 10);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct http_url u, again;
		bool ok = http_url_parse(str_z(rows[i].in), &u);

		if (ok != (rows[i].want != NULL))
			fail_msg("\"%s\"", rows[i].in);
		if (!ok)
			continue;
		buf_reset(&b);
		http_url_write(&b, &u);
		assert_string_equal(buf_z(&b), rows[i].want);
		assert_true(http_url_parse(buf_str(&b), &again));
		assert_true(str_eq_case(again.host, u.host));
		assert_int_equal(again.port, u.port);
	}
	buf_deinit(&b);
}

static void has_a_limit(void **state)
{
	struct http_url u;
	struct buf b;

	(void)state;
	buf_init(&b, 2 * HTTP_URL_MAX);
	buf_add_z(&b, "http://a.example/");
	while (b.n < HTTP_URL_MAX)
		buf_add_c(&b, 'x');
	assert_true(http_url_parse(buf_str(&b), &u));
	buf_add_c(&b, 'x');
	assert_false(http_url_parse(buf_str(&b), &u));
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads),
		cmocka_unit_test(has_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
