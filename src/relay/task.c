/* All that is due for one destination: find a host, send what waits. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "dns/client.h"
#include "log/log.h"
#include "log/metric.h"
#include "os/clock.h"
#include "relay/mail.h"
#include "relay/pace.h"
#include "relay/task.h"
#include "trail/trail.h"

#define CLAIM_MAX 50
/* For one destination: its MX, addresses, TLSA and policies. */
#define DNS_LOOKUPS  80
#define DNS_US       (60 * US_PER_SEC)
#define DNS_HURRY_US (10 * US_PER_SEC)
/* All hosts that are tried, together. */
#define SEARCH_US (3 * US_PER_MIN)
/* Mail that no host was asked for, for there was too much of it. */
#define AGAIN_US US_PER_MIN

/* ---- set up ---- */

static void set_times(struct task *k)
{
	const struct config *cfg = k->r->o.config;

	k->peer.times = (struct relay_times){
		.connect_us = config_us(cfg, OPT_RELAY_CONNECT_TIMEOUT),
		.command_us = config_us(cfg, OPT_RELAY_COMMAND_TIMEOUT),
		.data_us = config_us(cfg, OPT_RELAY_DATA_TIMEOUT),
		.block_us = config_us(cfg, OPT_RELAY_BLOCK_TIMEOUT),
		.dot_us = config_us(cfg, OPT_RELAY_DOT_TIMEOUT),
	};
}

static void set_sources(struct task *k)
{
	const struct str *list;
	size_t n = config_list(k->r->o.config, OPT_RELAY_SOURCE, &list), i;
	struct err err;

	for (i = 0; i < n && k->sources_n < 2; i++)
		if (net_addr_parse(list[i], &k->sources[k->sources_n], &err) ==
		    0)
			k->sources_n++;
}

static void set_up(struct task *k)
{
	const struct config *cfg = k->r->o.config;
	struct str host = config_hostname(cfg),
		   helo = config_str(cfg, OPT_RELAY_HELO);

	if (helo.n == 0)
		helo = host;
	(void)snprintf(k->helo, sizeof(k->helo), "%.*s", STR_ARG(helo));
	k->own[0] = host;
	k->own[1] = helo;
	k->own[2] = arena_fmt(&k->arena, "mx.%.*s",
	                      STR_ARG(config_provider_domain(cfg)));
	/* The living must not wait for zones that are dead. */
	k->budget =
		(struct dns_budget){ DNS_LOOKUPS,
		                     clock_steady_us() + (relay_is_crowded(k->r)
		                                                  ? DNS_HURRY_US
		                                                  : DNS_US) };
	k->ask = (struct relay_asker){
		.dns = k->r->o.dns,
		.budget = &k->budget,
		.own = k->own,
		.own_n = 3,
		.ipv4 = config_bool(cfg, OPT_RELAY_IPV4),
		.ipv6 = config_bool(cfg, OPT_RELAY_IPV6),
	};
	k->port = (uint16_t)config_u64(cfg, OPT_RELAY_PORT);
	k->until_us = clock_real_us() + SEARCH_US;
	k->peer.helo = k->helo;
	k->peer.name = k->name;
	k->peer.client = k->r->tls;
	set_times(k);
	set_sources(k);
	relay_session_init(&k->session, k->r->stop_fd);
}

/* ---- sending ---- */

/* Jobs of one message from jobs[0] on that may go together. */
static size_t same_message(const struct queue_job *jobs, size_t n, size_t max)
{
	size_t i = 1;

	while (i < n && i < max && jobs[i].message == jobs[0].message &&
	       str_eq(jobs[i].mail_from, jobs[0].mail_from) &&
	       str_eq(jobs[i].prefix, jobs[0].prefix))
		i++;
	return i;
}

/* The hosts before this one, to the trail: for the first mail that goes. */
static void tell_tried(struct task *k, const struct queue_job *jobs, size_t n)
{
	for (size_t j = 0; j < n && k->tried_told < CLAIM_MAX; j++)
		for (size_t i = 0; i < k->tried_n; i++) {
			struct trail_event e = {
				.kind = TRAIL_TRIED,
				.trace = jobs[j].trace,
				.sender = jobs[j].mail_from,
				.null_sender = jobs[j].mail_from.n == 0,
				.rcpt = jobs[j].original,
				.to = jobs[j].address,
				.account = jobs[j].sender_account_id,
				.host = str_z(k->tried[i].name),
				.text = str_z(k->tried[i].reply),
			};

			trail_add(k->r->o.trail, &e);
			k->tried_told += i == 0;
		}
}

