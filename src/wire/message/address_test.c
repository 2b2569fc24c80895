#include "wire/message/address.h"

#include <string.h>

#include "base/test.h"

/* A list as text: {name|route|local|domain}, groups as <name and >. */
static void show(struct buf *b, const struct address_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct address *a = &list->v[i];

		switch (a->kind) {
		case ADDRESS_GROUP:
			buf_fmt(b, "<%.*s", STR_ARG(a->name));
			continue;
		case ADDRESS_GROUP_END: buf_add_c(b, '>'); continue;
		case ADDRESS_MAILBOX: break;
		}
		buf_fmt(b, "{%.*s|%.*s|%.*s|%.*s}", STR_ARG(a->name),
		        STR_ARG(a->route), STR_ARG(a->local),
		        STR_ARG(a->domain));
	}
}

struct row {
	const char *label, *in, *want;
	bool damaged;
};

static void check(const struct row *rows, size_t n)
{
	struct arena a;
	struct buf b;

	arena_init(&a);
	buf_init(&b, 4096);
	for (size_t i = 0; i < n; i++) {
		struct address_list list;

		buf_reset(&b);
		address_list_parse(&a, str_z(rows[i].in), NULL, &list);
		show(&b, &list);
		if (!str_eq(buf_str(&b), str_z(rows[i].want)) ||
		    list.damaged != rows[i].damaged)
			print_error("row \"%s\", damaged %d\n", rows[i].label,
			            list.damaged);
		assert_str(buf_str(&b), rows[i].want);
		assert_int_equal(list.damaged, rows[i].damaged);
	}
	buf_deinit(&b);
	arena_deinit(&a);
}

static void what_rfc_5322_allows(void **state)
{
	static const struct row rows[] = {
		{ "nothing", "", "", false },
		{ "spec", "joe@x.example", "{||joe|x.example}", false },
		{ "A.1.1", "John Doe <jdoe@machine.example>",
		  "{John Doe||jdoe|machine.example}", false },
		{ "A.1.2",
		  "Mary Smith <mary@x.test>, jdoe@example.org, Who? "
		  "<one@y.test>",
		  "{Mary Smith||mary|x.test}{||jdoe|example.org}"
		  "{Who?||one|y.test}",
		  false },
		{ "A.1.2 quoted",
		  "<boss@nil.test>, \"Giant; \\\"Big\\\" Box\" "
		  "<sysservices@example.net>",
		  "{||boss|nil.test}"
		  "{Giant; \"Big\" Box||sysservices|example.net}",
		  false },
		{ "A.1.3",
		  "A Group:Ed Jones <c@a.test>,joe@where.test,John "
		  "<jdoe@one.test>;",
		  "<A Group{Ed Jones||c|a.test}{||joe|where.test}"
		  "{John||jdoe|one.test}>",
		  false },
		{ "A.1.3 empty", "Undisclosed recipients:;",
		  "<Undisclosed recipients>", false },
		{ "A.5 comments",
		  "Pete(A nice \\) chap) <pete(his account)@silly.test(his "
		  "host)>",
		  "{Pete||pete|silly.test}", false },
		{ "A.5 group",
		  "A Group(Some people)\r\n     :Chris Jones "
		  "<c@(Chris's host.)public.example>,\r\n"
		  "         joe@example.org,\r\n  John <jdoe@one.test> (my "
		  "dear friend); (the end of the group)",
		  "<A Group{Chris Jones||c|public.example}"
		  "{||joe|example.org}{John||jdoe|one.test}>",
		  false },
		{ "A.5 empty group",
		  "(Empty list)(start)Hidden recipients  :(nobody(that I "
		  "know))  ;",
		  "<Hidden recipients>", false },
		{ "A.6.1", "Joe Q. Public <john.q.public@example.com>",
		  "{Joe Q. Public||john.q.public|example.com}", false },
		{ "A.6.1 route",
		  "Mary Smith <@node.test:mary@example.net>, , "
		  "jdoe@test  . example",
		  "{Mary Smith|@node.test|mary|example.net}"
		  "{||jdoe|test.example}",
		  false },
		{ "route of two", "<@a.example,@b.example:joe@c.example>",
		  "{|@a.example,@b.example|joe|c.example}", false },
		{ "quoted local", "\"a b\\\"c\"@x.example",
		  "{||a b\"c|x.example}", false },
		{ "blanks beside dots", "john . q . public@x.example",
		  "{||john.q.public|x.example}", false },
		{ "literal", "joe@[192.0.2.1]", "{||joe|[192.0.2.1]}", false },
		{ "comment as name", "joe@x.example (Joe \"the\" Man)",
		  "{Joe \"the\" Man||joe|x.example}", false },
		{ "UTF-8", "J\xc3\xb8rgen <j\xc3\xb8rgen@b\xc3\xb8.example>",
		  "{J\xc3\xb8rgen||j\xc3\xb8rgen|b\xc3\xb8.example}", false },
		{ "folded name", "\"Anna\r\n Berg\" <a@x.example>",
		  "{Anna Berg||a|x.example}", false },
	};

	(void)state;
	check(rows, sizeof(rows) / sizeof(rows[0]));
}

