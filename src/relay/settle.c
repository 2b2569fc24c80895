/* What became of a try: into the queue, the log, the counters, the trail. */
#include <stdio.h>

#include "base/mem.h"
#include "gate/client.h"
#include "log/log.h"
#include "log/metric.h"
#include "os/clock.h"
#include "os/random.h"
#include "relay/private.h"
#include "relay/schedule.h"
#include "trail/trail.h"
#include "wire/smtp/command.h"

#define CLAIM_MAX 50
#define TOLD_MAX  50 /* events of one try at a dead host */

int64_t relay_retry_at(struct relay *r, int64_t now_us, unsigned failures)
{
	struct relay_schedule s = {
		.first_us = config_us(r->o.config, OPT_RELAY_FIRST_RETRY),
		.most_us = config_us(r->o.config, OPT_RELAY_LAST_RETRY),
	};

	return now_us + relay_schedule_wait(&s, failures, random_u64());
}

/* R27, R29: what users sent and what failed for good. */
static void count_failure(struct relay *r, const struct queue_job *j)
{
	struct gate_want want = { .what = GATE_FAILED,
		                  .subject = j->domain_id,
		                  .n = 1,
		                  .account = j->sender_account_id };
	struct err err = ERR_INIT;

	metric_add(METRIC_RELAY_FAILED, 1);
	if (!r->o.gate || j->domain_id == 0 ||
	    (j->source != QUEUE_FROM_LOGIN && j->source != QUEUE_FROM_WEB &&
	     j->source != QUEUE_FROM_SCRIPT))
		return;
	if (gate_count_add(r->o.gate, &want, &err) < 0)
		log_fail(LOG_WARN, "relay.count", &err);
}

static const char *event_of(const struct queue_result *res)
{
	switch (res->verdict) {
	case QUEUE_IS_DONE:
	case QUEUE_IS_SENT:
	case QUEUE_IS_TRACED: return "relay.sent";
	case QUEUE_IS_FAILED: return "relay.failed";
	case QUEUE_IS_DEFERRED:
	case QUEUE_IS_UNTRIED: break;
	}
	return "relay.deferred";
}

static void log_result(const struct queue_job *j,
                       const struct queue_result *res,
                       const struct relay_session *s)
{
	struct log_line l;

	log_begin(&l, LOG_INFO, event_of(res));
	log_str(&l, "qid", j->trace);
	log_str(&l, "addr", j->address);
	log_str(&l, "mta", res->mta);
	log_str(&l, "status", res->status);
	log_str(&l, "reply", res->reply);
	if (s && s->tls)
		log_z(&l, "tls", s->tls_text);
	if (res->verdict == QUEUE_IS_DEFERRED)
		log_i64(&l, "next_s",
		        (res->next_us - clock_wall_us()) / US_PER_SEC);
	log_end(&l);
}

static void tell_trail(struct relay *r, const struct queue_job *j,
                       const struct queue_result *res,
                       const struct relay_session *s)
{
	struct trail_event e = {
		.kind = TRAIL_DEFERRED,
		.trace = j->trace,
		.sender = j->mail_from,
		.null_sender = j->mail_from.n == 0,
		.rcpt = j->original,
		.to = j->address,
		.account = j->sender_account_id,
		.host = res->mta,
		.status = res->status,
		.size = j->size,
	};

	if (res->mta.n)
		e.reply = res->reply;
	else
		e.text = res->reply;
	if (s && s->tls)
		e.tls = str_z(s->tls_text);
	if (res->verdict == QUEUE_IS_DONE || res->verdict == QUEUE_IS_SENT ||
	    res->verdict == QUEUE_IS_TRACED)
		e.kind = TRAIL_RELAYED;
	else if (res->verdict == QUEUE_IS_FAILED)
		e.kind = TRAIL_FAILED;
	else
		e.next_us = res->next_us;
	trail_add(r->o.trail, &e);
}

/* RFC 2852, 4.1.4: the sender hears that it went on, when every host was to
 * tell ("T"), and when this one will not tell what is late (4.1.4.2). */
