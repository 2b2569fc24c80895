#include "gate/room.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "gate/limits.h"
#include "os/clock.h"
#include "os/random.h"

struct token {
	uint64_t id;
	uint64_t conn;
	struct gate_wants held;
};

struct room {
	struct diary *diary;
	struct counts *counts;
	const struct gate_limits *limits;
	int (*own)(void *arg, int64_t subject, struct gate_own *out,
	           struct err *err);
	void *own_arg;
	int64_t last_reset;

	pthread_mutex_t lock; /* of what follows */
	struct map logs;      /* kind, whose and subject -> struct window_log */
	struct map tokens;    /* id -> struct token */
};

/* A count is kept for the domain, and once more for the account. */
enum whose { DOMAINS, ACCOUNTS };

static struct str log_key(enum gate_count what, enum whose whose,
                          int64_t subject, char out[40])
{
	int n = snprintf(out, 40, "%d %d %lld", (int)what, (int)whose,
	                 (long long)subject);

	return (struct str){ out, (size_t)n };
}

static struct window_log *log_of(struct room *r, enum gate_count what,
                                 enum whose whose, int64_t subject)
{
	char space[40];
	struct str key = log_key(what, whose, subject, space);
	struct window_log *w = map_get(&r->logs, key);

	if (!w) {
		w = mem_alloc(sizeof(*w));
		window_init(w);
		(void)map_put(&r->logs, key, w);
	}
	return w;
}

int64_t room_longest_us(const struct room *r)
{
	int64_t longest = GATE_SAME_US;

	for (unsigned k = 0; k < GATE_COUNT_KINDS; k++)
		for (unsigned i = 0; i < r->limits->n_windows[k]; i++)
			if (r->limits->windows[k][i].length_us > longest)
				longest = r->limits->windows[k][i].length_us;
	return longest;
}

static void remember(struct room *r, const struct gate_want *w, int64_t at_us)
{
	window_add(log_of(r, w->what, DOMAINS, w->subject), w->n, at_us);
	if (w->account)
		window_add(log_of(r, w->what, ACCOUNTS, w->account), w->n,
		           at_us);
}

/* ---- what the command line set back ---- */

static void set_back(void *arg, int64_t subject, int64_t at_us)
{
	struct room *r = arg;
	int64_t now = diary_now(r->diary);

	for (unsigned k = 0; k < GATE_COUNT_KINDS; k++)
		for (unsigned whose = DOMAINS; whose <= ACCOUNTS; whose++) {
			char space[40];
			struct window_log *w =
				map_get(&r->logs, log_key((enum gate_count)k,
			                                  (enum whose)whose,
			                                  subject, space));

			/* Those at that time are as old as is dropped. */
			if (w)
				window_expire(w, now - at_us, now);
		}
}

void room_resets(struct room *r, struct err *err)
{
	(void)pthread_mutex_lock(&r->lock);
	err_drop(counts_resets(r->counts, &r->last_reset, set_back, r, err));
	(void)pthread_mutex_unlock(&r->lock);
}

/* ---- life ---- */

static void load(void *arg, const struct counts_event *e)
{
	remember(arg, &e->want, e->at_us);
}

int room_new(struct room **out, struct diary *d, struct counts *c,
             const struct gate_limits *limits, const struct gate_options *o,
             struct err *err)
{
	struct room *r = mem_zalloc(sizeof(*r));
	int64_t since;

	r->diary = d;
	r->counts = c;
	r->limits = limits;
	r->own = o->own;
	r->own_arg = o->own_arg;
	(void)pthread_mutex_init(&r->lock, NULL);
	map_init(&r->logs, random_u64());
	map_init(&r->tokens, random_u64());
	since = diary_now(d) - room_longest_us(r);
	if (counts_each(c, since, load, r, err) < 0 ||
	    counts_resets(c, &r->last_reset, set_back, r, err) < 0) {
		room_free(&r);
		return -1;
	}
	*out = r;
	return 0;
}

void room_free(struct room **rp)
{
	struct room *r = *rp;
	struct map_entry e;
	size_t at = 0;

	if (!r)
		return;
	while (map_next(&r->logs, &at, &e)) {
		window_deinit(e.value);
		mem_free(e.value);
	}
	for (at = 0; map_next(&r->tokens, &at, &e);)
		mem_free(e.value);
	map_deinit(&r->logs);
	map_deinit(&r->tokens);
	(void)pthread_mutex_destroy(&r->lock);
	mem_free(r);
	*rp = NULL;
}

