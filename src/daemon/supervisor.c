#include "daemon/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "admin/owner.h"
#include "daemon/board.h"
#include "daemon/child.h"
#include "daemon/host.h"
#include "daemon/notify.h"
#include "daemon/users.h"
#include "log/log.h"
#include "os/clock.h"

#define PAUSE_MIN_US   (50 * US_PER_MS)
#define PAUSE_MAX_US   (30 * US_PER_SEC)
#define STEADY_US      US_PER_MIN       /* a life this long takes pauses back */
#define GRACE_US       (5 * US_PER_SEC) /* beyond server.drain */
#define TRIES_AT_START 3

struct child {
	pid_t pid;   /* 0: none */
	int control; /* -1: none */
	int64_t started_us;
	int64_t start_at_us; /* without a process: when to start one */
	int64_t pause_us;    /* before the start after the next death */
	bool was_ready;      /* this life of it */
	unsigned failed;     /* deaths before ready, in a row */
};

struct supervisor {
	const struct supervisor_options *o;
	struct fds fds;
	struct board *board;
	struct child children[ROLE_COUNT];
	int signals;
	uint32_t wanted; /* bits of roles */
	bool ready;      /* all were, once */
	bool ending;
	bool failed; /* could not begin */
	int64_t begun_us, end_by_us;
};

/* Roles that others ask come first and go last. */
#define FIRST (1u << ROLE_KEYS | 1u << ROLE_GATE | 1u << ROLE_DNS)

/* ---- a child's birth ---- */

/* NOLINTNEXTLINE(readability-non-const-parameter): fds_each() calls it. */
static void keep_open(void *arg, int *fd)
{
	(void)arg;
	if (*fd >= 0)
		(void)fcntl(*fd, F_SETFD, 0);
}

/* Only what the role needs: who has a door can knock. */
static void choose(const struct fds *all, enum role_id id, struct fds *out)
{
	unsigned needs = role_rows[id].needs;

	fds_init(out);
	out->config = all->config;
	out->board = all->board;
	if (id == ROLE_GATE)
		out->gate[0] = all->gate[0];
	if (id == ROLE_KEYS)
		out->keys[0] = all->keys[0];
	if (id == ROLE_DNS)
		out->dns[0] = all->dns[0];
	if (needs & NEED_GATE)
		out->gate[1] = all->gate[1];
	if (needs & NEED_KEYS)
		out->keys[1] = all->keys[1];
	if (needs & NEED_DNS)
		out->dns[1] = all->dns[1];
	if (needs & NEED_STORE)
		out->news = all->news;
	for (size_t i = 0; i < all->n_listeners; i++)
		if (port_rows[all->listeners[i].port].role == id)
			out->listeners[out->n_listeners++] = all->listeners[i];
}

static void set_env(const struct supervisor *s, struct fds *f, int control)
{
	struct buf text;

	buf_init(&text, 8192);
	fds_write(f, &text);
	(void)setenv(CHILD_FDS_ENV, buf_z(&text), 1);
	buf_reset(&text);
	buf_fmt(&text, "%d", control);
	(void)setenv(CHILD_CONTROL_ENV, buf_z(&text), 1);
	buf_deinit(&text);
	if (s->o->config_path)
		(void)setenv(CHILD_PATH_ENV, s->o->config_path, 1);
	(void)unsetenv("NOTIFY_SOCKET");
	(void)unsetenv("WATCHDOG_USEC");
}

/* In the child: never returns. */
static void become(const struct supervisor *s, enum role_id id, int control)
{
	char name[16];
	char program[] = "posthus", word[] = "role";
	char *argv[] = { program, word, name, NULL };
	struct err err = ERR_INIT;
	struct fds mine;
	sigset_t none;

	(void)snprintf(name, sizeof(name), "%s", role_name(id));
	choose(&s->fds, id, &mine);
	fds_each(&mine, keep_open, NULL);
	keep_open(NULL, &control);
	set_env(s, &mine, control);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)umask(0007);
	if (users_become(s->o->cfg, role_name(id), &err) < 0) {
		log_fail(LOG_ERROR, "role.user", &err);
		_exit(1);
	}
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* The same program even when its file was replaced meanwhile. */
	(void)execv("/proc/self/exe", argv);
	err_drop(err_sys(&err, errno, "cannot execute this program again"));
	log_fail(LOG_ERROR, "role.exec", &err);
	_exit(1);
}

