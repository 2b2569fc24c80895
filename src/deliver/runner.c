#include "deliver/runner.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/mem.h"
#include "deliver/bounce.h"
#include "deliver/file.h"
#include "directory/directory.h"
#include "log/log.h"
#include "os/clock.h"
#include "os/thread.h"
#include "queue/queue.h"
#include "store/append.h"
#include "trail/trail.h"

#define JOBS_MAX 16
#define LEASE_US (5 * US_PER_MIN)
/* Another process may have added something: look this often anyway. */
#define POLL_US (5 * US_PER_SEC)
/* What waits long is looked for so often. */
#define LATE_US US_PER_MIN
/* Old keys and files that a crash left behind. */
#define TIDY_US (30 * US_PER_MIN)

struct deliver_runner {
	const struct config *config;
	struct directory *dir;
	struct store *store;
	struct queue *queue;
	struct trail *trail;
	pthread_t thread;
	int wake; /* eventfd */
	atomic_bool stop;
};

/* 5, 10, 20 ... minutes, at most 4 hours. */
static int64_t retry_us(unsigned attempts)
{
	int64_t us = 5 * US_PER_MIN;

	while (attempts-- > 0 && us < 4 * US_PER_HOUR)
		us *= 2;
	return us < 4 * US_PER_HOUR ? us : 4 * US_PER_HOUR;
}

static void log_job(const struct queue_job *j, const char *event,
                    const struct err *err)
{
	struct log_line l;

	log_begin(&l, err ? LOG_WARN : LOG_INFO, event);
	log_str(&l, "qid", j->trace);
	log_i64(&l, "action", j->action);
	log_str(&l, "addr", j->address);
	if (err)
		log_err(&l, err);
	log_end(&l);
}

static void trail_job(struct trail *t, const struct queue_job *j,
                      enum trail_kind kind, int64_t next_us, struct str text)
{
	struct deliver_folder folder = { .where = (enum file_where)j->where };
	struct trail_event e = { .kind = kind,
		                 .trace = j->trace,
		                 .sender = j->sender,
		                 .null_sender = j->sender.n == 0,
		                 .rcpt = j->original,
		                 .to = j->address,
		                 .account = j->account_id,
		                 .next_us = next_us,
		                 .text = text };

	if (kind == TRAIL_FILED) {
		e.text = deliver_folder_name(&folder);
		if (folder.where == FILE_JUNK)
			e.kind = TRAIL_FILED_SPAM;
	}
	trail_add(t, &e);
}

static struct str status_of(const struct err *err)
{
	switch (err->kind) {
	case ERR_OVER_QUOTA: return STR("4.2.2");
	case ERR_NO_SPACE: return STR("4.3.1");
	case ERR_DENIED: return STR("4.2.1");
	default: return STR("4.3.0");
	}
}

/* Where the account lies and what it may hold now, not when it was queued. */
static int find_end(struct directory *dir, const struct queue_job *j,
                    struct arena *a, struct route_end *out, struct err *err)
{
	struct directory_account acc;

	if (directory_account_get(dir, j->account_id, a, &acc, err) < 0)
		return -1;
	if (acc.removed_us)
		return err_set(err, ERR_NOT_FOUND, "the account was removed");
	if (acc.flags & DIRECTORY_NO_RECEIVE)
		return err_set(err, ERR_DENIED, "receiving is suspended");
	*out = (struct route_end){
		.here = true,
		.address = j->address,
		.account = acc.address,
		.account_id = acc.id,
		.shard = acc.shard,
		.quota_bytes = acc.quota_bytes,
	};
	return 0;
}

static int file_job(struct directory *dir, struct store *store,
                    struct queue *queue, const struct queue_job *j,
                    struct arena *a, struct err *err)
{
	struct route_end end;
	struct deliver_to to = {
		.end = &end,
		.prefix = j->prefix,
		.folder = { .where = (enum file_where)j->where,
		            .mailbox = j->mailbox,
		            .flags = j->flags },
	};
	struct append *message = NULL;
	struct queue_bytes bytes;
	struct str key = arena_fmt(a, "%.*s/%lld", STR_ARG(j->trace),
	                           (long long)j->action);
	int rc;

	if (find_end(dir, j, a, &end, err) < 0)
		return -1;
	if (queue_body_open(queue, j->message, &bytes, err) < 0)
		return -1;
	rc = append_prepare_str(&message, store, bytes.message, err);
	if (rc == 0)
		rc = deliver_file(store, message, &to, 1,
		                  j->release_us > j->received_us
		                          ? j->release_us
		                          : j->received_us,
		                  key, NULL, err);
	append_free(&message);
	queue_body_close(&bytes);
	return rc;
}

static int settle_failure(struct queue *queue, struct trail *trail,
                          const struct queue_job *j, int64_t now_us,
                          const struct err *why, struct err *err)
{
	struct str text = str_z(why->text);
	int64_t next_us = now_us + retry_us(j->attempts);
	bool late = now_us >= j->expires_us;

	log_job(j, "deliver.deferred", why);
	if (why->kind == ERR_NOT_FOUND || late)
		trail_job(trail, j, TRAIL_FILE_FAILED, 0, text);
	else
		trail_job(trail, j, TRAIL_FILE_DEFERRED, next_us, text);
	if (why->kind == ERR_NOT_FOUND)
		return queue_fail(queue, j->action, STR("5.1.1"), text, err);
	if (late)
		return queue_fail(queue, j->action, status_of(why), text, err);
	return queue_defer(queue, j->action, next_us, status_of(why), text,
	                   err);
}

