#include "text/idn.h"

#include "base/test.h"

static void one_form(void **state)
{
	static const struct {
		const char *in, *want; /* NULL: refused */
	} rows[] = {
		{ "Example.COM", "example.com" },
		{ "example.com.", "example.com" },
		{ "b\xc3\xbc"
		  "cher.example",
		  "xn--bcher-kva.example" },
		{ "B\xc3\x9c"
		  "CHER.example",
		  "xn--bcher-kva.example" },
		{ "XN--BCHER-KVA.example", "xn--bcher-kva.example" },
		{ "fa\xc3\x9f.example", "xn--fa-hia.example" },
		{ "r\xc3\xb8"
		  "dgr\xc3\xb8"
		  "d.example",
		  "xn--rdgrd-vuad.example" },
		{ "b\x75\xcc\x88"
		  "cher.example",
		  "xn--bcher-kva.example" },
		{ "\xe6\x97\xa5\xe6\x9c\xac\xe3\x80\x82\x6a\x70",
		  "xn--wgv71a.jp" },
		{ "xn--i-7iq.example", "xn--i-7iq.example" },
		{ "localhost", "localhost" },
		{ "1.2.3.4", "1.2.3.4" },
		{ "", NULL },
		{ ".", NULL },
		{ "a..b", NULL },
		{ "-a.example", NULL },
		{ "a-.example", NULL },
		{ "a_b.example", NULL },
		{ "a b.example", NULL },
		{ "[192.0.2.1]", NULL },
		{ "a\xff.example", NULL },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		  "aaaaaa.example",
		  NULL },
	};
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = ERR_INIT;
		struct str out = STR("untouched");
		int rc = text_domain_normal(&a, str_z(rows[i].in), &out, &err);

		if ((rc == 0) != (rows[i].want != NULL))
			print_error("\"%s\": %s\n", rows[i].in, err.text);
		assert_int_equal(rc, rows[i].want ? 0 : -1);
		assert_str(out, rows[i].want ? rows[i].want : "untouched");
	}
	arena_deinit(&a);
}

static void for_people(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a);
	assert_str(text_domain_display(&a, STR("XN--bcher-kva.example")),
	           "b\xc3\xbc"
	           "cher.example");
	assert_str(text_domain_display(&a, STR("plain.example")),
	           "plain.example");
	assert_str(text_domain_display(&a, STR("xn--zzzzzzzzz99.example")),
	           "xn--zzzzzzzzz99.example");
	assert_str(text_domain_display(&a, STR("not a domain")),
	           "not a domain");
	arena_deinit(&a);
}

static void addresses(void **state)
{
	struct err err = ERR_INIT;
	struct str out;
	struct arena a;

	(void)state;
	arena_init(&a);
	assert_int_equal(text_address_normal(&a,
	                                     STR("J\xc3\x98RGEN@B\xc3\xbc"
	                                         "cher.example"),
	                                     &out, &err),
	                 0);
	assert_str(out, "j\xc3\xb8rgen@xn--bcher-kva.example");
	assert_int_equal(text_address_normal(&a, STR("a@b@X.example"), &out,
	                                     &err),
	                 0);
	assert_str(out, "a@b@x.example");
	assert_int_equal(text_address_normal(&a, STR("@x.example"), &out, &err),
	                 -1);
	assert_int_equal(text_address_normal(&a, STR("a@"), &out, &err), -1);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_form),
		cmocka_unit_test(for_people),
		cmocka_unit_test(addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
