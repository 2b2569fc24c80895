#include "jmap/parts.h"

#include <string.h>

static void push(struct arena *a, struct jmap_part_list *l,
                 const struct mime_part *p)
{
	if (l->n == l->cap) {
		const struct mime_part **more;

		l->cap = l->cap ? l->cap * 2 : 8;
		more = arena_array(a, l->cap, sizeof(struct mime_part *));
		if (l->n)
			memcpy(more, l->v, l->n * sizeof(*more));
		l->v = more;
	}
	l->v[l->n++] = p;
}

bool jmap_part_has_sub(const struct mime_part *p)
{
	return p->kind == MIME_MULTIPART;
}

static bool is_media(const struct mime_part *p)
{
	return mime_part_is(p, "image", NULL) ||
	       mime_part_is(p, "audio", NULL) || mime_part_is(p, "video", NULL);
}

static bool is_text(const struct mime_part *p, const char *subtype)
{
	return mime_part_is(p, "text", subtype);
}

/* To be shown where it stands, not below as a file. */
static bool is_inline(const struct mime_part *p, size_t i, bool related)
{
	if (p->kind != MIME_SINGLE ||
	    str_eq_case(p->disposition, STR("attachment")))
		return false;
	if (!is_text(p, "plain") && !is_text(p, "html") && !is_media(p))
		return false;
	/* Of a multipart/related the first alone; a text with a file name
	 * that is not the first is a file. */
	return i == 0 || (!related && (is_media(p) || !mime_part_filename(p)));
}

struct sorting {
	struct arena *arena;
	struct jmap_parts *out;
};

/* A list that is NULL takes nothing: the other kind was found. */
struct where {
	bool alternative, related, in_alternative;
	struct jmap_part_list *text, *html;
};

static void sort_list(struct sorting *s, const struct mime_part *first,
                      struct where w);

static void sort_sub(struct sorting *s, const struct mime_part *p,
                     const struct where *w)
{
	bool alternative = mime_part_is(p, "multipart", "alternative");

	sort_list(s, p->child,
	          (struct where){
			  .alternative = alternative,
			  .related = mime_part_is(p, "multipart", "related"),
			  .in_alternative = w->in_alternative || alternative,
			  .text = w->text,
			  .html = w->html,
		  });
}

static void sort_inline(struct sorting *s, const struct mime_part *p,
                        struct where *w)
{
	struct jmap_part_list *attached = &s->out->attached;

	if (w->alternative) {
		struct jmap_part_list *to = is_text(p, "plain")  ? w->text
		                            : is_text(p, "html") ? w->html
		                                                 : attached;

		if (to)
			push(s->arena, to, p);
		return;
	}
	if (w->in_alternative) {
		if (is_text(p, "plain"))
			w->html = NULL;
		if (is_text(p, "html"))
			w->text = NULL;
	}
	if (w->text)
		push(s->arena, w->text, p);
	if (w->html)
		push(s->arena, w->html, p);
	if ((!w->text || !w->html) && is_media(p))
		push(s->arena, attached, p);
}

/* Only one kind was found in an alternative: it stands for the other too. */
static void fill_up(struct sorting *s, const struct where *w, size_t text_n,
                    size_t html_n)
{
	size_t text_end, html_end;

	if (!w->alternative || !w->text || !w->html)
		return;
	text_end = w->text->n;
	html_end = w->html->n;
	if (text_n == text_end && html_n != html_end)
		for (size_t i = html_n; i < html_end; i++)
			push(s->arena, w->text, w->html->v[i]);
	if (html_n == html_end && text_n != text_end)
		for (size_t i = text_n; i < text_end; i++)
			push(s->arena, w->html, w->text->v[i]);
}

static void sort_list(struct sorting *s, const struct mime_part *first,
                      struct where w)
{
	size_t text_n = w.text ? w.text->n : 0, html_n = w.html ? w.html->n : 0;
	size_t i = 0;

	for (const struct mime_part *p = first; p; p = p->next, i++) {
		if (jmap_part_has_sub(p))
			sort_sub(s, p, &w);
		else if (is_inline(p, i, w.related))
			sort_inline(s, p, &w);
		else
			push(s->arena, &s->out->attached, p);
	}
	fill_up(s, &w, text_n, html_n);
}

void jmap_parts_sort(struct arena *a, const struct mime_part *root,
                     struct jmap_parts *out)
{
	struct sorting s = { a, out };

	memset(out, 0, sizeof(*out));
	sort_list(&s, root,
	          (struct where){ .text = &out->text, .html = &out->html });
}

uint32_t jmap_part_no(const struct mime_part *root,
                      const struct mime_part *part)
{
	uint32_t no = 1;

	for (const struct mime_part *p = root; p && p != part;
	     p = mime_part_next(p))
		no++;
	return no;
}

const struct mime_part *jmap_part_find(const struct mime_part *root,
                                       uint64_t no)
{
	const struct mime_part *p = root;

	while (p && no > 1) {
		p = mime_part_next(p);
		no--;
	}
	return no == 1 ? p : NULL;
}

struct str jmap_part_type(struct arena *a, const struct mime_part *p)
{
	struct str s;
	char *z;

	if (mime_part_is_opaque(p) && !mime_part_is(p, "message", NULL))
		return STR("application/octet-stream");
	s = arena_fmt(a, "%.*s/%.*s", STR_ARG(p->type), STR_ARG(p->subtype));
	z = arena_strz(a, s);
	for (size_t i = 0; i < s.n; i++)
		z[i] = ascii_lower(z[i]);
	return (struct str){ z, s.n };
}
