#include "base/test.h"
#include "wire/mime/decode.h"

static void check_lines(struct str s)
{
	struct str line;

	while (str_cut(&s, '\n', &line)) {
		assert_true(line.n <= 77);
		assert_true(line.n == 0 || line.p[0] != '.');
		for (size_t i = 0; i < line.n; i++)
			assert_true(line.p[i] == '\r' || line.p[i] == '\t' ||
			            (line.p[i] >= ' ' && line.p[i] < 127));
	}
}

/* Any bytes come back through both encoders. */
static void encodes_what_it_decodes(void **state)
{
	char bytes[600];
	struct buf enc, dec;
	uint32_t v = 1;

	(void)state;
	buf_init(&enc, 4000);
	buf_init(&dec, 4000);
	for (size_t n = 0; n < sizeof(bytes); n++) {
		struct str in = { bytes, n };

		for (size_t i = 0; i < n; i++) {
			v = v * 1103515245u + 12345u;
			bytes[i] = (n & 1) ? (char)(v >> 16)
			                   : " .\r\nFa=\x80"[(v >> 16) & 7];
		}
		for (int base64 = 0; base64 < 2; base64++) {
			struct mime_decoder d;

			buf_reset(&enc);
			buf_reset(&dec);
			if (base64)
				mime_base64_write(&enc, in);
			else
				mime_qp_write(&enc, in, false);
			check_lines(buf_str(&enc));
			mime_decoder_init(&d, base64 ? MIME_BASE64
			                             : MIME_QUOTED_PRINTABLE);
			mime_decode(&d, buf_str(&enc), &dec);
			mime_decode_end(&d, &dec);
			assert_false(d.damaged);
			assert_true(str_eq(buf_str(&dec), in));
		}
	}
	buf_deinit(&enc);
	buf_deinit(&dec);
}

static void encodes_text(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	mime_qp_write(&b, STR("a=b \n.c\r\nFrom x\nd\te\t"), true);
	assert_str(buf_str(&b), "a=3Db=20\r\n=2Ec\r\n=46rom x\r\nd\te=09");
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(encodes_what_it_decodes),
		cmocka_unit_test(encodes_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
