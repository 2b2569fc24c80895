/*
 * Send an Email of the account (RFC 8621, 7.5).
 *
 * The same rules hold as at a mail program's port: policy is asked for the
 * sender and for each recipient, room is reserved (R26), and intake decides
 * about the whole.  The parameters of the envelope are those of SMTP, and are
 * read by the same parser.
 */
#include <string.h>

#include "base/utf8.h"
#include "config/config.h"
#include "directory/directory.h"
#include "intake/intake.h"
#include "jmap/email.h"
#include "jmap/pointer.h"
#include "jmap/submission.h"
#include "log/log.h"
#include "os/clock.h"
#include "wire/message/field.h"
#include "wire/message/msgid.h"
#include "wire/smtp/command.h"
#include "wire/smtp/path.h"

#define PARAMETERS_MAX ((size_t)SMTP_COMMAND_MAX)

struct envelope {
	struct smtp_mail mail;
	struct smtp_rcpt *to;
	size_t to_n;
};

struct sending {
	struct jmap_set *s;
	struct intake *intake;
	const struct jmap_user *u;
	struct str identity; /* its address */
	struct envelope env;
	int64_t now_us, hold_until_us;
	struct intake_room room;
	struct intake_rcpt *rcpts;
	size_t rcpts_n;
	struct str message;
};

static const struct config *config_of(const struct jmap_set *s)
{
	return s->c->req->server->ctx.config;
}

static uint32_t recipients_max(const struct jmap_set *s)
{
	return (uint32_t)config_u64(config_of(s), OPT_SMTP_RECIPIENTS);
}

/* ---- the envelope, given ---- */

static int wrong(struct sending *x, const char *why, struct str what)
{
	return jmap_set_refuse(x->s, "invalidProperties", "envelope",
	                       "%s: %.*s", why, STR_ARG(what));
}

static int too_many(struct sending *x)
{
	x->s->limit_name = "maxRecipients";
	x->s->limit = recipients_max(x->s);
	return jmap_set_refuse(x->s, "tooManyRecipients", NULL,
	                       "over %u recipients", recipients_max(x->s));
}

/* RFC 5321, 4.1.2: what a parameter may be made of, so that one is no two. */
static bool is_word(struct str s, bool keyword)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (keyword ? !ascii_is_alpha(s.p[i]) &&
		                      !ascii_is_digit(s.p[i]) && c != '-'
		            : c <= ' ' || c == '=' || c == 0x7f)
			return false;
	}
	return s.n > 0;
}

/* "<address> NAME=value ..." as a client would send it. */
static int write_command(struct sending *x, const char *before,
                         struct json address, struct buf *out)
{
	struct json email = { NULL }, list;
	struct json_members m = { .object = { NULL } };
	struct smtp_path p = { .null = true, .address = STR("") };
	struct str name;
	struct json v;

	(void)json_get(address, "email", &email);
	if (json_kind(email) != JSON_IS_STRING ||
	    (json_as_str(email).n &&
	     !smtp_address_parse(json_as_str(email), x->s->c->arena, &p)))
		return wrong(x, "not an address", json_as_str(email));
	buf_fmt(out, "%s<%.*s>", before, STR_ARG(p.address));
	if (!json_get(address, "parameters", &list))
		return 0;
	if (json_kind(list) != JSON_IS_NULL &&
	    json_kind(list) != JSON_IS_OBJECT)
		return wrong(x, "parameters are a map", STR(""));
	m.object = list;
	while (json_member_next(&m, &name, &v)) {
		if (!is_word(name, true) || (json_kind(v) != JSON_IS_NULL &&
		                             !is_word(json_as_str(v), false)))
			return wrong(x, "not a parameter", name);
		buf_fmt(out, " %.*s", STR_ARG(name));
		if (json_kind(v) != JSON_IS_NULL)
			buf_fmt(out, "=%.*s", STR_ARG(json_as_str(v)));
	}
	return buf_overflow(out) ? wrong(x, "too long", STR("parameters")) : 0;
}

