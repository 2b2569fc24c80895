#include "store/query.h"

#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "store/change.h"
#include "store/expunge.h"
#include "store/fetch.h"
#include "store/flags.h"
#include "store/mailbox.h"
#include "store/purged.h"
#include "store/testing.h"

static const struct store_account acc = { 5, 1, STORE_QUOTA_NONE };

static const char *const mails[] = {
	/* 1 */
	"From: Anna <anna@a.example>\r\nTo: bo@b.example\r\n"
	"Subject: =?utf-8?q?R=C3=B8dgr=C3=B8d?= med fl\xc3\xb8"
	"de\r\n"
	"Date: Tue, 24 Nov 2026 23:30:00 -0300\r\nMessage-ID: <1@a.example>\r\n"
	"X-Colour: Blue green\r\n\r\nThe invoice is here.\r\n",
	/* 2 */
	"From: Cara <cara@c.example>\r\nTo: bo@b.example\r\nCc: "
	"dora@d.example\r\n"
	"Subject: Hello\r\nMessage-ID: <2@a.example>\r\n"
	"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
	"Content-Transfer-Encoding: base64\r\n\r\n"
	"RW4gaGVtbWVsaWcgYmVza2VkCg==\r\n", /* En hemmelig besked */
	/* 3 */
	"From: Anna <anna@a.example>\r\nTo: ed@e.example\r\n"
	"Subject: Re: Hello\r\nReferences: <2@a.example>\r\n"
	"DKIM-Signature: v=1; d=odd.example\r\n\r\nBody three INVOICE\r\n",
};

static void fill(struct store *s)
{
	struct err err = ERR_INIT;
	uint64_t flags[] = { FLAG_SEEN, 0, FLAG_FLAGGED };

	for (size_t i = 0; i < 3; i++)
		assert_int_equal(test_append(s, acc, 1, str_z(mails[i]),
		                             flags[i], &err),
		                 i + 1);
}

/* The UIDs found, as a number: 13 is 1 and 3. */
static int run(struct store *s, const struct query *q)
{
	struct uidset out = UIDSET_EMPTY;
	struct err err = ERR_INIT;
	int found = 0;

	if (query_run(s, acc, 1, q, NULL, &out, &err) < 0)
		fail_msg("query: %s", err.text);
	for (uint32_t u = 1; u < 10; u++)
		if (uidset_has(&out, u))
			found = found * 10 + (int)u;
	uidset_deinit(&out);
	return found;
}

static void index_now(struct store *s)
{
	struct err err = ERR_INIT;
	bool more = true;
	char path[300];

	while (more)
		if (store_upkeep(s, 1000000, &more, &err) < 0)
			fail_msg("upkeep: %s", err.text);
	(void)snprintf(path, sizeof(path), "%s/index/0001/a5.db", test_dir);
	assert_int_equal(access(path, F_OK), 0);
}

static int rounds;

/* Run twice: without an index, and with it. */
static void texts_are_found(void **state)
{
	static const struct {
		enum query_op op;
		const char *header, *text;
		int want;
	} rows[] = {
		{ QUERY_SUBJECT, "", "rodgrod", 1 },
		{ QUERY_SUBJECT, "",
		  "R\xc3\x98"
		  "DGR\xc3\x98"
		  "D",
		  1 },
		{ QUERY_SUBJECT, "", "ello", 23 },
		{ QUERY_SUBJECT, "", "anna", 0 },
		{ QUERY_FROM, "", "anna@A", 13 },
		{ QUERY_TO, "", "bo@", 12 },
		{ QUERY_CC, "", "dora", 2 },
		{ QUERY_BODY, "", "invoice", 13 },
		{ QUERY_BODY, "", "hemmelig BESKED", 2 },
		{ QUERY_BODY, "", "hello", 0 },
		{ QUERY_TEXT, "", "hello", 23 },
		{ QUERY_TEXT, "", "here. three", 0 },
		{ QUERY_TEXT, "", "", 123 },
		{ QUERY_HEADER, "x-colour", "GREEN", 1 },
		{ QUERY_HEADER, "X-Colour", "", 1 },
		{ QUERY_HEADER, "X-Col", "", 0 },
		{ QUERY_HEADER, "Message-ID", "<2@a", 2 },
		{ QUERY_HEADER, "Message-ID", "", 12 },
		{ QUERY_HEADER, "DKIM-Signature", "odd", 3 },
		{ QUERY_HEADER, "Subject",
		  "r\xc3\xb8"
		  "dgr",
		  1 },
		{ QUERY_HEADER, "From", "cara", 2 },
	};
	struct store *s = test_open();
	struct arena a;

	(void)state;
	arena_init(&a);
	if (rounds++ == 0)
		fill(s);
	else
		index_now(s);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct query *q =
			rows[i].op == QUERY_HEADER
				? query_header(&a, str_z(rows[i].header),
		                               str_z(rows[i].text))
				: query_text(&a, rows[i].op,
		                             str_z(rows[i].text));
		int got = run(s, q);

		if (got != rows[i].want)
			fail_msg("%d %s \"%s\": got %d, want %d", rows[i].op,
			         rows[i].header, rows[i].text, got,
			         rows[i].want);
	}
	arena_deinit(&a);
	store_close(&s);
}

