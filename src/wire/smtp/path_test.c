#include "wire/smtp/path.h"

#include "base/test.h"

static const struct {
	const char *in;
	bool local_only;
	bool ok;
	const char *local, *domain, *address, *rest;
} rows[] = {
	{ "<a@b.example>", false, true, "a", "b.example", "a@b.example", "" },
	{ "<a@b.example> SIZE=1", false, true, "a", "b.example", "a@b.example",
	  " SIZE=1" },
	{ "<A.b+c-d_e=f@B.Example>", false, true, "A.b+c-d_e=f", "B.Example",
	  "A.b+c-d_e=f@B.Example", "" },
	{ "<\"john doe\"@b.example>", false, true, "john doe", "b.example",
	  "\"john doe\"@b.example", "" },
	{ "<\"plain\"@b.example>", false, true, "plain", "b.example",
	  "plain@b.example", "" },
	{ "<\"a\\\"b\\\\c\"@b.example>", false, true, "a\"b\\c", "b.example",
	  "\"a\\\"b\\\\c\"@b.example", "" },
	{ "<\"a>b@c\"@b.example>", false, true, "a>b@c", "b.example",
	  "\"a>b@c\"@b.example", "" },
	{ "<\"\"@b.example>", false, true, "", "b.example", "\"\"@b.example",
	  "" },
	{ "<@x.example,@y.example:a@b.example>", false, true, "a", "b.example",
	  "a@b.example", "" },
	{ "<@x.example:a@b.example>", false, true, "a", "b.example",
	  "a@b.example", "" },
	{ "<a@[192.0.2.1]>", false, true, "a", "[192.0.2.1]", "a@[192.0.2.1]",
	  "" },
	{ "<a@[IPv6:2001:db8::1]>", false, true, "a", "[IPv6:2001:db8::1]",
	  "a@[IPv6:2001:db8::1]", "" },
	{ "<a@[IPv6:::ffff:192.0.2.1]>", false, true, "a",
	  "[IPv6:::ffff:192.0.2.1]", "a@[IPv6:::ffff:192.0.2.1]", "" },
	{ "<a@[Tag:what.ever]>", false, true, "a", "[Tag:what.ever]",
	  "a@[Tag:what.ever]", "" },
	{ "<j\xc3\xb8rgen@b\xc3\xa6r.example>", false, true, "j\xc3\xb8rgen",
	  "b\xc3\xa6r.example", "j\xc3\xb8rgen@b\xc3\xa6r.example", "" },
	{ "<Postmaster>", true, true, "Postmaster", "", "Postmaster", "" },
	{ "<a@host>", false, true, "a", "host", "a@host", "" },
	{ "<a@under_score.example>", false, true, "a", "under_score.example",
	  "a@under_score.example", "" },

	{ "<Postmaster>", false, false, "", "", "", "" },
	{ "a@b.example", false, false, "", "", "", "" },
	{ "<a@b.example", false, false, "", "", "", "" },
	{ "<a@>", false, false, "", "", "", "" },
	{ "<@b.example>", false, false, "", "", "", "" },
	{ "<a@b..example>", false, false, "", "", "", "" },
	{ "<a@.example>", false, false, "", "", "", "" },
	{ "<a@b.example.>", false, false, "", "", "", "" },
	{ "<a@-b.example>", false, false, "", "", "", "" },
	{ "<a@b-.example>", false, false, "", "", "", "" },
	{ "<.a@b.example>", false, false, "", "", "", "" },
	{ "<a.@b.example>", false, false, "", "", "", "" },
	{ "<a..b@b.example>", false, false, "", "", "", "" },
	{ "<a b@b.example>", false, false, "", "", "", "" },
	{ "<a@b example>", false, false, "", "", "", "" },
	{ "<a@b.example>>", false, true, "a", "b.example", "a@b.example", ">" },
	{ "<<a@b.example>>", false, false, "", "", "", "" },
	{ "<a@b@c.example>", false, false, "", "", "", "" },
	{ "<\"a@b.example>", false, false, "", "", "", "" },
	{ "<\"a\\\"@b.example>", false, false, "", "", "", "" },
	{ "<\"a\nb\"@b.example>", false, false, "", "", "", "" },
	{ "<a@[192.0.2]>", false, false, "", "", "", "" },
	{ "<a@[192.0.2.256]>", false, false, "", "", "", "" },
	{ "<a@[192.0.2.1>", false, false, "", "", "", "" },
	{ "<a@[]>", false, false, "", "", "", "" },
	{ "<a@[IPv6:]>", false, false, "", "", "", "" },
	{ "<a@[IPv6:1:2:3:4:5:6:7]>", false, false, "", "", "", "" },
	{ "<a@[IPv6:1:2:3:4:5:6:7:8:9]>", false, false, "", "", "", "" },
	{ "<a@[IPv6:1::2::3]>", false, false, "", "", "", "" },
	{ "<a@[IPv6:12345::]>", false, false, "", "", "", "" },
	{ "<@x.example a@b.example>", false, false, "", "", "", "" },
	{ "<@x.example,a@b.example>", false, false, "", "", "", "" },
	{ "<j\xc3rgen@b.example>", false, false, "", "", "", "" },
	{ "<a@b\xff.example>", false, false, "", "", "", "" },
	{ "", false, false, "", "", "", "" },
	{ "<", false, false, "", "", "", "" },
};