static void what_programs_send(void **state)
{
	static const struct row rows[] = {
		{ "empty", "<>", "{|||}", true },
		{ "name only", "Mail Delivery System",
		  "{Mail Delivery System|||}", true },
		{ "word only", "root", "{||root|}", true },
		{ "no domain", "Root <root>", "{Root||root|}", true },
		{ "encoded word with comma",
		  "=?utf-8?Q?Berg,_Anna?= <anna@x.example>",
		  "{=?utf-8?Q?Berg,_Anna?=||anna|x.example}", false },
		{ "encoded word with at",
		  "=?utf-8?Q?anna@x?= <anna@x.example>, b@y.example",
		  "{=?utf-8?Q?anna@x?=||anna|x.example}{||b|y.example}",
		  false },
		{ "address as name", "joe@x.example <joe@x.example>",
		  "{joe@x.example||joe|x.example}", true },
		{ "quote never closed", "\"Joe <joe@x.example>, b@y.example",
		  "{Joe||joe|x.example}{||b|y.example}", true },
		{ "comment never closed",
		  "Joe (Smith <joe@x.example>, b@y.example",
		  "{Joe Smith||joe|x.example}{||b|y.example}", true },
		{ "bracket never closed", "Joe <joe@x.example, b@y.example",
		  "{Joe||joe|x.example}{||b|y.example}", true },
		{ "two brackets", "Joe <<joe@x.example>>",
		  "{Joe||joe|x.example}", true },
		{ "two addresses", "<a@x.example> <b@y.example>, c@z.example",
		  "{||a|x.example}{||c|z.example}", true },
		{ "semicolons", "a@x.example; b@y.example",
		  "{||a|x.example}{||b|y.example}", true },
		{ "name without brackets", "Joe joe@x.example",
		  "{Joe||joe|x.example}", true },
		{ "two ats", "joe@a@x.example", "{||joe@a|x.example}", true },
		{ "dots", ".joe..b.@x.example", "{||.joe..b.|x.example}",
		  true },
		{ "dot at the end", "joe@x.example.", "{||joe|x.example.}",
		  true },
		{ "mailto", "<mailto:joe@x.example>", "{||joe|x.example}",
		  true },
		{ "backslash", "Joe\\, B <joe@x.example>",
		  "{Joe, B||joe|x.example}", true },
		{ "group never closed", "Us: a@x.example",
		  "<Us{||a|x.example}>", true },
		{ "group in a group", "Us: them: a@x.example;",
		  "<Us{||a|x.example}>", true },
		{ "raw 8-bit", "J\xf8rgen <j@x.example>",
		  "{J\xf8rgen||j|x.example}", false },
		{ "controls", "Joe\x01 <joe@x.example>", "{Joe||joe|x.example}",
		  true },
		{ "a route of nothing", "a@b<@@@@@@@@ \x1d\xff",
		  "{a@b|@@@@@@@@|\xff|}", true },
		{ "single quotes", "'joe@x.example'", "{||'joe|x.example'}",
		  false },
	};

	(void)state;
	check(rows, sizeof(rows) / sizeof(rows[0]));
}

/* Brackets and quotes that nothing closes must not be looked for again and
 * again: 512 KiB of them would take minutes. */
