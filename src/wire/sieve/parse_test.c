#include "wire/sieve/parse.h"

#include <string.h>

#include "base/test.h"

static const char script[] =
	"require [\"fileinto\", \"vacation\"]; # what we need\r\n"
	"if anyof (header :contains [\"From\", \"Sender\"] \"x\\\"y\",\r\n"
	"          not size :over 100K) {\r\n"
	"  fileinto \"Spam\"; /* there */\r\n"
	"  stop;\r\n"
	"} elsif true { keep; }\r\n"
	"vacation :days 7 text: # note\r\n"
	"Gone.\r\n"
	"..dot\r\n"
	".\r\n"
	";\r\n";

static void builds_the_tree(void **state)
{
	struct sieve_script s;
	struct sieve_error e;
	struct sieve_node *n;
	struct arena a;

	(void)state;
	arena_init(&a);
	assert_true(sieve_parse(str_z(script), NULL, &a, &s, &e));
	n = s.first;
	assert_str(n->name, "require");
	assert_int_equal(n->args[0].n_list, 2);
	n = n->next;
	assert_str(n->name, "if");
	assert_int_equal(n->at.line, 2);
	assert_int_equal(n->n_tests, 1);
	assert_str(n->tests[0]->name, "anyof");
	assert_int_equal(n->tests[0]->n_tests, 2);
	assert_true(n->tests[0]->test_list);
	assert_str(n->tests[0]->tests[0]->args[2].text, "x\"y");
	assert_int_equal(n->tests[0]->tests[1]->tests[0]->args[1].number,
	                 102400);
	assert_str(n->block->name, "fileinto");
	assert_str(n->block->next->name, "stop");
	n = n->next;
	assert_str(n->name, "elsif");
	n = n->next;
	assert_int_equal(n->n_args, 3);
	assert_str(n->args[0].text, "days");
	assert_str(n->args[2].text, "Gone.\r\n.dot\r\n");
	assert_null(n->next);
	arena_deinit(&a);
}

static void says_what_is_wrong(void **state)
{
	static const struct {
		const char *in, *want;
		unsigned line, column;
	} rows[] = {
		{ "keep", "a semicolon is missing", 1, 5 },
		{ "keep;\n  \"x\";", "a command is missing", 2, 3 },
		{ "if true { keep;", "the block has no closing brace", 1, 16 },
		{ "keep; }", "a closing brace without a block", 1, 7 },
		{ "fileinto \"x;", "the string has no closing quote", 1, 10 },
		{ "/* x", "the comment has no end", 1, 1 },
		{ "a [];", "a list has at least one string", 1, 4 },
		{ "a [\"x\",];", "a string is missing behind the comma", 1, 8 },
		{ "a [\"x\" \"y\"];",
		  "the list of strings has no closing bracket", 1, 8 },
		{ "a 99999999999999999999;", "the number is too large", 1, 3 },
		{ "a 9999999999G;", "the number is too large", 1, 3 },
		{ "a : ;", "a colon without a word behind it", 1, 3 },
		{ "a text: x\n.\n;", "\"text:\" must end its line", 1, 3 },
		{ "a text:\nx\n", "the text has no line with a single dot", 1,
		  3 },
		{ "a (b, );", "a test is missing", 1, 7 },
		{ "a $;", "a character that has no place here", 1, 3 },
	};
	struct sieve_script s;
	struct sieve_error e;
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_false(sieve_parse(str_z(rows[i].in), NULL, &a, &s, &e));
		assert_string_equal(e.text, rows[i].want);
		assert_int_equal(e.at.line, rows[i].line);
		assert_int_equal(e.at.column, rows[i].column);
	}
	arena_deinit(&a);
}

static void bounds_depth_and_number(void **state)
{
	char deep[2000] = "", many[70000] = "";
	struct sieve_script s;
	struct sieve_error e;
	struct arena a;

	(void)state;
	arena_init(&a);
	for (int i = 0; i < 40; i++)
		memcpy(deep + strlen(deep), "if not ", 8);
	assert_false(sieve_parse(str_z(deep), NULL, &a, &s, &e));
	assert_string_equal(e.text, "too deep");
	for (size_t i = 0; i + 2 < sizeof(many); i += 2)
		memcpy(many + i, "a;", 3);
	assert_false(sieve_parse(str_z(many), NULL, &a, &s, &e));
	assert_string_equal(e.text, "the script has too many parts");
	arena_deinit(&a);
}

/* No cut of the script may be taken for more than what it holds, nor crash:
 * each is a whole number of commands or is refused. */
static void every_cut_is_sound(void **state)
{
	struct str all = str_z(script);
	struct sieve_script s;
	struct sieve_error e;
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t n = 0; n <= all.n; n++) {
		char *cut = arena_strz(&a, str_to(all, n));

		if (!sieve_parse((struct str){ cut, n }, NULL, &a, &s, &e))
			assert_true(e.text[0] != '\0');
		arena_reset(&a);
	}
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(builds_the_tree),
		cmocka_unit_test(says_what_is_wrong),
		cmocka_unit_test(bounds_depth_and_number),
		cmocka_unit_test(every_cut_is_sound),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
