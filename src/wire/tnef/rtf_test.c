#include "wire/tnef/rtf.h"

#include "base/test.h"

/* The examples of the format's description. */
static const char hello[] =
	"\x2d\x00\x00\x00\x2b\x00\x00\x00\x4c\x5a\x46\x75\xf1\xc5\xc7\xa7"
	"\x03\x00\x0a\x00\x72\x63\x70\x67\x31\x32\x35\x42\x32\x0a\xf3\x20"
	"\x68\x65\x6c\x09\x00\x20\x62\x77\x05\xb0\x6c\x64\x7d\x0a\x80\x0f"
	"\xa0";
static const char crossing[] =
	"\x1a\x00\x00\x00\x1c\x00\x00\x00\x4c\x5a\x46\x75\xe2\xd4\x4b\x51"
	"\x41\x00\x04\x20\x57\x58\x59\x5a\x0d\x6e\x7d\x01\x0e\xb0";

static void unpacks(void **state)
{
	static const struct {
		struct str in;
		const char *want;
		bool whole;
	} rows[] = {
		{ { hello, sizeof(hello) - 1 },
		  "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n",
		  true },
		{ { crossing, sizeof(crossing) - 1 },
		  "{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}",
		  true },
		{ STR_INIT("\x10\0\0\0\3\0\0\0MELA\0\0\0\0abc"), "abc", true },
		{ STR_INIT("\x10\0\0\0\4\0\0\0MELA\0\0\0\0abc"), "abc", false },
		{ STR_INIT("\x10\0\0\0\4\0\0\0WHAT\0\0\0\0abcd"), "", false },
		{ STR_INIT("\x10\0\0\0\xff\xff\xff\xffLZFu\0\0\0\0abcd"), "",
		  false },
		{ STR_INIT("\x10\0\0\0\4\0\0\0LZFu"), "", false },
		{ STR_INIT("\x10\0\0\0\4\0\0\0LZFu\0\0\0\0\0ab"), "ab", false },
	};
	struct buf b;

	(void)state;
	buf_init(&b, RTF_BYTES_MAX);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_reset(&b);
		assert_int_equal(rtf_unpack(&b, rows[i].in), rows[i].whole);
		assert_str(buf_str(&b), rows[i].want);
	}
	buf_deinit(&b);
}

/* What is cut is the beginning of the whole. */
static void unpacks_what_is_cut(void **state)
{
	struct str in = { hello, sizeof(hello) - 1 };
	struct buf whole, b;

	(void)state;
	buf_init(&whole, 1000);
	buf_init(&b, 1000);
	assert_true(rtf_unpack(&whole, in));
	for (size_t n = 0; n < in.n; n++) {
		buf_reset(&b);
		(void)!rtf_unpack(&b, str_to(in, n));
		assert_true(str_starts(buf_str(&whole), buf_str(&b)));
	}
	buf_deinit(&b);
	buf_deinit(&whole);
}

static void makes_html(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
		{ "{\\rtf1\\ansi Hello\\par a<b & \\{c\\}}",
		  "Hello<br>\r\na&lt;b &amp; {c}" },
		{ "{\\rtf1{\\fonttbl{\\f0 Arial;}}{\\*\\generator X;}a\\tab b}",
		  "a\tb" },
		{ "{\\rtf1 \\u8364?x\\uc2\\u955ab\\'e4c{\\uc0\\u8211}y}",
		  "&#8364;x&#955;\xe4"
		  "c&#8211;y" },
		{ "{\\rtf1 \\u-10179?\\u-8704?!}", "&#128512;!" },
		{ "{\\rtf1 a{\\pict 0102}b{\\bin3 }}}c}", "abc" },
		{ "{\\rtf1\\lquote x\\rquote\\~\\_\\-y}",
		  "&lsquo;x&rsquo;&nbsp;-y" },
		/* What was HTML is HTML again. */
		{ "{\\rtf1\\ansi\\ansicpg1251\\fromhtml1 \\deff0\r\n"
		  "{\\*\\htmltag19 <html>}\r\n{\\*\\htmltag64 <p>}"
		  "\\htmlrtf {\\f0 \\htmlrtf0 1 < 2 \\'cf\\htmlrtf }\\htmlrtf0"
		  "{\\*\\mhtmltag84 <img src=x>}"
		  "{\\*\\htmltag84 <img src=\"cid:a\">}"
		  "\\htmlrtf\\par\\htmlrtf0{\\*\\htmltag72 </p>\\par }}",
		  "<html><p>1 &lt; 2 \xcf<img src=\"cid:a\"></p>\r\n" },
		{ "{\\rtf1 a}b", "a" },
		{ "}}{a", "a" },
		{ "no rtf", "" },
		{ "{\\", "" },
		{ "{\\'", "" },
		{ "{\\u", "" },
	};

	uint32_t codepage;
	struct buf b;

	(void)state;
	buf_init(&b, RTF_BYTES_MAX);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_reset(&b);
		rtf_to_html(&b, str_z(rows[i].in), &codepage);
		assert_str(buf_str(&b), rows[i].want);
		assert_int_equal(codepage, i == 6 ? 1251 : 1252);
	}
	buf_deinit(&b);
}

static void has_limits(void **state)
{
	struct buf in, out;
	uint32_t codepage;

	(void)state;
	buf_init(&in, 1000000);
	buf_init(&out, 1000000);
	for (int i = 0; i < 100000; i++)
		buf_add_c(&in, '{');
	buf_add_z(&in, "deep");
	for (int i = 0; i < 100000; i++)
		buf_add_c(&in, '}');
	rtf_to_html(&out, buf_str(&in), &codepage);
	assert_str(buf_str(&out), "deep");
	buf_deinit(&out);
	buf_init(&out, 10);
	rtf_to_html(&out, STR("{a lot more than ten}"), &codepage);
	assert_true(buf_overflow(&out));
	buf_deinit(&out);
	buf_deinit(&in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unpacks),
		cmocka_unit_test(unpacks_what_is_cut),
		cmocka_unit_test(makes_html),
		cmocka_unit_test(has_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
