#include "greylist/greylist.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/test.h"

#define SEC INT64_C(1000000)
#define MIN (60 * SEC)

static char dir[64];
static struct greylist *g;
static int64_t now;

static struct greylist_answer ask(const char *sender, const char *ip,
                                  const char *spf, const char *rcpt)
{
	struct str address = str_z(sender);
	size_t at = str_rchr(address, '@');
	struct greylist_ask q = { .recipient = str_z(rcpt),
		                  .now_us = now,
		                  .wait_us = 5 * MIN };
	struct greylist_answer a;
	struct err err = ERR_INIT;

	if (at != STR_NPOS) {
		q.sender.local = str_to(address, at);
		q.sender.domain = str_from(address, at + 1);
	}
	q.sender.spf = str_z(spf);
	assert_int_equal(net_addr_parse(str_z(ip), &q.sender.client, &err), 0);
	assert_int_equal(greylist_ask(g, &q, &a, &err), 0);
	return a;
}

static enum greylist_result result(const char *sender, const char *ip,
                                   const char *spf)
{
	return ask(sender, ip, spf, "bo@customer.example").result;
}

static int open_new(void **state)
{
	struct err err = ERR_INIT;
	char command[100];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -f %s/greylist.db*", dir);
	assert_int_equal(system(command), 0);
	now = 1000000 * MIN;
	return greylist_open(&g, dir, &err);
}

static int close_it(void **state)
{
	(void)state;
	greylist_close(&g);
	return 0;
}

static void comes_back(void **state)
{
	struct greylist_answer a;
	struct err err = ERR_INIT;

	(void)state;
	a = ask("a@far.example", "192.0.2.1", "", "bo@customer.example");
	assert_int_equal(a.result, GREYLIST_WAITS);
	assert_true(a.left_us == 5 * MIN);
	/* Within: the clock is not started anew. */
	now += 4 * MIN + 59 * SEC;
	a = ask("a@far.example", "192.0.2.1", "", "bo@customer.example");
	assert_int_equal(a.result, GREYLIST_WAITS);
	assert_true(a.left_us == SEC);
	now += SEC;
	/* Whoever it writes to, and over a restart. */
	greylist_close(&g);
	assert_int_equal(greylist_open(&g, dir, &err), 0);
	a = ask("a@far.example", "192.0.2.1", "", "anna@other.example");
	assert_int_equal(a.result, GREYLIST_PASSED);
	now += 400 * 24 * 60 * MIN;
	assert_int_equal(result("a@far.example", "192.0.2.1", ""),
	                 GREYLIST_KNOWN);
}

static void forgotten(void **state)
{
	(void)state;
	assert_int_equal(result("a@far.example", "192.0.2.1", ""),
	                 GREYLIST_WAITS);
	now += GREYLIST_FORGET_US;
	assert_int_equal(result("a@far.example", "192.0.2.1", ""),
	                 GREYLIST_WAITS);
	now += GREYLIST_FORGET_US - SEC;
	assert_int_equal(result("a@far.example", "192.0.2.1", ""),
	                 GREYLIST_PASSED);
}

static void pools(void **state)
{
	char ip[30];

	(void)state;
	/* With SPF eight networks are one sender. */
	for (int i = 0; i < 8; i++) {
		(void)snprintf(ip, sizeof(ip), "198.51.%d.7", 100 + i);
		assert_int_equal(result("b-1=x@far.example", ip, "far.example"),
		                 GREYLIST_WAITS);
	}
	now += 5 * MIN;
	assert_int_equal(result("b-2=y@far.example", "198.51.100.9",
	                        "far.example"),
	                 GREYLIST_PASSED);
	for (int i = 0; i < 8; i++) {
		(void)snprintf(ip, sizeof(ip), "198.51.%d.7", 100 + i);
		assert_int_equal(result("b-3=z@far.example", ip, "far.example"),
		                 GREYLIST_KNOWN);
	}
	/* Without, each network is one, and a forger elsewhere another. */
	assert_int_equal(result("c@far.example", "198.51.100.1", ""),
	                 GREYLIST_WAITS);
	now += 5 * MIN;
	assert_int_equal(result("c@far.example", "198.51.100.200", ""),
	                 GREYLIST_PASSED);
	assert_int_equal(result("c@far.example", "198.51.101.1", ""),
	                 GREYLIST_WAITS);
	assert_int_equal(result("", "203.0.113.1", ""), GREYLIST_WAITS);
	now += 5 * MIN;
	assert_int_equal(result("", "203.0.113.2", ""), GREYLIST_PASSED);
}

