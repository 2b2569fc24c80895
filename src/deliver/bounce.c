#include "deliver/bounce.h"

#include <string.h>

#include "config/config.h"
#include "deliver/notice.h"
#include "deliver/paused.h"
#include "deliver/post.h"
#include "log/log.h"
#include "log/metric.h"
#include "os/clock.h"
#include "queue/report.h"
#include "trail/trail.h"
#include "wire/smtp/command.h"

/* Whom to tell, if anybody. */
enum verdict {
	TELL_SENDER,
	TELL_OPERATOR, /* a report could not be delivered */
	TELL_NOBODY,   /* not asked for */
	TELL_FORGED,   /* the sender may be somebody else */
	TELL_DOUBLE,   /* a report could not be delivered */
};

static const char *const verdict_names[] = {
	[TELL_SENDER] = "bounce.sent",      [TELL_OPERATOR] = "bounce.double",
	[TELL_NOBODY] = "bounce.not_asked", [TELL_FORGED] = "bounce.withheld",
	[TELL_DOUBLE] = "bounce.double",
};

/* Why nobody was told. */
static const char *const verdict_whys[] = {
	[TELL_SENDER] = "its sender can not be reached",
	[TELL_OPERATOR] = "the operator can not be reached",
	[TELL_NOBODY] = "the sender did not ask for it",
	[TELL_FORGED] = "the sender may be forged",
	[TELL_DOUBLE] = "it was a report itself",
};

/* ---- what to tell ---- */

/* RFC 3461, 4.1: without NOTIFY failures are told, and delays may be. */
static bool is_asked(const struct queue_report *report,
                     const struct queue_report_rcpt *r)
{
	if (r->notify & SMTP_NOTIFY_NEVER)
		return false;
	switch (r->outcome) {
	case QUEUE_OUTCOME_FAILED:
		return r->notify == 0 || (r->notify & SMTP_NOTIFY_FAILURE);
	case QUEUE_OUTCOME_LATE:
		return r->notify == 0 || (r->notify & SMTP_NOTIFY_DELAY);
	case QUEUE_OUTCOME_SENT:
		/* RFC 2852, 4.1.4: without SUCCESS it was traced. */
		return r->notify & SMTP_NOTIFY_SUCCESS || report->by_us;
	}
	return false;
}

static size_t choose(const struct queue_report *r, struct arena *a,
                     const struct queue_report_rcpt ***out)
{
	const struct queue_report_rcpt **v =
		arena_array(a, r->rcpts_n, sizeof(*v));
	size_t n = 0;

	for (size_t i = 0; i < r->rcpts_n; i++)
		if (is_asked(r, &r->rcpts[i]))
			v[n++] = &r->rcpts[i];
	*out = v;
	return n;
}

static bool has_failed(const struct queue_report *r)
{
	for (size_t i = 0; i < r->rcpts_n; i++)
		if (r->rcpts[i].outcome == QUEUE_OUTCOME_FAILED)
			return true;
	return false;
}

static enum verdict judge(const struct bounce *b, const struct queue_report *r,
                          size_t n)
{
	if (r->sender.n == 0) {
		if (!has_failed(r))
			return TELL_NOBODY;
		/* Of those that could not be delivered to the operator himself
		 * nothing more is made. */
		if (r->source == QUEUE_FROM_HOST &&
		    config_str(b->config, OPT_QUEUE_DOUBLE_BOUNCES_TO).n &&
		    !str_eq_case(r->rcpts[0].original,
		                 config_str(b->config,
		                            OPT_QUEUE_DOUBLE_BOUNCES_TO)))
			return TELL_OPERATOR;
		return TELL_DOUBLE;
	}
	if (n == 0)
		return TELL_NOBODY;
	return r->returnable ? TELL_SENDER : TELL_FORGED;
}

/* ---- log, trail ---- */

static void tell_log(const struct bounce *b, const struct queue_report *r,
                     enum verdict v, struct str told, const char *why)
{
	struct log_line l;

	log_begin(&l, v == TELL_DOUBLE ? LOG_WARN : LOG_INFO,
	          !told.n && v == TELL_SENDER ? "bounce.unreachable"
	                                      : verdict_names[v]);
	log_str(&l, "qid", r->trace);
	log_str(&l, "from", r->sender);
	log_str(&l, "addr", r->rcpts[0].original);
	log_u64(&l, "rcpts", r->rcpts_n);
	if (told.n)
		log_str(&l, "to", told);
	else
		log_z(&l, "why", why);
	log_end(&l);
	for (size_t i = 0; i < r->rcpts_n; i++) {
		const struct queue_report_rcpt *x = &r->rcpts[i];
		struct trail_event e = {
			.trace = r->trace,
			.sender = r->sender,
			.null_sender = r->sender.n == 0,
			.rcpt = x->original,
			.to = x->address,
			.account = r->account_id,
			.status = x->status,
			.reply = x->reply,
		};

		if (x->outcome != QUEUE_OUTCOME_FAILED) {
			if (!told.n || !is_asked(r, x))
				continue;
			e.kind = TRAIL_NOTICE;
			e.to = told;
			e.text = x->outcome == QUEUE_OUTCOME_LATE
			                 ? STR("it is late")
			         : x->kind == QUEUE_LOCAL
			                 ? STR("it has arrived")
			                 : STR("the next host has it");
		} else if (told.n) {
			e.kind = TRAIL_BOUNCED;
			e.to = told;
		} else {
			e.kind = TRAIL_NOT_BOUNCED;
			e.text = str_z(why);
		}
		trail_add(b->trail, &e);
	}
	metric_add(told.n ? METRIC_REPORTS_SENT : METRIC_REPORTS_WITHHELD, 1);
}

