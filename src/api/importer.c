/* Imports from other providers that run here, each with a thread. */
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "api/private.h"
#include "base/mem.h"
#include "config/config.h"
#include "fetch/outside.h"
#include "log/log.h"
#include "migrate/status.h"
#include "os/clock.h"
#include "os/thread.h"

#define JOBS_MAX 8 /* at a time, of all accounts */
#define TELL_US  (500 * US_PER_MS)

struct job {
	struct api_importer *im;
	pthread_t thread;
	struct arena arena;
	struct migrate m;
	struct str password; /* in memory alone; wiped at the end */
	struct str *networks;
	struct fetch_outside outside;
	int64_t began_us, told_us;
	struct migrate_report report;
	bool used;         /* this place; else all else is nothing */
	bool over;         /* its thread is done, and waits to be joined */
	struct buf status; /* JSON; with the lock */
};

struct api_importer {
	struct admin *adm;
	const struct config *cfg;
	struct dns_client *dns;
	struct spool_pool *spools;
	struct admin_importer hooks;
	struct arena arena; /* of the folder's name */
	const char *dir;

	pthread_mutex_t lock;
	struct job jobs[JOBS_MAX];
};

/* ---- a job ---- */

static void describe(struct job *j, const char *state, const struct err *why,
                     struct migrate_status *out)
{
	*out = (struct migrate_status){
		.state = state,
		.host = j->m.server.host,
		.user = j->m.server.user,
		.began_us = j->began_us,
		.why = why ? str_z(why->text) : STR(""),
		.report = &j->report,
	};
}

/* Where everybody can see it. */
static void publish(struct job *j, const struct migrate_status *s)
{
	struct json_writer w;
	struct buf b;

	buf_init(&b, MIGRATE_STATUS_MAX);
	w = json_writer(&b);
	migrate_status_write(s, &w);
	(void)pthread_mutex_lock(&j->im->lock);
	if (!buf_overflow(&b)) {
		buf_deinit(&j->status);
		j->status = b;
		buf_init(&b, 1);
	}
	(void)pthread_mutex_unlock(&j->im->lock);
	buf_deinit(&b);
}

static void progress(void *arg, const struct migrate_report *r)
{
	struct job *j = arg;
	int64_t now = clock_steady_us();
	struct migrate_status s;

	(void)r;
	if (now - j->told_us < TELL_US)
		return;
	j->told_us = now;
	describe(j, "running", NULL, &s);
	publish(j, &s);
}

static bool may_connect(void *arg, const struct net_addr *to)
{
	return fetch_outside_allows(&((struct job *)arg)->outside, to);
}

static void note(const struct job *j, const char *state, const struct err *err)
{
	struct log_line l;

	log_begin(&l, LOG_INFO, "import.ended");
	log_u64(&l, "account", (uint64_t)j->m.account.id);
	log_str(&l, "host", j->m.server.host);
	log_str(&l, "state", str_z(state));
	log_u64(&l, "imported", j->report.imported);
	log_u64(&l, "failed", j->report.failed);
	if (err->kind != ERR_NONE)
		log_str(&l, "why", str_z(err->text));
	log_end(&l);
}

static void *run(void *arg)
{
	struct job *j = arg;
	struct err err = ERR_INIT, trouble = ERR_INIT;
	const char *state = "done";
	struct migrate_status s;

	thread_background();
	if (migrate_run(&j->m, &j->arena, &j->report, &err) < 0)
		state = err.kind == ERR_CLOSED ? "stopped" : "failed";
	mem_wipe((char *)(uintptr_t)j->password.p, j->password.n);
	describe(j, state, strcmp(state, "failed") == 0 ? &err : NULL, &s);
	s.ended_us = clock_wall_us();
	if (migrate_status_save(j->im->dir, j->m.account.id, &s, &trouble) < 0)
		log_fail(LOG_ERROR, "import.trouble", &trouble);
	publish(j, &s);
	note(j, state, &err);
	(void)pthread_mutex_lock(&j->im->lock);
	j->over = true;
	(void)pthread_mutex_unlock(&j->im->lock);
	return NULL;
}

/* ---- the jobs ---- */

static void clear(struct job *j)
{
	(void)pthread_join(j->thread, NULL);
	(void)close(j->m.stop_fd);
	buf_deinit(&j->status);
	arena_deinit(&j->arena);
	*j = (struct job){ .used = false };
}

/* With the lock, which a job that is over does not want any more. */
static struct job *place_for(struct api_importer *im, int64_t account,
                             struct err *err)
{
	struct job *place = NULL;

	for (size_t i = 0; i < JOBS_MAX; i++) {
		struct job *j = &im->jobs[i];

		if (j->used && j->over)
			clear(j);
		if (j->used && j->m.account.id == account) {
			(void)err_set(err, ERR_EXISTS,
			              "an import runs already");
			return NULL;
		}
		if (!j->used)
			place = j;
	}
	if (!place)
		(void)err_set(err, ERR_TEMP,
		              "many imports run just now; try again later");
	return place;
}

