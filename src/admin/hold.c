/* Accounts whose outgoing mail is held: list, hold, release, discard. */
#include "admin/private.h"
#include "base/mem.h"
#include "gate/counts.h"
#include "os/clock.h"

/* ---- held messages of an account ---- */

struct held {
	int64_t account;
	int64_t *messages;
	size_t n, cap;
};

static bool collect(void *arg, const struct queue_item *i)
{
	struct held *h = arg;

	if (i->state != QUEUE_HELD || i->account_id != h->account ||
	    (h->n && h->messages[h->n - 1] == i->message))
		return true;
	h->messages =
		mem_grow(h->messages, h->n, &h->cap, sizeof(*h->messages));
	h->messages[h->n++] = i->message;
	return true;
}

static int find_held(struct admin *adm, int64_t account, struct held *out,
                     struct err *err)
{
	struct queue *q;

	*out = (struct held){ .account = account };
	if (admin_queue(adm, &q, err) < 0 ||
	    queue_list(q, 0, collect, out, err) < 0) {
		mem_free(out->messages);
		return -1;
	}
	return 0;
}

static int settle_one(struct admin *adm, int64_t message, bool discard,
                      struct str who, struct err *err)
{
	struct admin_told told;
	struct queue *q;
	int rc;

	if (admin_queue(adm, &q, err) < 0 ||
	    admin_told_begin(adm, &told, message,
	                     discard ? TRAIL_REMOVED : TRAIL_RELEASED,
	                     1u << QUEUE_HELD, err) < 0)
		return -1;
	rc = discard ? queue_remove(q, message, err)
	             : queue_hold(q, message, false, err);
	admin_told_end(adm, &told, rc == 0, who);
	return rc;
}

/* Let them go, or throw them away; one that is gone meanwhile is fine. */
static int settle(struct admin *adm, const struct held *h, bool discard,
                  struct str who, struct err *err)
{
	for (size_t i = 0; i < h->n; i++)
		if (settle_one(adm, h->messages[i], discard, who, err) < 0 &&
		    err->kind != ERR_NOT_FOUND)
			return -1;
	return 0;
}

/* ---- for people ---- */

struct listing {
	struct admin *adm;
	bool (*each)(void *arg, const struct admin_held *h);
	void *arg;
	struct err *err;
	int rc;
};

static bool list_one(void *arg, const struct directory_entry *e)
{
	struct listing *l = arg;
	struct admin_held out = { .address = e->address };
	struct held h;

	if (!(e->flags & DIRECTORY_HOLD))
		return true;
	l->rc = find_held(l->adm, e->id, &h, l->err);
	if (l->rc < 0)
		return false;
	out.messages = h.n;
	mem_free(h.messages);
	return l->each(l->arg, &out);
}

int admin_hold_list(struct admin *adm,
                    bool (*each)(void *arg, const struct admin_held *h),
                    void *arg, struct err *err)
{
	struct listing l = { adm, each, arg, err, 0 };

	if (directory_entry_each(adm->dir, 0, DIRECTORY_ACCOUNT, list_one, &l,
	                         err) < 0)
		return -1;
	return l.rc;
}

static int set_flag(struct admin *adm, const struct directory_account *acc,
                    bool on, struct err *err)
{
	unsigned flags = on ? acc->own_flags | DIRECTORY_HOLD
	                    : acc->own_flags & ~(unsigned)DIRECTORY_HOLD;

	return directory_account_set_flags(adm->dir, acc->id, flags, err);
}

/* What it did so far must not put it on hold again. */
static int forget_habits(struct admin *adm, int64_t account, struct err *err)
{
	struct counts *c;
	struct arena a;
	int rc;

	arena_init(&a);
	rc = counts_open(&c, config_data_path(adm->cfg, &a, ""), err);
	arena_deinit(&a);
	if (rc < 0)
		return -1;
	rc = counts_reset(c, account, clock_wall_us(), err);
	counts_close(&c);
	return rc;
}

int admin_hold(struct admin *adm, struct str address, enum admin_hold what,
               struct str who, uint64_t *n_out, struct err *err)
{
	struct directory_account acc;
	struct held h = { .n = 0 };
	struct arena a;
	int rc;

	*n_out = 0;
	arena_init(&a);
	rc = admin_account_find(adm, address, &a, &acc, err);
	if (rc == 0 && what != ADMIN_HOLD_DISCARD)
		rc = set_flag(adm, &acc, what == ADMIN_HOLD_ADD, err);
	if (rc == 0 && what == ADMIN_HOLD_RELEASE)
		rc = forget_habits(adm, acc.id, err);
	if (rc == 0 && what != ADMIN_HOLD_ADD) {
		rc = find_held(adm, acc.id, &h, err);
		if (rc == 0)
			rc = settle(adm, &h, what == ADMIN_HOLD_DISCARD, who,
			            err);
		*n_out = h.n;
		mem_free(h.messages);
	}
	arena_deinit(&a);
	return rc;
}
