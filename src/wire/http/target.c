#include <string.h>

#include "wire/http/request.h"

/* %XX at s.p[at], or -1. */
static int escaped(struct str s, size_t at)
{
	int a, b;

	if (s.n - at < 3)
		return -1;
	a = ascii_hex(s.p[at + 1]);
	b = ascii_hex(s.p[at + 2]);
	return a < 0 || b < 0 ? -1 : a * 16 + b;
}

static bool has_dot_step(const char *p, size_t n)
{
	struct str rest = { p, n }, step;

	while (str_cut(&rest, '/', &step))
		if (str_eq(step, STR(".")) || str_eq(step, STR("..")))
			return true;
	return false;
}

bool http_path_decode(struct str path, char *out, size_t *n_out)
{
	size_t n = 0;

	for (size_t i = 0; i < path.n; i++) {
		int c = (unsigned char)path.p[i];

		if (c == '%') {
			c = escaped(path, i);
			if (c <= 0 || c == '/')
				return false;
			i += 2;
		}
		if (c == '\\' || c == 0)
			return false;
		out[n++] = (char)c;
	}
	if (has_dot_step(out, n))
		return false;
	*n_out = n;
	return true;
}

bool http_query_next(struct str *query, struct str *name, struct str *value)
{
	struct str one;

	while (str_cut(query, '&', &one)) {
		size_t at = str_chr(one, '=');

		if (one.n == 0)
			continue;
		*name = at == STR_NPOS ? one : str_to(one, at);
		*value = at == STR_NPOS ? str_from(one, one.n)
		                        : str_from(one, at + 1);
		return true;
	}
	return false;
}

bool http_query_decode(struct str s, char *out, size_t *n_out)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		int c = (unsigned char)s.p[i];

		if (c == '+') {
			c = ' ';
		} else if (c == '%') {
			c = escaped(s, i);
			if (c < 0)
				return false;
			i += 2;
		}
		out[n++] = (char)c;
	}
	*n_out = n;
	return true;
}
