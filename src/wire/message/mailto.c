#include "wire/message/mailto.h"

#include "base/utf8.h"
#include "wire/message/address.h"

/* Of one address; the longest that a mailbox can have is 254 (RFC 5321,
 * 4.5.3.1.3). */
#define ADDRESS_MAX 1000

/* Percent-encoding undone; false for what is none, NUL, or no UTF-8. */
static bool decode(struct arena *a, struct str in, bool lines, struct str *out)
{
	char *p = arena_alloc(a, in.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < in.n; i++) {
		char c = in.p[i];

		if (c == '%') {
			bool whole = in.n - i > 2;
			int hi = whole ? ascii_hex(in.p[i + 1]) : -1;
			int lo = whole ? ascii_hex(in.p[i + 2]) : -1;

			if (hi < 0 || lo < 0)
				return false;
			c = (char)(hi << 4 | lo);
			i += 2;
		}
		if (c == '\0' || (!lines && (c == '\r' || c == '\n')))
			return false;
		p[n++] = c;
	}
	*out = (struct str){ p, n };
	return utf8_is_valid(*out);
}

static bool add_address(struct arena *a, struct str text, struct mailto *m)
{
	struct address_list list;
	const struct address *ad;
	struct str decoded;
	struct buf b;
	bool whole;

	if (m->to_n == MAILTO_TO_MAX || !decode(a, text, false, &decoded))
		return false;
	address_list_parse(a, decoded, NULL, &list);
	ad = address_list_first(&list);
	if (list.n != 1 || !ad || list.damaged || ad->local.n == 0 ||
	    ad->domain.n == 0)
		return false;
	buf_init(&b, ADDRESS_MAX);
	address_write_spec(&b, ad);
	whole = !buf_overflow(&b);
	if (whole)
		m->to[m->to_n++] = arena_dup(a, buf_str(&b));
	buf_deinit(&b);
	return whole;
}

/* RFC 6068, 2: a comma within an address is percent-encoded. */
static bool add_addresses(struct arena *a, struct str list, struct mailto *m)
{
	struct str one;

	while (str_cut(&list, ',', &one))
		if (!add_address(a, one, m))
			return false;
	return true;
}

static bool add_field(struct arena *a, struct str field, struct mailto *m)
{
	struct str name;

	if (str_chr(field, '=') == STR_NPOS || !str_cut(&field, '=', &name))
		return false;
	if (str_eq_case(name, STR("to")) || str_eq_case(name, STR("cc")) ||
	    str_eq_case(name, STR("bcc")))
		return add_addresses(a, field, m);
	if (str_eq_case(name, STR("subject")))
		return decode(a, field, false, &m->subject);
	if (str_eq_case(name, STR("body")))
		return decode(a, field, true, &m->body);
	if (str_eq_case(name, STR("importance")))
		return decode(a, field, false, &m->importance);
	return decode(a, field, true, &name); /* must be one all the same */
}

bool mailto_parse(struct arena *a, struct str uri, struct mailto *out)
{
	struct str rest, to, field;

	*out = (struct mailto){ .to_n = 0 };
	if (uri.n > MAILTO_MAX || !str_starts_case(uri, STR("mailto:")))
		return false;
	rest = str_from(uri, 7);
	for (size_t i = 0; i < rest.n; i++)
		if (rest.p[i] <= ' ' || rest.p[i] == 127 || rest.p[i] == '"' ||
		    rest.p[i] == '<' || rest.p[i] == '>' || rest.p[i] == '#')
			return false;
	if (!str_cut(&rest, '?', &to))
		return false;
	if (to.n && !add_addresses(a, to, out))
		return false;
	while (str_cut(&rest, '&', &field))
		if (!add_field(a, field, out))
			return false;
	return out->to_n > 0;
}
