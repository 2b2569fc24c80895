/*
 * ctl/ctl.h - the command line of posthus.
 *
 * main() of daemon/ hands its arguments here; everything a person types but
 * the roles themselves is a row of the command table (ctl/table.c), from
 * which help, "did you mean", completion and the manual pages come too.  What
 * runs a host is above this folder and comes as a hook.
 *
 *	int main(int argc, char **argv)
 *	{
 *		static const struct ctl_hooks hooks = { .serve = serve };
 *
 *		if (argc > 1 && strcmp(argv[1], "role") == 0)
 *			return role_main(argc - 1, argv + 1);
 *		return ctl_main(argc, argv, &hooks);
 *	}
 *
 * Data goes to stdout, everything else to stderr.  Exit codes: see enum.
 */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include <stdbool.h>

struct config;

enum ctl_exit {
	CTL_OK = 0,
	CTL_FAILED = 1,
	CTL_USAGE = 2,     /* the command line makes no sense */
	CTL_NOT_FOUND = 3, /* no such domain, address, message */
	CTL_DENIED = 4,    /* not allowed */
	CTL_EXISTS = 5,    /* there already, or changed meanwhile */
	CTL_TEMP = 6,      /* try again */
	CTL_CONFIG = 7,    /* the configuration is not valid */
	CTL_WARNINGS = 10, /* a check found things to look at */
	CTL_FINDINGS = 11, /* a check found what is wrong */
	CTL_INTERRUPTED = 130,
};

struct ctl_serve {
	struct config *cfg;      /* loaded and valid; lent */
	const char *config_path; /* absolute */
	bool one_process;
};

struct ctl_hooks {
	/* `posthus serve`: run until SIGTERM; the exit code.  Says READY=1 to
	 * $NOTIFY_SOCKET when all ports answer. */
	int (*serve)(const struct ctl_serve *s);
};

int ctl_main(int argc, char **argv, const struct ctl_hooks *hooks);

/* As meson.build says. */
#define CTL_VERSION "0.1.0"

#endif
