#include "wire/mime/part.h"

#include <string.h>

#include "wire/message/field.h"
#include "wire/message/header.h"
#include "wire/message/lex.h"

const struct mime_limits mime_limits_default = {
	.depth_max = 50,
	.parts_max = 5000,
	.languages_max = 16,
	.field_max = 64 * 1024,
	.fields_total_max = 4 * 1024 * 1024,
	.boundary_max = 256,
	.params = { 64, 256, 64 * 1024 },
};

/* How far a lost boundary parameter is looked for in the body. */
#define GUESS_MAX 4096

/* An open multipart: what a line is compared with.  Behind its closing
 * boundary it is none any more. */
struct level {
	struct mime_part *part;
	struct mime_part *last; /* child, or NULL */
	struct str boundary;
};

struct parser {
	struct arena *arena;
	struct str message;
	const struct mime_limits *limits;
	size_t at;      /* where the next line begins */
	uint64_t lines; /* line ends before `at` */
	uint32_t parts;
	size_t fields_total;
	struct mime_part *part; /* the innermost that lines now belong to */
	struct level *levels;
	uint32_t levels_n;
};

/* ---- fields of one part ---- */

static struct str unfolded(struct parser *ps, struct str raw)
{
	if (raw.n > ps->limits->field_max)
		raw = str_to(raw, ps->limits->field_max);
	return field_unfold(ps->arena, raw);
}

static bool is_token(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' ||
		    ascii_is_one_of(s.p[i], "()<>@,;:\\\"/[]?="))
			return false;
	return s.n > 0;
}

static void set_type(struct mime_part *p, struct str value)
{
	size_t slash = str_chr(value, '/');
	struct str type, subtype;

	if (slash == STR_NPOS) {
		/* "Content-Type: text", as of RFC 1049 */
		if (str_eq_case(value, STR("text")))
			return;
		if (is_token(value)) {
			p->type = STR("application");
			p->subtype = STR("octet-stream");
		}
		return;
	}
	type = str_to(value, slash);
	subtype = str_from(value, slash + 1);
	if (!is_token(type) || !is_token(subtype))
		return; /* the default stands (RFC 2045, 5.2) */
	p->type = type;
	p->subtype = subtype;
}

static struct str field_params(struct parser *ps, struct str raw,
                               struct mime_params *out)
{
	struct str value;

	(void)mime_params_parse(ps->arena, raw, &ps->limits->params, &value,
	                        out);
	return value;
}

/* RFC 3282: tags with commas between. */
static void set_languages(struct parser *ps, struct mime_part *p,
                          struct str raw)
{
	struct str rest = unfolded(ps, raw), tag;
	struct str v[64];
	uint32_t n = 0, max = ps->limits->languages_max;

	if (max > sizeof(v) / sizeof(v[0]))
		max = sizeof(v) / sizeof(v[0]);
	while (n < max && str_cut(&rest, ',', &tag)) {
		struct lex x = lex_begin(tag);
		const char *begin;

		lex_cfws(&x);
		begin = x.p;
		while (!lex_at_end(&x) && (unsigned char)*x.p > ' ' &&
		       *x.p != '(')
			x.p++;
		tag = (struct str){ begin, (size_t)(x.p - begin) };
		if (tag.n > 0)
			v[n++] = tag;
	}
	if (n == 0)
		return;
	p->languages = arena_array(ps->arena, n, sizeof(v[0]));
	memcpy(p->languages, v, n * sizeof(v[0]));
	p->languages_n = n;
}

enum mime_encoding mime_encoding_of(struct str name)
{
	static const struct {
		struct str name;
		enum mime_encoding encoding;
	} rows[] = {
		{ STR_INIT("7bit"), MIME_7BIT },
		{ STR_INIT("8bit"), MIME_8BIT },
		{ STR_INIT("binary"), MIME_BINARY },
		{ STR_INIT("quoted-printable"), MIME_QUOTED_PRINTABLE },
		{ STR_INIT("base64"), MIME_BASE64 },
		{ STR_INIT("x-uuencode"), MIME_UUENCODE },
		{ STR_INIT("uuencode"), MIME_UUENCODE },
		{ STR_INIT("x-uue"), MIME_UUENCODE },
		{ STR_INIT("7-bit"), MIME_7BIT },
		{ STR_INIT("8-bit"), MIME_8BIT },
		{ STR_INIT("quoted_printable"), MIME_QUOTED_PRINTABLE },
		{ STR_INIT("base-64"), MIME_BASE64 },
	};

