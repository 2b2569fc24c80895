#include "text/preview.h"

#include "base/buf.h"
#include "text/extract.h"
#include "text/nfc.h"

static bool is_quoted(struct str line)
{
	return line.n > 0 && line.p[0] == '>';
}

/* "-- " begins the signature (RFC 3676, 4.3). */
static bool is_signature(struct str line)
{
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	return str_eq(line, STR("-- ")) || str_eq(line, STR("--"));
}

/* Rules of hyphens, stars, underlines say nothing. */
static bool is_rule(struct str line)
{
	for (size_t i = 0; i < line.n; i++)
		if (!(line.p[i] == '-' || line.p[i] == '_' ||
		      line.p[i] == '*' || line.p[i] == '=' ||
		      line.p[i] == '#' || line.p[i] == ' '))
			return false;
	return line.n > 0;
}

/* "On Monday Anna wrote:" in whatever language: a line that ends in a colon
 * with a quoted line behind it. */
static bool leads_quote(struct str line, struct str rest)
{
	line = str_trim(line);
	if (line.n == 0 || line.p[line.n - 1] != ':')
		return false;
	while (rest.n && (rest.p[0] == '\r' || rest.p[0] == '\n'))
		rest = str_from(rest, 1);
	return is_quoted(rest);
}

static struct str collect(struct arena *a, struct str plain, size_t chars,
                          bool all)
{
	struct buf b;
	struct str line, out;

	buf_init(&b, plain.n + 1);
	/* blanks and marks take room too, so more than is needed */
	while (b.n < chars * 8 && str_cut(&plain, '\n', &line)) {
		if (!all && is_signature(line))
			break;
		if (!all && (is_quoted(line) || leads_quote(line, plain)))
			continue;
		if (is_rule(str_trim(line)))
			continue;
		buf_add(&b, line);
		buf_add_c(&b, ' ');
	}
	out = text_line(a, arena_dup(a, buf_str(&b)));
	buf_deinit(&b);
	return out;
}

struct str text_preview(struct arena *a, struct str plain, size_t chars)
{
	struct str s = collect(a, plain, chars, false);

	if (s.n == 0)
		s = collect(a, plain, chars, true);
	return str_trim(text_cut(s, chars));
}
