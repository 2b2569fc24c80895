#include "wire/pop3/command.h"

/* No keyword of any extension is longer. */
#define KEYWORD_MAX 20

static bool is_keyword_char(char c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) || c == '-';
}

static bool is_clean(struct str s)
{
	return str_chr(s, '\0') == STR_NPOS && str_chr(s, '\r') == STR_NPOS &&
	       str_chr(s, '\n') == STR_NPOS;
}

bool pop3_line_parse(struct str line, struct pop3_line *out)
{
	size_t n = 0;

	while (n < line.n && is_keyword_char(line.p[n]))
		n++;
	if (n == 0 || n > KEYWORD_MAX || !is_clean(line))
		return false;
	if (n < line.n && line.p[n] != ' ')
		return false;
	out->keyword = str_to(line, n);
	out->args = str_from(line, n < line.n ? n + 1 : n);
	return true;
}

bool pop3_word(struct str *args, struct str *out)
{
	struct str word;

	while (args->n && args->p[0] == ' ')
		*args = str_from(*args, 1);
	if (!str_cut(args, ' ', &word))
		return false;
	while (args->n && args->p[0] == ' ')
		*args = str_from(*args, 1);
	*out = word;
	return true;
}

bool pop3_number(struct str *args, uint32_t *out)
{
	struct str rest = *args, word;

	if (!pop3_word(&rest, &word) || !str_to_u32(word, out))
		return false;
	*args = rest;
	return true;
}