static void fill(struct job *j, struct api_importer *im,
                 const struct admin_import *i)
{
	const struct str *list;
	size_t n = config_list(im->cfg, OPT_IMPORT_NETWORKS, &list);

	*j = (struct job){ .im = im, .used = true };
	arena_init(&j->arena);
	buf_init(&j->status, MIGRATE_STATUS_MAX);
	j->began_us = clock_wall_us();
	j->password = arena_dup(&j->arena, i->password);
	j->networks = arena_array(&j->arena, n + 1, sizeof(struct str));
	for (size_t k = 0; k < n; k++)
		j->networks[k] = arena_dup(&j->arena, list[k]);
	j->outside = (struct fetch_outside){ .networks = j->networks,
		                             .networks_n = n };
	j->m = (struct migrate){
		.server = { .host = arena_dup(&j->arena, i->host),
		            .port = i->port,
		            .starttls = i->starttls,
		            .user = arena_dup(&j->arena, i->user),
		            .password = j->password },
		.store = i->store,
		.account = i->account,
		.spool = im->spools,
		.dns = im->dns,
		.dir = im->dir,
		.message_max = config_u64(im->cfg, OPT_LIMITS_MESSAGE_BYTES),
		.rate = config_u64(im->cfg, OPT_IMPORT_RATE),
		.stop_fd = eventfd(0, EFD_CLOEXEC),
		.may_connect = may_connect,
		.may_connect_arg = j,
		.progress = progress,
		.progress_arg = j,
	};
	if (config_str(im->cfg, OPT_IMPORT_CA_FILE).n)
		j->m.server.ca_file =
			arena_strz(&j->arena,
		                   config_str(im->cfg, OPT_IMPORT_CA_FILE));
}

static int start(void *arg, const struct admin_import *i, struct err *err)
{
	struct api_importer *im = arg;
	struct migrate_status s;
	struct json_writer w;
	struct job *j;
	int rc = -1;

	(void)pthread_mutex_lock(&im->lock);
	j = place_for(im, i->account.id, err);
	if (j) {
		fill(j, im, i);
		describe(j, "running", NULL, &s);
		w = json_writer(&j->status);
		migrate_status_write(&s, &w);
		rc = j->m.stop_fd < 0
		             ? err_set(err, ERR_TEMP, "no eventfd")
		             : migrate_status_save(im->dir, i->account.id, &s,
		                                   err);
		if (rc == 0)
			rc = thread_start(&j->thread, "import", run, j, err);
		if (rc < 0) {
			if (j->m.stop_fd >= 0)
				(void)close(j->m.stop_fd);
			buf_deinit(&j->status);
			arena_deinit(&j->arena);
			*j = (struct job){ .used = false };
		}
	}
	(void)pthread_mutex_unlock(&im->lock);
	return rc;
}

static void signal_stop(struct job *j)
{
	const uint64_t one = 1;

	struct err err = ERR_INIT;

	if (write(j->m.stop_fd, &one, sizeof(one)) < 0) {
		(void)err_sys(&err, errno, "eventfd");
		log_fail(LOG_ERROR, "import.trouble", &err);
	}
}

static int stop(void *arg, int64_t account, struct err *err)
{
	struct api_importer *im = arg;
	bool found = false;

	(void)pthread_mutex_lock(&im->lock);
	for (size_t i = 0; i < JOBS_MAX; i++) {
		struct job *j = &im->jobs[i];

		if (j->used && !j->over && j->m.account.id == account) {
			signal_stop(j);
			found = true;
		}
	}
	(void)pthread_mutex_unlock(&im->lock);
	return found ? 0 : err_set(err, ERR_NOT_FOUND, "no import runs");
}

static int status(void *arg, int64_t account, struct arena *a, struct str *out,
                  struct err *err)
{
	struct api_importer *im = arg;
	bool found = false;

	(void)pthread_mutex_lock(&im->lock);
	for (size_t i = 0; i < JOBS_MAX; i++) {
		struct job *j = &im->jobs[i];

		if (!j->used || j->m.account.id != account)
			continue;
		*out = arena_dup(a, buf_str(&j->status));
		found = true;
	}
	(void)pthread_mutex_unlock(&im->lock);
	return found ? 0 : migrate_status_load(im->dir, account, a, out, err);
}

struct api_importer *api_importer_new(const struct api_context *c)
{
	struct api_importer *im = mem_zalloc(sizeof(*im));

	im->adm = c->admin;
	im->cfg = c->config;
	im->dns = c->dns;
	im->spools = c->spools;
	arena_init(&im->arena);
	im->dir = config_data_path(c->config, &im->arena, "import");
	(void)pthread_mutex_init(&im->lock, NULL);
	im->hooks = (struct admin_importer){
		.start = start, .stop = stop, .status = status, .arg = im
	};
	admin_set_importer(im->adm, &im->hooks);
	return im;
}

void api_importer_free(struct api_importer **imp)
{
	struct api_importer *im = *imp;

	if (!im)
		return;
	admin_set_importer(im->adm, NULL);
	for (size_t i = 0; i < JOBS_MAX; i++)
		if (im->jobs[i].used)
			signal_stop(&im->jobs[i]);
	for (size_t i = 0; i < JOBS_MAX; i++)
		if (im->jobs[i].used)
			clear(&im->jobs[i]);
	(void)pthread_mutex_destroy(&im->lock);
	arena_deinit(&im->arena);
	mem_free(im);
	*imp = NULL;
}
