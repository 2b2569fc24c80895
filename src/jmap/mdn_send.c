/* MDN/send (RFC 9007, 2.1). */
#include "base/base64.h"
#include "config/config.h"
#include "jmap/identity.h"
#include "jmap/mdn.h"
#include "jmap/methods.h"
#include "jmap/pointer.h"
#include "jmap/submission.h"
#include "os/clock.h"
#include "os/random.h"
#include "wire/message/date.h"
#include "wire/message/field.h"
#include "wire/message/write.h"
#include "wire/mime/word.h"
#include "wire/smtp/path.h"

#define SENDS_MAX 50
#define TEXT_MAX  ((size_t)64 * 1024)
#define LINE_MAX  500
#define BODY_MAX  ((size_t)128 * 1024 * 1024)

/* What a client asks for. */
struct receipt {
	uint64_t email;
	struct str subject, text, reporting_ua, final_recipient;
	const char *part[3]; /* of the disposition */
	bool original;
	struct json extensions;
};

struct sending {
	struct jmap_set *set;
	struct jmap_identity identity;
	struct receipt r;
	struct str message, header; /* of the Email */
	struct field_index *fields;
	struct str to;
	/* What the server says of it. */
	struct str original_recipient, final_recipient, original_id;
};

static int wrong(struct jmap_set *s, const char *property, const char *why)
{
	return jmap_set_refuse(s, "invalidProperties", property, "%s", why);
}

/* ---- the arguments ---- */

static int read_line(struct jmap_set *s, const char *property, struct json v,
                     size_t max, struct str *out)
{
	if (json_kind(v) == JSON_IS_NULL)
		return 0;
	*out = json_as_str(v);
	return json_kind(v) == JSON_IS_STRING && out->n <= max
	               ? 0
	               : wrong(s, property, "not a string, or too long");
}

static int read_disposition(struct jmap_set *s, struct json v,
                            struct receipt *r)
{
	static const char *const names[] = { "actionMode", "sendingMode",
		                             "type" };

	for (unsigned i = 0; i < 3; i++) {
		struct json word = { NULL };

		(void)json_get(v, names[i], &word);
		r->part[i] = jmap_mdn_word(i, json_as_str(word));
		if (!r->part[i])
			return wrong(s, "disposition", "not a disposition");
	}
	return 0;
}

static bool is_field_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~' || s.p[i] == ':')
			return false;
	return s.n > 0 && s.n <= 70;
}

static int read_extensions(struct jmap_set *s, struct json v, struct receipt *r)
{
	struct json_members m = { .object = v };
	struct str name;
	struct json value;

	if (json_kind(v) == JSON_IS_NULL)
		return 0;
	if (json_kind(v) != JSON_IS_OBJECT || json_count(v) > 20)
		return wrong(s, "extensionFields", "not a map of fields");
	while (json_member_next(&m, &name, &value)) {
		struct jmap_mdn_fields known;
		struct buf b;
		bool ours;

		/* What the standard names is not theirs to write. */
		buf_init(&b, 1000);
		buf_fmt(&b, "%.*s: x\r\n", STR_ARG(name));
		jmap_mdn_read(s->c->arena, buf_str(&b), &known);
		ours = known.extensions_n == 0;
		buf_deinit(&b);
		if (!is_field_name(name) || ours ||
		    json_kind(value) != JSON_IS_STRING ||
		    json_as_str(value).n > LINE_MAX)
			return wrong(s, "extensionFields",
			             "not a field of an extension");
	}
	r->extensions = v;
	return 0;
}

static int read_member(struct jmap_set *s, struct str name, struct json v,
                       struct receipt *r)
{
	if (str_eq(name, STR("forEmailId"))) {
		r->email = jmap_no(s->c, json_as_str(v), STORE_ID_EMAIL);
		return 0;
	}
	if (str_eq(name, STR("subject")))
		return read_line(s, "subject", v, LINE_MAX, &r->subject);
	if (str_eq(name, STR("textBody")))
		return read_line(s, "textBody", v, TEXT_MAX, &r->text);
	if (str_eq(name, STR("reportingUA")))
		return read_line(s, "reportingUA", v, LINE_MAX,
		                 &r->reporting_ua);
	if (str_eq(name, STR("finalRecipient")))
		return read_line(s, "finalRecipient", v, LINE_MAX,
		                 &r->final_recipient);
	if (str_eq(name, STR("disposition")))
		return read_disposition(s, v, r);
	if (str_eq(name, STR("extensionFields")))
		return read_extensions(s, v, r);
	if (str_eq(name, STR("includeOriginalMessage"))) {
		r->original = json_as_bool(v);
		return json_kind(v) == JSON_IS_BOOL
		               ? 0
		               : wrong(s, "includeOriginalMessage",
		                       "true or false");
	}
	return jmap_set_refuse(s, "invalidProperties",
	                       arena_strz(s->c->arena, name),
	                       "unknown, or the server sets it");
}

