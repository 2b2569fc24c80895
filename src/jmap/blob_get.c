/* Blob/get and Blob/lookup (RFC 9404, 4.2 and 4.3). */
#include "base/base64.h"
#include "base/utf8.h"
#include "crypto/hash.h"
#include "jmap/blob.h"
#include "jmap/email.h"
#include "jmap/methods.h"

const char *const jmap_blob_types[] = { "Mailbox", "Thread", "Email", NULL };
const char *const jmap_blob_digests[] = { "sha", "sha-256", "sha-512", NULL };

static const enum hash hashes[] = { HASH_SHA1, HASH_SHA256, HASH_SHA512 };

#define DIGESTS_N (sizeof(hashes) / sizeof(hashes[0]))

struct wanted {
	bool text, base64, data, size;
	bool digests[DIGESTS_N];
	bool has_range;
	uint64_t offset, length; /* UINT64_MAX: to the end */
};

static int read_properties(struct jmap_call *c, struct wanted *w)
{
	struct str *names;
	size_t n;

	if (jmap_read_ids(c, "properties", 20, &names, &n) < 0)
		return -1;
	w->data = w->size = !names;
	for (size_t i = 0; names && i < n; i++) {
		size_t k = 0;

		if (str_eq(names[i], STR("data:asText"))) {
			w->text = true;
		} else if (str_eq(names[i], STR("data:asBase64"))) {
			w->base64 = true;
		} else if (str_eq(names[i], STR("data"))) {
			w->data = true;
		} else if (str_eq(names[i], STR("size"))) {
			w->size = true;
		} else if (!str_eq(names[i], STR("id"))) {
			if (str_starts(names[i], STR("digest:")))
				while (k < DIGESTS_N &&
				       !str_eq(str_from(names[i], 7),
				               str_z(jmap_blob_digests[k])))
					k++;
			else
				k = DIGESTS_N;
			if (k == DIGESTS_N)
				return jmap_error(c, "invalidArguments",
				                  "no property \"%.*s\"",
				                  STR_ARG(names[i]));
			w->digests[k] = true;
		}
	}
	return 0;
}

/* ---- one blob ---- */

static void write_base64(struct jmap_call *c, const char *member, struct str s)
{
	struct buf b;

	buf_init(&b, base64_length(s.n) + 4);
	base64_encode(&b, s);
	json_member_str(&c->w, member, buf_str(&b));
	buf_deinit(&b);
}

/* RFC 9404, 4.2: text when it is text, else base64. */
static void write_data(struct jmap_call *c, const struct wanted *w,
                       struct str s)
{
	bool is_text = utf8_is_valid(s);

	if (w->text || (w->data && is_text)) {
		if (is_text) {
			json_member_str(&c->w, "data:asText", s);
		} else {
			json_member_bool(&c->w, "isEncodingProblem", true);
			json_key(&c->w, STR("data:asText"));
			json_null(&c->w);
		}
	}
	if (w->base64 || (w->data && !is_text))
		write_base64(c, "data:asBase64", s);
}

static void write_digests(struct jmap_call *c, const struct wanted *w,
                          struct str s)
{
	for (size_t i = 0; i < DIGESTS_N; i++) {
		unsigned char sum[HASH_MAX];

		if (!w->digests[i])
			continue;
		hash_bytes(hashes[i], s, sum);
		write_base64(c,
		             arena_fmt(c->arena, "digest:%s",
		                       jmap_blob_digests[i])
		                     .p,
		             (struct str){ (const char *)sum,
		                           hash_size(hashes[i]) });
	}
}

static void write_blob(struct jmap_call *c, const struct wanted *w,
                       struct str id, struct str all)
{
	uint64_t from = w->offset < all.n ? w->offset : all.n;
	uint64_t n = all.n - from;
	struct str part;

	if (w->length < n)
		n = w->length;
	part = str_to(str_from(all, (size_t)from), (size_t)n);
	json_object(&c->w);
	json_member_str(&c->w, "id", id);
	write_data(c, w, part);
	write_digests(c, w, part);
	if (w->size)
		json_member_u64(&c->w, "size", all.n);
	/* What was asked for is not all there. */
	if (w->offset > all.n ||
	    (w->length != UINT64_MAX && w->length > all.n - from))
		json_member_bool(&c->w, "isTruncated", true);
	json_end(&c->w);
}

/* 1, 0, -1 */
static int write_one(struct jmap_call *c, const struct wanted *w, struct str id)
{
	struct jmap_blob blob;
	struct err err = ERR_INIT;
	struct buf b;

	if (jmap_blob_open(&blob, c->store, c->account, jmap_id(c, id), &err) <
	    0)
		return err.kind == ERR_NOT_FOUND ? 0 : jmap_fail(c, &err);
	if (blob.prefix.n == 0) {
		write_blob(c, w, id, blob.bytes);
	} else {
		buf_init(&b, blob.prefix.n + blob.bytes.n);
		buf_add(&b, blob.prefix);
		buf_add(&b, blob.bytes);
		write_blob(c, w, id, buf_str(&b));
		buf_deinit(&b);
	}
	jmap_blob_close(&blob);
	return 1;
}