/* For the next host; what is too much comes again later. */
static void set_aside(struct task *k, const struct queue_job *jobs, size_t n,
                      const struct relay_outcome *why)
{
	size_t i;

	if (!k->unfit)
		k->unfit = mem_zalloc(sizeof(*k->unfit));
	for (i = 0; i < n && k->unfit_n < RELAY_UNFIT_MAX; i++) {
		k->unfit->jobs[k->unfit_n] = jobs[i];
		k->unfit->why[k->unfit_n++] = *why;
	}
	relay_put_back(k->r, jobs + i, n - i, clock_wall_us() + AGAIN_US);
}

static void send_one(struct task *k, const struct queue_job *jobs, size_t n)
{
	struct relay_outcome *out = mem_array(n, sizeof(*out));

	tell_tried(k, jobs, n);
	relay_mail_send(k->r->o.queue, &k->r->sealer, &k->session, jobs, n,
	                out);
	if (out[0].unfit && k->next_host < k->hosts.n)
		set_aside(k, jobs, n, &out[0]);
	else
		relay_settle(k->r, jobs, out, n, &k->session);
	mem_free(out);
}

/* What was claimed, as long as the session and the rate allow; the rest is put
 * back. */
static void send_jobs(struct task *k, const struct queue_job *jobs, size_t n)
{
	uint64_t rate = config_u64(k->r->o.config, OPT_RELAY_DESTINATION_RATE);
	int64_t later_us = 0;
	size_t at, one;

	for (at = 0; at < n; at += one) {
		if (k->session.broken || atomic_load(&k->r->stop))
			break;
		later_us = relay_pace_take(k->r->pace, str_z(k->t->name), rate,
		                           clock_wall_us());
		if (later_us)
			break;
		one = same_message(jobs + at, n - at, k->session.rcpt_max);
		send_one(k, jobs + at, one);
		k->left -= k->left > 0;
	}
	relay_put_back(k->r, jobs + at, n - at,
	               later_us ? later_us : clock_wall_us());
}

/* Claim and send until nothing is left. */
static void send_all(struct task *k)
{
	struct queue_job jobs[CLAIM_MAX];
	struct err err = ERR_INIT;
	size_t n;

	while (k->left > 0 && !k->session.broken && !atomic_load(&k->r->stop)) {
		size_t max = k->left < CLAIM_MAX ? (size_t)k->left : CLAIM_MAX;

		if (k->unfit_n == 0)
			arena_reset(&k->jobs);
		if (queue_claim_destination(k->r->o.queue, str_z(k->t->name),
		                            clock_wall_us(), RELAY_LEASE_US,
		                            &k->jobs, jobs, max, &n,
		                            &err) < 0) {
			log_fail(LOG_ERROR, "relay.claim", &err);
			break;
		}
		relay_has_claimed(k->r, k->t);
		send_jobs(k, jobs, n);
		if (n < max)
			break;
	}
}

/* ---- what the host at hand was unfit for ---- */

/* No host is fit.  One that did not answer might have been. */
static void return_unfit(struct task *k)
{
	for (size_t i = 0; i < k->unfit_n; i++) {
		struct relay_outcome *o = &k->unfit->why[i];

		if (k->all_asked)
			continue;
		o->kind = RELAY_TEMP;
		o->status[0] = '4';
	}
	relay_settle(k->r, k->unfit->jobs, k->unfit->why, k->unfit_n, NULL);
	k->unfit_n = 0;
}

/* RFC 8689, 4.2.1: the next host is asked, until one is fit or none is left. */
static void send_unfit(struct task *k)
{
	struct queue_job jobs[RELAY_UNFIT_MAX];

	k->in_hand = true;
	while (k->unfit_n && relay_reach_next(k)) {
		size_t n = k->unfit_n;

		if (!relay_slot_take(k->r, k->t))
			break;
		memcpy(jobs, k->unfit->jobs, n * sizeof(*jobs));
		k->unfit_n = 0;
		metric_add(METRIC_RELAY_CONNECTIONS, 1);
		send_jobs(k, jobs, n);
		metric_add(METRIC_RELAY_CONNECTIONS, -1);
		relay_slot_give(k->r);
		relay_share_end(k, false);
	}
	if (k->unfit_n == 0)
		return;
	if (atomic_load(&k->r->stop))
		relay_put_back(k->r, k->unfit->jobs, k->unfit_n,
		               clock_wall_us());
	else
		return_unfit(k);
}