static int read_receipt(struct jmap_set *s, struct json v, struct receipt *r)
{
	struct json_members m = { .object = v };
	struct str name;
	struct json value;

	*r = (struct receipt){ .email = 0 };
	if (json_kind(v) != JSON_IS_OBJECT)
		return wrong(s, NULL, "not an object");
	while (json_member_next(&m, &name, &value))
		if (read_member(s, name, value, r) < 0)
			return -1;
	if (!r->part[0])
		return wrong(s, "disposition", "it is needed");
	return 0;
}

/* ---- the message ---- */

static void write_address(struct buf *out, const char *name, struct str person,
                          struct str email)
{
	struct buf b;

	buf_init(&b, 4096);
	if (person.n) {
		word_encode(&b, person, WORD_PHRASE);
		buf_add_c(&b, ' ');
	}
	buf_fmt(&b, "<%.*s>", STR_ARG(email));
	header_write(out, str_z(name), buf_str(&b));
	buf_deinit(&b);
}

static void write_header(struct sending *x, struct buf *out,
                         const char *boundary)
{
	struct str subject =
		x->r.subject.n ? x->r.subject : STR("Read receipt");
	bool automatic =
		str_eq(str_z(x->r.part[1]), STR("mdn-sent-automatically"));
	struct buf b;

	write_address(out, "From", x->identity.name, x->identity.email);
	write_address(out, "To", STR(""), x->to);
	buf_init(&b, 8192);
	word_encode(&b, subject, WORD_TEXT);
	header_write(out, STR("Subject"), buf_str(&b));
	buf_reset(&b);
	date_write(&b, clock_wall_us(), 0);
	header_write(out, STR("Date"), buf_str(&b));
	buf_deinit(&b);
	if (x->original_id.n) {
		header_write(out, STR("In-Reply-To"), x->original_id);
		header_write(out, STR("References"), x->original_id);
	}
	if (automatic)
		header_write(out, STR("Auto-Submitted"), STR("auto-replied"));
	buf_fmt(out,
	        "MIME-Version: 1.0\r\n"
	        "Content-Type: multipart/report;\r\n"
	        " report-type=disposition-notification;\r\n"
	        " boundary=\"%s\"\r\n\r\n",
	        boundary);
}

static void write_text(const struct sending *x, struct buf *out)
{
	struct str text =
		x->r.text.n ? x->r.text : STR("The message was received.\n");
	struct buf b;

	buf_add_z(out, "Content-Type: text/plain; charset=utf-8\r\n"
	               "Content-Transfer-Encoding: base64\r\n\r\n");
	buf_init(&b, base64_length(text.n) + 4);
	base64_encode(&b, text);
	for (size_t i = 0; i < b.n; i += 76) {
		struct str row = str_from(buf_str(&b), i);

		buf_add(out, str_to(row, row.n < 76 ? row.n : 76));
		buf_add_z(out, "\r\n");
	}
	buf_deinit(&b);
}

static void write_fields(struct sending *x, struct buf *out)
{
	struct arena *a = x->set->c->arena;
	struct json_members m = { .object = x->r.extensions };
	struct str name;
	struct json v;

	buf_add_z(out,
	          "Content-Type: message/disposition-notification\r\n\r\n");
	header_write(out, STR("Reporting-UA"),
	             x->r.reporting_ua.n ? x->r.reporting_ua : STR("Posthus"));
	if (x->original_recipient.n)
		header_write(out, STR("Original-Recipient"),
		             x->original_recipient);
	header_write(out, STR("Final-Recipient"), x->final_recipient);
	if (x->original_id.n)
		header_write(out, STR("Original-Message-ID"), x->original_id);
	header_write(out, STR("Disposition"),
	             arena_fmt(a, "%s/%s; %s", x->r.part[0], x->r.part[1],
	                       x->r.part[2]));
	while (x->r.extensions.v && json_member_next(&m, &name, &v))
		header_write(out, name, json_as_str(v));
}

