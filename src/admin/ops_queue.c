/*
 * Operations on the outgoing queue.  A user sees what the own address sent, an
 * administrator what the own domains sent, the operator everything.
 */
#include "admin/ops.h"
#include "admin/queue.h"
#include "os/clock.h"

#define EVERY (ADMIN_OWN | ADMIN_DOMAIN | ADMIN_OPERATOR)

const char *admin_queue_state(const struct queue_item *i)
{
	switch (i->state) {
	case QUEUE_WAITING: return i->release_us ? "held" : "waiting";
	case QUEUE_ACTIVE: return "active";
	case QUEUE_HELD: return "held";
	case QUEUE_FAILED: return "failed";
	case QUEUE_SENT: return "sent";
	}
	return "";
}

void admin_queue_reason(struct buf *b, const struct queue_item *i)
{
	if (i->reply.n == 0) {
		buf_add(b, STR("not tried yet"));
		return;
	}
	if (i->mta.n && str_find(i->reply, i->mta) == STR_NPOS)
		buf_fmt(b, "%.*s said ", STR_ARG(i->mta));
	buf_add(b, i->reply);
}

int64_t admin_queue_next(const struct queue_item *i)
{
	return i->blocked_us ? i->blocked_us : i->next_us;
}

/* ---- what of it somebody sees ---- */

static bool sees(const struct admin_call *c, const struct queue_item *i)
{
	const struct admin_caller *by = c->by;

	if (by->roles & ADMIN_OPERATOR)
		return true;
	if (i->domain_id && by->roles & ADMIN_DOMAIN &&
	    admin_caller_has_domain(by, i->domain_id))
		return true;
	return i->account_id && i->account_id == by->account;
}

/* ---- a row ---- */

static const struct admin_field fields[] = {
	{ "id", ADMIN_IS_NUMBER, false, NULL, "Of the message" },
	{ "state", ADMIN_IS_TEXT, false, NULL,
	  "waiting, active, held, failed or sent" },
	{ "sender", ADMIN_IS_TEXT, false, NULL, "\"\": the null sender" },
	{ "recipient", ADMIN_IS_TEXT, false, NULL, NULL },
	{ "original", ADMIN_IS_TEXT, false, NULL,
	  "The recipient as it was given" },
	{ "bytes", ADMIN_IS_NUMBER, false, NULL, NULL },
	{ "received", ADMIN_IS_TIME, false, NULL, NULL },
	{ "release", ADMIN_IS_TIME, true, NULL, "Held by its sender until" },
	{ "next", ADMIN_IS_TIME, true, NULL, "When it is tried" },
	{ "last", ADMIN_IS_TIME, true, NULL, "When it was tried" },
	{ "attempts", ADMIN_IS_NUMBER, false, NULL, NULL },
	{ "expires", ADMIN_IS_TIME, true, NULL, "When it is given up" },
	{ "why", ADMIN_IS_TEXT, false, NULL, "Why it is still here" },
	{ "status", ADMIN_IS_TEXT, false, NULL, "4.4.1 (RFC 3463)" },
	{ "trace", ADMIN_IS_TEXT, false, NULL, "Its id in the trace" },
	ADMIN_FIELD_END,
};

static void write_item(struct json_writer *w, const struct queue_item *i)
{
	struct buf why;

	buf_init(&why, 4096);
	admin_queue_reason(&why, i);
	json_object(w);
	json_member_i64(w, "id", i->message);
	json_member_z(w, "state", admin_queue_state(i));
	json_member_str(w, "sender", i->sender);
	json_member_str(w, "recipient", i->address);
	json_member_str(w, "original", i->original);
	json_member_u64(w, "bytes", i->size);
	json_member_time(w, "received", i->received_us);
	json_member_time(w, "release", i->release_us);
	json_member_time(w, "next", admin_queue_next(i));
	json_member_time(w, "last", i->last_us);
	json_member_u64(w, "attempts", i->attempts);
	json_member_time(w, "expires", i->expires_us);
	json_member_str(w, "why", buf_str(&why));
	json_member_str(w, "status", i->status);
	json_member_str(w, "trace", i->trace);
	json_end(w);
	buf_deinit(&why);
}

/* ---- the list ---- */

static const struct admin_param list_params[] = {
	{ "address", ADMIN_ADDRESS, 0, 0, NULL, "From or to it" },
	{ "domain", ADMIN_NAME, 0, 0, NULL, "From or to it" },
	{ "state", ADMIN_CHOICE, 0, 0, "waiting|active|held|failed|sent",
	  "In this state alone" },
	{ "after", ADMIN_TEXT, 0, 40, NULL, "`next` of the page before" },
	{ "limit", ADMIN_NUMBER, 0, ADMIN_PAGE_MAX, NULL, "Rows of a page" },
	ADMIN_PARAM_END,
};

