#include "wire/spf/macro.h"

#include <stdio.h>
#include <string.h>

/* Deeper than any name has labels; an IPv6 address in %{i} has 32. */
#define PARTS_MAX 128

struct macro {
	char letter; /* lower case */
	bool escape; /* it was upper case: URL-escape the result */
	unsigned digits;
	bool reverse;
	struct str delimiters;
};

/* One "%{...}" at the start of `s`; its length, or 0 when it is none. */
static size_t parse_macro(struct str s, struct macro *m)
{
	size_t at = 3, end;

	if (s.n < 4 || s.p[0] != '%' || s.p[1] != '{' ||
	    !ascii_is_alpha(s.p[2]) ||
	    !memchr("slodiphcrtv", ascii_lower(s.p[2]), 11))
		return 0;
	*m = (struct macro){ .letter = ascii_lower(s.p[2]),
		             .escape = s.p[2] != ascii_lower(s.p[2]) };
	while (at < s.n && ascii_is_digit(s.p[at])) {
		m->digits = m->digits * 10 + (unsigned)(s.p[at] - '0');
		if (m->digits > PARTS_MAX)
			m->digits = PARTS_MAX;
		if (m->digits == 0)
			return 0; /* RFC 7208, 7.1: a zero is an error */
		at++;
	}
	if (at < s.n && ascii_lower(s.p[at]) == 'r') {
		m->reverse = true;
		at++;
	}
	end = at;
	while (end < s.n && memchr(".-+,/_=", s.p[end], 7))
		end++;
	m->delimiters = (struct str){ s.p + at, end - at };
	return end < s.n && s.p[end] == '}' ? end + 1 : 0;
}

/* Length of the macro, escape ("%%", "%_", "%-") or plain character. */
static size_t unit(struct str s, struct macro *m, bool *is_macro)
{
	*is_macro = false;
	if (s.p[0] != '%')
		return s.p[0] >= 0x21 && s.p[0] <= 0x7e ? 1 : 0;
	if (s.n >= 2 && memchr("%_-", s.p[1], 3))
		return 2;
	*is_macro = true;
	return parse_macro(s, m);
}

bool spf_macro_string_valid(struct str s)
{
	struct macro m;
	bool is_macro;

	while (s.n > 0) {
		size_t n = unit(s, &m, &is_macro);

		if (n == 0)
			return false;
		s = str_from(s, n);
	}
	return true;
}

/* toplabel: letters, digits and hyphens, not all digits, no hyphen at the
 * ends; a dot may follow. */
static bool ends_in_top_label(struct str s)
{
	bool letter = false;
	size_t dot;

	if (s.n > 0 && s.p[s.n - 1] == '.')
		s.n--;
	dot = str_rchr(s, '.');
	if (dot == STR_NPOS)
		return false;
	s = str_from(s, dot + 1);
	if (s.n == 0 || s.p[0] == '-' || s.p[s.n - 1] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (!ascii_is_digit(s.p[i]) && !ascii_is_alpha(s.p[i]) &&
		    s.p[i] != '-')
			return false;
		letter |= !ascii_is_digit(s.p[i]);
	}
	return letter;
}

bool spf_domain_spec_valid(struct str s)
{
	struct str rest = s;
	struct macro m;
	bool is_macro = false;

	if (s.n == 0)
		return false;
	while (rest.n > 0) {
		size_t n = unit(rest, &m, &is_macro);

		/* c, r and t are for explanations alone (RFC 7208, 7.2). */
		if (n == 0 || (is_macro && memchr("crt", m.letter, 3)))
			return false;
		rest = str_from(rest, n);
	}
	return is_macro || ends_in_top_label(s);
}

static void add_dotted_ip(const struct spf_macro_facts *f, struct buf *out)
{
	for (size_t i = 0; i < (f->ipv6 ? 16u : 4u); i++) {
		if (f->ipv6)
			buf_fmt(out, "%s%x.%x", i ? "." : "", f->ip[i] >> 4,
			        f->ip[i] & 15);
		else
			buf_fmt(out, "%s%u", i ? "." : "", f->ip[i]);
	}
}

