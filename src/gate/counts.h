/*
 * gate/counts.h - what was sent, for the windows: counts.db.
 *
 * Each message that was accepted leaves a row per kind of count, on the disk
 * before its sender is told yes.  Rows are known by a token and kind: one
 * that is added twice (asked again after a crash) is there once.  The gate
 * writes it while the host runs; the command line reads it at any time, and
 * sets a subject's counts back.  From every thread and process.
 */
#ifndef GATE_COUNTS_H
#define GATE_COUNTS_H

#include "base/err.h"
#include "gate/client.h"

struct counts;

struct counts_event {
	uint64_t token;
	struct gate_want want;
	int64_t at_us;
	bool added; /* told by counts_add(): it was not there */
};

int counts_open(struct counts **out, const char *dir, struct err *err)
	ATTR_MUST_USE;
void counts_close(struct counts **c);

/* All in one commit; on the disk when it returns. */
int counts_add(struct counts *c, struct counts_event *e, size_t n,
               struct err *err) ATTR_MUST_USE;

/* Each that still counts and is younger than `since_us`, oldest first. */
int counts_each(struct counts *c, int64_t since_us,
                void (*each)(void *arg, const struct counts_event *e),
                void *arg, struct err *err) ATTR_MUST_USE;
/* The same of one subject, a domain or an account. */
int counts_of(struct counts *c, int64_t subject, int64_t since_us,
              void (*each)(void *arg, const struct counts_event *e), void *arg,
              struct err *err) ATTR_MUST_USE;

/* The newest time in it, 0 when empty. */
int counts_last(struct counts *c, int64_t *out, struct err *err) ATTR_MUST_USE;

/* What a domain or account did up to `at_us` counts no more. */
int counts_reset(struct counts *c, int64_t subject, int64_t at_us,
                 struct err *err) ATTR_MUST_USE;
/* Each reset after the one numbered *last, which goes up to the last. */
int counts_resets(struct counts *c, int64_t *last,
                  void (*each)(void *arg, int64_t subject, int64_t at_us),
                  void *arg, struct err *err) ATTR_MUST_USE;

/* Drop what is older; fails in silence, for it is tried again. */
void counts_upkeep(struct counts *c, int64_t before_us);

#endif
