#include "text/extract.h"

#include <string.h>

#include "text/body.h"
#include "text/fold.h"
#include "text/idn.h"
#include "text/nfc.h"
#include "text/preview.h"
#include "wire/message/field.h"
#include "wire/message/header.h"
#include "wire/message/msgid.h"

const struct text_limits text_limits_default = {
	.search_max = 1024 * 1024,
	.preview_max = 256,
	.key_max = 255,
	.header_max = 8 * 1024,
	.thread_ids_max = 100,
};

struct maker {
	struct arena *arena;
	struct str message;
	const struct mime_structure *st;
	const struct text_limits *limits;
	struct text_extract *out;
	struct text_body body;
	struct buf first; /* the beginning of the text for the preview */
	bool has_preview;
};

/* ---- sections of the search text ---- */

static void begin_section(struct maker *m, enum text_section kind)
{
	buf_add_c(&m->out->search, '\1');
	buf_add_c(&m->out->search, (char)kind);
}

static void add_section(struct maker *m, enum text_section kind,
                        struct str utf8)
{
	if (utf8.n == 0)
		return;
	begin_section(m, kind);
	text_fold(&m->out->search, utf8);
}

/* "name <local@domain>", and the domain in its other form behind it. */
static struct str address_line(struct maker *m, const struct address *a)
{
	struct str name = text_header(m->arena, a->name);
	struct str shown = text_domain_display(m->arena, a->domain);

	if (a->kind == ADDRESS_GROUP)
		return name;
	if (str_eq(shown, a->domain))
		return arena_fmt(m->arena, "%.*s <%.*s@%.*s>", STR_ARG(name),
		                 STR_ARG(a->local), STR_ARG(a->domain));
	return arena_fmt(m->arena, "%.*s <%.*s@%.*s> <%.*s@%.*s>",
	                 STR_ARG(name), STR_ARG(a->local), STR_ARG(a->domain),
	                 STR_ARG(a->local), STR_ARG(shown));
}

static void add_addresses(struct maker *m, enum text_section kind,
                          const struct address_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->v[i].kind != ADDRESS_GROUP_END)
			add_section(m, kind, address_line(m, &list->v[i]));
}

/* Has a section of its own, or nobody searches it. */
static bool is_left_out(enum field_id id)
{
	switch (id) {
	case FIELD_SUBJECT:
	case FIELD_FROM:
	case FIELD_TO:
	case FIELD_CC:
	case FIELD_BCC:
	case FIELD_DKIM_SIGNATURE:
	case FIELD_DOMAINKEY_SIGNATURE:
	case FIELD_ARC_SEAL:
	case FIELD_ARC_SIGNATURE:
	case FIELD_ARC_RESULTS: return true;
	default: return false;
	}
}

static void add_header(struct maker *m)
{
	struct header_reader r =
		header_reader(mime_part_header(m->st->root, m->message));
	struct header_field f;
	enum header_result got;

	while ((got = header_next(&r, &f)) != HEADER_END) {
		struct text_folder folder;
		struct str raw = f.raw;

		if (got == HEADER_BAD || is_left_out(field_id(f.name)))
			continue;
		if (raw.n > m->limits->header_max)
			raw.n = m->limits->header_max;
		begin_section(m, TEXT_HEADER);
		text_folder_init(&folder, &m->out->search);
		text_folder_add(&folder, f.name);
		text_folder_add(&folder, STR(": "));
		text_folder_add(&folder, text_header(m->arena, raw));
		text_folder_end(&folder);
		if (buf_overflow(&m->out->search))
			return;
	}
}

/* ---- bodies ---- */

struct sink {
	struct maker *m;
	struct text_folder folder;
	bool preview; /* keep the beginning */
};

