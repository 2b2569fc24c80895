/*
 * What happened to a message.  A user sees the own mail, and of a message that
 * came no other recipient; an administrator what came to or from the own
 * domains, the operator everything.
 */
#include "admin/ops.h"
#include "admin/trace.h"
#include "trail/words.h"

#define EVERY (ADMIN_OWN | ADMIN_DOMAIN | ADMIN_OPERATOR)

/* ---- as JSON ---- */

static void member(struct json_writer *w, const char *key, struct str s)
{
	if (s.n)
		json_member_str(w, key, s);
}

void admin_trace_event(struct json_writer *w, const struct trail_event *e)
{
	char ip[NET_ADDR_TEXT_MAX];
	struct buf words;

	json_object(w);
	json_member_time(w, "time", e->at_us);
	json_member_i64(w, "time_us", e->at_us);
	json_member_z(w, "event", trail_kind_name(e->kind));
	buf_init(&words, 8192);
	trail_sentence(&words, e);
	json_member_str(w, "words", buf_str(&words));
	buf_deinit(&words);
	member(w, "id", e->trace);
	if (e->session)
		json_member_u64(w, "session", e->session);
	if (e->null_sender || e->sender.n)
		json_member_str(w, "sender", e->sender);
	member(w, "recipient", e->rcpt);
	member(w, "to", e->to);
	member(w, "who", e->who);
	member(w, "message_id", e->message_id);
	if (e->peer.family != NET_NONE)
		json_member_z(w, "ip", net_addr_text(&e->peer, ip));
	member(w, "helo", e->helo);
	member(w, "host", e->host);
	member(w, "tls", e->tls);
	member(w, "ref", e->ref);
	if (e->code)
		json_member_u64(w, "code", e->code);
	member(w, "status", e->status);
	member(w, "reply", e->reply);
	member(w, "text", e->text);
	if (e->next_us)
		json_member_time(w, "next", e->next_us);
	if (e->size)
		json_member_u64(w, "bytes", e->size);
	json_end(w);
}

void admin_trace_story(struct json_writer *w, const struct trail_story *s)
{
	json_object(w);
	json_member_str(w, "id", s->trace);
	json_member_time(w, "time", s->at_us);
	json_member_str(w, "sender", s->sender);
	json_member_str(w, "message_id", s->message_id);
	json_member_u64(w, "bytes", s->size);
	json_member_z(w, "state", trail_state_name(s->state));
	json_key(w, STR("events"));
	json_array(w);
	for (size_t i = 0; i < s->n; i++)
		admin_trace_event(w, &s->events[i]);
	json_end(w);
	json_end(w);
}

/* ---- what is asked ---- */

void admin_trace_word(struct str word, struct trail_query *q)
{
	if (word.n > 1 && word.p[0] == '<')
		q->message_id = word;
	else if (word.n > 1 && word.p[0] == '@')
		q->domain = str_from(word, 1);
	else if (str_chr(word, '@') != STR_NPOS)
		q->address = word;
	else if (str_chr(word, '.') != STR_NPOS)
		q->domain = word;
	else
		q->trace = word;
}

static const struct admin_field event_fields[] = {
	{ "time", ADMIN_IS_TIME, false, NULL, NULL },
	{ "time_us", ADMIN_IS_NUMBER, false, NULL, NULL },
	{ "event", ADMIN_IS_TEXT, false, NULL, "Its kind" },
	{ "words", ADMIN_IS_TEXT, false, NULL, "A sentence" },
	ADMIN_FIELD_END,
};

static const struct admin_field story_fields[] = {
	{ "id", ADMIN_IS_TEXT, false, NULL, "\"\": a connection" },
	{ "time", ADMIN_IS_TIME, false, NULL, NULL },
	{ "sender", ADMIN_IS_TEXT, false, NULL, NULL },
	{ "message_id", ADMIN_IS_TEXT, false, NULL, NULL },
	{ "bytes", ADMIN_IS_NUMBER, false, NULL, NULL },
	{ "state", ADMIN_IS_TEXT, false, NULL, "The worst that is not over" },
	{ "events", ADMIN_IS_OBJECTS, false, event_fields,
	  "In order of time; further members tell what is known of each" },
	ADMIN_FIELD_END,
};

