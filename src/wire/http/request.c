#include "wire/http/request.h"

#include <string.h>

/* ---- characters (RFC 9110, 5.6.2; RFC 9112, 4 and 5) ---- */

static bool is_token_char(char c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) ||
	       ascii_is_one_of(c, "!#$%&'*+-.^_`|~");
}

static bool is_token(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_token_char(s.p[i]))
			return false;
	return s.n > 0;
}

/* VCHAR, SP, HTAB and bytes above 127; no other control character. */
static bool is_value(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

/* A target has visible ASCII alone: what else would be in it should have
 * been escaped. */
static bool is_target(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c <= 0x20 || c >= 0x7f || c == '"' || c == '<' ||
		    c == '>' || c == '\\' || c == '^' || c == '`' || c == '{' ||
		    c == '|' || c == '}' || c == '#')
			return false;
	}
	return s.n > 0;
}

static bool is_host(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!ascii_is_alpha(c) && !ascii_is_digit(c) &&
		    !ascii_is_one_of(c, "-._~:[]%!$&'()*+,;="))
			return false;
	}
	return true;
}

/* ---- the request line ---- */

static int parse_target(struct http_head *h)
{
	struct str t = h->target, scheme = STR("http://");
	size_t at;

	if (str_eq(t, STR("*"))) {
		h->path = t;
		return str_eq(h->method, STR("OPTIONS")) ? 0 : 400;
	}
	if (str_starts_case(t, STR("https://")))
		scheme = STR("https://");
	if (str_starts_case(t, scheme)) {
		t = str_from(t, scheme.n);
		at = 0;
		while (at < t.n && t.p[at] != '/' && t.p[at] != '?')
			at++;
		h->host = str_to(t, at);
		if (at == 0 || !is_host(h->host))
			return 400;
		t = str_from(t, at);
		if (t.n == 0 || t.p[0] == '?') {
			h->path = STR("/");
			h->query = t.n ? str_from(t, 1) : t;
			return 0;
		}
	}
	if (t.n == 0 || t.p[0] != '/')
		return 400;
	at = str_chr(t, '?');
	h->path = at == STR_NPOS ? t : str_to(t, at);
	h->query = at == STR_NPOS ? str_from(t, t.n) : str_from(t, at + 1);
	return 0;
}

static int parse_version(struct str v, struct http_head *h)
{
	if (v.n != 8 || !str_starts(v, STR("HTTP/")) ||
	    !ascii_is_digit(v.p[5]) || v.p[6] != '.' || !ascii_is_digit(v.p[7]))
		return 400;
	if (v.p[5] != '1')
		return 505;
	h->minor = v.p[7] == '0' ? 0 : 1; /* a later 1.x is read as 1.1 */
	return 0;
}

static int parse_line(struct str line, struct http_head *h)
{
	size_t a = str_chr(line, ' ');
	size_t b = str_rchr(line, ' ');
	int bad;

	if (a == STR_NPOS || a == b)
		return 400;
	h->method = str_to(line, a);
	h->target = (struct str){ line.p + a + 1, b - a - 1 };
	if (!is_token(h->method) || !is_target(h->target))
		return 400;
	bad = parse_version(str_from(line, b + 1), h);
	return bad ? bad : parse_target(h);
}

/* ---- the fields ---- */

static struct str blanks_off(struct str s)
{
	while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = str_from(s, 1);
	while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s;
}

/* A line that begins with a blank is a fold, and has no name: refused with
 * all else that has none (RFC 9112, 5.2). */
static int add_field(struct http_head *h, struct str line, size_t max)
{
	size_t colon = str_chr(line, ':');
	struct http_field *f;

	if (colon == STR_NPOS || !is_token(str_to(line, colon)))
		return 400;
	if (h->fields_n == max)
		return 431;
	f = &h->fields[h->fields_n++];
	f->name = str_to(line, colon);
	f->value = blanks_off(str_from(line, colon + 1));
	return is_value(f->value) ? 0 : 400;
}

bool http_list_has(struct str list, const char *token)
{
	struct str one;

	while (str_cut(&list, ',', &one)) {
		size_t semi = str_chr(one, ';');

		if (semi != STR_NPOS)
			one = str_to(one, semi);
		if (str_eq_case(blanks_off(one), str_z(token)))
			return true;
	}
	return false;
}

struct str http_head_get(const struct http_head *h, const char *name)
{
	struct str want = str_z(name);

	for (size_t i = 0; i < h->fields_n; i++)
		if (str_eq_case(h->fields[i].name, want))
			return h->fields[i].value;
	return (struct str){ NULL, 0 };
}

static size_t count(const struct http_head *h, const char *name)
{
	struct str want = str_z(name);
	size_t n = 0;

	for (size_t i = 0; i < h->fields_n; i++)
		n += str_eq_case(h->fields[i].name, want);
	return n;
}

