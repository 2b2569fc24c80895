/* "replace" and "enclose" (RFC 5703, 5 and 6). */
#include "base/utf8.h"
#include "sieve/run.h"
#include "wire/message/date.h"
#include "wire/message/field.h"
#include "wire/message/header.h"
#include "wire/message/write.h"
#include "wire/mime/entity.h"

/* ---- what takes a part's place ---- */

static bool is_mime_field(struct str name)
{
	return str_starts_case(name, STR("Content-")) ||
	       str_eq_case(name, STR("MIME-Version"));
}

/* Would one of the multiparts around `p` end, or begin a part, in `bytes`? */
static bool has_boundary(struct sieve_run_state *s, const struct mime_part *p,
                         struct str bytes)
{
	for (p = p->parent; p; p = p->parent) {
		struct str b = mime_params_value(&p->params, STR("boundary"));

		if (p->kind == MIME_MULTIPART && b.n &&
		    str_find(bytes, arena_fmt(s->a, "--%.*s", STR_ARG(b))) !=
		            STR_NPOS)
			return true;
	}
	return false;
}

enum { REPLACE_MIME, REPLACE_SUBJECT, REPLACE_FROM };

/* Fields, an empty line, the body. */
static int make_entity(struct sieve_run_state *s, const struct sieve_op *op,
                       const struct mime_part *p, struct str *out)
{
	struct str text = sieve_value(s, &op->pos[0]);
	bool mime = op->tag[REPLACE_MIME].set;
	struct buf b;

	buf_init(&b, 4 * text.n + 1000);
	if (mime) {
		mime_entity_write(&b, text);
	} else {
		mime_text_write(&b, text, false);
		if (has_boundary(s, p, buf_str(&b))) {
			buf_reset(&b);
			mime_text_write(&b, text, true);
		}
	}
	*out = arena_dup(s->a, buf_str(&b));
	buf_deinit(&b);
	if (mime && has_boundary(s, p, *out))
		return sieve_fail(s, op, ERR_INVALID,
		                  "the replacement holds a boundary of the "
		                  "message");
	return 0;
}

/* ---- one part ---- */

/* A multipart without its boundaries has one part, which is all of it. */
static const struct mime_part *undivided(const struct mime_part *p)
{
	while (p->parent && p->parent->kind == MIME_MULTIPART &&
	       p->parent->body_at == p->header_at && p->parent->end == p->end)
		p = p->parent;
	return p;
}

/* The body of a message in the message: who it is from stays. */
static void keep_fields(struct sieve_run_state *s, const struct mime_part *p,
                        struct buf *out)
{
	struct sieve_view v = sieve_view(s, p);
	struct header_reader r =
		header_reader(mime_part_header(v.part, v.message));
	struct header_field f;
	enum header_result got;

	while ((got = header_next(&r, &f)) != HEADER_END)
		if (got == HEADER_FIELD && !is_mime_field(f.name))
			buf_fmt(out, "%.*s:%.*s\r\n", STR_ARG(f.name),
			        STR_ARG(f.raw));
	buf_add(out, STR("MIME-Version: 1.0\r\n"));
}

static int replace_part(struct sieve_run_state *s, const struct sieve_op *op,
                        const struct mime_part *p, struct str entity)
{
	struct str bytes;
	struct buf b;

	buf_init(&b, SIEVE_BYTES_MAX);
	if (p->parent->kind == MIME_MESSAGE)
		keep_fields(s, p, &b);
	/* The line end before a boundary belongs to that. */
	if (str_ends(entity, STR("\r\n\r\n")) || !str_ends(entity, STR("\r\n")))
		buf_add(&b, entity);
	else
		buf_add(&b, str_to(entity, entity.n - 2));
	bytes = arena_dup(s->a, buf_str(&b));
	if (buf_overflow(&b) || !sieve_swap_part(s, p, bytes)) {
		buf_deinit(&b);
		return sieve_fail(s, op, ERR_TOO_BIG,
		                  "too many parts are replaced");
	}
	buf_deinit(&b);
	return 0;
}

