/* Pictures of cards: kept as "data:" URIs (RFC 2397), shown as blobs (RFC
 * 9610, 3). */
#include <string.h>

#include "base/base64.h"
#include "crypto/hash.h"
#include "jmap/blob.h"
#include "jmap/contact.h"
#include "jmap/pointer.h"

#define DIGEST_BYTES 12
#define LETTER       'K'

static bool is_data(struct str uri)
{
	return str_starts_case(uri, STR("data:"));
}

static struct str text(struct json v, const char *name)
{
	struct json s = { NULL };

	(void)json_get(v, name, &s);
	return json_as_str(s);
}

/* ---- a "data:" URI ---- */

static int hex(char c)
{
	if (ascii_is_digit(c))
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool unescape(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '%') {
			buf_add_c(out, s.p[i]);
			continue;
		}
		if (i + 2 >= s.n || hex(s.p[i + 1]) < 0 || hex(s.p[i + 2]) < 0)
			return false;
		buf_add_c(out, (char)(hex(s.p[i + 1]) * 16 + hex(s.p[i + 2])));
		i += 2;
	}
	return true;
}

/* The bytes go to `out`; the type borrows from the URI, or is empty. */
static bool read_data(struct str uri, struct buf *out, struct str *type)
{
	struct str head;
	bool base64;

	uri = str_from(uri, 5);
	if (str_chr(uri, ',') == STR_NPOS || !str_cut(&uri, ',', &head))
		return false;
	base64 = str_ends_case(head, STR(";base64"));
	*type = head;
	if (str_chr(head, ';') != STR_NPOS)
		*type = str_to(head, str_chr(head, ';'));
	return (base64 ? base64_decode(out, uri) : unescape(out, uri)) &&
	       !buf_overflow(out);
}

/* ---- the ids of blobs ---- */

struct str jmap_card_blob_id(struct arena *a, uint64_t no, struct str data)
{
	char digest[2 * DIGEST_BYTES + 1];
	unsigned char h[HASH_MAX];

	hash_bytes(HASH_SHA256, data, h);
	hash_hex(h, DIGEST_BYTES, digest);
	return arena_fmt(a, "%sx%s", store_id(LETTER, no).z, digest);
}

bool jmap_card_blob_parse(struct str id, uint64_t *no_out)
{
	struct str no;

	return str_chr(id, 'x') != STR_NPOS && str_cut(&id, 'x', &no) &&
	       id.n == 2 * DIGEST_BYTES && store_id_parse(no, LETTER, no_out);
}

static bool open_media(struct arena *a, uint64_t no, struct str id,
                       struct json media, struct str *out, struct str *type)
{
	struct json_members m = { .object = media };
	struct str name, uri;
	struct json v;
	struct buf b;
	bool good = false;

	while (!good && json_member_next(&m, &name, &v)) {
		uri = text(v, "uri");
		if (!is_data(uri) || !str_eq(jmap_card_blob_id(a, no, uri), id))
			continue;
		buf_init(&b, CONTACT_CARD_MAX);
		good = read_data(uri, &b, type);
		if (text(v, "mediaType").n)
			*type = text(v, "mediaType");
		*type = arena_dup(a, *type);
		*out = arena_dup(a, buf_str(&b));
		buf_deinit(&b);
	}
	return good;
}

int jmap_card_blob_open(struct store *s, struct store_account a, struct str id,
                        struct arena *arena, struct str *out, struct str *type,
                        struct err *err)
{
	struct json media = { NULL };
	struct json_doc *doc;
	struct object o;
	uint64_t no;
	bool good;

	if (!jmap_card_blob_parse(id, &no))
		return err_set(err, ERR_NOT_FOUND, "no such blob");
	if (object_get(s, a, CHANGE_CARD, no, arena, &o, err) < 0 ||
	    jmap_card_parse(&o, &doc, err) < 0)
		return -1;
	good = json_get(json_root(doc), "media", &media) &&
	       open_media(arena, no, id, media, out, type);
	json_free(&doc);
	return good ? 0 : err_set(err, ERR_NOT_FOUND, "the card has another");
}

/* ---- showing ---- */

static void show_one(struct json_writer *w, struct arena *a, uint64_t no,
                     struct json v)
{
	struct json_members m = { .object = v };
	struct str uri = text(v, "uri"), name, type;
	struct json x;

	json_object(w);
	while (json_member_next(&m, &name, &x)) {
		if (str_eq(name, STR("uri")))
			continue;
		json_key(w, name);
		json_copy(w, x);
	}
	json_member_str(w, "blobId", jmap_card_blob_id(a, no, uri));
	if (!json_get(v, "mediaType", &x)) {
		type = str_from(uri, 5);
		for (size_t i = 0; i < type.n; i++)
			if (type.p[i] == ';' || type.p[i] == ',')
				type.n = i;
		json_member_str(w, "mediaType",
		                type.n ? type : STR("text/plain"));
	}
	json_end(w);
}

void jmap_card_media_show(struct json_writer *w, struct arena *a, uint64_t no,
                          struct json media)
{
	struct json_members m = { .object = media };
	struct str name;
	struct json v;

