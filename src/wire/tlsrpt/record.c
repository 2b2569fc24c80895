#include "wire/tlsrpt/record.h"

static struct str trim_wsp(struct str s)
{
	while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = str_from(s, 1);
	while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s;
}

static bool take_version(struct str *txt)
{
	static const struct str version = STR_INIT("v=TLSRPTv1");
	struct str rest;

	if (!str_starts(*txt, version))
		return false;
	rest = trim_wsp(str_from(*txt, version.n));
	if (rest.n && rest.p[0] != ';')
		return false;
	*txt = rest;
	return true;
}

bool tlsrpt_record_is(struct str txt)
{
	return take_version(&txt);
}

/* Printable, and no white space. */
static bool is_uri(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return false;
	return s.n <= TLSRPT_URI_MAX;
}

static void take_uri(struct tlsrpt_record *r, struct str uri)
{
	static const struct str mailto = STR_INIT("mailto:"),
				https = STR_INIT("https://");
	struct tlsrpt_uri *to;

	if (r->n == TLSRPT_URIS_MAX || !is_uri(uri))
		return;
	to = &r->rua[r->n];
	if (str_starts_case(uri, mailto) && uri.n > mailto.n)
		*to = (struct tlsrpt_uri){ TLSRPT_MAILTO,
			                   str_from(uri, mailto.n) };
	else if (str_starts_case(uri, https) && uri.n > https.n)
		*to = (struct tlsrpt_uri){ TLSRPT_HTTPS, uri };
	else
		return;
	r->n++;
}

bool tlsrpt_record_parse(struct str txt, struct tlsrpt_record *out)
{
	struct tlsrpt_record r = { .n = 0 };
	struct str field;
	bool any = false;

	if (!take_version(&txt))
		return false;
	while (str_cut(&txt, ';', &field)) {
		struct str value = trim_wsp(field), name, uri;

		if (value.n == 0)
			continue;
		if (str_chr(value, '=') == STR_NPOS)
			return false;
		(void)str_cut(&value, '=', &name);
		/* What else stands there is for later versions. */
		if (!str_eq(trim_wsp(name), STR("rua")))
			continue;
		if (any)
			return false;
		any = true;
		while (str_cut(&value, ',', &uri))
			take_uri(&r, trim_wsp(uri));
	}
	if (!any)
		return false;
	*out = r;
	return true;
}

/* ---- an address ---- */

/* One byte, "%2C" is one; -1 when a percent sign stands wrong. */
static int take_byte(struct str *s)
{
	int high, low, c = (unsigned char)s->p[0];

	if (c != '%') {
		*s = str_from(*s, 1);
		return c;
	}
	if (s->n < 3)
		return -1;
	high = ascii_hex(s->p[1]);
	low = ascii_hex(s->p[2]);
	if (high < 0 || low < 0)
		return -1;
	*s = str_from(*s, 3);
	return high * 16 + low;
}

bool tlsrpt_address_write(struct str text, struct buf *out)
{
	struct str rest = text;
	size_t before = out->n, at;

	(void)str_cut(&rest, '?', &text);
	while (text.n) {
		int c = take_byte(&text);

		if (c <= ' ' || c == 127 || c == '<' || c == '>' || c == ',') {
			buf_truncate(out, before);
			return false;
		}
		buf_add_c(out, (char)c);
	}
	at = str_rchr(str_from(buf_str(out), before), '@');
	if (at == STR_NPOS || at == 0 || before + at + 1 == out->n ||
	    buf_overflow(out)) {
		buf_truncate(out, before);
		return false;
	}
	return true;
}
