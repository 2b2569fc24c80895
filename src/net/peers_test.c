#include "net/peers.h"

#include "base/test.h"

static struct net_addr addr(const char *z)
{
	struct net_addr a;
	struct err err;

	assert_int_equal(net_addr_parse(str_z(z), &a, &err), 0);
	return a;
}

static void counts_clients(void **state)
{
	struct net_peers *p = net_peers_new();
	struct net_addr a = addr("192.0.2.1"), b = addr("192.0.2.2");
	struct net_addr c = addr("2001:db8::1"), d = addr("2001:db8::2");

	(void)state;
	a.port = 1;
	assert_int_equal(net_peers_add(p, &a), 1);
	a.port = 2;
	assert_int_equal(net_peers_add(p, &a), 2);
	assert_int_equal(net_peers_add(p, &b), 1);
	assert_int_equal(net_peers_add(p, &c), 1);
	assert_int_equal(net_peers_add(p, &d), 2);
	assert_int_equal(net_peers_count(p, &a), 2);
	assert_int_equal(net_peers_remove(p, &a), 1);
	assert_int_equal(net_peers_remove(p, &a), 0);
	assert_int_equal(net_peers_remove(p, &a), 0);
	assert_int_equal(net_peers_count(p, &a), 0);
	assert_int_equal(net_peers_count(p, &b), 1);
	net_peers_free(&p);
	assert_null(p);
}

/* The table must shrink as well as grow: fill it, empty it, fill it again. */
static void forgets(void **state)
{
	struct net_peers *p = net_peers_new();
	struct net_addr a = addr("198.18.0.0");

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 5000; i++) {
			a.ip[2] = (uint8_t)(i >> 8);
			a.ip[3] = (uint8_t)i;
			assert_int_equal(net_peers_add(p, &a), 1);
		}
		for (int i = 0; i < 5000; i++) {
			a.ip[2] = (uint8_t)(i >> 8);
			a.ip[3] = (uint8_t)i;
			assert_int_equal(net_peers_remove(p, &a), 0);
		}
	}
	net_peers_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_clients),
		cmocka_unit_test(forgets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
