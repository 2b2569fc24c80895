#include <string.h>
#include <time.h>

#include "admin/health.h"
#include "api/private.h"
#include "base/mem.h"
#include "config/config.h"
#include "directory/setting.h"
#include "log/log.h"
#include "os/clock.h"
#include "os/thread.h"

#define WAITING_MAX 100
#define NAME_MAX_N  256
/* How often it looks which domain is due, and how long it rests between two
 * of them: a thousand domains a day are one in a minute and a half. */
#define LOOK_S 20

struct api_checker {
	struct admin *adm;
	const struct config *cfg;
	struct directory *dir;
	struct dns_client *dns;
	pthread_t thread;
	atomic_bool stop;

	pthread_mutex_t lock;
	pthread_cond_t news;
	char waiting[WAITING_MAX][NAME_MAX_N]; /* a ring */
	size_t first, n;
};

static void check(struct api_checker *k, struct str domain)
{
	struct admin_check_options o = { .dns = k->dns, .stop = &k->stop };
	struct admin_checks *r;
	struct err err = ERR_INIT;
	struct arena a;

	arena_init(&a);
	r = arena_zalloc(&a, sizeof(*r));
	if (!domain.n) {
		if ((admin_health(k->adm, &o, &a, r, &err) < 0 ||
		     admin_health_keep(k->adm, r, &err) < 0))
			log_fail(LOG_WARN, "check.trouble", &err);
	} else if (admin_domain_check(k->adm, &o, domain, &a, r, &err) < 0) {
		if (err.kind != ERR_NOT_FOUND)
			log_fail(LOG_WARN, "check.trouble", &err);
	} else if (!atomic_load(&k->stop) &&
	           admin_checks_keep(k->adm, r, &err) < 0) {
		log_fail(LOG_WARN, "check.trouble", &err);
	}
	arena_deinit(&a);
}

/* The next that was asked for, after a wait; false: none, or the end. */
static bool take(struct api_checker *k, char out[NAME_MAX_N])
{
	struct timespec until;
	bool any;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += LOOK_S;
	(void)pthread_mutex_lock(&k->lock);
	while (!k->n && !atomic_load(&k->stop) &&
	       pthread_cond_timedwait(&k->news, &k->lock, &until) == 0)
		;
	any = k->n > 0;
	if (any) {
		memcpy(out, k->waiting[k->first], NAME_MAX_N);
		k->first = (k->first + 1) % WAITING_MAX;
		k->n--;
	}
	(void)pthread_mutex_unlock(&k->lock);
	return any;
}

static void check_due(struct api_checker *k)
{
	int64_t every_us = config_us(k->cfg, OPT_PANEL_CHECK_EVERY);
	struct err err = ERR_INIT;
	struct arena a;
	struct str name;
	int rc;

	if (!every_us)
		return;
	arena_init(&a);
	rc = directory_check_due(k->dir, clock_wall_us() - every_us, &a, &name,
	                         &err);
	if (rc > 0)
		check(k, name);
	else if (rc < 0)
		log_fail(LOG_WARN, "check.trouble", &err);
	arena_deinit(&a);
}

static void *run(void *arg)
{
	struct api_checker *k = arg;
	char name[NAME_MAX_N];

	thread_background();
	while (!atomic_load(&k->stop))
		if (take(k, name))
			check(k, str_z(name));
		else if (!atomic_load(&k->stop))
			check_due(k);
	return NULL;
}

/* One that waits already waits once. */
static int ask(void *arg, struct str domain, struct err *err)
{
	struct api_checker *k = arg;
	bool known = false;
	int rc = 0;

	if (domain.n >= NAME_MAX_N)
		return err_set(err, ERR_INVALID, "that is no domain");
	(void)pthread_mutex_lock(&k->lock);
	for (size_t i = 0; i < k->n; i++)
		known |=
			str_eq(domain,
		               str_z(k->waiting[(k->first + i) % WAITING_MAX]));
	if (!known && k->n == WAITING_MAX) {
		rc = err_set(err, ERR_TEMP, "many domains wait to be checked");
	} else if (!known) {
		char *to = k->waiting[(k->first + k->n++) % WAITING_MAX];

		memcpy(to, domain.p, domain.n);
		to[domain.n] = '\0';
		(void)pthread_cond_signal(&k->news);
	}
	(void)pthread_mutex_unlock(&k->lock);
	return rc;
}

struct api_checker *api_checker_new(struct admin *adm, const struct config *cfg,
                                    struct directory *dir,
                                    struct dns_client *dns)
{
	struct api_checker *k = mem_zalloc(sizeof(*k));
	struct err err = ERR_INIT;

	k->adm = adm;
	k->cfg = cfg;
	k->dir = dir;
	k->dns = dns;
	(void)pthread_mutex_init(&k->lock, NULL);
	thread_cond_init(&k->news);
	if (thread_start(&k->thread, "checker", run, k, &err) < 0) {
		log_fail(LOG_ERROR, "check.trouble", &err);
		(void)pthread_cond_destroy(&k->news);
		(void)pthread_mutex_destroy(&k->lock);
		mem_free(k);
		return NULL;
	}
	admin_set_checker(adm, ask, k);
	return k;
}

void api_checker_free(struct api_checker **kp)
{
	struct api_checker *k = *kp;

	if (!k)
		return;
	admin_set_checker(k->adm, NULL, NULL);
	(void)pthread_mutex_lock(&k->lock);
	atomic_store(&k->stop, true);
	(void)pthread_cond_signal(&k->news);
	(void)pthread_mutex_unlock(&k->lock);
	(void)pthread_join(k->thread, NULL);
	(void)pthread_cond_destroy(&k->news);
	(void)pthread_mutex_destroy(&k->lock);
	mem_free(k);
	*kp = NULL;
}