/* 2026-11-24 and the day after, in seconds. */
#define DAY INT64_C(1795478400)

static void trees_are_evaluated(void **state)
{
	struct store *s = test_open();
	struct query *q, *not, * or ;
	struct uidset some = UIDSET_EMPTY;
	struct arena a;

	(void)state;
	arena_init(&a);
	q = query_new(&a, QUERY_AND);
	assert_int_equal(run(s, q), 123);
	query_add(q, query_flags(&a, 0, FLAG_SEEN));
	assert_int_equal(run(s, q), 23);
	not = query_new(&a, QUERY_NOT);
	query_add(not, query_text(&a, QUERY_FROM, STR("cara")));
	query_add(q, not );
	assert_int_equal(run(s, q), 3);
	or = query_new(&a, QUERY_OR);
	assert_int_equal(run(s, or), 0);
	query_add(or, query_text(&a, QUERY_BODY, STR("besked")));
	query_add(or, query_flags(&a, FLAG_SEEN, 0));
	assert_int_equal(run(s, or), 12);
	query_add(or, q);
	assert_int_equal(run(s, or), 123);
	uidset_add(&some, 2, 9);
	q = query_new(&a, QUERY_AND);
	query_add(q, query_uids(&a, &some));
	query_add(q, or);
	assert_int_equal(run(s, q), 23);
	uidset_deinit(&some);
	/* As the day that the Date field shows. */
	assert_int_equal(run(s, query_time(&a, QUERY_SENT_SINCE, DAY)) % 10 !=
	                         0,
	                 1);
	q = query_new(&a, QUERY_AND);
	query_add(q, query_text(&a, QUERY_FROM, STR("anna")));
	query_add(q, query_flags(&a, FLAG_SEEN, 0));
	query_add(q, query_time(&a, QUERY_SENT_SINCE, DAY));
	query_add(q, query_time(&a, QUERY_SENT_BEFORE, DAY + 86400));
	assert_int_equal(run(s, q), 1);
	assert_int_equal(run(s, query_number(&a, QUERY_LARGER, 100000)), 0);
	assert_int_equal(run(s, query_number(&a, QUERY_SMALLER, 100000)), 123);
	arena_deinit(&a);
	store_close(&s);
}

static void trees_are_bounded(void **state)
{
	struct store *s = test_open();
	struct query *top, *q;
	struct uidset out = UIDSET_EMPTY;
	struct err err = ERR_INIT;
	struct arena a;

	(void)state;
	arena_init(&a);
	top = q = query_new(&a, QUERY_NOT);
	for (int i = 0; i < QUERY_DEPTH_MAX; i++) {
		struct query *kid = query_new(&a, QUERY_NOT);

		query_add(q, kid);
		q = kid;
	}
	assert_int_equal(query_run(s, acc, 1, top, NULL, &out, &err), -1);
	assert_int_equal(err.kind, ERR_TOO_BIG);
	top = query_new(&a, QUERY_OR);
	for (int i = 0; i < QUERY_NODES_MAX; i++)
		query_add(top, query_flags(&a, 1, 0));
	assert_int_equal(query_run(s, acc, 1, top, NULL, &out, &err), -1);
	assert_int_equal(err.kind, ERR_TOO_BIG);
	arena_deinit(&a);
	store_close(&s);
}

