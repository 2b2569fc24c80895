#include "migrate/remote.h"

#include "base/test.h"

static void folders_find_their_place(void **state)
{
	static const struct {
		struct imap_listed in;
		const char *shown, *here;
		enum mailbox_use use;
		bool is_all, is_skipped;
	} all[] = {
		{ { 0, '/', STR_INIT("INBOX") },
		  "INBOX",
		  "INBOX",
		  MAILBOX_USE_INBOX,
		  false,
		  false },
		{ { 0, '.', STR_INIT("INBOX.Work.2026") },
		  "INBOX/Work/2026",
		  "Work/2026",
		  MAILBOX_USE_NONE,
		  false,
		  false },
		{ { 0, '.', STR_INIT("a/b.c") },
		  "a_b/c",
		  "a_b/c",
		  MAILBOX_USE_NONE,
		  false,
		  false },
		{ { 0, '/', STR_INIT("B&APw-cher") },
		  "B\xc3\xbc"
		  "cher",
		  "B\xc3\xbc"
		  "cher",
		  MAILBOX_USE_NONE,
		  false,
		  false },
		{ { IMAP_AT_SENT, '/', STR_INIT("Gesendet") },
		  "Gesendet",
		  "Gesendet",
		  MAILBOX_USE_SENT,
		  false,
		  false },
		{ { 0, '/', STR_INIT("Sent Items") },
		  "Sent Items",
		  "Sent Items",
		  MAILBOX_USE_SENT,
		  false,
		  false },
		{ { IMAP_AT_ALL, '/', STR_INIT("[X]/All Mail") },
		  "[X]/All Mail",
		  "[X]/All Mail",
		  MAILBOX_USE_ARCHIVE,
		  true,
		  false },
		{ { IMAP_AT_FLAGGED, '/', STR_INIT("[X]/Starred") },
		  "[X]/Starred",
		  "[X]/Starred",
		  MAILBOX_USE_NONE,
		  false,
		  true },
		{ { 0, 0, STR_INIT("a.b") },
		  "a.b",
		  "a.b",
		  MAILBOX_USE_NONE,
		  false,
		  false },
	};
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct remote_folder f;

		remote_folder_read(&all[i].in, &a, &f);
		assert_true(str_eq(f.name, all[i].in.name));
		assert_str(f.shown, all[i].shown);
		assert_str(f.here, all[i].here);
		assert_int_equal(f.use, all[i].use);
		assert_int_equal(f.is_all, all[i].is_all);
		assert_int_equal(f.skipped != NULL, all[i].is_skipped);
	}
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folders_find_their_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
