/* SieveScript/get, /query and /validate (RFC 9661, 2). */
#include <string.h>

#include "config/config.h"
#include "crypto/hash.h"
#include "deliver/script.h"
#include "jmap/blob.h"
#include "jmap/methods.h"
#include "jmap/query.h"
#include "jmap/sieve.h"
#include "text/nfc.h"

#define DIGEST_BYTES 12

/* ---- blobs ---- */

static void digest(struct str text, char hex[2 * DIGEST_BYTES + 1])
{
	unsigned char h[HASH_MAX];

	hash_bytes(HASH_SHA256, text, h);
	hash_hex(h, DIGEST_BYTES, hex);
}

struct str jmap_script_blob_id(struct arena *a, uint64_t no, struct str text)
{
	char hex[2 * DIGEST_BYTES + 1];

	digest(text, hex);
	return arena_fmt(a, "%sx%s", store_id(JMAP_ID_SCRIPT, no).z, hex);
}

bool jmap_script_blob_parse(struct str id, uint64_t *no_out)
{
	struct str no;

	return str_chr(id, 'x') != STR_NPOS && str_cut(&id, 'x', &no) &&
	       id.n == 2 * DIGEST_BYTES &&
	       store_id_parse(no, JMAP_ID_SCRIPT, no_out);
}

int jmap_script_blob_open(struct store *s, struct store_account a,
                          struct str id, struct arena *arena, struct str *out,
                          struct err *err)
{
	struct script script;
	uint64_t no;

	if (!jmap_script_blob_parse(id, &no))
		return err_set(err, ERR_NOT_FOUND, "no such blob");
	if (script_get_no(s, a, no, arena, &script, err) < 0)
		return -1;
	if (!str_eq(jmap_script_blob_id(arena, no, script.text), id))
		return err_set(err, ERR_NOT_FOUND, "it has another text");
	*out = script.text;
	return 0;
}

static struct str join(struct arena *a, struct str x, struct str y)
{
	char *p = arena_alloc(a, x.n + y.n + 1);

	if (x.n)
		memcpy(p, x.p, x.n);
	if (y.n)
		memcpy(p + x.n, y.p, y.n);
	return (struct str){ p, x.n + y.n };
}

int jmap_script_text(struct jmap_call *c, struct str blob_id, struct str *out,
                     struct err *err)
{
	uint64_t max =
		config_u64(c->req->server->ctx.config, OPT_SIEVE_SCRIPT_BYTES);
	struct jmap_blob b;
	int rc = 0;

	if (jmap_blob_open(&b, c->store, c->account, jmap_id(c, blob_id), err) <
	    0)
		return -1;
	if (b.prefix.n + b.bytes.n > max)
		rc = err_set(err, ERR_TOO_BIG,
		             "a script has at most %llu bytes",
		             (unsigned long long)max);
	else
		*out = join(c->arena, b.prefix, b.bytes);
	jmap_blob_close(&b);
	return rc;
}

/* ---- /get ---- */

int jmap_scripts_read(struct jmap_call *c, struct script **out, size_t *n)
{
	struct err err = ERR_INIT;

	return script_list(c->store, c->account, c->arena, out, n, &err) < 0
	               ? jmap_fail(c, &err)
	               : 0;
}

static void write_id(struct jmap_call *c, const void *o)
{
	const struct script *s = o;

	jmap_write_id(&c->w, JMAP_ID_SCRIPT, s->no);
}

static void write_name(struct jmap_call *c, const void *o)
{
	const struct script *s = o;

	json_str(&c->w, s->name);
}

static void write_blob(struct jmap_call *c, const void *o)
{
	const struct script *s = o;

	json_str(&c->w, jmap_script_blob_id(c->arena, s->no, s->text));
}

static void write_active(struct jmap_call *c, const void *o)
{
	const struct script *s = o;

	json_bool(&c->w, s->active);
}

static const struct jmap_property rows[] = {
	{ "id", JMAP_SERVER_SET, write_id },
	{ "name", 0, write_name },
	{ "blobId", 0, write_blob },
	{ "isActive", JMAP_SERVER_SET, write_active },
};

#define ROWS_N (sizeof(rows) / sizeof(rows[0]))

static int write_one(struct jmap_call *c, const struct jmap_get *g,
                     struct script *s)
{
	struct err err = ERR_INIT;

	if (jmap_get_wants(g, rows, ROWS_N, "blobId") &&
	    script_get_no(c->store, c->account, s->no, c->arena, s, &err) < 0)
		/* Removed a moment ago. */
		return err.kind == ERR_NOT_FOUND ? 0 : jmap_fail(c, &err);
	json_object(&c->w);
	jmap_get_write(c, rows, ROWS_N, g->wanted, s);
	json_end(&c->w);
	return 0;
}

static struct script *find(struct script *list, size_t n, uint64_t no)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].no == no)
			return &list[i];
	return NULL;
}

