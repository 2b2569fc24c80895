#include "daemon/child.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/certs.h"
#include "daemon/host.h"
#include "log/log.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/sandbox.h"

#define TICK_MS     1000
#define CONFIG_SIZE ((size_t)4 * 1024 * 1024)

static void sync_failed(const char *path)
{
	struct log_line l;

	log_begin(&l, LOG_ERROR, "disk.sync_failed");
	log_z(&l, "path", path);
	log_z(&l, "msg",
	      "this process ends: what it thinks is on disk may "
	      "not be");
	log_end(&l);
	_exit(CHILD_EXIT_SYNC);
}

void child_prepare(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct rlimit files;

	(void)mallopt(M_ARENA_MAX, 2);
	(void)mallopt(M_MMAP_THRESHOLD, 256 * 1024 * 1024);
	(void)mallopt(M_TRIM_THRESHOLD, 256 * 1024 * 1024);
	(void)mallopt(M_TOP_PAD, 1024 * 1024);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	(void)sigaction(SIGPIPE, &ignore, NULL);
	(void)clock_wall_us(); /* a simulated clock's file, while it can be */
	file_on_sync_failure(sync_failed);
}

static int read_config(int fd, struct config **out, bool again)
{
	struct config_report report;
	struct err err = ERR_INIT;
	struct stat st;
	size_t size = fstat(fd, &st) == 0 ? (size_t)st.st_size : 0;
	size_t n = 0;
	char *text;
	int rc = -1;

	size = size < CONFIG_SIZE ? size : CONFIG_SIZE;
	text = mem_alloc(size + 1);
	config_report_init(&report);
	if (file_pread(fd, text, size, 0, &n, &err) < 0)
		log_fail(LOG_ERROR, "config.read", &err);
	else if (again)
		rc = config_reload(*out, (struct str){ text, n }, &report);
	else
		rc = config_load(out,
		                 &(struct config_source){
					 .path = getenv(CHILD_PATH_ENV),
					 .text = { text, n } },
		                 &report);
	config_report_deinit(&report);
	mem_wipe(text, n);
	mem_free(text);
	return rc;
}

static bool find_role(const char *name, enum role_id *out)
{
	for (unsigned i = 0; i < ROLE_COUNT; i++) {
		if (strcmp(name, role_name((enum role_id)i)) != 0)
			continue;
		*out = (enum role_id)i;
		return true;
	}
	return false;
}

static int env_fd(const char *name)
{
	const char *text = getenv(name);
	uint32_t v;

	return text && str_to_u32(str_z(text), &v) ? (int)v : -1;
}

/* Only main() takes signals, through this. */
static int signals(void)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	/* ^C reaches all processes of a terminal: the supervisor decides. */
	(void)sigdelset(&set, SIGINT);
	(void)sigdelset(&set, SIGHUP);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void reload(struct host *h)
{
	if (read_config(h->fds.config, &h->cfg, true) < 0)
		log_msg(LOG_ERROR, "config.reload", "nothing was changed");
	else
		host_reload(h);
}

/* Until told to end. */
static void run(struct host *h, int control, int signal_fd)
{
	struct pollfd p[2] = { { .fd = control, .events = POLLIN },
		               { .fd = signal_fd, .events = POLLIN } };

	for (;;) {
		char c = 0;
		ssize_t n;

		if (poll(p, 2, TICK_MS) < 0 && errno != EINTR)
			return;
		host_tick(h);
		if (p[1].revents)
			return;
		if (!p[0].revents)
			continue;
		n = recv(control, &c, 1, MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n <= 0)
			_exit(0); /* the supervisor is gone, so are we */
		if (c == CHILD_DRAIN)
			return;
		if (c == CHILD_RELOAD)
			reload(h);
	}
}

static void confine(struct host *h)
{
	struct err err = ERR_INIT;
	struct log_line l;

	/* The files that an operator may keep anywhere. */
	static const enum config_option kept[] = {
		OPT_DNS_TRUST_ANCHOR, OPT_RELAY_AUTHORITIES,
		OPT_ACME_CA_FILE,     OPT_IMPORT_CA_FILE,
		OPT_PUSH_CA_FILE,     OPT_HTTP_UNSUBSCRIBE_CA_FILE
	};

	const char *files[sizeof(kept) / sizeof(kept[0]) + 1] = { NULL };
	size_t n = 0;
	unsigned done;

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (*config_z(h->cfg, kept[i]))
			files[n++] = config_z(h->cfg, kept[i]);
	done = sandbox_enter(h->dir, files, &err);
	log_begin(&l, LOG_DEBUG, "role.confined");
	log_z(&l, "landlock", done & SANDBOX_FILES ? "on" : "off");
	log_z(&l, "seccomp", done & SANDBOX_CALLS ? "on" : "off");
	log_end(&l);
}

static int serve(struct host *h, enum role_id role, int control)
{
	struct err err = ERR_INIT;
	char ready = CHILD_READY;
	int signal_fd = signals();

	if (role == ROLE_RELAY && cert_hook_start(h, &err) < 0)
		log_fail(LOG_ERROR, "acme.hook", &err);
	confine(h);
	if (host_start(h, 1u << role, &err) < 0) {
		log_fail(LOG_ERROR, "role.start_failed", &err);
		host_stop(h);
		return 1;
	}
	(void)malloc_trim(0);
	if (send(control, &ready, 1, MSG_NOSIGNAL) < 0)
		_exit(0);
	run(h, control, signal_fd);
	host_stop(h);
	return 0;
}

int child_main(int argc, char **argv)
{
	int control = env_fd(CHILD_CONTROL_ENV);
	const char *text = getenv(CHILD_FDS_ENV);
	struct config *cfg = NULL;
	struct err err = ERR_INIT;
	enum role_id role;
	struct host h;
	struct fds fds;
	char name[16];

	if (argc < 2 || !find_role(argv[1], &role) || control < 0 || !text) {
		(void)fprintf(stderr,
		              "posthus role: only `posthus serve` starts it\n");
		return 2;
	}
	child_prepare();
	(void)snprintf(name, sizeof(name), "posthus-%s", role_name(role));
	(void)prctl(PR_SET_NAME, name);
	log_setup(role_name(role), LOG_INFO, false);
	if (fds_parse(str_z(text), &fds, &err) < 0) {
		log_fail(LOG_ERROR, "role.start_failed", &err);
		return 1;
	}
	if (read_config(fds.config, &cfg, false) < 0)
		return 1;
	log_setup(role_name(role),
	          (enum log_level)config_choice(cfg, OPT_LOG_LEVEL),
	          config_choice(cfg, OPT_LOG_FORMAT) == 1);
	if (host_init(&h, cfg, &fds, role_name(role), role, &err) < 0) {
		log_fail(LOG_ERROR, "role.start_failed", &err);
		return 1;
	}
	return serve(&h, role, control);
}
