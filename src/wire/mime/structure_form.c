/*
 * The kept form of a structure (docs/formats/structure.md):
 *
 *	version 1, flags, size, envelope, part
 *
 * Numbers are groups of 7 bits, lowest first, the top bit set on all but the
 * last.  A string is its length + 1 and its bytes; 0 is "missing".  Ranges
 * are differences: from the parent's or the last sibling's to the header, to
 * the body, to the end.  A part is followed by its children.
 */
#include <string.h>

#include "wire/mime/structure.h"

#define VERSION 1

/* Read no deeper and no more than any limits of ours could have written. */
#define DEPTH_MAX 256
#define PARTS_MAX 100000

enum {
	STRUCTURE_CUT = 1,
};

enum {
	ENVELOPE_SENT = 1,
};

enum {
	LIST_DAMAGED = 1,
	LIST_CUT = 2,
};

enum {
	PART_DESCRIBED = 4, /* id, description, md5, location, languages */
	PART_DISPOSED = 8,  /* disposition */
	PART_KIND = 3,
	PART_ENCODING_SHIFT = 4,
};

/* ---- writing ---- */

static void put_u(struct buf *b, uint64_t v)
{
	char bytes[10];
	size_t n = 0;

	for (; v >= 0x80; v >>= 7)
		bytes[n++] = (char)(v & 0x7f) + (char)-0x80;
	bytes[n++] = (char)v;
	buf_add(b, (struct str){ bytes, n });
}

/* Small negative numbers stay short. */
static void put_i(struct buf *b, int64_t v)
{
	put_u(b, v < 0 ? ~((uint64_t)v << 1) : (uint64_t)v << 1);
}

static void put_str(struct buf *b, struct str s)
{
	if (!s.p) {
		put_u(b, 0);
		return;
	}
	put_u(b, s.n + 1);
	buf_add(b, s);
}

static void put_list(struct buf *b, const struct address_list *list)
{
	put_u(b, list->n << 2 | (list->damaged ? LIST_DAMAGED : 0u) |
	                 (list->cut ? LIST_CUT : 0u));
	for (size_t i = 0; i < list->n; i++) {
		const struct address *a = &list->v[i];

		put_u(b, a->kind);
		if (a->kind == ADDRESS_GROUP_END)
			continue;
		put_str(b, a->name);
		if (a->kind == ADDRESS_GROUP)
			continue;
		put_str(b, a->route);
		put_str(b, a->local);
		put_str(b, a->domain);
	}
}

static void put_envelope(struct buf *b, const struct mime_envelope *e)
{
	put_u(b, e->has_sent ? ENVELOPE_SENT : 0);
	if (e->has_sent) {
		put_i(b, e->sent_us / 1000000);
		put_i(b, e->sent_zone);
	}
	put_str(b, e->date);
	put_str(b, e->subject);
	put_str(b, e->in_reply_to);
	put_str(b, e->message_id);
	put_str(b, e->references);
	put_list(b, &e->from);
	put_list(b, &e->sender);
	put_list(b, &e->reply_to);
	put_list(b, &e->to);
	put_list(b, &e->cc);
	put_list(b, &e->bcc);
}

static void put_params(struct buf *b, const struct mime_params *ps)
{
	put_u(b, ps->n);
	for (size_t i = 0; i < ps->n; i++) {
		put_str(b, ps->v[i].name);
		put_str(b, ps->v[i].value);
	}
}

static bool is_described(const struct mime_part *p)
{
	return p->id.p || p->description.p || p->md5.p || p->location.p ||
	       p->languages_n;
}

static void put_description(struct buf *b, const struct mime_part *p)
{
	put_str(b, p->id);
	put_str(b, p->description);
	put_str(b, p->md5);
	put_str(b, p->location);
	put_u(b, p->languages_n);
	for (uint32_t i = 0; i < p->languages_n; i++)
		put_str(b, p->languages[i]);
}

/* `from`: where the last sibling ended, or the parent's body began. */
static void put_part(struct buf *b, const struct mime_part *p, uint64_t from)
{
	bool described = is_described(p), disposed = p->disposition.p;

	put_u(b, (uint64_t)p->kind | (described ? PART_DESCRIBED : 0u) |
	                 (disposed ? PART_DISPOSED : 0u) |
	                 (uint64_t)p->encoding << PART_ENCODING_SHIFT);
	put_u(b, p->header_at - from);
	put_u(b, p->body_at - p->header_at);
	put_u(b, p->end - p->body_at);
	put_u(b, p->header_lines);
	put_u(b, p->body_lines);
	put_str(b, p->type);
	put_str(b, p->subtype);
	put_str(b, p->encoding_name);
	put_params(b, &p->params);
	if (described)
		put_description(b, p);
	if (disposed) {
		put_str(b, p->disposition);
		put_params(b, &p->disposition_params);
	}
	put_u(b, p->children);
	if (p->kind == MIME_MESSAGE)
		put_envelope(b, p->envelope);
}