/* ---- does it fit? ---- */

static uint32_t held_of(const struct token *t, const struct gate_want *w)
{
	for (size_t i = 0; i < t->held.n; i++)
		if (t->held.w[i].what == w->what &&
		    t->held.w[i].subject == w->subject)
			return t->held.w[i].n;
	return 0;
}

/* The windows of a kind as they hold for this subject: a domain has all, an
 * account those that were set for it. */
static size_t rules_of(struct room *r, enum whose whose, int64_t subject,
                       enum gate_count what, struct window_rule out[2])
{
	struct gate_own own = { .set = 0 };
	struct err err = ERR_INIT;
	size_t n = 0;

	if (whose == DOMAINS) {
		n = r->limits->n_windows[what];
		memcpy(out, r->limits->windows[what], n * sizeof(*out));
	}
	if (!r->own || what == GATE_SCRIPT || what == GATE_SAME)
		return n;
	/* What cannot be asked now is as configured. */
	if (r->own(r->own_arg, subject, &own, &err) < 0 || !own.set)
		return n;
	for (size_t i = 0; i < GATE_LIMIT_ROWS; i++) {
		const struct gate_limit_row *row = &gate_limit_rows[i];

		if (row->what != what || !(own.set & 1u << i))
			continue;
		if (whose == DOMAINS)
			out[row->window].limit = own.limit[i];
		else
			out[n++] = (struct window_rule){ row->length_us,
				                         own.limit[i] };
	}
	return n;
}

static bool one_fits(struct room *r, const struct token *t,
                     const struct gate_want *w, enum whose whose,
                     struct gate_room *out)
{
	int64_t subject = whose == DOMAINS ? w->subject : w->account;
	struct window_log *log = log_of(r, w->what, whose, subject);
	struct window_rule rules[2];
	size_t n = rules_of(r, whose, subject, w->what, rules);
	uint32_t held = held_of(t, w);
	struct window_refusal refusal;

	window_expire(log, room_longest_us(r), diary_now(r->diary));
	/* 0 asks whether a window is past its limit already (R27). */
	if ((w->n && w->n <= held) ||
	    window_fits(log, rules, n, w->n - held, diary_now(r->diary),
	                &refusal))
		return true;
	out->granted = false;
	out->own = whose == ACCOUNTS;
	out->what = w->what;
	out->limit = rules[refusal.rule].limit;
	out->window_us = rules[refusal.rule].length_us;
	out->free_us = refusal.free_us;
	return false;
}

static bool all_fit(struct room *r, const struct token *t,
                    const struct gate_wants *all, struct gate_room *out)
{
	for (size_t i = 0; i < all->n; i++) {
		if (!one_fits(r, t, &all->w[i], DOMAINS, out))
			return false;
		if (all->w[i].account &&
		    !one_fits(r, t, &all->w[i], ACCOUNTS, out))
			return false;
	}
	return true;
}

/* ---- reservations ---- */

typedef void change_fn(struct window_log *w, uint32_t n);

static void change(struct room *r, const struct gate_wants *all, change_fn *fn)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct gate_want *w = &all->w[i];

		fn(log_of(r, w->what, DOMAINS, w->subject), w->n);
		if (w->account)
			fn(log_of(r, w->what, ACCOUNTS, w->account), w->n);
	}
}

static uint32_t same_of(struct room *r, const struct gate_wants *all)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->w[i].what == GATE_SAME)
			return window_used(log_of(r, GATE_SAME, DOMAINS,
			                          all->w[i].subject),
			                   GATE_SAME_US, diary_now(r->diary));
	return 0;
}

void room_reserve(struct room *r, uint64_t conn, uint64_t token,
                  const struct gate_wants *all, struct gate_room *out)
{
	struct token none = { 0 }, *t;

	memset(out, 0, sizeof(*out));
	out->token = token;
	(void)pthread_mutex_lock(&r->lock);
	t = map_get_u64(&r->tokens, token);
	out->granted = true;
	if (all_fit(r, t ? t : &none, all, out)) {
		if (!t) {
			t = mem_zalloc(sizeof(*t));
			t->id = token;
			(void)map_put_u64(&r->tokens, token, t);
		}
		t->conn = conn;
		change(r, &t->held, window_release);
		t->held = *all;
		change(r, &t->held, window_reserve);
		out->same = same_of(r, all);
	}
	(void)pthread_mutex_unlock(&r->lock);
}

