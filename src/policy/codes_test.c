#include "policy/codes.h"

#include <string.h>

#include "base/test.h"

/* Spellings that customers paste, each with what comes first. */
static const struct {
	const char *typed, *first;
	size_t n; /* 0: any number */
} spellings[] = {
	{ "0x800ccc18", "0x800CCC18", 1 },
	{ "0x800CCC1", "0x800CCC10", 12 },
	{ "-ERR Login failed", "-ERR Login failed", 1 },
	{ "0x800CCC90", "0x800CCC90", 1 },
	{ "0x800CCC92", "0x800CCC92", 1 },
	{ "0x80042109", "0x80042109", 1 },
	{ "0x800ccc78", "0x800CCC78", 1 },
	{ "0x800ccc9", "0x800CCC90", 7 },
	{ "0x800CCC16", "0x800CCC16", 1 },
	{ "0x8004210a", "0x8004210A", 1 },
	{ "0x80042108", "0x80042108", 1 },
	{ "0x8004210b", "0x8004210B", 1 },
	{ "0x800C0149", "0x800C0149", 1 },
	{ "0x800ccc0d", "0x800CCC0D", 1 },
	{ "0x800CCC7D", "0x800CCC7D", 1 },
	{ "0x85100084", "0x85100084", 1 },
	{ "0x800cccf6", "0x800CCCF6", 1 },
	{ "0x800ccc6f", "0x800CCC6F", 1 },
	{ "0x800C013B", "0x800C013B", 1 },
	{ "0x800CCC11", "0x800CCC11", 1 },
	{ "0x800CCC6A", "0x800CCC6A", 1 },
	{ "0x800CCC10", "0x800CCC10", 1 },
	{ "0x800ccc0b", "0x800CCC0B", 1 },
	{ "0x800cccod", "0x800CCC0D", 1 },
	{ "0x800ccc0e", "0x800CCC0E", 1 },
	{ "0x800CCC0F", "0x800CCC0F", 1 },
	{ "0x800CCC91", "0x800CCC91", 1 },
	{ "x800ccc15", "0x800CCC15", 1 },
	{ "-ERR AVG POP3 Proxy Server: Cannot connect to the mail server!",
	  "AVG POP3 Proxy Server", 1 },
	/* other spellings */
	{ "800CCC0E", "0x800CCC0E", 1 },
	{ "OX800CCC0E", "0x800CCC0E", 1 },
	{ "  (0X800CCC0E).  ", "0x800CCC0E", 1 },
	{ "0\xc3\x97"
	  "800ccc0e",
	  "0x800CCC0E", 1 },
	{ "-2146644977", "0x800CCC0F", 1 },
	{ "-2147213047", "0x80042109", 1 },
	{ "Error: sending failed (0x800CCC0F): 'the connection broke'",
	  "0x800CCC0F", 1 },
	{ "0x800ccc38", "0x800CCC31", 1 },
	{ "0x800cccf3", "0x800CCCF0", 1 },
	/* what this host says */
	{ "R-GREY", "R-GREY", 1 },
	{ "[l-5m]", "L-5M", 1 },
	{ "450 4.7.1 https://mail.host.example/help/L-FAILED [L-FAILED]",
	  "L-FAILED", 1 },
	{ "450 4.7.1 <bo@customer.example>: Recipient address rejected: You "
	  "have sent more than 25 messages in the last 5 minutes, try later",
	  "L-5M", 1 },
	{ "550 5.1.1 <x@y.example>: Recipient address rejected: User unknown",
	  "R-UNKNOWN", 1 },
	{ "421 4.3.2 Connection rate limit exceeded", "R-CONN", 1 },
	{ "553 5.7.1 Authentication failure.", "A-LOGIN", 3 },
	{ "a NO [AUTHENTICATIONFAILED] wrong", "[AUTHENTICATIONFAILED]", 1 },
	/* what other hosts say */
	{ "550 5.1.1 no such person", "550", 2 },
	{ "5.7.26", "5.7.26", 1 },
	{ "550-5.7.26 unauthenticated", "5.7.26", 1 },
	{ "451", "451", 1 },
	/* nothing */
	{ "", NULL, 0 },
	{ "hello", NULL, 0 },
	{ "0x12345678", NULL, 0 },
	{ "0x800FFFFF", NULL, 0 },
	{ "0x800CCC0E1", NULL, 0 },
	{ "{rcpt}", NULL, 0 },
	{ "[", NULL, 0 },
	{ "][", NULL, 0 },
	{ "-9999999999999999999999", NULL, 0 },
};

static void finds(void **state)
{
	struct code_row out[CODE_FOUND_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
		size_t n = code_find(str_z(spellings[i].typed), out);

		if (!spellings[i].first) {
			if (n)
				fail_msg("\"%s\": found %s", spellings[i].typed,
				         out[0].id);
			continue;
		}
		if (!n || strcmp(out[0].id, spellings[i].first) != 0)
			fail_msg("\"%s\": got %s, want %s", spellings[i].typed,
			         n ? out[0].id : "nothing", spellings[i].first);
		if (spellings[i].n && n != spellings[i].n)
			fail_msg("\"%s\": %zu found, want %zu",
			         spellings[i].typed, n, spellings[i].n);
	}
}

/* "0x800CCC1" may also be 01 with its zero lost. */
static void cut_off(void **state)
{
	struct code_row out[CODE_FOUND_MAX];
	size_t n = code_find(STR("0x800CCC1"), out);

	(void)state;
	assert_string_equal(out[n - 1].id, "0x800CCC01");
}

static void rows_are_whole(void **state)
{
	const struct code_row *r, *other;

	(void)state;
	for (size_t i = 0; (r = code_at(i)); i++) {
		assert_true(strlen(r->meaning) > 6);
		assert_true(r->cause[0] && r->todo[0]);
		if (strlen(r->todo) > 200)
			fail_msg("%s: too long to do", r->id);
		assert_true(code_area_name(r->area)[0]);
		for (size_t j = 0; j < i && (other = code_at(j)); j++)
			assert_string_not_equal(r->id, other->id);
	}
}

static void names_are_put_in(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	code_text(&b, "Use {imap}, {pop} and {send}. {x} {",
	          STR("host.example"));
	assert_true(str_eq(buf_str(&b),
	                   STR("Use imap.host.example, pop.host.example and "
	                       "send.host.example. {x} {")));
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds),
		cmocka_unit_test(cut_off),
		cmocka_unit_test(rows_are_whole),
		cmocka_unit_test(names_are_put_in),
	};

	return cmocka_run_group_tests_name("policy-codes", tests, NULL, NULL);
}