void mime_structure_write(struct buf *out, const struct mime_structure *st)
{
	put_u(out, VERSION);
	put_u(out, st->cut ? STRUCTURE_CUT : 0);
	put_u(out, st->size);
	put_envelope(out, &st->envelope);
	for (const struct mime_part *p = st->root, *last = NULL; p;
	     last = p, p = mime_part_next(p)) {
		uint64_t from = 0;

		/* the one before: the parent, or the end of a sibling that
		 * may be some levels up from `last` */
		if (p->parent && last == p->parent) {
			from = p->parent->body_at;
		} else if (p->parent) {
			while (last && last->parent != p->parent)
				last = last->parent;
			from = last ? last->end : 0;
		}
		put_part(out, p, from);
	}
}

/* ---- reading ---- */

struct form {
	struct str rest;
	struct arena *arena;
	uint32_t parts;
	bool bad; /* sticky */
};

static uint64_t get_u(struct form *f)
{
	uint64_t v = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		unsigned char c;

		if (f->rest.n == 0)
			break;
		c = (unsigned char)f->rest.p[0];
		f->rest = str_from(f->rest, 1);
		v |= (uint64_t)(c & 0x7f) << shift;
		if (shift == 63 && c > 1)
			break;
		if (c < 0x80)
			return v;
	}
	f->bad = true;
	return 0;
}

static uint64_t get_u_max(struct form *f, uint64_t max)
{
	uint64_t v = get_u(f);

	if (v <= max)
		return v;
	f->bad = true;
	return 0;
}

static int64_t get_i(struct form *f)
{
	uint64_t v = get_u(f);

	return v & 1 ? (int64_t) ~(v >> 1) : (int64_t)(v >> 1);
}

static bool is_clean(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\0' || s.p[i] == '\r' || s.p[i] == '\n')
			return false;
	return true;
}

static struct str get_str(struct form *f)
{
	uint64_t n = get_u(f);
	struct str s;

	if (n == 0)
		return (struct str){ NULL, 0 };
	if (f->bad || --n > f->rest.n) {
		f->bad = true;
		return (struct str){ NULL, 0 };
	}
	s = str_to(f->rest, n);
	f->rest = str_from(f->rest, n);
	f->bad |= !is_clean(s);
	return s;
}

static struct str get_some_str(struct form *f)
{
	struct str s = get_str(f);

	f->bad |= s.n == 0;
	return s;
}

/* A number of things of which each takes a byte at least. */
static size_t get_count(struct form *f)
{
	return (size_t)get_u_max(f, f->rest.n);
}

static void get_address(struct form *f, struct address *a)
{
	a->kind = (enum address_kind)get_u_max(f, ADDRESS_GROUP_END);
	if (a->kind == ADDRESS_GROUP_END)
		return;
	a->name = get_str(f);
	if (a->kind == ADDRESS_GROUP)
		return;
	a->route = get_str(f);
	a->local = get_str(f);
	a->domain = get_str(f);
}

static void get_list(struct form *f, struct address_list *list)
{
	uint64_t n = get_u(f);

	list->damaged = n & LIST_DAMAGED;
	list->cut = n & LIST_CUT;
	n >>= 2;
	if (n > f->rest.n) {
		f->bad = true;
		return;
	}
	if (n == 0)
		return;
	list->v = arena_array(f->arena, n, sizeof(*list->v));
	for (; list->n < n && !f->bad; list->n++)
		get_address(f, &list->v[list->n]);
}

static void get_sent(struct form *f, struct mime_envelope *e)
{
	int64_t s, zone;

	if (!(get_u(f) & ENVELOPE_SENT))
		return;
	s = get_i(f);
	zone = get_i(f);
	if (s < -INT64_C(1000000000000) || s > INT64_C(1000000000000) ||
	    zone < -24 * 60 || zone > 24 * 60) {
		f->bad = true;
		return;
	}
	e->has_sent = true;
	e->sent_us = s * 1000000;
	e->sent_zone = (int16_t)zone;
}

static void get_envelope(struct form *f, struct mime_envelope *e)
{
	memset(e, 0, sizeof(*e));
	get_sent(f, e);
	e->date = get_str(f);
	e->subject = get_str(f);
	e->in_reply_to = get_str(f);
	e->message_id = get_str(f);
	e->references = get_str(f);
	get_list(f, &e->from);
	get_list(f, &e->sender);
	get_list(f, &e->reply_to);
	get_list(f, &e->to);
	get_list(f, &e->cc);
	get_list(f, &e->bcc);
}

