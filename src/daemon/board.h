/*
 * daemon/board.h - one shared page table of all roles: state and figures.
 *
 * The supervisor makes it and writes states; each role counts in its own
 * page (log/metric.h); the http role reads all for /readyz and /metrics.
 */
#ifndef DAEMON_BOARD_H
#define DAEMON_BOARD_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/err.h"
#include "log/metric.h"

/* In the order in which they are started. */
enum role_id {
	ROLE_KEYS,
	ROLE_GATE,
	ROLE_DNS,
	ROLE_SMTP,
	ROLE_IMAP,
	ROLE_POP3,
	ROLE_SIEVE,
	ROLE_HTTP,
	ROLE_RELAY,
	ROLE_COUNT
};

enum role_state {
	ROLE_DOWN,     /* not started, or waiting to be started again */
	ROLE_STARTING, /* a process, not ready yet */
	ROLE_READY,
	ROLE_DRAINING,
};

struct board_role {
	_Atomic int32_t state; /* enum role_state */
	_Atomic int32_t pid;
	_Atomic uint32_t restarts;
	_Atomic int64_t since_us; /* wall time of the last change */
	struct metric_page metrics;
};

struct board {
	_Atomic int32_t ready;   /* all roles were ready once, none drains */
	_Atomic uint32_t wanted; /* bits of the roles that are meant to run */
	_Atomic int64_t started_us;
	struct board_role roles[ROLE_COUNT];
};

const char *role_name(enum role_id id); /* "smtp" */
const char *role_state_name(enum role_state s);

int board_make(int *fd_out, struct err *err) ATTR_MUST_USE;
/* The mapping lasts as long as the process. */
int board_map(struct board **out, int fd, struct err *err) ATTR_MUST_USE;

void board_set_state(struct board *b, enum role_id id, enum role_state s,
                     int32_t pid);

/* Is every wanted role ready?  If not, the first that is not. */
bool board_is_ready(const struct board *b, enum role_id *missing_out);

/* A figure summed over all roles. */
int64_t board_metric(const struct board *b, enum metric m);

#endif