static void written_to(void **state)
{
	struct str to[2] = { STR_INIT("Carl@Far.example"),
		             STR_INIT("d@far.example") };
	struct err err = ERR_INIT;
	bool known;

	(void)state;
	assert_int_equal(greylist_wrote(g, to, 2, now, &err), 0);
	assert_int_equal(greylist_wrote(g, to, 2, now, &err), 0);
	assert_int_equal(result("carl@far.example", "192.0.2.1", ""),
	                 GREYLIST_KNOWN);
	assert_int_equal(greylist_was_written(g, STR("e@far.example"), &known,
	                                      &err),
	                 0);
	assert_false(known);
}

static bool count(void *arg, const struct greylist_item *i)
{
	unsigned *n = arg;

	assert_true(str_eq(i->sender, STR("a@far.example")));
	assert_true(str_eq(i->vouched, STR("192.0.2.0")));
	(*n)++;
	return true;
}

static unsigned waiting(const char *scope)
{
	struct err err = ERR_INIT;
	unsigned n = 0;

	assert_int_equal(greylist_waiting(g, str_z(scope), now, count, &n,
	                                  &err),
	                 0);
	return n;
}

static void people(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	(void)ask("a@far.example", "192.0.2.1", "", "bo@customer.example");
	(void)ask("a@far.example", "192.0.2.1", "", "cy@customer.example");
	(void)ask("a@far.example", "192.0.2.1", "", "bo@xcustomer.example");
	assert_int_equal(waiting(""), 3);
	assert_int_equal(waiting("customer.example"), 2);
	assert_int_equal(waiting("bo@customer.example"), 1);
	assert_int_equal(waiting("no@customer.example"), 0);
	assert_int_equal(greylist_set(g, STR("far.example"), STR(""),
	                              GREYLIST_BLOCK, now, &err),
	                 0);
	assert_int_equal(result("a@far.example", "192.0.2.1", ""),
	                 GREYLIST_BLOCKED);
	/* For one address it is said otherwise. */
	assert_int_equal(greylist_set(g, STR("A@far.example"),
	                              STR("bo@customer.example"),
	                              GREYLIST_ALLOW, now, &err),
	                 0);
	assert_int_equal(result("a@far.example", "192.0.2.1", ""),
	                 GREYLIST_LET_IN);
	assert_int_equal(greylist_set(g, STR("far.example"), STR(""),
	                              GREYLIST_NEITHER, now, &err),
	                 0);
	assert_int_equal(greylist_set(g, STR("far.example"), STR(""),
	                              GREYLIST_NEITHER, now, &err),
	                 -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	now += GREYLIST_FORGET_US;
	assert_int_equal(greylist_tidy(g, now, &err), 0);
	assert_int_equal(waiting(""), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(comes_back, open_new, close_it),
		cmocka_unit_test_setup_teardown(forgotten, open_new, close_it),
		cmocka_unit_test_setup_teardown(pools, open_new, close_it),
		cmocka_unit_test_setup_teardown(written_to, open_new, close_it),
		cmocka_unit_test_setup_teardown(people, open_new, close_it),
	};
	char command[100];
	int rc;

	(void)snprintf(dir, sizeof(dir), "/tmp/posthus-grey-XXXXXX");
	if (!mkdtemp(dir))
		return 1;
	rc = cmocka_run_group_tests_name("greylist", tests, NULL, NULL);
	(void)snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command) == 0 ? rc : 1;
}