static void write_message(struct sending *x, struct buf *out)
{
	const char *boundary = arena_fmt(x->set->c->arena, "=_mdn_%016llx",
	                                 (unsigned long long)random_u64())
	                               .p;

	write_header(x, out, boundary);
	buf_fmt(out, "--%s\r\n", boundary);
	write_text(x, out);
	buf_fmt(out, "\r\n--%s\r\n", boundary);
	write_fields(x, out);
	if (x->r.original) {
		buf_fmt(out,
		        "\r\n--%s\r\nContent-Type: message/rfc822\r\n"
		        "Content-Transfer-Encoding: 8bit\r\n\r\n",
		        boundary);
		buf_add(out, x->message);
	}
	buf_fmt(out, "\r\n--%s--\r\n", boundary);
}

/* ---- one receipt ---- */

/* RFC 8098, 2.1: to whom. */
static int find_address(struct sending *x)
{
	struct str raw = x->fields->first[FIELD_DISPOSITION_TO];
	struct arena *a = x->set->c->arena;
	const struct address *first;
	struct address_list list;
	struct buf b;

	address_list_parse(a, raw, NULL, &list);
	first = address_list_first(&list);
	if (!raw.p || !first)
		return jmap_set_refuse(x->set, "notFound", NULL,
		                       "the Email asks for no receipt");
	buf_init(&b, 4096);
	address_write_spec(&b, first);
	x->to = arena_dup(a, buf_str(&b));
	buf_deinit(&b);
	return 0;
}

static struct str original_recipient(struct arena *a, struct str header)
{
	struct jmap_mdn_fields f;

	jmap_mdn_read(a, header, &f);
	return f.original_recipient;
}

static int find_facts(struct sending *x)
{
	struct arena *a = x->set->c->arena;
	struct str id = x->fields->first[FIELD_MESSAGE_ID];

	/* They are told when the message is closed. */
	x->original_recipient = arena_dup(a, original_recipient(a, x->header));
	x->original_id =
		id.p ? arena_dup(a, str_trim(field_unfold(a, id))) : STR("");
	x->final_recipient = x->r.final_recipient;
	if (!x->final_recipient.n)
		x->final_recipient = arena_fmt(a, "rfc822; %.*s",
		                               STR_ARG(x->identity.email));
	return find_address(x);
}

static int send_one(struct sending *x)
{
	struct buf b;
	int rc;

	x->header = str_to(x->message, field_header_length(x->message));
	x->fields = arena_alloc(x->set->c->arena, sizeof(*x->fields));
	field_index_make(x->header, x->fields);
	if (find_facts(x) < 0)
		return -1;
	buf_init(&b, BODY_MAX);
	write_message(x, &b);
	rc = buf_overflow(&b)
	             ? jmap_set_refuse(x->set, "tooLarge", NULL, "over a limit")
	             : jmap_report_send(x->set, buf_str(&b), x->to);
	buf_deinit(&b);
	return rc;
}

static int open_and_send(struct sending *x)
{
	struct jmap_call *c = x->set->c;
	struct fetch_email e;
	struct err err = ERR_INIT;
	struct body *body;
	struct str prefix;
	int rc;

	if (fetch_email(c->store, c->account, x->r.email, FETCH_IDS, c->arena,
	                &e, &err) < 0 ||
	    !jmap_email_visible(&e))
		return jmap_set_refuse(x->set, "notFound", NULL,
		                       "no such Email");
	if (jmap_email_flags(&e) & FLAG_MDNSENT)
		return jmap_set_refuse(x->set, "mdnAlreadySent", NULL,
		                       "a receipt was sent before");
	if (body_open_email(&body, c->store, c->account, x->r.email, &err) < 0)
		return jmap_set_fail(x->set, &err);
	rc = body_view(body, &prefix, &x->message, &err) < 0
	             ? jmap_set_fail(x->set, &err)
	             : send_one(x);
	body_close(&body);
	/* RFC 9007, 2.1 has words of its own. */
	if (rc < 0 && x->set->error &&
	    str_eq(str_z(x->set->error), STR("forbiddenToSend")))
		x->set->error = "forbidden";
	return rc;
}

