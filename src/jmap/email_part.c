/* EmailBodyPart (RFC 8621, 4.1.4). */
#include "base/utf8.h"
#include "jmap/email.h"
#include "jmap/winmail.h"
#include "text/charset.h"
#include "text/extract.h"

/* A body value without a limit of the client's. */
#define VALUE_MAX ((size_t)16 * 1024 * 1024)
#define ROWS_N    (sizeof(rows) / sizeof(rows[0]))

struct part_object {
	struct jmap_email *m;
	const struct mime_part *p;
	const struct jmap_inner *in; /* NULL: it is of the message itself */
};

static struct str part_id(const struct part_object *o)
{
	const struct mime_part *root = jmap_email_root(o->m);

	if (o->in)
		return arena_fmt(o->m->arena, "%u-%u",
		                 jmap_part_no(root, o->in->at),
		                 jmap_part_no(o->in->root, o->p));
	return arena_fmt(o->m->arena, "%u", jmap_part_no(root, o->p));
}

/* The bytes that the part is of; false when they cannot be read. */
static bool open_bytes(const struct part_object *o, struct str *out)
{
	if (o->in) {
		*out = buf_str(&o->in->bytes);
		return true;
	}
	if (!jmap_email_open(o->m))
		return false;
	*out = o->m->message;
	return true;
}

static struct part_object object_of(struct jmap_email *m,
                                    const struct mime_part *p)
{
	return (struct part_object){ m, p, jmap_winmail_of(m, p) };
}

static void write_part_id(struct jmap_call *c, const void *v)
{
	const struct part_object *o = v;

	if (jmap_part_has_sub(o->p))
		json_null(&c->w);
	else
		json_str(&c->w, part_id(o));
}

static void write_blob_id(struct jmap_call *c, const void *v)
{
	const struct part_object *o = v;

	if (jmap_part_has_sub(o->p))
		json_null(&c->w);
	else
		json_str(&c->w, arena_fmt(o->m->arena, "%.*s-%.*s",
		                          STR_ARG(o->m->blob_id),
		                          STR_ARG(part_id(o))));
}

static void write_size(struct jmap_call *c, const void *v)
{
	const struct part_object *o = v;
	bool plain = o->p->kind != MIME_SINGLE || o->p->encoding == MIME_7BIT ||
	             o->p->encoding == MIME_8BIT ||
	             o->p->encoding == MIME_BINARY ||
	             o->p->encoding == MIME_ENCODING_OTHER;

	struct str bytes;

	if (plain)
		json_u64(&c->w, o->p->end - o->p->body_at);
	else if (open_bytes(o, &bytes))
		json_u64(&c->w, jmap_part_size(bytes, o->p));
	else
		json_u64(&c->w, 0);
}

static struct str part_header(const struct part_object *o)
{
	struct str bytes;

	if (!open_bytes(o, &bytes))
		return STR("");
	return mime_part_header(o->p, bytes);
}

static void write_headers(struct jmap_call *c, const void *v)
{
	const struct part_object *o = v;
	struct str block = part_header(o);

	jmap_header_write_all(&c->w, o->m->arena, &block, 1);
}

static void write_name(struct jmap_call *c, const void *v)
{
	const struct part_object *o = v;
	const struct mime_param *name = mime_part_filename(o->p);

	if (name)
		json_str(&c->w, text_param(o->m->arena, name));
	else
		json_null(&c->w);
}

static void write_type(struct jmap_call *c, const void *v)
{
	const struct part_object *o = v;

	json_str(&c->w, jmap_part_type(o->m->arena, o->p));
}

/* Of a text without one it is us-ascii (RFC 2045, 5.2). */
static void write_charset(struct jmap_call *c, const void *v)
{
	const struct part_object *o = v;
	struct str charset = mime_params_value(&o->p->params, STR("charset"));

	if (charset.n)
		json_str(&c->w, charset);
	else if (mime_part_is(o->p, "text", NULL))
		json_z(&c->w, "us-ascii");
	else
		json_null(&c->w);
}

static void write_str_or_null(struct jmap_call *c, struct str s)
{
	if (s.n)
		json_str(&c->w, s);
	else
		json_null(&c->w);
}

static void write_disposition(struct jmap_call *c, const void *v)
{
	const struct part_object *o = v;
	char *z = arena_strz(o->m->arena, o->p->disposition);

	for (size_t i = 0; i < o->p->disposition.n; i++)
		z[i] = ascii_lower(z[i]);
	write_str_or_null(c, (struct str){ z, o->p->disposition.n });
}

static void write_cid(struct jmap_call *c, const void *v)
{
	const struct part_object *o = v;
	struct str id = str_trim(o->p->id);

	if (id.n > 1 && id.p[0] == '<' && id.p[id.n - 1] == '>')
		id = str_to(str_from(id, 1), id.n - 2);
	write_str_or_null(c, id);
}

static void write_language(struct jmap_call *c, const void *v)
{
	const struct part_object *o = v;

	if (o->p->languages_n == 0) {
		json_null(&c->w);
		return;
	}
	json_array(&c->w);
	for (uint32_t i = 0; i < o->p->languages_n; i++)
		json_str(&c->w, o->p->languages[i]);
	json_end(&c->w);
}

static void write_location(struct jmap_call *c, const void *v)
{
	const struct part_object *o = v;

	write_str_or_null(c, o->p->location);
}

static void write_sub(struct jmap_call *c, const void *v)
{
	const struct part_object *o = v;
	const struct jmap_inner *in = jmap_winmail_at(o->m, o->p);

	if (!in && !jmap_part_has_sub(o->p)) {
		json_null(&c->w);
		return;
	}
	json_array(&c->w);
	for (const struct mime_part *p = in ? in->root->child : o->p->child; p;
	     p = p->next)
		jmap_part_write(o->m, p, true);
	json_end(&c->w);
}

