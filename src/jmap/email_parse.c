/* Email/parse (RFC 8621, 4.9): a blob as an Email that is in no mailbox. */
#include "jmap/email.h"
#include "jmap/methods.h"
#include "text/extract.h"

#define BLOBS_MAX 50

static void write_parsed(struct jmap_call *c, const struct jmap_email_args *a,
                         struct str id, const struct jmap_blob *blob)
{
	struct text_extract ex;
	struct arena arena;
	struct jmap_email m = { .c = c,
		                .args = a,
		                .arena = &arena,
		                .parsed = true,
		                .is_open = true,
		                .blob_id = id,
		                .prefix = blob->prefix,
		                .message = blob->bytes };

	arena_init(&arena);
	(void)jmap_email_root(&m);
	text_extract(&arena, m.message, &m.structure, NULL, &ex);
	m.preview = ex.preview;
	m.has_attachment = ex.has_attachment;
	json_key(&c->w, id);
	jmap_email_write(&m);
	jmap_email_close(&m);
	text_extract_free(&ex);
	arena_deinit(&arena);
}

static void write_missing(struct jmap_call *c, const char *name,
                          const struct str *list, size_t n)
{
	json_key(&c->w, str_z(name));
	if (n == 0) {
		json_null(&c->w);
		return;
	}
	json_array(&c->w);
	for (size_t i = 0; i < n; i++)
		json_str(&c->w, list[i]);
	json_end(&c->w);
}

int jmap_email_parse(struct jmap_call *c)
{
	static const char *const known[] = { "accountId",
		                             "blobIds",
		                             "properties",
		                             "bodyProperties",
		                             "fetchTextBodyValues",
		                             "fetchHTMLBodyValues",
		                             "fetchAllBodyValues",
		                             "maxBodyValueBytes",
		                             NULL };
	struct jmap_email_args *a = arena_alloc(c->arena, sizeof(*a));
	struct str *ids, *missing;
	struct jmap_get g;
	size_t n, missing_n = 0;

	if (jmap_args_known(c, known) < 0 ||
	    jmap_email_args_read(c, true, a, &g) < 0 ||
	    jmap_read_ids(c, "blobIds", BLOBS_MAX, &ids, &n) < 0)
		return -1;
	if (!ids)
		return jmap_error(c, "invalidArguments", "no blobIds");
	missing = arena_array(c->arena, n + 1, sizeof(*missing));
	jmap_write_account(c);
	json_key(&c->w, STR("parsed"));
	json_object(&c->w);
	for (size_t i = 0; i < n; i++) {
		struct jmap_blob blob;
		struct err err = ERR_INIT;

		if (jmap_blob_open(&blob, c->store, c->account, ids[i], &err) ==
		    0) {
			write_parsed(c, a, ids[i], &blob);
			jmap_blob_close(&blob);
		} else if (err.kind == ERR_NOT_FOUND) {
			missing[missing_n++] = ids[i];
		} else {
			return jmap_fail(c, &err);
		}
	}
	json_end(&c->w);
	/* Anything can be read as a message, so nothing is notParsable. */
	write_missing(c, "notParsable", NULL, 0);
	write_missing(c, "notFound", missing, missing_n);
	return 0;
}
