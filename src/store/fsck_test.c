#include "store/fsck.h"

#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "db/db.h"
#include "os/clock.h"
#include "os/file.h"
#include "store/expunge.h"
#include "store/fetch.h"
#include "store/flags.h"
#include "store/purged.h"
#include "store/quota.h"
#include "store/testing.h"
#include "store/view.h"

#define STRAY_ENTRY                                                      \
	"INSERT INTO metadata (account, mailbox, name, changed, value) " \
	"VALUES (3, 99, '/private/comment', 1, x'41')"

static const struct store_account acc = { 3, 1, STORE_QUOTA_NONE };
static char clock_file[300];

static void show(void *arg, int64_t account, const char *text, bool mended)
{
	(void)account;
	(void)mended;
	(void)snprintf(arg, 400, "%s", text);
}

static struct fsck_result check(bool mend, char *last)
{
	char text[400] = "";
	struct fsck_options o = { .mend = mend,
		                  .bodies = true,
		                  .finding = show,
		                  .arg = last ? last : text };
	struct fsck_result r;
	struct err err = ERR_INIT;

	if (fsck_run(test_dir, 0, &o, &r, &err) < 0)
		fail_msg("fsck: %s", err.text);
	return r;
}

static void sql(const char *text)
{
	struct db_options o = { .path = NULL };
	struct err err = ERR_INIT;
	struct db *db;
	char path[300];

	(void)snprintf(path, sizeof(path), "%s/shard-0001.db", test_dir);
	o.path = path;
	assert_int_equal(db_open(&db, &o, &err), 0);
	if (db_exec(db, text, &err) < 0)
		fail_msg("%s: %s", text, err.text);
	db_close(&db);
}

static void fill(struct store *s)
{
	struct uid_range r = { 3, 4 };
	struct uidset two = { .p = &r, .n = 1 };
	struct err err = ERR_INIT;
	struct buf b;

	for (int i = 0; i < 8; i++)
		assert_true(test_append(s, acc, 1, TEST_MAIL,
		                        i % 2 ? FLAG_SEEN : 0, &err) > 0);
	buf_init(&b, 200000);
	while (b.n < 100000)
		buf_fmt(&b, "X-Line: %zu\r\n", b.n);
	assert_true(test_append(s, acc, 1, buf_str(&b), 0, &err) > 0);
	buf_deinit(&b);
	assert_int_equal(expunge_uids(s, acc, 1, &two, NULL, NULL, &err), 0);
}

static void what_is_broken_is_mended(void **state)
{
	static const char *const breaks[] = {
		"UPDATE mailbox SET total = total + 1 WHERE no = 1",
		"UPDATE mailbox SET unseen = 0 WHERE no = 1",
		"UPDATE mailbox SET uidnext = 2 WHERE no = 1",
		"DELETE FROM run",
		"UPDATE mailbox SET tail_count = tail_count + 1 WHERE no = 1",
		"UPDATE account SET bytes = 0",
		"UPDATE account SET purged_bytes = 0",
		"UPDATE email SET places = 5 WHERE no = 2",
		"DELETE FROM message WHERE uid = 2",
		"UPDATE body SET refs = 7",
		"UPDATE body SET dead = 1 WHERE refs > 0",
		"DELETE FROM email WHERE no = 1",
		STRAY_ENTRY,
	};
	struct store *s = test_open();

	(void)state;
	fill(s);
	store_close(&s);
	assert_int_equal(check(false, NULL).findings, 0);
	for (size_t i = 0; i < sizeof(breaks) / sizeof(breaks[0]); i++) {
		char last[400] = "";

		sql(breaks[i]);
		if (check(false, last).findings == 0)
			fail_msg("not found: %s", breaks[i]);
		(void)check(true, NULL);
		if (check(false, last).findings != 0)
			fail_msg("not mended: %s: %s", breaks[i], last);
	}
}

static void lost_bytes_are_found(void **state)
{
	char cmd[400], last[400] = "";
	struct store *s;
	struct err err = ERR_INIT;
	struct body *b;

	(void)state;
	(void)snprintf(cmd, sizeof(cmd),
	               "for f in %s/blobs/0001/*/*; do echo x >> $f; done",
	               test_dir);
	assert_int_equal(system(cmd), 0);
	assert_int_equal(check(false, last).findings, 1);
	assert_non_null(strstr(last, "bytes, not"));
	s = test_open();
	assert_int_equal(body_open(&b, s, acc, 1, 9, &err), -1);
	assert_int_equal(err.kind, ERR_CORRUPT);
	store_close(&s);
	(void)snprintf(cmd, sizeof(cmd), "rm %s/blobs/0001/*/*", test_dir);
	assert_int_equal(system(cmd), 0);
	(void)check(false, last);
	assert_non_null(strstr(last, "missing"));
	sql("UPDATE body_data SET data = (SELECT data FROM body_data"
	    " ORDER BY id DESC LIMIT 1) WHERE id = (SELECT min(id)"
	    " FROM body_data)");
}

static void a_damaged_file_is_refused(void **state)
{
	struct store_options o = { .dir = "/nonexistent" };
	struct store *s;
	struct err err = ERR_INIT;
	char cmd[700];

	(void)state;
	(void)snprintf(cmd, sizeof(cmd),
	               "mkdir %s/bad && head -c 100000 /dev/urandom"
	               " > %s/bad/shard-0001.db",
	               test_dir, test_dir);
	assert_int_equal(system(cmd), 0);
	(void)snprintf(cmd, sizeof(cmd), "%s/bad", test_dir);
	o.dir = cmd;
	assert_int_equal(store_open(&s, &o, &err), -1);
	assert_int_equal(err.kind, ERR_CORRUPT);
	assert_non_null(strstr(err.text, "posthus fsck"));
}

