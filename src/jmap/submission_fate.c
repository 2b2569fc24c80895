/* What became of submissions: asked from the queue, then from the trail. */
#include <string.h>

#include "jmap/submission.h"
#include "os/clock.h"
#include "queue/queue.h"
#include "trail/find.h"

/* Looked at in one call, the latest first. */
#define OPEN_MAX 200
/* The trail is written behind what happens; what it does not tell by then, it
 * never will. */
#define TRAIL_LATE_US (2 * US_PER_MIN)

struct looking {
	const struct jmap_following *f;
	struct jmap_submission *s;
	bool *waits; /* of each delivery: the queue has it */
	struct trail_page page;
	bool has_page, changed;
};

static void set(struct looking *l, struct jmap_delivery *d,
                enum jmap_delivered delivered, struct str reply)
{
	if (d->delivered != delivered) {
		d->delivered = delivered;
		l->changed = true;
	}
	if (reply.n && !str_eq(reply, d->reply)) {
		d->reply = arena_dup(l->f->arena, reply);
		l->changed = true;
	}
}

/* One place of a recipient that the queue still has. */
static bool on_item(void *arg, const struct queue_item *item)
{
	struct looking *l = arg;

	for (size_t i = 0; i < l->s->deliveries_n; i++) {
		struct jmap_delivery *d = &l->s->deliveries[i];

		if (!str_eq_case(d->rcpt, item->original) ||
		    !str_eq(item->trace, l->s->o.name))
			continue;
		l->waits[i] = true;
		switch (item->state) {
		case QUEUE_WAITING:
		case QUEUE_ACTIVE:
		case QUEUE_HELD:
			set(l, d, JMAP_DELIVERED_QUEUED, item->reply);
			break;
		case QUEUE_FAILED:
			set(l, d, JMAP_DELIVERED_NO, item->reply);
			break;
		case QUEUE_SENT:
			set(l, d,
			    item->kind == QUEUE_LOCAL ? JMAP_DELIVERED_YES
			                              : JMAP_DELIVERED_UNKNOWN,
			    item->reply);
			break;
		}
	}
	return true;
}

/* It left the queue: how, the trail knows.  All of it is read: what a
 * recipient's own rules did is told as delivered, and nothing more. */
static int load_trail(struct looking *l, struct err *err)
{
	struct trail_query q = { .trace = l->s->o.name, .limit = 1 };

	if (l->has_page)
		return 0;
	l->has_page = true;
	return trail_find(l->f->dir, &q, l->f->arena, &l->page, err);
}

static int by_trail(struct looking *l, struct jmap_delivery *d, struct err *err)
{
	const struct trail_story *story;
	bool told = false;

	if (load_trail(l, err) < 0)
		return -1;
	story = l->page.n ? &l->page.stories[0] : NULL;
	for (size_t i = 0; story && i < story->n; i++) {
		const struct trail_event *e = &story->events[i];
		enum jmap_delivered delivered;

		/* Taken back as a whole, it names nobody. */
		if ((e->kind != TRAIL_REMOVED || e->rcpt.n) &&
		    !str_eq_case(e->rcpt, d->rcpt))
			continue;
		switch (trail_kind_state(e->kind)) {
		case TRAIL_STATE_DELIVERED:
		case TRAIL_STATE_SPAM:
		case TRAIL_STATE_DISCARDED:
			delivered = e->kind == TRAIL_RELAYED
			                    ? JMAP_DELIVERED_UNKNOWN
			                    : JMAP_DELIVERED_YES;
			break;
		case TRAIL_STATE_FAILED:
		case TRAIL_STATE_RETURNED:
		case TRAIL_STATE_REMOVED: delivered = JMAP_DELIVERED_NO; break;
		default: continue;
		}
		told = true;
		set(l, d, delivered, e->reply);
	}
	if (!told && clock_wall_us() - l->s->o.at_us > TRAIL_LATE_US)
		set(l, d, JMAP_DELIVERED_UNKNOWN, (struct str){ NULL, 0 });
	return 0;
}

static int look_at_deliveries(struct looking *l, struct err *err)
{
	struct queue *q = l->f->queue;
	struct jmap_submission *s = l->s;
	bool open = false;

	l->waits = arena_zalloc(l->f->arena, s->deliveries_n + 1);
	if (s->queued && queue_list(q, s->queued, on_item, l, err) < 0)
		return -1;
	for (size_t i = 0; i < s->deliveries_n; i++) {
		struct jmap_delivery *d = &s->deliveries[i];

		if (!l->waits[i] && d->delivered == JMAP_DELIVERED_QUEUED &&
		    by_trail(l, d, err) < 0)
			return -1;
		open |= d->delivered == JMAP_DELIVERED_QUEUED;
	}
	if (!open) {
		s->o.open = 0;
		l->changed = true;
	}
	return 0;
}

static int look(struct looking *l, struct err *err)
{
	struct queue *q = l->f->queue;
	struct jmap_submission *s = l->s;
	enum queue_fate fate = QUEUE_GOES_ON;

	if (s->undo == JMAP_PENDING) {
		if (queue_fate(q, s->o.name, l->f->account.id, &fate, err) < 0)
			return -1;
		if (fate == QUEUE_IS_HELD)
			return 0;
		l->changed = true;
		s->undo =
			fate == QUEUE_IS_WITHDRAWN ? JMAP_CANCELED : JMAP_FINAL;
		s->o.open = JMAP_OPEN_UNDERWAY;
	}
	if (s->undo != JMAP_CANCELED)
		return look_at_deliveries(l, err);
	s->o.open = 0;
	s->deliveries_n = 0;
	l->changed = true;
	return 0;
}

static int refresh(const struct jmap_following *f, const struct object *o,
                   struct err *err)
{
	struct jmap_submission s;
	struct looking l = { .f = f, .s = &s };
	struct object_write w = { .type = CHANGE_SUBMISSION,
		                  .what = OBJECT_UPDATE };

	if (jmap_submission_read(f->arena, o, &s, err) < 0 || look(&l, err) < 0)
		return -1;
	if (!l.changed)
		return 0;
	w.object = s.o;
	w.object.content = jmap_submission_content(f->arena, &s);
	if (object_write(f->store, f->account, &w, 1, err) == 0)
		return 0;
	/* Another request was faster. */
	return err->kind == ERR_EXISTS || err->kind == ERR_NOT_FOUND ? 0 : -1;
}

int jmap_submissions_follow(const struct jmap_following *f, struct err *err)
{
	struct object *list;
	size_t n;

	if (object_list_open(f->store, f->account, CHANGE_SUBMISSION, OPEN_MAX,
	                     f->arena, &list, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (refresh(f, &list[i], err) < 0)
			return -1;
	return jmap_reports_join(f, err);
}

int jmap_submissions_refresh(struct jmap_call *c)
{
	struct jmap_following f = { .store = c->store,
		                    .account = c->account,
		                    .queue = c->req->server->ctx.queue,
		                    .dir = c->req->server->ctx.dir,
		                    .arena = c->arena };
	struct err err = ERR_INIT;

	if (!f.queue)
		return 0;
	return jmap_submissions_follow(&f, &err) < 0 ? jmap_fail(c, &err) : 0;
}
