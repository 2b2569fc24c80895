/* The parameters of MAIL and RCPT, one after the other. */
#include "wire/smtp/private.h"

bool smtp_is_wsp(char c)
{
	return c == ' ' || c == '\t';
}

struct str smtp_trim_wsp(struct str s)
{
	while (s.n && smtp_is_wsp(s.p[0]))
		s = str_from(s, 1);
	while (s.n && smtp_is_wsp(s.p[s.n - 1]))
		s.n--;
	return s;
}

bool smtp_param_is_printable(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] < 32 || s.p[i] > 126)
			return false;
	return true;
}

/* RFC 5321, 4.1.2: esmtp-param; the values are checked by who reads them. */
bool smtp_param_keyword_is_valid(struct str k)
{
	size_t i;

	if (k.n == 0 || k.p[0] == '-')
		return false;
	for (i = 0; i < k.n; i++)
		if (!ascii_is_alpha(k.p[i]) && !ascii_is_digit(k.p[i]) &&
		    k.p[i] != '-')
			return false;
	return true;
}

static bool param_next(struct str *rest, struct smtp_param *out)
{
	struct str s = smtp_trim_wsp(*rest), word;
	size_t n = 0, eq;

	if (s.n == 0)
		return false;
	while (n < s.n && !smtp_is_wsp(s.p[n]))
		n++;
	word = str_to(s, n);
	*rest = str_from(s, n);
	eq = str_chr(word, '=');
	out->has_value = eq != STR_NPOS;
	out->keyword = out->has_value ? str_to(word, eq) : word;
	out->value =
		out->has_value ? str_from(word, eq + 1) : str_from(word, n);
	return true;
}

enum smtp_parse smtp_params_read(struct str rest,
                                 const struct smtp_param_row *rows, size_t n,
                                 struct arena *a, void *into)
{
	struct smtp_param p;
	unsigned seen = 0, count = 0;
	enum smtp_parse r;
	size_t i;

	/* A parameter is set off from the path by a space. */
	if (rest.n && !smtp_is_wsp(rest.p[0]))
		return SMTP_PARSE_SYNTAX;
	while (param_next(&rest, &p)) {
		if (!smtp_param_keyword_is_valid(p.keyword) ||
		    ++count > SMTP_PARAMS_MAX)
			return SMTP_PARSE_PARAM;
		for (i = 0; i < n; i++)
			if (str_eq_case(p.keyword, str_z(rows[i].keyword)))
				break;
		if (i == n)
			return SMTP_PARSE_UNKNOWN;
		if (seen & (1u << i))
			return SMTP_PARSE_PARAM;
		seen |= 1u << i;
		r = rows[i].read(&p, a, into);
		if (r != SMTP_PARSE_OK)
			return r;
	}
	return SMTP_PARSE_OK;
}

bool smtp_param_word(struct str *args, struct str word)
{
	if (!str_starts_case(*args, word))
		return false;
	*args = smtp_trim_wsp(str_from(*args, word.n));
	return true;
}
