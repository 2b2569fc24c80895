/*
 * news/bell.h - news from a program that is no child of the supervisor.
 *
 * The command line changes the store of a host that runs, and has neither the
 * table of news nor its eventfds.  A process of the host listens at a datagram
 * socket in the data folder, which its owner and group alone may write to,
 * and publishes what comes: numbers of accounts, eight bytes each.  A number
 * that is nobody's makes somebody look in vain, as news may.
 */
#ifndef NEWS_BELL_H
#define NEWS_BELL_H

#include <stddef.h>

#include "news/news.h"

#define BELL_SOCKET "news" /* below the data folder */

struct bell;

/* `news` is borrowed.  The path may be one of a host that has ended. */
int bell_listen(struct bell **out, const char *path, struct news *news,
                struct err *err) ATTR_MUST_USE;
void bell_close(struct bell **b); /* the path stays, for who listens next */

/* After a commit.  Nothing happens where no host runs; waits at most a second
 * for one that is busy. */
void bell_ring(const char *path, const int64_t *accounts, size_t n);

#endif
