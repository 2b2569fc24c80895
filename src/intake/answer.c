#include "intake/private.h"

#include "log/log.h"
#include "log/metric.h"

static void log_facts(struct log_line *l, const struct intake_work *w)
{
	const struct intake_message *m = w->m;
	char ip[NET_ADDR_TEXT_MAX];

	log_u64(l, "sid", m->session);
	log_z(l, "qid", w->trace);
	log_z(l, "ip", net_addr_text(&m->peer, ip));
	if (m->login.n)
		log_str(l, "login", m->login);
	if (m->unix_user.n)
		log_str(l, "user", m->unix_user);
	log_str(l, "from", m->sender);
	if (m->rcpts_n)
		log_str(l, "addr", m->rcpts[0].address);
	log_u64(l, "rcpts", m->rcpts_n);
	log_u64(l, "bytes", w->size);
}

static void trail_refused(struct intake_work *w, const struct policy_reply *r,
                          struct str also)
{
	struct trail_event e = { .kind = TRAIL_DATA_REFUSED,
		                 .code = r->code,
		                 .status = str_z(r->status),
		                 .ref = str_z(r->ref),
		                 .text = also };
	struct str text = w->answer->text;

	/* the second line is a link */
	(void)str_cut(&text, '\n', &e.reply);
	intake_trail(w, e);
}

void intake_say_yes(struct intake_work *w, struct str text)
{
	struct log_line l;

	metric_add(METRIC_MESSAGES_ACCEPTED, 1);
	w->answer->accepted = true;
	w->answer->ref = REF_NONE;
	w->answer->code = 250;
	w->answer->status = "2.0.0";
	w->answer->text =
		arena_fmt(w->arena, "%.*s as %s", STR_ARG(text), w->trace);
	log_begin(&l, LOG_INFO, "intake.accepted");
	log_facts(&l, w);
	log_str(&l, "how", text);
	log_end(&l);
}

void intake_say_no(struct intake_work *w, enum policy_ref ref,
                   const struct policy_words *words)
{
	const struct policy_reply *r = policy_reply(ref);
	struct policy_words own = { 0 };
	struct log_line l;
	struct buf b;

	if (words)
		own = *words;
	own.help = intake_help(w->in);
	if (own.rcpt.n == 0 && w->m->rcpts_n)
		own.rcpt = w->m->rcpts[0].address;
	buf_init(&b, 4096);
	policy_reply_text(&b, ref, &own);
	w->answer->accepted = false;
	w->answer->ref = ref;
	w->answer->code = r->code;
	w->answer->status = r->status;
	w->answer->text = arena_dup(w->arena, buf_str(&b));
	trail_refused(w, r, own.also);
	buf_deinit(&b);
	policy_count(ref);
	metric_add(r->code < 500 ? METRIC_MESSAGES_DEFERRED
	                         : METRIC_MESSAGES_REFUSED,
	           1);
	log_begin(&l, LOG_INFO, "intake.refused");
	log_facts(&l, w);
	log_u64(&l, "code", r->code);
	log_z(&l, "ref", r->ref);
	if (own.also.n)
		log_str(&l, "why", own.also);
	log_end(&l);
}

void intake_say_trouble(struct intake_work *w, const struct err *err)
{
	struct log_line l;

	log_begin(&l, LOG_ERROR, "intake.trouble");
	log_facts(&l, w);
	log_err(&l, err);
	log_end(&l);
	intake_say_no(w, err->kind == ERR_NO_SPACE ? REF_SPACE : REF_TEMP,
	              NULL);
}
