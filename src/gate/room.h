/*
 * gate/room.h - windows and reservations in memory.
 *
 * Private to gate/.  Reservations are asked on the reading thread; what is
 * confirmed is written by another (gate/writer.h) and comes back here, so
 * there is a lock.
 */
#ifndef GATE_ROOM_H
#define GATE_ROOM_H

#include "gate/counts.h"
#include "gate/diary.h"
#include "gate/proto.h"
#include "gate/server.h"

struct room;

/* Reads the events of `counts`.  `limits` may change while it lives, on the
 * reading thread. */
int room_new(struct room **out, struct diary *d, struct counts *c,
             const struct gate_limits *limits, const struct gate_options *o,
             struct err *err) ATTR_MUST_USE;
void room_free(struct room **r);

/* Make `token` of the client `conn` hold `all`: what it holds less is given
 * back, what it holds more must fit.  Nothing changes when it does not. */
void room_reserve(struct room *r, uint64_t conn, uint64_t token,
                  const struct gate_wants *all, struct gate_room *out);
void room_release(struct room *r, uint64_t token);

/* What the token holds has happened.  It stays reserved between the two, and
 * belongs to the job alone: the client may go. */
struct room_job {
	struct gate_wants held;
	struct counts_event events[GATE_WANTS_MAX]; /* to be written */
	size_t n;
};

/* The token need not be known (any more). */
void room_confirm(struct room *r, uint64_t token, uint64_t id,
                  const struct gate_wants *all, struct room_job *out);
/* They are on the disk (`done`), or could not be written. */
void room_confirmed(struct room *r, const struct room_job *job, bool done);

/* How full the windows of a domain are, or those that were set for an
 * account; how many were written. */
size_t room_windows(struct room *r, int64_t subject, bool of_account,
                    struct gate_window_fill *out, size_t max);

/* What an account did within the hour; new_networks_1d stays 0. */
void room_habits(struct room *r, int64_t account, struct gate_habits *out);

/* The client is gone with all that it held. */
void room_closed(struct room *r, uint64_t conn);

/* About once a second: what was set back by the command line. */
void room_resets(struct room *r, struct err *err);
/* Now and then: drop what is empty. */
void room_upkeep(struct room *r);

/* The longest window there is. */
int64_t room_longest_us(const struct room *r);

#endif
