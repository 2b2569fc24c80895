/* MDN/parse (RFC 9007, 2.2). */
#include "jmap/mdn.h"
#include "jmap/methods.h"
#include "store/emails.h"
#include "store/query.h"
#include "text/extract.h"
#include "wire/message/header.h"

#define BLOBS_MAX 50
#define TEXT_MAX  ((size_t)256 * 1024)

const char *jmap_mdn_word(unsigned part, struct str word)
{
	static const char *const words[3][4] = {
		{ "manual-action", "automatic-action", NULL, NULL },
		{ "mdn-sent-manually", "mdn-sent-automatically", NULL, NULL },
		{ "deleted", "dispatched", "displayed", "processed" },
	};

	for (unsigned i = 0; i < 4; i++)
		if (words[part][i] && str_eq_case(word, str_z(words[part][i])))
			return words[part][i];
	return NULL;
}

/* ---- fields ---- */

static void add_field(struct jmap_mdn_fields *f, struct str name,
                      struct str value)
{
	static const char *const names[] = {
		"Reporting-UA",    "MDN-Gateway",         "Original-Recipient",
		"Final-Recipient", "Original-Message-ID", "Disposition",
	};
	struct str *const places[] = {
		&f->reporting_ua,        &f->gateway,
		&f->original_recipient,  &f->final_recipient,
		&f->original_message_id, &f->disposition,
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_eq_case(name, str_z(names[i]))) {
			if (!places[i]->n)
				*places[i] = value;
			return;
		}
	if (str_eq_case(name, STR("Error"))) {
		if (f->errors_n < 10)
			f->errors[f->errors_n++] = value;
	} else if (f->extensions_n < 20) {
		f->extension_names[f->extensions_n] = name;
		f->extension_values[f->extensions_n++] = value;
	}
}

void jmap_mdn_read(struct arena *a, struct str fields,
                   struct jmap_mdn_fields *out)
{
	struct header_reader r = header_reader(fields);
	struct header_field f;
	enum header_result rc;

	*out = (struct jmap_mdn_fields){ .errors_n = 0 };
	while ((rc = header_next(&r, &f)) != HEADER_END)
		if (rc == HEADER_FIELD)
			add_field(out, f.name, text_header(a, f.raw));
}

/* ---- writing ---- */

static void member(struct json_writer *w, const char *name, struct str value)
{
	json_key(w, str_z(name));
	if (value.n)
		json_str(w, value);
	else
		json_null(w);
}

/* "manual-action/MDN-sent-manually; displayed/modifier" (RFC 8098, 3.2.6);
 * false when it is not. */
static bool split_disposition(struct str s, const char *out[3])
{
	struct str mode, action, type;

	if (!str_cut(&s, ';', &mode) || !str_cut(&mode, '/', &action))
		return false;
	if (!str_cut(&s, '/', &type))
		type = s;
	out[0] = jmap_mdn_word(0, str_trim(action));
	out[1] = jmap_mdn_word(1, str_trim(mode));
	out[2] = jmap_mdn_word(2, str_trim(type));
	return out[0] && out[1] && out[2];
}

static void write_disposition(struct json_writer *w, const char *const part[3])
{
	static const char *const names[] = { "actionMode", "sendingMode",
		                             "type" };

	json_key(w, STR("disposition"));
	json_object(w);
	for (int i = 0; i < 3; i++)
		json_member_z(w, names[i], part[i]);
	json_end(w);
}

static void write_lists(struct json_writer *w, const struct jmap_mdn_fields *f)
{
	json_key(w, STR("error"));
	if (f->errors_n) {
		json_array(w);
		for (size_t i = 0; i < f->errors_n; i++)
			json_str(w, f->errors[i]);
		json_end(w);
	} else {
		json_null(w);
	}
	json_key(w, STR("extensionFields"));
	if (f->extensions_n) {
		json_object(w);
		for (size_t i = 0; i < f->extensions_n; i++) {
			json_key(w, f->extension_names[i]);
			json_str(w, f->extension_values[i]);
		}
		json_end(w);
	} else {
		json_null(w);
	}
}

/* ---- one blob ---- */

