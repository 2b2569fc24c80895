#include "wire/tnef/mime.h"

#include "wire/tnef/testing.h"

/* How often it stands there. */
static int count(struct str s, const char *what)
{
	int n = 0;

	for (;;) {
		size_t at = str_find(s, str_z(what));

		if (at == STR_NPOS)
			return n;
		s = str_from(s, at + 1);
		n++;
	}
}

static void has(struct str s, struct str what)
{
	if (str_find(s, what) == STR_NPOS)
		fail_msg("no %.*s in %.*s", STR_ARG(what), STR_ARG(s));
}

static void writes_an_entity(void **state)
{
	struct buf in, out;
	struct str s;

	(void)state;
	buf_init(&in, 100000);
	buf_init(&out, TNEF_MIME_MAX);
	add_sample(&in, true);
	assert_true(tnef_write_mime(&out, buf_str(&in)));
	s = buf_str(&out);
	has(s, STR("Subject: =?windows-1251?Q?=CF=F0=E8?=\r\n"));
	has(s, STR("Content-Type: text/plain; charset=windows-1251\r\n"
	           "Content-Transfer-Encoding: binary\r\n\r\nThe text\r\n"));
	has(s, STR("Content-Type: text/html; charset=iso-8859-1\r\n"
	           "Content-Transfer-Encoding: binary\r\n\r\n<p>The \xe4</p>"));
	has(s, STR("filename*=utf-8''a%C3%A4%F0%9F%98%80.\r\n\r\n"
	           "file\r\n--x\0\1\2\r\n--=_tnef_0_"));
	has(s, STR("Content-Type: image/png;\r\n name*=windows-1251''p.png"));
	has(s, STR("Content-ID: <cid@x>\r\n\r\nPNG\r\n"));
	has(s, STR("Content-Type: message/rfc822;\r\n name*=windows-1251''"
	           "Inner"));
	assert_int_equal(count(s, "Subject: "), 2);
	assert_int_equal(count(s, "image/png"), 2);
	buf_deinit(&out);
	buf_deinit(&in);
}

static void makes_html_of_rtf(void **state)
{
	struct buf in, props, out;

	(void)state;
	buf_init(&in, 10000);
	buf_init(&props, 10000);
	buf_init(&out, 10000);
	add_stream(&in);
	add_little(&props, 1, 4);
	add_property(&props, 0x102, 0x1009,
	             STR("\0\0\0\0\x0d\0\0\0MELA\0\0\0\0{\\rtf1 a\\par}"));
	add_attribute(&in, 1, 0x00069003, buf_str(&props));
	assert_true(tnef_write_mime(&out, buf_str(&in)));
	has(buf_str(&out), STR("text/html; charset=windows-1252\r\n"));
	has(buf_str(&out), STR("\r\n\r\na<br>\r\n\r\n--"));
	buf_deinit(&out);
	buf_deinit(&props);
	buf_deinit(&in);
}

/* What names a file or a type cannot end its field. */
static void keeps_fields_apart(void **state)
{
	struct buf in, props, out;

	(void)state;
	buf_init(&in, 10000);
	buf_init(&props, 10000);
	buf_init(&out, 10000);
	add_stream(&in);
	add_attribute(&in, 1, 0x00018004, STR("a\r\nX-Evil: 1\0"));
	add_attribute(&in, 2, 0x00069002, STR("\1\0"));
	add_little(&props, 4, 4);
	add_property(&props, 0x1e, 0x3704, STR("n\"\r\nX-Evil: 2\0"));
	add_property(&props, 0x1e, 0x370e, STR("image/png\r\nX-Evil: 3\0"));
	add_property(&props, 0x1e, 0x3712, STR("c\r\nX-Evil: 4\0"));
	add_property(&props, 0x102, 0x3701, STR("d"));
	add_attribute(&in, 2, 0x00069005, buf_str(&props));
	assert_true(tnef_write_mime(&out, buf_str(&in)));
	assert_int_equal(count(buf_str(&out), "\nX-Evil"), 0);
	has(buf_str(&out), STR("application/octet-stream"));
	buf_deinit(&out);
	buf_deinit(&props);
	buf_deinit(&in);
}

/* A message in a message in a message ... */
static void ends(void **state)
{
	struct buf in, props, next, out;

	(void)state;
	buf_init(&in, 1000000);
	buf_init(&next, 1000000);
	buf_init(&props, 1000000);
	buf_init(&out, TNEF_MIME_MAX);
	add_stream(&in);
	for (int i = 0; i < 50; i++) {
		buf_reset(&props);
		buf_reset(&next);
		add_little(&props, 2, 4);
		add_long(&props, 0x3705, 5);
		buf_add(&next, STR("0123456789abcdef"));
		buf_add(&next, buf_str(&in));
		add_property(&props, 0x0d, 0x3701, buf_str(&next));
		buf_reset(&in);
		add_stream(&in);
		add_attribute(&in, 2, 0x00069002, STR("\1\0"));
		add_attribute(&in, 2, 0x00069005, buf_str(&props));
	}
	assert_true(tnef_write_mime(&out, buf_str(&in)));
	assert_int_equal(count(buf_str(&out), "message/rfc822"),
	                 TNEF_MESSAGES_DEEP);
	buf_deinit(&out);
	buf_init(&out, 100);
	assert_false(tnef_write_mime(&out, buf_str(&in)));
	assert_false(tnef_write_mime(&out, STR("x")));
	buf_deinit(&out);
	buf_deinit(&next);
	buf_deinit(&props);
	buf_deinit(&in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_an_entity),
		cmocka_unit_test(makes_html_of_rtf),
		cmocka_unit_test(keeps_fields_apart),
		cmocka_unit_test(ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
