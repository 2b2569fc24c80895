#include "wire/spf/record.h"

#include "base/ip.h"
#include "base/test.h"

static void accepts_and_refuses(void **state)
{
	static const struct {
		const char *in;
		bool ok;
		size_t terms;
	} rows[] = {
		{ "v=spf1", true, 0 },
		{ "v=spf1 ", true, 0 },
		{ "V=SPF1 -ALL", true, 1 },
		{ "v=spf10 -all", false, 0 },
		{ "v=spf1 a mx ptr a:x.example/24//64 -all", true, 5 },
		{ "v=spf1 a/33", false, 0 },
		{ "v=spf1 a//129", false, 0 },
		{ "v=spf1 a/08", false, 0 },
		{ "v=spf1 ip4:1.2.3.4/32 ip6:2001:db8::/32", true, 2 },
		{ "v=spf1 ip4:1.2.3", false, 0 },
		{ "v=spf1 ip4:1.2.3.04", false, 0 },
		{ "v=spf1 ip6:1.2.3.4", false, 0 },
		{ "v=spf1 ip4", false, 0 },
		{ "v=spf1 all:x.example", false, 0 },
		{ "v=spf1 include", false, 0 },
		{ "v=spf1 include:", false, 0 },
		{ "v=spf1 exists:%{i}._x.%{d}", true, 1 },
		{ "v=spf1 exists:%{i/}.x.example", true, 1 },
		{ "v=spf1 redirect=a.example redirect=b.example", false, 0 },
		{ "v=spf1 exp=a.example -all", true, 1 },
		{ "v=spf1 unknown=what%{d} -all", true, 1 },
		{ "v=spf1 unknown=%", false, 0 },
		{ "v=spf1 -unknown", false, 0 },
		{ "v=spf1 --all", false, 0 },
		{ "v=spf1 ?all -", false, 0 },
		{ "v=spf1 a:example", false, 0 },
		{ "v=spf1 a:111.222.33.44", false, 0 },
	};
	struct spf_record r;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct err err = ERR_INIT;
		int rc = spf_record_parse(str_z(rows[i].in), &r, &err);

		if ((rc == 0) != rows[i].ok)
			fail_msg("%s: %s", rows[i].in, err.text);
		if (rc == 0)
			assert_int_equal(r.n_terms, rows[i].terms);
	}
}

static void reads_prefixes(void **state)
{
	struct err err = ERR_INIT;
	struct spf_record r;

	(void)state;
	assert_int_equal(
		spf_record_parse(STR("v=spf1 ~a:x.example/24//64 mx//48"), &r,
	                         &err),
		0);
	assert_int_equal(r.terms[0].qualifier, SPF_QUAL_SOFTFAIL);
	assert_str(r.terms[0].domain, "x.example");
	assert_int_equal(r.terms[0].bits4, 24);
	assert_int_equal(r.terms[0].bits6, 64);
	assert_int_equal(r.terms[1].bits4, 32);
	assert_int_equal(r.terms[1].bits6, 48);
}

static void reads_addresses(void **state)
{
	static const uint8_t want[16] = { 0x20, 1, 0x0d, 0xb8, [15] = 1 };
	uint8_t ip[16];

	(void)state;
	assert_true(ip6_parse(STR("2001:db8::1"), ip));
	assert_memory_equal(ip, want, 16);
	assert_true(ip6_parse(STR("::"), ip));
	assert_true(ip6_parse(STR("::ffff:192.0.2.1"), ip));
	assert_int_equal(ip[12], 192);
	assert_true(ip6_parse(STR("1:2:3:4:5:6:7:8"), ip));
	assert_false(ip6_parse(STR("1:2:3:4:5:6:7:8:9"), ip));
	assert_false(ip6_parse(STR("1::2::3"), ip));
	assert_false(ip6_parse(STR("1:2:3:4:5:6:7::8"), ip));
	assert_false(ip6_parse(STR(":1::"), ip));
	assert_false(ip6_parse(STR("12345::"), ip));
	assert_false(ip6_parse(STR(""), ip));
	assert_false(ip4_parse(STR("1.2.3.4."), ip));
	assert_true(ip_prefix_eq(want, want, 128));
	assert_true(ip_prefix_eq((const uint8_t *)"\xc0\x00\x02\x81",
	                         (const uint8_t *)"\xc0\x00\x02\x83", 30));
	assert_false(ip_prefix_eq((const uint8_t *)"\xc0\x00\x02\x81",
	                          (const uint8_t *)"\xc0\x00\x02\x84", 30));
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(accepts_and_refuses),
		cmocka_unit_test(reads_prefixes),
		cmocka_unit_test(reads_addresses),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
