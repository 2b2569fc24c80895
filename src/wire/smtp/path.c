#include "wire/smtp/path.h"

#include <string.h>

#include "base/ip.h"
#include "base/utf8.h"

/* RFC 5322, 3.2.3: atext; RFC 6531, 3.3 adds all that is not ASCII. */
static bool is_atext(char c)
{
	if ((unsigned char)c >= 0x80)
		return true;
	if (ascii_is_alpha(c) || ascii_is_digit(c))
		return true;
	return ascii_is_one_of(c, "!#$%&'*+-/=?^_`{|}~");
}

static bool has_utf8(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return true;
	return false;
}

static bool label_is_valid(struct str label)
{
	size_t i;

	if (label.n == 0 || label.n > 63)
		return false;
	if (label.p[0] == '-' || label.p[label.n - 1] == '-')
		return false;
	for (i = 0; i < label.n; i++) {
		char c = label.p[i];

		if (!ascii_is_alpha(c) && !ascii_is_digit(c) && c != '-' &&
		    c != '_' && (unsigned char)c < 0x80)
			return false;
	}
	return true;
}

bool smtp_domain_is_valid(struct str s)
{
	struct str rest = s, label;

	if (s.n == 0 || s.n > SMTP_DOMAIN_MAX || s.p[s.n - 1] == '.')
		return false;
	if (has_utf8(s) && !utf8_is_valid(s))
		return false;
	while (str_cut(&rest, '.', &label))
		if (!label_is_valid(label))
			return false;
	return true;
}

static bool ipv4_is_valid(struct str s)
{
	struct str part;
	unsigned n = 0;
	uint64_t v;

	if (s.n == 0 || s.p[s.n - 1] == '.')
		return false;
	while (str_cut(&s, '.', &part)) {
		if (part.n > 3 || !str_to_u64(part, 255, &v))
			return false;
		n++;
	}
	return n == 4;
}

static bool ipv6_is_valid(struct str s)
{
	uint8_t ip[16];

	return ip6_parse(s, ip);
}

/* RFC 5321, 4.1.3: Standardized-tag ":" 1*dcontent. */
static bool general_literal_is_valid(struct str s)
{
	size_t colon = str_chr(s, ':');
	size_t i;

	if (colon == STR_NPOS || colon == 0 || colon + 1 == s.n)
		return false;
	for (i = 0; i < colon; i++)
		if (!ascii_is_alpha(s.p[i]) && !ascii_is_digit(s.p[i]) &&
		    s.p[i] != '-')
			return false;
	if (s.p[colon - 1] == '-')
		return false;
	for (i = colon + 1; i < s.n; i++)
		if (s.p[i] < 33 || s.p[i] > 126 || s.p[i] == '[' ||
		    s.p[i] == '\\' || s.p[i] == ']')
			return false;
	return true;
}

bool smtp_literal_is_valid(struct str s)
{
	if (s.n < 3 || s.n > SMTP_DOMAIN_MAX || s.p[0] != '[' ||
	    s.p[s.n - 1] != ']')
		return false;
	s = (struct str){ s.p + 1, s.n - 2 };
	if (str_starts_case(s, STR("IPv6:")))
		return ipv6_is_valid(str_from(s, 5));
	return ipv4_is_valid(s) || general_literal_is_valid(s);
}

bool smtp_local_is_dot_string(struct str local)
{
	struct str rest = local, atom;
	size_t i;

	if (local.n == 0 || local.p[local.n - 1] == '.')
		return false;
	while (str_cut(&rest, '.', &atom)) {
		if (atom.n == 0)
			return false;
		for (i = 0; i < atom.n; i++)
			if (!is_atext(atom.p[i]))
				return false;
	}
	return true;
}

void smtp_local_write(struct buf *out, struct str local)
{
	size_t i;

	if (smtp_local_is_dot_string(local)) {
		buf_add(out, local);
		return;
	}
	buf_add_c(out, '"');
	for (i = 0; i < local.n; i++) {
		if (local.p[i] == '"' || local.p[i] == '\\')
			buf_add_c(out, '\\');
		buf_add_c(out, local.p[i]);
	}
	buf_add_c(out, '"');
}

/* RFC 5321, 4.1.2: Quoted-string; *at steps over it. */
static bool take_quoted(struct str s, size_t *at, struct arena *a,
                        struct str *out)
{
	char *p;
	size_t i = *at + 1, n = 0;