static const struct jmap_property rows[] = {
	{ "partId", 0, write_part_id },
	{ "blobId", 0, write_blob_id },
	{ "size", 0, write_size },
	{ "headers", JMAP_NOT_DEFAULT, write_headers },
	{ "name", 0, write_name },
	{ "type", 0, write_type },
	{ "charset", 0, write_charset },
	{ "disposition", 0, write_disposition },
	{ "cid", 0, write_cid },
	{ "language", 0, write_language },
	{ "location", 0, write_location },
	{ "subParts", JMAP_NOT_DEFAULT, write_sub },
};

#define SUB_PARTS (UINT64_C(1) << (ROWS_N - 1))

int jmap_part_args_read(struct jmap_call *c, struct jmap_email_args *out)
{
	struct jmap_header h;
	struct str *names;
	size_t n;

	if (jmap_read_ids(c, "bodyProperties", JMAP_HEADERS_MAX, &names, &n) <
	    0)
		return -1;
	out->part_wanted = 0;
	for (size_t i = 0; !names && i < ROWS_N; i++)
		if (!(rows[i].flags & JMAP_NOT_DEFAULT))
			out->part_wanted |= UINT64_C(1) << i;
	for (size_t i = 0; i < n; i++) {
		const struct jmap_property *p =
			jmap_property_find(rows, ROWS_N, names[i]);

		if (p)
			out->part_wanted |= UINT64_C(1) << (p - rows);
		else if (jmap_header_parse(names[i], &h))
			out->part_headers[out->part_headers_n++] = names[i];
		else
			return jmap_error(c, "invalidArguments",
			                  "no body property \"%.*s\"",
			                  STR_ARG(names[i]));
	}
	return 0;
}

void jmap_part_write(struct jmap_email *m, const struct mime_part *p,
                     bool with_sub)
{
	struct part_object o = object_of(m, p);
	uint64_t wanted = m->args->part_wanted;

	/* The structure has them whether asked for or not. */
	if (with_sub && (jmap_part_has_sub(p) || jmap_winmail_at(m, p)))
		wanted |= SUB_PARTS;
	json_object(&m->c->w);
	jmap_get_write(m->c, rows, ROWS_N, wanted, &o);
	for (size_t i = 0; i < m->args->part_headers_n; i++) {
		struct jmap_header h;
		struct str block = part_header(&o);

		if (!jmap_header_parse(m->args->part_headers[i], &h))
			continue;
		json_key(&m->c->w, m->args->part_headers[i]);
		jmap_header_write(&m->c->w, m->arena, &h, &block, 1);
	}
	json_end(&m->c->w);
}

void jmap_part_list_write(struct jmap_email *m, const struct jmap_part_list *l)
{
	json_array(&m->c->w);
	for (size_t i = 0; i < l->n; i++)
		jmap_part_write(m, l->v[i], false);
	json_end(&m->c->w);
}

/* ---- bodyValues ---- */

/* A tag that was cut shows as text: the value ends before it. */
static struct str without_half_tag(struct str html)
{
	size_t open = str_rchr(html, '<');
	size_t close = str_rchr(html, '>');

	if (open != STR_NPOS && (close == STR_NPOS || close < open))
		return str_to(html, open);
	return html;
}

static void write_value(struct jmap_email *m, const struct mime_part *p)
{
	struct str charset = mime_params_value(&p->params, STR("charset"));
	struct part_object o = object_of(m, p);
	size_t max = VALUE_MAX;
	struct str value, bytes;
	struct buf b;
	bool whole;

	if (m->args->value_max && m->args->value_max < max)
		max = (size_t)m->args->value_max;
	buf_init(&b, max + 16);
	whole = !open_bytes(&o, &bytes) || text_part(&b, bytes, p, false);
	value = buf_str(&b);
	if (!whole || value.n > max) {
		value = utf8_head(value, value.n < max ? value.n : max);
		whole = false;
		if (mime_part_is(p, "text", "html"))
			value = without_half_tag(value);
	}
	json_key(&m->c->w, part_id(&o));
	json_object(&m->c->w);
	json_member_str(&m->c->w, "value", value);
	json_member_bool(&m->c->w, "isEncodingProblem",
	                 (charset.n && !text_charset_known(charset)) ||
	                         str_find(value, STR("\xef\xbf\xbd")) !=
	                                 STR_NPOS);
	json_member_bool(&m->c->w, "isTruncated", !whole);
	json_end(&m->c->w);
	buf_deinit(&b);
}

static bool has(const struct jmap_part_list *l, const struct mime_part *p)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i] == p)
			return true;
	return false;
}

static void write_values(struct jmap_email *m, const struct mime_part *root)
{
	const struct jmap_email_args *a = m->args;
	const struct jmap_parts *parts = jmap_email_parts(m);
	const struct mime_part *within = NULL; /* a message: not ours */

	for (const struct mime_part *p = root; p; p = mime_part_next(p)) {
		if (within && p->header_at < within->end)
			continue;
		within = p->kind == MIME_MESSAGE ? p : NULL;
		if (p->kind != MIME_SINGLE || !mime_part_is(p, "text", NULL))
			continue;
		if (a->all_values || (a->text_values && has(&parts->text, p)) ||
		    (a->html_values && has(&parts->html, p)))
			write_value(m, p);
	}
}

void jmap_part_values_write(struct jmap_email *m)
{
	json_object(&m->c->w);
	jmap_winmail_load(m);
	write_values(m, jmap_email_root(m));
	for (size_t i = 0; i < m->inner_n; i++)
		write_values(m, m->inner[i].root);
	json_end(&m->c->w);
}
