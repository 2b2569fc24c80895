#include "wire/message/mailto.h"

#include <string.h>

#include "base/buf.h"
#include "base/test.h"

/* RFC 6068, 6, and what is none. */
static void parses(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
		{ "mailto:chris@example.com", "chris@example.com" },
		{ "MailTo:infobot@example.com?subject=current-issue",
		  "infobot@example.com subject=current-issue" },
		{ "mailto:infobot@example.com?body=send%20current-issue%0D%0A"
		  "send%20index",
		  "infobot@example.com body=send current-issue\r\nsend index" },
		{ "mailto:list@example.org?In-Reply-To=%3C3469A91.D10AF4C@"
		  "example.com%3E",
		  "list@example.org" },
		{ "mailto:?to=joe@example.com&cc=bob@example.com&body=hello",
		  "joe@example.com bob@example.com body=hello" },
		{ "mailto:a@x.example,b@x.example?importance=high",
		  "a@x.example b@x.example importance=high" },
		{ "mailto:gorby%25kremvax@example.com",
		  "gorby%kremvax@example.com" },
		{ "mailto:unlikely%3Faddress@example.com?blat=foop",
		  "unlikely?address@example.com" },
		{ "mailto:%22not%40me%22@example.org",
		  "\"not@me\"@example.org" },
		{ "mailto:user@example.org?subject=caf%C3%A9",
		  "user@example.org subject=caf\xc3\xa9" },
		{ "mailto:", NULL },
		{ "mailto:?subject=x", NULL },
		{ "mailto:nobody", NULL },
		{ "mailto:a@x.example?subject=x%0d%0aBcc:%20y", NULL },
		{ "mailto:a@x.example?subject=%zz", NULL },
		{ "mailto:a@x.example?subject=%4", NULL },
		{ "mailto:a@x.example?subject=%ff", NULL },
		{ "mailto:a@x.example?subject=%00", NULL },
		{ "mailto:a@x.example?nonsense", NULL },
		{ "mailto:a@x.example?subject=a b", NULL },
		{ "mailto:a%2cb@x.example", NULL },
		{ "mailto:a@x.example,,b@x.example", NULL },
		{ "mailto:a@x.example,a@x.example,a@x.example,a@x.example,"
		  "a@x.example,a@x.example,a@x.example,a@x.example,"
		  "a@x.example,a@x.example,a@x.example",
		  NULL },
		{ "tel:+123", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct mailto m;
		struct arena a;
		struct buf b;

		arena_init(&a);
		buf_init(&b, 10000);
		if (!mailto_parse(&a, str_z(rows[i].in), &m)) {
			if (rows[i].want)
				fail_msg("%s: refused", rows[i].in);
			arena_deinit(&a);
			continue;
		}
		for (size_t k = 0; k < m.to_n; k++)
			buf_fmt(&b, "%s%.*s", k ? " " : "", STR_ARG(m.to[k]));
		if (m.subject.n)
			buf_fmt(&b, " subject=%.*s", STR_ARG(m.subject));
		if (m.body.n)
			buf_fmt(&b, " body=%.*s", STR_ARG(m.body));
		if (m.importance.n)
			buf_fmt(&b, " importance=%.*s", STR_ARG(m.importance));
		assert_str(buf_str(&b), rows[i].want ? rows[i].want : "none");
		buf_deinit(&b);
		arena_deinit(&a);
	}
}

/* Left out whole, not cut. */
static void long_address_is_none(void **state)
{
	struct mailto m;
	struct arena a;
	char uri[1200];

	(void)state;
	memset(uri, 'x', sizeof(uri));
	memcpy(uri, "mailto:", 7);
	memcpy(uri + sizeof(uri) - 10, "@x.example", 10);
	arena_init(&a);
	assert_false(mailto_parse(&a, (struct str){ uri, sizeof(uri) }, &m));
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses),
		cmocka_unit_test(long_address_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