	if (name.n == 0)
		return MIME_7BIT;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (str_eq_case(rows[i].name, name))
			return rows[i].encoding;
	return MIME_ENCODING_OTHER;
}

static void set_encoding(struct parser *ps, struct mime_part *p, struct str raw)
{
	struct mime_params ignored;

	p->encoding_name = field_params(ps, raw, &ignored);
	p->encoding = mime_encoding_of(p->encoding_name);
}

/* Content-ID and its like: of several the first counts. */
static void set_once(struct parser *ps, struct str *out, struct str raw)
{
	if (!out->p)
		*out = unfolded(ps, raw);
	if (!out->p)
		*out = STR("");
}

static void set_field(struct parser *ps, struct mime_part *p, enum field_id id,
                      struct str raw, uint32_t *seen)
{
	uint32_t bit;

	if (id < FIELD_CONTENT_TYPE || id > FIELD_CONTENT_MD5)
		return;
	bit = UINT32_C(1) << (id - FIELD_CONTENT_TYPE);
	if (*seen & bit)
		return;
	*seen |= bit;
	switch (id) {
	case FIELD_CONTENT_TYPE:
		set_type(p, field_params(ps, raw, &p->params));
		break;
	case FIELD_CONTENT_ENCODING: set_encoding(ps, p, raw); break;
	case FIELD_CONTENT_DISPOSITION:
		p->disposition = field_params(ps, raw, &p->disposition_params);
		break;
	case FIELD_CONTENT_LANGUAGE: set_languages(ps, p, raw); break;
	case FIELD_CONTENT_ID: set_once(ps, &p->id, raw); break;
	case FIELD_CONTENT_DESCRIPTION:
		set_once(ps, &p->description, raw);
		break;
	case FIELD_CONTENT_LOCATION: set_once(ps, &p->location, raw); break;
	case FIELD_CONTENT_MD5: set_once(ps, &p->md5, raw); break;
	default: break;
	}
}

static bool is_content_field(struct str name)
{
	return str_starts_case(name, STR("Content-"));
}

static void read_fields(struct parser *ps, struct mime_part *p)
{
	struct str header = mime_part_header(p, ps->message);
	struct header_reader r = header_reader(header);
	struct header_field f;
	enum header_result got;
	uint32_t seen = 0;

	while ((got = header_next(&r, &f)) != HEADER_END) {
		if (got == HEADER_BAD || !is_content_field(f.name))
			continue;
		if (f.raw.n > ps->limits->fields_total_max - ps->fields_total)
			continue;
		ps->fields_total += f.raw.n;
		set_field(ps, p, field_id(f.name), f.raw, &seen);
	}
}

/* ---- lines ---- */

/* Length of the line at ps->at with its line end; 0 at the end. */
static size_t line_length(const struct parser *ps)
{
	const char *p = ps->message.p + ps->at;
	size_t left = ps->message.n - ps->at;
	const char *lf = left ? memchr(p, '\n', left) : NULL;

	return lf ? (size_t)(lf - p) + 1 : left;
}

static void pass(struct parser *ps, size_t n)
{
	if (n > 0 && ps->message.p[ps->at + n - 1] == '\n')
		ps->lines++;
	ps->at += n;
}

/* Where a body ends whose last line is followed by a boundary at `at`: the
 * line end belongs to the boundary. */
static uint64_t before_line_end(const struct parser *ps, uint64_t at,
                                uint64_t floor)
{
	const char *p = ps->message.p;

	if (at > floor && p[at - 1] == '\n')
		at--;
	else
		return at;
	if (at > floor && p[at - 1] == '\r')
		at--;
	return at;
}