	if (s.n - i > 2 * (size_t)SMTP_LOCAL_MAX + 512)
		s.n = i + 2 * (size_t)SMTP_LOCAL_MAX + 512;
	p = arena_alloc(a, s.n - i + 1);
	for (; i < s.n && s.p[i] != '"'; i++) {
		unsigned char c;

		if (s.p[i] == '\\' && ++i == s.n)
			return false;
		c = (unsigned char)s.p[i];
		if (c < 32 || c == 127)
			return false;
		p[n++] = (char)c;
	}
	if (i >= s.n)
		return false;
	*at = i + 1;
	*out = (struct str){ p, n };
	return true;
}

static bool take_local(struct str s, size_t *at, struct arena *a,
                       struct str *out)
{
	size_t i = *at;

	if (i < s.n && s.p[i] == '"')
		return take_quoted(s, at, a, out);
	while (i < s.n && (is_atext(s.p[i]) || s.p[i] == '.'))
		i++;
	*out = (struct str){ s.p + *at, i - *at };
	*at = i;
	return smtp_local_is_dot_string(*out);
}

static bool take_domain(struct str s, size_t *at, struct smtp_path *p)
{
	size_t i = *at;

	if (i < s.n && s.p[i] == '[') {
		while (i < s.n && s.p[i] != ']')
			i++;
		if (i == s.n)
			return false;
		i++;
		p->literal = true;
	} else {
		while (i < s.n && s.p[i] != '>' && s.p[i] != ' ' &&
		       s.p[i] != ',' && s.p[i] != ':')
			i++;
	}
	p->domain = (struct str){ s.p + *at, i - *at };
	*at = i;
	return p->literal ? smtp_literal_is_valid(p->domain)
	                  : smtp_domain_is_valid(p->domain);
}

/* "@a.example,@b.example:" is read and forgotten (RFC 5321, appendix C). */
static bool skip_route(struct str s, size_t *at)
{
	struct smtp_path hop = { 0 };

	if (*at >= s.n || s.p[*at] != '@')
		return true;
	while (*at < s.n && s.p[*at] == '@') {
		(*at)++;
		if (!take_domain(s, at, &hop) || *at >= s.n)
			return false;
		hop.literal = false;
		if (s.p[*at] == ':') {
			(*at)++;
			return true;
		}
		if (s.p[(*at)++] != ',')
			return false;
	}
	return false;
}

static bool take_address(struct str s, size_t *at, bool local_only,
                         struct arena *a, struct smtp_path *p)
{
	if (!take_local(s, at, a, &p->local) || p->local.n > SMTP_LOCAL_MAX)
		return false;
	if (local_only && *at < s.n && s.p[*at] == '>')
		return true;
	if (*at >= s.n || s.p[*at] != '@')
		return false;
	(*at)++;
	return take_domain(s, at, p);
}

/* Fill in what follows from both parts. */
static bool finish(struct arena *a, struct smtp_path *p)
{
	struct buf b;

	p->utf8 = has_utf8(p->local) || has_utf8(p->domain);
	if (p->utf8 && !utf8_is_valid(p->local))
		return false;
	buf_init(&b, 2 * (size_t)SMTP_LOCAL_MAX + SMTP_DOMAIN_MAX + 8);
	smtp_local_write(&b, p->local);
	if (p->domain.n) {
		buf_add_c(&b, '@');
		buf_add(&b, p->domain);
	}
	p->address = arena_dup(a, buf_str(&b));
	buf_deinit(&b);
	return true;
}

bool smtp_path_parse(struct str *rest, bool local_only, struct arena *a,
                     struct smtp_path *out)
{
	struct smtp_path p = { 0 };
	struct str s = *rest;
	size_t at = 1;

	if (s.n < 2 || s.p[0] != '<')
		return false;
	if (s.p[1] == '>') {
		p.null = true;
		*out = p;
		*rest = str_from(s, 2);
		return true;
	}
	if (!skip_route(s, &at) || !take_address(s, &at, local_only, a, &p))
		return false;
	if (at >= s.n || s.p[at] != '>' || !finish(a, &p))
		return false;
	*out = p;
	*rest = str_from(s, at + 1);
	return true;
}

bool smtp_address_parse(struct str s, struct arena *a, struct smtp_path *out)
{
	struct smtp_path p = { 0 };
	size_t at = 0;

	if (!take_address(s, &at, false, a, &p) || at != s.n)
		return false;
	if (!finish(a, &p))
		return false;
	*out = p;
	return true;
}
