#include "os/thread.h"

#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

int thread_start(pthread_t *out, const char *name, void *(*fn)(void *arg),
                 void *arg, struct err *err)
{
	pthread_attr_t attr;
	sigset_t all, before;
	pthread_t t;
	int rc;

	(void)sigfillset(&all);
	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setstacksize(&attr, THREAD_STACK);
	/* A thread inherits the mask of the one that makes it. */
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&t, &attr, fn, arg);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)pthread_attr_destroy(&attr);
	if (rc)
		return err_sys(err, rc, "cannot start thread %s", name);
	(void)pthread_setname_np(t, name);
	*out = t;
	return 0;
}

void thread_background(void)
{
	/* Of this thread alone, on Linux. */
	(void)setpriority(PRIO_PROCESS, (id_t)gettid(), 10);
}

void thread_cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t steady;

	(void)pthread_condattr_init(&steady);
	(void)pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
	(void)pthread_cond_init(cond, &steady);
	(void)pthread_condattr_destroy(&steady);
}

unsigned thread_cores(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	if (sched_getaffinity(0, sizeof(set), &set) < 0 || CPU_COUNT(&set) < 1)
		return 1;
	return (unsigned)CPU_COUNT(&set);
}
