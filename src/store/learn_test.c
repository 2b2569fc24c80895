#include "store/learn.h"

#include "store/copy.h"
#include "store/flags.h"
#include "store/testing.h"

static uint64_t mailbox_of(struct store *s, enum mailbox_use use)
{
	struct err err = ERR_INIT;
	struct mailbox m;
	struct arena a;

	arena_init(&a);
	assert_int_equal(mailbox_get_use(s, test_account, use, &a, &m, &err),
	                 0);
	arena_deinit(&a);
	return m.no;
}

/* What waits to be learned, as "E1=spam E2=ham"; and it is taken. */
static void assert_learned(struct store *s, const char *want)
{
	struct learn_item *items;
	struct err err = ERR_INIT;
	struct str got = STR("");
	struct arena a;
	size_t n;

	arena_init(&a);
	assert_int_equal(learn_next(s, &a, 1000, &items, &n, &err), 0);
	for (size_t i = 0; i < n; i++)
		got = arena_fmt(&a, "%.*s%sE%llu=%s", STR_ARG(got),
		                i ? " " : "",
		                (unsigned long long)items[i].email,
		                items[i].want == LEARN_SPAM ? "spam" : "ham");
	assert_str(got, want);
	assert_int_equal(learn_done(s, items, n, &err), 0);
	arena_deinit(&a);
}

static void pass_on(struct store *s, uint64_t from, uint32_t first,
                    uint32_t last, uint64_t to, bool move)
{
	struct uidset uids = UIDSET_EMPTY;
	struct copy_result r;
	struct err err = ERR_INIT;

	uidset_add(&uids, first, last);
	assert_int_equal((move ? move_messages : copy_messages)(s, test_account,
	                                                        from, &uids, to,
	                                                        &r, &err),
	                 0);
	copy_result_deinit(&r);
	uidset_deinit(&uids);
}

static void moves_say_what_is_spam(void **state)
{
	struct store *s = test_open();
	struct err err = ERR_INIT;
	uint64_t inbox = mailbox_of(s, MAILBOX_USE_INBOX);
	uint64_t junk = mailbox_of(s, MAILBOX_USE_JUNK);
	uint64_t trash = mailbox_of(s, MAILBOX_USE_TRASH);
	uint64_t archive = mailbox_of(s, MAILBOX_USE_ARCHIVE);

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_true(test_append(s, test_account, inbox, TEST_MAIL, 0,
		                        &err) > 0);
	assert_learned(s, "");
	pass_on(s, inbox, 1, 1, junk, true);
	assert_learned(s, "E1=spam");
	assert_learned(s, "");
	pass_on(s, junk, 1, 1, inbox, true); /* UID 5 there */
	pass_on(s, inbox, 2, 2, trash, true);
	assert_learned(s, "E1=ham");
	pass_on(s, inbox, 3, 3, junk, false);
	pass_on(s, inbox, 4, 4, archive, true);
	assert_learned(s, "E3=spam E4=ham");
	/* thrown away as spam stays spam: nothing new is said */
	pass_on(s, junk, 2, 2, trash, true);
	assert_learned(s, "");
	/* what is said later replaces what was said */
	pass_on(s, inbox, 5, 5, junk, true);
	pass_on(s, junk, 3, 3, archive, true);
	assert_learned(s, "E1=ham");
	store_close(&s);
}

static void jmap_moves_too(void **state)
{
	struct store *s = test_open();
	struct err err = ERR_INIT;
	uint64_t inbox = mailbox_of(s, MAILBOX_USE_INBOX);
	uint64_t junk = mailbox_of(s, MAILBOX_USE_JUNK);
	uint64_t both[] = { inbox, junk };
	struct append_target t = { .account = test_account };

	(void)state;
	assert_int_equal(append_prepare_str(&t.message, s, TEST_MAIL, &err), 0);
	assert_int_equal(append_commit(s, &t, 1, STR(""), NULL, &err), 0);
	append_free(&t.message);
	assert_int_equal(move_email(s, test_account, t.email, &junk, 1, NULL,
	                            &err),
	                 0);
	assert_int_equal(move_email(s, test_account, t.email, &inbox, 1, NULL,
	                            &err),
	                 0);
	{
		char want[40];

		(void)snprintf(want, sizeof(want), "E%llu=ham",
		               (unsigned long long)t.email);
		assert_learned(s, want);
	}
	assert_int_equal(move_email(s, test_account, t.email, both, 2, NULL,
	                            &err),
	                 0);
	store_close(&s);
}

