#include "wire/mime/param.h"

#include <string.h>

#include "base/buf.h"
#include "base/test.h"

struct row {
	const char *label, *in, *want; /* value;name=value;name=value */
};

static void check(const struct row *rows, size_t n)
{
	struct arena a;
	struct buf b;

	arena_init(&a);
	buf_init(&b, 4096);
	for (size_t i = 0; i < n; i++) {
		struct mime_params ps;
		struct str value;

		buf_reset(&b);
		assert_true(mime_params_parse(&a, str_z(rows[i].in), NULL,
		                              &value, &ps));
		buf_add(&b, value);
		for (size_t j = 0; j < ps.n; j++)
			buf_fmt(&b, ";%.*s=%.*s", STR_ARG(ps.v[j].name),
			        STR_ARG(ps.v[j].value));
		if (!str_eq(buf_str(&b), str_z(rows[i].want)))
			print_error("row \"%s\"\n", rows[i].label);
		assert_str(buf_str(&b), rows[i].want);
	}
	buf_deinit(&b);
	arena_deinit(&a);
}

static void what_the_rfcs_allow(void **state)
{
	static const struct row rows[] = {
		{ "nothing", "", "" },
		{ "type", " text/plain\r\n", "text/plain" },
		{ "RFC 2045, 5.1", "text/plain; charset=us-ascii (Plain text)",
		  "text/plain;charset=us-ascii" },
		{ "quoted", "text/plain; charset=\"us-ascii\"",
		  "text/plain;charset=us-ascii" },
		{ "comments", "(a)text/plain(b);(c)charset(d)=(e)x(f);g=h",
		  "text/plain;charset=x;g=h" },
		{ "escapes and folds", "a/b; n=\"x\\\"y\\\\\r\n z\"",
		  "a/b;n=x\"y\\ z" },
		{ "RFC 2231, 3",
		  "message/external-body; access-type=URL;\r\n"
		  " URL*0=\"ftp://\";\r\n"
		  " URL*1=\"cs.host.example/pub/moore/bulk-mailer.tar\"",
		  "message/external-body;access-type=URL;"
		  "URL=ftp://cs.host.example/pub/moore/bulk-mailer.tar" },
		{ "RFC 2231, 4",
		  "application/x-stuff;\r\n"
		  " title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A",
		  "application/x-stuff;"
		  "title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A" },
		{ "RFC 2231, 4.1",
		  "application/x-stuff;\r\n"
		  " title*0*=us-ascii'en'This%20is%20even%20more%20;\r\n"
		  " title*1*=%2A%2A%2Afun%2A%2A%2A%20;\r\n"
		  " title*2=\"isn't it!\"",
		  "application/x-stuff;title*=us-ascii'en'This%20is%20even%20"
		  "more%20%2A%2A%2Afun%2A%2A%2A%20isn%27t%20it!" },
	};

	(void)state;
	check(rows, sizeof(rows) / sizeof(rows[0]));
}

static void what_programs_send(void **state)
{
	static const struct row rows[] = {
		{ "blanks about the slash", "text / plain ; a=b",
		  "text/plain;a=b" },
		{ "no semicolon", "text/plain charset=utf-8 format=flowed",
		  "text/plain;charset=utf-8;format=flowed" },
		{ "no semicolon behind quotes", "a/b; x=\"1\" y=\"2\"",
		  "a/b;x=1;y=2" },
		{ "blanks in the value", "a/b; name=my file.pdf; c=d",
		  "a/b;name=my file.pdf;c=d" },
		{ "unquoted words of RFC 2047",
		  "a/b; name==?utf-8?Q?a_b?=\r\n =?utf-8?Q?c?=",
		  "a/b;name==?utf-8?Q?a_b?= =?utf-8?Q?c?=" },
		{ "quote never closed", "a/b; name=\"x.pdf; c=d",
		  "a/b;name=x.pdf;c=d" },
		{ "twice", "a/b; x=1; X=2", "a/b;x=1" },
		{ "commas", "a/b, x=1, y=2", "a/b,;x=1;y=2" },
		{ "empty ones", "a/b;;; x=1;", "a/b;x=1" },
		{ "no value", "a/b; x; y=; z=1", "a/b;y=;z=1" },
		{ "only parameters", "charset=utf-8", ";charset=utf-8" },
		{ "pieces out of order", "a/b; n*1=b; n*0=a; n*2=c",
		  "a/b;n=abc" },
		{ "both forms", "a/b; f=x.pdf; f*=utf-8''y.pdf",
		  "a/b;f=x.pdf;f*=utf-8''y.pdf" },
		{ "backslashes", "a/b; name=C:\\x y\\z.pdf",
		  "a/b;name=C:\\x y\\z.pdf" },
		{ "quoted whole", "\"attachment\"; filename=x",
		  "attachment;filename=x" },
	};

	(void)state;
	check(rows, sizeof(rows) / sizeof(rows[0]));
}

static void finds_and_decodes(void **state)
{
	struct str value, charset, language;
	struct mime_params ps;
	struct arena a;

	(void)state;
	arena_init(&a);
	assert_true(mime_params_parse(
		&a,
		STR("x; f=plain; f*=utf-8'da'%c3%a6%2; c*=us-ascii''b; d*=%41"),
		NULL, &value, &ps));
	assert_str(mime_param_bytes(&a, mime_params_find(&ps, STR("F")),
	                            &charset, &language),
	           "\xc3\xa6%2");
	assert_str(charset, "utf-8");
	assert_str(language, "da");
	assert_str(mime_param_bytes(&a, mime_params_find(&ps, STR("d")),
	                            &charset, &language),
	           "A");
	assert_int_equal(charset.n, 0);
	assert_str(mime_params_value(&ps, STR("c")), "b");
	assert_null(mime_params_find(&ps, STR("zz")));
	arena_deinit(&a);
}

static void floods_are_bounded(void **state)
{
	static const char *const units[] = {
		"a=b;", "a*0=b;", "(", "\"", "=", ";", "x ", "a*1*=%41;"
	};
	static const struct mime_param_limits limits = { 8, 256, 60000 };
	char *in = test_malloc(60000);

	(void)state;
	for (size_t u = 0; u < sizeof(units) / sizeof(units[0]); u++) {
		size_t len = strlen(units[u]);
		struct mime_params ps;
		struct arena a;
		struct str value;

		arena_init(&a);
		for (size_t i = 0; i < 60000; i++)
			in[i] = units[u][i % len];
		(void)mime_params_parse(&a, (struct str){ in, 60000 }, &limits,
		                        &value, &ps);
		assert_true(ps.n <= 8);
		assert_true(a.total < 2000000);
		arena_deinit(&a);
	}
	test_free(in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_rfcs_allow),
		cmocka_unit_test(what_programs_send),
		cmocka_unit_test(finds_and_decodes),
		cmocka_unit_test(floods_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
