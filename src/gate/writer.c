#include "gate/writer.h"

#include <pthread.h>
#include <string.h>

#include "base/mem.h"
#include "os/thread.h"

#define BATCH_MAX 128 /* jobs in one commit */

struct job {
	struct job *next;
	struct ipc_request *request;
	struct room_job what;
};

struct writer {
	struct room *room;
	struct counts *counts;
	pthread_t thread;

	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct job *first, **end;
	bool stop;

	struct counts_event events[BATCH_MAX * GATE_WANTS_MAX];
};

/* Up to BATCH_MAX of those that wait; NULL: it is to stop and none waits. */
static struct job *take(struct writer *w)
{
	struct job *first, *last;
	size_t n = 1;

	(void)pthread_mutex_lock(&w->lock);
	while (!w->first && !w->stop)
		(void)pthread_cond_wait(&w->wake, &w->lock);
	first = last = w->first;
	while (last && last->next && n++ < BATCH_MAX)
		last = last->next;
	if (last) {
		w->first = last->next;
		if (!w->first)
			w->end = &w->first;
		last->next = NULL;
	}
	(void)pthread_mutex_unlock(&w->lock);
	return first;
}

static void finish(struct writer *w, struct job *j, int rc,
                   const struct err *err)
{
	room_confirmed(w->room, &j->what, rc == 0);
	if (rc < 0)
		ipc_reply_err(j->request, err);
	else
		ipc_reply(j->request, STR(""));
	mem_free(j);
}

static void write_jobs(struct writer *w, struct job *first)
{
	struct err err = ERR_INIT;
	size_t n = 0;
	int rc;

	for (struct job *j = first; j; j = j->next) {
		memcpy(&w->events[n], j->what.events,
		       j->what.n * sizeof(w->events[0]));
		n += j->what.n;
	}
	rc = counts_add(w->counts, w->events, n, &err);
	n = 0;
	while (first) {
		struct job *j = first;

		first = j->next;
		memcpy(j->what.events, &w->events[n],
		       j->what.n * sizeof(w->events[0]));
		n += j->what.n;
		finish(w, j, rc, &err);
	}
}

static void *run(void *arg)
{
	struct writer *w = arg;
	struct job *first;

	while ((first = take(w)))
		write_jobs(w, first);
	return NULL;
}

int writer_start(struct writer **out, struct room *r, struct counts *c,
                 struct err *err)
{
	struct writer *w = mem_zalloc(sizeof(*w));

	w->room = r;
	w->counts = c;
	w->end = &w->first;
	(void)pthread_mutex_init(&w->lock, NULL);
	(void)pthread_cond_init(&w->wake, NULL);
	if (thread_start(&w->thread, "counts", run, w, err) < 0) {
		(void)pthread_cond_destroy(&w->wake);
		(void)pthread_mutex_destroy(&w->lock);
		mem_free(w);
		return -1;
	}
	*out = w;
	return 0;
}

void writer_stop(struct writer *w)
{
	if (!w)
		return;
	(void)pthread_mutex_lock(&w->lock);
	w->stop = true;
	(void)pthread_cond_signal(&w->wake);
	(void)pthread_mutex_unlock(&w->lock);
	(void)pthread_join(w->thread, NULL);
}

void writer_free(struct writer **wp)
{
	struct writer *w = *wp;

	if (!w)
		return;
	(void)pthread_cond_destroy(&w->wake);
	(void)pthread_mutex_destroy(&w->lock);
	mem_free(w);
	*wp = NULL;
}

void writer_add(struct writer *w, struct ipc_request *r,
                const struct room_job *job)
{
	struct job *j = mem_zalloc(sizeof(*j));
	struct err err = ERR_INIT;
	bool stop;

	j->request = r;
	j->what = *job;
	ipc_keep(r);
	(void)pthread_mutex_lock(&w->lock);
	stop = w->stop;
	if (!stop) {
		*w->end = j;
		w->end = &j->next;
		(void)pthread_cond_signal(&w->wake);
	}
	(void)pthread_mutex_unlock(&w->lock);
	if (stop) {
		int rc = counts_add(w->counts, j->what.events, j->what.n, &err);

		finish(w, j, rc, &err);
	}
}
