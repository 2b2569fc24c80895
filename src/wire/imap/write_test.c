#include "wire/imap/write.h"

#include "base/test.h"

static void chooses_the_form(void **state)
{
	static const struct {
		struct str in;
		bool utf8;
		const char *want;
	} rows[] = {
		{ STR_INIT("abc"), false, "\"abc\"" },
		{ STR_INIT(""), false, "\"\"" },
		{ STR_INIT("a\"b\\c"), false, "\"a\\\"b\\\\c\"" },
		{ STR_INIT("a\r\nb"), false, "{4}\r\na\r\nb" },
		{ STR_INIT("\xc3\xa6"), false, "{2}\r\n\xc3\xa6" },
		{ STR_INIT("\xc3\xa6"), true, "\"\xc3\xa6\"" },
		{ STR_INIT("\x01"), true, "{1}\r\n\x01" },
		{ { NULL, 0 }, false, "NIL" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf b;

		buf_init(&b, 100);
		imap_write_nstring(&b, rows[i].in, rows[i].utf8);
		assert_str(buf_str(&b), rows[i].want);
		buf_deinit(&b);
	}
}

/* Every byte, alone and in company, reads back. */
static void reads_back(void **state)
{
	(void)state;
	for (int c = 0; c < 256; c++) {
		char bytes[3] = { 'x', (char)c, 'y' };

		for (size_t n = 0; n <= 3; n++) {
			struct str in = { bytes, n }, out;
			struct imap_parser p;
			struct arena a;
			struct buf b;

			arena_init(&a);
			buf_init(&b, 100);
			imap_write_astring(&b, in);
			p = imap_parser(buf_str(&b), &a);
			assert_true(imap_parse_astring(&p, &out));
			assert_true(str_eq(in, out));
			assert_true(imap_parse_end(&p));
			buf_deinit(&b);
			arena_deinit(&a);
		}
	}
}

static void nil_is_quoted(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	imap_write_astring(&b, STR("nil"));
	assert_str(buf_str(&b), "\"nil\"");
	buf_deinit(&b);
}

static void writes_flags(void **state)
{
	static const struct str keywords[] = { STR_INIT("$A"), STR_INIT("b") };
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	imap_write_flags(&b, 0, NULL, 0);
	assert_str(buf_str(&b), "");
	imap_write_flags(&b, IMAP_SEEN | IMAP_DRAFT, keywords, 2);
	assert_str(buf_str(&b), "\\Seen \\Draft $A b");
	buf_reset(&b);
	imap_write_flags(&b, 0, keywords, 1);
	assert_str(buf_str(&b), "$A");
	buf_deinit(&b);
}

static void text_for_people_stays_in_its_quotes(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	imap_write_quoted_text(&b, STR("a\"\r\n* BYE"));
	assert_str(buf_str(&b), "\"a\\\"??* BYE\"");
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(chooses_the_form),
		cmocka_unit_test(reads_back),
		cmocka_unit_test(nil_is_quoted),
		cmocka_unit_test(writes_flags),
		cmocka_unit_test(text_for_people_stays_in_its_quotes),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