static int parsed(struct sending *x, enum smtp_parse r, struct str email)
{
	switch (r) {
	case SMTP_PARSE_OK: return 0;
	case SMTP_PARSE_UNKNOWN:
		return wrong(x, "a parameter is not supported", email);
	case SMTP_PARSE_PARAM:
		return wrong(x, "a parameter is badly written", email);
	case SMTP_PARSE_SYNTAX:
	case SMTP_PARSE_ADDRESS: break;
	}
	return wrong(x, "not an address", email);
}

static int read_sender(struct sending *x, struct json address)
{
	struct arena *a = x->s->c->arena;
	struct buf b;
	int rc;

	buf_init(&b, PARAMETERS_MAX);
	rc = write_command(x, "FROM:", address, &b);
	if (rc == 0)
		rc = parsed(x,
		            smtp_mail_parse(arena_dup(a, buf_str(&b)), a,
		                            &x->env.mail),
		            STR("mailFrom"));
	buf_deinit(&b);
	return rc;
}

static bool has_address(const struct envelope *e, struct str address)
{
	for (size_t i = 0; i < e->to_n; i++)
		if (str_eq_case(e->to[i].path.address, address))
			return true;
	return false;
}

static int read_recipient(struct sending *x, struct json address)
{
	struct arena *a = x->s->c->arena;
	struct smtp_rcpt r;
	struct buf b;
	int rc;

	buf_init(&b, PARAMETERS_MAX);
	rc = write_command(x, "TO:", address, &b);
	if (rc == 0)
		rc = parsed(x,
		            smtp_rcpt_parse(arena_dup(a, buf_str(&b)), a, &r),
		            STR("rcptTo"));
	buf_deinit(&b);
	if (rc == 0 && !has_address(&x->env, r.path.address))
		x->env.to[x->env.to_n++] = r;
	return rc;
}

static int read_given(struct sending *x, struct json envelope)
{
	struct jmap_set *s = x->s;
	struct json from, to;

	if (!json_get(envelope, "mailFrom", &from) ||
	    !json_get(envelope, "rcptTo", &to) ||
	    json_kind(to) != JSON_IS_ARRAY)
		return wrong(x, "not an envelope", STR(""));
	if (json_count(to) > recipients_max(s))
		return too_many(x);
	if (read_sender(x, from) < 0)
		return -1;
	x->env.to = arena_array(s->c->arena, json_count(to) + 1,
	                        sizeof(*x->env.to));
	for (size_t i = 0; i < json_count(to); i++)
		if (read_recipient(x, json_at(to, i)) < 0)
			return -1;
	return 0;
}

/* RFC 4865: HOLDFOR and HOLDUNTIL.  The other wishes are obeyed as they
 * are. */
static int read_hold(struct sending *x)
{
	const struct smtp_mail *m = &x->env.mail;
	int64_t max_us = config_us(config_of(x->s), OPT_SMTP_HOLD), until_us;

	if (m->hold == SMTP_HOLD_NONE)
		return 0;
	until_us = m->hold == SMTP_HOLD_UNTIL
	                   ? m->hold_until_us
	                   : x->now_us + (int64_t)m->hold_s * US_PER_SEC;
	if (until_us - x->now_us > max_us)
		return wrong(x, "nothing is held so long", STR("mailFrom"));
	x->hold_until_us = until_us > x->now_us ? until_us : 0;
	return 0;
}

/* ---- the envelope, of the header ---- */

static struct str address_of(struct arena *a, const struct address *ad)
{
	struct str out;
	struct buf b;

	buf_init(&b, 4096);
	address_write_spec(&b, ad);
	out = arena_dup(a, buf_str(&b));
	buf_deinit(&b);
	return out;
}

/* RFC 8621, 7: the sender is Sender, else From, when it is the identity's;
 * else the identity's address. */