/* ---- all of the message ---- */

static void drop_mime_fields(struct sieve_run_state *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_fields; i++)
		if (!is_mime_field(s->fields[i].name))
			s->fields[n++] = s->fields[i];
	s->n_fields = n;
}

static void rename_fields(struct sieve_run_state *s, struct str from,
                          struct str to)
{
	for (size_t i = 0; i < s->n_fields; i++)
		if (str_eq_case(s->fields[i].name, from))
			s->fields[i].name = to;
}

/* The account's own addresses alone; others are passed over, as RFC 5703, 5
 * has it for those that an implementation does not want. */
static bool own_author(struct sieve_run_state *s, struct str from)
{
	struct str address;

	return sieve_one_address(s, from, &address) &&
	       (str_eq_case(address, s->f->user) ||
	        str_eq_case(address, s->f->to));
}

static void put_author(struct sieve_run_state *s, struct str from)
{
	struct address_list list;
	struct buf b;

	address_list_parse(s->a, from, NULL, &list);
	buf_init(&b, 4 * from.n + 100);
	header_write_addresses(&b, STR("From"), &list);
	sieve_field_put_written(s, buf_str(&b));
	buf_deinit(&b);
}

static void put_entity_fields(struct sieve_run_state *s, struct str entity)
{
	struct header_reader r =
		header_reader(str_to(entity, field_header_length(entity)));
	struct header_field f;
	enum header_result got;

	while ((got = header_next(&r, &f)) != HEADER_END)
		if (got == HEADER_FIELD)
			sieve_field_put(s, f.name, f.raw);
}

static void replace_all(struct sieve_run_state *s, const struct sieve_op *op,
                        struct str entity)
{
	const struct sieve_tag_value *t = op->tag;
	struct str subject = sieve_value(s, &t[REPLACE_SUBJECT].strings);
	struct str from = sieve_value(s, &t[REPLACE_FROM].strings);

	drop_mime_fields(s);
	if (t[REPLACE_SUBJECT].set) {
		rename_fields(s, STR("Subject"), STR("Original-Subject"));
		sieve_field_put_text(s, STR("Subject"), subject);
	}
	if (t[REPLACE_FROM].set && own_author(s, from)) {
		rename_fields(s, STR("From"), STR("Original-From"));
		put_author(s, from);
	}
	sieve_field_put(s, STR("MIME-Version"), STR(" 1.0"));
	put_entity_fields(s, entity);
	s->body = str_from(entity, field_header_length(entity));
	s->n_swaps = 0;
	sieve_edited(s);
	sieve_settle(s);
}

int sieve_replace(struct sieve_run_state *s, const struct sieve_op *op)
{
	const struct mime_part *p = undivided(s->part ? s->part : s->root);
	struct str entity;

	/* Put together anew it would lack fields. */
	if (s->too_many)
		return 0;
	if (make_entity(s, op, p, &entity) < 0)
		return -1;
	if (p == s->root) {
		replace_all(s, op, entity);
		return 0;
	}
	s->part = p;
	return replace_part(s, op, p, entity);
}

/* ---- enclose ---- */

enum { ENCLOSE_SUBJECT, ENCLOSE_HEADERS };

/* One that stands nowhere in what it sets apart. */
static struct str make_boundary(struct sieve_run_state *s, struct str inner,
                                struct str text)
{
	for (unsigned n = s->generation;; n++) {
		struct str b =
			arena_fmt(s->a, "=_%.*s.%u", STR_ARG(s->f->id), n);

		if (str_find(inner, b) == STR_NPOS &&
		    str_find(text, b) == STR_NPOS)
			return b;
	}
}

