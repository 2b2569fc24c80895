#include "wire/imap/response.h"

#include "base/test.h"

static struct arena arena;

static void answers_of_a_server(void **state)
{
	static const struct {
		const char *in, *tag, *code, *text, *name;
		enum imap_status status;
		uint32_t number;
	} all[] = {
		{ "a1 OK [READ-ONLY] done", "a1", "READ-ONLY", "done", "OK",
		  IMAP_STATUS_OK, 0 },
		{ "a1 NO [AUTHENTICATIONFAILED] no", "a1",
		  "AUTHENTICATIONFAILED", "no", "NO", IMAP_STATUS_NO, 0 },
		{ "a1 BAD", "a1", "", "", "BAD", IMAP_STATUS_BAD, 0 },
		{ "* OK [UIDVALIDITY 7] x", "", "UIDVALIDITY 7", "x", "OK",
		  IMAP_STATUS_OK, 0 },
		{ "* bye late", "", "", "late", "bye", IMAP_STATUS_BYE, 0 },
		{ "* 12 EXISTS", "", "", "", "EXISTS", IMAP_STATUS_NONE, 12 },
		{ "* CAPABILITY IMAP4rev1", "", "", "", "CAPABILITY",
		  IMAP_STATUS_NONE, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct imap_parser p = imap_parser(str_z(all[i].in), &arena);
		struct imap_response r;

		assert_true(imap_parse_response(&p, &r));
		assert_str(r.tag, all[i].tag);
		assert_str(r.code, all[i].code);
		assert_str(r.text, all[i].text);
		assert_str(r.name, all[i].name);
		assert_int_equal(r.status, all[i].status);
		assert_int_equal(r.number, all[i].number);
	}
}

static void nonsense_is_told(void **state)
{
	static const char *const bad[] = { "",    "*",        "* ",
		                           "a1",  "a1 FETCH", "* 99999999999",
		                           "* 3", "* 3 " };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct imap_parser p = imap_parser(str_z(bad[i]), &arena);
		struct imap_response r;

		if (imap_parse_response(&p, &r))
			assert_true(r.name.n > 0 && !r.has_number);
	}
}

static void codes_with_numbers(void **state)
{
	uint32_t n = 0;

	(void)state;
	assert_true(
		imap_code_number(STR("UIDVALIDITY 7"), STR("UIDVALIDITY"), &n));
	assert_int_equal(n, 7);
	assert_false(
		imap_code_number(STR("UIDVALIDITY"), STR("UIDVALIDITY"), &n));
	assert_false(
		imap_code_number(STR("UIDNEXT 7"), STR("UIDVALIDITY"), &n));
	assert_true(imap_capability_has(STR(" IMAP4rev1 STARTTLS"),
	                                STR("starttls")));
	assert_false(imap_capability_has(STR(" IMAP4rev1 STARTTLSX"),
	                                 STR("STARTTLS")));
}

static bool listed(const char *in, struct imap_listed *out)
{
	struct imap_parser p = imap_parser(str_z(in), &arena);

	return imap_parse_listed(&p, out);
}

static void folders(void **state)
{
	struct imap_listed l;

	(void)state;
	assert_true(
		listed(" (\\HasNoChildren \\Sent) \"/\" \"Sent Items\"", &l));
	assert_int_equal(l.attributes, IMAP_AT_SENT);
	assert_int_equal(l.delimiter, '/');
	assert_str(l.name, "Sent Items");
	assert_true(listed(" (\\Noselect \\X) NIL {3}\r\na.b", &l));
	assert_int_equal(l.attributes, IMAP_AT_NOSELECT);
	assert_int_equal(l.delimiter, 0);
	assert_str(l.name, "a.b");
	assert_true(listed(" () \".\" INBOX", &l));
	assert_false(listed(" () \"..\" INBOX", &l));
	assert_false(listed(" ( \".\" INBOX", &l));
}

static bool fetched(const char *in, struct imap_fetched *out)
{
	struct imap_parser p = imap_parser(str_z(in), &arena);

	*out = (struct imap_fetched){ 0 };
	return imap_parse_fetched(&p, out);
}

static void messages(void **state)
{
	struct imap_fetched f;

	(void)state;
	assert_true(fetched(" (UID 9 FLAGS (\\Seen \\Odd $Forwarded) "
	                    "INTERNALDATE \" 1-Feb-2026 00:00:01 +0000\" "
	                    "RFC822.SIZE 5000000000 MODSEQ (7) "
	                    "X-GM (\"a\" (b {1}\r\n)) NIL) "
	                    "BODY[HEADER.FIELDS (MESSAGE-ID)] {5}\r\na: b\n)",
	                    &f));
	assert_int_equal(f.got, IMAP_GOT_UID | IMAP_GOT_FLAGS | IMAP_GOT_DATE |
	                                IMAP_GOT_SIZE | IMAP_GOT_BODY);
	assert_int_equal(f.uid, 9);
	assert_int_equal(f.flags.system, IMAP_SEEN);
	assert_int_equal(f.flags.n_keywords, 1);
	assert_str(f.flags.keywords[0], "$Forwarded");
	assert_int_equal(f.size, UINT64_C(5000000000));
	assert_int_equal(f.date_us, INT64_C(1769904001000000));
	assert_str(f.body, "a: b\n");
	assert_false(f.is_cut);
	assert_true(fetched(" (BODY[] NIL)", &f));
	assert_str(f.body, "");
	assert_false(fetched(" (UID 0)", &f));
	assert_false(fetched(" (UID 1", &f));
	assert_false(fetched(" (UID 1) x", &f));
}

/* A message comes apart from the text, and its UID perhaps behind it. */
static void a_message_apart(void **state)
{
	struct imap_fetched f;
	struct imap_parser p;

	(void)state;
	assert_true(fetched(" (FLAGS () BODY[] {73400320}\r\n", &f));
	assert_true(f.is_cut);
	assert_int_equal(f.got, IMAP_GOT_FLAGS | IMAP_GOT_BODY);
	p = imap_parser(STR(" UID 4)"), &arena);
	assert_true(imap_parse_fetched_rest(&p, &f));
	assert_false(f.is_cut);
	assert_int_equal(f.uid, 4);
	p = imap_parser(STR(")"), &arena);
	assert_true(imap_parse_fetched_rest(&p, &f));
}

static int setup(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_deinit(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_of_a_server),
		cmocka_unit_test(nonsense_is_told),
		cmocka_unit_test(codes_with_numbers),
		cmocka_unit_test(folders),
		cmocka_unit_test(messages),
		cmocka_unit_test(a_message_apart),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
