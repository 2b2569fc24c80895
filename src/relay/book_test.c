#include "relay/book.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/test.h"
#include "relay/tally.h"

static char dir[64];

static int make_dir(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof(dir), "/tmp/relay-test-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int flag,
                      struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static int remove_dir(void **state)
{
	(void)state;
	return nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static struct relay_book *open_book(void)
{
	struct relay_book *b = NULL;
	struct err err = ERR_INIT;

	assert_int_equal(relay_book_open(&b, dir, &err), 0);
	return b;
}

static void policies_are_kept(void **state)
{
	struct relay_book *b = open_book();
	struct relay_book_policy p = {
		.id = STR("20261124"),
		.file = STR("version: STSv1\r\n"),
		.fetched_us = 100,
		.tried_us = 100,
		.why = STR(""),
	};
	struct relay_book_policy got;
	struct err err = ERR_INIT;
	struct arena a;

	(void)state;
	arena_init(&a);
	assert_int_equal(relay_book_policy_get(b, STR("x.example"), &a, &got,
	                                       &err),
	                 0);
	assert_int_equal(relay_book_policy_put(b, STR("x.example"), &p, &err),
	                 0);
	p.tried_us = 200;
	p.why = STR("no answer in time");
	assert_int_equal(relay_book_policy_put(b, STR("x.example"), &p, &err),
	                 0);
	relay_book_close(&b);

	b = open_book();
	assert_int_equal(relay_book_policy_get(b, STR("x.example"), &a, &got,
	                                       &err),
	                 1);
	assert_str(got.id, "20261124");
	assert_str(got.file, "version: STSv1\r\n");
	assert_int_equal(got.fetched_us, 100);
	assert_int_equal(got.tried_us, 200);
	assert_str(got.why, "no answer in time");
	assert_int_equal(relay_book_policy_tidy(b, 200, &err), 0);
	assert_int_equal(relay_book_policy_get(b, STR("x.example"), &a, &got,
	                                       &err),
	                 1);
	assert_int_equal(relay_book_policy_tidy(b, 201, &err), 0);
	assert_int_equal(relay_book_policy_get(b, STR("x.example"), &a, &got,
	                                       &err),
	                 0);
	relay_book_close(&b);
	arena_deinit(&a);
}

static struct relay_note note(int64_t day, const char *domain,
                              const char *result, const char *host)
{
	return (struct relay_note){
		.day = day,
		.domain = str_z(domain),
		.kind = RELAY_POLICY_STS,
		.policy = STR("version: STSv1\nmode: enforce"),
		.hosts = STR("mx1.x.example"),
		.result = str_z(result),
		.host = str_z(host),
		.n = 1,
	};
}

static void notes_count_up_by_day(void **state)
{
	struct relay_book *b = open_book();
	struct relay_tally *t = relay_tally_new(b);
	struct relay_note ok = note(10, "x.example", "", ""),
			  bad = note(10, "x.example", "certificate-expired",
	                             "mx1.x.example"),
			  other = note(9, "y.example", "", ""), *got;
	struct err err = ERR_INIT;
	struct arena a;
	size_t n = 0;

	(void)state;
	arena_init(&a);
	for (int i = 0; i < 3; i++)
		relay_tally_add(t, &ok);
	relay_tally_add(t, &bad);
	assert_int_equal(relay_tally_write(t, &err), 0);
	relay_tally_add(t, &ok);
	relay_tally_add(t, &bad);
	relay_tally_add(t, &other);
	relay_tally_free(&t); /* writes them */
	relay_book_close(&b);

	b = open_book();
	assert_int_equal(relay_book_next(b, 9, NULL, &a, &got, &n, &err), 0);
	assert_int_equal(relay_book_next(b, 11, NULL, &a, &got, &n, &err), 1);
	assert_int_equal(n, 1);
	assert_int_equal(got[0].day, 9);
	assert_str(got[0].domain, "y.example");
	assert_int_equal(relay_book_next(b, 11, &got[0], &a, &got, &n, &err),
	                 1);
	assert_str(got[0].domain, "x.example");
	assert_int_equal(relay_book_next(b, 11, &got[0], &a, &got, &n, &err),
	                 0);
	assert_int_equal(relay_book_forget(b, 9, STR("y.example"), &err), 0);
	assert_int_equal(relay_book_next(b, 11, NULL, &a, &got, &n, &err), 1);
	assert_int_equal(n, 2);
	assert_str(got[0].domain, "x.example");
	assert_str(got[0].result, "");
	assert_int_equal(got[0].n, 4);
	assert_int_equal(got[0].kind, RELAY_POLICY_STS);
	assert_str(got[0].policy, "version: STSv1\nmode: enforce");
	assert_str(got[1].result, "certificate-expired");
	assert_str(got[1].host, "mx1.x.example");
	assert_int_equal(got[1].n, 2);
	assert_int_equal(relay_book_forget(b, 10, STR("x.example"), &err), 0);
	assert_int_equal(relay_book_next(b, 11, NULL, &a, &got, &n, &err), 0);
	relay_book_close(&b);
	arena_deinit(&a);
}

static void more_than_memory_holds(void **state)
{
	struct relay_book *b = open_book();
	struct relay_tally *t = relay_tally_new(b);
	struct relay_note *got;
	struct err err = ERR_INIT;
	struct arena a;
	size_t n = 0;

	(void)state;
	arena_init(&a);
	for (int i = 0; i < 1200; i++) {
		char host[40];
		struct relay_note one;

		(void)snprintf(host, sizeof(host), "mx%d.x.example", i);
		one = note(10, "x.example", "starttls-not-supported", host);
		relay_tally_add(t, &one);
	}
	relay_tally_free(&t);
	assert_int_equal(relay_book_next(b, 11, NULL, &a, &got, &n, &err), 1);
	assert_int_equal(n, 1000); /* a report's end */
	relay_book_close(&b);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(policies_are_kept, make_dir,
		                                remove_dir),
		cmocka_unit_test_setup_teardown(notes_count_up_by_day, make_dir,
		                                remove_dir),
		cmocka_unit_test_setup_teardown(more_than_memory_holds,
		                                make_dir, remove_dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