/* ---- making and settling ---- */

struct making {
	const struct bounce *b;
	const struct queue_report *report;
	struct arena *a;
	int64_t now_us;
};

/* UTF-8 in addresses only for those who can read it: the sender's own address
 * has it, or it is filed here (RFC 6533, 5). */
static bool may_utf8(const struct queue_report *r, const struct post *p)
{
	if (!r->smtputf8)
		return false;
	for (size_t i = 0; i < r->sender.n; i++)
		if ((unsigned char)r->sender.p[i] > 126)
			return true;
	for (size_t i = 0; i < p->rcpts_n; i++)
		if (p->rcpts[i].kind != QUEUE_LOCAL)
			return false;
	return true;
}

static int write_report(struct making *m,
                        const struct queue_report_rcpt *const *rcpts, size_t n,
                        struct post *p, struct buf *out, struct err *err)
{
	struct queue_bytes bytes;
	struct notice notice = {
		.report = m->report,
		.rcpts = rcpts,
		.n = n,
		.to = p->to,
		.hostname = config_hostname(m->b->config),
		.trace = str_z(p->trace),
		.utf8 = may_utf8(m->report, p),
		.now_us = m->now_us,
	};
	bool eight;

	if (queue_body_open(m->b->queue, m->report->message, &bytes, err) < 0)
		return -1;
	notice.message = bytes.message;
	eight = notice_write(m->a, &notice, out);
	queue_body_close(&bytes);
	if (buf_overflow(out))
		return err_set(err, ERR_TOO_BIG, "the report is too large");
	p->message = buf_str(out);
	p->eight = eight;
	p->smtputf8 = notice.utf8;
	return 0;
}

static int tell(struct making *m, struct str to,
                const struct queue_report_rcpt *const *rcpts, size_t n,
                bool *told, struct err *err)
{
	struct post p = { .to = to, .null_sender = true, .at_us = m->now_us };
	struct buf b;
	int rc;

	*told = false;
	rc = post_route(&p, m->b->directory, m->b->store, m->a, err);
	if (rc <= 0)
		return rc;
	buf_init(&b, (size_t)16 * 1024 * 1024);
	rc = write_report(m, rcpts, n, &p, &b, err);
	if (rc == 0) {
		struct queue_new q = post_queue(&p);

		q.requiretls = m->report->requiretls; /* RFC 8689, 5 */
		rc = queue_report_settle(m->b->queue, m->report, &q, NULL, err);
	}
	buf_deinit(&b);
	*told = rc == 0;
	return rc;
}

static int settle(struct making *m, struct err *err)
{
	const struct queue_report *r = m->report;
	const struct queue_report_rcpt **rcpts;
	size_t n = choose(r, m->a, &rcpts);
	enum verdict v = judge(m->b, r, n);
	struct str to = { NULL, 0 };
	const char *why = verdict_whys[v];
	bool told = false;

	if (v == TELL_SENDER)
		to = r->sender;
	if (v == TELL_OPERATOR)
		to = config_str(m->b->config, OPT_QUEUE_DOUBLE_BOUNCES_TO);
	if (to.n && n && tell(m, to, rcpts, n, &told, err) < 0)
		return -1;
	if (!told && queue_report_settle(m->b->queue, r, NULL, NULL, err) < 0)
		return -1;
	tell_log(m->b, r, v, told ? to : STR(""), why);
	return 0;
}

int bounce_run_once(const struct bounce *b, int64_t now_us, struct err *err)
{
	int64_t delay_us = config_us(b->config, OPT_QUEUE_DELAY_NOTICE);
	int64_t late_us =
		delay_us > 0 && !b->without_late ? now_us - delay_us : 0;
	int64_t after = 0;
	struct arena a;
	int rc = 0, n = 0;

	if (queue_expire(b->queue, now_us, err) < 0)
		return -1;
	arena_init(&a);
	for (int i = 0; i < BOUNCE_ROUND_MAX; i++) {
		struct queue_report r;
		struct making m = { b, &r, &a, now_us };
		struct err why = ERR_INIT;

		arena_reset(&a);
		rc = queue_report_next(b->queue, after, now_us, late_us, &a, &r,
		                       err);
		if (rc <= 0)
			break;
		/* What does not work with one must not hold up the others. */
		after = r.message;
		if (settle(&m, &why) == 0)
			n++;
		else if (why.kind != ERR_NOT_FOUND)
			log_fail(LOG_ERROR, "bounce.trouble", &why);
	}
	arena_deinit(&a);
	if (rc >= 0 && paused_tell_owners(b, now_us, err) < 0)
		rc = -1;
	return rc < 0 ? -1 : n;
}