static bool is_traced(const struct queue_job *j, const struct relay_session *s)
{
	return j->by_us && (j->by_flags & QUEUE_BY_TRACE ||
	                    (j->by_flags & QUEUE_BY_NOTIFY && s &&
	                     !(s->can & RELAY_CAN_DELIVERBY)));
}

static void make_result(const struct queue_job *j,
                        const struct relay_outcome *o,
                        const struct relay_session *s, int64_t now_us,
                        int64_t next_us, struct queue_result *out)
{
	*out = (struct queue_result){
		.action = j->action,
		.verdict = QUEUE_IS_DEFERRED,
		.next_us = next_us,
		.status = str_z(o->status),
		.reply = str_z(o->reply),
		.mta = str_z(o->mta),
	};
	if (o->again) {
		out->verdict = QUEUE_IS_UNTRIED;
		out->next_us = now_us;
	} else if (o->kind == RELAY_OK && is_traced(j, s))
		out->verdict = QUEUE_IS_TRACED;
	else if (o->kind == RELAY_OK)
		/* RFC 3461, 5.2.2: a host that cannot tell its sender leaves
		 * that to us. */
		out->verdict = s && s->can & RELAY_CAN_DSN ? QUEUE_IS_DONE
		                                           : QUEUE_IS_SENT;
	else if (o->kind == RELAY_PERM || now_us >= j->expires_us)
		out->verdict = QUEUE_IS_FAILED;
	/* RFC 2852, 5: the time its sender gave is over. */
	if (o->kind == RELAY_TEMP && out->verdict == QUEUE_IS_FAILED &&
	    j->by_us && now_us >= j->by_us && !(j->by_flags & QUEUE_BY_NOTIFY))
		out->status = STR("5.4.7");
}

void relay_settle(struct relay *r, const struct queue_job *jobs,
                  const struct relay_outcome *outcomes, size_t n,
                  const struct relay_session *s)
{
	struct queue_result *results;
	int64_t now_us = clock_wall_us(), next_us;
	struct err err = ERR_INIT;
	struct arena a;
	size_t i;

	if (n == 0)
		return;
	arena_init(&a);
	results = arena_array(&a, n, sizeof(*results));
	/* Recipients of one message come back together. */
	next_us = relay_retry_at(r, now_us, jobs[0].attempts + 1);
	for (i = 0; i < n; i++)
		make_result(&jobs[i], &outcomes[i], s, now_us, next_us,
		            &results[i]);
	if (queue_settle(r->o.queue, results, n, &err) < 0)
		log_fail(LOG_ERROR, "relay.settle", &err);
	for (i = 0; i < n; i++) {
		if (results[i].verdict == QUEUE_IS_UNTRIED)
			continue;
		log_result(&jobs[i], &results[i], s);
		tell_trail(r, &jobs[i], &results[i], s);
		if (results[i].verdict == QUEUE_IS_FAILED)
			count_failure(r, &jobs[i]);
		else if (results[i].verdict == QUEUE_IS_DEFERRED)
			metric_add(METRIC_RELAY_DEFERRED, 1);
		else
			metric_add(METRIC_RELAY_SENT, 1);
	}
	arena_deinit(&a);
}

void relay_put_back(struct relay *r, const struct queue_job *jobs, size_t n,
                    int64_t next_us)
{
	struct queue_result results[CLAIM_MAX];
	struct err err = ERR_INIT;
	size_t i, m;

	while (n > 0) {
		m = n < CLAIM_MAX ? n : CLAIM_MAX;
		for (i = 0; i < m; i++)
			results[i] = (struct queue_result){
				.action = jobs[i].action,
				.verdict = QUEUE_IS_UNTRIED,
				.next_us = next_us,
			};
		if (queue_settle(r->o.queue, results, m, &err) < 0)
			log_fail(LOG_ERROR, "relay.settle", &err);
		jobs += m;
		n -= m;
	}
}

