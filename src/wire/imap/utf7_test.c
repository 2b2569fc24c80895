#include "wire/imap/utf7.h"

#include "base/test.h"

static const struct {
	const char *utf8, *utf7;
} both[] = {
	{ "INBOX", "INBOX" },
	{ "", "" },
	{ "a&b", "a&-b" },
	{ "&&", "&-&-" },
	{ "S\xc3\xb8ppel", "S&APg-ppel" },
	{ "~peter/mail/\xe5\x8f\xb0\xe5\x8c\x97/\xe6\x97\xa5\xe6\x9c\xac\xe8"
	  "\xaa\x9e",
	  "~peter/mail/&U,BTFw-/&ZeVnLIqe-" },
	{ "\xf0\x9f\x93\xac", "&2D3c7A-" },
	{ "\xc3\xa6&\xc3\xa6", "&AOY-&-&AOY-" },
	{ "\xc3\xa6\xc3\xb8\xc3\xa5", "&AOYA+ADl-" },
};

static void translates_both_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(both) / sizeof(both[0]); i++) {
		struct buf b;

		buf_init(&b, 200);
		imap_utf7_encode(&b, str_z(both[i].utf8));
		assert_str(buf_str(&b), both[i].utf7);
		buf_reset(&b);
		assert_true(imap_utf7_decode(&b, str_z(both[i].utf7)));
		assert_str(buf_str(&b), both[i].utf8);
		buf_deinit(&b);
	}
}

static void refuses_other_spellings(void **state)
{
	static const char *const bad[] = {
		"\xc3\xa6",    /* raw UTF-8 */
		"&APg",        /* not ended */
		"&AGE-",       /* "a" needs no shift */
		"&AOY-&APg-",  /* two shifts in a row */
		"&AOYA+B-",    /* bits left over */
		"&AOYA+ADlA-", /* a digit too many */
		"&2D0-",       /* half a pair */
		"&3KzYPQ-",    /* the wrong way round */
		"&A/Y-",       /* "/" is no digit here */
		"&A-",         /* nothing whole */
		"a\tb",        /* a control character */
	};
	struct buf b;

	(void)state;
	buf_init(&b, 200);
	buf_add(&b, STR("kept"));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (imap_utf7_decode(&b, str_z(bad[i])))
			print_error("\"%s\" was taken\n", bad[i]);
		assert_str(buf_str(&b), "kept");
	}
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(translates_both_ways),
		cmocka_unit_test(refuses_other_spellings),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
