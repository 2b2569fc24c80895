#include "base/ip.h"

#include "base/test.h"

static void reads_ipv4(void **state)
{
	static const struct {
		const char *in;
		bool ok;
	} rows[] = {
		{ "192.0.2.1", true },  { "255.255.255.255", true },
		{ "0.0.0.0", true },    { "256.0.0.1", false },
		{ "1.2.3", false },     { "1.2.3.4.", false },
		{ "1.2.3.4.5", false }, { "1..2.3", false },
		{ "01.2.3.4", false },  { "", false },
	};

	uint8_t ip[4];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (ip4_parse(str_z(rows[i].in), ip) != rows[i].ok)
			fail_msg("%s", rows[i].in);
}

static void reads_ipv6(void **state)
{
	static const struct {
		const char *in;
		bool ok;
	} rows[] = {
		{ "2001:db8::1", true },
		{ "::", true },
		{ "::1", true },
		{ "1::", true },
		{ "1:2:3:4:5:6:7:8", true },
		{ "1:2:3:4:5:6:192.0.2.1", true },
		{ "::ffff:192.0.2.1", true },
		{ "1:2:3:4:5:6:7:8:9", false },
		{ "1::2::3", false },
		{ "1:2:3:4:5:6:7::8", false },
		{ ":1::", false },
		{ "1:", false },
		{ "12345::", false },
		{ "g::", false },
		{ "192.0.2.1", false },
		{ "1:192.0.2.1::", false },
		{ ":::", false },
		{ "", false },
	};

	static const uint8_t want[16] = { 0x20, 1, 0x0d, 0xb8, [15] = 1 };
	uint8_t ip[16];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (ip6_parse(str_z(rows[i].in), ip) != rows[i].ok)
			fail_msg("%s", rows[i].in);
	assert_true(ip6_parse(STR("2001:db8::1"), ip));
	assert_memory_equal(ip, want, 16);
}

static void compares_prefixes(void **state)
{
	static const uint8_t a[4] = { 192, 0, 2, 129 },
			     b[4] = { 192, 0, 2, 131 },
			     c[4] = { 192, 0, 2, 132 };

	(void)state;
	assert_true(ip_prefix_eq(a, a, 32));
	assert_true(ip_prefix_eq(a, b, 30));
	assert_false(ip_prefix_eq(a, c, 30));
	assert_true(ip_prefix_eq(a, c, 0));
}

static void writes_backwards(void **state)
{
	char out[IP_BACKWARDS_MAX];

	(void)state;
	assert_true(ip_backwards(STR("192.0.2.1"), out));
	assert_string_equal(out, "1.2.0.192");
	assert_true(ip_backwards(STR("2001:db8::1"), out));
	assert_string_equal(out, "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0."
	                         "0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2");
	assert_false(ip_backwards(STR("mx.example.com"), out));
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(reads_ipv4),
		cmocka_unit_test(reads_ipv6),
		cmocka_unit_test(compares_prefixes),
		cmocka_unit_test(writes_backwards),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
