#include "store/store.h"

#include "base/arena.h"
#include "base/mem.h"
#include "db/db.h"
#include "store/copy.h"
#include "store/expunge.h"
#include "store/fetch.h"
#include "store/flags.h"
#include "store/mailbox.h"
#include "store/meta.h"
#include "store/quota.h"
#include "store/testing.h"

static void an_account_has_its_folders(void **state)
{
	static const char *const names[] = { "INBOX", "Archive", "Drafts",
		                             "Sent",  "Spam",    "Trash" };
	struct store *s = test_open();
	struct err err = ERR_INIT;
	struct mailbox *list, m;
	struct arena arena;
	size_t n;

	(void)state;
	arena_init(&arena);
	assert_int_equal(mailbox_list(s, test_account, &arena, &list, &n, &err),
	                 0);
	assert_int_equal(n, 6);
	for (size_t i = 0; i < n; i++) {
		assert_str(list[i].name, names[i]);
		assert_true(list[i].subscribed);
		assert_int_equal(list[i].uidnext, 1);
	}
	assert_int_equal(mailbox_get_use(s, test_account, MAILBOX_USE_JUNK,
	                                 &arena, &m, &err),
	                 0);
	assert_str(m.name, "Spam");
	assert_int_equal(mailbox_get(s, test_account, STR("inBox"), &arena, &m,
	                             &err),
	                 0);
	assert_int_equal(m.no, 1);
	arena_deinit(&arena);
	store_close(&s);
}

static void names_are_checked(void **state)
{
	static const struct {
		const char *name;
		bool ok;
	} rows[] = {
		{ "a", true },        { "a/b c/d", true },
		{ "", false },        { "/a", false },
		{ "a/", false },      { "a//b", false },
		{ "INBOX/x", false }, { "inbox/x", false },
		{ "INBOXx", true },   { "a*", false },
		{ "50%", false },     { "a\tb", false },
		{ "a\xff", false },   { "Gr\xc3\xb8t", true },
	};
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if ((mailbox_name_check(str_z(rows[i].name), &err) == 0) !=
		    rows[i].ok)
			fail_msg("\"%s\": want %d", rows[i].name, rows[i].ok);
}

static struct mailbox get(struct store *s, struct arena *arena,
                          const char *name)
{
	struct err err = ERR_INIT;
	struct mailbox m;

	if (mailbox_get(s, test_account, str_z(name), arena, &m, &err) < 0)
		fail_msg("%s: %s", name, err.text);
	return m;
}

