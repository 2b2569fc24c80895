/* Each account's script says what becomes of its copy: the places change
 * before anything is written.  What scripts owe others comes after that
 * (replies.c). */
#include <string.h>

#include "base/utf8.h"
#include "config/config.h"
#include "intake/private.h"
#include "log/log.h"
#include "log/metric.h"
#include "wire/message/header.h"

/* Scripts that redirect to one another. */
#define DEPTH_MAX         8

#define REFUSAL_LINES_MAX 20
#define REFUSAL_LINE_MAX  400

/* ---- redirect ---- */

static bool is_ancestor(const struct places *ps, size_t at, int64_t account)
{
	for (size_t i = at + 1; i > 0; i = ps->v[i - 1].from)
		if (ps->v[i - 1].end->account_id == account)
			return true;
	return false;
}

static size_t depth_of(const struct places *ps, size_t at)
{
	size_t n = 0;

	for (size_t i = ps->v[at].from; i > 0; i = ps->v[i - 1].from)
		n++;
	return n;
}

/* A copy goes there already (or went, if a script discarded it). */
static bool is_there(const struct places *ps, const struct route_end *e)
{
	for (size_t i = 0; i < ps->n; i++) {
		const struct route_end *o = ps->v[i].end;

		if (o->here == e->here &&
		    (e->here ? o->account_id == e->account_id
		             : str_eq(o->address, e->address)))
			return true;
	}
	return false;
}

/* It was sent on from here before: it came back (RFC 5228, 4.2). */
static bool came_back(const struct intake_work *w, const struct route_end *end)
{
	struct header_reader r = header_reader(w->header);
	struct header_field f;
	enum header_result got;

	if (w->fields.count[FIELD_DELIVERED_TO] == 0)
		return false;
	while ((got = header_next(&r, &f)) != HEADER_END)
		if (got == HEADER_FIELD &&
		    field_id(f.name) == FIELD_DELIVERED_TO &&
		    (str_eq_case(str_trim(f.raw), end->account) ||
		     str_eq_case(str_trim(f.raw), end->address)))
			return true;
	return false;
}

struct wishes intake_wishes(const struct intake_work *w, const struct place *p)
{
	const struct intake_message *m = w->m;

	if (p->wishes)
		return *p->wishes;
	return (struct wishes){ .notify = p->rcpt->notify,
		                .ret = m->ret,
		                .by_us = m->by_us,
		                .by_notify = m->by_notify,
		                .by_trace = m->by_trace };
}

/* NULL: the message's own are kept. */
static const struct wishes *new_wishes(struct intake_work *w,
                                       const struct place *at,
                                       const struct sieve_action *act)
{
	struct wishes *out;

	if (!act->has_notify && !act->has_ret && !act->has_by)
		return at->wishes;
	out = arena_zalloc(w->arena, sizeof(*out));
	*out = intake_wishes(w, at);
	if (act->has_notify)
		out->notify = act->notify;
	if (act->has_ret)
		out->ret = act->ret;
	if (act->has_by) {
		out->by_us = act->by_us;
		out->by_notify = act->by_notify;
		out->by_trace = act->by_trace;
	}
	return out;
}

enum redirected { REDIRECT_DONE, REDIRECT_NOWHERE, REDIRECT_TROUBLE };

static enum redirected add_ends(struct intake_work *w, struct places *ps,
                                size_t at, const struct route *route,
                                const struct sieve_action *act,
                                struct str bytes)
{
	const struct wishes *wishes = new_wishes(w, &ps->v[at], act);
	const struct route_end *by = ps->v[at].end;
	bool somewhere = false;

	for (size_t i = 0; i < route->n; i++) {
		struct route_end *e = &route->ends[i];
		struct place *p;

		if (e->here && is_ancestor(ps, at, e->account_id))
			continue;
		somewhere = true;
		if (is_there(ps, e))
			continue;
		if (!e->here)
			e->forwarded_by = by->account_id;
		p = intake_add_place(w, ps, ps->v[at].rcpt, e);
		if (!p)
			return REDIRECT_NOWHERE;
		p->from = at + 1;
		p->via = by->account;
		p->bytes = bytes;
		p->wishes = wishes;
	}
	return somewhere ? REDIRECT_DONE : REDIRECT_NOWHERE;
}

static enum redirected redirect(struct intake_work *w, struct places *ps,
                                size_t at, const struct sieve_action *act,
                                struct str bytes, struct err *err)
{
	size_t sign = str_rchr(act->address, '@');
	struct route route;

