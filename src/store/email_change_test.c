#include "store/email_change.h"

#include "store/emails.h"
#include "store/fetch.h"
#include "store/mailbox.h"
#include "store/testing.h"

static const struct store_account a = { .id = 7,
	                                .shard = 1,
	                                .quota_bytes = STORE_QUOTA_NONE };

static uint64_t use_no(struct store *s, enum mailbox_use use)
{
	struct mailbox m;
	struct arena arena;
	struct err err;

	arena_init(&arena);
	assert_int_equal(mailbox_get_use(s, a, use, &arena, &m, &err), 0);
	arena_deinit(&arena);
	return m.no;
}

static uint64_t modseq(struct store *s)
{
	const struct emails *set;
	struct err err;
	uint64_t at;

	assert_int_equal(emails_open(&set, s, a, &err), 0);
	at = set->modseq;
	emails_close(&set);
	return at;
}

/* "M1:1 M3:9", the flags behind the mailbox; "" when it is gone. */
static struct str places(struct store *s, uint64_t email, struct arena *arena)
{
	struct str all = STR("");
	struct fetch_email e;
	struct err err;

	if (fetch_email(s, a, email, FETCH_IDS, arena, &e, &err) < 0)
		return all;
	for (size_t i = 0; i < e.places_n; i++)
		all = arena_fmt(arena, "%.*s%sM%llu:%llu", STR_ARG(all),
		                i ? " " : "",
		                (unsigned long long)e.places[i].mailbox,
		                (unsigned long long)e.places[i].flags);
	return all;
}

static void changes_together(void **state)
{
	struct store *s = test_open();
	uint64_t in = use_no(s, MAILBOX_USE_INBOX);
	uint64_t sent = use_no(s, MAILBOX_USE_SENT), before;
	uint64_t both[2] = { in, sent }, none[1] = { 4711 };
	struct arena arena;
	struct err err = ERR_INIT;

	struct email_change c[] = {
		{ .email = 1,
		  .mailboxes = both,
		  .n = 2,
		  .add = FLAG_SEEN | FLAG_FLAGGED,
		  .remove = FLAG_DRAFT },
		/* The flags must not be left without the move. */
		{ .email = 2, .mailboxes = none, .n = 1, .add = FLAG_SEEN },
		{ .email = 3, .destroy = true },
		{ .email = 99, .add = FLAG_SEEN },
		{ .email = 4, .mailboxes = both, .n = 1 },
	};

	(void)state;
	arena_init(&arena);
	for (int i = 0; i < 4; i++)
		assert_true(test_append(s, a, in, TEST_MAIL,
		                        i == 3 ? FLAG_DELETED : FLAG_DRAFT,
		                        &err) > 0);
	before = modseq(s);
	assert_int_equal(email_change_all(s, a, c, 5, &err), 0);
	assert_int_equal(modseq(s), before + 1); /* one commit */
	assert_int_equal(c[0].failed, ERR_NONE);
	assert_int_equal(c[1].failed, ERR_NOT_FOUND);
	assert_int_equal(c[2].failed, ERR_NONE);
	assert_int_equal(c[3].failed, ERR_NOT_FOUND);
	assert_int_equal(c[4].failed, ERR_NONE);
	assert_str(places(s, 1, &arena), "M1:5 M3:5");
	assert_str(places(s, 2, &arena), "M1:16");
	assert_str(places(s, 3, &arena), "");
	assert_str(places(s, 4, &arena), "M1:0"); /* wanted again */
	/* Nothing changes, nothing is committed. */
	before = modseq(s);
	c[0].n = 0;
	assert_int_equal(email_change_all(s, a, c, 1, &err), 0);
	assert_int_equal(modseq(s), before);
	assert_int_equal(email_change_all(s, a, c, EMAIL_CHANGES_MAX + 1, &err),
	                 -1);
	arena_deinit(&arena);
	store_close(&s);
}

static void keeps_within_the_quota(void **state)
{
	struct store *s = test_open();
	struct store_account small = { .id = 8, .shard = 1 };
	uint64_t both[2] = { 1, 2 };
	struct email_change c = {
		.email = 1, .mailboxes = both, .n = 2, .add = FLAG_SEEN
	};
	struct fetch_email e;
	struct arena arena;
	struct err err = ERR_INIT;

	(void)state;
	arena_init(&arena);
	small.quota_bytes = TEST_MAIL.n + 10;
	assert_true(test_append(s, small, 1, TEST_MAIL, 0, &err) > 0);
	assert_int_equal(email_change_all(s, small, &c, 1, &err), 0);
	assert_int_equal(c.failed, ERR_OVER_QUOTA);
	assert_int_equal(fetch_email(s, small, 1, FETCH_IDS, &arena, &e, &err),
	                 0);
	assert_int_equal(e.places_n, 1);
	assert_int_equal(e.places[0].flags, 0);
	/* To elsewhere there is always room. */
	c.mailboxes = both + 1;
	c.n = 1;
	assert_int_equal(email_change_all(s, small, &c, 1, &err), 0);
	assert_int_equal(c.failed, ERR_NONE);
	arena_deinit(&arena);
	store_close(&s);
}

static void enters_several_at_once(void **state)
{
	struct store *s = test_open();
	struct store_account acc = { .id = 9,
		                     .shard = 1,
		                     .quota_bytes = STORE_QUOTA_NONE };
	const uint64_t also[2] = { 2, 3 }, wrong[2] = { 2, 4711 };
	struct append_target t = { .account = acc,
		                   .mailbox = 1,
		                   .also = wrong,
		                   .also_n = 2,
		                   .flags = FLAG_SEEN };
	struct fetch_email e;
	struct arena arena;
	struct err err = ERR_INIT;

	(void)state;
	arena_init(&arena);
	assert_int_equal(append_prepare_str(&t.message, s, TEST_MAIL, &err), 0);
	assert_int_equal(append_commit(s, &t, 1, (struct str){ NULL, 0 }, NULL,
	                               &err),
	                 -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	t.also = also;
	assert_int_equal(append_commit(s, &t, 1, (struct str){ NULL, 0 }, NULL,
	                               &err),
	                 0);
	append_free(&t.message);
	assert_int_equal(t.uid, 1);
	assert_int_equal(t.email, 1);
	assert_int_equal(fetch_email(s, acc, 1, FETCH_IDS, &arena, &e, &err),
	                 0);
	assert_int_equal(e.places_n, 3);
	assert_int_equal(e.places[2].flags, FLAG_SEEN);
	arena_deinit(&arena);
	store_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes_together),
		cmocka_unit_test(keeps_within_the_quota),
		cmocka_unit_test(enters_several_at_once),
	};

	return cmocka_run_group_tests(tests, test_set_up, test_tear_down);
}
