#include "jmap/winmail.h"

#include "wire/tnef/mime.h"
#include "wire/tnef/tnef.h"

bool jmap_winmail_read(struct buf *out, struct str bytes)
{
	return tnef_is(bytes) && tnef_write_mime(out, bytes);
}

static bool is_winmail(const struct mime_part *p)
{
	return p->kind == MIME_SINGLE &&
	       (mime_part_is(p, "application", "ms-tnef") ||
	        mime_part_is(p, "application", "vnd.ms-tnef"));
}

static void read_part(struct jmap_email *m, const struct mime_part *p)
{
	struct jmap_inner *in = &m->inner[m->inner_n];
	struct buf raw;

	if (!jmap_email_open(m))
		return;
	buf_init(&raw, JMAP_BLOB_PART_MAX);
	buf_init(&in->bytes, TNEF_MIME_MAX);
	jmap_part_decode(&raw, m->message, p);
	if (!buf_overflow(&raw) &&
	    jmap_winmail_read(&in->bytes, buf_str(&raw))) {
		in->at = p;
		in->root = mime_parse(m->arena, buf_str(&in->bytes), NULL);
		m->inner_n++;
	} else {
		buf_deinit(&in->bytes);
	}
	buf_deinit(&raw);
}

void jmap_winmail_load(struct jmap_email *m)
{
	const struct mime_part *within = NULL; /* a message: not ours */

	if (m->has_inner)
		return;
	m->has_inner = true;
	for (const struct mime_part *p = jmap_email_root(m);
	     p && m->inner_n < JMAP_INNER_MAX; p = mime_part_next(p)) {
		if (within && p->header_at < within->end)
			continue;
		within = p->kind == MIME_MESSAGE ? p : NULL;
		if (is_winmail(p))
			read_part(m, p);
	}
}

const struct jmap_inner *jmap_winmail_at(struct jmap_email *m,
                                         const struct mime_part *p)
{
	jmap_winmail_load(m);
	for (size_t i = 0; i < m->inner_n; i++)
		if (m->inner[i].at == p)
			return &m->inner[i];
	return NULL;
}

const struct jmap_inner *jmap_winmail_of(struct jmap_email *m,
                                         const struct mime_part *p)
{
	for (size_t i = 0; i < m->inner_n; i++)
		for (const struct mime_part *k = m->inner[i].root; k;
		     k = mime_part_next(k))
			if (k == p)
				return &m->inner[i];
	return NULL;
}

/* ---- lists ---- */

static void push(struct arena *a, struct jmap_part_list *l,
                 const struct mime_part *p)
{
	if (l->n == l->cap) {
		size_t cap = l->cap ? l->cap * 2 : 8;
		const struct mime_part **more =
			arena_array(a, cap, sizeof(struct mime_part *));

		for (size_t i = 0; i < l->n; i++)
			more[i] = l->v[i];
		l->v = more;
		l->cap = cap;
	}
	l->v[l->n++] = p;
}

static bool has_html(const struct jmap_part_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (mime_part_is(l->v[i], "text", "html"))
			return true;
	return false;
}

/* Nothing that anybody could read. */
static bool is_blank(const struct jmap_email *m, const struct jmap_part_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		struct str body = mime_part_body(l->v[i], m->message);

		if (str_trim(body).n > 0)
			return false;
	}
	return true;
}

/* What stands beside the wrapper is what the sender's program thought enough
 * for others; richer is what it holds. */
static void sort_one(struct jmap_email *m, const struct jmap_inner *in,
                     struct jmap_parts *parts)
{
	struct jmap_part_list attached = { .n = 0 };
	struct jmap_parts inner;

	jmap_parts_sort(m->arena, in->root, &inner);
	if (inner.text.n && is_blank(m, &parts->text))
		parts->text = inner.text;
	if (inner.html.n && !has_html(&parts->html) &&
	    (has_html(&inner.html) || is_blank(m, &parts->html)))
		parts->html = inner.html;
	for (size_t i = 0; i < parts->attached.n; i++) {
		if (parts->attached.v[i] != in->at) {
			push(m->arena, &attached, parts->attached.v[i]);
			continue;
		}
		for (size_t k = 0; k < inner.attached.n; k++)
			push(m->arena, &attached, inner.attached.v[k]);
	}
	parts->attached = attached;
}

void jmap_winmail_sort(struct jmap_email *m, struct jmap_parts *parts)
{
	jmap_winmail_load(m);
	for (size_t i = 0; i < m->inner_n; i++)
		sort_one(m, &m->inner[i], parts);
}
