/* Blob/upload (RFC 9404, 4.1), and Blob/copy (RFC 8620, 6.3). */
#include "base/base64.h"
#include "config/config.h"
#include "jmap/blob.h"
#include "jmap/methods.h"
#include "jmap/object.h"
#include "store/upload.h"

#define CREATES_MAX 100
#define TYPE_MAX    255

struct uploading {
	struct jmap_call *c;
	struct buf *out; /* born with the most that one may have */
	const char *error;
	const char *why;
};

static int refuse(struct uploading *u, const char *error, const char *why)
{
	u->error = error;
	u->why = why;
	return -1;
}

/* ---- data sources ---- */

static int add_part(struct uploading *u, struct json source, struct str id)
{
	struct json offset = { NULL }, length = { NULL };
	uint64_t from = 0, n = UINT64_MAX;
	struct jmap_blob blob;
	struct err err = ERR_INIT;
	uint64_t size;
	int rc = 0;

	if ((json_get(source, "offset", &offset) &&
	     json_kind(offset) != JSON_IS_NULL &&
	     !json_as_u64(offset, &from)) ||
	    (json_get(source, "length", &length) &&
	     json_kind(length) != JSON_IS_NULL && !json_as_u64(length, &n)))
		return refuse(u, "invalidProperties",
		              "offset and length are numbers");
	if (jmap_blob_open(&blob, u->c->store, u->c->account, jmap_id(u->c, id),
	                   &err) < 0)
		return refuse(u, "blobNotFound", "a source is not there");
	size = blob.prefix.n + blob.bytes.n;
	if (from > size || (n != UINT64_MAX && n > size - from)) {
		rc = refuse(u, "invalidProperties", "beyond its source");
	} else {
		size_t end = (size_t)(n == UINT64_MAX ? size : from + n);
		size_t head = blob.prefix.n < end ? blob.prefix.n : end;

		if (from < head)
			buf_add(u->out, str_from(str_to(blob.prefix, head),
			                         (size_t)from));
		if (end > blob.prefix.n) {
			size_t at = from > blob.prefix.n
			                    ? (size_t)from - blob.prefix.n
			                    : 0;

			buf_add(u->out, str_from(str_to(blob.bytes,
			                                end - blob.prefix.n),
			                         at));
		}
	}
	jmap_blob_close(&blob);
	return rc;
}

static int add_source(struct uploading *u, struct json source)
{
	struct json text, base64, id;
	int given = json_get(source, "data:asText", &text) +
	            2 * json_get(source, "data:asBase64", &base64) +
	            4 * json_get(source, "blobId", &id);

	switch (given) {
	case 1:
		if (json_kind(text) != JSON_IS_STRING)
			break;
		buf_add(u->out, json_as_str(text));
		return 0;
	case 2:
		if (json_kind(base64) != JSON_IS_STRING ||
		    !base64_decode(u->out, json_as_str(base64)))
			break;
		return 0;
	case 4:
		if (json_kind(id) != JSON_IS_STRING)
			break;
		return add_part(u, source, json_as_str(id));
	default: break;
	}
	return refuse(u, "invalidProperties", "not a source of data");
}

static int read_type(struct uploading *u, struct json v, struct str *out)
{
	struct json type;

	*out = STR("application/octet-stream");
	if (!json_get(v, "type", &type) || json_kind(type) == JSON_IS_NULL)
		return 0;
	*out = json_as_str(type);
	if (out->n == 0 || out->n > TYPE_MAX)
		return refuse(u, "invalidProperties", "not a type");
	return 0;
}

/* Put the sources together. */
static int gather(struct uploading *u, struct json v, struct str *type)
{
	struct json_members m = { .object = v };
	struct str name;
	struct json list = { NULL }, x;

	while (json_member_next(&m, &name, &x))
		if (!str_eq(name, STR("data")) && !str_eq(name, STR("type")))
			return refuse(u, "invalidProperties",
			              "only data and type are set");
	if (!json_get(v, "data", &list) || json_kind(list) != JSON_IS_ARRAY ||
	    json_count(list) == 0 || json_count(list) > JMAP_BLOB_SOURCES_MAX)
		return refuse(u, "invalidProperties",
		              "data is a list of sources");
	for (size_t i = 0; i < json_count(list); i++)
		if (add_source(u, json_at(list, i)) < 0)
			return -1;
	if (buf_overflow(u->out))
		return refuse(u, "tooLarge", "over maxSizeBlobSet");
	return read_type(u, v, type);
}

/* ---- the call ---- */

static int put(struct uploading *u, char id[UPLOAD_ID_MAX])
{
	struct err err = ERR_INIT;

	if (upload_put(u->c->store, u->c->account, buf_str(u->out), id, &err) ==
	    0)
		return 0;
	if (err.kind == ERR_OVER_QUOTA)
		return refuse(u, "overQuota",
		              "too much is uploaded and not used");
	return refuse(u, "serverFail", "temporary failure, try later");
}