void room_release(struct room *r, uint64_t token)
{
	struct token *t;

	(void)pthread_mutex_lock(&r->lock);
	t = map_remove_u64(&r->tokens, token);
	if (t)
		change(r, &t->held, window_release);
	(void)pthread_mutex_unlock(&r->lock);
	mem_free(t);
}

void room_confirm(struct room *r, uint64_t token, uint64_t id,
                  const struct gate_wants *all, struct room_job *out)
{
	struct token *t;

	*out = (struct room_job){ .n = 0 };
	(void)pthread_mutex_lock(&r->lock);
	t = map_remove_u64(&r->tokens, token);
	if (t)
		out->held = t->held;
	(void)pthread_mutex_unlock(&r->lock);
	mem_free(t);
	for (size_t i = 0; i < all->n; i++)
		if (all->w[i].n)
			out->events[out->n++] = (struct counts_event){
				.token = id,
				.want = all->w[i],
				.at_us = diary_now(r->diary),
			};
}

void room_confirmed(struct room *r, const struct room_job *job, bool done)
{
	(void)pthread_mutex_lock(&r->lock);
	change(r, &job->held, window_release);
	for (size_t i = 0; done && i < job->n; i++)
		if (job->events[i].added)
			remember(r, &job->events[i].want, job->events[i].at_us);
	(void)pthread_mutex_unlock(&r->lock);
}

size_t room_windows(struct room *r, int64_t subject, bool of_account,
                    struct gate_window_fill *out, size_t max)
{
	enum whose whose = of_account ? ACCOUNTS : DOMAINS;
	int64_t now = diary_now(r->diary);
	size_t n = 0;

	(void)pthread_mutex_lock(&r->lock);
	for (unsigned k = 0; k < GATE_COUNT_KINDS; k++) {
		enum gate_count what = (enum gate_count)k;
		struct window_rule rules[2];
		size_t rules_n = rules_of(r, whose, subject, what, rules);

		for (size_t i = 0; i < rules_n && n < max; i++)
			out[n++] = (struct gate_window_fill){
				.what = what,
				.window_us = rules[i].length_us,
				.limit = rules[i].limit,
				.used = window_used(log_of(r, what, whose,
				                           subject),
				                    rules[i].length_us, now),
			};
	}
	(void)pthread_mutex_unlock(&r->lock);
	return n;
}

static uint32_t lately(struct room *r, enum gate_count what, int64_t account)
{
	char space[40];
	struct window_log *w =
		map_get(&r->logs, log_key(what, ACCOUNTS, account, space));

	return w ? window_used(w, US_PER_HOUR, diary_now(r->diary)) : 0;
}

void room_habits(struct room *r, int64_t account, struct gate_habits *out)
{
	(void)pthread_mutex_lock(&r->lock);
	*out = (struct gate_habits){
		.strangers_1h = lately(r, GATE_STRANGERS, account),
		.recipients_1h = lately(r, GATE_RECIPIENTS, account),
		.failed_1h = lately(r, GATE_FAILED, account),
	};
	(void)pthread_mutex_unlock(&r->lock);
}

/* ---- upkeep ---- */

struct gone {
	struct room *room;
	uint64_t conn;
};

static bool keep_token(void *arg, void *value)
{
	struct gone *g = arg;
	struct token *t = value;

	if (t->conn != g->conn)
		return true;
	change(g->room, &t->held, window_release);
	mem_free(t);
	return false;
}

void room_closed(struct room *r, uint64_t conn)
{
	struct gone g = { r, conn };

	(void)pthread_mutex_lock(&r->lock);
	map_sweep(&r->tokens, keep_token, &g);
	(void)pthread_mutex_unlock(&r->lock);
}

static bool keep_log(void *arg, void *value)
{
	struct room *r = arg;
	struct window_log *w = value;

	window_expire(w, room_longest_us(r), diary_now(r->diary));
	if (!window_is_idle(w))
		return true;
	window_deinit(w);
	mem_free(w);
	return false;
}

void room_upkeep(struct room *r)
{
	(void)pthread_mutex_lock(&r->lock);
	map_sweep(&r->logs, keep_log, r);
	(void)pthread_mutex_unlock(&r->lock);
}