static int sender_of_header(struct sending *x, const struct field_index *ix)
{
	enum field_id field =
		ix->count[FIELD_SENDER] ? FIELD_SENDER : FIELD_FROM;
	struct arena *a = x->s->c->arena;
	const struct address *first;
	struct address_list list;
	struct str spec;

	address_list_parse(a, ix->first[field], NULL, &list);
	first = address_list_first(&list);
	if (!first || ix->count[field] > 1)
		return jmap_set_refuse(x->s, "invalidEmail",
		                       field == FIELD_FROM ? "from" : "sender",
		                       "the Email has no sender, or several");
	spec = address_of(a, first);
	if (!str_eq_case(spec, x->identity))
		spec = x->identity;
	if (!smtp_address_parse(spec, a, &x->env.mail.path))
		return jmap_set_refuse(x->s, "invalidEmail", "from",
		                       "the sender is no address");
	return 0;
}

static int read_header(struct sending *x)
{
	static const enum field_id fields[] = { FIELD_TO, FIELD_CC, FIELD_BCC };
	struct jmap_set *s = x->s;
	struct arena *a = s->c->arena;
	struct field_index *ix = arena_alloc(a, sizeof(*ix));
	size_t max = recipients_max(s);
	struct address_list list;

	field_index_make(str_to(x->message, field_header_length(x->message)),
	                 ix);
	if (sender_of_header(x, ix) < 0)
		return -1;
	x->env.to = arena_array(a, max + 1, sizeof(*x->env.to));
	for (size_t i = 0; i < 3; i++) {
		address_list_parse(a, ix->first[fields[i]], NULL, &list);
		for (size_t k = 0; k < list.n; k++) {
			struct smtp_rcpt r = { .notify = 0 };
			struct str spec;

			if (list.v[k].kind != ADDRESS_MAILBOX)
				continue;
			spec = address_of(a, &list.v[k]);
			if (!smtp_address_parse(spec, a, &r.path)) {
				s->recipient = spec;
				return jmap_set_refuse(s, "invalidRecipients",
				                       NULL,
				                       "not an address: %.*s",
				                       STR_ARG(spec));
			}
			if (has_address(&x->env, r.path.address))
				continue;
			if (x->env.to_n == max)
				return too_many(x);
			x->env.to[x->env.to_n++] = r;
		}
	}
	return 0;
}

/* ---- what the policy says ---- */

static int refuse(struct sending *x, const char *type, enum policy_ref ref,
                  const struct policy_words *given)
{
	struct policy_words w = *given;
	struct log_line l;
	struct buf b;

	w.help = intake_help(x->intake);
	buf_init(&b, 4096);
	policy_reply_text(&b, ref, &w);
	policy_count(ref);
	log_begin(&l, LOG_INFO, "jmap.send.refused");
	log_u64(&l, "sid", x->u->session);
	log_str(&l, "login", x->u->address);
	log_str(&l, "from", x->env.mail.path.address);
	log_z(&l, "ref", policy_reply(ref)->ref);
	log_end(&l);
	(void)jmap_set_refuse(x->s, type, NULL, "%.*s", STR_ARG(buf_str(&b)));
	buf_deinit(&b);
	return -1;
}

static int ask_sender(struct sending *x)
{
	struct policy_facts f = {
		.step = POLICY_MAIL,
		.submission = true,
		.logged_in = true,
		.sender_null = x->env.mail.path.null,
		.sending_off = x->u->sending_off,
		.size = x->message.n,
		.size_max =
			config_u64(config_of(x->s), OPT_LIMITS_MESSAGE_BYTES),
	};
	const struct smtp_path *p = &x->env.mail.path;
	struct policy_words w = { 0 };
	struct policy_verdict v;
	struct err err = ERR_INIT;

	if (!p->null &&
	    directory_may_send_as(x->s->c->req->server->ctx.directory,
	                          x->u->account.id, p->local, p->domain,
	                          &f.sender_own, &err) < 0)
		return jmap_set_fail(x->s, &err);
	v = policy_admit(&f);
	if (v.ref == REF_NONE)
		return 0;
	w.n = v.n;
	w.why = str_z(v.why);
	if (v.ref == REF_SIZE) {
		x->s->limit_name = "maxSize";
		x->s->limit = f.size_max;
	}
	return refuse(x,
	              v.ref == REF_SENDER ? "forbiddenMailFrom"
	              : v.ref == REF_SIZE ? "tooLarge"
	                                  : "forbiddenToSend",
	              v.ref, &w);
}

