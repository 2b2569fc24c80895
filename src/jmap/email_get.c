/* Email/get (RFC 8621, 4.2), and the properties of an Email. */
#include "jmap/email.h"
#include "jmap/methods.h"
#include "store/meta.h"

static void write_id(struct jmap_call *c, const void *o)
{
	const struct jmap_email *m = o;

	if (m->parsed)
		json_null(&c->w);
	else
		jmap_write_id(&c->w, STORE_ID_EMAIL, m->stored.email);
}

static void write_blob_id(struct jmap_call *c, const void *o)
{
	const struct jmap_email *m = o;

	json_str(&c->w, m->blob_id);
}

static void write_thread_id(struct jmap_call *c, const void *o)
{
	const struct jmap_email *m = o;

	if (m->parsed)
		json_null(&c->w);
	else
		jmap_write_id(&c->w, STORE_ID_THREAD, m->stored.thread);
}

static void write_mailboxes(struct jmap_call *c, const void *o)
{
	const struct jmap_email *m = o;
	uint64_t last = 0;

	if (m->parsed) {
		json_null(&c->w);
		return;
	}
	json_object(&c->w);
	for (size_t i = 0; i < m->stored.places_n; i++) {
		const struct fetch_place *p = &m->stored.places[i];

		if (p->flags & FLAG_DELETED || p->mailbox == last)
			continue;
		last = p->mailbox;
		json_member_bool(&c->w,
		                 store_id(STORE_ID_MAILBOX, p->mailbox).z,
		                 true);
	}
	json_end(&c->w);
}

static void write_keywords(struct jmap_call *c, const void *o)
{
	const struct jmap_email *m = o;
	uint64_t flags;

	if (m->parsed) {
		json_null(&c->w);
		return;
	}
	flags = jmap_email_flags(&m->stored);
	json_object(&c->w);
	for (unsigned bit = 0; bit < FLAG_BITS; bit++) {
		struct str name;

		if (!(flags & UINT64_C(1) << bit))
			continue;
		name = jmap_keyword_of(m->arena, m->args->names.names[bit]);
		if (!name.n)
			continue;
		json_key(&c->w, name);
		json_bool(&c->w, true);
	}
	json_end(&c->w);
}

static void write_size(struct jmap_call *c, const void *o)
{
	const struct jmap_email *m = o;

	json_u64(&c->w,
	         m->parsed ? m->prefix.n + m->message.n : m->stored.row.size);
}

static void write_received(struct jmap_call *c, const void *o)
{
	const struct jmap_email *m = o;

	if (m->parsed)
		json_null(&c->w);
	else
		jmap_write_utc(&c->w, m->stored.row.internaldate_s);
}

/* The rows hand out what they are given as const; opening it is not. */
static struct jmap_email *loose(const void *o)
{
	union {
		const void *in;
		struct jmap_email *out;
	} u = { o };

	return u.out;
}

static void write_field(const void *o, const char *name, enum jmap_form form)
{
	struct jmap_header h = { str_z(name), form, false };
	struct jmap_email *m = loose(o);
	struct str blocks[2];
	size_t n = jmap_email_blocks(m, h.name, blocks);

	jmap_header_write(&m->c->w, m->arena, &h, blocks, n);
}

#define FIELD(function, name, form)                              \
	static void function(struct jmap_call *c, const void *o) \
	{                                                        \
		(void)c;                                         \
		write_field(o, name, form);                      \
	}

FIELD(write_message_id, "Message-ID", JMAP_MESSAGE_IDS)
FIELD(write_in_reply_to, "In-Reply-To", JMAP_MESSAGE_IDS)
FIELD(write_references, "References", JMAP_MESSAGE_IDS)
FIELD(write_sender, "Sender", JMAP_ADDRESSES)
FIELD(write_from, "From", JMAP_ADDRESSES)
FIELD(write_to, "To", JMAP_ADDRESSES)
FIELD(write_cc, "Cc", JMAP_ADDRESSES)
FIELD(write_bcc, "Bcc", JMAP_ADDRESSES)
FIELD(write_reply_to, "Reply-To", JMAP_ADDRESSES)
FIELD(write_subject, "Subject", JMAP_TEXT)
FIELD(write_sent_at, "Date", JMAP_DATE)

static void write_has_attachment(struct jmap_call *c, const void *o)
{
	const struct jmap_email *m = o;

	json_bool(&c->w, m->has_attachment);
}