static void trees_are_renamed_and_deleted(void **state)
{
	struct store *s = test_open();
	struct err err = ERR_INIT;
	struct arena arena;
	struct mailbox m;
	uint64_t no;

	(void)state;
	arena_init(&arena);
	assert_int_equal(mailbox_create(s, test_account, STR("a/b/c"), 0, &no,
	                                &err),
	                 0);
	assert_int_equal(mailbox_create(s, test_account, STR("a/b"), 0, NULL,
	                                &err),
	                 -1);
	assert_int_equal(err.kind, ERR_EXISTS);
	assert_true(get(s, &arena, "a").has_children);
	assert_false(get(s, &arena, "a/b/c").has_children);
	assert_int_equal(mailbox_subscribe(s, test_account, STR("a/b/c"), true,
	                                   &err),
	                 0);
	m = get(s, &arena, "a/b");
	assert_int_equal(mailbox_rename(s, test_account, m.no, STR("a/b/x"),
	                                &err),
	                 -1);
	assert_int_equal(err.kind, ERR_INVALID);
	assert_int_equal(mailbox_rename(s, test_account, m.no, STR("x/y/z"),
	                                &err),
	                 0);
	m = get(s, &arena, "x/y/z/c");
	assert_int_equal(m.no, no);
	assert_true(m.subscribed);
	assert_int_equal(mailbox_get(s, test_account, STR("a/b"), &arena, &m,
	                             &err),
	                 -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_int_equal(mailbox_delete(s, test_account, get(s, &arena, "x").no,
	                                &err),
	                 -1);
	assert_int_equal(err.kind, ERR_EXISTS);
	assert_int_equal(mailbox_delete(s, test_account, 1, &err), -1);
	assert_int_equal(err.kind, ERR_DENIED);
	assert_true(test_append(s, test_account, no, TEST_MAIL, 0, &err) == 1);
	assert_int_equal(mailbox_delete(s, test_account, no, &err), 0);
	assert_int_equal(mailbox_delete(s, test_account, no, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	/* The same name again is another mailbox. */
	m = get(s, &arena, "x/y/z");
	assert_int_equal(mailbox_delete(s, test_account, m.no, &err), 0);
	assert_int_equal(mailbox_create(s, test_account, STR("x/y/z"), 0, &no,
	                                &err),
	                 0);
	assert_true(get(s, &arena, "x/y/z").uidvalidity > m.uidvalidity);
	assert_true(no > m.no);
	arena_deinit(&arena);
	store_close(&s);
}

static void read_whole(struct body *b, struct str want)
{
	struct err err = ERR_INIT;
	char *p = mem_alloc(want.n + 10);
	size_t got;

	assert_int_equal(body_size(b), want.n);
	assert_int_equal(body_read(b, 0, p, want.n + 10, &got, &err), 0);
	assert_int_equal(got, want.n);
	assert_memory_equal(p, want.p, want.n);
	/* Ranges over every border. */
	for (size_t at = 0; at <= want.n; at += want.n / 7 + 1) {
		assert_int_equal(body_read(b, at, p, 100, &got, &err), 0);
		assert_int_equal(got, want.n - at < 100 ? want.n - at : 100);
		assert_memory_equal(p, want.p + at, got);
	}
	mem_free(p);
}

static void append_and_check(struct store *s, size_t size)
{
	struct str prefix = STR("Delivered-To: bo@b.example\r\n");
	struct append_target t = { .account = test_account, .prefix = prefix };
	struct err err = ERR_INIT;
	struct buf whole;
	struct body *b;

	buf_init(&whole, size + 1000);
	buf_add(&whole, prefix);
	buf_add(&whole, TEST_MAIL);
	while (whole.n < size)
		buf_fmt(&whole, "line %zu of it\r\n", whole.n);
	assert_int_equal(append_prepare_str(&t.message, s,
	                                    str_from(buf_str(&whole), prefix.n),
	                                    &err),
	                 0);
	if (append_commit(s, &t, 1, STR(""), NULL, &err) < 0)
		fail_msg("%s", err.text);
	append_free(&t.message);
	assert_true(t.uid > 0 && t.email > 0 && t.thread > 0);
	assert_int_equal(body_open(&b, s, test_account, t.mailbox_out, t.uid,
	                           &err),
	                 0);
	read_whole(b, buf_str(&whole));
	body_close(&b);
	assert_int_equal(body_open_email(&b, s, test_account, t.email, &err),
	                 0);
	read_whole(b, buf_str(&whole));
	body_close(&b);
	buf_deinit(&whole);
}

static void bodies_read_back(void **state)
{
	struct store *s = test_open();

	(void)state;
	append_and_check(s, 200);
	append_and_check(s, 65000);
	append_and_check(s, 66000);
	append_and_check(s, 3000000);
	store_close(&s);
}

static void a_key_stores_once(void **state)
{
	struct store *s = test_open();
	struct err err = ERR_INIT;
	struct append_target t[2] = { { .account = test_account },
		                      { .account = { .id = 8 } } };
	struct quota before, after;
	bool known;

	(void)state;
	t[1].account.quota_bytes = STORE_QUOTA_NONE;
	assert_int_equal(append_prepare_str(&t[0].message, s, TEST_MAIL, &err),
	                 0);
	t[1].message = t[0].message;
	assert_int_equal(append_commit(s, t, 2, STR("key"), &known, &err), 0);
	assert_false(known);
	assert_true(t[0].uid && t[1].uid);
	assert_int_equal(quota_get(s, test_account, &before, &err), 0);
	assert_int_equal(append_commit(s, t, 2, STR("key"), &known, &err), 0);
	assert_true(known);
	assert_int_equal(quota_get(s, test_account, &after, &err), 0);
	assert_int_equal(before.messages, after.messages);
	append_free(&t[0].message);
	store_close(&s);
}

static void all_targets_or_none(void **state)
{
	struct store *s = test_open();
	struct err err = ERR_INIT;
	struct append_target t[2] = {
		{ .account = { .id = 20, .quota_bytes = STORE_QUOTA_NONE } },
		{ .account = { .id = 21, .quota_bytes = 10 } }
	};
	struct quota q;

	(void)state;
	assert_int_equal(append_prepare_str(&t[0].message, s, TEST_MAIL, &err),
	                 0);
	t[1].message = t[0].message;
	assert_int_equal(append_commit(s, t, 2, STR(""), NULL, &err), -1);
	assert_int_equal(err.kind, ERR_OVER_QUOTA);
	assert_int_equal(quota_get(s, t[0].account, &q, &err), 0);
	assert_int_equal(q.messages, 0);
	append_free(&t[0].message);
	store_close(&s);
}

static void quota_has_sharp_edges(void **state)
{
	struct store *s = test_open();
	struct err err = ERR_INIT;
	struct str mail = TEST_MAIL;
	struct store_account a = { .id = 30, .quota_bytes = mail.n * 2 };
	struct uid_range r = UIDSET_ALL;
	struct uidset all = { .p = &r, .n = 1 };
	struct copy_result c;
	struct quota q;

	(void)state;
	assert_int_equal(test_append(s, a, 1, mail, 0, &err), 1);
	assert_int_equal(quota_check(s, a, mail.n, &err), 0);
	assert_int_equal(quota_check(s, a, mail.n + 1, &err), -1);
	assert_int_equal(copy_messages(s, a, 1, &all, 2, &c, &err), 0);
	assert_int_equal(c.n, 1);
	copy_result_deinit(&c);
	assert_int_equal(copy_messages(s, a, 1, &all, 2, &c, &err), -1);
	assert_int_equal(err.kind, ERR_OVER_QUOTA);
	assert_int_equal(test_append(s, a, 1, mail, 0, &err), 0);
	assert_int_equal(err.kind, ERR_OVER_QUOTA);
	/* Full, and yet moving and deleting go on. */
	assert_int_equal(move_messages(s, a, 1, &all, 3, &c, &err), 0);
	assert_int_equal(c.n, 1);
	copy_result_deinit(&c);
	assert_int_equal(expunge_uids(s, a, 3, &all, NULL, NULL, &err), 0);
	assert_int_equal(quota_get(s, a, &q, &err), 0);
	assert_int_equal(q.used_bytes, mail.n);
	assert_int_equal(q.messages, 1);
	store_close(&s);
}

static void flags_and_keywords(void **state)
{
	struct str names[2] = { STR_INIT("$Forwarded"), STR_INIT("Grocery") };
	struct store *s = test_open();
	struct store_account a = { .id = 40, .quota_bytes = STORE_QUOTA_NONE };
	struct uid_range r = { 1, 2 };
	struct uidset set = { .p = &r, .n = 1 };
	struct flags_change c = { .op = FLAGS_ADD,
		                  .unchanged_since = UINT64_MAX };
	struct flags_result res;
	struct flag_names known;
	struct err err = ERR_INIT;
	struct arena arena;
	struct fetch_row row;
	uint64_t bits, none, first;

	(void)state;
	arena_init(&arena);
	for (int i = 0; i < 3; i++)
		assert_true(test_append(s, a, 1, TEST_MAIL, 0, &err) > 0);
	assert_int_equal(flags_bits(s, a, names, 2, false, &none, &err), 0);
	assert_true(none == FLAG_FORWARDED);
	assert_int_equal(flags_bits(s, a, names, 2, true, &bits, &err), 0);
	assert_true(bits != none && (bits & FLAG_FORWARDED));
	assert_int_equal(flags_names(s, a, &arena, &known, &err), 0);
	assert_str(known.names[FLAG_KEYWORD_FREE], "Grocery");

	c.flags = bits | FLAG_SEEN;
	assert_int_equal(flags_store(s, a, 1, &set, &c, &res, &err), 0);
	assert_int_equal(uidset_count(&res.changed), 2);
	first = res.modseq;
	flags_result_deinit(&res);
	assert_int_equal(flags_store(s, a, 1, &set, &c, &res, &err), 0);
	assert_int_equal(uidset_count(&res.changed), 0);
	assert_int_equal(res.modseq, 0);
	flags_result_deinit(&res);

	/* RFC 7162, 3.1.3: only those not changed since. */
	r.first = 2;
	r.last = 3;
	c.op = FLAGS_SET;
	c.flags = FLAG_FLAGGED;
	c.unchanged_since = first - 1;
	assert_int_equal(flags_store(s, a, 1, &set, &c, &res, &err), 0);
	assert_true(uidset_has(&res.modified, 2));
	assert_true(uidset_has(&res.changed, 3));
	flags_result_deinit(&res);
	assert_int_equal(fetch_one(s, a, 1, 3, 0, &arena, &row, &err), 0);
	assert_true(row.flags == FLAG_FLAGGED);
	assert_true(row.modseq > first);
	arena_deinit(&arena);
	store_close(&s);
}

static void keywords_are_bounded_and_reused(void **state)
{
	struct store *s = test_open();
	struct store_account a = { .id = 41, .quota_bytes = STORE_QUOTA_NONE };
	struct err err = ERR_INIT;
	uint64_t bits;

	(void)state;
	/* No message has them, so there is always room for a new one. */
	for (int i = 0; i < 200; i++) {
		char z[20];
		struct str name;

		(void)snprintf(z, sizeof(z), "word%d", i);
		name = str_z(z);
		assert_int_equal(flags_bits(s, a, &name, 1, true, &bits, &err),
		                 0);
	}
	for (int i = 0; i < 100; i++) {
		char z[20];
		struct str name;
		struct append_target t = { .account = a,
			                   .keywords = &name,
			                   .keywords_n = 1 };
		int rc;

		(void)snprintf(z, sizeof(z), "used%d", i);
		name = str_z(z);
		assert_int_equal(append_prepare_str(&t.message, s, TEST_MAIL,
		                                    &err),
		                 0);
		rc = append_commit(s, &t, 1, STR(""), NULL, &err);
		append_free(&t.message);
		if (i < FLAG_BITS - FLAG_KEYWORD_FREE) {
			assert_int_equal(rc, 0);
		} else {
			assert_int_equal(rc, -1);
			assert_int_equal(err.kind, ERR_TOO_BIG);
		}
	}
	store_close(&s);
}

static struct append_target put(struct store *s, struct store_account a,
                                const char *id, const char *refs)
{
	struct append_target t = { .account = a };
	struct err err = ERR_INIT;
	struct buf b;

	buf_init(&b, 10000);
	buf_fmt(&b,
	        "From: x@x.example\r\nSubject: same\r\nMessage-ID: <%s>\r\n"
	        "References: %s\r\n\r\nbody of %s\r\n",
	        id, refs, id);
	assert_int_equal(append_prepare_str(&t.message, s, buf_str(&b), &err),
	                 0);
	assert_int_equal(append_commit(s, &t, 1, STR(""), NULL, &err), 0);
	append_free(&t.message);
	buf_deinit(&b);
	return t;
}

static void threads_follow_references_alone(void **state)
{
	struct store *s = test_open();
	struct store_account a = { .id = 50, .quota_bytes = STORE_QUOTA_NONE };
	struct append_target one, two, three, other, late;
	struct err err = ERR_INIT;
	struct arena arena;
	uint64_t *list;
	size_t n;

	(void)state;
	arena_init(&arena);
	one = put(s, a, "1@x", "");
	other = put(s, a, "9@x", "");
	two = put(s, a, "2@x", "<1@x>");
	/* Through an id that is only known from a reference. */
	three = put(s, a, "3@x", "<1@x> <unseen@x>");
	late = put(s, a, "4@x", "<unseen@x>");
	assert_true(other.thread != one.thread);
	assert_true(two.thread == one.thread && three.thread == one.thread &&
	            late.thread == one.thread);
	assert_int_equal(fetch_thread(s, a, one.thread, &arena, &list, &n,
	                              &err),
	                 0);
	assert_int_equal(n, 4);
	assert_true(list[0] == one.email && list[3] == late.email);
	arena_deinit(&arena);
	store_close(&s);
}

static int64_t count_bodies(void)
{
	struct db_options o = { .path = NULL };
	struct err err = ERR_INIT;
	struct db *db;
	char path[300];
	int64_t n = -1;

	(void)snprintf(path, sizeof(path), "%s/shard-0001.db", test_dir);
	o.path = path;
	assert_int_equal(db_open(&db, &o, &err), 0);
	assert_int_equal(db_number(db, &n, "SELECT count(*) FROM body",
	                           DB_NO_ARGS, &err),
	                 1);
	db_close(&db);
	return n;
}

static void equal_bodies_are_stored_once(void **state)
{
	struct store *s = test_open();
	struct err err = ERR_INIT;
	int64_t before = count_bodies();
	struct buf b;

	(void)state;
	for (int round = 0; round < 2; round++) {
		buf_init(&b, 200000);
		buf_add(&b, TEST_MAIL);
		while (b.n < (round ? 100000 : 20000))
			buf_fmt(&b, "round %d line %zu\r\n", round, b.n);
		for (int i = 0; i < 3; i++) {
			struct store_account a = { 60 + i, 1,
				                   STORE_QUOTA_NONE };

			assert_true(test_append(s, a, 1, buf_str(&b), 0, &err) >
			            0);
		}
		buf_deinit(&b);
	}
	assert_int_equal(count_bodies(), before + 2);
	store_close(&s);
}

static void meta_describes_the_message(void **state)
{
	struct store *s = test_open();
	struct store_account a = { .id = 70, .quota_bytes = STORE_QUOTA_NONE };
	struct err err = ERR_INIT;
	struct fetch_row row;
	struct meta_sort sort;
	struct arena arena;

	(void)state;
	arena_init(&arena);
	assert_int_equal(test_append(s, a, 1, TEST_MAIL, FLAG_SEEN, &err), 1);
	assert_int_equal(fetch_one(s, a, 1, 1, FETCH_META, &arena, &row, &err),
	                 0);
	assert_int_equal(row.email, 1);
	assert_int_equal(row.size, TEST_MAIL.n);
	assert_str(meta_get(row.meta, META_FIELDS),
	           "From: Anna <anna@a.example>\r\nTo: bo@b.example\r\n"
	           "Subject: Hello\r\nMessage-ID: <1@a.example>\r\n");
	assert_true(meta_sort_get(row.meta, &sort));
	assert_int_equal(sort.header_size, TEST_MAIL.n - 10);
	assert_str(sort.message_id, "1@a.example");
	arena_deinit(&arena);
	store_close(&s);
}

static void alters_mailboxes_whole(void **state)
{
	struct store_account a = { .id = 77,
		                   .shard = 1,
		                   .quota_bytes = STORE_QUOTA_NONE };
	struct mailbox_wish w = { .name = STR("Old/One"),
		                  .has_subscribed = true,
		                  .subscribed = true };
	struct store *s = test_open();
	struct mailbox m;
	struct arena arena;
	struct err err = ERR_INIT;
	uint64_t no = 0;

	(void)state;
	arena_init(&arena);
	assert_int_equal(mailbox_make(s, a, &w, &no, &err), 0);
	assert_int_equal(mailbox_get_no(s, a, no, &arena, &m, &err), 0);
	assert_str(m.name, "Old/One");
	assert_true(m.subscribed);
	/* A use that another has: the name stays too. */
	w = (struct mailbox_wish){ .name = STR("New"),
		                   .has_use = true,
		                   .use = MAILBOX_USE_ARCHIVE,
		                   .has_subscribed = true };
	assert_int_equal(mailbox_alter(s, a, no, &w, &err), -1);
	assert_int_equal(err.kind, ERR_EXISTS);
	assert_int_equal(mailbox_get_no(s, a, no, &arena, &m, &err), 0);
	assert_str(m.name, "Old/One");
	assert_true(m.subscribed);
	assert_int_equal(mailbox_get_use(s, a, MAILBOX_USE_ARCHIVE, &arena, &m,
	                                 &err),
	                 0);
	assert_int_equal(mailbox_set_use(s, a, m.no, MAILBOX_USE_NONE, &err),
	                 0);
	assert_int_equal(mailbox_alter(s, a, no, &w, &err), 0);
	assert_int_equal(mailbox_get_no(s, a, no, &arena, &m, &err), 0);
	assert_str(m.name, "New");
	assert_int_equal(m.use, MAILBOX_USE_ARCHIVE);
	assert_false(m.subscribed);
	assert_int_equal(mailbox_alter(s, a, 1, &w, &err), -1);
	assert_int_equal(err.kind, ERR_DENIED);
	arena_deinit(&arena);
	store_close(&s);
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(an_account_has_its_folders),
		cmocka_unit_test(names_are_checked),
		cmocka_unit_test(trees_are_renamed_and_deleted),
		cmocka_unit_test(bodies_read_back),
		cmocka_unit_test(a_key_stores_once),
		cmocka_unit_test(all_targets_or_none),
		cmocka_unit_test(quota_has_sharp_edges),
		cmocka_unit_test(flags_and_keywords),
		cmocka_unit_test(keywords_are_bounded_and_reused),
		cmocka_unit_test(threads_follow_references_alone),
		cmocka_unit_test(equal_bodies_are_stored_once),
		cmocka_unit_test(meta_describes_the_message),
		cmocka_unit_test(alters_mailboxes_whole),
	};

	return cmocka_run_group_tests(list, test_set_up, test_tear_down);
}
