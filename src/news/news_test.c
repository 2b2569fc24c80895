#include "news/news.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/test.h"
#include "os/clock.h"

static void count(void *arg)
{
	(void)atomic_fetch_add((atomic_int *)arg, 1);
}

static void wait_for(atomic_int *what, int least)
{
	for (int i = 0; i < 1000 && *what < least; i++)
		clock_sleep_us(5 * US_PER_MS);
	assert_true(*what >= least);
}

struct pair {
	struct news_fds fds;
	struct news *a, *b;
};

static struct pair pair_new(void)
{
	struct pair p;
	struct err err = ERR_INIT;

	assert_int_equal(news_make(&p.fds, 2, &err), 0);
	assert_int_equal(news_open(&p.a, &p.fds, 0, &err), 0);
	assert_int_equal(news_open(&p.b, &p.fds, 1, &err), 0);
	return p;
}

static void pair_free(struct pair *p)
{
	news_close(&p->a);
	news_close(&p->b);
	news_fds_close(&p->fds);
}

static void tells(void **state)
{
	struct pair p = pair_new();
	atomic_int mine = 0, theirs = 0, other = 0;
	struct news_sub *s1, *s2, *s3;
	uint64_t before = news_number(p.b, 7);

	(void)state;
	s1 = news_subscribe(p.a, 7, count, &mine);
	s2 = news_subscribe(p.b, 7, count, &theirs);
	s3 = news_subscribe(p.b, 8, count, &other);
	news_publish(p.a, 7);
	wait_for(&mine, 1);
	wait_for(&theirs, 1);
	assert_int_equal(other, 0);
	assert_int_equal(news_number(p.b, 7), before + 1);
	news_publish(p.b, 8);
	wait_for(&other, 1);
	assert_int_equal(theirs, 1);
	news_unsubscribe(p.b, &s2);
	assert_null(s2);
	news_unsubscribe(p.b, &s2);
	news_publish(p.a, 7);
	wait_for(&mine, 2);
	assert_int_equal(theirs, 1);
	news_unsubscribe(p.a, &s1);
	news_unsubscribe(p.b, &s3);
	pair_free(&p);
}

struct writer {
	pthread_t thread;
	struct news *news;
	int64_t account;
	atomic_int *told;
};

/* Each change must be told before the next is made: one that is lost hangs
 * (and fails) here. */
static void *run_writer(void *arg)
{
	struct writer *w = arg;

	for (int i = 0; i < 3000; i++) {
		int before = *w->told;

		news_publish(w->news, w->account);
		for (int k = 0; *w->told == before; k++) {
			if (k > 200)
				clock_sleep_us(100);
			if (k > 50000)
				return arg;
		}
	}
	return NULL;
}

static void nothing_is_lost(void **state)
{
	struct pair p = pair_new();
	struct writer w[4];
	atomic_int told[4] = { 0 };
	struct news_sub *subs[4];
	void *lost;

	(void)state;
	for (int i = 0; i < 4; i++) {
		subs[i] = news_subscribe(p.b, 100 + i, count, &told[i]);
		w[i] = (struct writer){ .news = i % 2 ? p.a : p.b,
			                .account = 100 + i,
			                .told = &told[i] };
		assert_int_equal(pthread_create(&w[i].thread, NULL, run_writer,
		                                &w[i]),
		                 0);
	}
	for (int i = 0; i < 4; i++) {
		(void)pthread_join(w[i].thread, &lost);
		assert_null(lost);
		news_unsubscribe(p.b, &subs[i]);
	}
	pair_free(&p);
}

static void other_process(void **state)
{
	struct pair p = pair_new();
	atomic_int told = 0;
	struct news_sub *s = news_subscribe(p.a, -5, count, &told);
	struct err err = ERR_INIT;
	struct news *n;
	pid_t pid;
	int status;

	(void)state;
	pid = fork();
	if (pid == 0) {
		if (news_open(&n, &p.fds, 1, &err) < 0)
			_exit(1);
		news_publish(n, -5);
		_exit(0);
	}
	wait_for(&told, 1);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	assert_int_equal(status, 0);
	news_unsubscribe(p.a, &s);
	pair_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells),
		cmocka_unit_test(nothing_is_lost),
		cmocka_unit_test(other_process),
	};

	return cmocka_run_group_tests_name("news", tests, NULL, NULL);
}
