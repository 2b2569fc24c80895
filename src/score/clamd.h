/*
 * score/clamd.h - private to score/: ask a clamd for viruses.
 *
 * INSTREAM: the message goes over in pieces, each behind its length, and one
 * line comes back ("stream: OK", "stream: Win.Test FOUND").  `where` is the
 * path of a UNIX socket, or "address:port".  The whole may take `timeout_us`.
 * A message over clamd's own limit is answered "size limit exceeded", which
 * counts as clean: it was looked at as far as clamd looks.
 */
#ifndef SCORE_CLAMD_H
#define SCORE_CLAMD_H

#include "base/arena.h"
#include "base/err.h"

/* *virus_out is its name, or empty when there is none. */
int clamd_check(struct str where, struct str message, int64_t timeout_us,
                struct arena *a, struct str *virus_out, struct err *err)
	ATTR_MUST_USE;

/* The line that came back, without its end. */
int clamd_read(struct str line, struct arena *a, struct str *virus_out,
               struct err *err) ATTR_MUST_USE;

#endif
