#include "store/metadata.h"

#include "store/mailbox.h"
#include "store/testing.h"

static const struct metadata_limits limits = { .value_bytes = 20,
	                                       .entries = 3,
	                                       .account_bytes = 200 };

static int put(struct store *s, uint64_t mailbox, const char *name,
               const char *value, enum metadata_refused *refused,
               struct err *err)
{
	struct metadata_entry e = { .name = str_z(name) };
	struct metadata_write w = {
		.mailbox = mailbox, .entries = &e, .n = 1, .max = limits
	};
	int rc;

	if (value)
		e.value = str_z(value);
	rc = metadata_write(s, test_account, &w, err);
	if (refused)
		*refused = w.refused;
	return rc;
}

/* "0/private/a=1 3/private/b=" */
static struct str all(struct store *s, struct arena *arena)
{
	struct str text = STR("");
	struct metadata_entry *v;
	struct err err;
	size_t n;

	assert_int_equal(metadata_list_all(s, test_account, arena, &v, &n,
	                                   &err),
	                 0);
	for (size_t i = 0; i < n; i++)
		text = arena_fmt(arena, "%.*s%s%u%.*s=%.*s", STR_ARG(text),
		                 i ? " " : "", (unsigned)v[i].mailbox,
		                 STR_ARG(v[i].name), STR_ARG(v[i].value));
	return text;
}

static void knows_names(void **state)
{
	static const struct {
		const char *name;
		enum metadata_name want;
	} rows[] = {
		{ "/private/comment", METADATA_NAME_ENTRY },
		{ "/SHARED/Comment", METADATA_NAME_ENTRY },
		{ "/private/a b", METADATA_NAME_ENTRY },
		{ "/private/vendor/x/y", METADATA_NAME_ENTRY },
		{ "/private/vendor/x", METADATA_NAME_ABOVE },
		{ "/private/Vendor", METADATA_NAME_ABOVE },
		{ "/private/vendors", METADATA_NAME_ENTRY },
		{ "/private/x/vendor", METADATA_NAME_ENTRY },
		{ "/private", METADATA_NAME_ABOVE },
		{ "/shared", METADATA_NAME_ABOVE },
		{ "", METADATA_NAME_BAD },
		{ "/", METADATA_NAME_BAD },
		{ "private/comment", METADATA_NAME_BAD },
		{ "/comment", METADATA_NAME_BAD },
		{ "/public/comment", METADATA_NAME_BAD },
		{ "/privates/comment", METADATA_NAME_BAD },
		{ "/private/", METADATA_NAME_BAD },
		{ "/private/comment/", METADATA_NAME_BAD },
		{ "//private/comment", METADATA_NAME_BAD },
		{ "/private//comment", METADATA_NAME_BAD },
		{ "/private/c*", METADATA_NAME_BAD },
		{ "/private/c%", METADATA_NAME_BAD },
		{ "/private/c\x19", METADATA_NAME_BAD },
		{ "/private/c\x7f", METADATA_NAME_BAD },
		{ "/private/c\xc3\xb8", METADATA_NAME_BAD },
	};

	char longest[METADATA_NAME_MAX + 2];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (metadata_name_check(str_z(rows[i].name)) != rows[i].want)
			fail_msg("%s", rows[i].name);
	memset(longest, 'a', sizeof(longest));
	memcpy(longest, "/private/", 9);
	assert_int_equal(metadata_name_check(
				 (struct str){ longest, METADATA_NAME_MAX }),
	                 METADATA_NAME_ENTRY);
	assert_int_equal(metadata_name_check((struct str){
				 longest, METADATA_NAME_MAX + 1 }),
	                 METADATA_NAME_BAD);
}

