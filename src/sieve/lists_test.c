#include "sieve/sieve.h"

#include "sieve/testing.h"

#define R                                                                      \
	"require [\"extlists\",\"envelope\",\"fileinto\",\"variables\","       \
	"\"copy\",\"subaddress\",\"mime\",\"foreverypart\",\"body\",\"date\"," \
	"\"index\",\"reject\",\"spamtest\",\"relational\",\"environment\","    \
	"\"comparator-i;ascii-numeric\"];\n"
#define DEFAULT  "\":addrbook:default\""
#define PERSONAL "\":addrbook:personal\""

/* RFC 6134, 3. */
static void examples_of_the_rfc(void **state)
{
	static const struct row rows[] = {
		/* 1 */
		{ R "if envelope :list \"from\" " DEFAULT
		    " { if spamtest :value \"ge\" :comparator "
		    "\"i;ascii-numeric\" \"8\" { fileinto \"spam\"; } }\n"
		    "elsif spamtest :value \"ge\" :comparator "
		    "\"i;ascii-numeric\" \"3\" { fileinto \"spam\"; }",
		  "keep" },
		{ R "if envelope :list \"from\" " DEFAULT
		    " { set \"lim\" \"8\"; } else { set \"lim\" \"3\"; }\n"
		    "if spamtest :value \"ge\" :comparator "
		    "\"i;ascii-numeric\" \"${lim}\" { fileinto \"spam\"; }",
		  "keep" },
		{ R "if envelope :localpart :list \"from\" " DEFAULT
		    " { set \"lim\" \"8\"; } else { set \"lim\" \"3\"; }\n"
		    "if spamtest :value \"ge\" :comparator "
		    "\"i;ascii-numeric\" \"${lim}\" { fileinto \"spam\"; }",
		  "fileinto spam" },
		/* 2: there are no lists of dates here, which is told at once */
		{ R "if currentdate :list \"date\" "
		    "\"tag:example.com,2011-01-01:localHolidays\" { stop; }",
		  "2:4 there is no list "
		  "\"tag:example.com,2011-01-01:localHolidays\" here" },
		/* 3 */
		{ R "if allof (envelope :detail \"to\" \"list\", "
		    "not header :list \"from\" " PERSONAL
		    ") { redirect :list " PERSONAL "; }",
		  "redirect u0@group.example; redirect u1@group.example; "
		  "redirect u2@group.example" },
		/* 4 */
		{ R "if header :index 1 :matches \"received\" \"*\" { if "
		    "string :list \"${1}\" " DEFAULT " { reject \"no\"; } }",
		  "keep" },
		/* 5 */
		{ R "foreverypart { if header :mime :param \"filename\" :list "
		    "[\"Content-Type\", \"Content-Disposition\"] " DEFAULT
		    " { fileinto \"A\"; break; } }",
		  "keep" },
	};

	(void)state;
	run_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

static void what_is_on_a_list(void **state)
{
	static const struct row rows[] = {
		{ R "if envelope :list \"from\" "
		    "\"urn:ietf:params:sieve:addrbook:default\" { fileinto "
		    "\"A\"; }",
		  "fileinto A" },
		{ R "if envelope :list \"from\" \":AddrBook:Default\" { "
		    "fileinto \"A\"; }",
		  "fileinto A" },
		/* The message says bo+news. */
		{ R "if address :list \"from\" " DEFAULT " { fileinto \"A\"; }",
		  "keep" },
		{ R "if address :list \"return-path\" " DEFAULT
		    " { fileinto \"${0}\"; }",
		  "fileinto bo@partner.example" },
		{ R "if header :list \"return-path\" " DEFAULT
		    " { fileinto \"A\"; }",
		  "fileinto A" },
		{ R "if string :list [\"x\", \"Bo <BO@partner.example>\"] "
		    "" DEFAULT " { fileinto \"${0}\"; }",
		  "fileinto Bo <BO@partner.example>" },
		/* Two are not one. */
		{ R "if string :list \"bo@partner.example, <x@y.example>\" "
		    "" DEFAULT " { fileinto \"A\"; }",
		  "keep" },
		{ R "if string :list \"cy@partner.example\" " DEFAULT
		    " { fileinto \"A\"; } elsif string :list "
		    "\"cy@partner.example\" [" DEFAULT "," PERSONAL
		    "] { fileinto \"B\"; }",
		  "fileinto B" },
		{ R "if string :list \"\" " DEFAULT " { fileinto \"A\"; }",
		  "keep" },
		{ R "if valid_ext_list [" DEFAULT ", " PERSONAL
		    "] { fileinto \"A\"; }",
		  "fileinto A" },
		{ R "if valid_ext_list [" DEFAULT ", \"addrbook\"] { "
		    "fileinto \"A\"; }",
		  "keep" },
	};

	(void)state;
	run_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

/* Each scheme that is told is one of a list (RFC 6134, 2.8). */
static void tells_its_schemes(void **state)
{
	struct str rest = str_z(sieve_list_schemes()), scheme;

	(void)state;
	assert_true(rest.n > 0);
	while (str_cut(&rest, ' ', &scheme))
		assert_str(scheme, "urn");
}

static void mistakes(void **state)
{
	static const struct row rows[] = {
		{ "if header :list \"from\" " DEFAULT " { stop; }",
		  "1:11 \"extlists\" is used without its \"require\"" },
		{ R "if header :list :comparator \"i;octet\" \"from\" " DEFAULT
		    " { stop; }",
		  "2:4 :list takes no comparator" },
		{ R "if body :list " DEFAULT " { stop; }",
		  "2:9 \"body\" does not take :list" },
		{ R "if environment :list \"name\" " DEFAULT " { stop; }",
		  "2:16 \"environment\" does not take :list" },
		{ R "redirect :list \"tag:example.com,2010-05-28:mylist\";",
		  "2:1 there is no list \"tag:example.com,2010-05-28:mylist\" "
		  "here" },
		/* What is asked for first is no mistake. */
		{ R "if valid_ext_list \"tag:x,2010:l\" { redirect :list "
		    "\"tag:x,2010:l\"; } else { fileinto \"A\"; }",
		  "fileinto A" },
		{ R "set \"l\" \"tag:x,2010:l\"; if string :list \"x\" "
		    "\"${l}\" { stop; }",
		  "line 2: there is no list \"tag:x,2010:l\" here" },
		{ R "set \"l\" \"tag:x,2010:l\"; redirect :list \"${l}\";",
		  "line 2: there is no list \"tag:x,2010:l\" here" },
	};

	(void)state;
	run_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

static void redirects_are_bounded(void **state)
{
	static const struct row many[] = {
		{ R "redirect :list " PERSONAL ";",
		  "line 2: the list has more than 10 addresses" },
	};
	static const struct row ten[] = {
		{ R "redirect \"u3@group.example\"; "
		    "redirect :list " PERSONAL ";",
		  "redirect u3@group.example; redirect u0@group.example; "
		  "redirect u1@group.example; redirect u2@group.example; "
		  "redirect u4@group.example; redirect u5@group.example; "
		  "redirect u6@group.example; redirect u7@group.example; "
		  "redirect u8@group.example; redirect u9@group.example" },
		{ R "redirect \"x@y.example\"; redirect :list " PERSONAL ";",
		  "line 2: too many redirects" },
	};
	static const struct row few[] = {
		{ R "redirect :copy :list " PERSONAL ";",
		  "redirect u0@group.example; keep" },
		/* Nobody is on it. */
		{ R "redirect :list " DEFAULT ";", "keep" },
	};

	(void)state;
	testing_members = SIEVE_REDIRECTS_MAX + 1;
	run_rows(many, 1);
	testing_members = SIEVE_REDIRECTS_MAX;
	run_rows(ten, 2);
	testing_members = 1;
	run_rows(few, 2);
	testing_members = 3;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(examples_of_the_rfc),
		cmocka_unit_test(what_is_on_a_list),
		cmocka_unit_test(tells_its_schemes),
		cmocka_unit_test(mistakes),
		cmocka_unit_test(redirects_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
