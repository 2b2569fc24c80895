/*
 * daemon/supervisor.h - the parent of all roles.
 *
 * It binds the ports, makes the doors and tables that the roles share, starts
 * a process for each role and starts it again when it ends, with growing
 * pauses.  It reads nothing that comes from outside.  SIGHUP has it read the
 * configuration and tell the roles; SIGTERM and SIGINT have it drain.
 */
#ifndef DAEMON_SUPERVISOR_H
#define DAEMON_SUPERVISOR_H

#include "config/config.h"
#include "daemon/fds.h"

struct supervisor_options {
	struct config *cfg;
	const char *config_path; /* absolute; NULL: none */
	bool one_process;        /* all roles in this one, for debugging */
};

/* Until it is told to end; the exit code. */
int supervisor_run(const struct supervisor_options *o);

/* Ports, doors, tables, configuration text: all that roles are given. */
int supervisor_make_fds(const struct config *cfg, struct fds *f,
                        struct err *err) ATTR_MUST_USE;

/* Read the configuration again and put its text where the roles read it.
 * Mistakes are logged and nothing changes. */
int supervisor_reload(struct config *cfg, int fd) ATTR_MUST_USE;

/* Signals come through this fd only. */
int supervisor_signals(void);

/* The data folder, made if missing. */
int supervisor_make_dir(const struct config *cfg, struct err *err)
	ATTR_MUST_USE;

/* All roles in this process. */
int supervisor_run_one(const struct supervisor_options *o);

#endif