static void set_clock(int64_t ahead_us)
{
	FILE *f = fopen(clock_file, "r+");

	assert_non_null(f);
	assert_int_equal(fwrite(&ahead_us, 8, 1, f), 1);
	(void)fclose(f);
}

static int64_t number(const char *text)
{
	struct db_options o = { .path = NULL };
	struct err err = ERR_INIT;
	struct db *db;
	char path[300];
	int64_t n = -1;

	(void)snprintf(path, sizeof(path), "%s/shard-0001.db", test_dir);
	o.path = path;
	assert_int_equal(db_open(&db, &o, &err), 0);
	assert_int_equal(db_number(db, &n, text, DB_NO_ARGS, &err), 1);
	db_close(&db);
	return n;
}

static void upkeep(struct store *s)
{
	struct err err = ERR_INIT;
	bool more;

	for (int i = 0; i < 300; i++)
		if (store_upkeep(s, 10000000, &more, &err) < 0)
			fail_msg("upkeep: %s", err.text);
}

static void time_takes_what_was_purged(void **state)
{
	struct store_account a = { 30, 1, STORE_QUOTA_NONE };
	struct uid_range r = UIDSET_ALL;
	struct uidset all = { .p = &r, .n = 1 };
	struct store *s = test_open();
	struct err err = ERR_INIT;
	struct quota q;
	int64_t bodies;
	struct buf b;

	(void)state;
	buf_init(&b, 200000);
	while (b.n < 100000)
		buf_fmt(&b, "X-Line: %zu of another\r\n", b.n);
	upkeep(s);
	bodies = number("SELECT count(*) FROM body");
	assert_true(test_append(s, a, 1, buf_str(&b), 0, &err) > 0);
	assert_true(test_append(s, a, 1, TEST_MAIL, 0, &err) > 0);
	assert_int_equal(expunge_uids(s, a, 1, &all, NULL, NULL, &err), 0);
	set_clock(13 * US_PER_DAY);
	upkeep(s);
	assert_int_equal(
		number("SELECT count(*) FROM email WHERE account = 30"), 2);
	assert_int_equal(quota_get(s, a, &q, &err), 0);
	assert_int_equal(q.purged_bytes, b.n + TEST_MAIL.n);
	set_clock(14 * US_PER_DAY + US_PER_MIN);
	upkeep(s);
	assert_int_equal(quota_get(s, a, &q, &err), 0);
	assert_int_equal(q.purged_bytes, 0);
	assert_int_equal(
		number("SELECT count(*) FROM email WHERE account = 30"), 0);
	set_clock(14 * US_PER_DAY + 2 * US_PER_HOUR);
	upkeep(s);
	assert_true(number("SELECT count(*) FROM body") <= bodies);
	assert_int_equal(number("SELECT count(*) FROM body WHERE file IS NOT"
	                        " NULL AND dead IS NOT NULL"),
	                 0);
	buf_deinit(&b);
	store_close(&s);
}

static void purged_stays_within_the_quota(void **state)
{
	struct store_account a = { 31, 1, TEST_MAIL.n * 3 };
	struct uid_range r = UIDSET_ALL;
	struct uidset all = { .p = &r, .n = 1 };
	struct store *s = test_open();
	struct err err = ERR_INIT;
	struct purged *list;
	struct arena arena;
	size_t n;

	(void)state;
	arena_init(&arena);
	for (int i = 0; i < 7; i++) {
		assert_true(test_append(s, a, 1, TEST_MAIL, 0, &err) > 0);
		assert_int_equal(expunge_uids(s, a, 1, &all, NULL, NULL, &err),
		                 0);
	}
	assert_int_equal(purged_list(s, a, 0, 10, &arena, &list, &n, &err), 0);
	assert_int_equal(n, 3);
	assert_int_equal(list[0].email, 7);
	assert_int_equal(list[2].email, 5);
	arena_deinit(&arena);
	store_close(&s);
}

static void an_account_goes_whole(void **state)
{
	struct store_account a = { 32, 1, STORE_QUOTA_NONE };
	struct store *s = test_open();
	struct err err = ERR_INIT;

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_true(test_append(s, a, 1, TEST_MAIL, 0, &err) > 0);
	assert_int_equal(store_account_remove(s, a, &err), 0);
	assert_int_equal(number("SELECT (SELECT count(*) FROM email WHERE"
	                        " account = 32) + (SELECT count(*) FROM"
	                        " mailbox WHERE account = 32) + (SELECT"
	                        " count(*) FROM msgid WHERE account = 32)"),
	                 0);
	store_close(&s);
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(what_is_broken_is_mended),
		cmocka_unit_test(lost_bytes_are_found),
		cmocka_unit_test(a_damaged_file_is_refused),
		cmocka_unit_test(time_takes_what_was_purged),
		cmocka_unit_test(purged_stays_within_the_quota),
		cmocka_unit_test(an_account_goes_whole),
	};
	int rc;

	(void)snprintf(clock_file, sizeof(clock_file), "/tmp/posthus-clock-%ld",
	               (long)getpid());
	(void)setenv("POSTHUS_CLOCK", clock_file, 1);
	rc = cmocka_run_group_tests(list, test_set_up, test_tear_down);
	(void)unlink(clock_file);
	return rc;
}