static void write_sent(const struct sending *x, struct json_writer *w)
{
	json_object(w);
	if (!x->r.final_recipient.n)
		json_member_str(w, "finalRecipient", x->final_recipient);
	json_key(w, STR("originalRecipient"));
	if (x->original_recipient.n)
		json_str(w, x->original_recipient);
	else
		json_null(w);
	json_key(w, STR("originalMessageId"));
	if (x->original_id.n)
		json_str(w, x->original_id);
	else
		json_null(w);
	json_end(w);
}

/* ---- the call ---- */

struct answer {
	struct buf sent_b, failed_b, update_b;
	struct json_writer sent, failed, update;
	bool updates;
};

static void begin(struct buf *b, struct json_writer *w)
{
	buf_init(b, JMAP_ANSWER_MAX);
	*w = json_writer(b);
	json_object(w);
}

/* What onSuccessUpdateEmail says for it (RFC 9007, 2.1). */
static void note_update(struct jmap_call *c, struct answer *a, struct str id,
                        uint64_t email)
{
	struct json map, patch;

	if (!jmap_arg(c, "onSuccessUpdateEmail", &map) ||
	    !json_get_str(map, arena_fmt(c->arena, "#%.*s", STR_ARG(id)),
	                  &patch))
		return;
	a->updates = true;
	json_key(&a->update, str_z(store_id(STORE_ID_EMAIL, email).z));
	json_copy(&a->update, patch);
}

static void send_all(struct jmap_call *c, const struct jmap_identity *identity,
                     struct json send, struct answer *a)
{
	struct json_members m = { .object = send };
	struct str id;
	struct json v;

	while (json_member_next(&m, &id, &v)) {
		struct jmap_set set = { .c = c };
		struct sending x = { .set = &set, .identity = *identity };

		if (read_receipt(&set, v, &x.r) < 0 || open_and_send(&x) < 0) {
			json_key(&a->failed, id);
			jmap_set_error_write(&set, &a->failed);
			continue;
		}
		json_key(&a->sent, id);
		write_sent(&x, &a->sent);
		note_update(c, a, id, x.r.email);
	}
}

static void finish(struct jmap_call *c, const char *name, struct buf *b,
                   struct json_writer *w)
{
	json_end(w);
	json_key(&c->w, str_z(name));
	if (b->n > 2)
		json_raw(&c->w, buf_str(b));
	else
		json_null(&c->w);
	buf_deinit(b);
}

static const struct jmap_identity *find_identity(struct jmap_call *c)
{
	struct jmap_identity *list;
	struct str id = { NULL, 0 };
	uint64_t no;
	size_t n;

	if (jmap_arg_str(c, "identityId", &id) < 0 ||
	    jmap_identities(c, &list, &n) < 0)
		return NULL;
	no = jmap_no(c, id, JMAP_ID_IDENTITY);
	for (size_t i = 0; i < n; i++)
		if (list[i].o.no == no)
			return &list[i];
	(void)jmap_error(c, "invalidArguments", "no such identity");
	return NULL;
}

int jmap_mdn_send(struct jmap_call *c)
{
	static const char *const known[] = { "accountId", "identityId", "send",
		                             "onSuccessUpdateEmail", NULL };
	const struct jmap_identity *identity;
	struct json_writer w;
	struct json send;
	struct answer a = { .updates = false };

	if (jmap_args_known(c, known) < 0 || jmap_args_account(c) < 0)
		return -1;
	identity = find_identity(c);
	if (!identity)
		return -1;
	if (!jmap_arg(c, "send", &send) || json_kind(send) != JSON_IS_OBJECT)
		return jmap_error(c, "invalidArguments", "no send");
	if (json_count(send) > SENDS_MAX)
		return jmap_error(c, "requestTooLarge", "over %d receipts",
		                  SENDS_MAX);
	begin(&a.sent_b, &a.sent);
	begin(&a.failed_b, &a.failed);
	begin(&a.update_b, &a.update);
	send_all(c, identity, send, &a);
	jmap_write_account(c);
	finish(c, "sent", &a.sent_b, &a.sent);
	finish(c, "notSent", &a.failed_b, &a.failed);
	json_end(&a.update);
	if (a.updates) {
		w = json_writer(&c->follow);
		json_object(&w);
		json_member_z(&w, "accountId", jmap_account_id(c->req->user).z);
		json_key(&w, STR("update"));
		json_raw(&w, buf_str(&a.update_b));
		json_end(&w);
	}
	buf_deinit(&a.update_b);
	return 0;
}
