#include "admin/queue.h"
#include "ctl/show.h"
#include "os/clock.h"
#include "queue/queue.h"

static int open_queue(struct ctl *c, struct queue **out)
{
	struct err err = ERR_INIT;
	int rc = ctl_admin(c);

	if (rc == CTL_OK && admin_queue(c->admin, out, &err) < 0)
		return ctl_fail(c, &err, NULL, "cannot open the queue");
	return rc;
}

static int message_asked(struct ctl *c, int64_t *out)
{
	struct str text = ctl_arg(c, 0);
	uint64_t v;

	if (!str_to_u64(text, INT64_MAX, &v) || v == 0)
		return ctl_usage(c,
		                 "\"%.*s\" is no message of the queue: ID "
		                 "is a number",
		                 STR_ARG(text));
	*out = (int64_t)v;
	return CTL_OK;
}

static const struct out_column columns[] = {
	{ "id", "ID" },          { "state", "STATE" },
	{ "sender", "FROM" },    { "recipient", "TO" },
	{ "size", "SIZE" },      { "received", "RECEIVED" },
	{ "next", "NEXT TRY" },  { "attempts", "TRIES" },
	{ "why", "WHY" },        { "status", NULL },
	{ "reply", NULL },       { "mta", NULL },
	{ "destination", NULL }, { "expires", NULL },
	{ "original", NULL },    { "trace", NULL },
};

/* The last reason, when that was, and what comes. */
static void write_reason(struct buf *b, const struct queue_item *i,
                         int64_t now_us)
{
	admin_queue_reason(b, i);
	if (i->reply.n && i->last_us) {
		buf_add(b, STR(", "));
		out_time_text(b, i->last_us, now_us);
	}
}

/* Why it is still here, in a sentence. */
static void write_why(struct buf *b, const struct queue_item *i, int64_t now_us)
{
	int64_t next_us = admin_queue_next(i);

	switch (i->state) {
	case QUEUE_ACTIVE: buf_add(b, STR("being sent now")); return;
	case QUEUE_SENT: buf_add(b, STR("sent; its sender is told")); return;
	case QUEUE_HELD: buf_add(b, STR("held until it is released")); return;
	case QUEUE_FAILED:
		buf_add(b, STR("given up: "));
		write_reason(b, i, now_us);
		return;
	case QUEUE_WAITING: break;
	}
	if (i->release_us) {
		buf_add(b, STR("its sender holds it; goes "));
		out_time_text(b, i->release_us, now_us);
		return;
	}
	write_reason(b, i, now_us);
	if (next_us <= now_us) {
		buf_add(b, STR("; due now"));
		return;
	}
	buf_add(b, STR("; next try "));
	out_time_text(b, next_us, now_us);
}

static bool show_item(void *arg, const struct queue_item *i)
{
	struct out *o = arg;
	struct buf why;

	buf_init(&why, 4096);
	write_why(&why, i, clock_wall_us());

	out_number(o, (uint64_t)i->message);
	out_z(o, admin_queue_state(i));
	out_text(o, i->sender.n ? i->sender : STR("<>"));
	out_text(o, i->address);
	out_bytes(o, i->size);
	out_time(o, i->received_us);
	out_time(o, admin_queue_next(i));
	out_number(o, i->attempts);
	out_text(o, buf_str(&why));
	out_text(o, i->status);
	out_text(o, i->reply);
	out_text(o, i->mta);
	out_text(o, i->dest);
	out_time(o, i->expires_us);
	out_text(o, i->original);
	out_text(o, i->trace);
	buf_deinit(&why);
	return true;
}

static int list(struct ctl *c, int64_t message, bool needed)
{
	struct err err = ERR_INIT;
	struct queue *q;
	struct out o;
	int rc = open_queue(c, &q);

	if (rc != CTL_OK)
		return rc;
	out_begin(&o, c, columns, sizeof(columns) / sizeof(columns[0]), false);
	rc = queue_list(q, message, show_item, &o, &err);
	if (rc == 0 && needed && !o.rows)
		rc = err_set(&err, ERR_NOT_FOUND, "there is no message %lld",
		             (long long)message);
	if (rc < 0)
		return ctl_fail(c, &err, needed ? "posthus queue list" : NULL,
		                "cannot show the queue");
	return out_end(&o);
}

int ctl_run_queue_list(struct ctl *c)
{
	return list(c, 0, false);
}

int ctl_run_queue_show(struct ctl *c)
{
	int64_t message;
	int rc = message_asked(c, &message);

	return rc == CTL_OK ? list(c, message, true) : rc;
}

static int change(struct ctl *c, const char *operation, const char *what,
                  const char *result)
{
	struct err err = ERR_INIT;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	rc = c->n_args
	             ? CTL_DO(c, &err, operation, CTL_GIVE("id", ctl_arg(c, 0)))
	             : ctl_operate(c, operation, NULL, 0, NULL, &err);
	if (rc < 0)
		return ctl_fail(c, &err, "posthus queue list",
		                "cannot %s message %.*s", what,
		                STR_ARG(ctl_arg(c, 0)));
	return ctl_done(c, "id", ctl_arg(c, 0).n ? ctl_arg(c, 0) : STR("all"),
	                result);
}

/* The usage is said before the host is looked at. */
static int change_one(struct ctl *c, const char *operation, const char *what,
                      const char *result)
{
	int64_t message;
	int rc = message_asked(c, &message);

	return rc == CTL_OK ? change(c, operation, what, result) : rc;
}

int ctl_run_queue_hold(struct ctl *c)
{
	return change_one(c, "queue.hold", "hold", "held");
}

int ctl_run_queue_release(struct ctl *c)
{
	return change_one(c, "queue.release", "release", "released");
}

int ctl_run_queue_retry(struct ctl *c)
{
	if (!c->n_args)
		return change(c, "queue.retry_all", "retry", "due now");
	return change_one(c, "queue.retry", "retry", "due now");
}

int ctl_run_queue_return(struct ctl *c)
{
	return change_one(c, "queue.return", "return",
	                  "given up; its sender is told");
}

int ctl_run_queue_rm(struct ctl *c)
{
	int64_t message;
	int rc = message_asked(c, &message);

	if (rc != CTL_OK)
		return rc;
	if (!ctl_confirm(c,
	                 "Message %lld will be gone, and its sender not told.",
	                 (long long)message))
		return CTL_USAGE;
	return change(c, "queue.remove", "remove", "removed");
}
