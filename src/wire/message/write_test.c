#include "wire/message/write.h"

#include <string.h>

#include "base/test.h"
#include "wire/message/header.h"

static void folds(void **state)
{
	static const struct {
		const char *label, *in, *want;
	} rows[] = {
		{ "short", "hello", "Subject: hello\r\n" },
		{ "empty", "", "Subject:\r\n" },
		{ "at a blank",
		  "123456789 123456789 123456789 123456789 123456789 "
		  "123456789 1234567890 12345",
		  "Subject: 123456789 123456789 123456789 123456789 "
		  "123456789 123456789\r\n 1234567890 12345\r\n" },
		{ "no place",
		  "1234567890123456789012345678901234567890123456789012345678"
		  "901234567890123456789012345678901234567890",
		  "Subject: 1234567890123456789012345678901234567890123456789"
		  "012345678901234567890123456789012345678901234567890\r\n" },
		{ "injection", "a\r\nBcc: x@y\r\n\r\nbody",
		  "Subject: a  Bcc: x@y    body\r\n" },
	};
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_reset(&b);
		header_write(&b, STR("Subject"), str_z(rows[i].in));
		assert_str(buf_str(&b), rows[i].want);
	}
	buf_deinit(&b);
}

/* Any value gives one field whose lines all have something on them. */
static void always_one_field(void **state)
{
	char value[200];
	struct buf b;

	(void)state;
	buf_init(&b, 4000);
	for (uint32_t seed = 1; seed < 3000; seed++) {
		struct header_reader r;
		struct header_field f;
		uint32_t v = seed * 2654435761u;
		size_t n = seed % sizeof(value);
		struct str all, line;

		for (size_t i = 0; i < n; i++) {
			v = v * 1103515245u + 12345u;
			value[i] = "a  \r\n\tbc\0"[(v >> 16) % 9];
		}
		buf_reset(&b);
		header_write(&b, STR("X"), (struct str){ value, n });
		r = header_reader(buf_str(&b));
		assert_int_equal(header_next(&r, &f), HEADER_FIELD);
		assert_int_equal(header_next(&r, &f), HEADER_END);
		all = buf_str(&b);
		while (str_cut(&all, '\n', &line))
			assert_true(str_trim(line).n > 0);
	}
	buf_deinit(&b);
}

static void addresses(void **state)
{
	struct address_list list, again;
	struct arena a;
	struct buf b;
	struct header_reader r;
	struct header_field f;

	(void)state;
	arena_init(&a);
	buf_init(&b, 4000);
	address_list_parse(
		&a,
		STR("Anna Berg <anna@long.host.name.example>, Us: bo@x.example,"
	            " \"Q, R\" <q@long.host.name.example>;, d@e.example"),
		NULL, &list);
	header_write_addresses(&b, STR("To"), &list);
	assert_str(buf_str(&b),
	           "To: Anna Berg <anna@long.host.name.example>, Us: "
	           "bo@x.example,\r\n"
	           " \"Q, R\" <q@long.host.name.example>;, d@e.example\r\n");
	r = header_reader(buf_str(&b));
	assert_int_equal(header_next(&r, &f), HEADER_FIELD);
	address_list_parse(&a, f.raw, NULL, &again);
	assert_false(again.damaged);
	assert_int_equal(again.n, list.n);
	buf_deinit(&b);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folds),
		cmocka_unit_test(always_one_field),
		cmocka_unit_test(addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
