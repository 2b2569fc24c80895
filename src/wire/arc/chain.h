/*
 * wire/arc/chain.h - the sets of an Authenticated Received Chain (RFC 8617).
 *
 * Each host that passes a message on may add a set of three fields with the
 * next number: what it found (ARC-Authentication-Results), a signature of the
 * message as it was then (ARC-Message-Signature), and a seal over all sets so
 * far (ARC-Seal).  Read here, with what can be said of them without keys:
 * whole sets, numbered 1 to n, with seals that say what they must.
 *
 *	struct arc_chain c;
 *
 *	switch (arc_chain_read(header, &arena, &c)) {
 *	case ARC_READ_NONE: ...          no field of ARC
 *	case ARC_READ_BAD: ... c.why     the chain has failed
 *	case ARC_READ_CHAIN: ... c.v[0]  is set 1
 *	}
 */
#ifndef WIRE_ARC_CHAIN_H
#define WIRE_ARC_CHAIN_H

#include "wire/dkim/signature.h"

/* RFC 8617, 4.2.1. */
#define ARC_SETS_MAX DKIM_INSTANCE_MAX
/* Of all fields together: what a seal covers grows with the square. */
#define ARC_BYTES_MAX ((size_t)256 * 1024)

struct arc_set {
	/* Whole fields, with their names and last CRLF. */
	struct str results_raw, message_raw, seal_raw;
	struct str results; /* the authres payload, behind "i=n;" */
	struct dkim_signature message, seal;
};

struct arc_chain {
	struct arc_set *v; /* in the arena */
	size_t n;
	struct str why; /* ARC_READ_BAD */
};

enum arc_read { ARC_READ_NONE, ARC_READ_BAD, ARC_READ_CHAIN };

/* `header` is a message's, before or behind the empty line.  Views lie in it
 * and in `a`. */
enum arc_read arc_chain_read(struct str header, struct arena *a,
                             struct arc_chain *out);

/* What the seal of set `i` (from 0) signs: all fields of the sets up to it, in
 * relaxed form, the seal itself without its signature (RFC 8617, 5.1.1). */
void arc_seal_text(const struct arc_chain *c, size_t i, struct buf *out);

#endif