static void log_role(enum log_level level, const char *event, enum role_id id,
                     const struct child *c)
{
	struct log_line l;

	log_begin(&l, level, event);
	log_z(&l, "name", role_name(id));
	log_i64(&l, "pid", c->pid);
	log_end(&l);
}

static void put_off(struct supervisor *s, enum role_id id)
{
	struct child *c = &s->children[id];

	if (c->pause_us < PAUSE_MIN_US)
		c->pause_us = PAUSE_MIN_US;
	c->start_at_us = clock_real_us() + c->pause_us;
	c->pause_us =
		c->pause_us * 2 < PAUSE_MAX_US ? c->pause_us * 2 : PAUSE_MAX_US;
	board_set_state(s->board, id, ROLE_DOWN, 0);
}

static void spawn(struct supervisor *s, enum role_id id)
{
	struct child *c = &s->children[id];
	struct err err = ERR_INIT;
	int pair[2];
	pid_t pid = -1;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0) {
		pid = fork();
		if (pid == 0)
			become(s, id, pair[1]);
		(void)close(pair[1]);
		if (pid < 0)
			(void)close(pair[0]);
	}
	if (pid < 0) {
		err_drop(err_sys(&err, errno, "%s", role_name(id)));
		log_fail(LOG_ERROR, "role.fork", &err);
		put_off(s, id);
		return;
	}
	c->pid = pid;
	c->control = pair[0];
	c->started_us = clock_real_us();
	c->was_ready = false;
	board_set_state(s->board, id, ROLE_STARTING, pid);
	log_role(LOG_DEBUG, "role.started", id, c);
}

/* ---- a child's life ---- */

static void became_ready(struct supervisor *s, enum role_id id)
{
	struct child *c = &s->children[id];
	struct log_line l;

	c->was_ready = true;
	c->failed = 0;
	board_set_state(s->board, id, ROLE_READY, c->pid);
	log_begin(&l, LOG_INFO, "role.ready");
	log_z(&l, "name", role_name(id));
	log_i64(&l, "pid", c->pid);
	log_i64(&l, "dur", (clock_real_us() - c->started_us) / US_PER_MS);
	log_end(&l);
}

static void read_control(struct supervisor *s, enum role_id id)
{
	struct child *c = &s->children[id];
	char byte;
	ssize_t n = recv(c->control, &byte, 1, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) { /* it ends; SIGCHLD says how */
		(void)close(c->control);
		c->control = -1;
		return;
	}
	if (byte == CHILD_READY && !c->was_ready)
		became_ready(s, id);
}