static void long_texts_are_searched_whole(void **state)
{
	struct store *s = test_open();
	struct store_account big = { 6, 1, STORE_QUOTA_NONE };
	struct uidset out = UIDSET_EMPTY;
	struct err err = ERR_INIT;
	struct arena a;
	struct buf b;

	(void)state;
	arena_init(&a);
	buf_init(&b, 4000000);
	buf_add(&b, STR("From: x@x.example\r\nSubject: long\r\n\r\n"));
	while (b.n < 1500000)
		buf_fmt(&b, "line %zu of a long story\r\n", b.n);
	buf_add(&b, STR("the needle\r\n"));
	assert_int_equal(test_append(s, big, 1, buf_str(&b), 0, &err), 1);
	assert_int_equal(query_run(s, big, 1,
	                           query_text(&a, QUERY_BODY, STR("needle")),
	                           NULL, &out, &err),
	                 0);
	assert_int_equal(uidset_count(&out), 1);
	assert_int_equal(query_run(s, big, 1,
	                           query_text(&a, QUERY_BODY, STR("thread")),
	                           NULL, &out, &err),
	                 0);
	assert_int_equal(uidset_count(&out), 0);
	uidset_deinit(&out);
	buf_deinit(&b);
	arena_deinit(&a);
	store_close(&s);
}

/* A message that came after the indexing, one whose index was deleted. */
static void an_index_hides_nothing(void **state)
{
	struct store_account b = { 8, 1, STORE_QUOTA_NONE };
	struct store *s = test_open();
	struct uidset out = UIDSET_EMPTY;
	struct err err = ERR_INIT;
	struct arena a;
	char cmd[300];

	(void)state;
	arena_init(&a);
	for (int i = 0; i < 4; i++) {
		const struct query *q =
			query_text(&a, QUERY_TEXT, STR("hello bo"));

		assert_true(test_append(s, b, 1, TEST_MAIL, 0, &err) > 0);
		assert_int_equal(query_run(s, b, 1, q, NULL, &out, &err), 0);
		assert_int_equal(uidset_count(&out), i + 1);
		index_now(s);
		assert_int_equal(query_run(s, b, 1, q, NULL, &out, &err), 0);
		assert_int_equal(uidset_count(&out), i + 1);
		assert_int_equal(query_run(s, b, 1,
		                           query_text(&a, QUERY_TEXT,
		                                      STR("hello bob")),
		                           NULL, &out, &err),
		                 0);
		assert_int_equal(uidset_count(&out), 0);
		(void)snprintf(cmd, sizeof(cmd), "rm -f %s/index/0001/a8.*",
		               test_dir);
		if (i == 1)
			assert_int_equal(system(cmd), 0);
		(void)snprintf(cmd, sizeof(cmd), "echo x > %s/index/0001/a8.db",
		               test_dir);
		if (i == 2)
			assert_int_equal(system(cmd), 0);
	}
	uidset_deinit(&out);
	arena_deinit(&a);
	store_close(&s);
}

static void emails_of_an_account_once_each(void **state)
{
	struct store *s = test_open();
	struct err err = ERR_INIT;
	struct arena a;
	uint64_t *list;
	size_t n;

	(void)state;
	arena_init(&a);
	assert_int_equal(query_emails(s, acc, 0,
	                              query_text(&a, QUERY_BODY,
	                                         STR("invoice")),
	                              NULL, &a, 10, &list, &n, &err),
	                 0);
	assert_int_equal(n, 2);
	assert_int_equal(list[0], 3);
	assert_int_equal(list[1], 1);
	arena_deinit(&a);
	store_close(&s);
}

/* ---- changes, and what was purged ---- */

static struct change_list since(struct store *s, struct arena *a,
                                enum change_type type, struct change_state st)
{
	struct change_list l;
	struct err err = ERR_INIT;

	if (change_since(s, acc, type, st, 0, a, &l, &err) < 0)
		fail_msg("change_since: %s", err.text);
	return l;
}