static enum policy_where where(enum route_kind k)
{
	switch (k) {
	case ROUTE_ELSEWHERE: return POLICY_ELSEWHERE;
	case ROUTE_NOBODY: return POLICY_NOBODY;
	case ROUTE_HERE: return POLICY_HERE;
	case ROUTE_CIRCLE: return POLICY_CIRCLE;
	}
	return POLICY_NOBODY;
}

static int ask_recipient(struct sending *x, const struct smtp_rcpt *r)
{
	const struct jmap_context *ctx = &x->s->c->req->server->ctx;
	struct policy_facts f = { .step = POLICY_RCPT,
		                  .submission = true,
		                  .logged_in = true,
		                  .recipients = (uint32_t)x->rcpts_n,
		                  .recipients_max = recipients_max(x->s) };
	struct str address = r->path.address;
	struct policy_words w = { .rcpt = address };
	struct policy_verdict v;
	struct route route;
	struct err err = ERR_INIT;

	if (route_find(ctx->directory, ctx->store, r->path.local,
	               r->path.domain, x->message.n, x->s->c->arena, &route,
	               &err) < 0)
		return jmap_set_fail(x->s, &err);
	f.where = where(route.kind);
	f.role = route.role;
	f.suspended = route.all_suspended;
	f.full = route.all_full;
	v = policy_admit(&f);
	/* Room is asked for last: what is refused anyway takes none. */
	if (v.ref == REF_NONE) {
		if (intake_room_ask(x->intake, &x->room, &f, &err) < 0)
			return jmap_set_fail(x->s, &err);
		v = policy_admit(&f);
	}
	if (v.ref != REF_NONE) {
		bool of_address = v.ref == REF_UNKNOWN || v.ref == REF_LOOP;

		if (of_address)
			x->s->recipient = address;
		w.n = v.n;
		w.why = str_z(v.why);
		return refuse(x,
		              of_address ? "invalidRecipients"
		                         : "forbiddenToSend",
		              v.ref, &w);
	}
	x->rcpts[x->rcpts_n++] = (struct intake_rcpt){
		.address = address,
		.route = route,
		.notify = r->notify,
		.orcpt = r->orcpt.n ? arena_fmt(x->s->c->arena, "%.*s;%.*s",
		                                STR_ARG(r->orcpt_type),
		                                STR_ARG(r->orcpt))
		                    : STR(""),
	};
	return 0;
}

/* ---- send ---- */

static int answered(struct sending *x, const struct intake_answer *a)
{
	const char *type = "forbiddenToSend";

	if (a->accepted) {
		intake_answered(x->intake, a);
		return 0;
	}
	if (a->ref == REF_FROM)
		type = "forbiddenFrom";
	else if (a->ref == REF_SIZE)
		type = "tooLarge";
	else if (a->ref == REF_TEMP || a->ref == REF_SPACE)
		type = "serverFail";
	return jmap_set_refuse(x->s, type, NULL, "%.*s", STR_ARG(a->text));
}

static bool is_utf8(const struct sending *x)
{
	bool utf8 = x->env.mail.path.utf8 ||
	            !utf8_is_ascii(str_to(x->message,
	                                  field_header_length(x->message)));

	for (size_t i = 0; i < x->rcpts_n; i++)
		utf8 |= !utf8_is_ascii(x->rcpts[i].address);
	return utf8;
}

static struct str message_id(struct arena *a, struct str message)
{
	struct field_index *ix = arena_alloc(a, sizeof(*ix));

	field_index_make(str_to(message, field_header_length(message)), ix);
	/* The message is closed before the submission is kept. */
	return arena_dup(a, msgid_parse(a, ix->first[FIELD_MESSAGE_ID]));
}