static void get_params(struct form *f, struct mime_params *ps)
{
	size_t n = get_count(f);

	if (n == 0)
		return;
	ps->v = arena_array(f->arena, n, sizeof(*ps->v));
	for (; ps->n < n && !f->bad; ps->n++) {
		ps->v[ps->n].name = get_some_str(f);
		ps->v[ps->n].value = get_str(f);
	}
}

static void get_description(struct form *f, struct mime_part *p)
{
	size_t n;

	p->id = get_str(f);
	p->description = get_str(f);
	p->md5 = get_str(f);
	p->location = get_str(f);
	n = get_count(f);
	if (n == 0)
		return;
	p->languages = arena_array(f->arena, n, sizeof(struct str));
	while (p->languages_n < n && !f->bad)
		p->languages[p->languages_n++] = get_str(f);
}

/* Three distances, within `end`. */
static void get_range(struct form *f, struct mime_part *p, uint64_t from,
                      uint64_t end)
{
	p->header_at = from + get_u_max(f, end - from);
	p->body_at = p->header_at + get_u_max(f, end - p->header_at);
	p->end = p->body_at + get_u_max(f, end - p->body_at);
	p->header_lines = get_u_max(f, p->body_at - p->header_at);
	p->body_lines = get_u_max(f, p->end - p->body_at);
}

/* A part without its children, which are counted alone. */
static struct mime_part *get_part(struct form *f, struct mime_part *parent,
                                  uint64_t from, uint64_t end)
{
	struct mime_part *p = arena_zalloc(f->arena, sizeof(*p));
	uint64_t flags =
		get_u_max(f, MIME_ENCODING_OTHER << PART_ENCODING_SHIFT | 15);

	p->parent = parent;
	if ((flags & PART_KIND) > MIME_MESSAGE || ++f->parts > PARTS_MAX) {
		f->bad = true;
		return p;
	}
	p->kind = (enum mime_kind)(flags & PART_KIND);
	p->encoding = (enum mime_encoding)(flags >> PART_ENCODING_SHIFT);
	get_range(f, p, from, end);
	p->type = get_some_str(f);
	p->subtype = get_some_str(f);
	p->encoding_name = get_str(f);
	get_params(f, &p->params);
	if (flags & PART_DESCRIBED)
		get_description(f, p);
	if (flags & PART_DISPOSED) {
		p->disposition = get_str(f);
		get_params(f, &p->disposition_params);
	}
	p->children = (uint32_t)get_count(f);
	if (p->kind == MIME_MESSAGE) {
		p->envelope = arena_alloc(f->arena, sizeof(*p->envelope));
		get_envelope(f, p->envelope);
	}
	f->bad |= p->kind == MIME_SINGLE    ? p->children != 0
	          : p->kind == MIME_MESSAGE ? p->children != 1
	                                    : p->children == 0;
	return p;
}

static struct mime_part *get_tree(struct form *f, uint64_t size)
{
	struct mime_part *root = get_part(f, NULL, 0, size);
	struct mime_part *p = root, *last = NULL;
	uint32_t left[DEPTH_MAX], depth = 0;

	/* left[d]: children still to come of the open part at depth d */
	left[0] = root->children;
	while (!f->bad) {
		struct mime_part *child;

		if (left[depth] == 0) {
			if (depth == 0)
				return root;
			depth--;
			last = p;
			p = p->parent;
			continue;
		}
		left[depth]--;
		child = get_part(f, p, last ? last->end : p->body_at, p->end);
		*(last ? &last->next : &p->child) = child;
		if (++depth == DEPTH_MAX)
			break;
		left[depth] = child->children;
		p = child;
		last = NULL;
	}
	f->bad = true;
	return root;
}

static void get_head(struct form *f, struct mime_structure *st)
{
	if (get_u(f) != VERSION)
		f->bad = true;
	st->cut = get_u(f) & STRUCTURE_CUT;
	st->size = get_u_max(f, INT64_MAX);
	get_envelope(f, &st->envelope);
}

int mime_structure_parse(struct arena *a, struct str bytes,
                         struct mime_structure *out, struct err *err)
{
	struct form f = { .rest = bytes, .arena = a };
	struct mime_structure st = { .size = 0 };

	get_head(&f, &st);
	if (!f.bad)
		st.root = get_tree(&f, st.size);
	if (f.bad || f.rest.n > 0)
		return err_set(err, ERR_CORRUPT,
		               "the stored structure of a message is damaged");
	*out = st;
	return 0;
}

int mime_structure_parse_envelope(struct arena *a, struct str bytes,
                                  struct mime_envelope *out, struct err *err)
{
	struct form f = { .rest = bytes, .arena = a };
	struct mime_structure st;

	get_head(&f, &st);
	if (f.bad)
		return err_set(err, ERR_CORRUPT,
		               "the stored envelope of a message is damaged");
	*out = st.envelope;
	return 0;
}