static const struct admin_param find_params[] = {
	{ "find", ADMIN_TEXT, 0, 998, NULL,
	  "An address, a domain, a Message-ID in <>, or the id of a message" },
	{ "from", ADMIN_TEXT, 0, 400, NULL, "The sender" },
	{ "to", ADMIN_TEXT, 0, 400, NULL, "A recipient" },
	{ "domain", ADMIN_NAME, 0, 0, NULL,
	  "From or to it; who administers several domains says one" },
	{ "since", ADMIN_TIME, 0, 0, NULL, "Not before" },
	{ "until", ADMIN_TIME, 0, 0, NULL, "Before" },
	{ "after", ADMIN_TEXT, 0, 100, NULL, "`next` of the page before" },
	{ "limit", ADMIN_NUMBER, 0, TRAIL_PAGE_MAX, NULL, "Stories of a page" },
	ADMIN_PARAM_END,
};

static bool read_mark(struct str s, struct trail_mark *out)
{
	struct str day, event;
	uint64_t d, e, h;

	if (!str_cut(&s, '-', &day) || !str_cut(&s, '-', &event) ||
	    !str_to_u64(day, INT64_MAX, &d) ||
	    !str_to_u64(event, INT64_MAX, &e) || !str_to_u64(s, 1000, &h))
		return false;
	*out = (struct trail_mark){ .day = (int64_t)d,
		                    .event = (int64_t)e,
		                    .hour = (unsigned)h };
	return true;
}

/* The domain that is meant: the one given, that of the address sought, or the
 * only one. */
static int narrow(struct admin_call *c, struct trail_query *q, struct err *err)
{
	struct directory_domain d;
	struct str name = q->domain;
	size_t at = str_rchr(q->address, '@');
	struct directory_resolved r;
	int64_t id;

	if (c->by->roles & ADMIN_OPERATOR)
		return 0;
	if (!(c->by->roles & ADMIN_DOMAIN) ||
	    (!name.n && str_eq_case(q->address, c->by->address))) {
		q->account = c->by->account;
		return 0;
	}
	if (!name.n && at != STR_NPOS) {
		name = str_from(q->address, at + 1);
		/* Somebody elsewhere is sought within the own domain. */
		if (directory_address_resolve(c->adm->dir,
		                              str_to(q->address, at), name,
		                              c->a, &r, err) < 0)
			return -1;
		if (!r.domain_id ||
		    !admin_caller_has_domain(c->by, r.domain_id))
			name = STR("");
	}
	if (!name.n && c->by->domains_n != 1)
		return admin_blame(c, "domain", err, ERR_INVALID,
		                   "say of which domain");
	if (name.n) {
		if (admin_access_name(c, "domain", name, &id, err) < 0 ||
		    directory_domain_get(c->adm->dir, name, c->a, &d, err) < 0)
			return -1;
		q->domain = q->within = d.name;
		return 0;
	}
	if (admin_domain_name(c, c->by->domains[0], &q->domain, err) < 0)
		return -1;
	q->within = q->domain;
	return 0;
}

static int read_query(struct admin_call *c, struct trail_query *q,
                      struct err *err)
{
	struct str after = admin_arg_text(c, "after");

	*q = (struct trail_query){
		.sender = admin_arg_text(c, "from"),
		.rcpt = admin_arg_text(c, "to"),
		.since_us = admin_arg(c, "since")->us,
		.until_us = admin_arg(c, "until")->us,
		.limit = (size_t)admin_arg(c, "limit")->u,
	};
	if (!q->limit)
		q->limit = 20;
	admin_trace_word(admin_arg_text(c, "find"), q);
	if (admin_arg_given(c, "domain"))
		q->domain = admin_arg_text(c, "domain");
	if (after.n && !read_mark(after, &q->after))
		return admin_blame(c, "after", err, ERR_INVALID,
		                   "after is `next` of a page");
	return narrow(c, q, err);
}

/* ---- what is shown ---- */

static int find(struct admin_call *c, struct err *err)
{
	struct trail_query q;
	struct trail_page page;

	if (read_query(c, &q, err) < 0 ||
	    trail_find(config_data_path(c->adm->cfg, c->a, ""), &q, c->a, &page,
	               err) < 0)
		return -1;
	admin_page_begin(c);
	for (size_t i = 0; i < page.n; i++)
		admin_trace_story(c->w, &page.stories[i]);
	admin_page_end(c, page.more ? arena_fmt(c->a, "%lld-%lld-%u",
	                                        (long long)page.mark.day,
	                                        (long long)page.mark.event,
	                                        page.mark.hour)
	                            : STR(""));
	return 0;
}

const struct admin_operation admin_ops_trace[] = {
	{ .name = "trace.find",
	  .method = "GET",
	  .path = "/trace",
	  .who = EVERY,
	  .area = ADMIN_AREA_RECEIVING,
	  .params = find_params,
	  .shape = ADMIN_MANY,
	  .result = story_fields,
	  .run = find,
	  .sentence = "Tell what happened to messages, the latest first" },
	ADMIN_OP_END,
};
