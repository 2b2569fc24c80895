#include "store/upload.h"

#include "os/clock.h"
#include "store/testing.h"

static struct store *s;
static const struct store_account other = { .id = 8, .shard = 1 };

static void keeps_and_gives(void **state)
{
	char id[UPLOAD_ID_MAX], again[UPLOAD_ID_MAX];
	struct upload *u;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(upload_put(s, test_account, STR("some bytes"), id,
	                            &err),
	                 0);
	assert_int_equal(upload_put(s, test_account, STR("some bytes"), again,
	                            &err),
	                 0);
	assert_string_equal(id, again);
	assert_int_equal(upload_open(&u, s, test_account, str_z(id), &err), 0);
	assert_true(str_eq(upload_bytes(u), STR("some bytes")));
	upload_close(&u);
	upload_close(&u);
	assert_int_equal(upload_put(s, test_account, STR(""), again, &err), 0);
	assert_int_equal(upload_open(&u, s, test_account, str_z(again), &err),
	                 0);
	assert_int_equal(upload_bytes(u).n, 0);
	upload_close(&u);
	/* Another account has it not. */
	assert_int_equal(upload_open(&u, s, other, str_z(id), &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	id[3] = '/';
	assert_int_equal(upload_open(&u, s, test_account, str_z(id), &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_int_equal(upload_open(&u, s, test_account, STR("Uab"), &err),
	                 -1);
}

static void goes_after_a_day(void **state)
{
	char id[UPLOAD_ID_MAX];
	struct upload *u;
	struct err err = ERR_INIT;
	int64_t now = clock_wall_us();

	(void)state;
	assert_int_equal(upload_put(s, test_account, STR("for a day"), id,
	                            &err),
	                 0);
	assert_int_equal(upload_sweep(s, now + UPLOAD_KEEP_US / 2, &err), 0);
	assert_int_equal(upload_open(&u, s, test_account, str_z(id), &err), 0);
	upload_close(&u);
	assert_int_equal(upload_sweep(s, now + UPLOAD_KEEP_US + US_PER_MIN,
	                              &err),
	                 0);
	assert_int_equal(upload_open(&u, s, test_account, str_z(id), &err), -1);
	assert_int_equal(upload_put(s, test_account, STR("for a day"), id,
	                            &err),
	                 0);
	upload_remove_all(s, test_account);
	assert_int_equal(upload_open(&u, s, test_account, str_z(id), &err), -1);
}

static void has_an_end(void **state)
{
	char id[UPLOAD_ID_MAX], p[32];
	struct err err = ERR_INIT;
	int rc = 0;

	(void)state;
	for (int i = 0; rc == 0 && i <= UPLOAD_FILES_MAX; i++) {
		(void)snprintf(p, sizeof(p), "file %d", i);
		rc = upload_put(s, other, str_z(p), id, &err);
		assert_int_equal(rc, i < UPLOAD_FILES_MAX ? 0 : -1);
	}
	assert_int_equal(err.kind, ERR_OVER_QUOTA);
}

static int set_up(void **state)
{
	int rc = test_set_up(state);

	s = test_open();
	return rc || !s ? -1 : 0;
}

static int tear_down(void **state)
{
	store_close(&s);
	return test_tear_down(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_and_gives),
		cmocka_unit_test(goes_after_a_day),
		cmocka_unit_test(has_an_end),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
