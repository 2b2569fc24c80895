/*
 * gate/live.h - sessions end when what they logged in with is revoked.
 *
 * A process that serves logins says once which engine its sessions belong to,
 * and then of each login what it was made with.  A thread asks the gate every
 * second what was revoked since; a session whose credential is among it is
 * told to say goodbye, and cut a second later.  Nothing needs to be told when
 * a session ends by itself: its place is known by slot and generation.
 *
 * So are sessions of who may not be logged in any more, by `barred`.
 *
 *	gate_live_watch(gate, engine, &barred, err);
 *	...
 *	if (result.verdict == GATE_OK)
 *		gate_live_hold(gate, session, result.account,
 *		               &result.credential);
 */
#ifndef GATE_LIVE_H
#define GATE_LIVE_H

#include "gate/client.h"
#include "net/session.h"

/* Who may not be logged in, whatever was revoked: suspended or removed.  Both
 * functions are called by the thread, `each` when the number of the last
 * change is another one. */
struct gate_barred {
	int (*change)(void *arg, int64_t *out, struct err *err);
	int (*each)(void *arg, void (*one)(void *to, int64_t account), void *to,
	            struct err *err);
	void *arg;
};

/* At most once for a client.  It has to end before the engine is freed.
 * `barred` may be NULL. */
int gate_live_watch(struct gate_client *g, struct net_engine *e,
                    const struct gate_barred *barred, struct err *err)
	ATTR_MUST_USE;

void gate_live_unwatch(struct gate_client *g); /* not watched is fine */

/* The session lives by this login, and by others that are held for it: one that
 * is revoked ends it.  Without
 * gate_live_watch() nothing happens. */
void gate_live_hold(struct gate_client *g, const struct net_session *s,
                    int64_t account, const struct gate_credential *by);

#endif
