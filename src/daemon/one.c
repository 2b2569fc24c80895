/* `posthus serve --one-process`: all roles in this process, for debugging. */
#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/certs.h"
#include "daemon/child.h"
#include "daemon/host.h"
#include "daemon/notify.h"
#include "daemon/supervisor.h"
#include "log/log.h"
#include "os/clock.h"

#define TICK_MS 1000

static void reload(struct host *h)
{
	if (supervisor_reload(h->cfg, h->fds.config) < 0)
		return;
	host_reload(h);
	log_msg(LOG_INFO, "config.reloaded", "all roles");
}

static void run(struct host *h, int signals)
{
	struct pollfd p = { .fd = signals, .events = POLLIN };
	int64_t watchdog_us = notify_watchdog_us();

	for (;;) {
		struct signalfd_siginfo info;

		if (poll(&p, 1, TICK_MS) < 0 && errno != EINTR)
			return;
		host_tick(h);
		if (watchdog_us)
			notify_say("WATCHDOG=1");
		while (read(signals, &info, sizeof(info)) == sizeof(info)) {
			if (info.ssi_signo == SIGHUP)
				reload(h);
			else if (info.ssi_signo != SIGCHLD)
				return;
		}
	}
}

static void set_states(struct host *h, enum role_state state)
{
	for (unsigned i = 0; i < ROLE_COUNT; i++)
		if (h->roles & 1u << i)
			board_set_state(h->board, (enum role_id)i, state,
			                (int32_t)getpid());
}

static int serve(struct host *h, int signals, int64_t begun_us)
{
	struct err err = ERR_INIT;
	struct log_line l;
	uint32_t roles = 0;

	for (unsigned i = 0; i < ROLE_COUNT; i++)
		if (role_rows[i].start)
			roles |= 1u << i;
	if (cert_hook_start(h, &err) < 0)
		log_fail(LOG_ERROR, "acme.hook", &err);
	if (host_start(h, roles, &err) < 0) {
		log_fail(LOG_ERROR, "host.start_failed", &err);
		host_stop(h);
		return 1;
	}
	atomic_store(&h->board->wanted, roles);
	atomic_store(&h->board->started_us, clock_wall_us());
	set_states(h, ROLE_READY);
	atomic_store(&h->board->ready, 1);
	notify_say("READY=1");
	log_begin(&l, LOG_INFO, "host.ready");
	log_str(&l, "name", config_hostname(h->cfg));
	log_i64(&l, "dur", (clock_real_us() - begun_us) / US_PER_MS);
	log_end(&l);
	run(h, signals);
	notify_say("STOPPING=1");
	set_states(h, ROLE_DRAINING);
	host_stop(h);
	log_msg(LOG_INFO, "host.ended", "all roles have ended");
	return 0;
}

int supervisor_run_one(const struct supervisor_options *o)
{
	int64_t begun_us = clock_real_us();
	struct err err = ERR_INIT;
	struct host h;
	struct fds fds;
	int signals, rc;

	child_prepare();
	(void)umask(0007);
	log_setup("one", (enum log_level)config_choice(o->cfg, OPT_LOG_LEVEL),
	          config_choice(o->cfg, OPT_LOG_FORMAT) == 1);
	signals = supervisor_signals();
	if (supervisor_make_dir(o->cfg, &err) < 0 ||
	    supervisor_make_fds(o->cfg, &fds, &err) < 0) {
		log_fail(LOG_ERROR, "host.start_failed", &err);
		return 1;
	}
	if (host_init(&h, o->cfg, &fds, "one", ROLE_KEYS, &err) < 0) {
		log_fail(LOG_ERROR, "host.start_failed", &err);
		fds_close(&fds);
		return 1;
	}
	rc = serve(&h, signals, begun_us);
	/* The engine has closed the listeners. */
	fds.n_listeners = 0;
	fds_close(&fds);
	(void)close(signals);
	return rc;
}
