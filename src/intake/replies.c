/* What scripts and vacations owe, once the message is on the disk: answers to
 * the sender, a word to the owner of a failing script, and what is remembered.
 * Each is sent with a key made of what it is about, and remembered after that,
 * so that a crash in between, and a sender that comes again, make no second
 * one. */
#include <string.h>

#include "config/config.h"
#include "crypto/hash.h"
#include "deliver/autoreply.h"
#include "deliver/post.h"
#include "directory/directory.h"
#include "intake/private.h"
#include "log/log.h"
#include "log/metric.h"
#include "os/clock.h"
#include "queue/queue.h"
#include "store/append.h"
#include "store/remember.h"
#include "text/extract.h"
#include "wire/html/html.h"
#include "wire/message/address.h"

/* A key is known for an hour and a quarter at most; answers that come more
 * often than that have the message's key in theirs. */
#define KEY_SPAN_S (2 * 3600)
#define TOLD_US    US_PER_DAY
#define OWN_MAX    200

struct owing {
	struct intake_work *w;
	const struct scripted *s;
	struct store_account account;
	struct str key; /* of the message, or "" */
	int64_t now_us;
};

static struct str make_key(const struct owing *o, const char *what,
                           struct str name, bool each)
{
	unsigned char *out = arena_alloc(o->w->arena, 32);
	struct hash_state *h = hash_begin(HASH_SHA256);
	struct str id = str_z(o->w->trace);

	hash_add(h, str_z(what));
	hash_add(h, (struct str){ (const char *)&o->account.id,
	                          sizeof(o->account.id) });
	if (each)
		hash_add(h, o->key.n ? o->key : id);
	hash_add(h, (struct str){ "", 1 });
	hash_add(h, name);
	hash_end(&h, out);
	return (struct str){ (const char *)out, 32 };
}

static struct str make_message_id(const struct owing *o, struct str key)
{
	char hex[65];

	hash_hex((const unsigned char *)key.p, 16, hex);
	return arena_fmt(o->w->arena, "%s@%.*s", hex,
	                 STR_ARG(config_hostname(o->w->in->o.config)));
}

/* The owner with name: "Anna Berg <anna@example.com>". */
static struct str owner_of(const struct owing *o)
{
	struct directory_account acc;
	struct err ignored = ERR_INIT;

	if (directory_account_get(o->w->in->o.directory, o->account.id,
	                          o->w->arena, &acc, &ignored) < 0 ||
	    acc.name.n == 0)
		return o->s->end->account;
	return arena_fmt(o->w->arena, "\"%.*s\" <%.*s>",
	                 STR_ARG(text_line(o->w->arena, acc.name)),
	                 STR_ARG(acc.address));
}

/* Whether the script may write in this name: the owner's, or a granted one. */
static bool is_allowed(const struct owing *o, struct str address)
{
	size_t at = str_rchr(address, '@');
	struct err ignored = ERR_INIT;
	bool yes = false;

	if (at == STR_NPOS ||
	    directory_may_send_as(o->w->in->o.directory, o->account.id,
	                          str_to(address, at),
	                          str_from(address, at + 1), &yes,
	                          &ignored) < 0)
		return false;
	return yes;
}

/* :fcc, a copy of what is sent (RFC 8580).  It is no reason to hold up
 * anything else. */
static void keep_copy(const struct owing *o, const struct sieve_action *act,
                      struct str message, struct str key)
{
	struct deliver_to to = { .end = o->s->end };
	struct err err = ERR_INIT;
	struct append *prepared;
	struct log_line l;
	int rc = -1;

	if (deliver_script_folder(o->w->in->o.store, o->s->end, act, false,
	                          o->w->arena, &to.folder, &err) == 0 &&
	    append_prepare_str(&prepared, o->w->in->o.store, message, &err) ==
	            0) {
		rc = deliver_file(o->w->in->o.store, prepared, &to, 1,
		                  o->now_us, key, NULL, &err);
		append_free(&prepared);
	}
	if (rc == 0)
		return;
	log_begin(&l, LOG_WARN, "intake.copy_failed");
	log_z(&l, "qid", o->w->trace);
	log_str(&l, "addr", o->s->end->account);
	log_err(&l, &err);
	log_end(&l);
}

