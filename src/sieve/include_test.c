/* include (RFC 6609), mailboxid (RFC 9042), and the list of extensions. */
#include "sieve/program.h"
#include "sieve/testing.h"

#define INC "require [\"include\",\"variables\",\"fileinto\"];\n"

static void includes(void **state)
{
	static const struct row rows[] = {
		/* variables: own ones stay, "global" are shared */
		{ INC "set \"own\" \"outer\"; global \"found\";\n"
		      "include \"set\"; fileinto \"${own}-${found}\";",
		  "fileinto outer-yes" },
		{ INC "set \"found\" \"mine\"; include \"set\";\n"
		      "fileinto \"${found}-${global.found}-${global.other}\";",
		  "fileinto mine-yes-o" },
		{ INC "include \"set\"; include \"set\"; include :once "
		      "\"set\"; fileinto \"${global.found}\";",
		  "fileinto yesyes" },
		{ INC "include :once :personal \"set\"; include :once "
		      "\"set\"; fileinto \"${global.found}\";",
		  "fileinto yes" },
		/* what wildcards took is each script's own */
		{ INC "if header :matches \"Subject\" \"[*]*\" { include "
		      "\"set\"; fileinto \"${1}\"; }",
		  "fileinto list" },
		/* return and stop */
		{ INC "include \"early\"; fileinto \"three\";",
		  "fileinto one; fileinto three" },
		{ INC "include \"end\"; fileinto \"never\";", "fileinto end" },
		{ INC "return; fileinto \"never\";", "keep" },
		/* missing, broken, endless */
		{ INC "include \"none\";",
		  "line 2: there is no script \"none\"" },
		{ INC "include :optional \"none\"; fileinto \"x\";",
		  "fileinto x" },
		{ INC "include :global \"end\";",
		  "line 2: there is no script \"end\"" },
		{ INC "include :optional \"broken\";",
		  "line 2: \"broken\", line 1: it is broken" },
		{ INC "include \"loop\";", "line 1: \"loop\" includes itself" },
		{ INC "include \"wrong\";", "line 1: \"x\" is not an address" },
		{ INC "include :global :personal \"a\";",
		  "2:1 :personal and :global exclude each other" },
		{ "include \"a\";",
		  "1:1 \"include\" is used without its \"require\"" },
		{ "require \"variables\"; set \"global.x\" \"1\";",
		  "line 1: \"global.x\" cannot be a variable" },
	};

	(void)state;
	run_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

static void names_what_it_includes(void **state)
{
	const struct sieve_include *list;
	struct sieve_program *p;
	struct sieve_error e;
	struct str many = STR("require \"include\";");
	struct arena a;

	(void)state;
	arena_init(&a);
	assert_true(sieve_compile(
		STR("require \"include\"; include \"a\"; if true { include "
	            ":once \"b\"; } include \"a\"; include :global \"a\";"),
		&p, &e));
	assert_int_equal(sieve_program_includes(p, &list), 3);
	assert_str(list[1].name, "b");
	assert_true(!list[0].global && list[2].global);
	sieve_program_free(&p);
	for (int i = 0; i <= SIEVE_INCLUDES_MAX; i++)
		many = arena_fmt(&a, "%.*s include \"%d\";", STR_ARG(many), i);
	assert_false(sieve_compile(many, &p, &e));
	arena_deinit(&a);
}

static void files_by_id(void **state)
{
	static const struct row rows[] = {
		{ "require [\"fileinto\",\"mailboxid\"]; if mailboxidexists "
		  "\"M7\" { fileinto :mailboxid \"M7\" \"Old name\"; }",
		  "fileinto Old name id=M7" },
		{ "require [\"fileinto\",\"mailboxid\"]; if not "
		  "mailboxidexists [\"M7\", \"M8\"] { fileinto :mailboxid "
		  "\"M8\" \"A\"; fileinto \"A\"; fileinto :mailboxid \"M8\" "
		  "\"A\"; }",
		  "fileinto A id=M8; fileinto A" },
		{ "require [\"fileinto\",\"mailboxid\",\"special-use\"]; "
		  "fileinto :mailboxid \"M8\" :specialuse \"\\\\Junk\" \"A\";",
		  "line 1: :mailboxid and :specialuse exclude each other" },
		{ "require \"fileinto\"; fileinto :mailboxid \"M8\" \"A\";",
		  "1:30 \"mailboxid\" is used without its \"require\"" },
	};

	(void)state;
	run_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

#define NOTE                                                      \
	"require [\"enotify\",\"fcc\",\"variables\",\"mailbox\"," \
	"\"imap4flags\",\"vacation\",\"special-use\"];\n"

/* RFC 5435, RFC 5436, RFC 8580 */
static void notifies(void **state)
{
	static const struct row rows[] = {
		{ NOTE "notify \"mailto:0123456789@sms.example.net?to="
		       "backup@example.com\";",
		  "notify to=0123456789@sms.example.net "
		  "to=backup@example.com <> <> ; keep" },
		{ NOTE "notify :importance \"1\" :message \"This is probably "
		       "very important\" \"mailto:alm@example.com?subject="
		       "x&body=y\"; discard;",
		  "notify to=alm@example.com <This is probably very "
		  "important> <y> high" },
		{ NOTE "if header :matches \"Subject\" \"*\" { set "
		       ":encodeurl \"s\" \"${1}\"; } notify "
		       "\"mailto:a@x.example?body=${s}\";",
		  "notify to=a@x.example <> <[list] Quarterly numbers> ; "
		  "keep" },
		{ NOTE "notify :fcc \"Sent\" :create :flags \"\\\\Seen\" "
		       "\"mailto:a@x.example\";",
		  "notify fcc=Sent create to=a@x.example <> <>  \\Seen; keep" },
		{ NOTE "vacation :days 7 :fcc \"INBOX\" \"Gone\"; discard;",
		  "vacation fcc=INBOX Gone 604800" },
		{ NOTE "vacation :create \"Gone\";",
		  "line 2: :create needs :fcc" },
		{ NOTE "notify \"tel:123\";",
		  "line 2: \"tel:123\" is no way to notify here" },
		{ NOTE "notify :importance \"4\" \"mailto:a@x.example\";",
		  "line 2: :importance is \"1\", \"2\" or \"3\"" },
		{ NOTE "notify :from \"x\" \"mailto:a@x.example\";",
		  "line 2: \"x\" is not an address" },
		{ NOTE
		  "set \"u\" \"mailto:a@x.example\"; notify \"${u}\"; notify "
		  "\"${u}\"; notify \"${u}\"; notify \"${u}\"; notify "
		  "\"${u}\"; notify \"${u}\";",
		  "line 2: too many notifications" },
		{ NOTE "if valid_notify_method [\"mailto:a@x.example\", "
		       "\"xmpp:a@x.example\"] { discard; }",
		  "keep" },
		{ NOTE "if allof(valid_notify_method \"mailto:a@x.example\", "
		       "notify_method_capability \"mailto:a@x.example\" "
		       "\"Online\" \"maybe\", not notify_method_capability "
		       "\"mailto:a@x.example\" \"fast\" \"yes\") { discard; }",
		  "" },
	};

	(void)state;
	run_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

/* What is announced is what there is: each name is found, once, and a script
 * that requires all of them compiles. */
static void announces_what_there_is(void **state)
{
	struct str rest = str_z(sieve_extensions()), name;
	struct str all = STR("require [\"envelope\"");
	struct sieve_program *p;
	struct sieve_error e;
	struct arena a;
	uint64_t ext;
	size_t n = 0;

	(void)state;
	arena_init(&a);
	while (str_cut(&rest, ' ', &name)) {
		assert_true(sieve_ext_find(name, &ext));
		n++;
		assert_true(str_find(rest,
		                     arena_fmt(&a, " %.*s ", STR_ARG(name))) ==
		            STR_NPOS);
		all = arena_fmt(&a, "%.*s,\"%.*s\"", STR_ARG(all),
		                STR_ARG(name));
	}
	all = arena_fmt(&a, "%.*s];", STR_ARG(all));
	assert_true(sieve_compile(all, &p, &e));
	sieve_program_free(&p);
	assert_int_equal(sieve_ext_count(), n);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(includes),
		cmocka_unit_test(names_what_it_includes),
		cmocka_unit_test(files_by_id),
		cmocka_unit_test(notifies),
		cmocka_unit_test(announces_what_there_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
