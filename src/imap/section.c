#include <string.h>

#include "base/mem.h"
#include "imap/job.h"
#include "store/meta.h"
#include "wire/message/header.h"

/* Of the filtered fields of one header. */
#define FIELDS_MAX ((size_t)4 * 1024 * 1024)
#define PIECE      ((size_t)64 * 1024)

bool section_needs_meta(const struct imap_section *sec)
{
	return sec->n_part > 0 || sec->text != IMAP_TEXT_ALL;
}

int section_structure(struct job *j, struct err *err)
{
	struct str form = meta_get(j->row.meta, META_STRUCTURE);

	if (j->has_structure)
		return 0;
	if (mime_structure_parse(&j->row_arena, form, &j->structure, err) < 0)
		return -1;
	j->has_structure = true;
	return 0;
}

int section_body(struct job *j, struct err *err)
{
	if (j->body)
		return 0;
	return body_open(&j->body, j->s->ctx->store, j->s->account,
	                 view_mailbox(j->s->view), j->row.uid, err);
}

/* ---- header fields ---- */

static bool is_listed(const struct imap_section *sec, struct str name)
{
	for (size_t i = 0; i < sec->n_fields; i++)
		if (str_eq_case(sec->fields[i], name))
			return true;
	return false;
}

/* The field as it came, its line end too. */
static struct str whole_field(struct str header, struct str first,
                              struct str raw)
{
	const char *end = raw.p + raw.n, *limit = header.p + header.n;

	if (end < limit && *end == '\r')
		end++;
	if (end < limit && *end == '\n')
		end++;
	return (struct str){ first.p, (size_t)(end - first.p) };
}

static void filter(struct buf *out, const struct imap_section *sec,
                   struct str header)
{
	struct header_reader r = header_reader(header);
	bool without = sec->text == IMAP_TEXT_FIELDS_NOT;
	struct header_field f;
	enum header_result what;

	while ((what = header_next(&r, &f)) != HEADER_END) {
		if (what == HEADER_FIELD) {
			if (is_listed(sec, f.name) != without)
				buf_add(out,
				        whole_field(header, f.name, f.raw));
		} else if (without && f.raw.n > 0) {
			buf_add(out, whole_field(header, f.raw, f.raw));
		}
	}
}

static bool all_in_meta(const struct imap_section *sec, struct str fields)
{
	if (sec->n_part > 0 || sec->text != IMAP_TEXT_FIELDS || !fields.p)
		return false;
	for (size_t i = 0; i < sec->n_fields; i++)
		if (!meta_has_field(sec->fields[i]))
			return false;
	return true;
}

/* The header from `at` to `end`, counted without the prefix. */
static int filter_body(struct job *j, const struct imap_section *sec,
                       uint64_t at, uint64_t end, struct buf *out,
                       struct err *err)
{
	struct str prefix, message;

	if (section_body(j, err) < 0 ||
	    body_view(j->body, &prefix, &message, err) < 0)
		return -1;
	if (sec->n_part == 0)
		filter(out, sec, prefix);
	if (end <= message.n && at <= end)
		filter(out, sec,
		       (struct str){ message.p + at, (size_t)(end - at) });
	return 0;
}

static int find_fields(struct job *j, const struct imap_section *sec,
                       uint64_t at, uint64_t end, struct section_result *out,
                       struct err *err)
{
	struct str fields = meta_get(j->row.meta, META_FIELDS);
	struct buf b;
	int rc = 0;

	buf_init(&b, FIELDS_MAX);
	if (all_in_meta(sec, fields)) {
		filter(&b, sec, j->row.prefix);
		filter(&b, sec, fields);
	} else {
		rc = filter_body(j, sec, at, end, &b, err);
	}
	/* RFC 9051, 6.4.5.1: the empty line is in it always. */
	buf_add(&b, STR("\r\n"));
	if (rc == 0 && buf_overflow(&b))
		rc = err_set(err, ERR_TOO_BIG, "header over %zu bytes",
		             FIELDS_MAX);
	if (rc == 0) {
		out->kind = SECTION_BYTES;
		out->bytes = arena_dup(&j->row_arena, buf_str(&b));
	}
	buf_deinit(&b);
	return rc;
}

/* ---- parts ---- */

static void set_range(struct job *j, struct section_result *out, uint64_t at,
                      uint64_t end)
{
	out->kind = SECTION_RANGE;
	out->at = at + j->row.prefix.n;
	out->n = end - at;
}

static bool header_size(struct job *j, uint64_t *out)
{
	struct meta_sort sort;

	if (!meta_sort_get(j->row.meta, &sort))
		return false;
	*out = sort.header_size;
	return true;
}