static void write_preview(struct jmap_call *c, const void *o)
{
	const struct jmap_email *m = o;

	json_str(&c->w, m->preview);
}

static void write_values(struct jmap_call *c, const void *o)
{
	(void)c;
	jmap_part_values_write(loose(o));
}

static void write_text_body(struct jmap_call *c, const void *o)
{
	struct jmap_email *m = loose(o);

	(void)c;
	jmap_part_list_write(m, &jmap_email_parts(m)->text);
}

static void write_html_body(struct jmap_call *c, const void *o)
{
	struct jmap_email *m = loose(o);

	(void)c;
	jmap_part_list_write(m, &jmap_email_parts(m)->html);
}

static void write_attachments(struct jmap_call *c, const void *o)
{
	struct jmap_email *m = loose(o);

	(void)c;
	jmap_part_list_write(m, &jmap_email_parts(m)->attached);
}

static void write_structure(struct jmap_call *c, const void *o)
{
	struct jmap_email *m = loose(o);

	(void)c;
	jmap_part_write(m, jmap_email_root(m), true);
}

static void write_headers(struct jmap_call *c, const void *o)
{
	struct jmap_email *m = loose(o);
	struct str blocks[2];
	size_t n = jmap_email_blocks(m, (struct str){ NULL, 0 }, blocks);

	jmap_header_write_all(&c->w, m->arena, blocks, n);
}

#define META_ROW (JMAP_IMMUTABLE | JMAP_SERVER_SET)

static const struct jmap_property rows[] = {
	{ "id", META_ROW, write_id },
	{ "blobId", META_ROW, write_blob_id },
	{ "threadId", META_ROW, write_thread_id },
	{ "mailboxIds", 0, write_mailboxes },
	{ "keywords", 0, write_keywords },
	{ "size", META_ROW, write_size },
	{ "receivedAt", JMAP_IMMUTABLE, write_received },
	{ "messageId", JMAP_IMMUTABLE, write_message_id },
	{ "inReplyTo", JMAP_IMMUTABLE, write_in_reply_to },
	{ "references", JMAP_IMMUTABLE, write_references },
	{ "sender", JMAP_IMMUTABLE, write_sender },
	{ "from", JMAP_IMMUTABLE, write_from },
	{ "to", JMAP_IMMUTABLE, write_to },
	{ "cc", JMAP_IMMUTABLE, write_cc },
	{ "bcc", JMAP_IMMUTABLE, write_bcc },
	{ "replyTo", JMAP_IMMUTABLE, write_reply_to },
	{ "subject", JMAP_IMMUTABLE, write_subject },
	{ "sentAt", JMAP_IMMUTABLE, write_sent_at },
	{ "hasAttachment", META_ROW, write_has_attachment },
	{ "preview", META_ROW, write_preview },
	{ "bodyValues", JMAP_IMMUTABLE, write_values },
	{ "textBody", JMAP_IMMUTABLE, write_text_body },
	{ "htmlBody", JMAP_IMMUTABLE, write_html_body },
	{ "attachments", JMAP_IMMUTABLE, write_attachments },
	{ "bodyStructure", JMAP_IMMUTABLE | JMAP_NOT_DEFAULT, write_structure },
	{ "headers", JMAP_IMMUTABLE | JMAP_NOT_DEFAULT, write_headers },
};

#define ROWS_N (sizeof(rows) / sizeof(rows[0]))

void jmap_email_write(struct jmap_email *m)
{
	json_object(&m->c->w);
	jmap_get_write(m->c, rows, ROWS_N, m->args->wanted, m);
	for (size_t i = 0; i < m->args->headers_n; i++) {
		struct jmap_header h;
		struct str blocks[2];

		if (!jmap_header_parse(m->args->headers[i], &h))
			continue;
		json_key(&m->c->w, m->args->headers[i]);
		jmap_header_write(&m->c->w, m->arena, &h, blocks,
		                  jmap_email_blocks(m, h.name, blocks));
	}
	json_end(&m->c->w);
}

/* ---- arguments ---- */

const char *const jmap_email_args_names[] = { "accountId",
	                                      "ids",
	                                      "properties",
	                                      "bodyProperties",
	                                      "fetchTextBodyValues",
	                                      "fetchHTMLBodyValues",
	                                      "fetchAllBodyValues",
	                                      "maxBodyValueBytes",
	                                      NULL };

