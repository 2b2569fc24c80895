#include "webmail/image.h"

#include "base/test.h"

static void tells_pictures_from_other_things(void **state)
{
	static const struct {
		struct str in;
		const char *want;
	} rows[] = {
		{ STR_INIT("\x89PNG\r\n\x1a\n...."), "image/png" },
		{ STR_INIT("\xff\xd8\xff\xe0...."), "image/jpeg" },
		{ STR_INIT("GIF89a...."), "image/gif" },
		{ STR_INIT("RIFF1234WEBPVP8 .."), "image/webp" },
		{ STR_INIT("\0\0\0\x1c"
		           "ftypavif...."),
		  "image/avif" },
		{ STR_INIT("BM...."), "image/bmp" },
		{ STR_INIT("\0\0\1\0...."), "image/x-icon" },
		{ STR_INIT("<svg xmlns='http://www.w3.org/2000/svg'/>"), NULL },
		{ STR_INIT("<!doctype html>"), NULL },
		{ STR_INIT("%PDF-1.7"), NULL },
		{ STR_INIT("RIFF1234WAVEfmt "), NULL },
		{ STR_INIT("\x89PNG\r\n\x1a\n"), NULL },
		{ STR_INIT(""), NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *got = webmail_image_type(rows[i].in);

		if (rows[i].want)
			assert_string_equal(got, rows[i].want);
		else
			assert_null(got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_pictures_from_other_things),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