enum match {
	MATCH_NONE,
	MATCH_OPEN,  /* "--boundary" */
	MATCH_CLOSE, /* "--boundary--" */
};

/* Which open multipart the line is a boundary of, the innermost first (a
 * boundary of an outer one ends all within, RFC 2046, 5.1.2). */
static enum match match_line(const struct parser *ps, struct str line,
                             uint32_t *level_out)
{
	struct str open, close;
	bool has_close;

	if (line.n < 3 || line.p[0] != '-' || line.p[1] != '-' ||
	    ps->levels_n == 0)
		return MATCH_NONE;
	open = str_from(line, 2);
	while (open.n &&
	       (open.p[open.n - 1] == '\n' || open.p[open.n - 1] == '\r' ||
	        open.p[open.n - 1] == ' ' || open.p[open.n - 1] == '\t'))
		open.n--;
	has_close = open.n >= 2 && open.p[open.n - 1] == '-' &&
	            open.p[open.n - 2] == '-';
	close = has_close ? str_to(open, open.n - 2) : open;
	for (uint32_t i = ps->levels_n; i-- > 0;) {
		*level_out = i;
		if (str_eq(ps->levels[i].boundary, open))
			return MATCH_OPEN;
		if (has_close && str_eq(ps->levels[i].boundary, close))
			return MATCH_CLOSE;
	}
	return MATCH_NONE;
}

/* ---- the tree ---- */

static bool is_digest(const struct mime_part *parent)
{
	return parent && parent->kind == MIME_MULTIPART &&
	       mime_part_is(parent, "multipart", "digest");
}

static struct mime_part *part_new(struct parser *ps, struct mime_part *parent)
{
	struct mime_part *p = arena_zalloc(ps->arena, sizeof(*p));
	bool digest = is_digest(parent);

	p->parent = parent;
	p->header_at = p->body_at = p->end = ps->at;
	p->type = digest ? STR("message") : STR("text");
	p->subtype = digest ? STR("rfc822") : STR("plain");
	ps->parts++;
	return p;
}

static uint32_t depth_of(const struct mime_part *p)
{
	uint32_t n = 0;

	for (; p; p = p->parent)
		n++;
	return n;
}

static void only_child(struct mime_part *parent, struct mime_part *p)
{
	parent->child = p;
	parent->children = 1;
}

/* A boundary was lost: the first line of the body that looks like one and
 * has a field behind it (RFC 2046, 5.1.1 asks for either). */
static struct str guess_boundary(const struct parser *ps)
{
	struct parser look = *ps;
	size_t end = ps->message.n - ps->at;

	end = ps->at + (end < GUESS_MAX ? end : GUESS_MAX);
	while (look.at < end) {
		size_t n = line_length(&look);
		struct str line = { look.message.p + look.at, n };

		pass(&look, n);
		if (str_starts(line, STR("--")) &&
		    str_starts_case(str_from(look.message, look.at),
		                    STR("Content-")))
			return str_trim(str_from(line, 2));
	}
	return (struct str){ NULL, 0 };
}

/* Boundaries may not end in a blank (RFC 2046, 5.1.1): lines lose theirs. */
static struct str boundary_of(struct parser *ps, const struct mime_part *p)
{
	struct str b = mime_params_value(&p->params, STR("boundary"));

	while (b.n && (b.p[b.n - 1] == ' ' || b.p[b.n - 1] == '\t'))
		b.n--;
	if (b.n == 0)
		b = guess_boundary(ps);
	if (b.n > ps->limits->boundary_max)
		b.n = 0;
	return b;
}

static bool is_message_type(const struct mime_part *p)
{
	return mime_part_is(p, "message", "rfc822") ||
	       mime_part_is(p, "message", "global") ||
	       mime_part_is(p, "message", "news");
}

/* A message in a transfer encoding cannot be looked into (RFC 2046, 5.2.1
 * forbids it). */
