#include "migrate/book.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/test.h"

static char dir[] = "/tmp/migrate-book-XXXXXX";

static void rows_are_kept(void **state)
{
	const struct book_row two[] = { { 7, 70 }, { 3, 30 } };
	struct book_row *v;
	uint64_t *all;
	struct book *b, *other;
	struct err err = ERR_INIT;
	size_t n;

	(void)state;
	assert_int_equal(book_open(&b, dir, 5, STR("a mail.example"), &err), 0);
	assert_int_equal(book_open(&other, dir, 5, STR("b x.example"), &err),
	                 -1);
	assert_int_equal(err.kind, ERR_EXISTS);
	assert_int_equal(book_add(b, STR("INBOX"), 1, two, 2, &err), 0);
	assert_int_equal(book_add(b, STR("INBOX"), 1, two, 1, &err), 0);
	assert_int_equal(book_add(b, STR("Sent"), 1, two, 1, &err), 0);
	book_close(&b);
	assert_int_equal(book_open(&b, dir, 5, STR("a mail.example"), &err), 0);
	assert_int_equal(book_read(b, STR("INBOX"), 1, &v, &n, &err), 0);
	assert_int_equal(n, 2);
	assert_int_equal(v[0].uid, 3);
	assert_int_equal(v[1].digest, 70);
	mem_free(v);
	/* Another UIDVALIDITY: other messages. */
	assert_int_equal(book_read(b, STR("INBOX"), 2, &v, &n, &err), 0);
	assert_int_equal(n, 0);
	mem_free(v);
	assert_int_equal(book_digests(b, &all, &n, &err), 0);
	assert_int_equal(n, 3);
	assert_true(book_has(all, n, 70) && !book_has(all, n, 71));
	mem_free(all);
	book_close(&b);
	/* Another server: another book. */
	assert_int_equal(book_open(&b, dir, 5, STR("b x.example"), &err), 0);
	assert_int_equal(book_read(b, STR("INBOX"), 1, &v, &n, &err), 0);
	assert_int_equal(n, 0);
	mem_free(v);
	book_close(&b);
}

static void sets_count_each_once(void **state)
{
	uint64_t a[] = { 1, 2, 2, 3, 5 };
	const uint64_t b[] = { 2, 3, 3, 4 };

	(void)state;
	assert_int_equal(book_matches(a, 5, b, 4), 2);
	assert_int_equal(book_matches(a, 0, b, 4), 0);
	assert_int_equal(book_without(a, 5, b, 4), 3);
	assert_int_equal(a[0], 1);
	assert_int_equal(a[1], 2);
	assert_int_equal(a[2], 5);
	assert_true(book_digest(STR("1@x"), 0, 10) ==
	            book_digest(STR("1@x"), 9, 10));
	assert_true(book_digest(STR("1@x"), 0, 10) !=
	            book_digest(STR("1@x"), 0, 11));
	assert_true(book_digest(STR(""), 1, 10) != book_digest(STR(""), 2, 10));
}

static int setup(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	char cmd[200];

	(void)state;
	(void)snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
	return system(cmd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_kept),
		cmocka_unit_test(sets_count_each_once),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