int deliver_run_once(struct directory *dir, struct store *store,
                     struct queue *queue, struct trail *trail, int64_t now_us,
                     int64_t *next_us_out, struct err *err)
{
	struct queue_job jobs[JOBS_MAX];
	struct arena a;
	size_t n = 0, i;
	int rc;

	arena_init(&a);
	rc = queue_claim(queue, QUEUE_LOCAL, now_us, LEASE_US, &a, jobs,
	                 JOBS_MAX, &n, next_us_out, err);
	for (i = 0; rc == 0 && i < n; i++) {
		struct err why = ERR_INIT;

		if (file_job(dir, store, queue, &jobs[i], &a, &why) == 0) {
			log_job(&jobs[i], "deliver.filed", NULL);
			trail_job(trail, &jobs[i], TRAIL_FILED, 0, STR(""));
			rc = queue_sent(queue, jobs[i].action, STR("2.0.0"),
			                STR(""), err);
		} else {
			rc = settle_failure(queue, trail, &jobs[i], now_us,
			                    &why, err);
		}
	}
	arena_deinit(&a);
	return rc < 0 ? -1 : (int)n;
}

/* Until poked, or until something may be due; false when it is to stop. */
static bool wait_for_work(struct deliver_runner *r, int64_t wait_us)
{
	struct pollfd p = { .fd = r->wake, .events = POLLIN };
	uint64_t n;

	(void)poll(&p, 1, (int)((wait_us + US_PER_MS - 1) / US_PER_MS));
	if (read(r->wake, &n, sizeof(n)) < 0)
		n = 0; /* nobody poked */
	return !atomic_load(&r->stop);
}

/* What failed, in this round or another runner's. */
static void report(const struct deliver_runner *r, int64_t now_us,
                   int64_t *late_us)
{
	int n;

	struct bounce b = { .config = r->config,
		            .directory = r->dir,
		            .store = r->store,
		            .queue = r->queue,
		            .trail = r->trail,
		            .without_late = now_us - *late_us < LATE_US };
	struct err err = ERR_INIT;

	n = bounce_run_once(&b, now_us, &err);
	if (n < 0)
		log_fail(LOG_ERROR, "bounce.trouble", &err);
	else if (!b.without_late && n < BOUNCE_ROUND_MAX)
		*late_us = now_us;
}

static void *run(void *arg)
{
	struct deliver_runner *r = arg;
	int64_t wait_us = 0, tidied_us = 0, late_us = 0;

	while (wait_for_work(r, wait_us)) {
		struct err err = ERR_INIT;
		int64_t next_us = INT64_MAX, now_us = clock_wall_us();
		int n = deliver_run_once(r->dir, r->store, r->queue, r->trail,
		                         now_us, &next_us, &err);

		if (n < 0)
			log_fail(LOG_ERROR, "deliver.trouble", &err);
		report(r, now_us, &late_us);
		if (n <= 0 && now_us - tidied_us >= TIDY_US) {
			tidied_us = now_us;
			if (queue_tidy(r->queue, now_us, &err) < 0)
				log_fail(LOG_ERROR, "queue.tidy.trouble", &err);
		}
		wait_us = POLL_US;
		if (n > 0)
			wait_us = 0;
		else if (n == 0 && next_us - now_us < POLL_US)
			wait_us = next_us > now_us ? next_us - now_us : 0;
		if (clock_is_simulated() && wait_us > US_PER_SEC / 5)
			wait_us = US_PER_SEC / 5;
	}
	return NULL;
}

int deliver_runner_start(struct deliver_runner **out,
                         const struct config *config, struct directory *dir,
                         struct store *store, struct queue *queue,
                         struct trail *trail, struct err *err)
{
	struct deliver_runner *r = mem_zalloc(sizeof(*r));

	r->config = config;
	r->dir = dir;
	r->store = store;
	r->queue = queue;
	r->trail = trail;
	r->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (r->wake < 0) {
		mem_free(r);
		return err_sys(err, errno, "eventfd");
	}
	/* What the last life had in hand is due now, not when its lease ends. */
	if (queue_unclaim(queue, QUEUE_LOCAL, clock_wall_us(), err) < 0 ||
	    thread_start(&r->thread, "deliver", run, r, err) < 0) {
		(void)close(r->wake);
		mem_free(r);
		return -1;
	}
	*out = r;
	return 0;
}

void deliver_runner_poke(struct deliver_runner *r)
{
	uint64_t one = 1;

	if (r && write(r->wake, &one, sizeof(one)) < 0)
		return; /* it is full: the thread is awake anyway */
}

void deliver_runner_stop(struct deliver_runner **rp)
{
	struct deliver_runner *r = *rp;

	if (!r)
		return;
	atomic_store(&r->stop, true);
	deliver_runner_poke(r);
	(void)pthread_join(r->thread, NULL);
	(void)close(r->wake);
	mem_free(r);
	*rp = NULL;
}