static bool take_header(struct jmap_call *c, struct str name, void *arg)
{
	struct jmap_email_args *a = arg;
	struct jmap_header h;

	(void)c;
	if (a->headers_n == JMAP_HEADERS_MAX || !jmap_header_parse(name, &h))
		return false;
	for (size_t i = 0; i < a->headers_n; i++)
		if (str_eq(a->headers[i], name))
			return true;
	a->headers[a->headers_n++] = name;
	return true;
}

/* RFC 8621, 4.9: what Email/parse gives without being asked. */
static uint64_t parse_defaults(void)
{
	static const char *const names[] = {
		"messageId",   "inReplyTo",  "references", "sender",
		"from",        "to",         "cc",         "bcc",
		"replyTo",     "subject",    "sentAt",     "hasAttachment",
		"preview",     "bodyValues", "textBody",   "htmlBody",
		"attachments",
	};
	uint64_t wanted = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		wanted |=
			UINT64_C(1)
			<< (jmap_property_find(rows, ROWS_N, str_z(names[i])) -
		            rows);
	return wanted;
}

int jmap_email_args_read(struct jmap_call *c, bool parse,
                         struct jmap_email_args *out, struct jmap_get *g)
{
	struct err err = ERR_INIT;
	struct json v;

	*out = (struct jmap_email_args){ .headers_n = 0 };
	if (jmap_get_read(c, rows, ROWS_N, take_header, out, g) < 0 ||
	    jmap_part_args_read(c, out) < 0 ||
	    jmap_arg_bool(c, "fetchTextBodyValues", &out->text_values) < 0 ||
	    jmap_arg_bool(c, "fetchHTMLBodyValues", &out->html_values) < 0 ||
	    jmap_arg_bool(c, "fetchAllBodyValues", &out->all_values) < 0 ||
	    jmap_arg_u64(c, "maxBodyValueBytes", &out->value_max) < 0)
		return -1;
	out->wanted = g->wanted;
	if (parse)
		out->wanted = jmap_arg(c, "properties", &v) ? out->wanted
		                                            : parse_defaults();
	if (flags_names(c->store, c->account, c->arena, &out->names, &err) < 0)
		return jmap_fail(c, &err);
	return 0;
}

/* ---- the call ---- */

/* 1, 0 when there is none, -1. */
static int write_one(struct jmap_call *c, const struct jmap_email_args *a,
                     uint64_t no, struct arena *arena)
{
	struct jmap_email m = { .c = c, .args = a, .arena = arena };
	struct err err = ERR_INIT;
	struct meta_sort sort;

	if (!no)
		return 0;
	if (fetch_email(c->store, c->account, no, FETCH_META, arena, &m.stored,
	                &err) < 0)
		return err.kind == ERR_NOT_FOUND ? 0 : jmap_fail(c, &err);
	if (!jmap_email_visible(&m.stored))
		return 0;
	m.blob_id = arena_dup(arena, str_z(store_id(STORE_ID_BLOB, no).z));
	m.prefix = m.stored.row.prefix;
	m.preview = meta_get(m.stored.row.meta, META_PREVIEW);
	m.has_attachment =
		meta_sort_get(m.stored.row.meta, &sort) && sort.has_attachment;
	jmap_email_write(&m);
	jmap_email_close(&m);
	return 1;
}

int jmap_email_get(struct jmap_call *c)
{
	struct jmap_email_args *a = arena_alloc(c->arena, sizeof(*a));
	struct change_state state;
	struct arena one;
	struct jmap_get g;
	struct str *missing;
	size_t n = 0;
	int rc = 0;

	if (jmap_args_known(c, jmap_email_args_names) < 0 ||
	    jmap_email_args_read(c, false, a, &g) < 0 ||
	    jmap_state(c, CHANGE_EMAIL, &state) < 0)
		return -1;
	if (g.all)
		return jmap_error(c, "requestTooLarge",
		                  "name the Emails that are wanted");
	missing = arena_array(c->arena, g.ids_n + 1, sizeof(*missing));
	jmap_get_begin(c, jmap_state_text(c->arena, state));
	arena_init(&one);
	for (size_t i = 0; rc >= 0 && i < g.ids_n; i++) {
		arena_reset(&one);
		rc = write_one(c, a, jmap_no(c, g.ids[i], STORE_ID_EMAIL),
		               &one);
		if (rc == 0)
			missing[n++] = g.ids[i];
		/* What will not be sent need not be made. */
		if (buf_overflow(&c->out))
			break;
	}
	arena_deinit(&one);
	jmap_get_end(c, missing, n);
	return rc < 0 ? -1 : 0;
}