struct listing {
	struct admin_call *c;
	struct str address, domain, state;
	uint64_t after, last; /* actions */
	size_t left;
	bool more;
};

static bool of_domain(struct str address, struct str domain)
{
	size_t at = str_rchr(address, '@');

	return at != STR_NPOS && str_eq_case(str_from(address, at + 1), domain);
}

static bool is_wanted(const struct listing *l, const struct queue_item *i)
{
	if ((uint64_t)i->action <= l->after || !sees(l->c, i))
		return false;
	if (l->address.n && !str_eq_case(i->sender, l->address) &&
	    !str_eq_case(i->address, l->address) &&
	    !str_eq_case(i->original, l->address))
		return false;
	if (l->domain.n && !of_domain(i->sender, l->domain) &&
	    !of_domain(i->address, l->domain))
		return false;
	return !l->state.n || str_eq(l->state, str_z(admin_queue_state(i)));
}

static bool list_item(void *arg, const struct queue_item *i)
{
	struct listing *l = arg;

	if (!is_wanted(l, i))
		return true;
	if (!l->left) {
		l->more = true;
		return false;
	}
	l->left--;
	l->last = (uint64_t)i->action;
	write_item(l->c->w, i);
	return true;
}

static int list(struct admin_call *c, struct err *err)
{
	struct listing l = { .c = c,
		             .address = admin_arg_text(c, "address"),
		             .domain = admin_arg_text(c, "domain"),
		             .state = admin_arg_text(c, "state"),
		             .left = admin_arg_limit(c) };
	struct str after = admin_arg_text(c, "after");
	struct queue *q;

	if (after.n && !str_to_u64(after, INT64_MAX, &l.after))
		return admin_blame(c, "after", err, ERR_INVALID,
		                   "after is `next` of a page");
	if (admin_queue(c->adm, &q, err) < 0)
		return -1;
	admin_page_begin(c);
	if (queue_list(q, 0, list_item, &l, err) < 0)
		return -1;
	admin_page_end(c, l.more ? arena_fmt(c->a, "%llu",
	                                     (unsigned long long)l.last)
	                         : STR(""));
	return 0;
}

/* ---- one message ---- */

static const struct admin_param one_params[] = {
	{ "id", ADMIN_NUMBER, ADMIN_NEEDED, INT64_MAX, NULL, "The message" },
	ADMIN_PARAM_END,
};

struct one {
	struct admin_call *c;
	bool found, write;
};

static bool look_at(void *arg, const struct queue_item *i)
{
	struct one *o = arg;

	if (!sees(o->c, i))
		return true;
	o->found = true;
	if (o->write)
		write_item(o->c->w, i);
	return true;
}

/* One of others' is answered as one that is not there. */
static int find(struct admin_call *c, bool write, struct queue **q, int64_t *id,
                struct err *err)
{
	struct one o = { .c = c, .write = write };

	*id = (int64_t)admin_arg(c, "id")->u;
	if (admin_queue(c->adm, q, err) < 0 ||
	    (*id && queue_list(*q, *id, look_at, &o, err) < 0))
		return -1;
	if (!o.found)
		return admin_blame(c, "id", err, ERR_NOT_FOUND,
		                   "there is no message %lld", (long long)*id);
	return 0;
}

static int get(struct admin_call *c, struct err *err)
{
	struct queue *q;
	int64_t id;

	admin_page_begin(c);
	if (find(c, true, &q, &id, err) < 0)
		return -1;
	admin_page_end(c, STR(""));
	return 0;
}

/* ---- changes, told to the trail ---- */

enum change { HOLD, RELEASE, RETRY, GIVE_UP, DROP };

#define WAITS (1u << QUEUE_WAITING | 1u << QUEUE_ACTIVE | ADMIN_TOLD_LATER)
#define HELD  (1u << QUEUE_HELD)

static const struct {
	enum trail_kind kind;
	unsigned states; /* of what it touches */
} changes[] = {
	[HOLD] = { TRAIL_HELD, WAITS },
	[RELEASE] = { TRAIL_RELEASED, HELD | ADMIN_TOLD_LATER },
	[RETRY] = { TRAIL_RETRIED, 1u << QUEUE_WAITING | 1u << QUEUE_FAILED |
	                                   ADMIN_TOLD_LATER },
	[GIVE_UP] = { TRAIL_GIVEN_UP, WAITS | HELD },
	[DROP] = { TRAIL_REMOVED, WAITS | HELD | 1u << QUEUE_FAILED },
};

