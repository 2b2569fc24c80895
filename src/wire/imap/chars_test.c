#include "wire/imap/chars.h"

#include <string.h>

#include "base/test.h"

/* The table against the ABNF said the other way round. */
static void classes_follow_the_grammar(void **state)
{
	(void)state;
	for (int i = 0; i < 256; i++) {
		char c = (char)i;
		bool printable = i > 0x20 && i < 0x7f;
		bool atom = printable && !strchr("(){%*\"\\]", c);

		assert_int_equal(imap_is(c, IMAP_C_ATOM), atom);
		assert_int_equal(imap_is(c, IMAP_C_ASTRING), atom || c == ']');
		assert_int_equal(imap_is(c, IMAP_C_TAG),
		                 (atom || c == ']') && c != '+');
		assert_int_equal(imap_is(c, IMAP_C_LIST),
		                 atom || (i && strchr("]%*", c)));
		assert_int_equal(imap_is(c, IMAP_C_DIGIT),
		                 i >= '0' && i <= '9');
		assert_int_equal(imap_is(c, IMAP_C_QUOTABLE),
		                 (i >= 0x20 && i < 0x7f) || c == '\t');
	}
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(classes_follow_the_grammar),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
