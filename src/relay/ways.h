/*
 * relay/ways.h - which destination has which connection to a host.
 *
 * A way is the address of a host with all that is asked of the connection:
 * destinations that ask the same of the same host share its sessions, one
 * after the other.  A way has so many places, each for one connection; who
 * finds none waits in line, without a thread, until it is called.
 *
 *	switch (relay_ways_enter(w, way, most, &me, now_us, &kept)) ...
 *	RELAY_TURN_OPEN    it has a place and connects
 *	RELAY_TURN_TAKEN   it has a place, and a session that another is done
 *	                   with: relay_session_resume()
 *	RELAY_TURN_WAITS   `me` is in line: another thread may have it already
 *
 *	relay_ways_give(w, way, session, until_us, now_us)   is done with it
 *	relay_ways_leave(w, way, now_us)                     and closed it
 *	relay_ways_fail(w, way, &me, &why, now_us, &kept)    was not let in
 *
 *	while ((called = relay_ways_called(w)))   of those in line
 *
 * No locks, no calls of the system: the caller has a lock, and closes the
 * sessions that relay_ways_over() gives.  Times are those of clock_real_us().
 */
#ifndef RELAY_WAYS_H
#define RELAY_WAYS_H

#include "base/arena.h"
#include "relay/session.h"

/* The way to a peer, of what it demands alone; "": it is not to be shared.
 *
 * What is in it: both addresses, the names of both hosts, the mode of TLS and
 * what the certificate must show.  The domain of the mail is not, but where
 * its name is one that the certificate may be for (RFC 7672, 3.2.2: TLSA
 * records of usage 2). */
struct str relay_way_of(struct arena *a, const struct relay_peer *peer);

enum relay_turn {
	RELAY_TURN_OPEN,
	RELAY_TURN_TAKEN,
	RELAY_TURN_WAITS,
	RELAY_TURN_FAILED, /* nobody is let in there: `why` */
	RELAY_TURN_LATE,   /* it waited too long: begin anew */
};

struct relay_kept {
	struct relay_kept *next; /* private, and of relay_ways_over() */
	int64_t until_us;        /* private */
	struct relay_session session;
};

struct relay_waiter {
	struct relay_waiter *next; /* private */
	int64_t since_us;          /* private */
	void *owner;
	/* When it is called: */
	enum relay_turn turn;
	struct relay_kept *kept;  /* TAKEN; its own now */
	struct relay_outcome why; /* FAILED */
};

struct relay_ways;

/* At most `idle_max` sessions that nobody uses, and `waiting_max` in line. */
struct relay_ways *relay_ways_new(size_t idle_max, size_t waiting_max);
/* After relay_ways_end(), when what it called and kept is taken. */
void relay_ways_free(struct relay_ways **w);

/* `me` NULL: it does not wait, and has a place beyond `most`. */
enum relay_turn relay_ways_enter(struct relay_ways *w, struct str key,
                                 size_t most, struct relay_waiter *me,
                                 int64_t now_us, struct relay_kept **out);
/* Is there a session to be had at once? */
bool relay_ways_has(const struct relay_ways *w, struct str key);

/* The session (moved) is for the next in line; else it is kept until then. */
void relay_ways_give(struct relay_ways *w, struct str key,
                     struct relay_session *s, int64_t until_us, int64_t now_us);
void relay_ways_leave(struct relay_ways *w, struct str key, int64_t now_us);
/* The host let nobody in.  TAKEN, WAITS: others have connections there, it has
 * one of them or is in line for one; FAILED: so it is, also for all that are
 * in line. */
enum relay_turn relay_ways_fail(struct relay_ways *w, struct str key,
                                struct relay_waiter *me,
                                const struct relay_outcome *why, int64_t now_us,
                                struct relay_kept **out);

/* Calls those whose time is over; when to look again, INT64_MAX: when
 * somebody waits or is done. */
int64_t relay_ways_expire(struct relay_ways *w, int64_t now_us);
/* Calls everybody (LATE), and keeps nothing. */
void relay_ways_end(struct relay_ways *w);

struct relay_waiter *relay_ways_called(struct relay_ways *w); /* or NULL */
size_t relay_ways_called_n(const struct relay_ways *w);
/* Sessions to be closed, a list of the caller's now; or NULL. */
struct relay_kept *relay_ways_over(struct relay_ways *w);

#endif