static int find_top(struct job *j, const struct imap_section *sec,
                    struct section_result *out, struct err *err)
{
	uint64_t body_at, size = j->row.size - j->row.prefix.n;

	if (sec->text == IMAP_TEXT_ALL) {
		out->kind = SECTION_RANGE;
		out->at = 0;
		out->n = j->row.size;
		return 0;
	}
	if (!header_size(j, &body_at)) {
		if (section_structure(j, err) < 0)
			return -1;
		body_at = j->structure.root->body_at;
	}
	if (body_at > size)
		return err_set(err, ERR_CORRUPT, "header beyond the message");
	if (sec->text == IMAP_TEXT_TEXT) {
		set_range(j, out, body_at, size);
	} else if (sec->text == IMAP_TEXT_HEADER) {
		set_range(j, out, 0, body_at);
		out->at = 0;
		out->n += j->row.prefix.n;
	} else {
		return find_fields(j, sec, 0, body_at, out, err);
	}
	return 0;
}

/* HEADER, TEXT and the fields are those of a message in the message. */
static int find_inner(struct job *j, const struct imap_section *sec,
                      const struct mime_part *p, struct section_result *out,
                      struct err *err)
{
	const struct mime_part *child = p->child;

	if (p->kind != MIME_MESSAGE || !child)
		return 0;
	if (sec->text == IMAP_TEXT_TEXT)
		set_range(j, out, child->body_at, child->end);
	else if (sec->text == IMAP_TEXT_HEADER)
		set_range(j, out, child->header_at, child->body_at);
	else
		return find_fields(j, sec, child->header_at, child->body_at,
		                   out, err);
	return 0;
}

static void set_coded(const struct mime_part *p, struct section_result *out)
{
	if (p->kind != MIME_SINGLE)
		return;
	switch (p->encoding) {
	case MIME_7BIT:
	case MIME_8BIT:
	case MIME_BINARY: return;
	case MIME_QUOTED_PRINTABLE:
	case MIME_BASE64:
	case MIME_UUENCODE:
		out->kind = SECTION_CODED;
		out->encoding = p->encoding;
		return;
	case MIME_ENCODING_OTHER: out->kind = SECTION_OPAQUE; return;
	}
}

static int find_part(struct job *j, const struct imap_section *sec,
                     struct section_result *out, struct err *err)
{
	const struct mime_part *p;

	if (section_structure(j, err) < 0)
		return -1;
	p = mime_part_find(j->structure.root, sec->part, sec->n_part);
	if (!p)
		return 0;
	if (sec->text == IMAP_TEXT_MIME) {
		set_range(j, out, p->header_at, p->body_at);
		return 0;
	}
	if (sec->text != IMAP_TEXT_ALL)
		return find_inner(j, sec, p, out, err);
	set_range(j, out, p->body_at, p->end);
	if (sec->kind == IMAP_BINARY || sec->kind == IMAP_BINARY_SIZE)
		set_coded(p, out);
	return 0;
}

int section_find(struct job *j, const struct imap_section *sec,
                 struct section_result *out, struct err *err)
{
	*out = (struct section_result){ .kind = SECTION_NIL };
	if (sec->n_part > 0)
		return find_part(j, sec, out, err);
	return find_top(j, sec, out, err);
}

/* ---- BINARY ---- */

int section_decoded_size(struct job *j, const struct section_result *r,
                         uint64_t *size_out, bool *has_nul_out, struct err *err)
{
	char *piece = mem_alloc(PIECE);
	struct mime_decoder d;
	uint64_t at = r->at, left = r->n, size = 0;
	bool has_nul = false;
	struct buf b;
	int rc;

	mime_decoder_init(&d, r->encoding);
	buf_init(&b, PIECE + 64);
	rc = section_body(j, err);
	while (rc == 0 && left > 0) {
		size_t want = left < PIECE ? (size_t)left : PIECE, got;

		rc = body_read(j->body, at, piece, want, &got, err);
		if (rc == 0 && got == 0)
			rc = err_set(err, ERR_CORRUPT, "message cut short");
		if (rc < 0)
			break;
		buf_reset(&b);
		mime_decode(&d, (struct str){ piece, got }, &b);
		if (got == left)
			mime_decode_end(&d, &b);
		size += b.n;
		has_nul |= b.n > 0 && memchr(b.p, '\0', b.n) != NULL;
		at += got;
		left -= got;
	}
	buf_deinit(&b);
	mem_free(piece);
	if (rc < 0)
		return -1;
	*size_out = size;
	*has_nul_out = has_nul;
	return 0;
}
