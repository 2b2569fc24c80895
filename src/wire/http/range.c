#include "wire/http/range.h"

/* Digits; what is larger than any body counts as the largest. */
static bool read_number(struct str s, uint64_t *out)
{
	uint64_t v = 0;

	for (size_t i = 0; i < s.n; i++) {
		uint64_t digit;

		if (!ascii_is_digit(s.p[i]))
			return false;
		digit = (uint64_t)(s.p[i] - '0');
		v = v > (UINT64_MAX - digit) / 10 ? UINT64_MAX : v * 10 + digit;
	}
	*out = v;
	return s.n > 0;
}

/* "-500": the last bytes of it. */
static enum http_range_result suffix(struct str digits, uint64_t size,
                                     struct http_range *out)
{
	uint64_t n;

	if (!read_number(digits, &n))
		return HTTP_RANGE_NONE;
	if (n == 0)
		return HTTP_RANGE_BAD;
	if (size == 0)
		return HTTP_RANGE_NONE; /* all of it, which is nothing */
	*out = (struct http_range){ n < size ? size - n : 0, size - 1 };
	return HTTP_RANGE_PART;
}

enum http_range_result http_range_parse(struct str field, uint64_t size,
                                        struct http_range *out)
{
	struct str unit, from;
	uint64_t first, last = UINT64_MAX;

	if (!str_cut(&field, '=', &unit) || !str_eq_case(unit, STR("bytes")) ||
	    str_chr(field, '-') == STR_NPOS)
		return HTTP_RANGE_NONE;
	field = str_trim(field);
	if (field.n && field.p[0] == '-')
		return suffix(str_from(field, 1), size, out);
	(void)str_cut(&field, '-', &from);
	if (!read_number(from, &first) ||
	    (field.n && !read_number(field, &last)) || last < first)
		return HTTP_RANGE_NONE;
	if (first >= size)
		return HTTP_RANGE_BAD;
	*out = (struct http_range){ first, last < size ? last : size - 1 };
	return HTTP_RANGE_PART;
}

bool http_range_holds(struct str if_range, struct str etag)
{
	return if_range.n == 0 || str_eq(if_range, etag);
}

void http_range_write(struct buf *out, const struct http_range *r,
                      uint64_t size)
{
	buf_add_z(out, "bytes ");
	if (r) {
		buf_add_u64(out, r->first);
		buf_add_c(out, '-');
		buf_add_u64(out, r->last);
	} else {
		buf_add_c(out, '*');
	}
	buf_add_c(out, '/');
	buf_add_u64(out, size);
}
