/*
 * deliver/runner.h - performs the queue's local actions, on a thread.
 *
 * What could not be written at once (because the message also goes to other
 * hosts, or one mailbox of several was full) waits in the queue with an
 * action for each account.  The runner files each with the action's own key:
 * done twice, it is stored once.
 *
 *	deliver_runner_start(&r, dir, store, queue, trail, err)
 *	deliver_runner_poke(r)        from the queue's `changed`
 *	deliver_runner_stop(&r)
 */
#ifndef DELIVER_RUNNER_H
#define DELIVER_RUNNER_H

#include <stdint.h>

#include "base/err.h"

struct directory;
struct store;
struct queue;
struct trail;
struct config;
struct deliver_runner;

int deliver_runner_start(struct deliver_runner **out,
                         const struct config *config, struct directory *dir,
                         struct store *store, struct queue *queue,
                         struct trail *trail /* may be NULL */, struct err *err)
	ATTR_MUST_USE;
void deliver_runner_poke(struct deliver_runner *r); /* NULL is fine */
/* Finishes what is in hand. */
void deliver_runner_stop(struct deliver_runner **r);

/* Claim and perform what is due; for tests and for tools.  The number of
 * actions settled, or -1. */
int deliver_run_once(struct directory *dir, struct store *store,
                     struct queue *queue, struct trail *trail, int64_t now_us,
                     int64_t *next_us_out, struct err *err) ATTR_MUST_USE;

#endif
