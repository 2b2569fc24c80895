/* RFC 5490, 3: annotations of mailboxes and of the server. */
#include "sieve/testing.h"

#define META                                            \
	"require [\"mboxmetadata\",\"servermetadata\"," \
	"\"fileinto\",\"variables\",\"relational\","    \
	"\"comparator-i;ascii-numeric\"];\n"
#define AUTO "\"/private/vendor/vendor.isode/auto-replies\" "
#define URI  "\"/private/vendor/vendor.isode/notification-uri\" "

static void asks_for_annotations(void **state)
{
	static const struct row rows[] = {
		/* The examples of 3. */
		{ META "if metadata :is \"INBOX\" " AUTO "\"on\" { fileinto "
		       "\"yes\"; }",
		  "fileinto yes" },
		{ META "if servermetadata :matches " URI "\"mailto:*\" { "
		       "fileinto \"${1}\"; }",
		  "fileinto anna@phone.example" },
		{ META "if metadata \"INBOX\" " AUTO "[\"off\", \"ON\"] { "
		       "discard; }",
		  "" },
		{ META "if metadata :comparator \"i;octet\" \"INBOX\" " AUTO
		       "\"ON\" { discard; }",
		  "keep" },
		{ META "if metadata :contains \"Work\" " AUTO "\"\" { "
		       "discard; }",
		  "keep" },
		{ META "if metadata :contains \"INBOX\" \"/private/none\" "
		       "\"\" { discard; }",
		  "keep" },
		{ META "if metadata \"INBOX\" \"/private/empty\" \"\" { "
		       "discard; }",
		  "" },
		{ META "if metadata :count \"eq\" :comparator "
		       "\"i;ascii-numeric\" \"INBOX\" " AUTO "\"1\" { "
		       "fileinto \"a\"; } if metadata :count \"eq\" "
		       ":comparator \"i;ascii-numeric\" \"INBOX\" "
		       "\"/private/none\" \"0\" { fileinto \"b\"; }",
		  "fileinto a" },
		{ META "set \"m\" \"INBOX\"; set \"e\" \"empty\"; if metadata "
		       "\"${m}\" \"/private/${e}\" \"\" { discard; }",
		  "" },
		{ META "if metadataexists \"inbox\" [" AUTO ", "
		       "\"/PRIVATE/empty\"] { discard; }",
		  "" },
		{ META "if metadataexists \"INBOX\" [" AUTO ", "
		       "\"/private/none\"] { discard; }",
		  "keep" },
		{ META "if metadataexists \"Work\" " AUTO "{ discard; }",
		  "keep" },
		{ META "if servermetadataexists " URI "{ fileinto \"a\"; } "
		       "if servermetadataexists [" URI ", " AUTO "] { "
		       "fileinto \"b\"; } if servermetadata :contains " AUTO
		       "\"\" { fileinto \"c\"; }",
		  "fileinto a" },
		{ "require \"servermetadata\"; if metadataexists \"INBOX\" "
		  "\"/private/a\" { stop; }",
		  "1:30 \"metadataexists\" is used without its \"require\"" },
		{ "require \"mboxmetadata\"; if servermetadata \"/private/a\" "
		  "\"x\" { stop; }",
		  "1:28 \"servermetadata\" is used without its "
		  "\"require\"" },
	};

	(void)state;
	run_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

static void is_announced(void **state)
{
	struct str all = str_z(sieve_extensions());

	(void)state;
	assert_int_not_equal(str_find(all, STR(" mboxmetadata ")), STR_NPOS);
	assert_int_not_equal(str_find(all, STR(" servermetadata ")), STR_NPOS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asks_for_annotations),
		cmocka_unit_test(is_announced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