static bool take_text(void *arg, struct str utf8)
{
	struct sink *s = arg;
	struct buf *first = &s->m->first;

	if (s->preview && first->n < PREVIEW_SOURCE_MAX) {
		size_t room = PREVIEW_SOURCE_MAX - first->n;

		buf_add(first, str_to(utf8, utf8.n < room ? utf8.n : room));
	}
	text_folder_add(&s->folder, utf8);
	return !buf_overflow(&s->m->out->search) ||
	       (s->preview && first->n < PREVIEW_SOURCE_MAX);
}

static void add_body(struct maker *m, const struct mime_part *p,
                     enum text_section kind)
{
	struct sink s = { .m = m };

	s.preview = kind == TEXT_BODY && !m->has_preview;
	if (buf_overflow(&m->out->search) && !s.preview)
		return;
	buf_reset(&m->first);
	begin_section(m, kind);
	text_folder_init(&s.folder, &m->out->search);
	text_body_read(&m->body, m->message, p, true, take_text, &s);
	text_folder_end(&s.folder);
	if (!s.preview)
		return;
	m->out->preview = text_preview(m->arena, buf_str(&m->first),
	                               m->limits->preview_max);
	m->has_preview = m->out->preview.n > 0;
}

static bool is_in_message(const struct mime_part *p)
{
	for (p = p->parent; p; p = p->parent)
		if (p->kind == MIME_MESSAGE)
			return true;
	return false;
}

/* What the reader sees comes before what is attached, so that a long
 * attachment takes no room from it. */
static void add_bodies(struct maker *m, bool attached)
{
	for (const struct mime_part *p = m->st->root; p;
	     p = mime_part_next(p)) {
		bool is_attached =
			is_in_message(p) || mime_part_is_attachment(p);

		if (is_attached != attached || p->kind == MIME_MULTIPART)
			continue;
		if (p->kind == MIME_MESSAGE) {
			add_section(m, TEXT_ATTACHED,
			            text_header(m->arena,
			                        p->envelope->subject));
			add_addresses(m, TEXT_ATTACHED, &p->envelope->from);
			add_addresses(m, TEXT_ATTACHED, &p->envelope->to);
		} else if (mime_part_is(p, "text", NULL) ||
		           mime_part_is(p, "message", "delivery-status")) {
			add_body(m, p, attached ? TEXT_ATTACHED : TEXT_BODY);
		}
	}
}

static void add_names(struct maker *m)
{
	for (const struct mime_part *p = m->st->root; p;
	     p = mime_part_next(p)) {
		const struct mime_param *name = mime_part_filename(p);

		if (name)
			add_section(m, TEXT_NAME, text_param(m->arena, name));
		if (!is_in_message(p) && mime_part_is_attachment(p))
			m->out->has_attachment = true;
	}
}

/* ---- keys ---- */

static struct str sort_key(struct maker *m, struct str utf8)
{
	struct str key;

	if (utf8.n > m->limits->key_max)
		utf8 = text_cut(utf8, m->limits->key_max);
	key = text_casemap_key(m->arena, text_utf8_repair(m->arena, utf8));
	return str_to(key,
	              key.n < m->limits->key_max ? key.n : m->limits->key_max);
}

static struct str mailbox_key(struct maker *m, const struct address_list *list)
{
	if (list->n == 0)
		return STR("");
	if (list->v[0].kind == ADDRESS_GROUP) /* RFC 5256, 3, FROM */
		return sort_key(m, text_header(m->arena, list->v[0].name));
	return sort_key(m, list->v[0].local);
}

/* RFC 5957, 3: the display name, else the address. */
static struct str display_key(struct maker *m, const struct address_list *list)
{
	const struct address *a = list->v;
	struct str name;

	if (list->n == 0)
		return STR("");
	name = text_header(m->arena, a->name);
	if (name.n)
		return sort_key(m, name);
	return sort_key(m, arena_fmt(m->arena, "%.*s@%.*s", STR_ARG(a->local),
	                             STR_ARG(a->domain)));
}

