#include "wire/tnef/tnef.h"

#include "wire/tnef/testing.h"

static void reads_a_message(void **state)
{
	struct arena a;
	struct tnef t;
	struct buf b;

	(void)state;
	arena_init(&a);
	buf_init(&b, 100000);
	add_sample(&b, true);
	assert_true(tnef_is(buf_str(&b)));
	assert_true(tnef_parse(&a, buf_str(&b), &t));
	assert_str(t.subject.bytes, "\xcf\xf0\xe8");
	assert_int_equal(t.subject.codepage, 1251);
	assert_str(t.text.bytes, "The text\r\n");
	assert_str(t.html.bytes, "<p>The \xe4</p>");
	assert_int_equal(t.html.codepage, 28591);
	assert_int_equal(t.attachments_n, 3);
	assert_str(t.attachments[0].name.bytes, "a\xc3\xa4\xf0\x9f\x98\x80.");
	assert_int_equal(t.attachments[0].name.codepage, TNEF_UTF8);
	assert_int_equal(t.attachments[0].data.n, 12);
	assert_false(t.attachments[0].message);
	assert_str(t.attachments[1].name.bytes, "p.png");
	assert_str(t.attachments[1].mime, "image/png");
	assert_str(t.attachments[1].cid, "cid@x");
	assert_str(t.attachments[1].data, "PNG");
	assert_true(t.attachments[2].message);
	assert_str(t.attachments[2].name.bytes, "Inner");
	assert_true(tnef_parse(&a, t.attachments[2].data, &t));
	assert_int_equal(t.attachments_n, 2);
	buf_deinit(&b);
	arena_deinit(&a);
}

/* Cut at each byte it gives less, and nothing else. */
static void reads_what_is_cut(void **state)
{
	struct arena a;
	struct tnef t;
	struct buf b;

	(void)state;
	arena_init(&a);
	buf_init(&b, 100000);
	add_sample(&b, true);
	for (size_t n = 0; n < b.n; n++) {
		bool ok = tnef_parse(&a, str_to(buf_str(&b), n), &t);

		assert_int_equal(ok, n >= 4);
		assert_true(t.attachments_n <= 3);
		if (t.text.bytes.n)
			assert_str(t.text.bytes, "The text\r\n");
		arena_reset(&a);
	}
	buf_deinit(&b);
	arena_deinit(&a);
}

static void has_limits(void **state)
{
	struct arena a;
	struct tnef t;
	struct buf b, p;

	(void)state;
	arena_init(&a);
	buf_init(&b, 1000000);
	buf_init(&p, 1000);
	add_stream(&b);
	for (int i = 0; i < TNEF_ATTACHMENTS_MAX + 10; i++)
		add_attribute(&b, 2, 0x00069002, STR("\1\0"));
	assert_true(tnef_parse(&a, buf_str(&b), &t));
	assert_int_equal(t.attachments_n, TNEF_ATTACHMENTS_MAX);
	/* A property that says it has 4 billion values, and bytes. */
	buf_reset(&b);
	add_stream(&b);
	buf_add(&p, STR("\xff\xff\xff\xff\x1e\x10\x37\0\xff\xff\xff\xff"));
	add_attribute(&b, 1, 0x00069003, buf_str(&p));
	buf_reset(&p);
	buf_add(&p, STR("\1\0\0\0\x1e\0\x37\0\1\0\0\0\xff\xff\xff\xffx"));
	add_attribute(&b, 1, 0x00069003, buf_str(&p));
	assert_true(tnef_parse(&a, buf_str(&b), &t));
	assert_int_equal(t.subject.bytes.n, 0);
	/* An attribute that is longer than the stream. */
	buf_add(&b, STR("\1\4\x80\1\0\xff\xff\xff\x7fxyz"));
	assert_true(tnef_parse(&a, buf_str(&b), &t));
	assert_false(tnef_parse(&a, STR("MZ"), &t));
	assert_string_equal(tnef_charset(932), "shift_jis");
	assert_null(tnef_charset(1));
	buf_deinit(&p);
	buf_deinit(&b);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_message),
		cmocka_unit_test(reads_what_is_cut),
		cmocka_unit_test(has_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
