#include "wire/csv/csv.h"

#include <stdio.h>

#include "base/test.h"

/* Records as "line:field|field", errors as "line!". */
static const char *all(const char *text)
{
	static char out[500];
	struct csv c = csv_open(str_z(text));
	struct str f[CSV_FIELDS_MAX];
	struct err err = ERR_INIT;
	struct arena a;
	size_t n = 0, at = 0;
	int rc;

	arena_init(&a);
	out[0] = '\0';
	while ((rc = csv_next(&c, &a, f, &n, &err)) != 0) {
		at += (size_t)snprintf(out + at, sizeof(out) - at, "%s%zu%c",
		                       at ? " " : "", c.line,
		                       rc < 0 ? '!' : ':');
		for (size_t i = 0; rc > 0 && i < n; i++)
			at += (size_t)snprintf(out + at, sizeof(out) - at,
			                       "%s%.*s", i ? "|" : "",
			                       STR_ARG(f[i]));
	}
	arena_deinit(&a);
	return out;
}

static void reads(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "", "" },
		{ "\n\r\n\n", "" },
		{ "a,b\r\nc,d\r\n", "1:a|b 2:c|d" },
		{ "a,b\n\nc,", "1:a|b 3:c|" },
		{ ",\n", "1:|" },
		{ "\xef\xbb\xbf"
		  "a;b\nc,d;e",
		  "1:a|b 2:c,d|e" },
		{ "a\tb", "1:a|b" },
		{ "\"a,\"\"b\"\"\",c", "1:a,\"b\"|c" },
		{ "\"a\nb\",c\nd", "1:a\nb|c 3:d" },
		{ "a\"b,c", "1:a\"b|c" },
		{ "\"\"", "1:" },
		/* What is wrong is passed over with its line. */
		{ "\"a\"b,c\nd", "1! 2:d" },
		{ "\"a,b\nc\n", "1! 2:c" },
		{ ",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,\nd", "1! 2:d" },
		{ "a\rb\r", "1:a\rb" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(all(rows[i].text), rows[i].want);
}

static void writes(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 200);
	csv_write(&b, STR("a b"), true);
	csv_write(&b, STR(""), false);
	csv_write(&b, STR("c,\"d\"\n"), false);
	buf_add_c(&b, '\0');
	assert_string_equal(b.p, "a b,,\"c,\"\"d\"\"\n\"");
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads),
		cmocka_unit_test(writes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
