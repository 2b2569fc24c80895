#include "daemon/expiry.h"

#include "admin/admin.h"
#include "base/mem.h"
#include "directory/directory.h"
#include "greylist/greylist.h"
#include "log/log.h"
#include "os/clock.h"
#include "store/expunge.h"
#include "store/mailbox.h"
#include "trail/trail.h"

#define PERIOD_US US_PER_HOUR

struct ids {
	int64_t *p;
	size_t n, cap;
};

static bool collect(void *arg, const struct directory_entry *e)
{
	struct ids *ids = arg;

	ids->p = mem_grow(ids->p, ids->n, &ids->cap, sizeof(*ids->p));
	ids->p[ids->n++] = e->id;
	return true;
}

static int empty_old(struct host *h, struct store_account a,
                     const struct mailbox *m, int64_t before_s, struct err *err)
{
	struct log_line l;
	uint64_t n = 0;

	if ((m->use != MAILBOX_USE_TRASH && m->use != MAILBOX_USE_JUNK) ||
	    !m->total)
		return 0;
	if (expunge_older(h->store, a, m->no, before_s, &n, err) < 0)
		return -1;
	if (n) {
		log_begin(&l, LOG_INFO, "mailbox.expired");
		log_i64(&l, "account", a.id);
		log_z(&l, "use", mailbox_use_name(m->use));
		log_u64(&l, "messages", n);
		log_end(&l);
	}
	return 0;
}

static int expire_account(struct host *h, int64_t id, int64_t before_s,
                          struct arena *a, struct err *err)
{
	struct directory_account row;
	struct store_account account = { .quota_bytes = STORE_QUOTA_NONE };
	struct mailbox *list;
	size_t n;

	if (directory_account_get(h->directory, id, a, &row, err) < 0)
		return err->kind == ERR_NOT_FOUND ? 0 : -1; /* just removed */
	account.id = row.id;
	account.shard = row.shard;
	if (mailbox_list(h->store, account, a, &list, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (empty_old(h, account, &list[i], before_s, err) < 0)
			return -1;
	return 0;
}

static void expire_mailboxes(struct host *h, int64_t now_us,
                             bool (*stop)(void *arg), void *arg)
{
	int64_t keep_us = config_us(h->cfg, OPT_STORE_TRASH);
	struct ids ids = { .n = 0 };
	struct err err = ERR_INIT;
	struct arena a;

	if (!keep_us)
		return;
	if (directory_entry_each(h->directory, 0, DIRECTORY_ACCOUNT, collect,
	                         &ids, &err) < 0)
		log_fail(LOG_ERROR, "expiry.accounts", &err);
	arena_init(&a);
	for (size_t i = 0; i < ids.n && !stop(arg); i++) {
		struct err why = ERR_INIT;

		arena_reset(&a);
		if (expire_account(h, ids.p[i], (now_us - keep_us) / US_PER_SEC,
		                   &a, &why) < 0)
			log_fail(LOG_ERROR, "expiry.account", &why);
	}
	arena_deinit(&a);
	mem_free(ids.p);
}

static void erase_removed(struct host *h, int64_t now_us)
{
	struct err err = ERR_INIT;
	struct admin *adm;
	unsigned n = 0;

	if (admin_open(&adm, h->cfg, &err) < 0) {
		log_fail(LOG_ERROR, "expiry.removed", &err);
		return;
	}
	if (admin_erase_removed(adm, now_us, &n, &err) < 0)
		log_fail(LOG_ERROR, "expiry.removed", &err);
	else if (n)
		log_msg(LOG_INFO, "expiry.removed", "%u accounts erased", n);
	admin_close(&adm);
}

static void drop_trail(struct host *h, int64_t now_us)
{
	struct err err = ERR_INIT;

	if (trail_tidy(h->dir, now_us,
	               (unsigned)config_u64(h->cfg, OPT_TRAIL_DAYS), &err) < 0)
		log_fail(LOG_ERROR, "expiry.trail", &err);
}

void expiry_run(struct expiry *e, struct host *h, bool (*stop)(void *arg),
                void *arg)
{
	int64_t now_us = clock_wall_us();
	struct err err = ERR_INIT;

	/* A clock that was set back does not stop it for long. */
	if (e->last_us && now_us - e->last_us < PERIOD_US &&
	    now_us >= e->last_us)
		return;
	e->last_us = now_us;
	expire_mailboxes(h, now_us, stop, arg);
	if (!stop(arg))
		erase_removed(h, now_us);
	drop_trail(h, now_us);
	if (greylist_tidy(h->greylist, now_us, &err) < 0)
		log_fail(LOG_ERROR, "expiry.greylist", &err);
}
