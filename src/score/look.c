#include "score/look.h"

#include <string.h>

#include "text/charset.h"
#include "text/extract.h"
#include "wire/mime/word.h"

static const struct mime_limits limits = {
	.depth_max = LOOK_DEPTH_MAX,
	.parts_max = LOOK_PARTS_MAX,
	.languages_max = 1,
	.field_max = 16 * 1024,
	.fields_total_max = 256 * 1024,
	.boundary_max = 256,
	.params = { .params_max = 16,
	            .segments_max = 64,
	            .bytes_max = 8 * 1024 },
};

static const struct address_limits addresses = {
	.addresses_max = 200,
	.bytes_max = 16 * 1024,
};

/* Encoded words decoded and nothing left out: text_header() takes off what is
 * not seen, and just that is to be found here. */
static struct str decode_all(struct arena *a, struct str raw)
{
	struct word_reader r;
	struct word w;
	struct buf b;
	struct str out;

	raw = field_unfold(a, raw);
	if (raw.n > 2048)
		raw.n = 2048;
	if (str_find(raw, STR("=?")) == STR_NPOS)
		return raw;
	r = word_reader(raw);
	buf_init(&b, 16 * 1024);
	while (word_next(&r, a, &w)) {
		if (w.charset.n)
			text_to_utf8(&b, w.charset, w.bytes);
		else
			buf_add(&b, w.bytes);
	}
	out = arena_dup(a, buf_str(&b));
	buf_deinit(&b);
	return out;
}

static struct str lower(struct arena *a, struct str s)
{
	struct str out = arena_dup(a, s);
	char *p = arena_strz(a, out);

	for (size_t i = 0; i < s.n; i++)
		p[i] = ascii_lower(p[i]);
	return (struct str){ p, s.n };
}

static size_t mailboxes(const struct address_list *list)
{
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++)
		n += list->v[i].kind == ADDRESS_MAILBOX;
	return n;
}

static void read_field(struct score_look *l, enum field_id id,
                       struct address_list *out)
{
	memset(out, 0, sizeof(*out));
	if (l->fields.count[id])
		address_list_parse(l->a, l->fields.first[id], &addresses, out);
}

static void look_header(struct score_look *l)
{
	const struct address *from;
	struct str raw;

	read_field(l, FIELD_FROM, &l->from);
	read_field(l, FIELD_TO, &l->to);
	read_field(l, FIELD_CC, &l->cc);
	read_field(l, FIELD_REPLY_TO, &l->reply_to);
	l->to_n = mailboxes(&l->to) + mailboxes(&l->cc);
	raw = l->fields.first[FIELD_SUBJECT];
	if (raw.n > 4096)
		raw.n = 4096;
	l->subject = text_header(l->a, raw);
	l->subject_all = decode_all(l->a, raw);
	from = address_list_first(&l->from);
	if (!from)
		return;
	l->from_name = text_header(l->a, from->name);
	l->from_name_all = decode_all(l->a, from->name);
	if (from->local.n && from->domain.n && from->local.n < 256 &&
	    from->domain.n < 256) {
		l->from_address = lower(l->a, arena_fmt(l->a, "%.*s@%.*s",
		                                        STR_ARG(from->local),
		                                        STR_ARG(from->domain)));
		l->from_domain = str_from(l->from_address, from->local.n + 1);
	}
}

/* Without the empty line, and not cut in a line: both would read as damage. */
static struct str whole_lines(struct str message, size_t n)
{
	struct str h = str_to(message, n);
	size_t lf;

	if (n > LOOK_HEADER_MAX) {
		lf = str_rchr(str_to(h, LOOK_HEADER_MAX), '\n');
		h.n = lf == STR_NPOS ? LOOK_HEADER_MAX : lf + 1;
	} else if (str_ends(h, STR("\r\n\r\n"))) {
		h.n -= 2;
	} else if (str_ends(h, STR("\n\n")) || str_eq(h, STR("\r\n"))) {
		h.n -= h.n == 2 ? 2 : 1;
	}
	return h;
}

void score_look_make(struct arena *a, struct str message,
                     struct score_look *out)
{
	struct score_look *l = out;
	size_t n = field_header_length(message);

	memset(l, 0, sizeof(*l));
	l->a = a;
	l->message = message;
	l->header = whole_lines(message, n);
	field_index_make(l->header, &l->fields);
	look_header(l);
	l->root = mime_parse(a, message, &limits);
	buf_init(&l->text, LOOK_TEXT_MAX * LOOK_TEXTS_MAX + 64);
	look_files(l);
	look_texts(l);
}

void score_look_free(struct score_look *l)
{
	buf_deinit(&l->text);
}
