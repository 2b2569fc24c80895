#include "transfer/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/test.h"
#include "os/file.h"

static char path[] = "/tmp/transfer-state-XXXXXX";

static int fresh(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	if (fd < 0)
		return -1;
	(void)close(fd);
	(void)unlink(path);
	return 0;
}

static int gone(void **state)
{
	(void)state;
	(void)unlink(path);
	(void)snprintf(path + sizeof(path) - 7, 7, "XXXXXX");
	return 0;
}

static struct transfer_state *opened(void)
{
	struct transfer_state *st;
	struct err err = ERR_INIT;

	if (transfer_state_open(&st, path, &err) < 0)
		fail_msg("%s", err.text);
	return st;
}

static void noted(struct transfer_state *st, const char *a, const char *b)
{
	struct str names[2] = { str_z(a), str_z(b) };
	struct err err = ERR_INIT;

	assert_int_equal(transfer_state_batch(st, names, 2, &err), 0);
}

static void the_last_batch_is_pending(void **state)
{
	struct transfer_state *st = opened();
	char key[64];

	(void)state;
	assert_int_equal(transfer_state_item(st, STR("a")), TRANSFER_NEW);
	noted(st, "a", "b b");
	noted(st, "c", "d");
	(void)snprintf(key, sizeof(key), "%.*s",
	               STR_ARG(transfer_state_key(st)));
	transfer_state_close(&st);
	st = opened();
	assert_int_equal(transfer_state_pending(st), 2);
	assert_str(transfer_state_key(st), key);
	assert_int_equal(transfer_state_item(st, STR("a")), TRANSFER_DONE);
	assert_int_equal(transfer_state_item(st, STR("b b")), TRANSFER_DONE);
	assert_int_equal(transfer_state_item(st, STR("d")), TRANSFER_PENDING);
	assert_int_equal(transfer_state_item(st, STR("e")), TRANSFER_NEW);
	transfer_state_settled(st);
	assert_int_equal(transfer_state_pending(st), 0);
	assert_int_equal(transfer_state_item(st, STR("d")), TRANSFER_DONE);
	noted(st, "e", "f");
	assert_false(str_eq(transfer_state_key(st), str_z(key)));
	transfer_state_close(&st);
	st = opened();
	assert_int_equal(transfer_state_item(st, STR("d")), TRANSFER_DONE);
	assert_int_equal(transfer_state_item(st, STR("e")), TRANSFER_PENDING);
	transfer_state_close(&st);
}

/* However much of the file reached the disk, what it says is done was in a
 * batch before the last. */
static void a_cut_file_reads(void **state)
{
	struct transfer_state *st = opened();
	struct err err = ERR_INIT;
	char *all;
	size_t n;

	(void)state;
	noted(st, "one", "two");
	noted(st, "three", "four");
	transfer_state_close(&st);
	assert_int_equal(file_read_all(path, 10000, &all, &n, &err), 0);
	for (size_t cut = 0; cut <= n; cut++) {
		assert_int_equal(truncate(path, (off_t)n), 0);
		assert_int_equal(file_replace(path, (struct str){ all, cut },
		                              0600, &err),
		                 0);
		if (transfer_state_open(&st, path, &err) < 0) {
			/* Only inside the first line. */
			assert_true(cut < 34);
			continue;
		}
		assert_int_not_equal(transfer_state_item(st, STR("four")),
		                     TRANSFER_DONE);
		noted(st, "five", "six");
		transfer_state_close(&st);
		st = opened();
		assert_int_equal(transfer_state_item(st, STR("five")),
		                 TRANSFER_PENDING);
		transfer_state_close(&st);
	}
	free(all);
}

static void a_refused_batch_is_forgotten(void **state)
{
	struct transfer_state *st = opened();
	struct err err = ERR_INIT;

	(void)state;
	noted(st, "x/a", "x/b");
	noted(st, "x/c", "x/d");
	assert_int_equal(transfer_state_again(st, &err), 0);
	noted(st, "x/d", "x/d");
	transfer_state_close(&st);
	st = opened();
	assert_int_equal(transfer_state_item(st, STR("x/b")), TRANSFER_DONE);
	assert_int_equal(transfer_state_item(st, STR("x/c")), TRANSFER_NEW);
	assert_int_equal(transfer_state_item(st, STR("x/d")), TRANSFER_PENDING);
	transfer_state_close(&st);
}

static void other_files_are_refused(void **state)
{
	struct transfer_state *st;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(file_replace(path, STR("hello\n"), 0600, &err), 0);
	assert_int_equal(transfer_state_open(&st, path, &err), -1);
	assert_int_equal(err.kind, ERR_INVALID);
}

static void without_a_file(void **state)
{
	struct transfer_state *st;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(transfer_state_open(&st, NULL, &err), 0);
	noted(st, "a", "b");
	assert_str(transfer_state_key(st), "");
	assert_int_equal(transfer_state_finish(st, &err), 0);
	transfer_state_close(&st);
}

static void finishing_removes_it(void **state)
{
	struct transfer_state *st = opened();
	struct err err = ERR_INIT;

	(void)state;
	noted(st, "a", "b");
	assert_int_equal(transfer_state_finish(st, &err), 0);
	transfer_state_close(&st);
	assert_int_equal(access(path, F_OK), -1);
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test_setup_teardown(the_last_batch_is_pending,
		                                fresh, gone),
		cmocka_unit_test_setup_teardown(a_cut_file_reads, fresh, gone),
		cmocka_unit_test_setup_teardown(a_refused_batch_is_forgotten,
		                                fresh, gone),
		cmocka_unit_test_setup_teardown(other_files_are_refused, fresh,
		                                gone),
		cmocka_unit_test(without_a_file),
		cmocka_unit_test_setup_teardown(finishing_removes_it, fresh,
		                                gone),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