static void changes_are_told(void **state)
{
	struct store *s = test_open();
	struct change_state st[CHANGE_TYPES], now[CHANGE_TYPES];
	struct flags_change c = { .op = FLAGS_ADD,
		                  .flags = FLAG_ANSWERED,
		                  .unchanged_since = UINT64_MAX };
	struct uid_range r = { 2, 2 };
	struct uidset one = { .p = &r, .n = 1 };
	struct flags_result res;
	struct change_list l;
	struct err err = ERR_INIT;
	struct arena a;

	(void)state;
	arena_init(&a);
	assert_int_equal(change_states(s, acc, st, &err), 0);
	l = since(s, &a, CHANGE_EMAIL, st[CHANGE_EMAIL]);
	assert_int_equal(l.created_n + l.updated_n + l.destroyed_n, 0);
	assert_int_equal(flags_store(s, acc, 1, &one, &c, &res, &err), 0);
	flags_result_deinit(&res);
	assert_int_equal(test_append(s, acc, 1, TEST_MAIL, 0, &err), 4);
	r = (struct uid_range){ 1, 1 };
	assert_int_equal(expunge_uids(s, acc, 1, &one, NULL, NULL, &err), 0);
	l = since(s, &a, CHANGE_EMAIL, st[CHANGE_EMAIL]);
	assert_int_equal(l.created_n, 1);
	assert_int_equal(l.created[0], 4);
	assert_int_equal(l.updated_n, 1);
	assert_int_equal(l.updated[0], 2);
	assert_int_equal(l.destroyed_n, 1);
	assert_int_equal(l.destroyed[0], 1);
	l = since(s, &a, CHANGE_MAILBOX, st[CHANGE_MAILBOX]);
	assert_int_equal(l.updated_n, 1);
	assert_true(l.only_counts);
	/* In steps: the same in the end. */
	assert_int_equal(change_since(s, acc, CHANGE_EMAIL, st[CHANGE_EMAIL], 1,
	                              &a, &l, &err),
	                 0);
	assert_true(l.more);
	assert_int_equal(l.updated_n, 1);
	l = since(s, &a, CHANGE_EMAIL, l.state);
	assert_int_equal(l.created_n, 1);
	assert_int_equal(l.destroyed_n, 1);
	assert_int_equal(change_states(s, acc, now, &err), 0);
	assert_true(l.state.modseq == now[CHANGE_EMAIL].modseq);
	st[0].epoch++;
	assert_int_equal(change_since(s, acc, CHANGE_EMAIL, st[0], 0, &a, &l,
	                              &err),
	                 -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	arena_deinit(&a);
	store_close(&s);
}

static void purged_comes_back(void **state)
{
	struct store *s = test_open();
	struct change_state st[CHANGE_TYPES];
	struct change_list l;
	struct err err = ERR_INIT;
	struct purged *list;
	struct fetch_row row;
	struct body *b;
	struct arena a;
	uint64_t box, count;
	uint32_t uid;
	size_t n;

	(void)state;
	arena_init(&a);
	assert_int_equal(purged_list(s, acc, 0, 10, &a, &list, &n, &err), 0);
	assert_int_equal(n, 1);
	assert_int_equal(list[0].email, 1);
	assert_int_equal(change_states(s, acc, st, &err), 0);
	assert_int_equal(purged_restore(s, acc, 1, &box, &uid, &err), 0);
	assert_int_equal(box, 1);
	assert_int_equal(uid, 5);
	assert_int_equal(fetch_one(s, acc, 1, uid, FETCH_IDS, &a, &row, &err),
	                 0);
	assert_int_equal(row.email, 1);
	assert_true(row.flags == FLAG_SEEN);
	assert_int_equal(body_open(&b, s, acc, 1, uid, &err), 0);
	assert_int_equal(body_size(b), strlen(mails[0]));
	body_close(&b);
	l = since(s, &a, CHANGE_EMAIL, st[CHANGE_EMAIL]);
	assert_int_equal(l.created_n, 1);
	assert_int_equal(l.destroyed_n, 0);
	assert_int_equal(purged_restore(s, acc, 1, &box, &uid, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_int_equal(expunge_email(s, acc, 1, false, NULL, &err), 0);
	assert_int_equal(expunge_email(s, acc, 2, true, NULL, &err), 0);
	assert_int_equal(purged_erase(s, acc, 0, &count, &err), 0);
	assert_int_equal(count, 1);
	assert_int_equal(purged_list(s, acc, 0, 10, &a, &list, &n, &err), 0);
	assert_int_equal(n, 0);
	arena_deinit(&a);
	store_close(&s);
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(texts_are_found),
		cmocka_unit_test(texts_are_found),
		cmocka_unit_test(an_index_hides_nothing),
		cmocka_unit_test(trees_are_evaluated),
		cmocka_unit_test(trees_are_bounded),
		cmocka_unit_test(long_texts_are_searched_whole),
		cmocka_unit_test(emails_of_an_account_once_each),
		cmocka_unit_test(changes_are_told),
		cmocka_unit_test(purged_comes_back),
	};

	return cmocka_run_group_tests(list, test_set_up, test_tear_down);
}
