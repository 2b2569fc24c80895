#include "wire/imap/structure.h"

#include "wire/imap/write.h"

/* An empty view is a missing one here. */
static void nstring(struct buf *b, struct str s, bool utf8)
{
	imap_write_nstring(b, s.n ? s : (struct str){ NULL, 0 }, utf8);
}

/* "(" addr-name SP addr-adl SP addr-mailbox SP addr-host ")".  A group begins
 * with a host of NIL and ends with a mailbox of NIL too, so a mailbox has
 * strings in both, empty if need be. */
static void write_address(struct buf *b, const struct address *a, bool utf8)
{
	buf_add_c(b, '(');
	switch (a->kind) {
	case ADDRESS_MAILBOX:
		nstring(b, a->name, utf8);
		buf_add_c(b, ' ');
		nstring(b, a->route, utf8);
		buf_add_c(b, ' ');
		imap_write_string(b, a->local, utf8);
		buf_add_c(b, ' ');
		imap_write_string(b, a->domain, utf8);
		break;
	case ADDRESS_GROUP:
		buf_add(b, STR("NIL NIL "));
		imap_write_string(b, a->name, utf8);
		buf_add(b, STR(" NIL"));
		break;
	case ADDRESS_GROUP_END: buf_add(b, STR("NIL NIL NIL NIL")); break;
	}
	buf_add_c(b, ')');
}

static void write_addresses(struct buf *b, const struct address_list *l,
                            bool utf8)
{
	if (l->n == 0) {
		buf_add(b, STR("NIL"));
		return;
	}
	buf_add_c(b, '(');
	for (size_t i = 0; i < l->n; i++)
		write_address(b, &l->v[i], utf8);
	buf_add_c(b, ')');
}

void imap_write_envelope(struct buf *b, const struct mime_envelope *e,
                         bool utf8)
{
	const struct address_list *const lists[] = {
		&e->from,
		e->sender.n ? &e->sender : &e->from,
		e->reply_to.n ? &e->reply_to : &e->from,
		&e->to,
		&e->cc,
		&e->bcc,
	};

	buf_add_c(b, '(');
	imap_write_nstring(b, e->date, utf8);
	buf_add_c(b, ' ');
	imap_write_nstring(b, e->subject, utf8);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		buf_add_c(b, ' ');
		write_addresses(b, lists[i], utf8);
	}
	buf_add_c(b, ' ');
	imap_write_nstring(b, e->in_reply_to, utf8);
	buf_add_c(b, ' ');
	imap_write_nstring(b, e->message_id, utf8);
	buf_add_c(b, ')');
}

static void write_params(struct buf *b, const struct mime_params *ps, bool utf8)
{
	if (ps->n == 0) {
		buf_add(b, STR("NIL"));
		return;
	}
	buf_add_c(b, '(');
	for (size_t i = 0; i < ps->n; i++) {
		if (i > 0)
			buf_add_c(b, ' ');
		imap_write_string(b, ps->v[i].name, utf8);
		buf_add_c(b, ' ');
		imap_write_string(b, ps->v[i].value, utf8);
	}
	buf_add_c(b, ')');
}

/* SP body-fld-dsp SP body-fld-lang SP body-fld-loc */
static void write_extension(struct buf *b, const struct mime_part *p, bool utf8)
{
	buf_add_c(b, ' ');
	if (p->disposition.n) {
		buf_add_c(b, '(');
		imap_write_string(b, p->disposition, utf8);
		buf_add_c(b, ' ');
		write_params(b, &p->disposition_params, utf8);
		buf_add_c(b, ')');
	} else {
		buf_add(b, STR("NIL"));
	}
	buf_add_c(b, ' ');
	if (p->languages_n == 1) {
		imap_write_string(b, p->languages[0], utf8);
	} else if (p->languages_n > 1) {
		buf_add_c(b, '(');
		for (uint32_t i = 0; i < p->languages_n; i++) {
			if (i > 0)
				buf_add_c(b, ' ');
			imap_write_string(b, p->languages[i], utf8);
		}
		buf_add_c(b, ')');
	} else {
		buf_add(b, STR("NIL"));
	}
	buf_add_c(b, ' ');
	nstring(b, p->location, utf8);
}

static struct str encoding_text(const struct mime_part *p)
{
	/* body-fld-enc is a string, never NIL. */
	return p->encoding_name.n ? p->encoding_name : STR("7BIT");
}

/* body-fields: param, id, desc, enc, octets */
static void write_fields(struct buf *b, const struct mime_part *p, bool utf8)
{
	write_params(b, &p->params, utf8);
	buf_add_c(b, ' ');
	nstring(b, p->id, utf8);
	buf_add_c(b, ' ');
	nstring(b, p->description, utf8);
	buf_add_c(b, ' ');
	imap_write_string(b, encoding_text(p), utf8);
	buf_add_c(b, ' ');
	buf_add_u64(b, p->end - p->body_at);
}

static void write_type(struct buf *b, const struct mime_part *p, bool utf8)
{
	/* A reader of type message/rfc822 or multipart expects more than a
	 * leaf has. */
	bool opaque = mime_part_is_opaque(p);

	imap_write_string(b, opaque ? STR("application") : p->type, utf8);
	buf_add_c(b, ' ');
	imap_write_string(b, opaque ? STR("octet-stream") : p->subtype, utf8);
}

static void write_leaf(struct buf *b, const struct mime_part *p, bool extended,
                       bool utf8)
{
	bool text = mime_part_is(p, "text", NULL);

	write_type(b, p, utf8);
	buf_add_c(b, ' ');
	write_fields(b, p, utf8);
	if (p->kind == MIME_MESSAGE && p->child) {
		static const struct mime_envelope none;

		buf_add_c(b, ' ');
		imap_write_envelope(b, p->envelope ? p->envelope : &none, utf8);
		buf_add_c(b, ' ');
		imap_write_body(b, p->child, extended, utf8);
	}
	if (text || (p->kind == MIME_MESSAGE && p->child)) {
		buf_add_c(b, ' ');
		buf_add_u64(b, p->body_lines);
	}
	if (!extended)
		return;
	buf_add_c(b, ' ');
	nstring(b, p->md5, utf8);
	write_extension(b, p, utf8);
}

static void write_multipart(struct buf *b, const struct mime_part *p,
                            bool extended, bool utf8)
{
	for (const struct mime_part *c = p->child; c; c = c->next)
		imap_write_body(b, c, extended, utf8);
	buf_add_c(b, ' ');
	imap_write_string(b, p->subtype, utf8);
	if (!extended)
		return;
	buf_add_c(b, ' ');
	write_params(b, &p->params, utf8);
	write_extension(b, p, utf8);
}

void imap_write_body(struct buf *b, const struct mime_part *p, bool extended,
                     bool utf8)
{
	buf_add_c(b, '(');
	if (p->kind == MIME_MULTIPART && p->child)
		write_multipart(b, p, extended, utf8);
	else
		write_leaf(b, p, extended, utf8);
	buf_add_c(b, ')');
}
