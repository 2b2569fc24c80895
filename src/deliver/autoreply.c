#include "deliver/autoreply.h"

#include "text/extract.h"
#include "wire/message/address.h"
#include "wire/message/date.h"
#include "wire/message/field.h"
#include "wire/message/header.h"
#include "wire/message/msgid.h"
#include "wire/message/write.h"
#include "wire/mime/decode.h"
#include "wire/mime/entity.h"
#include "wire/mime/word.h"

/* Ids that a References field is given (RFC 5322, 3.6.4, asks for all). */
#define REFERENCES_MAX 30

const char *autoreply_words(enum autoreply_why why)
{
	switch (why) {
	case AUTOREPLY_MAY: return "";
	case AUTOREPLY_NULL_SENDER: return "null sender";
	case AUTOREPLY_OWN: return "own message";
	case AUTOREPLY_MACHINE: return "automatic message";
	case AUTOREPLY_LIST: return "list or bulk mail";
	case AUTOREPLY_SENDER: return "sender takes no answers";
	case AUTOREPLY_NOT_ADDRESSED: return "not addressed to the owner";
	}
	return "";
}

/* ---- whether it may ---- */

static bool is_own(const struct autoreply_question *q, struct str address)
{
	for (size_t i = 0; i < q->own_n; i++)
		if (str_eq_case(q->own[i], address))
			return true;
	return false;
}

/* Names of those who read no mail (RFC 5230, 4.6; RFC 3834, 2). */
static bool is_machine_sender(struct str sender)
{
	static const char *const whole[] = {
		"mailer-daemon", "listserv",  "majordomo",  "noreply",
		"no-reply",      "no_reply",  "donotreply", "do-not-reply",
		"do_not_reply",  "nobody",    "bounce",     "bounces",
		"auto-reply",    "autoreply", "postmaster",
	};
	size_t at = str_rchr(sender, '@');
	struct str local = at == STR_NPOS ? sender : str_to(sender, at);

	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
		if (str_eq_case(local, str_z(whole[i])))
			return true;
	return str_starts_case(local, STR("owner-")) ||
	       str_starts_case(local, STR("noreply-")) ||
	       str_starts_case(local, STR("no-reply-")) ||
	       str_starts_case(local, STR("noreply+")) ||
	       str_starts_case(local, STR("no-reply+")) ||
	       str_starts_case(local, STR("bounce-")) ||
	       str_starts_case(local, STR("bounces-")) ||
	       str_starts_case(local, STR("bounces+")) ||
	       str_starts_case(local, STR("bounce+")) ||
	       str_ends_case(local, STR("-request")) ||
	       str_ends_case(local, STR("-bounces")) ||
	       str_ends_case(local, STR("-owner"));
}

/* A value's first word, without comments behind it. */
static struct str first_word(struct str raw)
{
	struct str v = str_trim(raw);
	size_t n = 0;

	while (n < v.n && v.p[n] != ' ' && v.p[n] != '\t' && v.p[n] != ';' &&
	       v.p[n] != '(' && v.p[n] != '\r' && v.p[n] != '\n')
		n++;
	return str_to(v, n);
}

static bool is_addressed(const struct autoreply_question *q, struct str raw)
{
	struct address_list list;
	struct arena a;
	struct buf b;
	bool yes = false;

	arena_init(&a);
	buf_init(&b, 2000);
	address_list_parse(&a, raw, NULL, &list);
	for (size_t i = 0; !yes && i < list.n; i++) {
		if (list.v[i].kind != ADDRESS_MAILBOX)
			continue;
		buf_reset(&b);
		address_write_spec(&b, &list.v[i]);
		yes = is_own(q, buf_str(&b));
	}
	buf_deinit(&b);
	arena_deinit(&a);
	return yes;
}

/* Do not answer vacations, or anything (as Exchange's servers say it). */
static bool is_suppressed(struct str raw)
{
	return str_find_case(raw, STR("all")) != STR_NPOS ||
	       str_find_case(raw, STR("oof")) != STR_NPOS ||
	       str_find_case(raw, STR("autoreply")) != STR_NPOS;
}

static bool is_bulk(struct str raw)
{
	struct str w = first_word(raw);

	return str_eq_case(w, STR("bulk")) || str_eq_case(w, STR("list")) ||
	       str_eq_case(w, STR("junk"));
}

