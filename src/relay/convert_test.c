#include "relay/convert.h"

#include "base/test.h"

#define MIME "MIME-Version: 1.0\r\n"

static void messages(void **state)
{
	static const struct {
		const char *label, *in;
		enum relay_converted want;
		const char *out; /* CONVERTED */
	} rows[] = {
		{ "text becomes quoted-printable",
		  MIME "Content-Type: text/plain; charset=utf-8\r\n"
		       "Content-Transfer-Encoding: 8bit\r\n"
		       "Subject: x\r\n\r\nbl\xc3\xa5\r\n",
		  RELAY_CONVERTED,
		  MIME "Content-Type: text/plain; charset=utf-8\r\n"
		       "Subject: x\r\n"
		       "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
		       "bl=C3=A5\r\n" },
		{ "all else base64",
		  MIME "Content-Type: image/png\r\n"
		       "Content-Transfer-Encoding: binary\r\n\r\n\x89PNG",
		  RELAY_CONVERTED,
		  MIME
		  "Content-Type: image/png\r\n"
		  "Content-Transfer-Encoding: base64\r\n\r\niVBORw==\r\n" },
		{ "only the part that needs it",
		  MIME "Content-Type: multipart/mixed; boundary=b\r\n"
		       "Content-Transfer-Encoding: 8bit\r\n\r\n"
		       "--b\r\n\r\nplain\r\n"
		       "--b\r\nContent-Type: text/plain\r\n"
		       "Content-Transfer-Encoding: 8bit\r\n\r\n\xc3\xa5\r\n"
		       "--b\r\nContent-Type: image/png\r\n"
		       "Content-Transfer-Encoding: base64\r\n\r\niVBORw==\r\n"
		       "--b--\r\n",
		  RELAY_CONVERTED,
		  MIME "Content-Type: multipart/mixed; boundary=b\r\n"
		       "Content-Transfer-Encoding: 7bit\r\n\r\n"
		       "--b\r\n\r\nplain\r\n"
		       "--b\r\nContent-Type: text/plain\r\n"
		       "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
		       "=C3=A5\r\n"
		       "--b\r\nContent-Type: image/png\r\n"
		       "Content-Transfer-Encoding: base64\r\n\r\niVBORw==\r\n"
		       "--b--\r\n" },
		{ "7 bits stay as they are",
		  MIME "Content-Type: text/plain\r\n\r\nplain\r\n",
		  RELAY_CONVERTED,
		  MIME "Content-Type: text/plain\r\n\r\nplain\r\n" },
		{ "a bare CR is no line",
		  MIME "Content-Type: text/plain\r\n"
		       "Content-Transfer-Encoding: binary\r\n\r\na\rb\r\n",
		  RELAY_CONVERTED,
		  MIME "Content-Type: text/plain\r\n"
		       "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
		       "a=0Db\r\n" },
		{ "what is signed would break",
		  MIME "Content-Type: multipart/signed; boundary=b\r\n\r\n"
		       "--b\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\xc3\xa5"
		       "\r\n--b\r\n\r\nsig\r\n--b--\r\n",
		  RELAY_CONVERT_SIGNED, NULL },
		{ "a header has no encoding",
		  MIME "Subject: \xc3\xa5\r\n\r\nx\r\n", RELAY_CONVERT_NOT,
		  NULL },
		{ "nor has a preamble",
		  MIME "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
		       "\xc3\xa5\r\n--b\r\n\r\nx\r\n--b--\r\n",
		  RELAY_CONVERT_NOT, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum relay_converted got;
		struct buf out;

		buf_init(&out, 100000);
		got = relay_convert(str_z(rows[i].in), &out);
		if (got != rows[i].want)
			fail_msg("%s: %d", rows[i].label, (int)got);
		if (rows[i].out && !str_eq(buf_str(&out), str_z(rows[i].out)))
			fail_msg("%s: %.*s", rows[i].label,
			         STR_ARG(buf_str(&out)));
		buf_deinit(&out);
	}
	assert_int_equal(relay_convert(STR(""), &(struct buf){ .max = 10 }),
	                 RELAY_CONVERTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