/* The parts of a report (RFC 6522); false when it is none of these. */
static bool find_parts(const struct mime_part *root,
                       const struct mime_part **text,
                       const struct mime_part **fields, bool *original)
{
	const struct mime_part *p = root->child;

	if (!mime_part_is(root, "multipart", "report") || !p || !p->next ||
	    !mime_part_is(p->next, "message", "disposition-notification"))
		return false;
	*text = p;
	*fields = p->next;
	*original = p->next->next != NULL;
	return true;
}

/* The Email that it is about, when the account has it. */
static void write_for(struct jmap_call *c, struct str message_id)
{
	struct str id = str_trim(message_id);
	const struct emails *set = NULL;
	struct err ignored = ERR_INIT;
	struct query *q;
	uint32_t *list;
	size_t n = 0;

	json_key(&c->w, STR("forEmailId"));
	if (id.n && id.n <= QUERY_TEXT_MAX &&
	    emails_open(&set, c->store, c->account, &ignored) == 0) {
		q = query_header(c->arena, STR("Message-ID"), id);
		if (emails_query(c->store, c->account, set, q, NULL, c->arena,
		                 &list, &n, &ignored) < 0)
			n = 0;
	}
	if (n)
		jmap_write_id(&c->w, STORE_ID_EMAIL, set->rows[list[0]].email);
	else
		json_null(&c->w);
	emails_close(&set);
}

static bool write_parsed(struct jmap_call *c, struct str id,
                         const struct jmap_blob *blob)
{
	const struct mime_part *text, *fields;
	const struct mime_part *root = mime_parse(c->arena, blob->bytes, NULL);
	struct jmap_header subject = { STR("Subject"), JMAP_TEXT, false };
	struct str header = mime_part_header(root, blob->bytes);
	struct jmap_mdn_fields f;
	const char *part[3];
	bool original;
	struct buf b;

	if (!find_parts(root, &text, &fields, &original))
		return false;
	jmap_mdn_read(c->arena, mime_part_body(fields, blob->bytes), &f);
	if (!f.final_recipient.n || !split_disposition(f.disposition, part))
		return false;
	json_key(&c->w, id);
	json_object(&c->w);
	write_for(c, f.original_message_id);
	json_key(&c->w, STR("subject"));
	jmap_header_write(&c->w, c->arena, &subject, &header, 1);
	buf_init(&b, TEXT_MAX);
	(void)text_part(&b, blob->bytes, text, true);
	member(&c->w, "textBody", buf_str(&b));
	buf_deinit(&b);
	json_member_bool(&c->w, "includeOriginalMessage", original);
	member(&c->w, "reportingUA", f.reporting_ua);
	write_disposition(&c->w, part);
	member(&c->w, "mdnGateway", f.gateway);
	member(&c->w, "originalRecipient", f.original_recipient);
	member(&c->w, "finalRecipient", f.final_recipient);
	member(&c->w, "originalMessageId", f.original_message_id);
	write_lists(&c->w, &f);
	json_end(&c->w);
	return true;
}

static void write_list(struct jmap_call *c, const char *name,
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

int jmap_mdn_parse(struct jmap_call *c)
{
	static const char *const known[] = { "accountId", "blobIds", NULL };
	struct str *ids, *missing, *others;
	size_t n, missing_n = 0, others_n = 0;

	if (jmap_args_known(c, known) < 0 || jmap_args_account(c) < 0 ||
	    jmap_read_ids(c, "blobIds", BLOBS_MAX, &ids, &n) < 0)
		return -1;
	if (!ids)
		return jmap_error(c, "invalidArguments", "no blobIds");
	missing = arena_array(c->arena, n + 1, sizeof(*missing));
	others = arena_array(c->arena, n + 1, sizeof(*others));
	jmap_write_account(c);
	json_key(&c->w, STR("parsed"));
	json_object(&c->w);
	for (size_t i = 0; i < n; i++) {
		struct jmap_blob blob;
		struct err err = ERR_INIT;

		if (jmap_blob_open(&blob, c->store, c->account, ids[i], &err) <
		    0) {
			if (err.kind != ERR_NOT_FOUND)
				return jmap_fail(c, &err);
			missing[missing_n++] = ids[i];
			continue;
		}
		if (!write_parsed(c, ids[i], &blob))
			others[others_n++] = ids[i];
		jmap_blob_close(&blob);
	}
	json_end(&c->w);
	write_list(c, "notParsable", others, others_n);
	write_list(c, "notFound", missing, missing_n);
	return 0;
}