/* By the queue; an address of this host that does not exist gets nothing.
 * `act` may be NULL. */
static int send(const struct owing *o, const struct autoreply *r,
                const struct sieve_action *act, struct str key, struct err *err)
{
	struct post p = { .to = r->to, .null_sender = true, .at_us = r->at_us };
	struct intake_options *in = &o->w->in->o;
	struct queue_new q;
	int64_t id;
	struct buf b;
	int rc;

	rc = post_route(&p, in->directory, in->store, o->w->arena, err);
	if (rc <= 0)
		return rc;
	buf_init(&b, 8 * AUTOREPLY_TEXT_MAX +
	                     (r->mdn_recipient.n ? 2 * o->w->header.n : 0));
	autoreply_write(&b, r, o->w->arena);
	p.message = buf_str(&b);
	p.eight = r->mime || r->mdn_recipient.n;
	q = post_queue(&p);
	q.key = key;
	if (o->w->release_us) { /* it goes, and is taken back, with it */
		q.not_before_us = o->w->release_us;
		q.trace = str_z(o->w->trace);
	}
	rc = buf_overflow(&b) ? 0 : queue_add(in->queue, &q, &id, err);
	if (rc == 0 && act && act->mailbox.n && !buf_overflow(&b))
		keep_copy(o, act, p.message, key);
	buf_deinit(&b);
	return rc;
}

static void log_answer(const struct owing *o, const char *what,
                       enum autoreply_why why)
{
	struct log_line l;

	log_begin(&l, LOG_INFO,
	          why == AUTOREPLY_MAY ? "intake.answered"
	                               : "intake.unanswered");
	log_z(&l, "qid", o->w->trace);
	log_str(&l, "addr", o->s->end->account);
	log_str(&l, "to", o->w->m->sender);
	log_z(&l, "kind", what);
	if (why != AUTOREPLY_MAY)
		log_z(&l, "why", autoreply_words(why));
	log_end(&l);
}

/* Sent, or `why` it was not. */
static void trail_answer(const struct owing *o, enum trail_kind kind,
                         const char *why)
{
	const struct route_end *end = o->s->end;

	intake_trail(o->w,
	             (struct trail_event){ .kind = kind,
	                                   .rcpt = end->account,
	                                   .to = kind == TRAIL_REJECTED
	                                                 ? end->account
	                                                 : o->w->m->sender,
	                                   .account = end->account_id,
	                                   .text = str_z(why) });
}

static enum autoreply_why judge(const struct owing *o,
                                const struct str *addresses, size_t n,
                                bool to_anyone)
{
	const struct route_end *end = o->s->end;
	struct str own[OWN_MAX + 3];
	struct autoreply_question q = {
		.header = o->w->header,
		.sender = o->w->m->sender,
		.own = own,
		.to_anyone = to_anyone,
	};

	own[q.own_n++] = end->account;
	own[q.own_n++] = end->address;
	own[q.own_n++] = o->s->rcpt->address;
	for (size_t i = 0; i < n && i < OWN_MAX; i++)
		own[q.own_n++] = addresses[i];
	return autoreply_judge(&q);
}

/* ---- vacation ---- */

/* What makes two answers the same (RFC 5230, 4.2), and the sender. */
static struct str answered_name(const struct owing *o,
                                const struct sieve_action *act)
{
	struct arena *a = o->w->arena;
	struct str sender = o->w->m->sender;
	char *low = arena_strz(a, sender);

	for (size_t i = 0; i < sender.n; i++)
		low[i] = ascii_lower(low[i]);
	if (act->handle.n)
		return arena_fmt(a, "h%.*s %s", STR_ARG(act->handle), low);
	return arena_fmt(a, "t%zu,%zu,%d %.*s%.*s%.*s %s", act->subject.n,
	                 act->from.n, act->mime, STR_ARG(act->subject),
	                 STR_ARG(act->from), STR_ARG(act->text), low);
}