static enum autoreply_why judge_field(const struct autoreply_question *q,
                                      const struct header_field *f,
                                      bool *addressed)
{
	enum field_id id = field_id(f->name);

	switch ((int)id) {
	case FIELD_AUTO_SUBMITTED: /* RFC 3834, 5 */
		return str_eq_case(first_word(f->raw), STR("no"))
		               ? AUTOREPLY_MAY
		               : AUTOREPLY_MACHINE;
	case FIELD_CONTENT_TYPE: /* a report, if it has a sender or not */
		return str_eq_case(first_word(f->raw), STR("multipart/report"))
		               ? AUTOREPLY_MACHINE
		               : AUTOREPLY_MAY;
	case FIELD_PRECEDENCE:
		return is_bulk(f->raw) ? AUTOREPLY_LIST : AUTOREPLY_MAY;
	case FIELD_TO:
	case FIELD_CC:
	case FIELD_BCC:
	case FIELD_RESENT_TO:
	case FIELD_RESENT_CC:
	case FIELD_RESENT_BCC:
		*addressed = *addressed || is_addressed(q, f->raw);
		return AUTOREPLY_MAY;
	default: break;
	}
	if (str_starts_case(f->name, STR("List-")))
		return AUTOREPLY_LIST;
	if (str_eq_case(f->name, STR("X-Auto-Response-Suppress")) &&
	    is_suppressed(f->raw))
		return AUTOREPLY_MACHINE;
	return AUTOREPLY_MAY;
}

enum autoreply_why autoreply_judge(const struct autoreply_question *q)
{
	struct header_reader r = header_reader(q->header);
	enum autoreply_why why;
	struct header_field f;
	enum header_result got;
	bool addressed = q->to_anyone;

	if (q->sender.n == 0)
		return AUTOREPLY_NULL_SENDER;
	if (is_own(q, q->sender))
		return AUTOREPLY_OWN;
	if (is_machine_sender(q->sender))
		return AUTOREPLY_SENDER;
	while ((got = header_next(&r, &f)) != HEADER_END) {
		if (got != HEADER_FIELD)
			continue;
		why = judge_field(q, &f, &addressed);
		if (why != AUTOREPLY_MAY)
			return why;
	}
	return addressed ? AUTOREPLY_MAY : AUTOREPLY_NOT_ADDRESSED;
}

bool autoreply_is_automatic(struct str header)
{
	struct header_reader r = header_reader(header);
	struct header_field f;
	enum header_result got;

	while ((got = header_next(&r, &f)) != HEADER_END)
		if (got == HEADER_FIELD &&
		    field_id(f.name) == FIELD_AUTO_SUBMITTED &&
		    !str_eq_case(first_word(f.raw), STR("no")))
			return true;
	return false;
}

/* ---- writing it ---- */

static void write_text(struct buf *out, struct str name, struct str utf8)
{
	struct buf b;

	buf_init(&b, 16384);
	word_encode(&b, utf8, WORD_TEXT);
	header_write(out, name, buf_str(&b));
	buf_deinit(&b);
}

static void write_addresses(struct buf *out, struct arena *a, struct str name,
                            struct str text)
{
	struct address_list list;

	address_list_parse(a, text, NULL, &list);
	/* A display name may hold letters beyond ASCII. */
	for (size_t i = 0; i < list.n; i++) {
		struct buf b;

		if (word_is_plain(list.v[i].name))
			continue;
		buf_init(&b, 4096);
		word_encode(&b, list.v[i].name, WORD_PHRASE);
		list.v[i].name = arena_dup(a, buf_str(&b));
		buf_deinit(&b);
	}
	header_write_addresses(out, name, &list);
}

/* The subject of what came, for people. */
static struct str old_subject(struct arena *a, const struct autoreply *r,
                              const struct field_index *ix)
{
	if (r->header.n && ix->first[FIELD_SUBJECT].p)
		return text_header(a, ix->first[FIELD_SUBJECT]);
	return STR("");
}

static void write_subject(struct buf *out, const struct autoreply *r,
                          const struct field_index *ix, struct arena *a)
{
	struct str s = r->subject;

	if (s.n == 0) {
		s = old_subject(a, r, ix);
		s = s.n ? arena_fmt(a, "Auto: %.*s", STR_ARG(s))
		        : STR("Automatic answer");
	}
	/* One line, whatever was in it. */
	write_text(out, STR("Subject"), text_line(a, s));
}

/* RFC 5322, 3.6.4 */
static void write_threading(struct buf *out, const struct field_index *ix,
                            struct arena *a)
{
	struct msgid_list refs = { .n = 0 };
	struct str id, all = STR("");

