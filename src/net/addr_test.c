#include "net/addr.h"

#include "base/test.h"

static struct net_addr addr(const char *z)
{
	struct net_addr a;
	struct err err;

	if (net_addr_parse(str_z(z), &a, &err) < 0)
		fail_msg("%s: %s", z, err.text);
	return a;
}

static void parses_and_writes(void **state)
{
	static const struct {
		const char *in;
		const char *want; /* NULL: refused */
	} rows[] = {
		{ "192.0.2.1", "192.0.2.1" },
		{ "::ffff:192.0.2.1", "192.0.2.1" },
		{ "::FFFF:c000:0201", "192.0.2.1" },
		{ "2001:DB8::0:1", "2001:db8::1" },
		{ "::1", "::1" },
		{ "::", "::" },
		{ "1111:2222:3333:4444:5555:6666:7777:8888",
		  "1111:2222:3333:4444:5555:6666:7777:8888" },
		{ "192.0.2.256", NULL },
		{ "192.0.2", NULL },
		{ "0x7f.1", NULL },
		{ "127.1", NULL },
		{ "192.0.2.01", NULL },
		{ " 192.0.2.1", NULL },
		{ "192.0.2.1 ", NULL },
		{ "fe80::1%lo", NULL },
		{ "example.com", NULL },
		{ "", NULL },
		{ "1:2:3:4:5:6:7:8:9:10:11:12:13:14:15:16:17:18:19", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[NET_ADDR_TEXT_MAX];
		struct net_addr a;
		struct err err;
		int rc = net_addr_parse(str_z(rows[i].in), &a, &err);

		if (!rows[i].want) {
			assert_int_equal(rc, -1);
			assert_int_equal(err.kind, ERR_INVALID);
			continue;
		}
		assert_int_equal(rc, 0);
		assert_string_equal(net_addr_text(&a, text), rows[i].want);
	}
}

static void refuses_a_nul_inside(void **state)
{
	struct str s = { "127.0.0.1\0x", 11 };
	struct net_addr a;
	struct err err;

	(void)state;
	assert_int_equal(net_addr_parse(s, &a, &err), -1);
}

static void parses_ports(void **state)
{
	static const struct {
		const char *in;
		uint16_t def;
		const char *want;
	} rows[] = {
		{ "192.0.2.1:25", 0, "192.0.2.1:25" },
		{ "192.0.2.1", 53, "192.0.2.1:53" },
		{ "192.0.2.1", 0, NULL },
		{ "[2001:db8::1]:993", 0, "[2001:db8::1]:993" },
		{ "[2001:db8::1]", 53, "[2001:db8::1]:53" },
		{ "2001:db8::1", 53, "[2001:db8::1]:53" },
		{ "2001:db8::1:53", 0, NULL },
		{ "192.0.2.1:", 0, NULL },
		{ "192.0.2.1:65536", 0, NULL },
		{ "192.0.2.1:00080", 0, "192.0.2.1:80" },
		{ "192.0.2.1:+80", 0, NULL },
		{ "[2001:db8::1", 53, NULL },
		{ "[2001:db8::1]53", 53, NULL },
		{ "[]:53", 0, NULL },
		{ ":53", 0, NULL },
		{ "", 53, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[NET_ADDR_TEXT_MAX];
		struct net_addr a;
		struct err err;
		int rc = net_addr_parse_port(str_z(rows[i].in), rows[i].def, &a,
		                             &err);

		if (!rows[i].want) {
			assert_int_equal(rc, -1);
			continue;
		}
		assert_int_equal(rc, 0);
		assert_string_equal(net_addr_port_text(&a, text), rows[i].want);
	}
}

static void counts_as_one_client(void **state)
{
	struct net_addr a = addr("192.0.2.77"), b = addr("192.0.2.78");
	struct net_addr c = addr("2001:db8:1:2:3:4:5:6");
	struct net_addr d = addr("2001:db8:1:2:ffff::1");
	struct net_addr e = addr("2001:db8:1:3::1");
	struct net_addr x, y;

	(void)state;
	a.port = 1000;
	x = net_addr_client(&a);
	assert_int_equal(x.port, 0);
	y = net_addr_client(&b);
	assert_false(net_addr_eq(&x, &y));
	x = net_addr_network(&a);
	y = net_addr_network(&b);
	assert_true(net_addr_eq(&x, &y));
	x = net_addr_client(&c);
	y = net_addr_client(&d);
	assert_true(net_addr_eq(&x, &y));
	y = net_addr_client(&e);
	assert_false(net_addr_eq(&x, &y));
	y = net_addr_network(&d);
	assert_true(net_addr_eq(&x, &y));
}

static void knows_what_is_private(void **state)
{
	static const struct {
		const char *in;
		bool want;
	} rows[] = {
		{ "8.8.8.8", false },
		{ "127.0.0.1", true },
		{ "10.1.2.3", true },
		{ "172.15.0.1", false },
		{ "172.16.0.1", true },
		{ "172.31.255.255", true },
		{ "172.32.0.1", false },
		{ "192.168.1.1", true },
		{ "169.254.169.254", true },
		{ "100.64.0.1", true },
		{ "100.128.0.1", false },
		{ "0.0.0.0", true },
		{ "224.0.0.1", true },
		{ "255.255.255.255", true },
		{ "::1", true },
		{ "::", true },
		{ "fe80::1", true },
		{ "fc00::1", true },
		{ "fd12::1", true },
		{ "ff02::1", true },
		{ "::ffff:10.0.0.1", true },
		{ "::ffff:8.8.8.8", false },
		{ "64:ff9b::a00:1", true },
		{ "2002:a00:1::", true },
		{ "2606:4700::1111", false },
		{ "::10.0.0.1", true },
		{ "2001:db8::1", true },
		{ "2001:0:1::", true },
		{ "2001:4860:4860::8888", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct net_addr a = addr(rows[i].in);

		if (net_addr_is_private(&a) != rows[i].want)
			fail_msg("%s", rows[i].in);
	}
}

static void matches_prefixes(void **state)
{
	static const struct {
		const char *prefix, *in;
		int want; /* -1: the prefix is refused */
	} rows[] = {
		{ "192.0.2.0/24", "192.0.2.255", 1 },
		{ "192.0.2.99/24", "192.0.2.255", 1 },
		{ "192.0.2.0/24", "192.0.3.0", 0 },
		{ "192.0.2.1", "192.0.2.1", 1 },
		{ "192.0.2.1", "192.0.2.2", 0 },
		{ "192.0.2.128/25", "192.0.2.127", 0 },
		{ "192.0.2.128/25", "192.0.2.128", 1 },
		{ "0.0.0.0/0", "203.0.113.9", 1 },
		{ "0.0.0.0/0", "2001:db8::1", 0 },
		{ "::/0", "2001:db8::1", 1 },
		{ "::/0", "192.0.2.1", 0 },
		{ "2001:db8::/33", "2001:db8:7fff::", 1 },
		{ "2001:db8::/33", "2001:db8:8000::", 0 },
		{ "::ffff:192.0.2.0/120", "192.0.2.7", 1 },
		{ "::ffff:192.0.2.0/120", "192.0.3.7", 0 },
		{ "::ffff:192.0.2.0/64", "", -1 },
		{ "192.0.2.0/33", "", -1 },
		{ "2001:db8::/129", "", -1 },
		{ "192.0.2.0/", "", -1 },
		{ "192.0.2.0/-1", "", -1 },
		{ "/24", "", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct net_prefix p;
		struct net_addr a;
		struct err err;
		int rc = net_prefix_parse(str_z(rows[i].prefix), &p, &err);

		assert_int_equal(rc, rows[i].want < 0 ? -1 : 0);
		if (rc < 0)
			continue;
		a = addr(rows[i].in);
		if (net_prefix_has(&p, &a) != (rows[i].want == 1))
			fail_msg("%s in %s", rows[i].in, rows[i].prefix);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_and_writes),
		cmocka_unit_test(refuses_a_nul_inside),
		cmocka_unit_test(parses_ports),
		cmocka_unit_test(counts_as_one_client),
		cmocka_unit_test(knows_what_is_private),
		cmocka_unit_test(matches_prefixes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
