#include "text/charset.h"

#include <pthread.h>

#include "base/test.h"
#include "base/utf8.h"

/* The bytes were made by other programs than the library used here. */
static const struct {
	const char *label;
	struct str in;
	const char *want;
} rows[] = {
	/* clang-format off */
	{ "utf-8", STR_INIT("R\xc3\xb8" "dgr\xc3\xb8" "d \xe2\x82\xac\xf0\x9f\x98\x80"), "R\xc3\xb8" "dgr\xc3\xb8" "d \xe2\x82\xac\xf0\x9f\x98\x80" },
	{ "\"UTF-8\"", STR_INIT("\xc3\xa6"), "\xc3\xa6" },
	{ "utf8", STR_INIT("\xc3\xa6"), "\xc3\xa6" },
	{ "iso-8859-1", STR_INIT("R\xf8" "dgr\xf8" "d"), "R\xc3\xb8" "dgr\xc3\xb8" "d" },
	{ "ISO8859-1", STR_INIT("\xf8"), "\xc3\xb8" },
	{ "us-ascii", STR_INIT("\xc3\xb8"), "\xc3\xb8" },
	{ "windows-1252", STR_INIT("\x93x\x94 \x80"), "\xe2\x80\x9cx\xe2\x80\x9d \xe2\x82\xac" },
	{ "iso-8859-1", STR_INIT("\x93x\x94 \x80"), "\xe2\x80\x9cx\xe2\x80\x9d \xe2\x82\xac" },
	{ "windows-1251", STR_INIT("\xcf\xf0\xe8\xe2\xe5\xf2"), "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82" },
	{ "win-1251", STR_INIT("\xcf\xf0\xe8\xe2\xe5\xf2"), "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82" },
	{ "CP1251", STR_INIT("\xcf\xf0\xe8\xe2\xe5\xf2"), "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82" },
	{ "koi8-r", STR_INIT("\xf0\xd2\xc9\xd7\xc5\xd4"), "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82" },
	{ "iso-8859-2", STR_INIT("\xa3\xf3" "d\xbc"), "\xc5\x81\xc3\xb3" "d\xc5\xba" },
	{ "windows-1250", STR_INIT("\xa3\xf3" "d\x9f"), "\xc5\x81\xc3\xb3" "d\xc5\xba" },
	{ "iso-8859-15", STR_INIT("\xa4\xbd"), "\xe2\x82\xac\xc5\x93" },
	{ "iso8859_15", STR_INIT("\xa4\xbd"), "\xe2\x82\xac\xc5\x93" },
	{ "iso-8859-16", STR_INIT("\xaa\xfe\xa4"), "\xc8\x98\xc8\x9b\xe2\x82\xac" },
	{ "iso-8859-7", STR_INIT("\xc3\xe5\xe9\xdc"), "\xce\x93\xce\xb5\xce\xb9\xce\xac" },
	{ "iso-8859-9", STR_INIT("\xdd\xfe"), "\xc4\xb0\xc5\x9f" },
	{ "windows-1255", STR_INIT("\xf9\xec\xe5\xed"), "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d" },
	{ "iso-8859-8-i", STR_INIT("\xf9\xec\xe5\xed"), "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d" },
	{ "windows-1256", STR_INIT("\xe3\xd1\xcd\xc8\xc7"), "\xd9\x85\xd8\xb1\xd8\xad\xd8\xa8\xd8\xa7" },
	{ "tis-620", STR_INIT("\xca\xc7\xd1\xca\xb4\xd5"), "\xe0\xb8\xaa\xe0\xb8\xa7\xe0\xb8\xb1\xe0\xb8\xaa\xe0\xb8\x94\xe0\xb8\xb5" },
	{ "shift_jis", STR_INIT("\x93\xfa\x96{\x8c\xea\x87@"), "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe2\x91\xa0" },
	{ "iso-2022-jp", STR_INIT("\x1b$BF|K\x5c" "8l\x1b(B"), "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e" },
	{ "euc-jp", STR_INIT("\xc6\xfc\xcb\xdc\xb8\xec"), "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e" },
	{ "gb2312", STR_INIT("\xd6\xd0\xce\xc4\xe6g"), "\xe4\xb8\xad\xe6\x96\x87\xe9\x8e\x94" },
	{ "gbk", STR_INIT("\xd6\xd0\xce\xc4"), "\xe4\xb8\xad\xe6\x96\x87" },
	{ "gb18030", STR_INIT("\xd6\xd0\xce\xc4\x94" "9\xfc" "6"), "\xe4\xb8\xad\xe6\x96\x87\xf0\x9f\x98\x80" },
	{ "hz-gb-2312", STR_INIT("~{VPND~}"), "\xe4\xb8\xad\xe6\x96\x87" },
	{ "big5", STR_INIT("\xa4\xa4\xa4\xe5"), "\xe4\xb8\xad\xe6\x96\x87" },
	{ "euc-kr", STR_INIT("\xc7\xd1\xb1\xb9\xbe\xee\x8c" "c"), "\xed\x95\x9c\xea\xb5\xad\xec\x96\xb4\xeb\x98\xa0" },
	{ "ks_c_5601-1987", STR_INIT("\xc7\xd1\xb1\xb9\xbe\xee"), "\xed\x95\x9c\xea\xb5\xad\xec\x96\xb4" },
	{ "iso-2022-kr", STR_INIT("\x1b$)C\x0eGQ19>n\x0f"), "\xed\x95\x9c\xea\xb5\xad\xec\x96\xb4" },
	{ "utf-7", STR_INIT("+AOY--+IKw-"), "\xc3\xa6-\xe2\x82\xac" },
	{ "utf-16le", STR_INIT("\xe6\x00=\xd8\x00\xde"), "\xc3\xa6\xf0\x9f\x98\x80" },
	{ "cp850", STR_INIT("\x9b"), "\xc3\xb8" },
	{ "IBM437", STR_INIT("\x82"), "\xc3\xa9" },
	{ "macintosh", STR_INIT("\x8e"), "\xc3\xa9" },
	{ "x-mac-cyrillic", STR_INIT("\x8f\xf0"), "\xd0\x9f\xd1\x80" },
	{ "x-unknown", STR_INIT("\xf8\x93"), "\xc3\xb8\xe2\x80\x9c" },
	{ "", STR_INIT("\xc3\xb8"), "\xc3\xb8" },
	{ "nonsense-42", STR_INIT("\xc3\xb8"), "\xc3\xb8" },
	{ "../../etc/passwd", STR_INIT("\xf8"), "\xc3\xb8" },
	/* clang-format on */
};