static void make_keys(struct maker *m)
{
	const struct mime_envelope *e = &m->st->envelope;
	struct text_extract *out = m->out;

	out->sort_subject = sort_key(m, out->base_subject);
	out->sort_from = display_key(m, &e->from);
	out->sort_to = display_key(m, &e->to);
	out->sort_from_mailbox = mailbox_key(m, &e->from);
	out->sort_to_mailbox = mailbox_key(m, &e->to);
	out->sort_cc_mailbox = mailbox_key(m, &e->cc);
}

/* Lists are short (thread_ids_max), so looking through is cheap. */
static void add_thread_id(struct text_extract *out, struct str id, uint32_t max)
{
	if (id.n == 0 || str_eq(id, out->message_id))
		return;
	for (uint32_t i = 0; i < out->thread_ids_n; i++)
		if (str_eq(out->thread_ids[i], id))
			return;
	if (out->thread_ids_n < max)
		out->thread_ids[out->thread_ids_n++] = id;
}

static void make_thread(struct maker *m)
{
	const struct mime_envelope *e = &m->st->envelope;
	uint32_t max = m->limits->thread_ids_max;
	struct text_extract *out = m->out;
	struct msgid_list refs, parents;

	out->message_id = msgid_parse(m->arena, e->message_id);
	msgid_list_parse(m->arena, e->references, max, &refs);
	msgid_list_parse(m->arena, e->in_reply_to, max, &parents);
	if (refs.n + parents.n == 0)
		return;
	out->thread_ids = arena_array(m->arena, max, sizeof(struct str));
	for (size_t i = 0; i < refs.n; i++)
		add_thread_id(out, refs.v[i], max);
	for (size_t i = 0; i < parents.n; i++)
		add_thread_id(out, parents.v[i], max);
}

/* ---- all of it ---- */

static void make_search(struct maker *m)
{
	const struct mime_envelope *e = &m->st->envelope;

	add_section(m, TEXT_SUBJECT, m->out->subject);
	add_addresses(m, TEXT_FROM, &e->from);
	add_addresses(m, TEXT_TO, &e->to);
	add_addresses(m, TEXT_CC, &e->cc);
	add_addresses(m, TEXT_BCC, &e->bcc);
	add_names(m);
	add_header(m);
	add_bodies(m, false);
	add_bodies(m, true);
}

void text_extract(struct arena *a, struct str message,
                  const struct mime_structure *st,
                  const struct text_limits *limits, struct text_extract *out)
{
	struct maker m = {
		.arena = a,
		.message = message,
		.st = st,
		.limits = limits ? limits : &text_limits_default,
		.out = out,
	};
	struct str subject = st->envelope.subject;

	memset(out, 0, sizeof(*out));
	buf_init(&out->search, m.limits->search_max);
	buf_init(&m.first, PREVIEW_SOURCE_MAX);
	text_body_init(&m.body);
	if (subject.n > m.limits->header_max)
		subject.n = m.limits->header_max;
	out->subject = text_header(a, subject);
	out->base_subject = text_base_subject(out->subject, &out->is_reply);
	make_keys(&m);
	make_thread(&m);
	make_search(&m);
	out->search_cut = buf_overflow(&out->search);
	text_body_deinit(&m.body);
	buf_deinit(&m.first);
}

void text_extract_free(struct text_extract *ex)
{
	buf_deinit(&ex->search);
}

bool text_section_next(struct str *rest, enum text_section *kind,
                       struct str *text)
{
	size_t end;

	while (rest->n > 1 && rest->p[0] != '\1')
		*rest = str_from(*rest, 1);
	if (rest->n < 2)
		return false;
	*kind = (enum text_section)rest->p[1];
	*rest = str_from(*rest, 2);
	end = str_chr(*rest, '\1');
	*text = str_to(*rest, end == STR_NPOS ? rest->n : end);
	*rest = str_from(*rest, text->n);
	return true;
}
