#include "wire/dns/rdata.h"

#include <string.h>

#include "base/test.h"

static void names(void **state)
{
	static const struct {
		struct str in;
		const char *want; /* NULL: refused */
		size_t rest;
	} rows[] = {
		{ STR_INIT("\3www\7example\3com\0"), "www.example.com", 0 },
		{ STR_INIT("\0x"), "", 1 },
		{ STR_INIT("\3a.b\1\\\0"), "a\\.b.\\\\", 0 },
		{ STR_INIT("\2a\xff\0"), "a\\255", 0 },
		{ STR_INIT("\3ab"), NULL, 0 },
		{ STR_INIT("\3abc"), NULL, 0 },
		{ STR_INIT("\xc0\x0c"), NULL, 0 },
		{ STR_INIT(""), NULL, 0 },
	};
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct str in = rows[i].in, out;
		bool ok = dns_name_read(&in, &a, &out);

		assert_int_equal(ok, rows[i].want != NULL);
		if (!ok)
			continue;
		assert_str(out, rows[i].want);
		assert_int_equal(in.n, rows[i].rest);
	}
	arena_deinit(&a);
}

static void long_names_are_refused(void **state)
{
	char wire[300];
	struct str in = { wire, sizeof(wire) }, out;
	struct arena a;

	(void)state;
	for (size_t i = 0; i < sizeof(wire); i += 2)
		memcpy(wire + i, "\1a", 2);
	arena_init(&a);
	assert_false(dns_name_read(&in, &a, &out));
	arena_deinit(&a);
}

static void records(void **state)
{
	struct dns_tlsa tlsa;
	struct dns_mx mx;
	struct str txt;
	struct arena a;

	(void)state;
	arena_init(&a);
	assert_true(dns_mx_read(STR("\0\12\2mx\1x\0"), &a, &mx));
	assert_int_equal(mx.preference, 10);
	assert_str(mx.name, "mx.x");
	assert_true(dns_mx_read(STR("\0\0\0"), &a, &mx));
	assert_int_equal(mx.name.n, 0);
	assert_false(dns_mx_read(STR("\0\0\0x"), &a, &mx));
	assert_true(dns_txt_read(STR("\2ab\0\1c"), &a, &txt));
	assert_str(txt, "abc");
	assert_false(dns_txt_read(STR("\3ab"), &a, &txt));
	assert_true(dns_tlsa_read(STR("\3\1\1abc"), &tlsa));
	assert_int_equal(tlsa.usage, 3);
	assert_str(tlsa.data, "abc");
	assert_false(dns_tlsa_read(STR("\3\1\1"), &tlsa));
	arena_deinit(&a);
}

static void what_can_be_asked(void **state)
{
	(void)state;
	assert_true(dns_name_valid(STR("a.example")));
	assert_true(dns_name_valid(STR("a.example.")));
	assert_false(dns_name_valid(STR("")));
	assert_false(dns_name_valid(STR(".")));
	assert_false(dns_name_valid(STR("a..example")));
	assert_false(dns_name_valid(STR(".a")));
	assert_false(dns_name_valid(
		STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	            "aaaaaa.example")));
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(long_names_are_refused),
		cmocka_unit_test(records),
		cmocka_unit_test(what_can_be_asked),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
