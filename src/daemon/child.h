/*
 * daemon/child.h - a process of one role, and what it says to its parent.
 *
 * On the control socket (SOCK_SEQPACKET) each message is one byte.  When the
 * socket ends, so does the child, at once: the supervisor is gone.
 */
#ifndef DAEMON_CHILD_H
#define DAEMON_CHILD_H

#define CHILD_READY  'R' /* up: it serves */
#define CHILD_RELOAD 'L' /* down: the configuration was read again */
#define CHILD_DRAIN  'D' /* down: finish and exit */

/* The control socket in the child. */
#define CHILD_CONTROL_ENV "POSTHUS_CONTROL"
#define CHILD_FDS_ENV     "POSTHUS_FDS"
#define CHILD_PATH_ENV    "POSTHUS_CONFIG"

/* Exit codes beside 0: 1 could not start; this one: a sync failed, so that
 * nothing in memory can be trusted to be on disk. */
#define CHILD_EXIT_SYNC 74

/* `posthus role NAME`: argv[1] is the name.  The exit code. */
int child_main(int argc, char **argv);

/* What every process of ours does first: allocator, limits, signals that are
 * never wanted, the end after a failed sync. */
void child_prepare(void);

#endif