static bool is_identity(enum mime_encoding e)
{
	return e != MIME_BASE64 && e != MIME_QUOTED_PRINTABLE &&
	       e != MIME_UUENCODE;
}

static void push_level(struct parser *ps, struct mime_part *p,
                       struct str boundary)
{
	ps->levels[ps->levels_n++] =
		(struct level){ .part = p, .boundary = boundary };
}

/* Read the header at ps->at, up to and with the empty line, or up to a
 * boundary of an open multipart. */
static void read_header(struct parser *ps, struct mime_part *p)
{
	uint64_t lines = ps->lines;
	uint32_t level;

	p->header_at = ps->at;
	for (;;) {
		size_t n = line_length(ps);
		struct str line = { ps->message.p + ps->at, n };

		if (n == 0 || match_line(ps, line, &level) != MATCH_NONE)
			break;
		pass(ps, n);
		if (line.p[0] == '\n' || str_eq(line, STR("\r\n")))
			break;
	}
	p->body_at = p->end = ps->at;
	p->header_lines = ps->lines - lines;
	read_fields(ps, p);
	/* Until its end is known this holds the count at its beginning. */
	p->body_lines = ps->lines;
}

/* What the header says the part is; a message goes on with the header of the
 * message in it. */
static void open_part(struct parser *ps, struct mime_part *p)
{
	for (;;) {
		struct mime_part *inner;

		read_header(ps, p);
		ps->part = p;
		if (depth_of(p) >= ps->limits->depth_max ||
		    ps->parts >= ps->limits->parts_max)
			return;
		if (mime_part_is(p, "multipart", NULL)) {
			struct str boundary = boundary_of(ps, p);

			p->kind = MIME_MULTIPART;
			if (boundary.n > 0)
				push_level(ps, p, boundary);
			return;
		}
		if (!is_message_type(p) || !is_identity(p->encoding))
			return;
		p->kind = MIME_MESSAGE;
		inner = part_new(ps, p);
		only_child(p, inner);
		p = inner;
	}
}

/* None of its boundaries was found: its body is shown as text. */
static void add_whole_body(struct parser *ps, struct mime_part *multi)
{
	struct mime_part *p = part_new(ps, NULL);

	p->parent = multi;
	p->header_at = p->body_at = multi->body_at;
	p->end = multi->end;
	p->body_lines = multi->body_lines;
	only_child(multi, p);
}

/* End the innermost part and those around it, `stop` excepted, at `end`.
 * `lines` line ends stand before that. */
static void close_parts(struct parser *ps, const struct mime_part *stop,
                        uint64_t end, uint64_t lines)
{
	for (struct mime_part *p = ps->part; p != stop; p = p->parent) {
		p->body_lines = lines - p->body_lines;
		p->end = end;
		if (p->kind == MIME_MULTIPART && p->children == 0)
			add_whole_body(ps, p);
	}
}

/* A boundary takes the line end before it from all the parts it ends: but
 * never one that ends a header. */
static void close_before_boundary(struct parser *ps,
                                  const struct mime_part *multi)
{
	uint64_t end = before_line_end(ps, ps->at, ps->part->body_at);

	close_parts(ps, multi, end, ps->lines - (end != ps->at));
}

/* At a boundary line of level `i`, `n` bytes long. */
static void take_boundary(struct parser *ps, uint32_t i, enum match match,
                          size_t n)
{
	struct level *level = &ps->levels[i];
	struct mime_part *multi = level->part;
	struct mime_part *p;

	if (match == MATCH_OPEN && ps->parts >= ps->limits->parts_max) {
		pass(ps, n);
		return;
	}
	close_before_boundary(ps, multi);
	pass(ps, n);
	if (match == MATCH_CLOSE) {
		ps->levels_n = i;
		ps->part = multi;
		return;
	}
	ps->levels_n = i + 1;
	p = part_new(ps, multi);
	if (level->last)
		level->last->next = p;
	else
		multi->child = p;
	level->last = p;
	multi->children++;
	open_part(ps, p);
}