	json_object(w);
	while (json_member_next(&m, &name, &v)) {
		json_key(w, name);
		if (is_data(text(v, "uri")))
			show_one(w, a, no, v);
		else
			json_copy(w, v);
	}
	json_end(w);
}

/* ---- keeping ---- */

static const char *image_type(struct str b)
{
	static const struct {
		size_t at, n;
		const char *bytes, *type;
	} rows[] = {
		{ 0, 8, "\x89PNG\r\n\x1a\n", "image/png" },
		{ 0, 3, "\xff\xd8\xff", "image/jpeg" },
		{ 0, 4, "GIF8", "image/gif" },
		{ 8, 4, "WEBP", "image/webp" },
		{ 4, 8, "ftypavif", "image/avif" },
		{ 4, 8, "ftypheic", "image/heic" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (b.n >= rows[i].at + rows[i].n &&
		    memcmp(b.p + rows[i].at, rows[i].bytes, rows[i].n) == 0)
			return rows[i].type;
	return NULL;
}

static int refuse(struct jmap_set *s, struct str key, const char *member,
                  const char *why)
{
	return jmap_set_refuse(
		s, "invalidProperties",
		arena_fmt(s->c->arena, "media/%.*s/%s", STR_ARG(key), member).p,
		"%s", why);
}

/* RFC 9610, 3.5: the photo must be a recognised image. */
static int check_photo(struct jmap_set *s, struct str key, struct json v,
                       struct str bytes, const char *member)
{
	if (str_eq(text(v, "kind"), STR("photo")) && !image_type(bytes))
		return refuse(s, key, member, "the photo is no known image");
	return 0;
}

static int write_kept(struct jmap_set *s, struct json_writer *w, struct str key,
                      struct json v, struct str bytes, struct str type)
{
	struct json_members m = { .object = v };
	const char *image = image_type(bytes);
	struct str name;
	struct json x;
	struct buf uri;

	if (check_photo(s, key, v, bytes, "blobId") < 0)
		return -1;
	if (text(v, "mediaType").n)
		type = text(v, "mediaType");
	if (image)
		type = str_z(image);
	if (!type.n)
		type = STR("application/octet-stream");
	json_object(w);
	while (json_member_next(&m, &name, &x)) {
		if (str_eq(name, STR("uri")) || str_eq(name, STR("blobId")) ||
		    str_eq(name, STR("mediaType")))
			continue;
		json_key(w, name);
		json_copy(w, x);
	}
	json_member_str(w, "mediaType", type);
	buf_init(&uri, CONTACT_CARD_MAX);
	buf_fmt(&uri, "data:%.*s;base64,", STR_ARG(type));
	base64_encode(&uri, bytes);
	json_member_str(w, "uri", buf_str(&uri));
	buf_deinit(&uri);
	json_end(w);
	return 0;
}

static int keep_blob(struct jmap_set *s, struct json_writer *w, struct str key,
                     struct json v, struct json id)
{
	struct jmap_blob b;
	struct err err = ERR_INIT;
	int rc;

	if (json_kind(id) != JSON_IS_STRING)
		return refuse(s, key, "blobId", "not a string");
	if (jmap_blob_open(&b, s->c->store, s->c->account,
	                   jmap_id(s->c, json_as_str(id)), &err) < 0) {
		if (err.kind != ERR_NOT_FOUND)
			return jmap_set_fail(s, &err);
		s->blob_missing = json_as_str(id);
		return jmap_set_refuse(s, "blobNotFound", NULL,
		                       "there is no such blob");
	}
	if (b.prefix.n)
		rc = refuse(s, key, "blobId", "a whole message");
	else if (b.bytes.n > JMAP_CARD_BLOB_MAX)
		rc = jmap_set_refuse(s, "tooLarge", NULL,
		                     "a picture has at most %zu bytes",
		                     JMAP_CARD_BLOB_MAX);
	else
		rc = write_kept(s, w, key, v, b.bytes, b.type);
	jmap_blob_close(&b);
	return rc;
}

static int check_data(struct jmap_set *s, struct str key, struct json v)
{
	struct str type;
	struct buf b;
	int rc;

	buf_init(&b, CONTACT_CARD_MAX);
	if (!read_data(text(v, "uri"), &b, &type))
		rc = refuse(s, key, "uri", "not a good \"data:\" URI");
	else
		rc = check_photo(s, key, v, buf_str(&b), "uri");
	buf_deinit(&b);
	return rc;
}

int jmap_card_media_keep(struct jmap_set *s, struct json_writer *w,
                         struct json media)
{
	struct json_members m = { .object = media };
	struct str name;
	struct json v, id;
	int rc = 0;

	if (json_kind(media) != JSON_IS_OBJECT) {
		json_copy(w, media); /* which is refused later */
		return 0;
	}
	json_object(w);
	while (rc == 0 && json_member_next(&m, &name, &v)) {
		json_key(w, name);
		if (json_get(v, "blobId", &id)) {
			rc = keep_blob(s, w, name, v, id);
			continue;
		}
		if (is_data(text(v, "uri")))
			rc = check_data(s, name, v);
		json_copy(w, v);
	}
	if (rc == 0)
		json_end(w);
	return rc;
}