static void tell(struct supervisor *s, enum role_id id, char byte)
{
	struct child *c = &s->children[id];

	if (c->control >= 0 &&
	    send(c->control, &byte, 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		log_role(LOG_WARN, "role.deaf", id, c);
}

/* ---- a child's death ---- */

static void log_end_of(enum role_id id, const struct child *c, int status,
                       bool expected)
{
	struct log_line l;

	log_begin(&l, expected ? LOG_INFO : LOG_ERROR, "role.ended");
	log_z(&l, "name", role_name(id));
	log_i64(&l, "pid", c->pid);
	if (WIFSIGNALED(status))
		log_i64(&l, "signal", WTERMSIG(status));
	else
		log_i64(&l, "code", WEXITSTATUS(status));
	log_i64(&l, "dur", (clock_real_us() - c->started_us) / US_PER_MS);
	log_end(&l);
}

static void died(struct supervisor *s, enum role_id id, int status)
{
	struct child *c = &s->children[id];

	log_end_of(id, c, status, s->ending);
	if (c->control >= 0)
		(void)close(c->control);
	c->control = -1;
	if (clock_real_us() - c->started_us > STEADY_US)
		c->pause_us = 0;
	if (!c->was_ready)
		c->failed++;
	c->pid = 0;
	(void)atomic_fetch_add(&s->board->roles[id].restarts, 1);
	put_off(s, id);
	/* What cannot even begin is told to who started us. */
	if (!s->ready && c->failed >= TRIES_AT_START)
		s->failed = true;
}

static void reap(struct supervisor *s)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (unsigned i = 0; i < ROLE_COUNT; i++)
			if (s->children[i].pid == pid)
				died(s, (enum role_id)i, status);
}

/* ---- all of them ---- */

static bool all_ready(const struct supervisor *s, uint32_t roles)
{
	for (unsigned i = 0; i < ROLE_COUNT; i++)
		if (roles & s->wanted & 1u << i && !s->children[i].was_ready)
			return false;
	return true;
}

static bool none_left(const struct supervisor *s, uint32_t roles)
{
	for (unsigned i = 0; i < ROLE_COUNT; i++)
		if (roles & 1u << i && s->children[i].pid)
			return false;
	return true;
}

static void start_due(struct supervisor *s)
{
	int64_t now = clock_real_us();
	bool first_done = s->ready || all_ready(s, FIRST);

	for (unsigned i = 0; i < ROLE_COUNT; i++) {
		struct child *c = &s->children[i];

		if (!(s->wanted & 1u << i) || c->pid || now < c->start_at_us)
			continue;
		if (first_done || FIRST & 1u << i)
			spawn(s, (enum role_id)i);
	}
}

static void notice_ready(struct supervisor *s)
{
	struct log_line l;

	if (s->ready || !all_ready(s, s->wanted))
		return;
	s->ready = true;
	atomic_store(&s->board->ready, 1);
	notify_say("READY=1");
	log_begin(&l, LOG_INFO, "host.ready");
	log_str(&l, "name", config_hostname(s->o->cfg));
	log_i64(&l, "dur", (clock_real_us() - s->begun_us) / US_PER_MS);
	log_end(&l);
}

static void begin_end(struct supervisor *s)
{
	if (s->ending)
		return;
	s->ending = true;
	s->end_by_us = clock_real_us() +
	               config_us(s->o->cfg, OPT_SERVER_DRAIN) + GRACE_US;
	atomic_store(&s->board->ready, 0);
	notify_say("STOPPING=1");
	log_msg(LOG_INFO, "host.draining", "open sessions may finish");
	for (unsigned i = 0; i < ROLE_COUNT; i++) {
		struct child *c = &s->children[i];

		if (FIRST & 1u << i || !c->pid)
			continue;
		board_set_state(s->board, (enum role_id)i, ROLE_DRAINING,
		                c->pid);
		tell(s, (enum role_id)i, CHILD_DRAIN);
	}
}

/* True when everything has ended. */
static bool go_on_ending(struct supervisor *s)
{
	bool late = clock_real_us() >= s->end_by_us;
	uint32_t others = ~FIRST;

	for (unsigned i = 0; i < ROLE_COUNT && late; i++)
		if (s->children[i].pid)
			(void)kill(s->children[i].pid, SIGKILL);
	if (!none_left(s, others))
		return false;
	for (unsigned i = 0; i < ROLE_COUNT; i++) {
		struct child *c = &s->children[i];

		if (!c->pid ||
		    atomic_load(&s->board->roles[i].state) == ROLE_DRAINING)
			continue;
		board_set_state(s->board, (enum role_id)i, ROLE_DRAINING,
		                c->pid);
		tell(s, (enum role_id)i, CHILD_DRAIN);
	}
	return none_left(s, FIRST);
}

static void reload(struct supervisor *s)
{
	notify_say("RELOADING=1");
	if (supervisor_reload(s->o->cfg, s->fds.config) == 0) {
		for (unsigned i = 0; i < ROLE_COUNT; i++)
			tell(s, (enum role_id)i, CHILD_RELOAD);
		log_msg(LOG_INFO, "config.reloaded", "the roles were told");
	}
	notify_say("READY=1");
}

static void read_signals(struct supervisor *s)
{
	struct signalfd_siginfo info;

	while (read(s->signals, &info, sizeof(info)) == sizeof(info)) {
		switch (info.ssi_signo) {
		case SIGHUP: reload(s); break;
		case SIGCHLD: break; /* reap() is called anyway */
		default: begin_end(s); break;
		}
	}
}

static int wait_ms(const struct supervisor *s)
{
	int64_t now = clock_real_us(), until = now + US_PER_SEC;

	for (unsigned i = 0; i < ROLE_COUNT && !s->ending; i++)
		if (s->wanted & 1u << i && !s->children[i].pid &&
		    s->children[i].start_at_us < until)
			until = s->children[i].start_at_us;
	return until <= now ? 0 : (int)((until - now) / US_PER_MS) + 1;
}

static void wait_for_something(struct supervisor *s)
{
	struct pollfd p[ROLE_COUNT + 1];
	enum role_id ids[ROLE_COUNT];
	nfds_t n = 0;

	for (unsigned i = 0; i < ROLE_COUNT; i++) {
		if (s->children[i].control < 0)
			continue;
		ids[n] = (enum role_id)i;
		p[n++] = (struct pollfd){ .fd = s->children[i].control,
			                  .events = POLLIN };
	}
	p[n] = (struct pollfd){ .fd = s->signals, .events = POLLIN };
	if (poll(p, n + 1, wait_ms(s)) < 0)
		return;
	for (nfds_t i = 0; i < n; i++)
		if (p[i].revents)
			read_control(s, ids[i]);
	if (p[n].revents)
		read_signals(s);
}

static int loop(struct supervisor *s)
{
	int64_t watchdog_us = notify_watchdog_us(), watchdog_at = 0;

	for (;;) {
		reap(s);
		if (s->failed)
			begin_end(s);
		if (s->ending && go_on_ending(s))
			break;
		if (!s->ending)
			start_due(s);
		notice_ready(s);
		wait_for_something(s);
		if (watchdog_us && clock_real_us() >= watchdog_at) {
			notify_say("WATCHDOG=1");
			watchdog_at = clock_real_us() + watchdog_us;
		}
	}
	log_msg(LOG_INFO, "host.ended", "all roles have ended");
	return s->failed ? 1 : 0;
}

static void prepare(struct supervisor *s)
{
	s->begun_us = clock_real_us();
	s->signals = supervisor_signals();
	for (unsigned i = 0; i < ROLE_COUNT; i++) {
		s->children[i].control = -1;
		if (role_rows[i].start)
			s->wanted |= 1u << i;
	}
	atomic_store(&s->board->wanted, s->wanted);
	atomic_store(&s->board->started_us, clock_wall_us());
}

int supervisor_run(const struct supervisor_options *o)
{
	struct supervisor s = { .o = o };
	struct err err = ERR_INIT;
	int rc;

	child_prepare();
	(void)umask(0007);
	log_setup("supervisor",
	          (enum log_level)config_choice(o->cfg, OPT_LOG_LEVEL),
	          config_choice(o->cfg, OPT_LOG_FORMAT) == 1);
	if (supervisor_make_dir(o->cfg, &err) < 0 ||
	    owner_give_data(o->cfg, &err) < 0 ||
	    supervisor_make_fds(o->cfg, &s.fds, &err) < 0 ||
	    board_map(&s.board, s.fds.board, &err) < 0) {
		log_fail(LOG_ERROR, "host.start_failed", &err);
		return 1;
	}
	prepare(&s);
	rc = loop(&s);
	fds_close(&s.fds);
	(void)close(s.signals);
	return rc;
}