/* What is known of the submission now. */
static void fill_in(const struct sending *x, const struct intake_answer *a,
                    struct jmap_submission *s)
{
	struct arena *arena = x->s->c->arena;

	s->message_id = message_id(arena, x->message);
	s->envid = x->env.mail.envid;
	s->o.name = a->trace;
	s->o.at_us = x->hold_until_us ? x->hold_until_us : x->now_us;
	s->queued = a->queued;
	s->undo = x->hold_until_us && a->queued ? JMAP_PENDING : JMAP_FINAL;
	s->o.open = s->undo == JMAP_PENDING ? JMAP_OPEN_PENDING
	            : a->queued             ? JMAP_OPEN_UNDERWAY
	                                    : 0;
	s->deliveries = arena_array(arena, x->rcpts_n, sizeof(*s->deliveries));
	s->deliveries_n = x->rcpts_n;
	for (size_t i = 0; i < x->rcpts_n; i++)
		s->deliveries[i] = (struct jmap_delivery){
			.rcpt = x->rcpts[i].address,
			.reply = arena_fmt(arena, "%u %s %.*s", a->code,
			                   a->status, STR_ARG(a->text)),
			.delivered = a->queued ? JMAP_DELIVERED_QUEUED
			                       : JMAP_DELIVERED_YES,
			.told = JMAP_DELIVERED_UNKNOWN,
		};
}

static int send_out(struct sending *x, struct jmap_submission *s)
{
	const struct jmap_context *ctx = &x->s->c->req->server->ctx;
	struct spool *sp =
		spool_new(ctx->spools,
	                  config_u64(ctx->config, OPT_LIMITS_MESSAGE_BYTES));
	struct intake_message m = {
		.way = INTAKE_JMAP,
		.session = x->u->session,
		.peer = x->u->peer,
		.tls = x->u->tls,
		.account_id = x->u->account.id,
		.domain_id = x->u->domain_id,
		.login = x->u->address,
		.room = &x->room,
		.sender = x->env.mail.path.address,
		.body = utf8_is_ascii(x->message) ? SMTP_BODY_7BIT
		                                  : SMTP_BODY_8BITMIME,
		.smtputf8 = is_utf8(x),
		.ret = x->env.mail.ret,
		.envid = x->env.mail.envid,
		.hold_until_us = x->hold_until_us,
		.by_us = x->env.mail.by == SMTP_BY_NONE
		                 ? 0
		                 : x->now_us + x->env.mail.by_s * US_PER_SEC,
		.by_notify = x->env.mail.by == SMTP_BY_NOTIFY,
		.by_trace = x->env.mail.by_trace,
		.priority = x->env.mail.priority,
		.requiretls = x->env.mail.requiretls,
		.rcpts = x->rcpts,
		.rcpts_n = x->rcpts_n,
		.spool = sp,
		.arena = x->s->c->arena,
	};
	struct intake_answer a;
	struct err err = ERR_INIT;
	int rc;

	if (spool_add(sp, x->message, &err) < 0) {
		rc = jmap_set_fail(x->s, &err);
	} else {
		intake_accept(x->intake, &m, &a);
		rc = answered(x, &a);
		if (rc == 0)
			fill_in(x, &a, s);
	}
	spool_free(&sp);
	return rc;
}

static void write_given(struct json_writer *w, const struct sending *x)
{
	json_object(w);
	json_key(w, STR("mailFrom"));
	json_object(w);
	json_member_str(w, "email", x->env.mail.path.address);
	json_key(w, STR("parameters"));
	json_null(w);
	json_end(w);
	json_key(w, STR("rcptTo"));
	json_array(w);
	for (size_t i = 0; i < x->env.to_n; i++) {
		json_object(w);
		json_member_str(w, "email", x->env.to[i].path.address);
		json_key(w, STR("parameters"));
		json_null(w);
		json_end(w);
	}
	json_end(w);
	json_end(w);
}

/* As it was given, else as it was made. */
static struct str envelope_text(const struct sending *x, struct json given)
{
	struct json_writer w;
	struct str out;
	struct buf b;