static void settle_claimed(struct relay *r, const struct queue_job *jobs,
                           size_t n, const struct relay_outcome *why)
{
	struct relay_outcome *all = mem_array(n, sizeof(*all));

	for (size_t i = 0; i < n; i++)
		all[i] = *why;
	relay_settle(r, jobs, all, n, NULL); /* in one commit */
	mem_free(all);
}

static void log_unreachable(const struct relay_task *t,
                            const struct relay_outcome *why, int64_t wait_us)
{
	struct log_line l;

	log_begin(&l, LOG_INFO, "relay.unreachable");
	log_z(&l, "domain", t->name);
	log_z(&l, "mta", why->mta);
	log_z(&l, "status", why->status);
	log_z(&l, "reply", why->reply);
	log_i64(&l, "next_s", wait_us / US_PER_SEC);
	log_end(&l);
}

/* The block of a destination is one row, whatever waits behind it; but a
 * sender who asks is told of each try.  Bounded: at a place where very many
 * wait, it is those that wait longest. */
static void tell_waiting(struct relay *r, const struct relay_task *t,
                         const struct relay_outcome *why, int64_t now_us,
                         int64_t until_us)
{
	struct queue_job jobs[TOLD_MAX];
	struct err err = ERR_INIT;
	struct arena a;
	size_t n, i;

	if (!r->o.trail)
		return;
	arena_init(&a);
	if (queue_destination_waiting(r->o.queue, str_z(t->name), now_us, &a,
	                              jobs, TOLD_MAX, &n, &err) < 0) {
		log_fail(LOG_ERROR, "relay.waiting", &err);
		n = 0;
	}
	for (i = 0; i < n; i++) {
		struct queue_result res = {
			.verdict = QUEUE_IS_DEFERRED,
			.next_us = until_us,
			.status = str_z(why->status),
			.reply = str_z(why->reply),
			.mta = str_z(why->mta),
		};

		tell_trail(r, &jobs[i], &res, NULL);
	}
	arena_deinit(&a);
}

void relay_unreachable(struct relay *r, const struct relay_task *t,
                       const struct relay_outcome *why)
{
	struct queue_job jobs[CLAIM_MAX];
	int64_t now_us = clock_wall_us();
	int64_t until_us = relay_retry_at(r, now_us, t->failures + 1);
	struct err err = ERR_INIT;
	struct arena a;
	size_t n = 0;

	metric_add(METRIC_RELAY_UNREACHABLE, 1);
	log_unreachable(t, why, until_us - now_us);
	if (queue_block(r->o.queue, str_z(t->name), now_us, until_us,
	                str_z(why->status), str_z(why->reply), str_z(why->mta),
	                &err) < 0)
		log_fail(LOG_ERROR, "relay.block", &err);
	tell_waiting(r, t, why, now_us, until_us);
	arena_init(&a);
	do {
		arena_reset(&a);
		if (queue_claim_expired(r->o.queue, str_z(t->name), now_us,
		                        RELAY_LEASE_US, &a, jobs, CLAIM_MAX, &n,
		                        &err) < 0) {
			log_fail(LOG_ERROR, "relay.claim", &err);
			break;
		}
		settle_claimed(r, jobs, n, why);
	} while (n == CLAIM_MAX);
	arena_deinit(&a);
}

void relay_hopeless(struct relay *r, const struct relay_task *t,
                    const struct relay_outcome *why)
{
	struct queue_job jobs[CLAIM_MAX];
	struct err err = ERR_INIT;
	struct arena a;
	size_t n = 0;

	arena_init(&a);
	do {
		arena_reset(&a);
		if (queue_claim_destination(r->o.queue, str_z(t->name),
		                            clock_wall_us(), RELAY_LEASE_US, &a,
		                            jobs, CLAIM_MAX, &n, &err) < 0) {
			log_fail(LOG_ERROR, "relay.claim", &err);
			break;
		}
		settle_claimed(r, jobs, n, why);
	} while (n == CLAIM_MAX && !atomic_load(&r->stop));
	arena_deinit(&a);
}