static void decode_at(struct buf *out, size_t row, size_t cut)
{
	struct text_decoder d;

	buf_reset(out);
	text_decoder_init(&d, str_z(rows[row].label));
	text_decode(&d, str_to(rows[row].in, cut), out);
	text_decode(&d, str_from(rows[row].in, cut), out);
	text_decode_end(&d, out);
}

static void decodes_at_all_split_points(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t c = 0; c <= rows[i].in.n; c++) {
			decode_at(&out, i, c);
			if (!str_eq(buf_str(&out), str_z(rows[i].want)))
				print_error("row %zu \"%s\" cut at %zu\n", i,
				            rows[i].label, c);
			assert_str(buf_str(&out), rows[i].want);
		}
	buf_deinit(&out);
}

/* Bytes that are not of the charset: never a failure, always UTF-8. */
static void whatever_comes_is_utf8(void **state)
{
	char bytes[400];
	struct buf out;
	uint32_t v = 7;

	(void)state;
	buf_init(&out, 10000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (int round = 0; round < 20; round++) {
			for (size_t j = 0; j < sizeof(bytes); j++) {
				v = v * 1103515245u + 12345u;
				bytes[j] = (char)(v >> 16);
			}
			buf_reset(&out);
			text_to_utf8(&out, str_z(rows[i].label),
			             (struct str){ bytes, sizeof(bytes) });
			assert_true(utf8_is_valid(buf_str(&out)));
			assert_false(buf_overflow(&out));
		}
	buf_deinit(&out);
}

static void guesses(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 100);
	text_to_utf8(&out, STR("utf-8"), STR("\xc3\xa6\xe6\x93 \xe2\x82"));
	assert_str(buf_str(&out), "\xc3\xa6\xc3\xa6\xe2\x80\x9c "
	                          "\xc3\xa2\xe2\x80\x9a");
	buf_deinit(&out);
	assert_true(text_charset_known(STR("UTF-8")));
	assert_true(text_charset_known(STR("'iso-8859-1'; x")));
	assert_false(text_charset_known(STR("nonsense-42")));
	assert_false(text_charset_known(STR("")));
	assert_false(text_charset_known(STR("IMAP-mailbox-name")));
}

static int kept_bad;

static void *on_a_thread(void *arg)
{
	struct buf out;

	(void)arg;
	buf_init(&out, 1000);
	for (int round = 0; round < 50; round++)
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			decode_at(&out, i, rows[i].in.n / 2);
			if (!str_eq(buf_str(&out), str_z(rows[i].want))) {
				buf_deinit(&out);
				return &kept_bad;
			}
		}
	buf_deinit(&out);
	return NULL;
}

static void on_many_threads(void **state)
{
	pthread_t t[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&t[i], NULL, on_a_thread, NULL),
		                 0);
	for (int i = 0; i < 4; i++) {
		void *bad;

		assert_int_equal(pthread_join(t[i], &bad), 0);
		assert_null(bad);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decodes_at_all_split_points),
		cmocka_unit_test(whatever_comes_is_utf8),
		cmocka_unit_test(guesses),
		cmocka_unit_test(on_many_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
