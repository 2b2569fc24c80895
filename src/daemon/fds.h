/*
 * daemon/fds.h - the open files that the supervisor gives to its children.
 *
 * All of them in one struct; a child gets only what its role needs, the rest
 * is -1.  They go through exec by number, named in POSTHUS_FDS:
 * "config=4 board=5 gate=7 listen=9:0 ...".
 */
#ifndef DAEMON_FDS_H
#define DAEMON_FDS_H

#include "base/buf.h"
#include "base/err.h"
#include "config/config.h"
#include "news/news.h"

#define FDS_LISTENERS_MAX 64

/* Which row of the table of ports (daemon/ports.h) a listener is of. */
struct fds_listener {
	int fd;
	unsigned port;
};

struct fds {
	int config; /* memfd with the text of config_write() */
	int board;
	int gate[2], keys[2], dns[2]; /* doors: [0] the server's end */
	struct news_fds news;
	struct fds_listener listeners[FDS_LISTENERS_MAX];
	size_t n_listeners;
};

/* All -1. */
void fds_init(struct fds *f);
void fds_close(struct fds *f);

/* Each fd: fn(arg, &fd). */
void fds_each(struct fds *f, void (*fn)(void *arg, int *fd), void *arg);

/* Those that are not -1, as POSTHUS_FDS. */
void fds_write(const struct fds *f, struct buf *out);
int fds_parse(struct str text, struct fds *out, struct err *err) ATTR_MUST_USE;

#endif
