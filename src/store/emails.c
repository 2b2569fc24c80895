#include "store/emails.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/emails_set.h"

/* Sets kept at a time, and the Emails in all of them. */
#define CACHE_SETS 32
#define CACHE_ROWS ((size_t)1000000)

struct held {
	struct emails set; /* first: what is lent */
	atomic_uint users;
	int64_t account;
	uint32_t shard;
	int64_t modseq, epoch;
	uint64_t used; /* when it was asked for last */
};

struct emails_cache {
	pthread_mutex_t lock;
	struct held *sets[CACHE_SETS];
	uint64_t clock;
};

struct emails_cache *emails_cache_new(void)
{
	struct emails_cache *c = mem_zalloc(sizeof(*c));

	(void)pthread_mutex_init(&c->lock, NULL);
	return c;
}

static void release(struct held *h)
{
	if (atomic_fetch_sub(&h->users, 1) != 1)
		return;
	emails_deinit(&h->set);
	mem_free(h);
}

void emails_cache_free(struct emails_cache **cp)
{
	struct emails_cache *c = *cp;

	if (!c)
		return;
	for (size_t i = 0; i < CACHE_SETS; i++)
		if (c->sets[i])
			release(c->sets[i]);
	(void)pthread_mutex_destroy(&c->lock);
	mem_free(c);
	*cp = NULL;
}

static struct held *held_of(const struct emails *set)
{
	union {
		const struct emails *in;
		struct held *out;
	} u = { set };

	return u.out;
}

void emails_close(const struct emails **set)
{
	if (!*set)
		return;
	release(held_of(*set));
	*set = NULL;
}

/* ---- the cache ---- */

static struct held *cached(struct emails_cache *c, struct store_account a,
                           const struct account_row *row)
{
	struct held *found = NULL;

	(void)pthread_mutex_lock(&c->lock);
	for (size_t i = 0; i < CACHE_SETS && !found; i++) {
		struct held *h = c->sets[i];

		if (h && h->account == a.id && h->shard == a.shard &&
		    h->modseq == row->modseq && h->epoch == row->epoch) {
			found = h;
			(void)atomic_fetch_add(&h->users, 1);
			h->used = ++c->clock;
		}
	}
	(void)pthread_mutex_unlock(&c->lock);
	return found;
}

/* The place to put it: the account's older set, a free one, or that which was
 * used longest ago. */
static size_t place_for(const struct emails_cache *c, int64_t account)
{
	size_t best = 0;

	for (size_t i = 0; i < CACHE_SETS; i++)
		if (c->sets[i] && c->sets[i]->account == account)
			return i;
	for (size_t i = 0; i < CACHE_SETS; i++) {
		if (!c->sets[i])
			return i;
		if (c->sets[i]->used < c->sets[best]->used)
			best = i;
	}
	return best;
}

static void drop_place(struct emails_cache *c, size_t i)
{
	if (c->sets[i])
		release(c->sets[i]);
	c->sets[i] = NULL;
}

static void keep(struct emails_cache *c, struct held *h)
{
	size_t rows = h->set.n, at;

	if (rows > CACHE_ROWS / 2)
		return;
	(void)pthread_mutex_lock(&c->lock);
	at = place_for(c, h->account);
	drop_place(c, at);
	for (size_t i = 0; i < CACHE_SETS; i++)
		rows += c->sets[i] ? c->sets[i]->set.n : 0;
	while (rows > CACHE_ROWS) {
		size_t oldest = CACHE_SETS;

		for (size_t i = 0; i < CACHE_SETS; i++)
			if (c->sets[i] &&
			    (oldest == CACHE_SETS ||
			     c->sets[i]->used < c->sets[oldest]->used))
				oldest = i;
		if (oldest == CACHE_SETS)
			break;
		rows -= c->sets[oldest]->set.n;
		drop_place(c, oldest);
	}
	c->sets[at] = h;
	(void)atomic_fetch_add(&h->users, 1);
	h->used = ++c->clock;
	(void)pthread_mutex_unlock(&c->lock);
}

/* An older set of the account, to make the new one of; it is the caller's
 * alone with *alone, and must not be changed else. */
static struct held *take_older(struct emails_cache *c, struct store_account a,
                               const struct account_row *row, bool *alone)
{
	struct held *found = NULL;

	(void)pthread_mutex_lock(&c->lock);
	for (size_t i = 0; i < CACHE_SETS && !found; i++) {
		struct held *h = c->sets[i];

		if (!h || h->account != a.id || h->shard != a.shard ||
		    h->epoch != row->epoch || h->modseq > row->modseq)
			continue;
		found = h;
		/* Who else wants it asks under the lock. */
		*alone = atomic_load(&h->users) == 1;
		if (*alone)
			c->sets[i] = NULL;
		else
			(void)atomic_fetch_add(&h->users, 1);
	}
	(void)pthread_mutex_unlock(&c->lock);
	return found;
}

