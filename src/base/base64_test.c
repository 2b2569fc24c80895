#include "base/base64.h"

#include "base/test.h"

static void rfc_vectors(void **state)
{
	/* RFC 4648, 10 */
	static const struct {
		struct str bytes;
		const char *text, *text_url;
	} t[] = {
		{ STR_INIT(""), "", "" },
		{ STR_INIT("f"), "Zg==", "Zg" },
		{ STR_INIT("fo"), "Zm8=", "Zm8" },
		{ STR_INIT("foo"), "Zm9v", "Zm9v" },
		{ STR_INIT("foob"), "Zm9vYg==", "Zm9vYg" },
		{ STR_INIT("fooba"), "Zm9vYmE=", "Zm9vYmE" },
		{ STR_INIT("foobar"), "Zm9vYmFy", "Zm9vYmFy" },
		{ STR_INIT("\0\xff\xfe\xfb\xf0"), "AP/++/A=", "AP_--_A" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		struct buf b;

		buf_init(&b, 100);
		base64_encode(&b, t[i].bytes);
		assert_str(buf_str(&b), t[i].text);
		assert_int_equal(b.n, base64_length(t[i].bytes.n));
		buf_reset(&b);
		base64_encode_url(&b, t[i].bytes);
		assert_str(buf_str(&b), t[i].text_url);
		buf_reset(&b);
		assert_true(base64_decode(&b, str_z(t[i].text)));
		assert_true(str_eq(buf_str(&b), t[i].bytes));
		buf_reset(&b);
		assert_true(base64_decode_url(&b, str_z(t[i].text_url)));
		assert_true(str_eq(buf_str(&b), t[i].bytes));
		buf_deinit(&b);
	}
}

static void wrong_text_adds_nothing(void **state)
{
	static const struct {
		const char *label;
		struct str in;
	} t[] = {
		{ "one character", STR_INIT("Z") },
		{ "no padding", STR_INIT("Zg") },
		{ "half padding", STR_INIT("Zg=") },
		{ "padding alone", STR_INIT("====") },
		{ "three pads", STR_INIT("Z===") },
		{ "pad inside", STR_INIT("Zg==Zg==") },
		{ "bits left over", STR_INIT("Zh==") },
		{ "bits left over, two", STR_INIT("Zm9=") },
		{ "space", STR_INIT("Zm 9") },
		{ "newline", STR_INIT("Zm9v\r\n\r\n") },
		{ "url letters", STR_INIT("_-_-") },
		{ "NUL", STR_INIT("Zm9\0") },
		{ "high byte", STR_INIT("Zm9\xc3") },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		struct buf b;

		buf_init(&b, 100);
		buf_add(&b, STR("x"));
		if (base64_decode(&b, t[i].in))
			fail_msg("%s was taken", t[i].label);
		assert_str(buf_str(&b), "x");
		buf_deinit(&b);
	}
}

static void url_form_is_strict(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	assert_false(base64_decode_url(&b, STR("Zg==")));
	assert_false(base64_decode_url(&b, STR("Z")));
	assert_false(base64_decode_url(&b, STR("++++")));
	assert_false(base64_decode_url(&b, STR("Zh")));
	assert_int_equal(b.n, 0);
	buf_deinit(&b);
}

static void the_buffer_s_maximum_holds(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 5);
	assert_false(base64_decode(&b, STR("Zm9vYmFy")));
	assert_true(buf_overflow(&b));
	assert_int_equal(b.n, 0);
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(rfc_vectors),
		cmocka_unit_test(wrong_text_adds_nothing),
		cmocka_unit_test(url_form_is_strict),
		cmocka_unit_test(the_buffer_s_maximum_holds),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
