#include "daemon/fds.h"

#include "base/test.h"

static void round_trip(void **state)
{
	struct fds f, got;
	struct err err = ERR_INIT;
	struct buf text, again;

	(void)state;
	fds_init(&f);
	f.config = 4;
	f.gate[1] = 7;
	f.news.memory = 9;
	f.news.wake[11] = 20;
	f.listeners[f.n_listeners++] = (struct fds_listener){ 30, 2 };
	f.listeners[f.n_listeners++] = (struct fds_listener){ 31, 2 };
	buf_init(&text, 4096);
	buf_init(&again, 4096);
	fds_write(&f, &text);
	assert_str(buf_str(&text), "config=4 gate=7 news=9 news11=20 "
	                           "listen=30:2 listen=31:2 ");
	assert_int_equal(fds_parse(buf_str(&text), &got, &err), 0);
	assert_int_equal(got.config, 4);
	assert_int_equal(got.board, -1);
	assert_int_equal(got.gate[0], -1);
	assert_int_equal(got.n_listeners, 2);
	assert_int_equal(got.listeners[1].fd, 31);
	assert_int_equal(got.listeners[1].port, 2);
	fds_write(&got, &again);
	assert_true(str_eq(buf_str(&text), buf_str(&again)));
	buf_deinit(&text);
	buf_deinit(&again);
}

static void malformed(void **state)
{
	static const char *const rows[] = {
		"config",     "config=",
		"config=x",   "config=-1",
		"nothing=4",  "listen=4",
		"listen=:4",  "listen=4:",
		"listen=a:4", "config=99999999999",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = ERR_INIT;
		struct fds f;

		if (fds_parse(str_z(rows[i]), &f, &err) == 0)
			fail_msg("%s", rows[i]);
		assert_int_equal(err.kind, ERR_INVALID);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(malformed),
	};

	return cmocka_run_group_tests_name("daemon-fds", tests, NULL, NULL);
}
