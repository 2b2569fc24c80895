#include "store/digest.h"

#include <string.h>

#include "crypto/hash.h"
#include "pack/zstd.h"
#include "store/meta.h"
#include "store/shard.h"
#include "text/extract.h"
#include "wire/message/field.h"
#include "wire/message/header.h"
#include "wire/mime/structure.h"

#define META_MAX   ((size_t)8 * 1024 * 1024)
#define FIELDS_MAX ((size_t)16 * 1024)

static int64_t hash64(const unsigned char *p)
{
	int64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static int64_t id_hash(struct str id)
{
	unsigned char digest[HASH_MAX];
	int64_t v;

	hash_bytes(HASH_SHA256, id, digest);
	v = hash64(digest);
	return v ? v : 1;
}

/* The usual fields, byte for byte; all or none. */
static void add_fields(struct buf *meta, struct str header)
{
	struct header_reader r = header_reader(header);
	struct header_field f;
	enum header_result got;
	struct buf b;

	buf_init(&b, FIELDS_MAX);
	while ((got = header_next(&r, &f)) != HEADER_END) {
		if (got != HEADER_FIELD || !meta_has_field(f.name))
			continue;
		buf_add(&b, (struct str){ f.name.p, (size_t)(f.raw.p + f.raw.n -
		                                             f.name.p) });
		buf_add(&b, STR("\r\n"));
	}
	if (!buf_overflow(&b))
		meta_add(meta, META_FIELDS, buf_str(&b));
	buf_deinit(&b);
}

static struct str cut(struct str s)
{
	return s.n > 1024 ? str_to(s, 1024) : s;
}

static void add_sort(struct buf *meta, const struct mime_structure *st,
                     const struct text_extract *ex, size_t header_size)
{
	struct meta_sort sort = {
		.has_sent = st->envelope.has_sent,
		.sent_s = st->envelope.sent_us / 1000000,
		.sent_zone = st->envelope.sent_zone,
		.has_attachment = ex->has_attachment,
		.is_reply = ex->is_reply,
		.header_size = header_size,
		.subject = cut(ex->sort_subject),
		.from = cut(ex->sort_from),
		.to = cut(ex->sort_to),
		.from_mailbox = cut(ex->sort_from_mailbox),
		.to_mailbox = cut(ex->sort_to_mailbox),
		.cc_mailbox = cut(ex->sort_cc_mailbox),
		.message_id = cut(ex->message_id),
	};

	meta_add_sort(meta, &sort);
}

static void add_ids(struct digest *d, const struct text_extract *ex)
{
	d->id = ex->message_id.n ? id_hash(ex->message_id) : 0;
	for (uint32_t i = ex->thread_ids_n; i > 0; i--) {
		if (d->refs_n == DIGEST_IDS_MAX)
			break;
		d->refs[d->refs_n++] = id_hash(ex->thread_ids[i - 1]);
	}
}

static struct text_limits limits_for(size_t text_max)
{
	struct text_limits l = text_limits_default;

	l.search_max = text_max;
	return l;
}

static int describe(struct digest *d, struct str message, struct arena *arena,
                    struct err *err)
{
	size_t header = field_header_length(message);
	struct text_limits limits = limits_for(DIGEST_TEXT_MAX);
	struct mime_structure st;
	struct text_extract ex;
	struct buf structure;
	int rc;

	mime_structure_make(arena, message, NULL, &st);
	text_extract(arena, message, &st, &limits, &ex);
	buf_init(&structure, META_MAX);
	mime_structure_write(&structure, &st);
	meta_add(&d->meta, META_STRUCTURE, buf_str(&structure));
	buf_deinit(&structure);
	meta_add(&d->meta, META_PREVIEW, ex.preview);
	meta_add(&d->meta, META_SUBJECT, cut(ex.subject));
	add_sort(&d->meta, &st, &ex, header);
	add_fields(&d->meta, str_to(message, header));
	add_ids(d, &ex);
	d->is_report = mime_part_is(st.root, "multipart", "report");
	d->text_cut = ex.search_cut;
	rc = pack_zstd(buf_str(&ex.search), &d->text, err);
	text_extract_free(&ex);
	if (rc == 0 && buf_overflow(&d->meta))
		rc = err_set(err, ERR_TOO_BIG,
		             "the message's structure is too large");
	return rc;
}

int digest_make(struct digest *d, struct str message, struct err *err)
{
	unsigned char hash[HASH_MAX];
	struct arena arena;
	int rc;

	memset(d, 0, sizeof(*d));
	buf_init(&d->meta, META_MAX);
	buf_init(&d->text, pack_bound(DIGEST_TEXT_MAX) + 1024);
	buf_init(&d->data, pack_bound(INLINE_MAX));
	d->size = message.n;
	hash_bytes(HASH_SHA256, message, hash);
	memcpy(d->hash, hash, DIGEST_HASH);
	d->hash64 = hash64(hash);
	arena_init(&arena);
	rc = describe(d, message, &arena, err);
	arena_deinit(&arena);
	if (rc == 0 && message.n <= INLINE_MAX)
		rc = pack_zstd(message, &d->data, err);
	if (rc < 0)
		digest_deinit(d);
	return rc;
}

void digest_deinit(struct digest *d)
{
	buf_deinit(&d->meta);
	buf_deinit(&d->text);
	buf_deinit(&d->data);
}

bool digest_text(struct str message, size_t max, struct buf *out)
{
	struct text_limits limits = limits_for(max);
	struct mime_structure st;
	struct text_extract ex;
	struct arena arena;
	bool is_cut;

	arena_init(&arena);
	mime_structure_make(&arena, message, NULL, &st);
	text_extract(&arena, message, &st, &limits, &ex);
	buf_add(out, buf_str(&ex.search));
	is_cut = ex.search_cut;
	text_extract_free(&ex);
	arena_deinit(&arena);
	return is_cut;
}
