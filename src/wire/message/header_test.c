#include "wire/message/header.h"

#include "base/buf.h"
#include "base/test.h"

/* "name=raw;" for a field, "!raw;" for a line that is none. */
static void show(struct buf *b, struct str header)
{
	struct header_reader r = header_reader(header);
	struct header_field f;
	enum header_result got;

	while ((got = header_next(&r, &f)) != HEADER_END) {
		if (got == HEADER_FIELD)
			buf_fmt(b, "%.*s=%.*s;", STR_ARG(f.name),
			        STR_ARG(f.raw));
		else
			buf_fmt(b, "!%.*s;", STR_ARG(f.raw));
	}
}

static void walks(void **state)
{
	static const struct {
		const char *label, *in, *want;
	} rows[] = {
		{ "nothing", "", "" },
		{ "two", "A: b\r\nC:d\r\n", "A= b;C=d;" },
		{ "bare LF", "A: b\nC: d\n", "A= b;C= d;" },
		{ "folded", "A: b\r\n c\r\n\td\r\nE: f\r\n",
		  "A= b\r\n c\r\n\td;E= f;" },
		{ "no line end", "A: b", "A= b;" },
		{ "mbox line", ">From x\r\nA: b\r\n", "!>From x;A= b;" },
		{ "blank before the colon", "A : b\r\nC: d\r\n",
		  "!A : b;C= d;" },
		{ "empty name", ": b\r\nC: d\r\n", "!: b;C= d;" },
		{ "empty value", "A:\r\nC:\r\n", "A=;C=;" },
		{ "begins folded", " x\r\nA: b\r\n", "! x;A= b;" },
	};
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_reset(&b);
		show(&b, str_z(rows[i].in));
		assert_str(buf_str(&b), rows[i].want);
	}
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(walks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