static void wrap(struct sieve_run_state *s, struct str text, struct str inner)
{
	const char *encoding = utf8_is_ascii(inner) ? "7bit" : "8bit";
	struct str boundary = make_boundary(s, inner, text);
	struct buf b;

	buf_init(&b, 4 * text.n + 1000);
	buf_fmt(&b, "--%.*s\r\n", STR_ARG(boundary));
	mime_text_write(&b, text, false);
	buf_fmt(&b,
	        "\r\n--%.*s\r\nContent-Type: message/rfc822\r\n"
	        "Content-Transfer-Encoding: %s\r\n\r\n",
	        STR_ARG(boundary), encoding);
	s->body_head = arena_dup(s->a, buf_str(&b));
	buf_deinit(&b);
	s->body = inner;
	s->body_tail = arena_fmt(s->a, "\r\n--%.*s--\r\n", STR_ARG(boundary));
	s->n_swaps = 0;
	sieve_field_put(s, STR("MIME-Version"), STR(" 1.0"));
	sieve_field_put(s, STR("Content-Type"),
	                arena_fmt(s->a, " multipart/mixed; boundary=\"%.*s\"",
	                          STR_ARG(boundary)));
	sieve_field_put(s, STR("Content-Transfer-Encoding"),
	                arena_fmt(s->a, " %s", encoding));
}

static bool has_field(const struct sieve_run_state *s, struct str name)
{
	for (size_t i = 0; i < s->n_fields; i++)
		if (str_eq_case(s->fields[i].name, name))
			return true;
	return false;
}

static bool is_copied(const struct sieve_op *op, struct sieve_strings headers,
                      struct str name)
{
	bool subject = str_eq_case(name, STR("Subject"));

	if (name.n == 0 || is_mime_field(name) ||
	    (subject && op->tag[ENCLOSE_SUBJECT].set))
		return false;
	for (size_t i = 0; i < headers.n; i++)
		if (str_eq_case(name, headers.v[i]))
			return true;
	return subject;
}

/* Those the script names, and what a message needs besides: of now, and of the
 * account. */
static void enclose_header(struct sieve_run_state *s, const struct sieve_op *op)
{
	struct sieve_strings headers =
		sieve_values(s, &op->tag[ENCLOSE_HEADERS].strings);
	const struct sieve_field *old = s->fields;
	size_t n = s->n_fields;
	struct buf b;

	s->fields = NULL;
	s->n_fields = s->cap_fields = 0;
	s->too_many = false; /* all of them are in what is enclosed */
	for (size_t i = 0; i < n; i++)
		if (is_copied(op, headers, old[i].name))
			sieve_field_put(s, old[i].name, old[i].raw);
	if (op->tag[ENCLOSE_SUBJECT].set)
		sieve_field_put_text(
			s, STR("Subject"),
			sieve_value(s, &op->tag[ENCLOSE_SUBJECT].strings));
	if (!has_field(s, STR("From")))
		put_author(s, s->f->user);
	if (!has_field(s, STR("Date"))) {
		buf_init(&b, 64);
		buf_add_c(&b, ' ');
		date_write(&b, s->f->now_us, s->f->zone_min);
		sieve_field_put(s, STR("Date"), buf_str(&b));
		buf_deinit(&b);
	}
	if (!has_field(s, STR("Message-ID")))
		sieve_field_put(s, STR("Message-ID"),
		                arena_fmt(s->a, " <%.*s.%u@%.*s>",
		                          STR_ARG(s->f->id), s->generation,
		                          STR_ARG(s->f->host_name)));
}

int sieve_enclose(struct sieve_run_state *s, const struct sieve_op *op)
{
	struct str text = sieve_value(s, &op->pos[0]);
	struct str edition = sieve_edition(s);

	/* What is sent on by a redirect is not enclosed. */
	if (!s->enclosed)
		s->open = edition;
	s->enclosed = true;
	enclose_header(s, op);
	wrap(s, text, edition.p ? edition : s->message);
	sieve_edited(s);
	sieve_settle(s);
	return 0;
}