static void create_one(struct jmap_call *c, struct str name, struct json v,
                       struct json_writer *made, struct json_writer *failed)
{
	struct uploading u = { .c = c };
	char id[UPLOAD_ID_MAX];
	struct str type;
	struct buf b;

	buf_init(&b, (size_t)config_u64(c->req->server->ctx.config,
	                                OPT_LIMITS_MESSAGE_BYTES));
	u.out = &b;
	if (gather(&u, v, &type) < 0 || put(&u, id) < 0) {
		json_key(failed, name);
		json_object(failed);
		json_member_z(failed, "type", u.error);
		json_member_z(failed, "description", u.why);
		json_end(failed);
	} else {
		jmap_created(c->req, name, str_z(id));
		json_key(made, name);
		json_object(made);
		json_member_z(made, "id", id);
		json_member_str(made, "type", type);
		json_member_u64(made, "size", b.n);
		json_end(made);
	}
	buf_deinit(&b);
}

static void write_map(struct jmap_call *c, const char *name, struct buf *b)
{
	json_key(&c->w, str_z(name));
	if (b->n > 2)
		json_raw(&c->w, buf_str(b));
	else
		json_null(&c->w);
	buf_deinit(b);
}

int jmap_blob_upload(struct jmap_call *c)
{
	static const char *const known[] = { "accountId", "create", NULL };
	struct json_writer made, failed;
	struct json_members m = { .object = { NULL } };
	struct buf made_b, failed_b;
	struct json create, v;
	struct str name;

	if (jmap_args_known(c, known) < 0 || jmap_args_account(c) < 0)
		return -1;
	if (!jmap_arg(c, "create", &create) ||
	    json_kind(create) != JSON_IS_OBJECT)
		return jmap_error(c, "invalidArguments", "no create");
	if (json_count(create) > CREATES_MAX)
		return jmap_error(c, "requestTooLarge", "over %d blobs",
		                  CREATES_MAX);
	buf_init(&made_b, JMAP_ANSWER_MAX);
	buf_init(&failed_b, JMAP_ANSWER_MAX);
	made = json_writer(&made_b);
	failed = json_writer(&failed_b);
	json_object(&made);
	json_object(&failed);
	m.object = create;
	while (json_member_next(&m, &name, &v))
		create_one(c, name, v, &made, &failed);
	json_end(&made);
	json_end(&failed);
	jmap_write_account(c);
	write_map(c, "created", &made_b);
	write_map(c, "notCreated", &failed_b);
	return 0;
}

/* There is one account: what is in it is in it under the same id. */
int jmap_blob_copy(struct jmap_call *c)
{
	static const char *const known[] = { "accountId", "fromAccountId",
		                             "blobIds", NULL };
	struct str from = { NULL, 0 }, *ids;
	bool *found;
	size_t n, missing = 0;

	if (jmap_args_known(c, known) < 0 || jmap_args_account(c) < 0 ||
	    jmap_arg_str(c, "fromAccountId", &from) < 0 ||
	    jmap_read_ids(c, "blobIds", JMAP_OBJECTS_IN_SET, &ids, &n) < 0)
		return -1;
	if (!from.p || !ids)
		return jmap_error(c, "invalidArguments",
		                  "fromAccountId and blobIds are needed");
	if (!str_eq(from, str_z(jmap_account_id(c->req->user).z)))
		return jmap_error(c, "fromAccountNotFound", "no such account");
	found = arena_zalloc(c->arena, n + 1);
	for (size_t i = 0; i < n; i++) {
		struct jmap_blob blob;
		struct err err = ERR_INIT;

		found[i] = jmap_blob_open(&blob, c->store, c->account, ids[i],
		                          &err) == 0;
		if (found[i])
			jmap_blob_close(&blob);
		else
			missing++;
	}
	json_member_str(&c->w, "fromAccountId", from);
	jmap_write_account(c);
	json_key(&c->w, STR("copied"));
	if (missing == n) {
		json_null(&c->w);
	} else {
		json_object(&c->w);
		for (size_t i = 0; i < n; i++)
			if (found[i]) {
				json_key(&c->w, ids[i]);
				json_str(&c->w, ids[i]);
			}
		json_end(&c->w);
	}
	json_key(&c->w, STR("notCopied"));
	if (!missing) {
		json_null(&c->w);
		return 0;
	}
	json_object(&c->w);
	for (size_t i = 0; i < n; i++)
		if (!found[i]) {
			json_key(&c->w, ids[i]);
			json_object(&c->w);
			json_member_z(&c->w, "type", "notFound");
			json_end(&c->w);
		}
	json_end(&c->w);
	return 0;
}
