/* The texts that a reader sees, and what HTML hides from him. */
#include <string.h>

#include "base/utf8.h"
#include "score/look.h"
#include "text/charset.h"
#include "text/extract.h"
#include "wire/html/html.h"
#include "wire/html/walk.h"

/* ---- styles ---- */

/* A size that nobody can read: "0", "1px", ".1em", "5%". */
static bool is_tiny(struct str v)
{
	size_t i = 0;
	unsigned tenths = 0;

	for (; i < v.n && ascii_is_digit(v.p[i]) && tenths < 10000; i++)
		tenths = tenths * 10 + (unsigned)(v.p[i] - '0');
	tenths *= 10;
	if (i < v.n && v.p[i] == '.') {
		i++;
		if (i < v.n && ascii_is_digit(v.p[i]))
			tenths += (unsigned)(v.p[i] - '0');
		else if (i == 1)
			return false; /* a dot alone */
		while (i < v.n && ascii_is_digit(v.p[i]))
			i++;
	}
	if (i == 0)
		return false; /* "small" */
	v = str_trim(str_from(v, i));
	if (str_starts_case(v, STR("em")) || str_starts_case(v, STR("rem")))
		return tenths <= 2;
	if (str_starts(v, STR("%")))
		return tenths <= 100;
	return tenths <= 10;
}

static bool style_hides(struct str style)
{
	struct str rest = style, item, name;

	for (int i = 0; i < 32 && str_cut(&rest, ';', &item); i++) {
		if (!str_cut(&item, ':', &name))
			continue;
		name = str_trim(name);
		item = str_trim(item);
		if ((str_eq_case(name, STR("display")) &&
		     str_starts_case(item, STR("none"))) ||
		    (str_eq_case(name, STR("visibility")) &&
		     str_starts_case(item, STR("hidden"))) ||
		    (str_eq_case(name, STR("font-size")) && is_tiny(item)) ||
		    (str_eq_case(name, STR("opacity")) &&
		     (str_eq(item, STR("0")) || str_eq(item, STR("0.0")))))
			return true;
	}
	return false;
}

static bool is_white(struct str v)
{
	return str_eq_case(v, STR("white")) || str_eq_case(v, STR("#fff")) ||
	       str_eq_case(v, STR("#ffffff")) || str_eq_case(v, STR("ffffff"));
}

static bool tag_hides(const struct html_token *t)
{
	struct str v;

	if (html_attr(t->attrs, STR("style"), &v) && style_hides(v))
		return true;
	if (html_attr(t->attrs, STR("hidden"), &v))
		return true;
	return str_eq_case(t->name, STR("font")) &&
	       html_attr(t->attrs, STR("color"), &v) && is_white(v);
}

/* ---- the walk ---- */

struct walk {
	struct score_look *l;
	struct str hidden; /* the element that hides; empty when none */
	unsigned depth;    /* of elements of that name inside it */
	bool in_link;
	struct str href;
	struct buf shown; /* text of the link */
	bool after_text;  /* a letter stood just before this tag */
	bool empty_tag;   /* since then only what is not seen */
	bool white_page;
};

static size_t seen_chars(struct str s, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n && n < max; i++)
		n += (unsigned char)s.p[i] > ' ';
	return n;
}

static bool is_letter(char c)
{
	return ascii_is_alpha(c) || (unsigned char)c >= 0x80;
}

static void take_text(struct walk *w, struct str text)
{
	size_t n = seen_chars(text, 1 << 20);

	if (w->hidden.n) {
		w->l->hidden_chars += n;
		return;
	}
	if (w->after_text && w->empty_tag && is_letter(text.p[0]))
		w->l->split_words++;
	w->after_text = is_letter(text.p[text.n - 1]);
	w->empty_tag = false;
	w->l->text_chars += n;
	if (w->in_link && w->shown.n < 400)
		buf_add(&w->shown, text);
}

static void end_link(struct walk *w)
{
	struct buf url, text;

	if (!w->in_link)
		return;
	w->in_link = false;
	buf_init(&url, 4096);
	buf_init(&text, 4096);
	html_unescape(&url,
	              str_to(w->href, w->href.n < 2000 ? w->href.n : 2000));
	html_unescape(&text, buf_str(&w->shown));
	look_link_add(w->l, arena_dup(w->l->a, str_trim(buf_str(&url))),
	              str_trim(buf_str(&text)));
	buf_deinit(&url);
	buf_deinit(&text);
	buf_reset(&w->shown);
}

static bool is_one_of(struct str name, const char *const *names)
{
	for (; *names; names++)
		if (str_eq_case(name, str_z(*names)))
			return true;
	return false;
}

static void open_tag(struct walk *w, const struct html_token *t)
{
	static const char *const single[] = { "br",   "img",  "hr",   "input",
		                              "meta", "link", "base", NULL };
	static const char *const inside[] = {
		"b", "i", "font",   "span",  "em",
		"u", "a", "strong", "small", NULL
	};
	struct score_look *l = w->l;

	if (str_eq_case(t->name, STR("a"))) {
		end_link(w);
		w->in_link = html_attr(t->attrs, STR("href"), &w->href);
	} else if (str_eq_case(t->name, STR("img"))) {
		l->images++;
	} else if (str_eq_case(t->name, STR("form"))) {
		l->form = true;
	} else if (str_eq_case(t->name, STR("script"))) {
		l->script = true;
	}
	if (!is_one_of(t->name, inside))
		w->after_text = false;
	else if (w->after_text && !ascii_is_alpha(t->name.p[0]))
		w->empty_tag = true;
	if (t->empty || is_one_of(t->name, single))
		return;
	if (w->hidden.n) {
		w->depth += str_eq_case(t->name, w->hidden) && w->depth < 1000;
	} else if (tag_hides(t)) {
		w->hidden = t->name;
		w->depth = 0;
	}
}

