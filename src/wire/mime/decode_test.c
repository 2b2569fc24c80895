#include "wire/mime/decode.h"

#include "base/test.h"

struct row {
	const char *label;
	enum mime_encoding encoding;
	const char *in, *want;
	bool damaged;
};

static const struct row rows[] = {
	{ "identity", MIME_8BIT, "a\r\nb", "a\r\nb", false },
	{ "base64", MIME_BASE64, "SGVs\r\nbG8h\r\n", "Hello!", false },
	{ "one pad", MIME_BASE64, "SGVsbG8=", "Hello", false },
	{ "two pads", MIME_BASE64, "SGVsbA==", "Hell", false },
	{ "no pad", MIME_BASE64, "SGVsbG8", "Hello", true },
	{ "two put together", MIME_BASE64, "SGVsbA==SGVsbG8=", "HellHello",
	  false },
	{ "strange bytes", MIME_BASE64,
	  "SG*Vs\x80"
	  "bG8h",
	  "Hello!", true },
	{ "six bits left", MIME_BASE64, "SGVsbG8hS", "Hello!", true },
	{ "a footer", MIME_BASE64, "SGVsbG8h\r\n--\r\n", "Hello!", true },
	{ "quoted-printable", MIME_QUOTED_PRINTABLE, "a=3Db=C3=a6\r\n",
	  "a=b\xc3\xa6\r\n", false },
	{ "soft break", MIME_QUOTED_PRINTABLE, "ab=\r\ncd=\nef", "abcdef",
	  false },
	{ "soft break with blanks", MIME_QUOTED_PRINTABLE, "ab= \t\r\ncd",
	  "abcd", false },
	{ "blanks at the end", MIME_QUOTED_PRINTABLE, "ab  \r\nc d ",
	  "ab\r\nc d", false },
	{ "encoded blank at the end", MIME_QUOTED_PRINTABLE, "ab =20\r\n",
	  "ab  \r\n", false },
	{ "not hex", MIME_QUOTED_PRINTABLE, "a=zb=4z=", "a=zb=4z", true },
	{ "cut", MIME_QUOTED_PRINTABLE, "a=4", "a=4", true },
	{ "equals twice", MIME_QUOTED_PRINTABLE, "a==41", "a=A", true },
	{ "8-bit in it", MIME_QUOTED_PRINTABLE, "\xe6=E6", "\xe6\xe6", false },
	{ "uuencode", MIME_UUENCODE,
	  "x\r\nbegin 644 f.txt\r\n%2&5L;&\\\r\n`\r\nend\r\n", "Hello", false },
	{ "uuencode, blanks lost", MIME_UUENCODE, "begin 644 f\n#04*\nend\n",
	  "AB\x80", false },
	{ "uuencode, a line cut", MIME_UUENCODE,
	  "begin 644 f\nM2&5L\n%2&5L;&\\\nend\n", "HelHello", true },
	{ "no begin", MIME_UUENCODE, "%2&5L;&\\\r\n", "", false },
};

static void decode_at(struct buf *out, const struct row *r, size_t cut,
                      bool *damaged)
{
	struct mime_decoder d;
	struct str in = str_z(r->in);

	buf_reset(out);
	mime_decoder_init(&d, r->encoding);
	mime_decode(&d, str_to(in, cut), out);
	mime_decode(&d, str_from(in, cut), out);
	mime_decode_end(&d, out);
	*damaged = d.damaged;
}

static void decodes_at_all_split_points(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (size_t c = 0; c <= str_z(rows[i].in).n; c++) {
			bool damaged;

			decode_at(&out, &rows[i], c, &damaged);
			if (!str_eq(buf_str(&out), str_z(rows[i].want)) ||
			    damaged != rows[i].damaged)
				print_error("row \"%s\" cut at %zu, "
				            "damaged %d\n",
				            rows[i].label, c, damaged);
			assert_str(buf_str(&out), rows[i].want);
			assert_int_equal(damaged, rows[i].damaged);
		}
	}
	buf_deinit(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decodes_at_all_split_points),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
