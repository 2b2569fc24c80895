#include "jmap/follow.h"

#include <pthread.h>

#include "base/mem.h"
#include "directory/directory.h"
#include "jmap/submission.h"
#include "log/log.h"
#include "os/thread.h"

#define WAITING_MAX 4096

struct jmap_follow {
	struct jmap_follow_options o;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_t thread;
	bool runs, quit;
	int64_t waiting[WAITING_MAX]; /* accounts, each once */
	size_t n;
};

static void follow(struct jmap_follow *f, int64_t id)
{
	struct arena a;
	struct jmap_following g = { .store = f->o.store,
		                    .queue = f->o.queue,
		                    .dir = f->o.dir,
		                    .arena = &a };
	struct directory_account row;
	struct err err = ERR_INIT;
	int rc;

	arena_init(&a);
	rc = directory_account_get(f->o.directory, id, &a, &row, &err);
	if (rc == 0) {
		g.account = (struct store_account){ .id = id,
			                            .shard = row.shard,
			                            .quota_bytes =
			                                    STORE_QUOTA_NONE };
		rc = jmap_submissions_follow(&g, &err);
	}
	if (rc < 0 && err.kind != ERR_NOT_FOUND)
		log_fail(LOG_ERROR, "jmap.follow", &err);
	arena_deinit(&a);
}

static void *run(void *arg)
{
	struct jmap_follow *f = arg;

	(void)pthread_mutex_lock(&f->lock);
	while (!f->quit) {
		int64_t id;

		if (f->n == 0) {
			(void)pthread_cond_wait(&f->wake, &f->lock);
			continue;
		}
		id = f->waiting[--f->n];
		(void)pthread_mutex_unlock(&f->lock);
		follow(f, id);
		(void)pthread_mutex_lock(&f->lock);
	}
	(void)pthread_mutex_unlock(&f->lock);
	return NULL;
}

int jmap_follow_start(struct jmap_follow **out,
                      const struct jmap_follow_options *o, struct err *err)
{
	struct jmap_follow *f = mem_zalloc(sizeof(*f));

	f->o = *o;
	(void)pthread_mutex_init(&f->lock, NULL);
	(void)pthread_cond_init(&f->wake, NULL);
	*out = f;
	if (thread_start(&f->thread, "jmap-follow", run, f, err) < 0) {
		jmap_follow_stop(out);
		return -1;
	}
	f->runs = true;
	return 0;
}

void jmap_follow_stop(struct jmap_follow **fp)
{
	struct jmap_follow *f = *fp;

	if (!f)
		return;
	(void)pthread_mutex_lock(&f->lock);
	f->quit = true;
	(void)pthread_cond_signal(&f->wake);
	(void)pthread_mutex_unlock(&f->lock);
	if (f->runs)
		(void)pthread_join(f->thread, NULL);
	(void)pthread_cond_destroy(&f->wake);
	(void)pthread_mutex_destroy(&f->lock);
	mem_free(f);
	*fp = NULL;
}

void jmap_follow_account(void *follow, int64_t account)
{
	struct jmap_follow *f = follow;
	bool known = false;

	(void)pthread_mutex_lock(&f->lock);
	for (size_t i = 0; i < f->n && !known; i++)
		known = f->waiting[i] == account;
	if (!known && f->n < WAITING_MAX)
		f->waiting[f->n++] = account;
	(void)pthread_cond_signal(&f->wake);
	(void)pthread_mutex_unlock(&f->lock);
}
