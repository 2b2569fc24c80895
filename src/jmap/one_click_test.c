#include "jmap/one_click.h"

#include "base/test.h"

#define RESULTS                                                       \
	"Authentication-Results: mx.host.example;\r\n\tspf=none;\r\n" \
	"\tdkim=pass header.d=news.example header.s=s1 "              \
	"header.a=rsa-sha256 header.b=QUJDREVG\r\n"
#define SIGNATURE(h)                                                    \
	"DKIM-Signature: v=1; a=rsa-sha256; d=news.example; s=s1; "     \
	"c=relaxed/relaxed;\r\n h=" h ";\r\n"                           \
	" bh=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=; b=QUJDR\r\n" \
	" EVGR0g=\r\n"
#define ALL      SIGNATURE("From:Subject:List-Unsubscribe:List-Unsubscribe-Post")
#define LIST     "List-Unsubscribe: <https://news.example/u?1>\r\n"
#define POST     "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
#define URL      "https://news.example/u?1"
#define GOOD     JMAP_ONE_CLICK_GOOD
#define NONE     JMAP_ONE_CLICK_NONE
#define UNSIGNED JMAP_ONE_CLICK_UNSIGNED

static const struct {
	const char *in;
	enum jmap_one_click want;
	const char *url;
} rows[] = {
	{ RESULTS ALL LIST POST, GOOD, URL },
	{ RESULTS SIGNATURE("from : LIST-unsubscribe-POST : list-unsubscribe")
	          LIST
	  "list-unsubscribe-post:  List-Unsubscribe=One-Click \r\n",
	  GOOD, URL },
	/* the first that is https; folded; a comment */
	{ RESULTS ALL POST
	  "List-Unsubscribe: (by mail) <mailto:l@news.example>, "
	  "<http://news.example/clear>,\r\n <https://news."
	  "example/\r\n  a>, <https://other.example/>\r\n",
	  GOOD, "https://news.example/a" },
	/* nothing of the kind */
	{ RESULTS ALL LIST, NONE, NULL },
	{ RESULTS ALL POST, NONE, NULL },
	{ RESULTS ALL POST "List-Unsubscribe: <mailto:l@news.example>\r\n",
	  NONE, NULL },
	{ RESULTS ALL POST "List-Unsubscribe: <http://news.example/>\r\n", NONE,
	  NULL },
	{ RESULTS ALL POST "List-Unsubscribe: https://news.example/\r\n", NONE,
	  NULL },
	{ RESULTS ALL POST "List-Unsubscribe: <https://a@news.example/>\r\n",
	  NONE, NULL },
	{ RESULTS ALL LIST "List-Unsubscribe-Post: List-Unsubscribe=Yes\r\n",
	  NONE, NULL },
	{ RESULTS ALL LIST LIST POST, NONE, NULL },
	{ RESULTS ALL LIST POST POST, NONE, NULL },
	/* not covered */
	{ RESULTS SIGNATURE("From:List-Unsubscribe") LIST POST, UNSIGNED,
	  NULL },
	{ RESULTS SIGNATURE("From:List-Unsubscribe-Post") LIST POST, UNSIGNED,
	  NULL },
	{ RESULTS SIGNATURE("From:Subject") LIST POST, UNSIGNED, NULL },
	{ RESULTS LIST POST, UNSIGNED, NULL },
	{ ALL LIST POST, UNSIGNED, NULL },
	/* another signature than that which passed */
	{ "Authentication-Results: mx.host.example; dkim=pass "
	  "header.d=news.example header.s=s1 header.b=QUJDREVH\r\n" ALL LIST
	          POST,
	  UNSIGNED, NULL },
	{ "Authentication-Results: mx.host.example; dkim=pass "
	  "header.d=other.example header.s=s1 header.b=QUJDREVG\r\n" ALL LIST
	          POST,
	  UNSIGNED, NULL },
	{ "Authentication-Results: mx.host.example; dkim=pass "
	  "header.d=news.example header.s=s2 header.b=QUJDREVG\r\n" ALL LIST
	          POST,
	  UNSIGNED, NULL },
	{ "Authentication-Results: mx.host.example; dkim=pass "
	  "header.d=news.example header.s=s1\r\n" ALL LIST POST,
	  UNSIGNED, NULL },
	{ "Authentication-Results: mx.host.example; dkim=fail "
	  "reason=\"; dkim=pass header.d=news.example header.s=s1 "
	  "header.b=QUJDREVG\"\r\n" ALL LIST POST,
	  UNSIGNED, NULL },
	/* results of somebody else, and ours below them */
	{ "Authentication-Results: mx.other.example; dkim=pass "
	  "header.d=news.example header.s=s1 header.b=QUJDREVG\r\n" ALL LIST
	          POST,
	  UNSIGNED, NULL },
	{ "Authentication-Results: mx.other.example; none\r\n" RESULTS ALL LIST
	          POST,
	  UNSIGNED, NULL },
};

static void only_what_is_signed_and_asked_for(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str whole = str_z(rows[i].in), url = STR("untouched");

		/* In one block, and with our own fields apart. */
		for (size_t cut = 0; cut < 2; cut++) {
			struct str ours = STR(RESULTS);
			bool apart = cut && str_starts(whole, ours);
			struct str blocks[2] = { apart ? ours : whole,
				                 str_from(whole, ours.n) };
			struct arena a;
			enum jmap_one_click got;

			arena_init(&a);
			got = jmap_one_click(&a, blocks, apart ? 2 : 1,
			                     STR("MX.host.example"), &url);
			if (got != rows[i].want)
				fail_msg("row %zu: %d", i, (int)got);
			assert_true(str_eq(url, got == GOOD
			                                ? str_z(rows[i].url)
			                                : STR("untouched")));
			url = STR("untouched");
			arena_deinit(&a);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_is_signed_and_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