static void keeps_what_was_set(void **state)
{
	static const struct str binary = { "a\0\xff\r\n", 5 };
	struct metadata_entry e = { .name = STR("/shared/bytes"),
		                    .value = binary };
	struct metadata_write w = { .entries = &e, .n = 1, .max = limits };
	struct store *s = test_open();
	struct err err = ERR_INIT;
	struct metadata_entry *v;
	struct arena arena;
	struct str value;
	size_t n;

	(void)state;
	arena_init(&arena);
	assert_str(all(s, &arena), "");
	assert_int_equal(put(s, 3, "/Private/Comment", "one", NULL, &err), 0);
	assert_int_equal(put(s, 3, "/private/empty", "", NULL, &err), 0);
	assert_int_equal(put(s, 0, "/shared/comment", "of all", NULL, &err), 0);
	assert_int_equal(put(s, 3, "/private/gone", NULL, NULL, &err), 0);
	assert_str(all(s, &arena), "0/shared/comment=of all "
	                           "3/private/comment=one 3/private/empty=");
	assert_int_equal(put(s, 3, "/private/COMMENT", "two", NULL, &err), 0);
	assert_int_equal(metadata_get(s, test_account, 3,
	                              STR("/PRIVATE/comment"), &arena, &value,
	                              &err),
	                 0);
	assert_str(value, "two");
	assert_int_equal(metadata_get(s, test_account, 3, STR("/private/empty"),
	                              &arena, &value, &err),
	                 0);
	assert_non_null(value.p);
	assert_int_equal(value.n, 0);
	assert_int_equal(metadata_get(s, test_account, 2,
	                              STR("/private/comment"), &arena, &value,
	                              &err),
	                 -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_int_equal(metadata_write(s, test_account, &w, &err), 0);
	assert_int_equal(metadata_get(s, test_account, 0, e.name, &arena,
	                              &value, &err),
	                 0);
	assert_true(str_eq(value, binary));

	assert_int_equal(metadata_list(s, test_account, 3, &arena, &v, &n,
	                               &err),
	                 0);
	assert_int_equal(n, 2);
	assert_ptr_equal(metadata_find(v, n, 3, STR("/private/EMPTY")), &v[1]);
	assert_null(metadata_find(v, n, 3, STR("/private/other")));
	assert_null(metadata_find(v, n, 2, STR("/private/empty")));

	assert_int_equal(put(s, 99, "/private/comment", "x", NULL, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_int_equal(put(s, 3, "/private", "x", NULL, &err), -1);
	assert_int_equal(err.kind, ERR_INVALID);
	assert_int_equal(put(s, 0, "/Shared/Admin", "x", NULL, &err), -1);
	assert_int_equal(err.kind, ERR_DENIED);
	for (uint64_t i = 0; i < n; i++)
		assert_int_equal(put(s, 3, arena_strz(&arena, v[i].name), NULL,
		                     NULL, &err),
		                 0);
	assert_int_equal(put(s, 0, "/shared/comment", NULL, NULL, &err), 0);
	assert_int_equal(put(s, 0, "/shared/bytes", NULL, NULL, &err), 0);
	assert_str(all(s, &arena), "");
	arena_deinit(&arena);
	store_close(&s);
}

static void has_limits(void **state)
{
	struct metadata_entry both[] = {
		{ .name = STR("/private/a"), .value = STR("changed") },
		{ .name = STR("/private/d"), .value = STR("4") },
	};
	struct metadata_write w = {
		.mailbox = 2, .entries = both, .n = 2, .max = limits
	};
	struct store *s = test_open();
	enum metadata_refused why;
	struct err err = ERR_INIT;
	struct arena arena;

	(void)state;
	arena_init(&arena);
	assert_int_equal(put(s, 2, "/private/a", "12345678901234567890", &why,
	                     &err),
	                 0);
	assert_int_equal(put(s, 2, "/private/b", "123456789012345678901", &why,
	                     &err),
	                 -1);
	assert_int_equal(why, METADATA_TOO_LARGE);
	assert_int_equal(put(s, 2, "/private/a", "1", &why, &err), 0);
	assert_int_equal(put(s, 2, "/private/b", "2", &why, &err), 0);
	assert_int_equal(put(s, 2, "/private/c", "3", &why, &err), 0);
	/* All or none. */
	assert_int_equal(metadata_write(s, test_account, &w, &err), -1);
	assert_int_equal(w.refused, METADATA_TOO_MANY);
	assert_str(all(s, &arena), "2/private/a=1 2/private/b=2 2/private/c=3");
	/* In the place of another it fits; and it may always be less. */
	both[0].value = (struct str){ NULL, 0 };
	assert_int_equal(metadata_write(s, test_account, &w, &err), 0);
	w.max.entries = 1;
	w.max.account_bytes = 10;
	both[0].name = both[1].name;
	assert_int_equal(metadata_write(s, test_account, &w, &err), 0);
	both[1].value = STR("44");
	assert_int_equal(metadata_write(s, test_account, &w, &err), -1);
	assert_int_equal(w.refused, METADATA_FULL);
	assert_int_equal(err.kind, ERR_OVER_QUOTA);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(put(s, 0, i ? "/shared/x" : "/private/x",
		                     "12345678901234567890", &why, &err),
		                 0);
		assert_int_equal(put(s, 3, i ? "/shared/x" : "/private/x",
		                     "12345678901234567890", &why, &err),
		                 0);
	}
	assert_int_equal(put(s, 0, "/shared/y", "12345678901234567890", &why,
	                     &err),
	                 0);
	assert_int_equal(put(s, 4, "/shared/y", "12345678901234567890", &why,
	                     &err),
	                 -1);
	assert_int_equal(why, METADATA_FULL);
	arena_deinit(&arena);
	store_close(&s);
}

static enum mailbox_use use_of(struct store *s, uint64_t no)
{
	struct err err = ERR_INIT;
	struct arena arena;
	struct mailbox m;

	arena_init(&arena);
	assert_int_equal(mailbox_get_no(s, test_account, no, &arena, &m, &err),
	                 0);
	arena_deinit(&arena);
	return m.use;
}

static void sets_the_use_of_a_mailbox(void **state)
{
	struct store *s = test_open();
	enum metadata_refused why;
	struct err err = ERR_INIT;
	uint64_t no;

	(void)state;
	assert_int_equal(mailbox_create(s, test_account, STR("Old"),
	                                MAILBOX_USE_NONE, &no, &err),
	                 0);
	/* Archive has it. */
	assert_int_equal(put(s, no, "/private/SpecialUse", "\\Archive", &why,
	                     &err),
	                 -1);
	assert_int_equal(why, METADATA_USE);
	assert_int_equal(put(s, 4, "/private/specialuse", NULL, &why, &err), 0);
	assert_int_equal(put(s, no, "/private/specialuse", " \\archive", &why,
	                     &err),
	                 0);
	assert_int_equal(use_of(s, 4), MAILBOX_USE_NONE);
	assert_int_equal(use_of(s, no), MAILBOX_USE_ARCHIVE);
	assert_int_equal(put(s, no, "/private/specialuse", "\\All", &why, &err),
	                 -1);
	assert_int_equal(why, METADATA_USE);
	assert_int_equal(put(s, no, "/private/specialuse", "\\Sent \\Junk",
	                     &why, &err),
	                 -1);
	assert_int_equal(why, METADATA_USE);
	assert_int_equal(put(s, 1, "/private/specialuse", "\\Archive", &why,
	                     &err),
	                 -1);
	assert_int_equal(why, METADATA_USE);
	assert_int_equal(put(s, 1, "/private/specialuse", NULL, &why, &err), 0);
	assert_int_equal(use_of(s, 1), MAILBOX_USE_INBOX);
	assert_int_equal(put(s, no, "/private/specialuse", "", &why, &err), 0);
	assert_int_equal(use_of(s, no), MAILBOX_USE_NONE);
	/* What it is not: an entry. */
	assert_int_equal(put(s, 4, "/private/specialuse", "\\Archive", &why,
	                     &err),
	                 0);
	assert_int_equal(mailbox_delete(s, test_account, no, &err), 0);
	store_close(&s);
}

static void goes_with_its_mailbox(void **state)
{
	struct store_account other = test_account;
	struct store *s = test_open();
	struct err err = ERR_INIT;
	struct arena arena;
	struct mailbox m;
	uint64_t no;

	(void)state;
	arena_init(&arena);
	/* A fresh account, by the numbers of the tables. */
	other.id = 8;
	assert_int_equal(store_account_remove(s, test_account, &err), 0);
	assert_str(all(s, &arena), "");
	assert_int_equal(mailbox_create(s, test_account, STR("Work"),
	                                MAILBOX_USE_NONE, &no, &err),
	                 0);
	assert_int_equal(put(s, no, "/private/comment", "w", NULL, &err), 0);
	assert_int_equal(put(s, 1, "/private/comment", "i", NULL, &err), 0);
	assert_int_equal(mailbox_rename(s, test_account, no, STR("Job"), &err),
	                 0);
	assert_str(all(s, &arena), arena_fmt(&arena,
	                                     "1/private/comment=i "
	                                     "%u/private/comment=w",
	                                     (unsigned)no)
	                                   .p);
	assert_int_equal(mailbox_delete(s, test_account, no, &err), 0);
	assert_str(all(s, &arena), "1/private/comment=i");
	/* RFC 5464, 4.1: INBOX keeps its own, and they are copied. */
	assert_int_equal(mailbox_rename(s, test_account, 1, STR("Was"), &err),
	                 0);
	assert_int_equal(mailbox_get(s, test_account, STR("Was"), &arena, &m,
	                             &err),
	                 0);
	assert_str(all(s, &arena), arena_fmt(&arena,
	                                     "1/private/comment=i "
	                                     "%u/private/comment=i",
	                                     (unsigned)m.no)
	                                   .p);
	assert_int_equal(store_account_remove(s, other, &err), 0);
	assert_int_equal(store_account_remove(s, test_account, &err), 0);
	assert_str(all(s, &arena), "");
	arena_deinit(&arena);
	store_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_names),
		cmocka_unit_test(keeps_what_was_set),
		cmocka_unit_test(has_limits),
		cmocka_unit_test(sets_the_use_of_a_mailbox),
		cmocka_unit_test(goes_with_its_mailbox),
	};

	return cmocka_run_group_tests(tests, test_set_up, test_tear_down);
}
