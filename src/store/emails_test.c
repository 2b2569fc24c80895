#include "store/emails.h"

#include "base/mem.h"
#include "store/copy.h"
#include "store/emails_set.h"
#include "store/expunge.h"
#include "store/flags.h"
#include "store/testing.h"

static struct store *s;
static const struct store_account a = { .id = 7,
	                                .shard = 1,
	                                .quota_bytes = STORE_QUOTA_NONE };

static uint64_t use_no(enum mailbox_use use)
{
	struct mailbox m;
	struct arena arena;
	struct err err;

	arena_init(&arena);
	assert_int_equal(mailbox_get_use(s, a, use, &arena, &m, &err), 0);
	arena_deinit(&arena);
	return m.no;
}

static uint64_t add(uint64_t mailbox, const char *from, const char *subject,
                    const char *id, const char *refs, uint64_t flags,
                    int64_t received_s)
{
	struct append_target t = { .account = a,
		                   .mailbox = mailbox,
		                   .flags = flags,
		                   .internaldate_us = received_s * 1000000 };
	struct err err = ERR_INIT;
	char p[1000];

	(void)snprintf(p, sizeof(p),
	               "From: %s\r\nSubject: %s\r\nMessage-ID: <%s>\r\n"
	               "References: %s\r\n\r\nText of %s\r\n",
	               from, subject, id, refs, id);
	assert_int_equal(append_prepare_str(&t.message, s, str_z(p), &err), 0);
	assert_int_equal(append_commit(s, &t, 1, (struct str){ NULL, 0 }, NULL,
	                               &err),
	                 0);
	append_free(&t.message);
	return t.email;
}

static void set_flags(uint64_t mailbox, uint32_t uid, uint64_t flags)
{
	struct uid_range range = { uid, uid };
	struct uidset one = { .p = &range, .n = 1 };
	struct flags_change c = { .op = FLAGS_SET,
		                  .flags = flags,
		                  .unchanged_since = UINT64_MAX };
	struct flags_result r = { .modseq = 0 };
	struct err err;

	assert_int_equal(flags_store(s, a, mailbox, &one, &c, &r, &err), 0);
	flags_result_deinit(&r);
}

/* The numbers as text, in the order asked for. */
static void expect(struct query *q, const struct emails_order *o, size_t o_n,
                   const uint64_t *want, size_t want_n)
{
	const struct emails *set;
	struct arena arena;
	struct err err = ERR_INIT;
	uint32_t *list;
	size_t n;

	arena_init(&arena);
	assert_int_equal(emails_open(&set, s, a, &err), 0);
	assert_int_equal(emails_query(s, a, set, q, NULL, &arena, &list, &n,
	                              &err),
	                 0);
	assert_int_equal(n, want_n);
	assert_int_equal(emails_sort(s, a, set, o, o_n, list, n, &err), 0);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(set->rows[list[i]].email, want[i]);
	emails_close(&set);
	arena_deinit(&arena);
}