int jmap_sieve_get(struct jmap_call *c)
{
	static const char *const known[] = { "accountId", "ids", "properties",
		                             NULL };
	struct change_state state;
	struct script *list;
	struct str *missing;
	struct jmap_get g;
	size_t n, gone = 0;
	int rc = 0;

	if (jmap_args_known(c, known) < 0 ||
	    jmap_get_read(c, rows, ROWS_N, NULL, NULL, &g) < 0 ||
	    jmap_state(c, CHANGE_SCRIPT, &state) < 0 ||
	    jmap_scripts_read(c, &list, &n) < 0)
		return -1;
	missing = arena_array(c->arena, g.ids_n + 1, sizeof(*missing));
	jmap_get_begin(c, jmap_state_text(c->arena, state));
	for (size_t i = 0; g.all && i < n && rc == 0; i++)
		rc = write_one(c, &g, &list[i]);
	for (size_t i = 0; i < g.ids_n && rc == 0; i++) {
		struct script *s =
			find(list, n, jmap_no(c, g.ids[i], JMAP_ID_SCRIPT));

		if (s)
			rc = write_one(c, &g, s);
		else
			missing[gone++] = g.ids[i];
	}
	jmap_get_end(c, missing, gone);
	return rc;
}

/* ---- /query ---- */

struct item {
	struct str key;
	bool active;
};

static bool has_name(struct jmap_call *c, const void *object, struct json v,
                     const struct jmap_condition *row)
{
	const struct item *it = object;

	(void)row;
	return str_find(it->key, text_casemap_key(c->arena, json_as_str(v))) !=
	       STR_NPOS;
}

static bool active_is(struct jmap_call *c, const void *object, struct json v,
                      const struct jmap_condition *row)
{
	const struct item *it = object;

	(void)c;
	(void)row;
	return it->active == json_as_bool(v);
}

static const struct jmap_condition conditions[] = {
	{ "name", JMAP_IS_STRING, has_name },
	{ "isActive", JMAP_IS_BOOL, active_is },
};

static const char *const sorts[] = { "name", "isActive" };

static int compare(const void *pa, const void *pb, size_t sort)
{
	const struct item *a = pa, *b = pb;

	return sort == 0 ? str_cmp(a->key, b->key)
	                 : (int)a->active - (int)b->active;
}

static int read_items(struct jmap_call *c, struct jmap_query_item **out,
                      size_t *n)
{
	struct script *list;
	struct item *keys;

	if (jmap_scripts_read(c, &list, n) < 0)
		return -1;
	*out = arena_array(c->arena, *n + 1, sizeof(**out));
	keys = arena_array(c->arena, *n + 1, sizeof(*keys));
	for (size_t i = 0; i < *n; i++) {
		keys[i].key = text_casemap_key(c->arena, list[i].name);
		keys[i].active = list[i].active;
		(*out)[i] = (struct jmap_query_item){ list[i].no, &keys[i] };
	}
	return 0;
}

static const struct jmap_criteria criteria = {
	conditions,
	sizeof(conditions) / sizeof(conditions[0]),
	sorts,
	sizeof(sorts) / sizeof(sorts[0]),
};

static const struct jmap_query_type query = {
	.type = CHANGE_SCRIPT,
	.letter = JMAP_ID_SCRIPT,
	.criteria = &criteria,
	.read = read_items,
	.compare = compare,
};

int jmap_sieve_query(struct jmap_call *c)
{
	return jmap_query_run(c, &query);
}

/* ---- /validate ---- */

int jmap_sieve_validate(struct jmap_call *c)
{
	static const char *const known[] = { "accountId", "blobId", NULL };
	struct str id = { NULL, 0 }, text;
	struct err err = ERR_INIT;

	if (jmap_args_known(c, known) < 0 || jmap_args_account(c) < 0 ||
	    jmap_arg_str(c, "blobId", &id) < 0)
		return -1;
	if (!id.p)
		return jmap_error(c, "invalidArguments", "no blobId");
	if (jmap_script_text(c, id, &text, &err) < 0) {
		if (err.kind == ERR_NOT_FOUND)
			return jmap_error(c, "blobNotFound", "no such blob");
		if (err.kind != ERR_TOO_BIG)
			return jmap_fail(c, &err);
	} else if (deliver_script_check(text, &err) == 0) {
		err.kind = ERR_NONE;
	}
	jmap_write_account(c);
	json_key(&c->w, STR("error"));
	if (err.kind == ERR_NONE) {
		json_null(&c->w);
		return 0;
	}
	json_object(&c->w);
	json_member_z(&c->w, "type",
	              err.kind == ERR_TOO_BIG ? "tooLarge" : "invalidSieve");
	json_member_z(&c->w, "description", err.text);
	json_end(&c->w);
	return 0;
}
