/*
 * trail/trail.h - what happened to a message: keep its events.
 *
 * Everything that is decided about a message and a recipient, at the door
 * already, becomes an event (trail/event.h).  A process has one `struct
 * trail`: trail_add() copies the event into a ring in memory, some hundred
 * nanoseconds, and returns; a thread writes what is there, at the latest
 * 200 ms later, in one transaction, into the file of the event's day
 * (DATA/trail/2026-11-24.db).  Several processes write the same file.
 *
 * The trail never holds up mail: a full ring drops its oldest events, a full
 * or broken disk those of a batch, and both are counted.  A crash of the
 * process loses what was not written yet; a power cut may lose some seconds.
 * Events that one thread adds stay in order.
 *
 *	struct trail_event e = { .kind = TRAIL_FILED, .trace = trace,
 *	                         .rcpt = rcpt, .to = account,
 *	                         .account = id, .text = STR("Inbox") };
 *
 *	trail_add(trail, &e);
 *
 * trail/find.h reads them, trail/words.h says them.  A file is dropped whole
 * when it is older than trail.days: trail_tidy(), by one process.
 */
#ifndef TRAIL_TRAIL_H
#define TRAIL_TRAIL_H

#include "base/err.h"
#include "trail/event.h"

struct trail;

struct trail_options {
	const char *dir;        /* the data folder; `trail` in it is made */
	size_t ring_bytes;      /* 0: 2 MiB */
	int64_t flush_us;       /* 0: 200 ms */
	uint64_t reserve_bytes; /* write nothing when less disk is free */
	/* The first failure of a row of them, from the writer's thread; may
	 * be NULL. */
	void (*trouble)(void *arg, const struct err *err);
	void *trouble_arg;
};

int trail_open(struct trail **out, const struct trail_options *o,
               struct err *err) ATTR_MUST_USE;
/* Writes what is there first. */
void trail_close(struct trail **t);

/* Never fails and never waits for the disk; NULL is fine. */
void trail_add(struct trail *t, const struct trail_event *e);

/* Returns when all that was added before is written (or dropped). */
void trail_flush(struct trail *t);

struct trail_figures {
	uint64_t added, written, dropped; /* events */
	uint64_t batches;
};

void trail_figures(struct trail *t, struct trail_figures *out);

/* Remove the files that are older than `days`. */
int trail_tidy(const char *dir, int64_t now_us, unsigned days, struct err *err)
	ATTR_MUST_USE;

#endif
