#include "wire/imap/pattern.h"

#include <string.h>

#include "base/test.h"

static void matches(void **state)
{
	static const struct {
		const char *pattern, *name;
		enum imap_match want;
	} rows[] = {
		{ "*", "a/b", IMAP_MATCH_YES },
		{ "%", "a", IMAP_MATCH_YES },
		{ "%", "a/b", IMAP_MATCH_NO },
		{ "%/%", "a", IMAP_MATCH_CHILD },
		{ "%/%", "a/b", IMAP_MATCH_YES },
		{ "a/%", "a", IMAP_MATCH_CHILD },
		{ "a/*", "a/b/c", IMAP_MATCH_YES },
		{ "a*", "a/b/c", IMAP_MATCH_YES },
		{ "a%", "a/b", IMAP_MATCH_NO },
		{ "a%", "abc", IMAP_MATCH_YES },
		{ "*b", "aab", IMAP_MATCH_YES },
		{ "*b", "aba", IMAP_MATCH_CHILD },
		{ "%b%", "abc", IMAP_MATCH_YES },
		{ "", "a", IMAP_MATCH_NO },
		{ "", "", IMAP_MATCH_YES },
		{ "inbox", "INBOX", IMAP_MATCH_YES },
		{ "Inbox/x", "INBOX/x", IMAP_MATCH_YES },
		{ "inboxes", "INBOXes", IMAP_MATCH_NO },
		{ "i%", "INBOX", IMAP_MATCH_NO },
		{ "Sent", "sent", IMAP_MATCH_NO },
		{ "a/%", "ab", IMAP_MATCH_NO },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum imap_match got = imap_pattern_match(str_z(rows[i].pattern),
		                                         str_z(rows[i].name));

		if (got != rows[i].want)
			print_error("%s on %s\n", rows[i].pattern,
			            rows[i].name);
		assert_int_equal(got, rows[i].want);
	}
}

/* A pattern of stars costs no more than any other. */
static void stays_quick(void **state)
{
	char pattern[IMAP_PATTERN_MAX], name[1000];

	(void)state;
	memset(pattern, '*', sizeof(pattern));
	for (size_t i = 1; i < sizeof(pattern); i += 2)
		pattern[i] = 'a';
	memset(name, 'a', sizeof(name));
	name[sizeof(name) - 1] = 'b';
	for (int i = 0; i < 20; i++)
		assert_int_equal(
			imap_pattern_match((struct str){ pattern,
		                                         sizeof(pattern) },
		                           (struct str){ name, sizeof(name) }),
			IMAP_MATCH_CHILD);
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(matches),
		cmocka_unit_test(stays_quick),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