static void finds_and_sorts(void **state)
{
	struct emails_order by_date = { .by = EMAILS_RECEIVED };
	struct emails_order down = { .by = EMAILS_RECEIVED,
		                     .descending = true };
	struct emails_order by_from = { .by = EMAILS_FROM };
	struct emails_order by_subject = { .by = EMAILS_SUBJECT };
	struct emails_order by_flag[2] = {
		{ .by = EMAILS_THREAD_ANY,
		  .flags = FLAG_FLAGGED,
		  .descending = true },
		{ .by = EMAILS_RECEIVED },
	};
	uint64_t in = use_no(MAILBOX_USE_INBOX), out = use_no(MAILBOX_USE_SENT);
	uint64_t e[3], both[2];
	struct query *q;
	struct arena arena;
	struct err err = ERR_INIT;

	(void)state;
	arena_init(&arena);
	e[0] = add(in, "zoe@z.example", "beta", "1@x.example", "", 0, 3000);
	e[1] = add(in, "anna@a.example", "alpha", "2@x.example", "", FLAG_SEEN,
	           1000);
	e[2] = add(out, "mia@m.example", "Re: beta", "3@x.example",
	           "<1@x.example>", FLAG_FLAGGED, 2000);
	q = query_new(&arena, QUERY_AND);
	expect(q, &by_date, 1, (uint64_t[]){ e[1], e[2], e[0] }, 3);
	expect(q, &down, 1, (uint64_t[]){ e[0], e[2], e[1] }, 3);
	expect(q, &by_from, 1, (uint64_t[]){ e[1], e[2], e[0] }, 3);
	expect(q, &by_subject, 1, (uint64_t[]){ e[1], e[0], e[2] }, 3);
	expect(q, by_flag, 2, (uint64_t[]){ e[2], e[0], e[1] }, 3);
	q = query_number(&arena, QUERY_IN_MAILBOX, in);
	expect(q, &by_date, 1, (uint64_t[]){ e[1], e[0] }, 2);
	both[0] = in;
	q = query_new(&arena, QUERY_IN_OTHER);
	q->numbers = both;
	q->numbers_n = 1;
	expect(q, &by_date, 1, (uint64_t[]){ e[2] }, 1);
	/* In two mailboxes, which AND and NOT see at once. */
	both[1] = out;
	assert_int_equal(move_email(s, a, e[1], both, 2, NULL, &err), 0);
	q = query_new(&arena, QUERY_AND);
	query_add(q, query_number(&arena, QUERY_IN_MAILBOX, in));
	query_add(q, query_number(&arena, QUERY_IN_MAILBOX, out));
	expect(q, &by_date, 1, (uint64_t[]){ e[1] }, 1);
	q = query_new(&arena, QUERY_NOT);
	query_add(q, query_number(&arena, QUERY_IN_MAILBOX, out));
	expect(q, &by_date, 1, (uint64_t[]){ e[0] }, 1);
	q = query_new(&arena, QUERY_THREAD_ANY);
	q->flags_all = FLAG_FLAGGED;
	expect(q, &by_date, 1, (uint64_t[]){ e[2], e[0] }, 2);
	q = query_text(&arena, QUERY_BODY, STR("text of 3@x"));
	expect(q, &by_date, 1, (uint64_t[]){ e[2] }, 1);
	arena_deinit(&arena);
}

static void counts_and_hides(void **state)
{
	uint64_t in = use_no(MAILBOX_USE_INBOX), out = use_no(MAILBOX_USE_SENT);
	struct emails_counts c[2] = { { .mailbox = in }, { .mailbox = out } };
	const struct emails *before, *set;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(emails_open(&before, s, a, &err), 0);
	assert_int_equal(emails_open(&set, s, a, &err), 0);
	assert_ptr_equal(before, set); /* nothing changed */
	emails_count(set, c, 2);
	assert_int_equal(c[0].total, 2);
	assert_int_equal(c[0].unread, 1);
	assert_int_equal(c[0].threads, 2);
	assert_int_equal(c[0].unread_threads, 1);
	assert_int_equal(c[1].total, 2);
	assert_int_equal(c[1].unread, 1);
	assert_int_equal(c[1].unread_threads, 1);
	emails_close(&set);
	/* Not seen in one place, so not seen; \Deleted in one, so only in the
	 * other. */
	set_flags(out, 2, 0);
	assert_int_equal(emails_open(&set, s, a, &err), 0);
	assert_ptr_not_equal(before, set);
	assert_false(set->rows[1].flags & FLAG_SEEN);
	assert_true(emails_in(set, &set->rows[1], in));
	emails_close(&set);
	set_flags(in, 2, FLAG_DELETED);
	assert_int_equal(emails_open(&set, s, a, &err), 0);
	assert_int_equal(set->n, 3);
	assert_false(emails_in(set, &set->rows[1], in));
	assert_true(emails_in(set, &set->rows[1], out));
	emails_close(&set);
	set_flags(in, 1, FLAG_DELETED);
	assert_int_equal(emails_open(&set, s, a, &err), 0);
	assert_int_equal(set->n, 2);
	assert_null(emails_find(set, before->rows[0].email));
	assert_non_null(emails_find(set, before->rows[2].email));
	assert_non_null(emails_find_thread(set, set->rows[1].thread));
	assert_null(emails_find_thread(set, 4711));
	emails_close(&set);
	assert_int_equal(before->n, 3); /* what is lent does not change */
	emails_close(&before);
}