static int answer(const struct owing *o, const struct sieve_action *act,
                  struct str html, struct err *err)
{
	struct intake_work *w = o->w;
	enum autoreply_why why =
		judge(o, act->addresses, act->n_addresses, false);
	struct str name = answered_name(o, act), key;
	struct remember_item item = {
		.kind = REMEMBER_ANSWERED,
		.name = name,
		.until_us = o->now_us + (int64_t)act->seconds * US_PER_SEC,
	};
	struct autoreply r = {
		.from = act->address.n && is_allowed(o, act->address)
		                ? act->from
		                : owner_of(o),
		.to = w->m->sender,
		.subject = act->subject,
		.text = act->text,
		.html = html,
		.mime = act->mime,
		.kind = STR("auto-replied (vacation)"),
		.header = w->header,
		.at_us = o->now_us,
	};
	bool known = false;

	if (why == AUTOREPLY_MAY && o->s->junk)
		why = AUTOREPLY_MACHINE;
	if (why != AUTOREPLY_MAY) {
		log_answer(o, "vacation", why);
		trail_answer(o, TRAIL_NOT_REPLIED, autoreply_words(why));
		return 0;
	}
	if (act->seconds &&
	    remember_has(w->in->o.store, o->account, REMEMBER_ANSWERED, name,
	                 o->now_us, &known, err) < 0)
		return -1;
	if (known) {
		trail_answer(o, TRAIL_NOT_REPLIED,
		             "this sender was answered already");
		return 0;
	}
	key = make_key(o, "vacation", name, act->seconds < KEY_SPAN_S);
	r.message_id = make_message_id(o, key);
	if (send(o, &r, act, key, err) < 0)
		return -1;
	log_answer(o, "vacation", AUTOREPLY_MAY);
	trail_answer(o, TRAIL_REPLIED, "");
	metric_add(METRIC_AUTOREPLIES, 1);
	if (act->seconds == 0 || w->release_us)
		return 0;
	return remember_add(w->in->o.store, o->account, &item, 1, err);
}

/* RFC 8621, 8: without a text one is made of the HTML, and without that the
 * server has words of its own. */
static struct str setting_text(const struct owing *o, const struct vacation *v)
{
	struct arena *a = o->w->arena;
	struct str text = v->text;
	struct buf b;

	if (text.n == 0 && v->html.n) {
		buf_init(&b, VACATION_TEXT_MAX);
		html_to_text(&b, v->html);
		text = arena_dup(a, str_trim(buf_str(&b)));
		buf_deinit(&b);
	}
	return text.n ? text
	              : STR("I am away and will read your message when I am "
	                    "back.\n");
}

/* The setting is an action like the script's. */
static int answer_setting(const struct owing *o, struct err *err)
{
	const struct deliver_script_run *run = &o->s->run;
	const struct vacation *v = &run->vacation;
	struct sieve_action act = {
		.kind = SIEVE_VACATION,
		.subject = v->subject,
		.text = setting_text(o, v),
		/* Set anew it is another, which answers again at once. */
		.handle = arena_fmt(o->w->arena, "the setting %llu",
		                    (unsigned long long)v->changed),
		.seconds = (uint64_t)v->days * 86400,
	};

	if (!run->has_vacation || run->result.n == 0 ||
	    (v->from_us && o->now_us < v->from_us) ||
	    (v->until_us && o->now_us >= v->until_us))
		return 0;
	/* The script's own answer, or its refusal, goes before. */
	for (size_t i = 0; i < run->result.n; i++)
		if (run->result.actions[i].kind == SIEVE_VACATION ||
		    run->result.actions[i].kind == SIEVE_REJECT)
			return 0;
	return answer(o, &act, v->html, err);
}

