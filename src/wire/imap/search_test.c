#include "wire/imap/search.h"

#include "base/test.h"

static const struct {
	const char *in, *want; /* in canonical form; NULL: refused */
} rows[] = {
	{ "ALL", "ALL" },
	{ "UNSEEN", "NOT SEEN" },
	{ "NEW", "(RECENT NOT SEEN)" },
	{ "OLD", "NOT RECENT" },
	{ "1:5,*", "1:5,*" },
	{ "$", "$" },
	{ "UID 5:*", "UID 5:*" },
	{ "UNDELETED SINCE 1-Feb-1994", "(NOT DELETED SINCE \" 1-Feb-1994\")" },
	{ "OR SEEN (FLAGGED ANSWERED)", "OR SEEN (FLAGGED ANSWERED)" },
	{ "OR (SEEN) (FLAGGED)", "OR SEEN FLAGGED" },
	{ "OR ((SEEN)) ((OR (NEW) (OLD)))",
	  "OR SEEN OR (RECENT NOT SEEN) NOT RECENT" },
	{ "NOT NOT SEEN", "NOT NOT SEEN" },
	{ "FROM bob", "HEADER FROM bob" },
	{ "SUBJECT \"a b\"", "HEADER SUBJECT \"a b\"" },
	{ "HEADER X-Y {1}\r\nz", "HEADER X-Y z" },
	{ "HEADER Message-ID \"\"", "HEADER Message-ID \"\"" },
	{ "BODY x TEXT y", "(BODY x TEXT y)" },
	{ "KEYWORD $X UNKEYWORD y", "(KEYWORD $X NOT KEYWORD y)" },
	{ "LARGER 100 SMALLER 9000000000", "(LARGER 100 SMALLER 9000000000)" },
	{ "OLDER 60 YOUNGER 5", "(OLDER 60 YOUNGER 5)" },
	{ "YOUNGER 0", NULL },
	{ "MODSEQ 17", "MODSEQ 17" },
	{ "MODSEQ \"/flags/\\\\draft\" all 17", "MODSEQ 17" },
	{ "MODSEQ \"/flags/\\\\draft\" some 17", NULL },
	{ "EMAILID E12 THREADID T3", "(EMAILID E12 THREADID T3)" },
	{ "SAVEDBEFORE 1-Jan-2020", "SAVEDBEFORE \" 1-Jan-2020\"" },
	{ "SAVEDATESUPPORTED", "SAVEDATESUPPORTED" },
	{ "CHARSET UTF-8 SUBJECT x", "HEADER SUBJECT x" },
	{ "RETURN (MIN MAX) SEEN", "SEEN" },
	{ "RETURN () CHARSET UTF-8 SEEN", "SEEN" },
	{ "RETURN (SAVE) SEEN", "SEEN" },
	{ "((SEEN))", "SEEN" },
	{ "(SEEN) ", "SEEN" },
	{ "RETURN (NONSENSE) SEEN", NULL },
	{ "", NULL },
	{ "()", NULL },
	{ "NOT", NULL },
	{ "OR SEEN", NULL },
	{ "(SEEN", NULL },
	{ "SEEN)", NULL },
	{ "NONSENSE", NULL },
	{ "UID", NULL },
	{ "UID x", NULL },
	{ "SINCE 31-Feb-2020", NULL },
	{ "SEEN  SEEN", NULL },
	{ "0", NULL },
};

static bool parse(struct str in, struct arena *a,
                  struct imap_search_program *out)
{
	struct imap_parser p = imap_parser(in, a);

	return imap_parse_search(&p, out);
}

static void reads_programs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct imap_search_program prog;
		struct buf b, again;
		struct arena a;
		bool ok;

		arena_init(&a);
		buf_init(&b, 1000);
		buf_init(&again, 1000);
		ok = parse(str_z(rows[i].in), &a, &prog);
		if (ok != (rows[i].want != NULL))
			print_error("row \"%s\"\n", rows[i].in);
		assert_int_equal(ok, rows[i].want != NULL);
		if (ok) {
			imap_search_write(&b, prog.root);
			assert_str(buf_str(&b), rows[i].want);
			assert_true(parse(buf_str(&b), &a, &prog));
			imap_search_write(&again, prog.root);
			assert_str(buf_str(&again), rows[i].want);
		}
		buf_deinit(&b);
		buf_deinit(&again);
		arena_deinit(&a);
	}
}

static void reads_return_options(void **state)
{
	struct imap_search_program prog;
	struct arena a;

	(void)state;
	arena_init(&a);
	assert_true(parse(STR("RETURN (MIN COUNT SAVE) SEEN"), &a, &prog));
	assert_true(prog.has_return);
	assert_int_equal(prog.results, IMAP_RETURN_MIN | IMAP_RETURN_COUNT |
	                                       IMAP_RETURN_SAVE);
	assert_true(parse(STR("RETURN () SEEN"), &a, &prog));
	assert_int_equal(prog.results, IMAP_RETURN_ALL);
	assert_true(parse(STR("CHARSET KOI8-R MODSEQ 1"), &a, &prog));
	assert_false(prog.has_return);
	assert_true(prog.has_modseq);
	assert_str(prog.charset, "KOI8-R");
	arena_deinit(&a);
}

/* Neither parentheses nor NOT nor OR may use up the stack. */
static void bounds_depth_and_number(void **state)
{
	static const char *const units[] = { "(", "NOT ", "OR SEEN ", "SEEN " };
	struct imap_search_program prog;
	struct arena a;
	struct buf b;

	(void)state;
	arena_init(&a);
	buf_init(&b, 1000000);
	for (size_t u = 0; u < 4; u++) {
		buf_reset(&b);
		for (int i = 0; i < 20000; i++)
			buf_add_z(&b, units[u]);
		buf_add(&b, STR("SEEN"));
		assert_false(parse(buf_str(&b), &a, &prog));
	}
	buf_deinit(&b);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(reads_programs),
		cmocka_unit_test(reads_return_options),
		cmocka_unit_test(bounds_depth_and_number),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