/* ---- an older set brought up to date is as one that is read anew ---- */

static void read_anew(struct emails *out)
{
	struct emails_reading r = { .rows = NULL };
	struct shard *sh;
	struct err err;
	struct db *db;

	assert_int_equal(shard_read(s, a, &sh, &db, &err), 0);
	assert_int_equal(emails_read_all(db, a.id, &r, &err), 0);
	db_group_done(sh->group, &db);
	*out = (struct emails){ .n = 0 };
	emails_make(&r, out);
	mem_free(r.rows);
}

static void compare_row(const struct emails *x, const struct emails *y,
                        size_t i)
{
	const struct emails_row *p = &x->rows[i], *q = &y->rows[i];

	assert_int_equal(p->email, q->email);
	assert_int_equal(p->thread, q->thread);
	assert_int_equal(p->id, q->id);
	assert_int_equal(p->flags, q->flags);
	assert_int_equal(p->size, q->size);
	assert_int_equal(p->received_s, q->received_s);
	assert_int_equal(p->thread_at, q->thread_at);
	assert_int_equal(p->places_n, q->places_n);
	assert_memory_equal(x->places + p->place, y->places + q->place,
	                    p->places_n * sizeof(*x->places));
	assert_int_equal(x->by_thread[i], y->by_thread[i]);
	assert_int_equal(x->by_received[i], y->by_received[i]);
}

static void compare(const struct emails *x, const struct emails *y)
{
	assert_int_equal(x->n, y->n);
	for (size_t i = 0; i < x->n; i++)
		compare_row(x, y, i);
	assert_int_equal(x->threads_n, y->threads_n);
	for (size_t i = 0; i < x->threads_n; i++) {
		const struct emails_thread *p = &x->threads[i];
		const struct emails_thread *q = &y->threads[i];

		assert_int_equal(p->thread, q->thread);
		assert_int_equal(p->flags_all, q->flags_all);
		assert_int_equal(p->flags_any, q->flags_any);
		assert_int_equal(p->unread, q->unread);
		assert_int_equal(p->first, q->first);
		assert_int_equal(p->n, q->n);
	}
}

static unsigned roll(unsigned n)
{
	static uint32_t x = 12345;

	x = x * 1664525 + 1013904223;
	return (x >> 16) % n;
}

static uint64_t any_email(const struct emails *set)
{
	return set->n ? set->rows[roll((unsigned)set->n)].email : 1;
}

static void change_something(const struct emails *set, unsigned step)
{
	static const enum mailbox_use uses[] = { MAILBOX_USE_INBOX,
		                                 MAILBOX_USE_SENT,
		                                 MAILBOX_USE_TRASH };

	uint64_t boxes[3], email = any_email(set), moved[2];
	struct flags_change fc = { .op = roll(2) ? FLAGS_ADD : FLAGS_REMOVE,
		                   .flags = UINT64_C(1) << roll(6),
		                   .unchanged_since = UINT64_MAX };
	struct uid_range range = { 1 + roll(20), 1 + roll(40) };
	struct uidset uids = { .p = &range, .n = 1 };
	struct flags_result fr = { .modseq = 0 };
	struct copy_result cr = { .n = 0 };
	struct err err;
	char id[40], ref[40];

	for (size_t i = 0; i < 3; i++)
		boxes[i] = use_no(uses[i]);
	if (range.last < range.first)
		range.last = range.first;
	moved[0] = boxes[roll(3)];
	moved[1] = moved[0] == boxes[0] ? boxes[1] : boxes[0];
	(void)snprintf(id, sizeof(id), "m%u@x", step);
	(void)snprintf(ref, sizeof(ref), "<m%u@x>", step ? roll(step) : 0);
	switch (roll(9)) {
	case 0:
	case 1:
	case 2:
		(void)add(boxes[roll(3)], "a@x.example", "s", id,
		          roll(2) ? ref : "", roll(2), 1000 + roll(50));
		break;
	case 3:
		err_drop(flags_store(s, a, boxes[roll(3)], &uids, &fc, &fr,
		                     &err));
		flags_result_deinit(&fr);
		break;
	case 4:
		err_drop(flags_store_email(s, a, email, &fc, NULL, &err));
		break;
	case 5:
		err_drop(copy_messages(s, a, boxes[roll(3)], &uids,
		                       boxes[roll(3)], &cr, &err));
		copy_result_deinit(&cr);
		break;
	case 6:
		err_drop(move_email(s, a, email, moved, 1 + roll(2), NULL,
		                    &err));
		break;
	case 7:
		err_drop(roll(2) ? expunge_email(s, a, email, false, NULL, &err)
		                 : expunge_deleted(s, a, boxes[roll(3)], NULL,
		                                   NULL, NULL, &err));
		break;
	case 8:
		range.last = range.first + 2;
		err_drop(move_messages(s, a, boxes[roll(3)], &uids,
		                       boxes[roll(3)], &cr, &err));
		copy_result_deinit(&cr);
		break;
	}
}