static int change(struct queue *q, int64_t id, enum change what,
                  struct err *err)
{
	switch (what) {
	case HOLD: return queue_hold(q, id, true, err);
	case RELEASE: return queue_hold(q, id, false, err);
	case RETRY: return queue_retry(q, id, clock_wall_us(), err);
	case GIVE_UP: return queue_give_up(q, id, err);
	case DROP: return queue_remove(q, id, err);
	}
	return -1;
}

/* `id` 0: all messages. */
static int change_told(struct admin_call *c, struct queue *q, int64_t id,
                       enum change what, struct err *err)
{
	struct admin_told told;
	int rc;

	if (admin_told_begin(c->adm, &told, id, changes[what].kind,
	                     changes[what].states, err) < 0)
		return -1;
	rc = change(q, id, what, err);
	admin_told_end(c->adm, &told, rc == 0, c->by->who);
	return rc;
}

static int change_one(struct admin_call *c, enum change what, struct err *err)
{
	struct queue *q;
	int64_t id;

	if (find(c, false, &q, &id, err) < 0)
		return -1;
	return change_told(c, q, id, what, err);
}

static int hold(struct admin_call *c, struct err *err)
{
	return change_one(c, HOLD, err);
}

struct freeing {
	bool is_operators; /* held because its sender's account is */
	struct directory *dir;
	struct arena *a;
};

static bool look_whose(void *arg, const struct queue_item *i)
{
	struct freeing *f = arg;
	struct directory_account acc;
	struct err ignored = ERR_INIT;

	if (i->account_id && directory_account_get(f->dir, i->account_id, f->a,
	                                           &acc, &ignored) == 0)
		f->is_operators |= (acc.flags & DIRECTORY_HOLD) != 0;
	return true;
}

static int release(struct admin_call *c, struct err *err)
{
	struct freeing f = { .dir = c->adm->dir, .a = c->a };
	struct queue *q;
	int64_t id;

	if (find(c, false, &q, &id, err) < 0 ||
	    queue_list(q, id, look_whose, &f, err) < 0)
		return -1;
	if (f.is_operators && !(c->by->roles & ADMIN_OPERATOR))
		return err_set(err, ERR_DENIED,
		               "the operator holds the mail of this account");
	return change_told(c, q, id, RELEASE, err);
}

static int retry(struct admin_call *c, struct err *err)
{
	return change_one(c, RETRY, err);
}

static int retry_all(struct admin_call *c, struct err *err)
{
	struct queue *q;

	if (admin_queue(c->adm, &q, err) < 0)
		return -1;
	return change_told(c, q, 0, RETRY, err);
}

static int give_up(struct admin_call *c, struct err *err)
{
	return change_one(c, GIVE_UP, err);
}

static int drop(struct admin_call *c, struct err *err)
{
	return change_one(c, DROP, err);
}

#define CHANGE(n, m, p, fn, words)                                  \
	{                                                           \
		.name = n, .method = m, .path = p, .who = EVERY,    \
		.area = ADMIN_AREA_SENDING, .changes = true,        \
		.elsewhere = true, .params = one_params, .run = fn, \
		.sentence = words                                   \
	}

const struct admin_operation admin_ops_queue[] = {
	{ .name = "queue.list",
	  .method = "GET",
	  .path = "/queue",
	  .who = EVERY,
	  .area = ADMIN_AREA_SENDING,
	  .params = list_params,
	  .shape = ADMIN_MANY,
	  .result = fields,
	  .run = list,
	  .sentence = "List the mail that waits to go elsewhere" },
	{ .name = "queue.get",
	  .method = "GET",
	  .path = "/queue/{id}",
	  .who = EVERY,
	  .area = ADMIN_AREA_SENDING,
	  .params = one_params,
	  .shape = ADMIN_MANY,
	  .result = fields,
	  .run = get,
	  .sentence = "Show the recipients of a message that wait" },
	CHANGE("queue.hold", "POST", "/queue/{id}/hold", hold,
	       "Hold a message"),
	CHANGE("queue.release", "POST", "/queue/{id}/release", release,
	       "Let a held message go"),
	CHANGE("queue.retry", "POST", "/queue/{id}/retry", retry,
	       "Try a message now"),
	CHANGE("queue.return", "POST", "/queue/{id}/return", give_up,
	       "Give a message up; its sender is told"),
	CHANGE("queue.remove", "DELETE", "/queue/{id}", drop,
	       "Remove a message; nobody is told"),
	{ .name = "queue.retry_all",
	  .method = "POST",
	  .path = "/queue-retry",
	  .who = ADMIN_OPERATOR,
	  .area = ADMIN_AREA_SENDING,
	  .changes = true,
	  .elsewhere = true,
	  .run = retry_all,
	  .sentence = "Try everything now" },
	ADMIN_OP_END,
};