static void paths(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str rest = str_z(rows[i].in);
		struct smtp_path p;
		struct arena a;
		bool ok;

		arena_init(&a);
		ok = smtp_path_parse(&rest, rows[i].local_only, &a, &p);
		if (ok != rows[i].ok)
			print_error("%s\n", rows[i].in);
		assert_int_equal(ok, rows[i].ok);
		if (ok) {
			assert_false(p.null);
			assert_str(p.local, rows[i].local);
			assert_str(p.domain, rows[i].domain);
			assert_str(p.address, rows[i].address);
			assert_str(rest, rows[i].rest);
		} else {
			assert_ptr_equal(rest.p, rows[i].in);
		}
		arena_deinit(&a);
	}
}

static void the_null_path(void **state)
{
	struct str rest = STR("<> RET=HDRS");
	struct smtp_path p;
	struct arena a;

	(void)state;
	arena_init(&a);
	assert_true(smtp_path_parse(&rest, false, &a, &p));
	assert_true(p.null);
	assert_int_equal(p.address.n, 0);
	assert_str(rest, " RET=HDRS");
	arena_deinit(&a);
}

static void utf8_is_told(void **state)
{
	struct smtp_path p;
	struct arena a;

	(void)state;
	arena_init(&a);
	assert_true(smtp_address_parse(STR("\xc3\xb8@b.example"), &a, &p));
	assert_true(p.utf8);
	assert_true(smtp_address_parse(STR("o@b.example"), &a, &p));
	assert_false(p.utf8);
	assert_false(smtp_address_parse(STR("o@b.example "), &a, &p));
	arena_deinit(&a);
}

/* A local part at the limit is taken, and one byte more is not. */
static void local_limit(void **state)
{
	char text[SMTP_LOCAL_MAX + 32];
	struct smtp_path p;
	struct arena a;
	struct str s = { text, 0 }, rest;
	size_t n;

	(void)state;
	for (n = SMTP_LOCAL_MAX; n <= SMTP_LOCAL_MAX + 1; n++) {
		size_t i;

		text[0] = '<';
		for (i = 1; i <= n; i++)
			text[i] = 'a';
		text[i++] = '@';
		text[i++] = 'b';
		text[i++] = '>';
		s.n = i;
		rest = s;
		arena_init(&a);
		assert_int_equal(smtp_path_parse(&rest, false, &a, &p),
		                 n == SMTP_LOCAL_MAX);
		arena_deinit(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths),
		cmocka_unit_test(the_null_path),
		cmocka_unit_test(utf8_is_told),
		cmocka_unit_test(local_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