static void close_tag(struct walk *w, const struct html_token *t)
{
	static const char *const inside[] = {
		"b", "i", "font",   "span",  "em",
		"u", "a", "strong", "small", NULL
	};

	if (str_eq_case(t->name, STR("a")))
		end_link(w);
	if (!is_one_of(t->name, inside))
		w->after_text = false;
	if (w->hidden.n && str_eq_case(t->name, w->hidden) && w->depth-- == 0) {
		w->hidden = (struct str){ NULL, 0 };
		w->depth = 0;
	}
}

/* "Via<!-- x -->gra": a comment, or a tag nobody knows, inside a word. */
static unsigned cut_words(struct str html)
{
	unsigned n = 0;
	size_t at = 0;

	while (n < 100) {
		size_t next = str_find(str_from(html, at), STR("<!"));
		size_t end;

		if (next == STR_NPOS)
			break;
		at += next;
		end = str_chr(str_from(html, at), '>');
		if (end == STR_NPOS)
			break;
		end += at + 1;
		n += at > 0 && is_letter(html.p[at - 1]) && end < html.n &&
		     is_letter(html.p[end]);
		at = end;
	}
	return n;
}

void look_html(struct score_look *l, struct str html)
{
	struct walk w = { .l = l };
	struct html_walk h = html_walk(html);
	struct html_token t;

	buf_init(&w.shown, 1 << 20);
	l->split_words += cut_words(html);
	while (html_next(&h, &t)) {
		switch (t.kind) {
		case HTML_TEXT: take_text(&w, t.text); break;
		case HTML_OPEN: open_tag(&w, &t); break;
		case HTML_CLOSE: close_tag(&w, &t); break;
		case HTML_RAW: break;
		}
	}
	end_link(&w);
	buf_deinit(&w.shown);
}

/* ---- parts ---- */

static void look_charset(struct score_look *l, const struct mime_part *p,
                         struct str body)
{
	struct str charset = mime_params_value(&p->params, STR("charset"));

	if (charset.n == 0)
		return;
	if (!text_charset_known(charset)) {
		l->charset_unknown = true;
		return;
	}
	if (p->encoding != MIME_8BIT && p->encoding != MIME_7BIT)
		return;
	body = str_to(body, body.n < 4096 ? body.n : 4096);
	if ((str_eq_case(charset, STR("us-ascii")) && !utf8_is_ascii(body)) ||
	    (str_eq_case(charset, STR("utf-8")) &&
	     !utf8_is_valid(utf8_head(body, body.n))))
		l->charset_differs = true;
}

static void look_part(struct score_look *l, const struct mime_part *p,
                      bool again)
{
	struct str body = mime_part_body(p, l->message);
	bool html = mime_part_is(p, "text", "html");
	struct buf b;

	buf_init(&b, LOOK_TEXT_MAX);
	(void)text_part(&b, l->message, p, false);
	if (!html && html_is_likely(buf_str(&b)))
		html = true;
	look_charset(l, p, body);
	if (html) {
		struct buf plain;

		l->has_html = true;
		look_html(l, buf_str(&b));
		/* The same words stand in the plain part already. */
		if (!again) {
			buf_init(&plain, LOOK_TEXT_MAX);
			html_to_text(&plain, buf_str(&b));
			buf_add(&l->text, buf_str(&plain));
			buf_deinit(&plain);
		}
	} else {
		l->has_plain = true;
		l->plain_base64 |= p->encoding == MIME_BASE64 &&
		                   body.n < 64 * 1024 &&
		                   utf8_is_ascii(buf_str(&b));
		l->text_chars += seen_chars(buf_str(&b), 1 << 20);
		look_links_of_text(l, buf_str(&b));
		buf_add(&l->text, buf_str(&b));
	}
	buf_add_c(&l->text, '\n');
	buf_deinit(&b);
}

void look_texts(struct score_look *l)
{
	unsigned n = 0;

	for (struct mime_part *p = l->root; p && n < LOOK_TEXTS_MAX;
	     p = mime_part_next(p)) {
		if (p->kind != MIME_SINGLE || !mime_part_is(p, "text", NULL) ||
		    mime_part_is_attachment(p))
			continue;
		/* HTML beside its plain text adds links, not words, unless
		 * it says much more. */
		look_part(l, p,
		          l->text.n > 400 && p->parent &&
		                  mime_part_is(p->parent, "multipart",
		                               "alternative"));
		n++;
	}
	look_phrases_count(str_to(buf_str(&l->text), l->text.n < LOOK_TEXT_MAX
	                                                     ? l->text.n
	                                                     : LOOK_TEXT_MAX),
	                   &l->phrases);
}
