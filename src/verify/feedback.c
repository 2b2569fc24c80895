#include "verify/feedback.h"

#include "pack/gzip.h"
#include "wire/mime/decode.h"
#include "wire/mime/part.h"

#define PACKED_MAX ((size_t)4 * 1024 * 1024)
#define PARTS_MAX  20 /* that are tried */

bool feedback_is_likely(struct str subject)
{
	return str_find_case(subject, STR("Report Domain:")) != STR_NPOS;
}

/* ---- what it is packed in ---- */

static uint32_t le(struct str s, size_t at, size_t n)
{
	uint32_t v = 0;

	while (n-- > 0)
		v = v << 8 | (unsigned char)s.p[at + n];
	return v;
}

/* The first entry of an archive: stored or deflated, not encrypted. */
static int unzip(struct str in, struct buf *out, struct err *err)
{
	size_t skip;
	uint32_t flags, method, size;

	if (in.n < 30)
		return err_set(err, ERR_CORRUPT, "damaged archive");
	flags = le(in, 6, 2);
	method = le(in, 8, 2);
	size = le(in, 18, 4);
	skip = 30 + (size_t)le(in, 26, 2) + le(in, 28, 2);
	if (skip > in.n || flags & 1 || (method != 0 && method != 8))
		return err_set(err, ERR_CORRUPT, "an archive of another kind");
	in = str_from(in, skip);
	if (method == 8)
		return inflate_raw(in, out, err);
	if (size > in.n)
		return err_set(err, ERR_CORRUPT, "damaged archive");
	buf_add(out, str_to(in, size));
	return buf_overflow(out) ? err_set(err, ERR_TOO_BIG, "too large") : 0;
}

/* By its first bytes, whatever it is called. */
static int unpack(struct str in, struct buf *out, struct err *err)
{
	if (in.n > 2 && str_starts(in, STR("\x1f\x8b")))
		return gunzip(in, out, err);
	if (in.n > 4 && str_starts(in, STR("PK\x03\x04")))
		return unzip(in, out, err);
	buf_add(out, in);
	return buf_overflow(out) ? err_set(err, ERR_TOO_BIG, "too large") : 0;
}

/* ---- the document ---- */

struct reading {
	struct arena *a;
	struct feedback *out;
	size_t cap;
};

static bool keep(void *arg, const struct dmarc_report_row *row)
{
	struct reading *r = arg;
	struct dmarc_report_row *to;

	r->out->rows = arena_grow(r->a, r->out->rows, r->out->n, &r->cap,
	                          sizeof(*r->out->rows));
	to = &r->out->rows[r->out->n++];
	*to = *row;
	to->source_ip = arena_dup(r->a, row->source_ip);
	to->reason = arena_dup(r->a, row->reason);
	to->comment = arena_dup(r->a, row->comment);
	to->header_from = arena_dup(r->a, row->header_from);
	to->envelope_from = arena_dup(r->a, row->envelope_from);
	to->spf_domain = arena_dup(r->a, row->spf_domain);
	to->spf_result = arena_dup(r->a, row->spf_result);
	for (size_t i = 0; i < row->n; i++) {
		to->signature[i].domain =
			arena_dup(r->a, row->signature[i].domain);
		to->signature[i].selector =
			arena_dup(r->a, row->signature[i].selector);
		to->signature[i].result =
			arena_dup(r->a, row->signature[i].result);
	}
	return true;
}

static int read_document(struct str part, struct arena *a, struct feedback *out,
                         struct err *err)
{
	struct reading r = { .a = a, .out = out };
	struct buf xml;
	int rc;

	*out = (struct feedback){ .n = 0 };
	buf_init(&xml, DMARC_REPORT_MAX);
	rc = unpack(part, &xml, err);
	if (rc == 0)
		rc = dmarc_report_read(buf_str(&xml), a, keep, &r, &out->report,
		                       err);
	buf_deinit(&xml);
	return rc;
}

/* ---- the message ---- */

static bool may_hold_one(const struct mime_part *p)
{
	static const char *const types[] = { "gzip", "x-gzip",
		                             "zip",  "x-zip-compressed",
		                             "xml",  "octet-stream" };

	if (p->kind != MIME_SINGLE)
		return false;
	if (mime_part_is(p, "text", "xml"))
		return true;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (mime_part_is(p, "application", types[i]))
			return true;
	return false;
}

static bool decode(const struct mime_part *p, struct str message,
                   struct buf *out)
{
	struct mime_decoder d;

	mime_decoder_init(&d, p->encoding);
	mime_decode(&d, mime_part_body(p, message), out);
	mime_decode_end(&d, out);
	return !buf_overflow(out);
}

int feedback_read(struct str message, struct arena *a, struct feedback *out,
                  struct err *err)
{
	struct feedback f;
	struct buf part;
	size_t tried = 0;
	int rc = err_set(err, ERR_INVALID, "no report in it");

	if (message.n > FEEDBACK_MESSAGE_MAX)
		return err_set(err, ERR_TOO_BIG, "over %zu bytes",
		               FEEDBACK_MESSAGE_MAX);
	buf_init(&part, PACKED_MAX);
	for (struct mime_part *p = mime_parse(a, message, NULL);
	     p && rc < 0 && tried < PARTS_MAX; p = mime_part_next(p)) {
		bool failure = mime_part_is(p, "message", "feedback-report");

		if (!failure && !may_hold_one(p))
			continue;
		tried++;
		buf_reset(&part);
		if (!decode(p, message, &part)) {
			rc = err_set(err, ERR_TOO_BIG, "its part is too large");
			continue;
		}
		if (!failure) {
			rc = read_document(buf_str(&part), a, &f, err);
			continue;
		}
		f = (struct feedback){ .is_failure = true };
		if (dmarc_failure_parse(arena_dup(a, buf_str(&part)), a,
		                        &f.failure))
			rc = 0;
	}
	buf_deinit(&part);
	if (rc == 0)
		*out = f;
	return rc;
}