static void serve(struct task *k)
{
	struct err err = ERR_INIT;

	if (k->t->failures &&
	    queue_unblock(k->r->o.queue, str_z(k->t->name), &err) < 0)
		log_fail(LOG_ERROR, "relay.unblock", &err);
	send_all(k);
}

/* The smarthost takes what is for others too. */
static bool has_another(struct task *k)
{
	return k->smarthost && !k->session.broken && k->left > 0 &&
	       !atomic_load(&k->r->stop) && relay_take_next(k->r, k->t);
}

static void with_session(struct task *k)
{
	uint64_t most =
		config_u64(k->r->o.config, OPT_RELAY_MESSAGES_PER_CONNECTION);

	metric_add(METRIC_RELAY_CONNECTIONS, 1);
	k->left = most > k->session.sent ? most - k->session.sent : 1;
	if (relay_slot_take(k->r, k->t)) {
		do
			serve(k);
		while (has_another(k));
		relay_slot_give(k->r);
	}
	metric_add(METRIC_RELAY_CONNECTIONS, -1);
	relay_share_end(k, k->unfit_n == 0);
	if (k->unfit_n)
		send_unfit(k);
}

/* A host's TLS is not what the destination demands: mail whose sender says
 * that it does not matter goes all the same (RFC 8689, 5). */
static void send_optional(struct task *k)
{
	struct queue_job jobs[CLAIM_MAX];
	struct err err = ERR_INIT;
	size_t n = 0;

	if (queue_claim_optional(k->r->o.queue, str_z(k->t->name),
	                         clock_wall_us(), RELAY_LEASE_US, &k->jobs,
	                         jobs, CLAIM_MAX, &n, &err) < 0)
		log_fail(LOG_ERROR, "relay.claim", &err);
	if (n == 0)
		return;
	k->lenient = k->in_hand = true;
	if (relay_reach(k) == RELAY_REACHED && relay_slot_take(k->r, k->t)) {
		send_jobs(k, jobs, n);
		relay_slot_give(k->r);
		relay_share_end(k, false);
		if (k->unfit_n)
			send_unfit(k);
	} else {
		relay_put_back(k->r, jobs, n, clock_wall_us());
	}
}

static void not_reached(struct task *k)
{
	struct relay_outcome *why;

	if (atomic_load(&k->r->stop))
		return; /* no fault of theirs */
	if (k->why.kind == RELAY_PERM) {
		relay_hopeless(k->r, k->t, &k->why);
		return;
	}
	why = mem_zalloc(sizeof(*why));
	*why = k->why;
	if (k->forbidden)
		send_optional(k);
	relay_unreachable(k->r, k->t, why);
	mem_free(why);
}

/* ---- begin and end ---- */

void relay_task_drop(struct task *k)
{
	if (k->waiter.kept) {
		relay_session_close(&k->waiter.kept->session);
		smtp_answer_deinit(&k->waiter.kept->session.answer);
		mem_free(k->waiter.kept);
	}
	relay_session_close(&k->session);
	smtp_answer_deinit(&k->session.answer);
	arena_deinit(&k->jobs);
	arena_deinit(&k->arena);
	mem_free(k->unfit);
	mem_free(k);
}

static bool finish(struct task *k, enum relay_reached how)
{
	switch (how) {
	case RELAY_REACHED_WAITS: return false;
	case RELAY_REACHED: with_session(k); break;
	case RELAY_REACHED_NOT: not_reached(k); break;
	case RELAY_REACHED_LATE: break; /* it is due still */
	}
	relay_task_drop(k);
	return true;
}

bool relay_task_run(struct relay *r, struct relay_task *t)
{
	struct task *k = mem_zalloc(sizeof(*k));

	k->r = r;
	k->t = t;
	arena_init(&k->arena);
	arena_init(&k->jobs);
	set_up(k);
	return finish(k, relay_reach(k));
}

bool relay_task_go_on(struct task *k)
{
	return finish(k, relay_reach_on(k));
}

struct relay_task *relay_task_of(struct task *k)
{
	return k->t;
}