	id = msgid_parse(a, ix->first[FIELD_MESSAGE_ID]);
	if (id.n == 0)
		return;
	header_write(out, STR("In-Reply-To"),
	             arena_fmt(a, "<%.*s>", STR_ARG(id)));
	if (ix->first[FIELD_REFERENCES].p)
		msgid_list_parse(a, ix->first[FIELD_REFERENCES], REFERENCES_MAX,
		                 &refs);
	else if (ix->first[FIELD_IN_REPLY_TO].p)
		msgid_list_parse(a, ix->first[FIELD_IN_REPLY_TO], 1, &refs);
	for (size_t i = 0; i < refs.n; i++)
		all = arena_fmt(a, "%.*s<%.*s> ", STR_ARG(all),
		                STR_ARG(refs.v[i]));
	header_write(out, STR("References"),
	             arena_fmt(a, "%.*s<%.*s>", STR_ARG(all), STR_ARG(id)));
}

static struct str make_boundary(const struct autoreply *r, struct arena *a)
{
	struct str id = r->message_id;
	size_t at = str_chr(id, '@');

	return arena_fmt(a, "=_%.*s",
	                 STR_ARG(at == STR_NPOS ? id : str_to(id, at)));
}

/* The text, and behind it the HTML that shows the same (RFC 2046, 5.1.4). */
static void write_both(struct buf *out, const struct autoreply *r,
                       struct arena *a)
{
	struct str boundary = make_boundary(r, a);

	buf_fmt(out,
	        "Content-Type: multipart/alternative;\r\n"
	        " boundary=\"%.*s\"\r\n\r\n--%.*s\r\n",
	        STR_ARG(boundary), STR_ARG(boundary));
	mime_text_write(out, r->text, false);
	buf_fmt(out,
	        "\r\n--%.*s\r\n"
	        "Content-Type: text/html; charset=utf-8\r\n"
	        "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
	        STR_ARG(boundary));
	mime_qp_write(out, r->html, true);
	buf_fmt(out, "\r\n--%.*s--\r\n", STR_ARG(boundary));
}

/* RFC 8098, 3; RFC 5429, 2.2: "deleted" by an automatic action. */
static void write_report(struct buf *out, const struct autoreply *r,
                         const struct field_index *ix, struct arena *a)
{
	struct str boundary = make_boundary(r, a);
	struct str id = msgid_parse(a, ix->first[FIELD_MESSAGE_ID]);

	buf_fmt(out,
	        "Content-Type: multipart/report;"
	        " report-type=disposition-notification;\r\n"
	        " boundary=\"%.*s\"\r\n\r\n--%.*s\r\n",
	        STR_ARG(boundary), STR_ARG(boundary));
	mime_text_write(out, r->text, false);
	buf_fmt(out,
	        "\r\n--%.*s\r\n"
	        "Content-Type: message/disposition-notification\r\n\r\n"
	        "Reporting-UA: %.*s; Posthus\r\n"
	        "Final-Recipient: rfc822; %.*s\r\n",
	        STR_ARG(boundary), STR_ARG(r->reporting),
	        STR_ARG(r->mdn_recipient));
	if (id.n)
		buf_fmt(out, "Original-Message-ID: <%.*s>\r\n", STR_ARG(id));
	buf_add(out, STR("Disposition: automatic-action/"
	                 "MDN-sent-automatically; deleted\r\n"));
	buf_fmt(out,
	        "\r\n--%.*s\r\n"
	        "Content-Type: text/rfc822-headers\r\n"
	        "Content-Transfer-Encoding: %s\r\n\r\n",
	        STR_ARG(boundary),
	        mime_needs_encoding(r->header) ? "8bit" : "7bit");
	mime_add_lines(out, r->header);
	buf_fmt(out, "\r\n--%.*s--\r\n", STR_ARG(boundary));
}

void autoreply_write(struct buf *out, const struct autoreply *r,
                     struct arena *a)
{
	struct field_index *ix = arena_zalloc(a, sizeof(*ix));

	field_index_make(r->header, ix);
	write_addresses(out, a, STR("From"), r->from);
	write_addresses(out, a, STR("To"), r->to);
	write_subject(out, r, ix, a);
	buf_add(out, STR("Date: "));
	date_write(out, r->at_us, 0);
	buf_fmt(out, "\r\nMessage-ID: <%.*s>\r\n", STR_ARG(r->message_id));
	if (ix->first[FIELD_MESSAGE_ID].p)
		write_threading(out, ix, a);
	header_write(out, STR("Auto-Submitted"), r->kind);
	if (r->importance.n)
		header_write(out, STR("Importance"), r->importance);
	/* Servers that know no Auto-Submitted know this. */
	buf_add(out, STR("X-Auto-Response-Suppress: All\r\n"
	                 "MIME-Version: 1.0\r\n"));
	if (r->mdn_recipient.n)
		write_report(out, r, ix, a);
	else if (r->mime)
		mime_entity_write(out, r->text);
	else if (r->html.n)
		write_both(out, r, a);
	else
		mime_text_write(out, r->text, false);
}
