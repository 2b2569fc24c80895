#include "wire/csv/csv.h"

#include "base/str.h"

static size_t count(struct str line, char c)
{
	size_t n = 0;

	for (size_t i = 0; i < line.n; i++)
		n += line.p[i] == c;
	return n;
}

struct csv csv_open(struct str text)
{
	struct csv c = { .rest = text, .separator = ',', .next = 1 };
	size_t end;
	struct str head;

	if (str_starts(c.rest, STR("\xef\xbb\xbf")))
		c.rest = str_from(c.rest, 3);
	end = str_chr(c.rest, '\n');
	head = end == STR_NPOS ? c.rest : str_to(c.rest, end);
	if (count(head, ';') > count(head, c.separator))
		c.separator = ';';
	if (count(head, '\t') > count(head, c.separator))
		c.separator = '\t';
	return c;
}

/* Behind the line that `i` is in. */
static void skip_line(struct csv *c, size_t i)
{
	while (i < c->rest.n && c->rest.p[i] != '\n')
		i++;
	c->rest = str_from(c->rest, i < c->rest.n ? i + 1 : i);
	c->next++;
}

/* From the quote at *i to behind the one that ends it. */
static int read_quoted(struct csv *c, size_t *i, struct arena *a,
                       struct str *out, struct err *err)
{
	struct str s = c->rest;
	size_t from = *i + 1, k = from, n = 0, lines = 0;
	char *to;

	while (k < s.n && (s.p[k] != '"' || (k + 1 < s.n && s.p[k + 1] == '"')))
		k += s.p[k] == '"' ? 2 : 1;
	if (k >= s.n)
		return err_set(err, ERR_INVALID, "a quote is not closed again");
	to = arena_alloc(a, k - from + 1);
	for (size_t j = from; j < k; j++) {
		lines += s.p[j] == '\n';
		to[n++] = s.p[j];
		if (s.p[j] == '"')
			j++;
	}
	*out = (struct str){ to, n };
	*i = k + 1;
	c->next += lines;
	return 0;
}

static bool ends_field(const struct csv *c, size_t i)
{
	return i >= c->rest.n || c->rest.p[i] == c->separator ||
	       c->rest.p[i] == '\n' ||
	       (c->rest.p[i] == '\r' &&
	        (i + 1 >= c->rest.n || c->rest.p[i + 1] == '\n'));
}

/* One field from *i on, which is left at what ends it. */
static int read_field(struct csv *c, size_t *i, struct arena *a,
                      struct str *out, struct err *err)
{
	size_t from = *i;

	if (from < c->rest.n && c->rest.p[from] == '"') {
		if (read_quoted(c, i, a, out, err) < 0)
			return -1;
		if (!ends_field(c, *i))
			return err_set(err, ERR_INVALID,
			               "something stands behind the quotes");
		return 0;
	}
	while (!ends_field(c, *i))
		++*i;
	*out = str_to(str_from(c->rest, from), *i - from);
	return 0;
}

static int read_record(struct csv *c, struct arena *a, struct str *out,
                       size_t *n_out, size_t *i, struct err *err)
{
	size_t n = 0;

	for (;; ++*i) {
		if (n == CSV_FIELDS_MAX)
			return err_set(err, ERR_INVALID,
			               "a line has more than %d fields",
			               CSV_FIELDS_MAX);
		if (read_field(c, i, a, &out[n], err) < 0)
			return -1;
		n++;
		if (*i >= c->rest.n || c->rest.p[*i] != c->separator)
			break;
	}
	*n_out = n;
	return 0;
}

int csv_next(struct csv *c, struct arena *a, struct str out[CSV_FIELDS_MAX],
             size_t *n_out, struct err *err)
{
	size_t i = 0;
	int rc;

	while (c->rest.n && ends_field(c, 0) && c->rest.p[0] != c->separator)
		skip_line(c, 0);
	c->line = c->next;
	if (!c->rest.n)
		return 0;
	rc = read_record(c, a, out, n_out, &i, err);
	skip_line(c, i);
	return rc < 0 ? -1 : 1;
}

void csv_write(struct buf *out, struct str field, bool first)
{
	bool quote = false;

	for (size_t i = 0; i < field.n; i++)
		quote |= ascii_is_one_of(field.p[i], ",;\t\"\r\n");
	if (!first)
		buf_add_c(out, ',');
	if (!quote) {
		buf_add(out, field);
		return;
	}
	buf_add_c(out, '"');
	for (size_t i = 0; i < field.n; i++) {
		if (field.p[i] == '"')
			buf_add_c(out, '"');
		buf_add_c(out, field.p[i]);
	}
	buf_add_c(out, '"');
}