/* %{c}: readable.  IPv6 without the "::" shortening is readable too. */
static void add_readable_ip(const struct spf_macro_facts *f, struct buf *out)
{
	if (!f->ipv6) {
		add_dotted_ip(f, out);
		return;
	}
	for (size_t i = 0; i < 16; i += 2)
		buf_fmt(out, "%s%x", i ? ":" : "",
		        f->ip[i] << 8 | f->ip[i + 1]);
}

static bool add_value(const struct macro *m, const struct spf_macro_facts *f,
                      bool in_exp, struct buf *out)
{
	size_t at = str_rchr(f->sender, '@');

	switch (m->letter) {
	case 's': buf_add(out, f->sender); return true;
	case 'l':
		buf_add(out, at == STR_NPOS ? STR("postmaster")
		                            : str_to(f->sender, at));
		return true;
	case 'o':
		buf_add(out, at == STR_NPOS ? f->sender
		                            : str_from(f->sender, at + 1));
		return true;
	case 'd': buf_add(out, f->domain); return true;
	case 'i': add_dotted_ip(f, out); return true;
	case 'p': buf_add(out, f->validated); return true;
	case 'v': buf_add_z(out, f->ipv6 ? "ip6" : "in-addr"); return true;
	case 'h': buf_add(out, f->helo); return true;
	default: break;
	}
	if (!in_exp)
		return false;
	if (m->letter == 'c')
		add_readable_ip(f, out);
	else if (m->letter == 'r')
		buf_add(out, f->receiver);
	else
		buf_add_i64(out, f->now_s);
	return true;
}

/* The parts of `value` between delimiters; the last slot takes all the rest
 * when there are too many. */
static size_t split(struct str value, struct str delimiters,
                    struct str parts[PARTS_MAX])
{
	size_t n = 0, from = 0;

	if (delimiters.n == 0)
		delimiters = STR(".");
	for (size_t i = 0; i < value.n && n < PARTS_MAX - 1; i++) {
		if (!memchr(delimiters.p, value.p[i], delimiters.n))
			continue;
		parts[n++] = (struct str){ value.p + from, i - from };
		from = i + 1;
	}
	parts[n++] = str_from(value, from);
	return n;
}

static void add_escaped(struct str s, bool escape, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!escape || ascii_is_alpha(c) || ascii_is_digit(c) ||
		    ascii_is_one_of(c, "-._~"))
			buf_add_c(out, c);
		else
			buf_fmt(out, "%%%02X", (unsigned char)c);
	}
}

static bool expand_macro(const struct macro *m, const struct spf_macro_facts *f,
                         bool in_exp, struct buf *out)
{
	struct str parts[PARTS_MAX];
	struct buf value;
	size_t n, first;
	bool ok;

	buf_init(&value, 2048);
	ok = add_value(m, f, in_exp, &value) && !buf_overflow(&value);
	n = split(buf_str(&value), m->delimiters, parts);
	first = m->digits && m->digits < n ? n - m->digits : 0;
	for (size_t i = first; ok && i < n; i++) {
		/* Reversed, "the last k" are counted after the reversal. */
		size_t at = m->reverse ? n - 1 - i : i;

		if (i > first)
			buf_add_c(out, '.');
		add_escaped(parts[at], m->escape, out);
	}
	buf_deinit(&value);
	return ok;
}

bool spf_macro_expand(struct str s, const struct spf_macro_facts *f,
                      bool in_exp, struct buf *out)
{
	while (s.n > 0) {
		struct macro m;
		bool is_macro = false;
		size_t n = in_exp && s.p[0] == ' ' ? 1 : unit(s, &m, &is_macro);

		if (n == 0)
			return false;
		if (s.p[0] != '%')
			buf_add_c(out, s.p[0]);
		else if (is_macro && !expand_macro(&m, f, in_exp, out))
			return false;
		else if (!is_macro)
			buf_add_z(out, s.p[1] == '%'   ? "%"
			               : s.p[1] == '_' ? " "
			                               : "%20");
		s = str_from(s, n);
	}
	return !buf_overflow(out);
}

struct str spf_domain_cut(struct str domain)
{
	while (domain.n > 253) {
		size_t dot = str_chr(domain, '.');

		if (dot == STR_NPOS)
			return str_from(domain, domain.n - 253);
		domain = str_from(domain, dot + 1);
	}
	return domain;
}