	if (depth_of(ps, at) >= DEPTH_MAX || came_back(w, ps->v[at].end))
		return REDIRECT_NOWHERE;
	if (route_find(w->in->o.directory, w->in->o.store,
	               str_to(act->address, sign),
	               str_from(act->address, sign + 1), w->bytes.n, w->arena,
	               &route, err) < 0)
		return REDIRECT_TROUBLE;
	if (route.n == 0)
		return REDIRECT_NOWHERE;
	return add_ends(w, ps, at, &route, act, bytes);
}

/* ---- reject ---- */

/* The owner's words as lines of a reply: what SMTP cannot carry is "?". */
static struct str reply_lines(struct intake_work *w, struct str text)
{
	struct str rest = text, line, out;
	struct buf b;
	size_t lines = 0;

	buf_init(&b, REFUSAL_LINES_MAX * (REFUSAL_LINE_MAX + 1));
	while (str_cut(&rest, '\n', &line) && lines < REFUSAL_LINES_MAX) {
		line = utf8_head(str_trim(line), REFUSAL_LINE_MAX);
		if (line.n == 0)
			continue;
		if (lines++)
			buf_add_c(&b, '\n');
		for (size_t i = 0; i < line.n; i++) {
			unsigned char c = (unsigned char)line.p[i];

			buf_add_c(&b,
			          c < 32 || c == 127 ||
			                          (c > 127 && !w->m->smtputf8)
			                  ? '?'
			                  : line.p[i]);
		}
	}
	if (lines == 0)
		buf_add(&b, STR("The recipient refuses this message"));
	out = arena_dup(w->arena, buf_str(&b));
	buf_deinit(&b);
	return out;
}

/* Nobody else is to get it, so the sender's server can still be told. */
static bool is_alone(const struct intake_work *w, const struct places *ps)
{
	return ps->n == 1 && w->m->rcpts_n == 1;
}

/* ---- what a script says ---- */

static void log_script(const struct intake_work *w, const struct scripted *s)
{
	struct log_line l;

	log_begin(&l, s->run.failed ? LOG_WARN : LOG_INFO,
	          s->run.failed ? "sieve.failed" : "sieve.ran");
	log_z(&l, "qid", w->trace);
	log_str(&l, "addr", s->end->account);
	log_u64(&l, "actions", s->run.result.n);
	if (s->run.failed)
		log_str(&l, "why", s->run.why);
	log_end(&l);
}

/* What the owner's script asked for, for the owner alone. */
static void trail_script(struct intake_work *w, const struct scripted *s)
{
	const struct deliver_script_run *run = &s->run;
	struct trail_event e = { .kind = TRAIL_RULE,
		                 .rcpt = s->rcpt->address,
		                 .to = s->end->account,
		                 .account = s->end->account_id };

	if (run->failed) {
		e.text = arena_fmt(w->arena,
		                   "script \"%.*s\" stopped: %.*s; the message "
		                   "is kept",
		                   STR_ARG(run->name), STR_ARG(run->why));
		intake_trail(w, e);
		return;
	}
	for (size_t i = 0; i < run->result.n; i++) {
		const struct sieve_action *act = &run->result.actions[i];

		if (act->kind == SIEVE_FILEINTO)
			e.text = arena_fmt(w->arena, "file into %.*s",
			                   STR_ARG(act->mailbox));
		else if (act->kind == SIEVE_REDIRECT)
			e.text = arena_fmt(w->arena, "pass on to %.*s",
			                   STR_ARG(act->address));
		else
			continue;
		intake_trail(w, e);
	}
}

/* The first folder takes the place itself, others are added. */
static bool file_in(struct intake_work *w, struct places *ps, size_t at,
                    const struct sieve_action *act, struct str bytes,
                    bool *used, struct err *err)
{
	struct deliver_folder folder;
	struct place *p = &ps->v[at];

	if (deliver_script_folder(w->in->o.store, p->end, act, p->junk,
	                          w->arena, &folder, err) < 0)
		return false;
	if (*used) {
		struct place old = *p;

		p = intake_add_place(w, ps, old.rcpt, old.end);
		if (!p)
			return true; /* it is in another folder already */
		p->from = old.from;
		p->rating = old.rating;
		p->wishes = old.wishes;
		p->junk = old.junk;
		p->settled = true;
	}
	*used = true;
	p->folder = folder;
	p->bytes = bytes;
	return true;
}

enum applied { APPLIED, ANSWERED, TROUBLE };

static enum applied refuse(struct intake_work *w, const struct places *ps,
                           const struct sieve_action *act)
{
	struct policy_words words = { 0 };

	if (!is_alone(w, ps))
		return APPLIED; /* a report goes out: replies.c */
	words.why = reply_lines(w, act->text);
	intake_say_no(w, REF_SCRIPT, &words);
	return ANSWERED;
}

