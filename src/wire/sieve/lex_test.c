#include "wire/sieve/lex.h"

#include "base/test.h"

static void tokens(void **state)
{
	static const struct {
		enum sieve_token_kind kind;
		const char *text;
		uint64_t number;
		unsigned line;
	} want[] = {
		{ SIEVE_T_WORD, "keep", 0, 1 },
		{ SIEVE_T_TAG, "Over", 0, 1 },
		{ SIEVE_T_NUMBER, "", 3u << 20, 2 },
		{ SIEVE_T_STRING, "a\\b\r\nc", 0, 2 },
		{ SIEVE_T_PUNCT, "", 0, 3 },
		{ SIEVE_T_STRING, "x\n", 0, 4 },
		{ SIEVE_T_END, "", 0, 7 },
	};
	struct sieve_error e;
	struct sieve_lexer l;
	struct arena a;

	(void)state;
	arena_init(&a);
	sieve_lexer_init(&l,
	                 STR("keep :Over # c\n3m \"a\\\\b\r\nc\"{\n"
	                     "text:\nx\n.\n"),
	                 1000, &a, &e);
	for (size_t i = 0; i < sizeof(want) / sizeof(*want); i++) {
		struct sieve_token t = sieve_lexer_next(&l);

		assert_int_equal(t.kind, want[i].kind);
		assert_str(t.text, want[i].text);
		assert_int_equal(t.number, want[i].number);
		assert_int_equal(t.at.line, want[i].line);
	}
	arena_deinit(&a);
}

static void bounds_strings(void **state)
{
	struct sieve_error e;
	struct sieve_lexer l;
	struct arena a;

	(void)state;
	arena_init(&a);
	sieve_lexer_init(&l, STR("\"12345\""), 4, &a, &e);
	assert_int_equal(sieve_lexer_next(&l).kind, SIEVE_T_BAD);
	sieve_lexer_init(&l, STR("text:\n12345\n.\n"), 4, &a, &e);
	assert_int_equal(sieve_lexer_next(&l).kind, SIEVE_T_BAD);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(tokens),
		cmocka_unit_test(bounds_strings),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