static void follows_changes(void **state)
{
	const struct emails *set, *lent = NULL;
	struct err err = ERR_INIT;
	struct emails fresh, old;

	(void)state;
	for (unsigned step = 0; step < 600; step++) {
		assert_int_equal(emails_open(&set, s, a, &err), 0);
		read_anew(&fresh);
		compare(set, &fresh);
		if (step % 7 == 0) { /* what is lent stays as it is */
			lent = set;
			old = fresh;
			set = NULL;
		} else {
			emails_deinit(&fresh);
		}
		change_something(lent ? lent : set, step);
		emails_close(&set);
		if (step % 7 == 3) {
			compare(lent, &old);
			emails_close(&lent);
			emails_deinit(&old);
		}
	}
	if (lent) {
		emails_close(&lent);
		emails_deinit(&old);
	}
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

static void make_index(void)
{
	struct err err = ERR_INIT;
	bool more = true;

	while (more)
		assert_int_equal(store_upkeep(s, 1000000, &more, &err), 0);
}

/* A page is the beginning of all that match, whether the word is so common
 * that reading finds it, or so rare that the index is asked behind that. */
static void pages_of_any_word(void **state)
{
	static const char *const words[] = { "every", "tenth", "first",
		                             "nowhere" };
	static const size_t found[] = { 300, 30, 1, 0 };
	const struct emails *set;
	struct arena arena;
	struct err err = ERR_INIT;

	(void)state;
	for (int i = 0; i < 300; i++) {
		char subject[64];

		(void)snprintf(subject, sizeof(subject), "every %s %s",
		               i % 10 ? "other" : "tenth", i ? "" : "first");
		(void)add(1, "a@x.example", subject, "i@x.example", "", 0,
		          1000 + i);
	}
	make_index();
	arena_init(&arena);
	assert_int_equal(emails_open(&set, s, a, &err), 0);
	for (size_t i = 0; i < 4; i++) {
		struct query *q =
			query_text(&arena, QUERY_SUBJECT, str_z(words[i]));
		struct emails_page all = { .max = SIZE_MAX }, page = { 0 };
		uint32_t *whole, *part;
		size_t n, part_n;

		assert_int_equal(emails_query_page(s, a, set, q, NULL, &all,
		                                   &arena, &whole, &n, &err),
		                 0);
		assert_int_equal(n, found[i]);
		for (page.max = 1; page.max < 60; page.max += 7) {
			assert_int_equal(emails_query_page(s, a, set, q, NULL,
			                                   &page, &arena, &part,
			                                   &part_n, &err),
			                 0);
			assert_int_equal(part_n, n < page.max ? n : page.max);
			assert_memory_equal(part, whole,
			                    part_n * sizeof(*part));
		}
	}
	emails_close(&set);
	arena_deinit(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_and_sorts),
		cmocka_unit_test(counts_and_hides),
		cmocka_unit_test(follows_changes),
		cmocka_unit_test(pages_of_any_word),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