struct mime_part *mime_parse(struct arena *a, struct str message,
                             const struct mime_limits *limits)
{
	struct parser ps = {
		.arena = a,
		.message = message,
		.limits = limits ? limits : &mime_limits_default,
	};
	struct mime_part *root;
	size_t n;

	ps.levels =
		arena_array(a, ps.limits->depth_max + 1, sizeof(*ps.levels));
	root = part_new(&ps, NULL);
	open_part(&ps, root);
	while ((n = line_length(&ps)) > 0) {
		struct str line = { message.p + ps.at, n };
		uint32_t level;
		enum match match = match_line(&ps, line, &level);

		if (match == MATCH_NONE)
			pass(&ps, n);
		else
			take_boundary(&ps, level, match, n);
	}
	close_parts(&ps, NULL, message.n, ps.lines);
	return root;
}

/* ---- questions about a part ---- */

struct mime_part *mime_part_next(const struct mime_part *p)
{
	if (p->child)
		return p->child;
	while (p && !p->next)
		p = p->parent;
	return p ? p->next : NULL;
}

static const struct mime_part *nth_child(const struct mime_part *p,
                                         uint32_t number)
{
	const struct mime_part *c = p->child;

	if (number == 0 || number > p->children)
		return NULL;
	while (--number > 0)
		c = c->next;
	return c;
}

/* Numbers count within a multipart; a body that is none has one part, 1,
 * itself.  Behind a message part they count in the message within. */
const struct mime_part *mime_part_find(const struct mime_part *root,
                                       const uint32_t *path, size_t n)
{
	const struct mime_part *p = root;

	for (size_t i = 0; p && i < n; i++) {
		if (i > 0 && p->kind == MIME_SINGLE)
			return NULL;
		if (i > 0 && p->kind == MIME_MESSAGE)
			p = p->child;
		if (p->kind == MIME_MULTIPART)
			p = nth_child(p, path[i]);
		else if (path[i] != 1)
			return NULL;
	}
	return p;
}

bool mime_part_is(const struct mime_part *p, const char *type,
                  const char *subtype)
{
	return str_eq_case(p->type, str_z(type)) &&
	       (!subtype || str_eq_case(p->subtype, str_z(subtype)));
}

bool mime_part_is_opaque(const struct mime_part *p)
{
	return p->kind == MIME_SINGLE &&
	       (mime_part_is(p, "multipart", NULL) || is_message_type(p));
}

const struct mime_param *mime_part_filename(const struct mime_part *p)
{
	const struct mime_param *f;

	f = mime_params_find(&p->disposition_params, STR("filename"));
	if (!f)
		f = mime_params_find(&p->params, STR("name"));
	return f && f->value.n ? f : NULL;
}

bool mime_part_is_attachment(const struct mime_part *p)
{
	bool text = mime_part_is(p, "text", NULL);

	if (p->kind == MIME_MULTIPART)
		return false;
	if (str_eq_case(p->disposition, STR("attachment")))
		return true;
	if (p->parent && mime_part_is(p->parent, "multipart", "related") &&
	    p != p->parent->child && p->id.n)
		return false;
	if (mime_part_is(p, "application", "pgp-signature") ||
	    mime_part_is(p, "application", "pkcs7-signature") ||
	    mime_part_is(p, "application", "x-pkcs7-signature"))
		return false;
	if (mime_part_is(p, "message", "delivery-status") ||
	    mime_part_is(p, "message", "disposition-notification"))
		return false;
	if (!text)
		return true;
	/* RFC 8621, 4.1.4: a text that comes first is the body even with a
	 * name */
	return mime_part_filename(p) && p->parent && p != p->parent->child;
}

struct str mime_part_header(const struct mime_part *p, struct str message)
{
	return str_to(str_from(message, p->header_at),
	              p->body_at - p->header_at);
}

struct str mime_part_body(const struct mime_part *p, struct str message)
{
	return str_to(str_from(message, p->body_at), p->end - p->body_at);
}

struct str mime_part_whole(const struct mime_part *p, struct str message)
{
	return str_to(str_from(message, p->header_at), p->end - p->header_at);
}
