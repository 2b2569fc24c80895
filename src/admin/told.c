/* Who did what to mail that waits: told to the trail. */
#include "admin/private.h"
#include "base/mem.h"

static struct trail *open_trail(struct admin *adm)
{
	struct trail_options o = {
		.reserve_bytes = config_u64(adm->cfg, OPT_SERVER_RESERVE),
	};
	struct err ignored = ERR_INIT;
	struct arena a;

	if (adm->trail || adm->lent)
		return adm->trail;
	arena_init(&a);
	o.dir = config_data_path(adm->cfg, &a, "");
	err_drop(trail_open(&adm->trail, &o, &ignored));
	arena_deinit(&a);
	return adm->trail;
}

static void note(struct admin_told *t, const struct queue_item *i)
{
	t->v = mem_grow(t->v, t->n, &t->cap, sizeof(*t->v));
	t->v[t->n++] = (struct trail_event){
		.kind = t->kind,
		.trace = arena_dup(&t->a, i->trace),
		.sender = arena_dup(&t->a, i->sender),
		.null_sender = i->sender.n == 0,
		.rcpt = arena_dup(&t->a, i->original),
		.to = arena_dup(&t->a, i->address),
		.account = i->account_id,
		.size = i->size,
	};
}

static bool look_at(void *arg, const struct queue_item *i)
{
	struct admin_told *t = arg;
	unsigned state = i->release_us && i->state == QUEUE_WAITING
	                         ? ADMIN_TOLD_LATER
	                         : 1u << i->state;

	if (t->states & state)
		note(t, i);
	return t->n < ADMIN_TOLD_MAX;
}

int admin_told_begin(struct admin *adm, struct admin_told *t, int64_t message,
                     enum trail_kind kind, unsigned states, struct err *err)
{
	struct queue *q;

	*t = (struct admin_told){ .kind = kind, .states = states };
	arena_init(&t->a);
	if (admin_queue(adm, &q, err) == 0 &&
	    queue_list(q, message, look_at, t, err) == 0)
		return 0;
	admin_told_end(adm, t, false, STR(""));
	return -1;
}

void admin_told_end(struct admin *adm, struct admin_told *t, bool done,
                    struct str who)
{
	struct trail *trail = done && t->n ? open_trail(adm) : NULL;

	for (size_t i = 0; trail && i < t->n; i++) {
		t->v[i].who = who;
		trail_add(trail, &t->v[i]);
	}
	mem_free(t->v);
	arena_deinit(&t->a);
}
