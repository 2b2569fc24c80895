/* SearchSnippet/get (RFC 8621, 5): where the words of a search stand. */
#include "base/utf8.h"
#include "jmap/email.h"
#include "jmap/filter.h"
#include "jmap/methods.h"
#include "store/meta.h"
#include "text/extract.h"
#include "text/fold.h"

/* Of a body that is looked at, and shown (RFC 8621, 5: 255 octets). */
#define BODY_MAX   ((size_t)4096)
#define SHOWN_MAX  ((size_t)180)
#define BEFORE_MAX ((size_t)40)

static size_t char_length(struct str s)
{
	struct str rest = s;
	uint32_t c;

	return utf8_next(&rest, &c) == UTF8_END ? 0 : s.n - rest.n;
}

/* How many bytes of `s` are the word, folded; 0: it does not begin so. */
static size_t begins(struct arena *a, struct str s, struct str word)
{
	size_t n = 0, step;

	while (n < s.n && (step = char_length(str_from(s, n))) > 0) {
		struct str folded;

		n += step;
		folded = text_fold_dup(a, str_to(s, n));
		if (folded.n == 0 || folded.n > word.n ||
		    !str_starts(word, folded))
			return 0;
		if (folded.n == word.n)
			return n;
	}
	return 0;
}

static size_t match(struct arena *a, struct str s, const struct jmap_texts *t)
{
	size_t longest = 0;

	for (size_t i = 0; i < t->n; i++) {
		size_t n = t->v[i].n ? begins(a, s, t->v[i]) : 0;

		longest = n > longest ? n : longest;
	}
	return longest;
}

static void add_html(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		switch (s.p[i]) {
		case '&': buf_add_z(b, "&amp;"); break;
		case '<': buf_add_z(b, "&lt;"); break;
		case '>': buf_add_z(b, "&gt;"); break;
		default: buf_add_c(b, s.p[i]);
		}
}

/* The text as HTML with <mark> around the words, or null without any. */
static void write_marked(struct jmap_call *c, const char *name, struct arena *a,
                         struct str s, const struct jmap_texts *t)
{
	bool any = false;
	struct buf b;

	buf_init(&b, 65536);
	while (s.n) {
		size_t n = match(a, s, t), step = n ? n : char_length(s);

		if (n)
			buf_add_z(&b, "<mark>");
		add_html(&b, str_to(s, step));
		if (n)
			buf_add_z(&b, "</mark>");
		any |= n > 0;
		s = str_from(s, step);
	}
	json_key(&c->w, str_z(name));
	if (any && !buf_overflow(&b))
		json_str(&c->w, buf_str(&b));
	else
		json_null(&c->w);
	buf_deinit(&b);
}

/* What is around the first word. */
static struct str window(struct arena *a, struct str s,
                         const struct jmap_texts *t)
{
	size_t at = 0, from = 0;

	while (at < s.n && !match(a, str_from(s, at), t)) {
		at += char_length(str_from(s, at));
		while (at - from > BEFORE_MAX)
			from += char_length(str_from(s, from));
	}
	if (at >= s.n)
		return STR("");
	return utf8_head(str_from(s, from), SHOWN_MAX);
}

static struct str body_text(struct jmap_email *m, struct buf *b)
{
	const struct jmap_parts *parts = jmap_email_parts(m);

	if (parts->text.n == 0 ||
	    !mime_part_is(parts->text.v[0], "text", NULL) ||
	    !jmap_email_open(m))
		return STR("");
	(void)text_part(b, m->message, parts->text.v[0], true);
	return text_line(m->arena, utf8_head(buf_str(b), b->n));
}

/* 1, 0 when there is none, -1. */
static int write_one(struct jmap_call *c, struct str id,
                     const struct jmap_texts *t, struct arena *a)
{
	struct jmap_email m = { .c = c, .arena = a };
	uint64_t no = jmap_no(c, id, STORE_ID_EMAIL);
	struct err err = ERR_INIT;
	struct buf b;

	if (!no)
		return 0;
	if (fetch_email(c->store, c->account, no, FETCH_META, a, &m.stored,
	                &err) < 0)
		return err.kind == ERR_NOT_FOUND ? 0 : jmap_fail(c, &err);
	if (!jmap_email_visible(&m.stored))
		return 0;
	buf_init(&b, BODY_MAX);
	json_object(&c->w);
	json_member_str(&c->w, "emailId", id);
	write_marked(c, "subject", a,
	             utf8_head(meta_get(m.stored.row.meta, META_SUBJECT),
	                       BODY_MAX / 4),
	             t);
	write_marked(c, "preview", a, window(a, body_text(&m, &b), t), t);
	json_end(&c->w);
	buf_deinit(&b);
	jmap_email_close(&m);
	return 1;
}

int jmap_snippet_get(struct jmap_call *c)
{
	static const char *const known[] = { "accountId", "filter", "emailIds",
		                             NULL };
	struct jmap_texts texts = { .n = 0 };
	struct json filter = { NULL };
	struct str *ids, *missing;
	size_t n, missing_n = 0;
	struct query *q;
	struct arena one;
	int rc = 0;

	(void)jmap_arg(c, "filter", &filter);
	if (jmap_args_known(c, known) < 0 || jmap_args_account(c) < 0 ||
	    jmap_read_ids(c, "emailIds", JMAP_OBJECTS_IN_GET, &ids, &n) < 0 ||
	    jmap_filter_read(c, filter, &q, &texts) < 0)
		return -1;
	if (!ids)
		return jmap_error(c, "invalidArguments", "no emailIds");
	for (size_t i = 0; i < texts.n; i++)
		texts.v[i] = text_fold_dup(c->arena, texts.v[i]);
	missing = arena_array(c->arena, n + 1, sizeof(*missing));
	jmap_write_account(c);
	json_key(&c->w, STR("list"));
	json_array(&c->w);
	arena_init(&one);
	for (size_t i = 0; rc >= 0 && i < n; i++) {
		arena_reset(&one);
		rc = write_one(c, ids[i], &texts, &one);
		if (rc == 0)
			missing[missing_n++] = ids[i];
	}
	arena_deinit(&one);
	jmap_get_end(c, missing, missing_n);
	return rc < 0 ? -1 : 0;
}
