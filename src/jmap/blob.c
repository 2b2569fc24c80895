#include "jmap/blob.h"

#include <string.h>

#include "jmap/contact.h"
#include "jmap/parts.h"
#include "jmap/sieve.h"
#include "jmap/winmail.h"
#include "store/upload.h"
#include "wire/mime/decode.h"
#include "wire/tnef/mime.h"
#include "wire/tnef/tnef.h"

#define PIECE ((size_t)64 * 1024)

static bool is_encoded(const struct mime_part *p)
{
	return p->encoding == MIME_BASE64 ||
	       p->encoding == MIME_QUOTED_PRINTABLE ||
	       p->encoding == MIME_UUENCODE;
}

void jmap_part_decode(struct buf *out, struct str message,
                      const struct mime_part *p)
{
	struct mime_decoder d;

	mime_decoder_init(&d,
	                  p->kind == MIME_SINGLE ? p->encoding : MIME_BINARY);
	mime_decode(&d, mime_part_body(p, message), out);
	mime_decode_end(&d, out);
}

uint64_t jmap_part_size(struct str message, const struct mime_part *p)
{
	struct str body = mime_part_body(p, message);
	struct mime_decoder d;
	uint64_t size = 0;
	struct buf b;

	if (p->kind != MIME_SINGLE || !is_encoded(p))
		return body.n;
	mime_decoder_init(&d, p->encoding);
	buf_init(&b, PIECE + 1024);
	while (body.n) {
		size_t n = body.n < PIECE ? body.n : PIECE;

		buf_reset(&b);
		mime_decode(&d, str_to(body, n), &b);
		size += b.n;
		body = str_from(body, n);
	}
	buf_reset(&b);
	mime_decode_end(&d, &b);
	size += b.n;
	buf_deinit(&b);
	return size;
}

/* What is in a winmail.dat is named by the parts that it becomes. */
static void unwrap(struct jmap_blob *b)
{
	struct buf entity;

	buf_init(&entity, TNEF_MIME_MAX);
	if (!jmap_winmail_read(&entity, b->bytes)) {
		buf_deinit(&entity);
		return;
	}
	buf_deinit(&b->decoded);
	b->decoded = entity;
	b->bytes = buf_str(&b->decoded);
}

/* From the bytes that are there to those of a part of them. */
static int step(struct jmap_blob *b, struct str no, struct err *err)
{
	const struct mime_part *p = NULL;
	struct buf next;
	uint64_t n;

	if (tnef_is(b->bytes))
		unwrap(b);
	if (str_to_u64(no, UINT32_MAX, &n) && n > 0)
		p = jmap_part_find(mime_parse(&b->arena, b->bytes, NULL), n);
	if (!p)
		return err_set(err, ERR_NOT_FOUND, "no such part");
	buf_init(&next, JMAP_BLOB_PART_MAX);
	jmap_part_decode(&next, b->bytes, p);
	if (buf_overflow(&next)) {
		buf_deinit(&next);
		return err_set(err, ERR_TOO_BIG, "the part is too large");
	}
	b->type = jmap_part_type(&b->arena, p);
	/* The type borrows from the bytes that go. */
	b->type = arena_dup(&b->arena, b->type);
	buf_deinit(&b->decoded);
	b->decoded = next;
	b->bytes = buf_str(&b->decoded);
	b->prefix = (struct str){ NULL, 0 };
	return 0;
}

static int open_base(struct jmap_blob *b, struct store *s,
                     struct store_account a, struct str id, struct err *err)
{
	uint64_t no;

	if (store_id_parse(id, STORE_ID_BLOB, &no)) {
		if (body_open_email(&b->body, s, a, no, err) < 0)
			return -1;
		return body_view(b->body, &b->prefix, &b->bytes, err);
	}
	if (jmap_script_blob_parse(id, &no)) {
		b->type = STR("application/sieve");
		return jmap_script_blob_open(s, a, id, &b->arena, &b->bytes,
		                             err);
	}
	if (jmap_card_blob_parse(id, &no))
		return jmap_card_blob_open(s, a, id, &b->arena, &b->bytes,
		                           &b->type, err);
	if (upload_open(&b->upload, s, a, id, err) < 0)
		return -1;
	b->bytes = upload_bytes(b->upload);
	return 0;
}

int jmap_blob_open(struct jmap_blob *out, struct store *s,
                   struct store_account a, struct str id, struct err *err)
{
	struct str base;
	int steps = 0, rc;

	memset(out, 0, sizeof(*out));
	arena_init(&out->arena);
	buf_init(&out->decoded, JMAP_BLOB_PART_MAX);
	if (!str_cut(&id, '-', &base))
		base = id;
	rc = open_base(out, s, a, base, err);
	while (rc == 0 && id.n) {
		struct str no;

		(void)str_cut(&id, '-', &no);
		rc = ++steps > JMAP_BLOB_STEPS_MAX
		             ? err_set(err, ERR_NOT_FOUND, "too deep")
		             : step(out, no, err);
	}
	if (rc < 0)
		jmap_blob_close(out);
	return rc;
}

void jmap_blob_close(struct jmap_blob *b)
{
	body_close(&b->body);
	upload_close(&b->upload);
	buf_deinit(&b->decoded);
	arena_deinit(&b->arena);
	*b = (struct jmap_blob){ .body = NULL };
}
