/* One message to one subscription. */
#include "config/config.h"
#include "directory/directory.h"
#include "jmap/pusher_private.h"
#include "log/log.h"
#include "log/metric.h"
#include "os/clock.h"
#include "wire/http/url.h"

#define CODE_TTL_S   3600
#define CHANGE_TTL_S 86400
#define PAUSE_US     (30 * US_PER_SEC) /* after the first failure */
#define PAUSE_MAX_US US_PER_HOUR
#define PATIENCE_US  (3 * US_PER_DAY)
#define TEXT_MAX     WEBPUSH_PLAIN_MAX

static void log_push(const struct pushee *e, enum log_level level,
                     const char *event, const char *why, unsigned status)
{
	struct log_line l;
	struct http_url u;

	log_begin(&l, level, event);
	log_i64(&l, "account", e->s.account);
	log_i64(&l, "subscription", e->s.id);
	/* The rest of the URL is a secret of the device. */
	if (http_url_parse(e->s.url, &u))
		log_str(&l, "host", u.host);
	if (status)
		log_u64(&l, "status", status);
	if (why && *why)
		log_z(&l, "why", why);
	log_end(&l);
}

void pusher_drop(struct jmap_pusher *p, struct pushee *e, const char *why)
{
	struct err err = ERR_INIT;

	if (push_remove(p->o.book, e->s.id, &err) < 0 &&
	    err.kind != ERR_NOT_FOUND) {
		log_fail(LOG_ERROR, "push.trouble", &err);
		e->drop_us = clock_steady_us() + PAUSE_US;
		return;
	}
	log_push(e, LOG_INFO, "push.removed", why, 0);
	metric_add(METRIC_PUSH_GONE, 1);
	e->gone = true;
}

static void failed(struct jmap_pusher *p, struct pushee *e,
                   const struct push_answer *ans)
{
	int64_t now = clock_steady_us(), pause = PAUSE_US;

	if (e->fails++ == 0)
		e->failing_us = now;
	for (unsigned i = 1; i < e->fails && pause < PAUSE_MAX_US; i++)
		pause *= 2;
	if (pause > PAUSE_MAX_US)
		pause = PAUSE_MAX_US;
	if (pause < ans->retry_us)
		pause = ans->retry_us;
	e->due_us = now + pause;
	metric_add(METRIC_PUSH_FAILED, 1);
	log_push(e, LOG_WARN, "push.failed", ans->why, ans->status);
	if (now - e->failing_us > PATIENCE_US)
		pusher_drop(p, e, "it failed for days");
}

/* 0 when it went out. */
static int post(struct jmap_pusher *p, struct pushee *e,
                const struct push_message *m)
{
	struct push_answer ans;

	switch (push_post(&p->way, &e->s, m, &e->token, &ans)) {
	case PUSH_OK:
		e->fails = 0;
		e->due_us = clock_steady_us() +
		            config_us(p->o.config, OPT_PUSH_INTERVAL);
		metric_add(METRIC_PUSH_SENT, 1);
		return 0;
	case PUSH_GONE:
		pusher_drop(p, e, "the service knows it no more");
		break;
	case PUSH_LATER: failed(p, e, &ans); break;
	}
	return -1;
}

static void trouble(struct pushee *e, const struct err *err)
{
	log_fail(LOG_ERROR, "push.trouble", err);
	atomic_store(&e->look, true);
	e->due_us = clock_steady_us() + PAUSE_US;
}

static void send_code(struct jmap_pusher *p, struct pushee *e)
{
	struct push_message m = { .ttl_s = CODE_TTL_S,
		                  .urgency = "normal",
		                  .topic = "verification" };
	struct err err = ERR_INIT;
	struct buf b;

	buf_init(&b, TEXT_MAX);
	jmap_told_code(&b, store_id(JMAP_ID_PUSH, (uint64_t)e->s.id),
	               e->s.code);
	m.text = buf_str(&b);
	if (post(p, e, &m) == 0) {
		/* What follows the code need not wait for it. */
		e->due_us = 0;
		e->s.code_sent = true;
		if (push_note_code(p->o.book, e->s.id, &err) < 0)
			log_fail(LOG_ERROR, "push.trouble", &err);
	}
	buf_deinit(&b);
}

static void send_states(struct jmap_pusher *p, struct pushee *e,
                        const struct change_state now[CHANGE_TYPES])
{
	struct push_message m = { .ttl_s = CHANGE_TTL_S,
		                  .urgency = "normal",
		                  .topic = "state" };
	struct err err = ERR_INIT;
	struct buf b;

	buf_init(&b, TEXT_MAX);
	jmap_told_change(&b, e->s.account, e->types, now);
	m.text = buf_str(&b);
	if (post(p, e, &m) == 0) {
		jmap_push_id(now, e->told);
		if (push_note_told(p->o.book, e->s.id, str_z(e->told), &err) <
		    0)
			log_fail(LOG_ERROR, "push.trouble", &err);
	} else {
		atomic_store(&e->look, true);
	}
	buf_deinit(&b);
}

static void look(struct jmap_pusher *p, struct pushee *e,
                 struct store_account account)
{
	struct change_state now[CHANGE_TYPES], told[CHANGE_TYPES];
	struct err err = ERR_INIT;

	/* First no more to do, then look: what changes meanwhile asks anew. */
	atomic_store(&e->look, false);
	if (change_states(p->o.store, account, now, &err) < 0)
		trouble(e, &err);
	else if (!jmap_told_read(str_z(e->told), now, told) ||
	         jmap_push_differs(e->types, told, now))
		send_states(p, e, now);
}

void pusher_tell(struct jmap_pusher *p, struct pushee *e)
{
	struct store_account account = { .quota_bytes = STORE_QUOTA_NONE };
	struct directory_account row;
	struct err err = ERR_INIT;
	struct arena a;
	int rc;

	if (push_is_over(&e->s, clock_wall_us())) {
		pusher_drop(p, e, "its time is over");
		return;
	}
	if (e->revoked) {
		pusher_drop(p, e, "its login was revoked");
		return;
	}
	arena_init(&a);
	rc = directory_account_get(p->o.directory, e->s.account, &a, &row,
	                           &err);
	account.id = e->s.account;
	account.shard = rc < 0 ? 0 : row.shard;
	arena_deinit(&a);
	if (rc < 0 && err.kind == ERR_NOT_FOUND)
		pusher_drop(p, e, "the account is no more");
	else if (rc < 0)
		trouble(e, &err);
	else if (e->s.verified)
		look(p, e, account);
	else
		send_code(p, e);
}
