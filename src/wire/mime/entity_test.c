#include "wire/mime/entity.h"

#include "base/test.h"

#define PLAIN "Content-Type: text/plain; charset=utf-8\r\n"

static void writes_texts(void **state)
{
	static const struct {
		struct str in;
		bool base64;
		const char *want;
	} rows[] = {
		{ STR_INIT("a\nb"), false,
		  PLAIN "Content-Transfer-Encoding: 7bit\r\n\r\na\r\nb\r\n" },
		{ STR_INIT("a\rb\r\n\r\n"), false,
		  PLAIN "Content-Transfer-Encoding: 7bit\r\n\r\n"
		        "a\r\nb\r\n\r\n" },
		{ STR_INIT(""), false,
		  PLAIN "Content-Transfer-Encoding: 7bit\r\n\r\n" },
		{ STR_INIT("\xc3\xa6\n."), false,
		  PLAIN "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
		        "=C3=A6\r\n=2E\r\n" },
		{ STR_INIT("a\0b"), false,
		  PLAIN "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
		        "a=00b\r\n" },
		{ STR_INIT("--x"), true,
		  PLAIN "Content-Transfer-Encoding: base64\r\n\r\nLS14\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf b;

		buf_init(&b, 1000);
		mime_text_write(&b, rows[i].in, rows[i].base64);
		assert_str(buf_str(&b), rows[i].want);
		buf_deinit(&b);
	}
}

/* A line too long for SMTP is no 7bit, however it came to be. */
static void long_lines_are_encoded(void **state)
{
	char line[2000];

	(void)state;
	memset(line, 'x', sizeof(line));
	assert_false(mime_needs_encoding((struct str){ line, 900 }));
	assert_true(mime_needs_encoding((struct str){ line, 901 }));
	line[900] = '\n';
	assert_false(mime_needs_encoding((struct str){ line, 1800 }));
}

static void takes_entities(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
		{ "Content-Type: text/html\nSubject: no\nBcc: x@y.example\n"
		  "content-language: da,\n en\n\n<b>",
		  "Content-Type: text/html\r\ncontent-language: da,\r\n en\r\n"
		  "\r\n<b>\r\n" },
		{ "\nbody alone\n", "\r\nbody alone\r\n" },
		{ "Content-Type: text/plain\n", "Content-Type: text/plain\r\n"
		                                "\r\n" },
		{ "", "\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf b;

		buf_init(&b, 1000);
		mime_entity_write(&b, str_z(rows[i].in));
		assert_str(buf_str(&b), rows[i].want);
		buf_deinit(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_texts),
		cmocka_unit_test(long_lines_are_encoded),
		cmocka_unit_test(takes_entities),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
