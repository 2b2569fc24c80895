/*
 * Any bytes in a transfer encoding, as encoded words, parameters, HTML, or
 * POP3 text; the first byte says which, the second where it is cut in two: a
 * cut changes nothing.
 */
#include <assert.h>

#include "wire/html/html.h"
#include "wire/mime/decode.h"
#include "wire/mime/word.h"
#include "wire/pop3/stuff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void decode(struct str in, size_t cut, enum mime_encoding e,
                   struct buf *out)
{
	struct mime_decoder d;

	mime_decoder_init(&d, e);
	mime_decode(&d, str_to(in, cut), out);
	mime_decode(&d, str_from(in, cut), out);
	mime_decode_end(&d, out);
	assert(out->n <= in.n + 8);
}

static void html(struct str in, size_t cut, struct buf *out)
{
	struct html_text h;

	html_text_init(&h, out);
	html_text_add(&h, str_to(in, cut));
	html_text_add(&h, str_from(in, cut));
	html_text_end(&h);
}

static void stuff(struct str in, size_t cut, bool top, struct buf *out)
{
	struct pop3_stuff st;

	if (top)
		pop3_stuff_init_top(&st, 3);
	else
		pop3_stuff_init(&st);
	if (pop3_stuff_add(&st, str_to(in, cut), out))
		(void)pop3_stuff_add(&st, str_from(in, cut), out);
	pop3_stuff_end(&st, out);
	/* it ends once: no client sees an end before */
	assert(str_ends(buf_str(out), STR(".\r\n")));
	for (size_t i = 0; i + 3 < out->n; i++)
		assert(!(out->p[i] == '.' &&
		         (i == 0 || out->p[i - 1] == '\n') &&
		         (out->p[i + 1] == '\n' || out->p[i + 1] == '\r') &&
		         (out->p[i + 1] == '\n' || out->p[i + 2] == '\n')));
}

static void words(struct str in)
{
	struct word_reader r = word_reader(in);
	struct word w;
	struct arena a;
	size_t total = 0;

	arena_init(&a);
	while (word_next(&r, &a, &w))
		total += w.bytes.n;
	assert(total <= in.n);
	arena_deinit(&a);
}

static void params(struct str in)
{
	struct str value, charset, language;
	struct mime_params ps;
	struct arena a;

	arena_init(&a);
	(void)mime_params_parse(&a, in, NULL, &value, &ps);
	for (size_t i = 0; i < ps.n; i++)
		(void)mime_param_bytes(&a, &ps.v[i], &charset, &language);
	arena_deinit(&a);
}

static void run(unsigned which, struct str in, size_t cut, struct buf *out)
{
	switch (which) {
	case 0: decode(in, cut, MIME_BASE64, out); break;
	case 1: decode(in, cut, MIME_QUOTED_PRINTABLE, out); break;
	case 2: decode(in, cut, MIME_UUENCODE, out); break;
	case 3: html(in, cut, out); break;
	case 4: stuff(in, cut, false, out); break;
	case 5: stuff(in, cut, true, out); break;
	case 6: words(in); break;
	default: params(in);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole, cut;
	struct str in;

	if (size < 2)
		return 0;
	in = (struct str){ (const char *)data + 2, size - 2 };
	buf_init(&whole, 1 << 24);
	buf_init(&cut, 1 << 24);
	run(data[0] % 8, in, in.n, &whole);
	run(data[0] % 8, in, data[1] < in.n ? data[1] : in.n, &cut);
	assert(str_eq(buf_str(&whole), buf_str(&cut)));
	buf_deinit(&whole);
	buf_deinit(&cut);
	return 0;
}