/* RFC 9112, 6.1 and 6.3: whatever could be read in two ways is refused. */
static int find_body(struct http_head *h)
{
	size_t codings = count(h, "Transfer-Encoding");
	size_t lengths = count(h, "Content-Length");
	uint64_t v;

	h->body = HTTP_BODY_NONE;
	if (codings > 0) {
		if (codings > 1 || lengths > 0 || h->minor == 0)
			return 400;
		if (!str_eq_case(http_head_get(h, "Transfer-Encoding"),
		                 STR("chunked")))
			return 501;
		h->body = HTTP_BODY_CHUNKED;
		return 0;
	}
	if (lengths > 1)
		return 400;
	if (lengths == 1) {
		if (!str_to_u64(http_head_get(h, "Content-Length"), INT64_MAX,
		                &v))
			return 400;
		h->length = v;
		h->body = v > 0 ? HTTP_BODY_LENGTH : HTTP_BODY_NONE;
	}
	return 0;
}

static int find_host(struct http_head *h)
{
	size_t n = count(h, "Host");
	struct str host = http_head_get(h, "Host");

	if (n > 1 || (n == 0 && h->minor > 0) || !is_host(host))
		return 400;
	if (h->host.n == 0) /* the target's own goes first */
		h->host = host;
	return 0;
}

static int find_expect(struct http_head *h)
{
	struct str e = http_head_get(h, "Expect");

	if (count(h, "Expect") == 0)
		return 0;
	if (!str_eq_case(e, STR("100-continue")))
		return 417;
	h->expect_continue = h->minor > 0 && h->body != HTTP_BODY_NONE;
	return 0;
}

static void find_connection(struct http_head *h)
{
	bool close = false, keep = false;

	for (size_t i = 0; i < h->fields_n; i++) {
		struct http_field *f = &h->fields[i];

		if (!str_eq_case(f->name, STR("Connection")))
			continue;
		close = close || http_list_has(f->value, "close");
		keep = keep || http_list_has(f->value, "keep-alive");
		h->upgrade = h->upgrade || http_list_has(f->value, "upgrade");
	}
	h->keep_alive = !close && (h->minor > 0 || keep);
}

/* ---- the head ---- */

/* The next line, its CRLF passed; false when it is not whole or ends in a
 * bare LF, which a CR or LF left inside shows. */
static bool next_line(struct str *in, struct str *line)
{
	size_t lf = str_chr(*in, '\n');

	if (lf == STR_NPOS || lf == 0 || in->p[lf - 1] != '\r')
		return false;
	*line = str_to(*in, lf - 1);
	*in = str_from(*in, lf + 1);
	return str_chr(*line, '\r') == STR_NPOS;
}

static int parse_whole(struct str head, const struct http_limits *l,
                       struct http_head *h)
{
	size_t fields_max = l->fields_max < HTTP_FIELDS_MAX ? l->fields_max
	                                                    : HTTP_FIELDS_MAX;
	struct str line;
	int bad;

	if (!next_line(&head, &line))
		return 400;
	bad = parse_line(line, h);
	while (!bad && head.n > 0) {
		if (!next_line(&head, &line))
			return 400;
		if (line.n > 0)
			bad = add_field(h, line, fields_max);
	}
	if (!bad)
		bad = find_body(h);
	if (!bad)
		bad = find_host(h);
	if (!bad)
		bad = find_expect(h);
	if (!bad)
		find_connection(h);
	return bad;
}

static enum http_parse bad_as(int status, int *out)
{
	*out = status;
	return HTTP_BAD;
}

/* What can be refused before the head is whole, so that nobody is waited for
 * in vain. */
static enum http_parse look_early(struct str in, const struct http_limits *l,
                                  int *status)
{
	size_t lf = str_chr(in, '\n');

	if ((lf == STR_NPOS ? in.n : lf) > l->line_max)
		return bad_as(414, status);
	if (in.n > 0 && !is_token_char(in.p[0]))
		return bad_as(400, status);
	for (; lf != STR_NPOS; lf = str_chr(in, '\n')) {
		if (lf == 0 || in.p[lf - 1] != '\r')
			return bad_as(400, status);
		in = str_from(in, lf + 1);
	}
	return HTTP_MORE;
}

enum http_parse http_head_parse(struct str in, const struct http_limits *limits,
                                struct http_head *out, size_t *used,
                                int *status)
{
	size_t skip = 0, end;
	enum http_parse r;
	int bad;

	/* RFC 9112, 2.2: an empty line before the request is passed over. */
	while (skip < 4 && str_starts(str_from(in, skip), STR("\r\n")))
		skip += 2;
	in = str_from(in, skip);
	if (in.n == 0 || (in.n == 1 && in.p[0] == '\r'))
		return HTTP_MORE;
	end = str_find(in, STR("\r\n\r\n"));
	r = look_early(end == STR_NPOS ? in : str_to(in, end + 4), limits,
	               status);
	if (r == HTTP_BAD)
		return r;
	if (end == STR_NPOS)
		return in.n > limits->head_max ? bad_as(431, status)
		                               : HTTP_MORE;
	if (end + 4 > limits->head_max)
		return bad_as(431, status);
	memset(out, 0, sizeof(*out));
	bad = parse_whole(str_to(in, end + 4), limits, out);
	if (bad)
		return bad_as(bad, status);
	*used = skip + end + 4;
	return HTTP_DONE;
}
