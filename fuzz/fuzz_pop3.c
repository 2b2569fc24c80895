/* Any line: a keyword and its arguments, views inside it.  Any message: with
 * its dots doubled it ends where it should and nowhere before, however it is
 * cut, and comes back as it was. */
#include "wire/pop3/command.h"
#include "wire/pop3/stuff.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void line(struct str in)
{
	struct pop3_line c;
	struct str word;
	uint32_t n;

	if (!pop3_line_parse(in, &c))
		return;
	assert(c.keyword.n > 0 && c.keyword.n + c.args.n <= in.n);
	while (pop3_number(&c.args, &n) || pop3_word(&c.args, &word))
		assert(c.args.n < in.n);
}

static void stuff(struct str in, size_t cut, struct buf *out)
{
	struct pop3_stuff st;

	pop3_stuff_init(&st);
	assert(pop3_stuff_add(&st, str_to(in, cut), out));
	assert(pop3_stuff_add(&st, str_from(in, cut), out));
	pop3_stuff_end(&st, out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data, size };
	struct buf one, two;
	size_t end;

	line(in);
	buf_init(&one, size * 2 + 8);
	buf_init(&two, size * 2 + 8);
	stuff(in, 0, &one);
	stuff(in, size / 2, &two);
	assert(!buf_overflow(&one) && str_eq(buf_str(&one), buf_str(&two)));
	assert(str_ends(buf_str(&one), STR(".\r\n")));
	end = str_find(buf_str(&one), STR("\r\n.\r\n"));
	assert(end == STR_NPOS || end + 5 == one.n);
	buf_deinit(&one);
	buf_deinit(&two);
	return 0;
}
