/* Connections that destinations share, under the lock of the role; and the
 * thread that ends those nobody needs. */
#include <time.h>

#include "base/mem.h"
#include "os/clock.h"
#include "relay/task.h"

/* However often it is used, no connection is older. */
#define AGE_MAX_US (5 * US_PER_MIN)
/* For the answers to QUIT, all together. */
#define QUIT_US (5 * US_PER_SEC)

/* With the lock held: the closer looks no later than that. */
static void look_by(struct relay *r, int64_t at_us)
{
	if (at_us >= r->closer_at_us)
		return;
	r->closer_at_us = at_us;
	(void)pthread_cond_signal(&r->closing);
}

/* ---- places ---- */

bool relay_share_has(struct task *k)
{
	bool has;

	(void)pthread_mutex_lock(&k->r->lock);
	has = relay_ways_has(k->r->ways, k->way);
	(void)pthread_mutex_unlock(&k->r->lock);
	return has;
}

/* With the lock held.  A task in line is another thread's once the lock is
 * free. */
static void note_turn(struct task *k, enum relay_turn turn, int64_t now_us)
{
	k->placed = turn == RELAY_TURN_OPEN || turn == RELAY_TURN_TAKEN;
	if (turn != RELAY_TURN_WAITS)
		return;
	relay_found(k->r, k->t);
	k->waits_since_us = now_us;
	look_by(k->r, now_us + US_PER_MIN);
	relay_poke(k->r); /* there is room for another search */
}

enum relay_turn relay_share_enter(struct task *k)
{
	struct relay *r = k->r;
	size_t most =
		(size_t)config_u64(r->o.config, OPT_RELAY_HOST_CONNECTIONS);
	int64_t now_us = clock_real_us();
	enum relay_turn turn;

	k->waiter.owner = k;
	(void)pthread_mutex_lock(&r->lock);
	turn = relay_ways_enter(r->ways, k->way, most,
	                        k->in_hand ? NULL : &k->waiter, now_us,
	                        &k->waiter.kept);
	note_turn(k, turn, now_us);
	(void)pthread_mutex_unlock(&r->lock);
	return turn;
}

enum relay_turn relay_share_fail(struct task *k)
{
	struct relay *r = k->r;
	int64_t now_us = clock_real_us();
	enum relay_turn turn;

	(void)pthread_mutex_lock(&r->lock);
	turn = relay_ways_fail(r->ways, k->way, k->in_hand ? NULL : &k->waiter,
	                       &k->one, now_us, &k->waiter.kept);
	note_turn(k, turn, now_us);
	relay_pool_call(r);
	(void)pthread_mutex_unlock(&r->lock);
	return turn;
}

/* Is it as good as a new one, for all that ask the same? */
static bool is_worth_keeping(const struct task *k, int64_t now_us)
{
	const struct relay_session *s = &k->session;

	return k->placed && s->conn.fd >= 0 && !s->broken &&
	       !atomic_load(&k->r->stop) &&
	       /* In clear where TLS was to be had: the next may fare better. */
	       s->peer.tls == k->demand.mode && !s->tls_failed &&
	       s->sent < config_u64(k->r->o.config,
	                            OPT_RELAY_MESSAGES_PER_CONNECTION) &&
	       now_us - s->opened_us < AGE_MAX_US;
}

/* With the lock held. */
static void give(struct task *k, int64_t now_us)
{
	struct relay *r = k->r;
	int64_t until_us =
		now_us + config_us(r->o.config, OPT_RELAY_CONNECTION_IDLE);

	/* What it was opened with is the task's, and goes. */
	k->session.peer = (struct relay_peer){ .name = "" };
	relay_ways_give(r->ways, k->way, &k->session, until_us, now_us);
	look_by(r, until_us);
	relay_session_init(&k->session, r->stop_fd);
}

void relay_share_end(struct task *k, bool last)
{
	struct relay *r = k->r;
	int64_t now_us = clock_real_us();
	bool keep = is_worth_keeping(k, now_us);

	if (!keep)
		relay_session_close(&k->session);
	if (!k->placed)
		return;
	(void)pthread_mutex_lock(&r->lock);
	if (keep)
		give(k, now_us);
	else
		relay_ways_leave(r->ways, k->way, clock_real_us());
	if (!last)
		relay_pool_call(r);
	(void)pthread_mutex_unlock(&r->lock);
	k->placed = false;
}

/* ---- the closer ---- */

/* All say QUIT, then the answers are waited for: a host that has none holds
 * nobody up for long (RFC 5321, 4.1.1.10). */
static void close_all(struct relay_kept *list)
{
	int64_t until_us = clock_real_us() + QUIT_US, left_us;
	struct err err;

	for (struct relay_kept *k = list; k; k = k->next)
		k->session.broken |=
			relay_conn_send(&k->session.conn, STR("QUIT\r\n"),
		                        US_PER_MS, &err) < 0;
	while (list) {
		struct relay_kept *k = list;

		list = k->next;
		left_us = until_us - clock_real_us();
		if (!k->session.broken && left_us > 0)
			err_drop(relay_conn_answer(&k->session.conn,
			                           &k->session.answer, left_us,
			                           &err));
		k->session.broken = true; /* it said QUIT */
		relay_session_close(&k->session);
		smtp_answer_deinit(&k->session.answer);
		mem_free(k);
	}
}

static void wait_until(struct relay *r, int64_t at_us)
{
	int64_t us = at_us - clock_real_us();
	struct timespec ts;

	if (at_us == INT64_MAX) {
		(void)pthread_cond_wait(&r->closing, &r->lock);
		return;
	}
	if (us <= 0)
		return;
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	us += ts.tv_nsec / 1000;
	ts.tv_sec += us / US_PER_SEC;
	ts.tv_nsec = us % US_PER_SEC * 1000;
	(void)pthread_cond_timedwait(&r->closing, &r->lock, &ts);
}

void *relay_close_idle(void *relay)
{
	struct relay *r = relay;
	struct relay_kept *over;

	(void)pthread_mutex_lock(&r->lock);
	while (!atomic_load(&r->stop)) {
		if (clock_real_us() >= r->closer_at_us) {
			r->closer_at_us =
				relay_ways_expire(r->ways, clock_real_us());
			relay_pool_call(r);
		}
		over = relay_ways_over(r->ways);
		if (over) {
			(void)pthread_mutex_unlock(&r->lock);
			close_all(over);
			(void)pthread_mutex_lock(&r->lock);
			continue;
		}
		wait_until(r, r->closer_at_us);
	}
	(void)pthread_mutex_unlock(&r->lock);
	return NULL;
}

void relay_share_close(struct relay *r)
{
	relay_ways_end(r->ways);
	close_all(relay_ways_over(r->ways));
	relay_ways_free(&r->ways);
}