int jmap_blob_get(struct jmap_call *c)
{
	static const char *const known[] = { "accountId",  "ids",
		                             "properties", "offset",
		                             "length",     NULL };
	struct wanted w = { .length = UINT64_MAX };
	struct str *ids, *missing;
	size_t n, missing_n = 0;

	if (jmap_args_known(c, known) < 0 || jmap_args_account(c) < 0 ||
	    jmap_read_ids(c, "ids", JMAP_OBJECTS_IN_GET, &ids, &n) < 0 ||
	    read_properties(c, &w) < 0 ||
	    jmap_arg_u64(c, "offset", &w.offset) < 0 ||
	    jmap_arg_u64(c, "length", &w.length) < 0)
		return -1;
	if (!ids)
		return jmap_error(c, "invalidArguments", "no ids");
	missing = arena_array(c->arena, n + 1, sizeof(*missing));
	jmap_write_account(c);
	json_key(&c->w, STR("list"));
	json_array(&c->w);
	for (size_t i = 0; i < n && !buf_overflow(&c->out); i++) {
		int rc = write_one(c, &w, ids[i]);

		if (rc < 0)
			return -1;
		if (rc == 0)
			missing[missing_n++] = ids[i];
	}
	jmap_get_end(c, missing, missing_n);
	return 0;
}

/* ---- lookup ---- */

struct lookup {
	bool types[3]; /* as jmap_blob_types */
};

static void write_names(struct jmap_call *c, const char *type,
                        const struct fetch_email *e, unsigned which)
{
	uint64_t last = 0;

	json_key(&c->w, str_z(type));
	json_array(&c->w);
	if (e && which == 1)
		jmap_write_id(&c->w, STORE_ID_THREAD, e->thread);
	if (e && which == 2)
		jmap_write_id(&c->w, STORE_ID_EMAIL, e->email);
	for (size_t i = 0; e && which == 0 && i < e->places_n; i++) {
		if (e->places[i].flags & FLAG_DELETED ||
		    e->places[i].mailbox == last)
			continue;
		last = e->places[i].mailbox;
		jmap_write_id(&c->w, STORE_ID_MAILBOX, last);
	}
	json_end(&c->w);
}

/* A blob of a message, or of a part of one, is in its Email; an upload is in
 * none. */
static int look_up(struct jmap_call *c, const struct lookup *l, struct str id)
{
	struct str real = jmap_id(c, id), base;
	const struct fetch_email *found = NULL;
	struct jmap_blob blob;
	struct fetch_email e;
	struct err err = ERR_INIT;
	uint64_t no;

	if (jmap_blob_open(&blob, c->store, c->account, real, &err) < 0)
		return err.kind == ERR_NOT_FOUND ? 0 : jmap_fail(c, &err);
	jmap_blob_close(&blob);
	if (!str_cut(&real, '-', &base))
		base = real;
	if (store_id_parse(base, STORE_ID_BLOB, &no) &&
	    fetch_email(c->store, c->account, no, FETCH_IDS, c->arena, &e,
	                &err) == 0 &&
	    jmap_email_visible(&e))
		found = &e;
	json_object(&c->w);
	json_member_str(&c->w, "id", id);
	json_key(&c->w, STR("matchedIds"));
	json_object(&c->w);
	for (unsigned i = 0; i < 3; i++)
		if (l->types[i])
			write_names(c, jmap_blob_types[i], found, i);
	json_end(&c->w);
	json_end(&c->w);
	return 1;
}

static int read_types(struct jmap_call *c, struct lookup *l)
{
	struct str *names;
	size_t n;

	if (jmap_read_ids(c, "typeNames", 20, &names, &n) < 0)
		return -1;
	if (!names)
		return jmap_error(c, "invalidArguments", "no typeNames");
	for (size_t i = 0; i < n; i++) {
		size_t k = 0;

		while (jmap_blob_types[k] &&
		       !str_eq(names[i], str_z(jmap_blob_types[k])))
			k++;
		if (!jmap_blob_types[k])
			return jmap_error(c, "unknownDataType", "\"%.*s\"",
			                  STR_ARG(names[i]));
		l->types[k] = true;
	}
	return 0;
}

int jmap_blob_lookup(struct jmap_call *c)
{
	static const char *const known[] = { "accountId", "typeNames", "ids",
		                             NULL };
	struct lookup l = { { false, false, false } };
	struct str *ids, *missing;
	size_t n, missing_n = 0;

	if (jmap_args_known(c, known) < 0 || jmap_args_account(c) < 0 ||
	    read_types(c, &l) < 0 ||
	    jmap_read_ids(c, "ids", JMAP_OBJECTS_IN_GET, &ids, &n) < 0)
		return -1;
	if (!ids)
		return jmap_error(c, "invalidArguments", "no ids");
	missing = arena_array(c->arena, n + 1, sizeof(*missing));
	jmap_write_account(c);
	json_key(&c->w, STR("list"));
	json_array(&c->w);
	for (size_t i = 0; i < n; i++) {
		int rc = look_up(c, &l, ids[i]);

		if (rc < 0)
			return -1;
		if (rc == 0)
			missing[missing_n++] = ids[i];
	}
	jmap_get_end(c, missing, missing_n);
	return 0;
}
