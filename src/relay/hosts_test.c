#include "relay/hosts.h"

#include <string.h>

#include "base/test.h"

static uint64_t seed;

static uint64_t next_random(void)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return seed >> 33;
}

#define N(z)                        \
	{                           \
		.name = STR_INIT(z) \
	}

static void order_and_loop_guard(void **state)
{
	static const struct str own[] = { STR_INIT("mx.here.example"),
		                          STR_INIT("") };

	static const struct {
		const char *label;

		struct {
			const char *name;
			uint16_t preference;
		} in[5];

		const char *want; /* "|": in any order */
		size_t left;
	} rows[] = {
		{ "by preference",
		  { { "c", 30 }, { "a", 10 }, { "b", 20 } },
		  "a b c",
		  3 },
		{ "ourselves last: the better ones are left",
		  { { "MX.here.example", 30 }, { "a", 10 }, { "b", 20 } },
		  "a b",
		  2 },
		{ "equals of ours go too",
		  { { "mx.here.example", 20 }, { "a", 10 }, { "b", 20 } },
		  "a",
		  1 },
		{ "ourselves first: nobody is left",
		  { { "mx.here.example", 10 }, { "a", 20 } },
		  "",
		  0 },
		{ "one", { { "a", 0 } }, "a", 1 },
		{ "none", { { NULL, 0 } }, "", 0 },
	};
	struct relay_host h[5];
	size_t i, j, n;
	unsigned round;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (round = 0; round < 50; round++) {
			struct str want = str_z(rows[i].want), name;

			memset(h, 0, sizeof(h));
			for (n = 0; n < 5 && rows[i].in[n].name; n++) {
				h[n].name = str_z(rows[i].in[n].name);
				h[n].preference = rows[i].in[n].preference;
			}
			n = relay_hosts_order(h, n, own, 2, next_random);
			assert_int_equal(n, rows[i].left);
			for (j = 0; j < n; j++) {
				assert_true(str_cut(&want, ' ', &name));
				assert_true(str_eq(h[j].name, name));
			}
		}
}

/* RFC 5321, 5.1: load is spread over equals. */
static void equals_come_in_any_order(void **state)
{
	unsigned first[3] = { 0 }, round;

	(void)state;
	for (round = 0; round < 3000; round++) {
		struct relay_host h[3] = { N("a"), N("b"), N("c") };

		assert_int_equal(relay_hosts_order(h, 3, NULL, 0, next_random),
		                 3);
		first[h[0].name.p[0] - 'a']++;
	}
	assert_true(first[0] > 800 && first[1] > 800 && first[2] > 800);
}

static void literals(void **state)
{
	static const struct {
		const char *in;
		enum net_family want;
	} rows[] = {
		{ "[192.0.2.1]", NET_IPV4 }, { "[ipv6:2001:db8::1]", NET_IPV6 },
		{ "[tag:x]", NET_NONE },     { "[]", NET_NONE },
		{ "[", NET_NONE },           { "?", NET_NONE },
	};
	struct relay_asker ask = { .dns = NULL };
	struct relay_outcome why;
	struct relay_hosts out;
	struct arena a;
	size_t i;

	(void)state;
	arena_init(&a);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool ok = relay_hosts_find(&out, &ask, str_z(rows[i].in), &a,
		                           &why);

		assert_int_equal(ok, rows[i].want != NET_NONE);
		if (ok)
			assert_int_equal(out.v[0].literal.family, rows[i].want);
		else
			assert_int_equal(why.kind, RELAY_PERM);
	}
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_and_loop_guard),
		cmocka_unit_test(equals_come_in_any_order),
		cmocka_unit_test(literals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
