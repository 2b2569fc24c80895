#include "news/bell.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/test.h"
#include "os/clock.h"

static char dir[] = "/tmp/bell-test-XXXXXX";
static char path[64];
static struct news_fds fds;
static struct news *news;

static int set_up(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/news", dir);
	assert_int_equal(news_make(&fds, 1, &err), 0);
	assert_int_equal(news_open(&news, &fds, 0, &err), 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	news_close(&news);
	news_fds_close(&fds);
	(void)unlink(path);
	return rmdir(dir);
}

static void wait_for(int64_t account, uint64_t more_than)
{
	for (int i = 0; i < 2000 && news_number(news, account) <= more_than;
	     i++)
		clock_sleep_us(5 * US_PER_MS);
	assert_true(news_number(news, account) > more_than);
}

static void rings(void **state)
{
	int64_t accounts[200];
	uint64_t last;
	struct err err = ERR_INIT;
	struct bell *b = NULL;
	struct stat st;

	(void)state;
	for (int i = 0; i < 200; i++)
		accounts[i] = i + 1;
	last = news_number(news, 200);
	bell_ring(path, accounts, 200); /* nobody is there */
	for (int times = 0; times < 2; times++) {
		assert_int_equal(bell_listen(&b, path, news, &err), 0);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0660);
		bell_ring(path, accounts, 200);
		wait_for(200, last);
		last = news_number(news, 200);
		bell_close(&b);
		assert_null(b);
		bell_close(&b);
		bell_ring(path, accounts, 200); /* the path is left alone */
		assert_true(news_number(news, 200) == last);
	}
}

static void refuses_a_path_that_is_no_place(void **state)
{
	char longer[200];
	struct err err = ERR_INIT;
	struct bell *b = NULL;

	(void)state;
	memset(longer, 'x', sizeof(longer) - 1);
	longer[0] = '/';
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(bell_listen(&b, longer, news, &err), -1);
	assert_int_equal(bell_listen(&b, dir, news, &err), -1);
	assert_null(b);
	bell_ring(longer, (const int64_t[]){ 1 }, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rings),
		cmocka_unit_test(refuses_a_path_that_is_no_place),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