static enum applied apply(struct intake_work *w, struct places *ps, size_t at,
                          struct scripted *s, struct err *err)
{
	static const struct sieve_action inbox = { .kind = SIEVE_KEEP };
	/* What another's script made of it before it came here. */
	struct str came = ps->v[at].bytes;
	bool used = false;

	s->discarded = true;
	for (size_t i = 0; i < s->run.result.n; i++) {
		const struct sieve_action *act = &s->run.result.actions[i];
		struct str bytes = act->message.p ? act->message : came;
		enum redirected to;

		s->discarded = s->discarded && (act->kind == SIEVE_VACATION ||
		                                act->kind == SIEVE_NOTIFY ||
		                                act->kind == SIEVE_REMEMBER);
		switch (act->kind) {
		case SIEVE_KEEP:
		case SIEVE_FILEINTO:
			if (!file_in(w, ps, at, act, bytes, &used, err))
				return TROUBLE;
			break;
		case SIEVE_REDIRECT:
			to = redirect(w, ps, at, act, bytes, err);
			if (to == REDIRECT_TROUBLE)
				return TROUBLE;
			if (to == REDIRECT_NOWHERE && !used &&
			    !file_in(w, ps, at, &inbox, bytes, &used, err))
				return TROUBLE;
			break;
		case SIEVE_REJECT:
			if (refuse(w, ps, act) == ANSWERED)
				return ANSWERED;
			break;
		case SIEVE_VACATION:
		case SIEVE_NOTIFY:
		case SIEVE_REMEMBER: break;
		}
	}
	if (!used)
		ps->v[at].rcpt = NULL; /* goes when all scripts ran */
	return APPLIED;
}

static void facts_of(const struct intake_work *w, const struct place *p,
                     struct sieve_facts *f, char ip[NET_ADDR_TEXT_MAX])
{
	const struct intake_message *m = w->m;
	struct wishes wishes = intake_wishes(w, p);

	*f = (struct sieve_facts){
		.message = p->bytes.p ? p->bytes : w->bytes,
		.from = m->sender,
		.to = p->from ? p->end->address : p->rcpt->address,
		.notify = wishes.notify,
		.orcpt = p->rcpt->orcpt,
		.envid = m->envid,
		.ret = wishes.ret,
		.by_us = wishes.by_us,
		.by_notify = wishes.by_notify,
		.by_trace = wishes.by_trace,
		.user = p->end->account,
		.id = str_z(w->trace),
		.host_name = config_hostname(w->in->o.config),
		.remote_ip = m->peer.family == NET_UNIX
		                     ? STR("")
		                     : str_z(net_addr_text(&m->peer, ip)),
		.remote_host = m->helo,
		.now_us = w->at_us,
		.spam_tenths = p->rating.rated ? (int)p->rating.percent : -1,
	};
}

static enum applied run_one(struct intake_work *w, struct places *ps, size_t at,
                            struct err *err)
{
	struct scripted *s = arena_zalloc(w->arena, sizeof(*s));
	char ip[NET_ADDR_TEXT_MAX];
	struct sieve_facts facts;

	facts_of(w, &ps->v[at], &facts, ip);
	s->rcpt = ps->v[at].rcpt;
	s->end = ps->v[at].end;
	s->junk = ps->v[at].junk;
	if (deliver_script(w->in->scripts, s->end, &facts, w->arena, &s->run,
	                   err) < 0)
		return TROUBLE;
	s->next = ps->scripted;
	ps->scripted = s;
	if (s->run.has_script) {
		metric_add(s->run.failed ? METRIC_SIEVE_FAILED
		                         : METRIC_SIEVE_RAN,
		           1);
		log_script(w, s);
		trail_script(w, s);
	}
	return apply(w, ps, at, s, err);
}

/* Take out what scripts left without a folder. */
static void compact(struct places *ps)
{
	size_t n = 0;

	for (size_t i = 0; i < ps->n; i++)
		if (ps->v[i].rcpt)
			ps->v[n++] = ps->v[i];
	ps->n = n;
}

bool intake_run_scripts(struct intake_work *w, struct places *ps)
{
	struct err err = ERR_INIT;

	for (size_t i = 0; i < ps->n; i++) {
		struct place *p = &ps->v[i];

		if (!p->end->here || p->settled)
			continue;
		p->settled = true;
		intake_score_for(w, p->end->account_id, i, &p->rating);
		if (p->rating.spam)
			metric_add(METRIC_SCORED_SPAM, 1);
		p->junk = p->rating.spam || w->quarantine;
		if (p->junk)
			p->folder.where = FILE_JUNK;
		if (p->end->script == 0)
			continue;
		switch (run_one(w, ps, i, &err)) {
		case APPLIED: break;
		case ANSWERED: return false;
		case TROUBLE: intake_say_trouble(w, &err); return false;
		}
	}
	compact(ps);
	return true;
}
