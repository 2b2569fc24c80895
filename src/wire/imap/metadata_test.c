#include "wire/imap/metadata.h"

#include "base/buf.h"
#include "base/test.h"

/* "mailbox|maxsize|depth|entry,entry" */
static struct str show_get(struct arena *a, const struct imap_getmetadata *g)
{
	struct str s = arena_fmt(a, "%.*s|", STR_ARG(g->mailbox));

	if (g->has_maxsize)
		s = arena_fmt(a, "%.*s%u", STR_ARG(s), g->maxsize);
	s = arena_fmt(a, "%.*s|%d|", STR_ARG(s), (int)g->depth);
	for (size_t i = 0; i < g->entries.n; i++)
		s = arena_fmt(a, "%.*s%s%.*s", STR_ARG(s), i ? "," : "",
		              STR_ARG(g->entries.v[i]));
	return s;
}

struct row {
	const char *in, *want; /* or the error */
};

static void reads_getmetadata(void **state)
{
	static const struct row rows[] = {
		/* RFC 5464, 4.2 */
		{ "\"\" /shared/comment", "||0|/shared/comment" },
		{ "\"INBOX\" (/shared/comment /private/comment)",
		  "INBOX||0|/shared/comment,/private/comment" },
		{ "\"INBOX\" (MAXSIZE 1024) (/shared/comment /private/comment)",
		  "INBOX|1024|0|/shared/comment,/private/comment" },
		{ "\"INBOX\" (DEPTH 1) (/private/filters/values)",
		  "INBOX||1|/private/filters/values" },
		{ "\"INBOX\" /private/comment /shared/comment",
		  "INBOX||0|/private/comment,/shared/comment" },
		/* 5 */
		{ "(DEPTH Infinity maxsize 0) x (/a)", "x|0|2|/a" },
		{ "(depth 0) {5}\r\nINBOX (\"/a b\" {2}\r\n/c)",
		  "INBOX||0|/a b,/c" },
		{ "x (\"/a\")", "x||0|/a" },
		{ "x ({2}\r\n/a)", "x||0|/a" },
		{ "x /a ", "x||0|/a" },
		{ "", "Argument expected" },
		{ "x", "Space expected" },
		{ "x ", "Argument expected" },
		{ "x ()", "Unknown option" },
		{ "() x /a", "Unknown option" },
		{ "(LIMIT 2) x /a", "Unknown option" },
		{ "x (LIMIT 2) /a", "Unknown option" },
		{ "(DEPTH 2) x /a", "DEPTH is 0, 1 or infinity" },
		{ "(DEPTH) x /a", "Space expected" },
		{ "(DEPTH 1 ) x /a", "Unknown option" },
		{ "(MAXSIZE -1) x /a", "Number expected" },
		{ "(MAXSIZE 4294967296) x /a", "Number expected" },
		{ "(MAXSIZE 1)x /a", "Space expected" },
		{ "(MAXSIZE 1) x (/a", "\")\" expected" },
		{ "(MAXSIZE 1) x (/a )", "Argument expected" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct imap_getmetadata g;
		struct imap_parser p;
		struct arena a;

		arena_init(&a);
		p = imap_parser(str_z(rows[i].in), &a);
		if (imap_parse_getmetadata(&p, &g) && imap_parse_end(&p))
			assert_str(show_get(&a, &g), rows[i].want);
		else if (!p.error ||
		         !str_eq(str_z(p.error), str_z(rows[i].want)))
			fail_msg("\"%s\": %s", rows[i].in, p.error);
		arena_deinit(&a);
	}
}

/* "mailbox|entry=value,entry" */
static struct str show_set(struct arena *a, const struct imap_setmetadata *m)
{
	struct str s = arena_fmt(a, "%.*s|", STR_ARG(m->mailbox));

	for (size_t i = 0; i < m->n; i++)
		s = arena_fmt(a, "%.*s%s%.*s%s%.*s", STR_ARG(s), i ? "," : "",
		              STR_ARG(m->v[i].entry),
		              m->v[i].value.p ? "=" : "",
		              STR_ARG(m->v[i].value));
	return s;
}

static void reads_setmetadata(void **state)
{
	static const struct row rows[] = {
		/* RFC 5464, 4.3 */
		{ "INBOX (/private/comment {33}\r\nMy new comment across\r\n"
		  "two lines.)",
		  "INBOX|/private/comment=My new comment across\r\ntwo lines." },
		{ "INBOX (/private/comment NIL)", "INBOX|/private/comment" },
		{ "INBOX (/private/comment \"one\" /shared/comment \"two\")",
		  "INBOX|/private/comment=one,/shared/comment=two" },
		{ "\"\" (/a ~{3}\r\nx\r\n)", "|/a=x\r\n" },
		{ "\"\" (/a \"\" \"/b\" nil)", "|/a=,/b" },
		{ "INBOX /a NIL", "\"(\" expected" },
		{ "INBOX ()", "Argument expected" },
		{ "INBOX (/a)", "Space expected" },
		{ "INBOX (/a atom)", "String expected" },
		{ "INBOX (/a NIL /b)", "Space expected" },
		{ "INBOX (/a NIL", "\")\" expected" },
		{ "INBOX (/a NIL) x", "Unexpected argument" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct imap_setmetadata m;
		struct imap_parser p;
		struct arena a;

		arena_init(&a);
		p = imap_parser(str_z(rows[i].in), &a);
		if (imap_parse_setmetadata(&p, &m) && imap_parse_end(&p))
			assert_str(show_set(&a, &m), rows[i].want);
		else if (!p.error ||
		         !str_eq(str_z(p.error), str_z(rows[i].want)))
			fail_msg("\"%s\": %s", rows[i].in, p.error);
		arena_deinit(&a);
	}
}

static void has_limits(void **state)
{
	struct imap_getmetadata g;
	struct imap_setmetadata s;
	struct imap_parser p;
	struct arena a;
	struct buf b;

	(void)state;
	arena_init(&a);
	buf_init(&b, 10000);
	for (int round = 0; round < 2; round++) {
		size_t n = IMAP_ENTRIES_MAX + (size_t)round;

		buf_reset(&b);
		buf_add(&b, STR("x "));
		for (size_t i = 0; i < n; i++)
			buf_add_z(&b, i ? " /a" : "(/a");
		buf_add_c(&b, ')');
		p = imap_parser(buf_str(&b), &a);
		assert_int_equal(imap_parse_getmetadata(&p, &g), round == 0);
		buf_reset(&b);
		buf_add(&b, STR("x "));
		for (size_t i = 0; i < n; i++)
			buf_add_z(&b, i ? " /a NIL" : "(/a NIL");
		buf_add_c(&b, ')');
		p = imap_parser(buf_str(&b), &a);
		assert_int_equal(imap_parse_setmetadata(&p, &s), round == 0);
	}
	buf_deinit(&b);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_getmetadata),
		cmocka_unit_test(reads_setmetadata),
		cmocka_unit_test(has_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
