/* What supervisor.c and one.c have in common. */
#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "daemon/board.h"
#include "daemon/ports.h"
#include "daemon/supervisor.h"
#include "ipc/ipc.h"
#include "log/log.h"
#include "os/file.h"

static int write_config(const struct config *cfg, int fd, struct err *err)
{
	struct buf text;
	int rc = -1;

	buf_init(&text, CONFIG_FILE_MAX * 4);
	config_write(cfg, true, &text);
	if (buf_overflow(&text))
		err_drop(err_set(err, ERR_TOO_BIG, "configuration too big"));
	else if (ftruncate(fd, 0) < 0)
		err_drop(err_sys(err, errno, "configuration"));
	else
		rc = file_pwrite(fd, buf_str(&text), 0, err);
	buf_deinit(&text);
	return rc;
}

static int make_config(const struct config *cfg, int *out, struct err *err)
{
	*out = memfd_create("posthus-config", MFD_CLOEXEC);
	if (*out < 0)
		return err_sys(err, errno, "memfd_create");
	return write_config(cfg, *out, err);
}

int supervisor_make_fds(const struct config *cfg, struct fds *f,
                        struct err *err)
{
	fds_init(f);
	if (ports_bind(cfg, f, err) < 0 ||
	    make_config(cfg, &f->config, err) < 0 ||
	    board_make(&f->board, err) < 0 || ipc_door(f->gate, err) < 0 ||
	    ipc_door(f->keys, err) < 0 || ipc_door(f->dns, err) < 0 ||
	    news_make(&f->news, ROLE_COUNT, err) < 0) {
		fds_close(f);
		return -1;
	}
	return 0;
}

static void log_report(const struct config_report *r)
{
	struct buf text;
	struct str rest, line;

	buf_init(&text, 65536);
	config_report_write(r, &text);
	rest = buf_str(&text);
	while (str_cut(&rest, '\n', &line))
		log_msg(LOG_WARN, "config.report", "%.*s", STR_ARG(line));
	buf_deinit(&text);
}

int supervisor_reload(struct config *cfg, int fd)
{
	struct config_report r;
	struct err err = ERR_INIT;
	int rc;

	config_report_init(&r);
	rc = config_reload(cfg, (struct str){ NULL, 0 }, &r);
	log_report(&r);
	config_report_deinit(&r);
	if (rc == 0 && write_config(cfg, fd, &err) < 0) {
		log_fail(LOG_ERROR, "config.reload", &err);
		rc = -1;
	}
	return rc;
}

int supervisor_signals(void)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGHUP);
	(void)sigaddset(&set, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int supervisor_make_dir(const struct config *cfg, struct err *err)
{
	struct arena a;
	int rc;

	arena_init(&a);
	rc = file_mkdir(config_data_path(cfg, &a, ""), 0770, err);
	arena_deinit(&a);
	return rc;
}