/* ---- notify (RFC 5436) ---- */

static struct str notice_text(const struct owing *o,
                              const struct sieve_action *act)
{
	struct arena *a = o->w->arena;
	struct str from = o->w->fields.first[FIELD_FROM];
	struct str subject = o->w->fields.first[FIELD_SUBJECT];

	if (act->text.n)
		return act->text;
	return arena_fmt(a,
	                 "A message has come for %.*s.\n\n"
	                 "    From:    %.*s\n    Subject: %.*s\n",
	                 STR_ARG(o->s->end->account),
	                 STR_ARG(from.p ? text_header(a, from) : STR("")),
	                 STR_ARG(subject.p ? text_header(a, subject)
	                                   : STR("")));
}

static struct str notice_subject(const struct owing *o,
                                 const struct sieve_action *act)
{
	struct str subject = o->w->fields.first[FIELD_SUBJECT];

	if (act->subject.n)
		return act->subject;
	return subject.p ? arena_fmt(o->w->arena, "New mail: %.*s",
	                             STR_ARG(text_header(o->w->arena, subject)))
	                 : STR("New mail");
}

static int notify_one(const struct owing *o, const struct sieve_action *act,
                      struct str to, bool copy, struct err *err)
{
	struct str name = arena_fmt(o->w->arena, "%.*s %.*s",
	                            STR_ARG(act->handle), STR_ARG(to));
	struct str key = make_key(o, "notice", name, true);
	struct autoreply r = {
		.from = act->address.n && is_allowed(o, act->address)
		                ? act->from
		                : owner_of(o),
		.to = to,
		.subject = notice_subject(o, act),
		.text = notice_text(o, act),
		.kind = arena_fmt(o->w->arena,
		                  "auto-notified; owner-email=\"%.*s\"",
		                  STR_ARG(o->s->end->account)),
		.importance = act->importance,
		.message_id = make_message_id(o, key),
		.at_us = o->now_us,
	};

	return send(o, &r, copy ? act : NULL, key, err);
}

/* Not of spam, nor of what machines write: that would go round. */
static int notify(const struct owing *o, const struct sieve_action *act,
                  struct err *err)
{
	enum autoreply_why why =
		o->s->junk || autoreply_is_automatic(o->w->header)
			? AUTOREPLY_MACHINE
			: AUTOREPLY_MAY;

	log_answer(o, "notice", why);
	for (size_t i = 0; why == AUTOREPLY_MAY && i < act->n_addresses; i++)
		if (notify_one(o, act, act->addresses[i], i == 0, err) < 0)
			return -1;
	return 0;
}

/* ---- a refusal that SMTP's answer could not carry ---- */

static int refuse(const struct owing *o, const struct sieve_action *act,
                  struct err *err)
{
	enum autoreply_why why = judge(o, NULL, 0, true);
	struct str key = make_key(o, "refusal", o->w->m->sender, true);
	struct autoreply r = {
		.from = owner_of(o),
		.to = o->w->m->sender,
		.subject = STR("Your message was refused"),
		.text = arena_fmt(o->w->arena,
		                  "The message to %.*s was refused by its "
		                  "recipient, who says:\n\n%.*s\n",
		                  STR_ARG(o->s->rcpt->address),
		                  STR_ARG(act->text)),
		.kind = STR("auto-replied (rejected)"),
		.message_id = make_message_id(o, key),
		.header = o->w->header,
		.at_us = o->now_us,
		.mdn_recipient = o->s->rcpt->address,
		.reporting = config_hostname(o->w->in->o.config),
	};

	/* A forged sender has not asked. */
	if (why == AUTOREPLY_MAY && !o->w->returnable)
		why = AUTOREPLY_SENDER;
	log_answer(o, "refusal", why);
	trail_answer(o, TRAIL_REJECTED,
	             why == AUTOREPLY_MAY ? "" : "its sender is not told");
	return why == AUTOREPLY_MAY ? send(o, &r, NULL, key, err) : 0;
}

