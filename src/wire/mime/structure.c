#include "wire/mime/structure.h"

#include <string.h>

#include "wire/message/date.h"
#include "wire/message/field.h"

const struct mime_structure_limits mime_structure_limits_default = {
	.mime = {
		.depth_max = 50,
		.parts_max = 5000,
		.languages_max = 16,
		.field_max = 64 * 1024,
		.fields_total_max = 4 * 1024 * 1024,
		.boundary_max = 256,
		.params = { 64, 256, 64 * 1024 },
	},
	.addresses = { 4096, 1024 * 1024 },
	.string_max = 16 * 1024,
	.strings_max = 1024 * 1024,
};

/* What may still be kept of the message's strings. */
struct maker {
	struct arena *arena;
	const struct mime_structure_limits *limits;
	size_t left;
	bool cut;
};

/* False when the budget is spent: then the string is left out. */
static bool spend(struct maker *m, size_t n)
{
	if (n > m->left) {
		m->cut = true;
		return false;
	}
	m->left -= n;
	return true;
}

static struct str kept(struct maker *m, struct str s)
{
	if (s.n > m->limits->string_max) {
		s.n = m->limits->string_max;
		m->cut = true;
	}
	return spend(m, s.n) ? s : (struct str){ NULL, 0 };
}

static struct str kept_field(struct maker *m, const struct field_index *ix,
                             enum field_id id)
{
	struct str raw = ix->first[id];

	if (!raw.p)
		return raw;
	if (raw.n > m->limits->string_max * 2) /* before unfolding */
		raw.n = m->limits->string_max * 2;
	raw = field_unfold(m->arena, raw);
	return raw.p ? kept(m, raw) : STR("");
}

/* Programs write their References to the end, and readers need the first and
 * the newest: a list too long loses its middle, at a blank. */
static struct str kept_references(struct maker *m, const struct field_index *ix)
{
	struct str raw = ix->first[FIELD_REFERENCES], head, tail;
	size_t half = m->limits->string_max / 2, at;

	if (raw.n <= m->limits->string_max)
		return kept_field(m, ix, FIELD_REFERENCES);
	m->cut = true;
	head = str_to(raw, half);
	at = str_rchr(head, ' ');
	head.n = at == STR_NPOS ? 0 : at;
	tail = str_from(raw, raw.n - half + 1);
	at = str_chr(tail, ' ');
	tail = str_from(tail, at == STR_NPOS ? tail.n : at);
	return kept(m, field_unfold(m->arena,
	                            arena_fmt(m->arena, "%.*s%.*s",
	                                      STR_ARG(head), STR_ARG(tail))));
}

static void keep_addresses(struct maker *m, const struct field_index *ix,
                           enum field_id id, struct address_list *out)
{
	size_t i;

	*out = (struct address_list){ .n = 0 };
	if (!ix->first[id].p)
		return;
	address_list_parse(m->arena, ix->first[id], &m->limits->addresses, out);
	for (i = 0; i < out->n; i++) {
		struct address *a = &out->v[i];

		a->name = kept(m, a->name);
		a->route = kept(m, a->route);
		a->local = kept(m, a->local);
		a->domain = kept(m, a->domain);
		if (!spend(m, sizeof(*a)))
			break;
	}
	out->cut |= i < out->n;
	m->cut |= out->cut;
	out->n = i;
}

static void make_envelope(struct maker *m, struct str header,
                          struct mime_envelope *out)
{
	struct field_index ix;
	struct date date;

	memset(out, 0, sizeof(*out));
	field_index_make(header, &ix);
	out->date = kept_field(m, &ix, FIELD_DATE);
	out->subject = kept_field(m, &ix, FIELD_SUBJECT);
	out->in_reply_to = kept_field(m, &ix, FIELD_IN_REPLY_TO);
	out->message_id = kept_field(m, &ix, FIELD_MESSAGE_ID);
	out->references = kept_references(m, &ix);
	keep_addresses(m, &ix, FIELD_FROM, &out->from);
	keep_addresses(m, &ix, FIELD_SENDER, &out->sender);
	keep_addresses(m, &ix, FIELD_REPLY_TO, &out->reply_to);
	keep_addresses(m, &ix, FIELD_TO, &out->to);
	keep_addresses(m, &ix, FIELD_CC, &out->cc);
	keep_addresses(m, &ix, FIELD_BCC, &out->bcc);
	if (date_parse(ix.first[FIELD_DATE], &date)) {
		out->has_sent = true;
		out->sent_us = date.us;
		out->sent_zone = date.zone;
	}
}

static void keep_params(struct maker *m, struct mime_params *ps)
{
	size_t n = 0;

	for (size_t i = 0; i < ps->n; i++) {
		struct mime_param p = ps->v[i];

		p.name = kept(m, p.name);
		p.value = kept(m, p.value);
		if (p.name.n)
			ps->v[n++] = p;
	}
	ps->n = n;
}

static void keep_part(struct maker *m, struct mime_part *p)
{
	p->type = kept(m, p->type);
	p->subtype = kept(m, p->subtype);
	if (!p->type.n || !p->subtype.n) {
		p->type = STR("application");
		p->subtype = STR("octet-stream");
	}
	p->encoding_name = kept(m, p->encoding_name);
	p->id = kept(m, p->id);
	p->description = kept(m, p->description);
	p->md5 = kept(m, p->md5);
	p->location = kept(m, p->location);
	p->disposition = kept(m, p->disposition);
	keep_params(m, &p->params);
	keep_params(m, &p->disposition_params);
	for (uint32_t i = 0; i < p->languages_n; i++)
		p->languages[i] = kept(m, p->languages[i]);
}

void mime_structure_make(struct arena *a, struct str message,
                         const struct mime_structure_limits *limits,
                         struct mime_structure *out)
{
	struct maker m = {
		.arena = a,
		.limits = limits ? limits : &mime_structure_limits_default,
	};
	struct mime_structure st = { .size = message.n };

	m.left = m.limits->strings_max;
	st.root = mime_parse(a, message, &m.limits->mime);
	make_envelope(&m, mime_part_header(st.root, message), &st.envelope);
	for (struct mime_part *p = st.root; p; p = mime_part_next(p)) {
		keep_part(&m, p);
		if (p->kind != MIME_MESSAGE)
			continue;
		p->envelope = arena_zalloc(a, sizeof(*p->envelope));
		make_envelope(&m, mime_part_header(p->child, message),
		              p->envelope);
	}
	st.cut = m.cut;
	*out = st;
}

void mime_envelope_make(struct arena *a, struct str header,
                        const struct mime_structure_limits *limits,
                        struct mime_envelope *out)
{
	struct maker m = {
		.arena = a,
		.limits = limits ? limits : &mime_structure_limits_default,
	};

	m.left = m.limits->strings_max;
	make_envelope(&m, header, out);
}
