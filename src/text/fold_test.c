#include "text/fold.h"

#include <pthread.h>

#include "base/test.h"
#include "base/utf8.h"

static const struct {
	const char *label, *in, *want;
} rows[] = {
	/* clang-format off */
	{ "ASCII", "  Hello\x0d\x0a\x09World ", "hello world" },
	{ "accents", "\xc3\x85ngstr\xc3\xb6m \xc5\x92uvre cr\xc3\xa8me br\xc3\xbbl\xc3\xa9" "e", "angstrom \xc5\x93uvre creme brulee" },
	{ "strokes", "R\xc3\x98" "DGR\xc3\x98" "D \xc5\x81\xc3\xb3" "d\xc5\xba \xc4\x90 \xc4\xa7", "rodgrod lodz d h" },
	{ "ae", "\xc3\x86" "blegr\xc3\xb8" "d", "aeblegrod" },
	{ "sharp s", "Stra\xc3\x9f" "e STRASSE", "strasse strasse" },
	{ "cyrillic", "\xd0\x81\xd0\xbb\xd0\xba\xd0\xb0 \xd0\x99", "\xd0\xb5\xd0\xbb\xd0\xba\xd0\xb0 \xd0\xb8" },
	{ "greek", "\xce\x86\xce\x9b\xce\xa6\xce\x91 \xcf\x82", "\xce\xb1\xce\xbb\xcf\x86\xce\xb1 \xcf\x83" },
	{ "full width", "\xef\xbc\xa1\xef\xbc\xa2\xef\xbc\xa3\xef\xbc\x91\xef\xbc\x92\xef\xbc\x93", "abc123" },
	{ "ligature", "\xef\xac\x81n \xef\xac\x80", "fin ff" },
	{ "decomposed", "e\xcc\x81" "a\xcc\x8a", "ea" },
	{ "hebrew", "\xd7\xa9\xd6\xb8\xd7\x81\xd7\x9c\xd7\x95\xd6\xb9\xd7\x9d", "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d" },
	{ "arabic", "\xd9\x85\xd9\x8e\xd8\xb1\xd9\x92\xd8\xad\xd9\x8e\xd8\xa8\xd9\x8b\xd8\xa7", "\xd9\x85\xd8\xb1\xd8\xad\xd8\xa8\xd8\xa7" },
	{ "thai", "\xe0\xb8\x99\xe0\xb9\x89\xe0\xb8\xb3", "\xe0\xb8\x99\xe0\xb9\x89\xe0\xb9\x8d\xe0\xb8\xb2" },
	{ "hindi", "\xe0\xa4\xa8\xe0\xa4\xae\xe0\xa4\xb8\xe0\xa5\x8d\xe0\xa4\xa4\xe0\xa5\x87", "\xe0\xa4\xa8\xe0\xa4\xae\xe0\xa4\xb8\xe0\xa5\x8d\xe0\xa4\xa4\xe0\xa5\x87" },
	{ "kana", "\xe3\x82\xac \xe3\x81\x8b\xe3\x82\x99 \xef\xbd\xb6\xef\xbe\x9e", "\xe3\x82\xac \xe3\x81\x8c \xe3\x82\xac" },
	{ "hangul", "\xed\x95\x9c\xea\xb8\x80 \xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", "\xed\x95\x9c\xea\xb8\x80 \xed\x95\x9c" },
	{ "han", "\xe6\xbc\xa2\xe5\xad\x97", "\xe6\xbc\xa2\xe5\xad\x97" },
	{ "ideographic blank", "a\xe3\x80\x80" "b\xc2\xa0" "c\xe2\x80\x83" "d", "a b c d" },
	{ "invisible", "a\xe2\x80\x8b" "b\xc2\xad" "c\xef\xbb\xbf" "d", "abcd" },
	{ "emoji", "\xf0\x9f\x98\x80 x", "\xf0\x9f\x98\x80 x" },
	{ "turkish", "\xc4\xb0I \xc4\xb1i", "ii ii" },
	{ "long s", "\xc5\xbf", "s" },
	{ "superscript", "x\xc2\xb2 \xe2\x84\xa2", "x2 tm" },
	{ "number", "\xe2\x91\xa0\xc2\xbd", "11\xe2\x81\x84" "2" },
	{ "spacing accent", "a\xc2\xb4" "b", "a b" },
	{ "controls", "a\x01" "b", "ab" },
	/* clang-format on */
	{ "not UTF-8",
	  "a\xff"
	  "b",
	  "a\xef\xbf\xbd"
	  "b" },
	{ "cut", "a\xe2\x82", "a\xef\xbf\xbd" },
};

static void folds_at_all_split_points(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str in = str_z(rows[i].in);

		for (size_t c = 0; c <= in.n; c++) {
			struct text_folder f;

			buf_reset(&out);
			text_folder_init(&f, &out);
			text_folder_add(&f, str_to(in, c));
			text_folder_add(&f, str_from(in, c));
			text_folder_end(&f);
			if (!str_eq(buf_str(&out), str_z(rows[i].want)))
				print_error("row \"%s\" cut at %zu\n",
				            rows[i].label, c);
			assert_str(buf_str(&out), rows[i].want);
		}
	}
	buf_deinit(&out);
}

/* Folding what is folded changes nothing, for every character there is; and
 * nothing below a blank is left. */
static void is_stable_for_all_characters(void **state)
{
	struct buf once, twice;

	(void)state;
	buf_init(&once, 1000);
	buf_init(&twice, 1000);
	for (uint32_t c = 1; c < 0x110000; c++) {
		char in[4];
		size_t n = utf8_encode(c, in);

		if (n == 0 || (c >= 0xe000 && c < 0xf900) || c >= 0xf0000)
			continue;
		buf_reset(&once);
		buf_reset(&twice);
		text_fold(&once, (struct str){ in, n });
		text_fold(&twice, buf_str(&once));
		if (!str_eq(buf_str(&once), buf_str(&twice)))
			print_error("U+%04X\n", c);
		assert_true(str_eq(buf_str(&once), buf_str(&twice)));
		for (size_t i = 0; i < once.n; i++)
			assert_true((unsigned char)once.p[i] >= ' ');
	}
	buf_deinit(&once);
	buf_deinit(&twice);
}

static void *fold_all(void *arg)
{
	struct buf out;

	buf_init(&out, 100);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_reset(&out);
		text_fold(&out, str_z(rows[i].in));
		if (!str_eq(buf_str(&out), str_z(rows[i].want)))
			*(bool *)arg = true;
	}
	buf_deinit(&out);
	return NULL;
}

static void on_many_threads(void **state)
{
	pthread_t t[4];
	bool bad[4] = { false };

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&t[i], NULL, fold_all, &bad[i]),
		                 0);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(t[i], NULL), 0);
		assert_false(bad[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(on_many_threads),
		cmocka_unit_test(folds_at_all_split_points),
		cmocka_unit_test(is_stable_for_all_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