static void keywords_say_it(void **state)
{
	static const struct {
		uint64_t before, after;
		int want;
	} rows[] = {
		{ 0, FLAG_SEEN, LEARN_NOTHING },
		{ 0, FLAG_JUNK, LEARN_SPAM },
		{ FLAG_JUNK, FLAG_JUNK | FLAG_SEEN, LEARN_NOTHING },
		{ FLAG_JUNK, FLAG_NOTJUNK, LEARN_HAM },
		{ FLAG_SEEN, FLAG_SEEN | FLAG_ANSWERED, LEARN_HAM },
		{ FLAG_JUNK, FLAG_JUNK | FLAG_ANSWERED, LEARN_NOTHING },
		{ FLAG_ANSWERED, 0, LEARN_NOTHING },
	};
	struct store *s = test_open();
	struct err err = ERR_INIT;
	uint64_t inbox = mailbox_of(s, MAILBOX_USE_INBOX), before = 0;
	uint32_t uid = test_append(s, test_account, inbox, TEST_MAIL, 0, &err);
	struct uidset uids = UIDSET_EMPTY;

	(void)state;
	uidset_add(&uids, uid, uid);
	assert_learned(s, "");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct flags_change c = { .op = FLAGS_SET,
			                  .unchanged_since = UINT64_MAX };
		struct learn_item *items;
		struct flags_result r;
		struct arena a;
		size_t n;

		for (int step = 0; step < 2; step++) {
			c.flags = step ? rows[i].after : rows[i].before;
			assert_int_equal(flags_store(s, test_account, inbox,
			                             &uids, &c, &r, &err),
			                 0);
			flags_result_deinit(&r);
			arena_init(&a);
			assert_int_equal(learn_next(s, &a, 10, &items, &n,
			                            &err),
			                 0);
			if (step && rows[i].want == LEARN_NOTHING)
				assert_int_equal(n, 0);
			if (step && rows[i].want != LEARN_NOTHING) {
				assert_int_equal(n, 1);
				assert_int_equal(items[0].want, rows[i].want);
			}
			assert_int_equal(learn_done(s, items, n, &err), 0);
			arena_deinit(&a);
		}
		before = rows[i].after;
	}
	assert_int_equal(before, 0);
	uidset_deinit(&uids);
	store_close(&s);
}

static void moving_thousands_is_tidying(void **state)
{
	struct store *s = test_open();
	struct store_account a = { .id = 99,
		                   .shard = 1,
		                   .quota_bytes = STORE_QUOTA_NONE };
	struct learn_item *items;
	struct uidset uids = UIDSET_EMPTY;
	struct copy_result r;
	struct err err = ERR_INIT;
	struct mailbox inbox, archive;
	struct arena arena;
	size_t n;

	(void)state;
	arena_init(&arena);
	assert_int_equal(mailbox_get_use(s, a, MAILBOX_USE_INBOX, &arena,
	                                 &inbox, &err),
	                 0);
	assert_int_equal(mailbox_get_use(s, a, MAILBOX_USE_ARCHIVE, &arena,
	                                 &archive, &err),
	                 0);
	for (int i = 0; i < LEARN_AT_ONCE + 50; i++)
		assert_true(test_append(s, a, inbox.no, TEST_MAIL, 0, &err) >
		            0);
	uidset_add(&uids, 1, UINT32_MAX);
	assert_int_equal(move_messages(s, a, inbox.no, &uids, archive.no, &r,
	                               &err),
	                 0);
	assert_int_equal(r.n, LEARN_AT_ONCE + 50);
	copy_result_deinit(&r);
	assert_int_equal(learn_next(s, &arena, 1000, &items, &n, &err), 0);
	assert_int_equal(n, LEARN_AT_ONCE);
	assert_int_equal(store_account_remove(s, a, &err), 0);
	assert_int_equal(learn_next(s, &arena, 1000, &items, &n, &err), 0);
	assert_int_equal(n, 0);
	uidset_deinit(&uids);
	arena_deinit(&arena);
	store_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moves_say_what_is_spam),
		cmocka_unit_test(jmap_moves_too),
		cmocka_unit_test(keywords_say_it),
		cmocka_unit_test(moving_thousands_is_tidying),
	};

	return cmocka_run_group_tests(tests, test_set_up, test_tear_down);
}