static void stays_linear(void **state)
{
	static const char *const units[] = { "(",  "\"", "<", "@", "=?a?q?",
		                             "a:", "\\", "[", ",", ";" };
	struct arena a;
	size_t n = 512 * 1024;
	char *in = test_malloc(n);

	(void)state;
	arena_init(&a);
	for (size_t u = 0; u < sizeof(units) / sizeof(units[0]); u++) {
		size_t len = strlen(units[u]);
		struct address_list list;

		for (size_t i = 0; i < n; i++)
			in[i] = units[u][i % len];
		address_list_parse(&a, (struct str){ in, n }, NULL, &list);
		assert_true(list.n <= 4097);
		arena_reset(&a);
	}
	test_free(in);
	arena_deinit(&a);
}

static void keeps_its_limits(void **state)
{
	static const struct address_limits limits = { 2, 1000 };
	struct address_list list;
	struct arena a;

	(void)state;
	arena_init(&a);
	address_list_parse(&a, STR("G:a@x,b@x,c@x,d@x;"), &limits, &list);
	assert_int_equal(list.n, 3);
	assert_true(list.cut);
	assert_int_equal(list.v[2].kind, ADDRESS_GROUP_END);
	arena_deinit(&a);
}

/* What was written reads back as it was. */
static void writes_what_it_reads(void **state)
{
	static const struct {
		struct address a;
		const char *want;
	} rows[] = {
		{ { .local = STR_INIT("joe"), .domain = STR_INIT("x.example") },
		  "joe@x.example" },
		{ { .name = STR_INIT("Joe B"),
		    .local = STR_INIT("joe"),
		    .domain = STR_INIT("x.example") },
		  "Joe B <joe@x.example>" },
		{ { .name = STR_INIT("Joe \"X\", B."),
		    .local = STR_INIT("a b"),
		    .domain = STR_INIT("x.example") },
		  "\"Joe \\\"X\\\", B.\" <\"a b\"@x.example>" },
		{ { .name = STR_INIT("=?utf-8?Q?J=C3=B8?="),
		    .local = STR_INIT("joe"),
		    .domain = STR_INIT("x.example") },
		  "=?utf-8?Q?J=C3=B8?= <joe@x.example>" },
		{ { .local = STR_INIT("a..b"),
		    .domain = STR_INIT("x.example") },
		  "\"a..b\"@x.example" },
	};
	struct arena a;
	struct buf b;

	(void)state;
	arena_init(&a);
	buf_init(&b, 1000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct address_list list;

		buf_reset(&b);
		address_write(&b, &rows[i].a);
		assert_str(buf_str(&b), rows[i].want);
		address_list_parse(&a, buf_str(&b), NULL, &list);
		assert_int_equal(list.n, 1);
		assert_true(str_eq(list.v[0].name, rows[i].a.name));
		assert_true(str_eq(list.v[0].local, rows[i].a.local));
		assert_true(str_eq(list.v[0].domain, rows[i].a.domain));
	}
	buf_deinit(&b);
	arena_deinit(&a);
}

static void writes_no_second_header(void **state)
{
	struct address a = {
		.name = STR_INIT("x\r\nBcc: all@x.example"),
		.local = STR_INIT("a\r\nb"),
		.domain = STR_INIT("x\r\n.example"),
	};
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	address_write(&b, &a);
	assert_true(str_chr(buf_str(&b), '\r') == STR_NPOS);
	assert_true(str_chr(buf_str(&b), '\n') == STR_NPOS);
	buf_deinit(&b);
}

/* A zero byte is no encoding of an encoded word, and never part of a name. */
static void no_zero_byte_comes_out(void **state)
{
	struct address_list list;
	struct arena a;

	(void)state;
	arena_init(&a);
	address_list_parse(&a, STR("=?utf-8?\0?J=C3=B8?= <j@x.example>"), NULL,
	                   &list);
	assert_int_equal(list.n, 1);
	for (size_t i = 0; i < list.v[0].name.n; i++)
		assert_int_not_equal(list.v[0].name.p[i], '\0');
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_rfc_5322_allows),
		cmocka_unit_test(what_programs_send),
		cmocka_unit_test(stays_linear),
		cmocka_unit_test(keeps_its_limits),
		cmocka_unit_test(writes_what_it_reads),
		cmocka_unit_test(writes_no_second_header),
		cmocka_unit_test(no_zero_byte_comes_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