/* ---- a failing script ---- */

static int tell_owner(const struct owing *o, struct err *err)
{
	struct intake_work *w = o->w;
	const struct deliver_script_run *run = &o->s->run;
	struct str host = config_hostname(w->in->o.config);
	struct str key = make_key(o, "told", run->name, false);
	struct str from = w->fields.first[FIELD_FROM],
		   subject = w->fields.first[FIELD_SUBJECT];
	struct remember_item item = { REMEMBER_TOLD, run->name,
		                      o->now_us + TOLD_US };
	struct autoreply r = {
		.from = arena_fmt(w->arena, "Posthus <postmaster@%.*s>",
		                  STR_ARG(host)),
		.to = o->s->end->account,
		.subject = STR("Your mail filter stopped with an error"),
		.kind = STR("auto-generated"),
		.message_id = make_message_id(o, key),
		.at_us = o->now_us,
	};
	bool known = false;

	if (remember_has(w->in->o.store, o->account, REMEMBER_TOLD, run->name,
	                 o->now_us, &known, err) < 0)
		return -1;
	if (known)
		return 0;
	r.text = arena_fmt(
		w->arena,
		"The filter script \"%.*s\" stopped with an error:\n\n"
		"    %.*s\n\n"
		"The message below was kept in the inbox, and so is all mail "
		"until the script is\ncorrected. You are told once a day.\n\n"
		"    From:    %.*s\n    Subject: %.*s\n",
		STR_ARG(run->name), STR_ARG(run->why),
		STR_ARG(from.p ? text_header(w->arena, from) : STR("")),
		STR_ARG(subject.p ? text_header(w->arena, subject) : STR("")));
	if (send(o, &r, NULL, key, err) < 0)
		return -1;
	return remember_add(w->in->o.store, o->account, &item, 1, err);
}

/* ---- all of it ---- */

static int remember(const struct owing *o, struct err *err)
{
	const struct sieve_result *r = &o->s->run.result;
	struct remember_item items[SIEVE_ACTIONS_MAX];
	size_t n = 0;

	/* What may be taken back was not seen. */
	if (o->w->release_us)
		return 0;
	for (size_t i = 0; i < r->n; i++)
		if (r->actions[i].kind == SIEVE_REMEMBER)
			items[n++] = (struct remember_item){
				REMEMBER_DUPLICATE, r->actions[i].handle,
				o->now_us + (int64_t)r->actions[i].seconds *
						    US_PER_SEC
			};
	return remember_add(o->w->in->o.store, o->account, items, n, err);
}

static int settle(const struct owing *o, struct err *err)
{
	const struct sieve_result *r = &o->s->run.result;

	if (o->s->run.failed && tell_owner(o, err) < 0)
		return -1;
	for (size_t i = 0; i < r->n; i++) {
		const struct sieve_action *act = &r->actions[i];

		if (act->kind == SIEVE_NOTIFY && notify(o, act, err) < 0)
			return -1;
		if ((act->kind == SIEVE_VACATION &&
		     answer(o, act, STR(""), err) < 0) ||
		    (act->kind == SIEVE_REJECT && refuse(o, act, err) < 0))
			return -1;
	}
	return answer_setting(o, err) < 0 ? -1 : remember(o, err);
}

int intake_send_replies(struct intake_work *w, const struct places *ps,
                        struct str key, struct err *err)
{
	for (const struct scripted *s = ps->scripted; s; s = s->next) {
		struct owing o = {
			.w = w,
			.s = s,
			.account = { .id = s->end->account_id,
			             .shard = s->end->shard,
			             .quota_bytes = s->end->quota_bytes },
			.key = key,
			.now_us = clock_wall_us(),
		};

		if (settle(&o, err) < 0)
			return -1;
	}
	return 0;
}
