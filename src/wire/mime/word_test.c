#include "wire/mime/word.h"

#include <string.h>

#include "base/test.h"
#include "base/utf8.h"

/* Pieces as text: [charset:bytes] for words. */
static void show(struct buf *b, struct arena *a, struct str raw)
{
	struct word_reader r = word_reader(raw);
	struct word w;

	while (word_next(&r, a, &w)) {
		if (w.charset.n)
			buf_fmt(b, "[%.*s:%.*s]", STR_ARG(w.charset),
			        STR_ARG(w.bytes));
		else
			buf_add(b, w.bytes);
	}
}

static void reads(void **state)
{
	static const struct {
		const char *label, *in, *want;
	} rows[] = {
		{ "nothing", "", "" },
		{ "plain", "Hello = there?", "Hello = there?" },
		{ "RFC 2047, 8: a", "(=?ISO-8859-1?Q?a?=)",
		  "([ISO-8859-1:a])" },
		{ "a b", "(=?ISO-8859-1?Q?a?= b)", "([ISO-8859-1:a] b)" },
		{ "ab",
		  "=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "[ISO-8859-1:ab]" },
		{ "ab folded", "=?ISO-8859-1?Q?a?=\r\n  =?ISO-8859-1?Q?b?=",
		  "[ISO-8859-1:ab]" },
		{ "a b in one", "=?ISO-8859-1?Q?a_b?=", "[ISO-8859-1:a b]" },
		{ "two charsets", "=?ISO-8859-1?Q?a?= =?utf-8?Q?_b?= c",
		  "[ISO-8859-1:a][utf-8: b] c" },
		{ "base64", "=?utf-8?B?SGVsbG8=?=", "[utf-8:Hello]" },
		{ "a character cut in two",
		  "=?utf-8?Q?=C3?= =?utf-8?B?pg==?=", "[utf-8:\xc3\xa6]" },
		{ "language", "=?utf-8*da?q?x?=", "[utf-8:x]" },
		{ "blank in the word", "=?utf-8?Q?a b?=", "[utf-8:a b]" },
		{ "question mark in it", "=?utf-8?Q?a?b?=", "[utf-8:a?b]" },
		{ "glued", "x=?utf-8?Q?a?=y", "x[utf-8:a]y" },
		{ "no end", "=?utf-8?Q?abc", "=?utf-8?Q?abc" },
		{ "no end, then one",
		  "=?utf-8?Q?abc =?utf-8?Q?d?=", "=?utf-8?Q?abc [utf-8:d]" },
		{ "unknown encoding", "=?utf-8?X?abc?=", "=?utf-8?X?abc?=" },
		{ "empty",
		  "=?utf-8?Q?"
		  "?= x",
		  "[utf-8:] x" },
		{ "damaged hex", "=?utf-8?Q?=4=zz=41?=", "[utf-8:=4=zzA]" },
		{ "equals at the end", "=?utf-8?Q?abc=?=", "[utf-8:abc=]" },
		{ "padding lost", "=?utf-8?B?SGVsbG8?=", "[utf-8:Hello]" },
		{ "folded plain", "a\r\n b", "a b" },
		{ "8-bit", "\xe6 =?utf-8?Q?a?=", "\xe6 [utf-8:a]" },
	};
	struct arena a;
	struct buf b;

	(void)state;
	arena_init(&a);
	buf_init(&b, 1000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_reset(&b);
		show(&b, &a, str_z(rows[i].in));
		if (!str_eq(buf_str(&b), str_z(rows[i].want)))
			print_error("row \"%s\"\n", rows[i].label);
		assert_str(buf_str(&b), rows[i].want);
	}
	buf_deinit(&b);
	arena_deinit(&a);
}

static void stays_linear(void **state)
{
	static const char *const units[] = { "=?",      "=?a?q?", "=?a?q?x?= ",
		                             "=?a?q? ", "=",      "=?a?q?x" };
	size_t n = 1024 * 1024;
	char *in = test_malloc(n);

	(void)state;
	for (size_t u = 0; u < sizeof(units) / sizeof(units[0]); u++) {
		size_t len = strlen(units[u]);
		struct arena a;
		struct word_reader r = word_reader((struct str){ in, n });
		struct word w;
		size_t total = 0;

		arena_init(&a);
		for (size_t i = 0; i < n; i++)
			in[i] = units[u][i % len];
		while (word_next(&r, &a, &w))
			total += w.bytes.n;
		assert_true(total <= n);
		arena_deinit(&a);
	}
	test_free(in);
}

static void encodes(void **state)
{
	static const struct {
		const char *in;
		enum word_place place;
		const char *want;
	} rows[] = {
		{ "Hello", WORD_TEXT, "Hello" },
		{ "\xc3\xa6", WORD_TEXT, "=?utf-8?B?w6Y=?=" },
		{ "R\xc3\xb8"
		  "dgr\xc3\xb8"
		  "d med fl\xc3\xb8"
		  "de (ja)",
		  WORD_TEXT,
		  "=?utf-8?B?UsO4ZGdyw7hkIG1lZCBmbMO4ZGUgKGphKQ==?=" },
		{ "Hello my dear friend \xc3\xa6", WORD_TEXT,
		  "=?utf-8?Q?Hello_my_dear_friend_=C3=A6?=" },
		{ "Hello\x01", WORD_TEXT, "=?utf-8?Q?Hello=01?=" },
		{ "x =?utf-8?Q?y?=", WORD_TEXT, NULL },
	};
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_reset(&b);
		word_encode(&b, str_z(rows[i].in), rows[i].place);
		if (rows[i].want)
			assert_str(buf_str(&b), rows[i].want);
	}
	buf_deinit(&b);
}

/* Words are at most 75 long, hold whole characters, and read back. */
static void encodes_what_it_decodes(void **state)
{
	static const char *const letters[] = {
		"a", " ", "\xc3\xa6",         "?", "\xe2\x82\xac",
		"=", "_", "\xf0\x9f\x98\x80", ","
	};
	struct arena a;
	struct buf text, enc;

	(void)state;
	arena_init(&a);
	buf_init(&text, 4000);
	buf_init(&enc, 20000);
	for (uint32_t seed = 1; seed < 500; seed++) {
		uint32_t v = seed;
		struct word_reader r;
		struct word w;
		struct str words, one;

		buf_reset(&text);
		buf_reset(&enc);
		buf_add(&text, STR("\xc3\xa6"));
		for (uint32_t i = 0; i < seed % 200; i++) {
			v = v * 1103515245u + 12345u;
			buf_add_z(&text, letters[(v >> 16) % 9]);
		}
		word_encode(&enc, buf_str(&text),
		            seed & 1 ? WORD_PHRASE : WORD_TEXT);
		r = word_reader(buf_str(&enc));
		assert_true(word_next(&r, &a, &w));
		assert_true(str_eq(w.bytes, buf_str(&text)));
		assert_false(word_next(&r, &a, &w));
		words = buf_str(&enc);
		while (str_cut(&words, ' ', &one)) {
			struct word_reader ro = word_reader(one);

			assert_true(one.n <= 75);
			assert_true(word_next(&ro, &a, &w));
			assert_true(utf8_is_valid(w.bytes));
		}
		arena_reset(&a);
	}
	buf_deinit(&text);
	buf_deinit(&enc);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads),
		cmocka_unit_test(stays_linear),
		cmocka_unit_test(encodes),
		cmocka_unit_test(encodes_what_it_decodes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
