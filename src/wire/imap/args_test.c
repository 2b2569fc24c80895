#include "wire/imap/args.h"

#include "base/test.h"

static void reads_lists(void **state)
{
	static const struct {
		const char *in;
		bool ok, extended;
		uint32_t select, returns, status;
		const char *reference, *last;
		size_t n;
	} rows[] = {
		{ "\"\" *", true, false, 0, 0, 0, "", "*", 1 },
		{ "a \"b %\"", true, false, 0, 0, 0, "a", "b %", 1 },
		{ "(SUBSCRIBED) \"\" (a b)", true, true, IMAP_LS_SUBSCRIBED, 0,
		  0, "", "b", 2 },
		{ "() \"\" %", true, true, 0, 0, 0, "", "%", 1 },
		{ "\"\" % RETURN (CHILDREN SUBSCRIBED)", true, true, 0,
		  IMAP_LR_CHILDREN | IMAP_LR_SUBSCRIBED, 0, "", "%", 1 },
		{ "\"\" % RETURN ()", true, true, 0, 0, 0, "", "%", 1 },
		{ "\"\" % RETURN (STATUS (MESSAGES UNSEEN) SPECIAL-USE)", true,
		  true, 0, IMAP_LR_STATUS | IMAP_LR_SPECIAL_USE,
		  IMAP_ST_MESSAGES | IMAP_ST_UNSEEN, "", "%", 1 },
		{ "\"\" % RETURN (METADATA (/a \"/b\") CHILDREN)", true, true,
		  0, IMAP_LR_METADATA | IMAP_LR_CHILDREN, 0, "", "%", 1 },
		{ "\"\" % RETURN (METADATA)", false, false, 0, 0, 0, NULL, NULL,
		  0 },
		{ "(RECURSIVEMATCH) \"\" %", false, false, 0, 0, 0, NULL, NULL,
		  0 },
		{ "(RECURSIVEMATCH SUBSCRIBED) \"\" %", true, true,
		  IMAP_LS_RECURSIVEMATCH | IMAP_LS_SUBSCRIBED, 0, 0, "", "%",
		  1 },
		{ "\"\"", false, false, 0, 0, 0, NULL, NULL, 0 },
		{ "\"\" () ", false, false, 0, 0, 0, NULL, NULL, 0 },
		{ "\"\" % NONSENSE", false, false, 0, 0, 0, NULL, NULL, 0 },
		{ "\"\" % RETURN (NONSENSE)", false, false, 0, 0, 0, NULL, NULL,
		  0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct imap_parser p;
		struct imap_list l;
		struct arena a;

		arena_init(&a);
		p = imap_parser(str_z(rows[i].in), &a);
		if (imap_parse_list(&p, &l) != rows[i].ok)
			fail_msg("row \"%s\"", rows[i].in);
		if (rows[i].ok) {
			assert_int_equal(l.extended, rows[i].extended);
			assert_int_equal(l.select, rows[i].select);
			assert_int_equal(l.returns, rows[i].returns);
			assert_int_equal(l.status, rows[i].status);
			assert_str(l.reference, rows[i].reference);
			assert_int_equal(l.n_patterns, rows[i].n);
			assert_str(l.patterns[l.n_patterns - 1], rows[i].last);
		}
		arena_deinit(&a);
	}
}

static void reads_status(void **state)
{
	struct imap_parser p;
	uint32_t items;

	(void)state;
	p = imap_parser(STR("(MESSAGES uidnext DELETED DELETED-STORAGE)"),
	                NULL);
	assert_true(imap_parse_status_items(&p, &items));
	assert_int_equal(items, IMAP_ST_MESSAGES | IMAP_ST_UIDNEXT |
	                                IMAP_ST_DELETED |
	                                IMAP_ST_DELETED_STORAGE);
	assert_str(imap_status_name(IMAP_ST_UIDNEXT), "UIDNEXT");
	p = imap_parser(STR("()"), NULL);
	assert_false(imap_parse_status_items(&p, &items));
	p = imap_parser(STR("MESSAGES"), NULL);
	assert_false(imap_parse_status_items(&p, &items));
}

static void reads_select(void **state)
{
	struct imap_parser p;
	struct imap_select s;
	struct arena a;

	(void)state;
	arena_init(&a);
	p = imap_parser(STR("INBOX"), &a);
	assert_true(imap_parse_select(&p, &s));
	assert_false(s.condstore || s.qresync);
	p = imap_parser(STR("\"a b\" (CONDSTORE)"), &a);
	assert_true(imap_parse_select(&p, &s));
	assert_str(s.mailbox, "a b");
	assert_true(s.condstore);
	p = imap_parser(STR("x (QRESYNC (67890007 90060115194045000 "
	                    "41:211,214:541 (1,3 10,30)))"),
	                &a);
	assert_true(imap_parse_select(&p, &s));
	assert_true(s.qresync);
	assert_int_equal(s.uidvalidity, 67890007);
	assert_true(s.modseq == UINT64_C(90060115194045000));
	assert_int_equal(s.known_uids.n, 2);
	assert_int_equal(s.seq_match.n, 2);
	assert_int_equal(s.uid_match.r[1].first, 30);
	p = imap_parser(STR("x (QRESYNC (1 2 (1 2)))"), &a);
	assert_true(imap_parse_select(&p, &s));
	assert_int_equal(s.known_uids.n, 0);
	p = imap_parser(STR("x (QRESYNC (0 2))"), &a);
	assert_false(imap_parse_select(&p, &s));
	p = imap_parser(STR("x (NONSENSE)"), &a);
	assert_false(imap_parse_select(&p, &s));
	arena_deinit(&a);
}

static void reads_store(void **state)
{
	static const struct {
		const char *in;
		bool ok;
		enum imap_store_mode mode;
		bool silent, unchanged;
		uint32_t system;
	} rows[] = {
		{ "FLAGS (\\Seen)", true, IMAP_STORE_SET, false, false,
		  IMAP_SEEN },
		{ "+FLAGS.SILENT \\Deleted", true, IMAP_STORE_ADD, true, false,
		  IMAP_DELETED },
		{ "-flags (\\Seen \\Draft)", true, IMAP_STORE_REMOVE, false,
		  false, IMAP_SEEN | IMAP_DRAFT },
		{ "(UNCHANGEDSINCE 12) +FLAGS ()", true, IMAP_STORE_ADD, false,
		  true, 0 },
		{ "FLAGS", false, 0, false, false, 0 },
		{ "FLAGSX (\\Seen)", false, 0, false, false, 0 },
		{ "(UNCHANGED 1) FLAGS ()", false, 0, false, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct imap_parser p;
		struct imap_store s;
		struct arena a;

		arena_init(&a);
		p = imap_parser(str_z(rows[i].in), &a);
		if (imap_parse_store(&p, &s) != rows[i].ok)
			fail_msg("row \"%s\"", rows[i].in);
		if (rows[i].ok) {
			assert_int_equal(s.mode, rows[i].mode);
			assert_int_equal(s.silent, rows[i].silent);
			assert_int_equal(s.unchangedsince_set,
			                 rows[i].unchanged);
			assert_int_equal(s.flags.system, rows[i].system);
		}
		arena_deinit(&a);
	}
}

static void reads_append(void **state)
{
	struct imap_parser p;
	struct imap_append x;
	struct arena a;

	(void)state;
	arena_init(&a);
	p = imap_parser(STR(" {5}\r\n"), &a);
	assert_true(imap_parse_append(&p, &x));
	assert_false(x.date_set || x.utf8);
	p = imap_parser(STR(" (\\Seen x) \"17-Jul-1996 02:44:25 -0700\" "
	                    "~{5+}\r\n"),
	                &a);
	assert_true(imap_parse_append(&p, &x));
	assert_true(x.date_set);
	assert_int_equal(x.flags.n_keywords, 1);
	p = imap_parser(STR(" UTF8 (~{5+}\r\n"), &a);
	assert_true(imap_parse_append(&p, &x));
	assert_true(x.utf8);
	p = imap_parser(STR(" (\\Seen){5}\r\n"), &a);
	assert_false(imap_parse_append(&p, &x));
	p = imap_parser(STR(" \"nonsense\" {5}\r\n"), &a);
	assert_false(imap_parse_append(&p, &x));
	arena_deinit(&a);
}

static void reads_id(void **state)
{
	struct imap_parser p;
	struct arena a;
	struct imap_id id;

	(void)state;
	arena_init(&a);
	p = imap_parser(STR("NIL"), &a);
	assert_true(imap_parse_id(&p, &id));
	assert_int_equal(id.n, 0);
	p = imap_parser(STR("(\"name\" \"x\" \"version\" NIL)"), &a);
	assert_true(imap_parse_id(&p, &id));
	assert_int_equal(id.n, 2);
	assert_str(id.values[0], "x");
	assert_null(id.values[1].p);
	p = imap_parser(STR("(\"name\")"), &a);
	assert_false(imap_parse_id(&p, &id));
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(reads_lists),  cmocka_unit_test(reads_status),
		cmocka_unit_test(reads_select), cmocka_unit_test(reads_store),
		cmocka_unit_test(reads_append), cmocka_unit_test(reads_id),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