static struct held *new_held(struct store_account a)
{
	struct held *h = mem_zalloc(sizeof(*h));

	atomic_init(&h->users, 1);
	h->account = a.id;
	h->shard = a.shard;
	return h;
}

/* The set as of `row` from an older one: 1, 0: that is no shorter way, -1. */
static int advance(struct store *s, struct db *db, struct store_account a,
                   const struct account_row *row, struct held **out,
                   struct err *err)
{
	struct emails_delta d;
	bool alone = false;
	struct held *h = take_older(store_emails(s), a, row, &alone);
	int rc;

	if (!h)
		return 0;
	rc = emails_delta_read(db, a.id, &h->set, &d, err);
	if (rc > 0 && alone && emails_delta_is_light(&d, &h->set)) {
		emails_delta_apply(&d, &h->set);
		*out = h;
		h = NULL;
	} else if (rc > 0) {
		*out = new_held(a);
		emails_delta_weave(&d, &h->set, &(*out)->set);
	}
	if (rc > 0)
		emails_delta_deinit(&d);
	if (h)
		release(h);
	return rc;
}

static int read_anew(struct db *db, struct store_account a, struct held **out,
                     struct err *err)
{
	struct emails_reading r = { .rows = NULL };
	int rc = emails_read_all(db, a.id, &r, err);

	if (rc >= 0) {
		*out = new_held(a);
		emails_make(&r, &(*out)->set);
	}
	mem_free(r.rows);
	return rc;
}

static int load(struct store *s, struct store_account a, struct held **out,
                struct err *err)
{
	struct account_row row = { .modseq = 0 };
	struct shard *sh;
	struct db *db;
	int rc;

	if (shard_read(s, a, &sh, &db, err) < 0)
		return -1;
	rc = db_begin_read(db, err);
	if (rc == 0)
		rc = account_load(db, a.id, &row, err);
	if (rc == 0)
		rc = err_set(err, ERR_NOT_FOUND, "the account is gone");
	if (rc > 0)
		*out = cached(store_emails(s), a, &row);
	if (rc < 0 || *out) {
		db_group_done(sh->group, &db);
		return rc < 0 ? -1 : 0;
	}
	rc = advance(s, db, a, &row, out, err);
	if (rc == 0)
		rc = read_anew(db, a, out, err);
	db_group_done(sh->group, &db);
	if (rc < 0)
		return -1;
	(*out)->modseq = row.modseq;
	(*out)->epoch = row.epoch;
	(*out)->set.modseq = (uint64_t)row.modseq;
	keep(store_emails(s), *out);
	return 0;
}

int emails_open(const struct emails **out, struct store *s,
                struct store_account a, struct err *err)
{
	struct held *h = NULL;

	if (load(s, a, &h, err) < 0)
		return -1;
	*out = &h->set;
	return 0;
}

/* ---- ask ---- */

bool emails_in(const struct emails *set, const struct emails_row *row,
               uint64_t mailbox)
{
	for (uint32_t i = 0; i < row->places_n; i++)
		if (set->places[row->place + i] == mailbox)
			return true;
	return false;
}

/* Numbers are given in the order of the rows. */
const struct emails_row *emails_find(const struct emails *set, uint64_t email)
{
	size_t low = 0, high = set->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (set->rows[mid].email < email)
			low = mid + 1;
		else
			high = mid;
	}
	return low < set->n && set->rows[low].email == email ? &set->rows[low]
	                                                     : NULL;
}

const struct emails_thread *emails_find_thread(const struct emails *set,
                                               uint64_t thread)
{
	size_t low = 0, high = set->threads_n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (set->threads[mid].thread < thread)
			low = mid + 1;
		else
			high = mid;
	}
	return low < set->threads_n && set->threads[low].thread == thread
	               ? &set->threads[low]
	               : NULL;
}

static struct emails_counts *count_of(struct emails_counts *out, size_t n,
                                      uint64_t mailbox)
{
	for (size_t i = 0; i < n; i++)
		if (out[i].mailbox == mailbox)
			return &out[i];
	return NULL;
}

void emails_count(const struct emails *set, struct emails_counts *out, size_t n)
{
	/* Of each mailbox the thread that was counted last: Emails are walked
	 * thread by thread. */
	uint32_t *last = mem_array(n + 1, sizeof(*last));

	for (size_t i = 0; i < set->n; i++) {
		const struct emails_row *row = &set->rows[set->by_thread[i]];
		const struct emails_thread *t = &set->threads[row->thread_at];

		for (uint32_t k = 0; k < row->places_n; k++) {
			struct emails_counts *c =
				count_of(out, n, set->places[row->place + k]);

			if (!c)
				continue;
			c->total++;
			c->unread += emails_is_unread(row);
			if (last[c - out] == row->thread_at + 1)
				continue;
			last[c - out] = row->thread_at + 1;
			c->threads++;
			c->unread_threads += t->unread;
		}
	}
	mem_free(last);
}