	buf_init(&b, OBJECT_CONTENT_MAX);
	w = json_writer(&b);
	if (json_kind(given) == JSON_IS_OBJECT)
		json_copy(&w, given);
	else
		write_given(&w, x);
	out = arena_dup(x->s->c->arena, buf_str(&b));
	buf_deinit(&b);
	return out;
}

static int run(struct sending *x, struct json envelope,
               struct jmap_submission *s)
{
	if (json_kind(envelope) == JSON_IS_OBJECT
	            ? read_given(x, envelope) < 0 || read_hold(x) < 0
	            : read_header(x) < 0)
		return -1;
	if (x->env.to_n == 0)
		return jmap_set_refuse(x->s, "noRecipients", NULL,
		                       "there is nobody to send it to");
	s->envelope = envelope_text(x, envelope);
	if (ask_sender(x) < 0)
		return -1;
	x->rcpts = arena_array(x->s->c->arena, x->env.to_n, sizeof(*x->rcpts));
	for (size_t i = 0; i < x->env.to_n; i++)
		if (ask_recipient(x, &x->env.to[i]) < 0)
			return -1;
	return send_out(x, s);
}

int jmap_submission_send(struct jmap_set *set, struct json envelope,
                         struct str identity_email, struct jmap_submission *s)
{
	struct jmap_call *c = set->c;
	struct sending x = { .s = set,
		             .intake = c->req->server->ctx.intake,
		             .u = c->req->user,
		             .identity = identity_email,
		             .now_us = clock_wall_us(),
		             .room = INTAKE_ROOM_INIT };
	uint64_t no = (uint64_t)s->o.first;
	struct err err = ERR_INIT;
	struct fetch_email e;
	struct body *body;
	struct str prefix;
	int rc;

	if (!x.intake)
		return jmap_set_refuse(set, "forbiddenToSend", NULL,
		                       "nothing is sent here");
	if (fetch_email(c->store, c->account, no, FETCH_IDS, c->arena, &e,
	                &err) < 0 ||
	    !jmap_email_visible(&e) ||
	    body_open_email(&body, c->store, c->account, no, &err) < 0)
		return jmap_set_refuse(set, "invalidProperties", "emailId",
		                       "no such Email");
	s->thread = e.thread;
	x.room.account_id = x.u->account.id;
	x.room.domain_id = x.u->domain_id;
	rc = body_view(body, &prefix, &x.message, &err);
	rc = rc < 0 ? jmap_set_fail(set, &err) : run(&x, envelope, s);
	intake_room_free(&x.room);
	body_close(&body);
	return rc;
}

int jmap_report_send(struct jmap_set *set, struct str message, struct str to)
{
	const struct jmap_user *u = set->c->req->user;
	struct sending x = { .s = set,
		             .intake = set->c->req->server->ctx.intake,
		             .u = u,
		             .now_us = clock_wall_us(),
		             .message = message,
		             .room = INTAKE_ROOM_INIT };
	struct jmap_submission ignored = { .queued = 0 };
	struct smtp_rcpt r = { .notify = SMTP_NOTIFY_NEVER };
	int rc;

	if (!x.intake)
		return jmap_set_refuse(set, "forbidden", NULL,
		                       "nothing is sent here");
	if (!smtp_address_parse(to, set->c->arena, &r.path))
		return jmap_set_refuse(set, "notFound", NULL,
		                       "it asks for a receipt to no address");
	x.env.mail.path =
		(struct smtp_path){ .null = true, .address = STR("") };
	x.env.to = &r;
	x.env.to_n = 1;
	x.rcpts = arena_array(set->c->arena, 1, sizeof(*x.rcpts));
	x.room.account_id = u->account.id;
	x.room.domain_id = u->domain_id;
	rc = ask_sender(&x) < 0 || ask_recipient(&x, &r) < 0
	             ? -1
	             : send_out(&x, &ignored);
	intake_room_free(&x.room);
	return rc;
}
