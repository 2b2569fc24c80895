#include "wire/message/field.h"

#include <string.h>

#include "wire/message/header.h"

static const struct str names[FIELD_COUNT] = {
#define FIELD_ROW(id, name) STR_INIT(name),
	FIELD_LIST(FIELD_ROW)
#undef FIELD_ROW
};

/* Few names share a length, so length and first letter leave one or two to
 * compare; a table of hashes would not be faster. */
enum field_id field_id(struct str name)
{
	for (size_t i = 0; i < FIELD_COUNT; i++)
		if (names[i].n == name.n && str_eq_case(names[i], name))
			return (enum field_id)i;
	return FIELD_COUNT;
}

struct str field_name(enum field_id id)
{
	return names[id];
}

void field_index_make(struct str header, struct field_index *out)
{
	struct header_reader r = header_reader(header);
	struct header_field f;
	enum header_result got;

	memset(out, 0, sizeof(*out));
	while ((got = header_next(&r, &f)) != HEADER_END) {
		enum field_id id;

		if (got == HEADER_BAD) {
			out->bad++;
			continue;
		}
		out->fields++;
		id = field_id(f.name);
		if (id == FIELD_COUNT)
			continue;
		if (out->count[id]++ == 0)
			out->first[id] = f.raw;
	}
}

static bool is_break(char c)
{
	return c == '\r' || c == '\n' || c == '\0';
}

struct str field_unfold(struct arena *a, struct str raw)
{
	size_t n = 0, i = 0;
	char *p;

	raw = str_trim(raw);
	while (i < raw.n && !is_break(raw.p[i]))
		i++;
	if (i == raw.n)
		return raw;
	p = arena_alloc(a, raw.n);
	for (i = 0; i < raw.n; i++)
		if (!is_break(raw.p[i]))
			p[n++] = raw.p[i];
	return str_trim((struct str){ p, n });
}

size_t field_header_length(struct str message)
{
	size_t at = 0;

	while (at < message.n) {
		const char *line = message.p + at;
		const char *lf = memchr(line, '\n', message.n - at);
		size_t n = lf ? (size_t)(lf - line) + 1 : message.n - at;

		at += n;
		if (lf && (n == 1 || (n == 2 && line[0] == '\r')))
			break;
	}
	return at;
}
