/*
 * wire/imap/seqset.h - sequence sets: "1:4,7,10:*", "$".
 *
 * As parsed a set keeps its order and its stars; imap_seqset_resolve() makes
 * it a sorted list of ranges that do not touch, which is what is worked with.
 *
 * A `struct imap_seqout` writes such a set from numbers given in growing
 * order, as COPYUID, VANISHED and ESEARCH want them.
 */
#ifndef WIRE_IMAP_SEQSET_H
#define WIRE_IMAP_SEQSET_H

#include "base/buf.h"
#include "wire/imap/parse.h"

/* More ranges than that in one command are refused. */
#define IMAP_RANGES_MAX 20000

#define IMAP_STAR       UINT32_MAX /* "*" before it is resolved */

struct imap_range {
	uint32_t first, last;
};

struct imap_seqset {
	struct imap_range *r;
	size_t n;
	bool saved; /* "$", the last search's result (RFC 5182); r is empty */
};

bool imap_parse_seqset(struct imap_parser *p, struct imap_seqset *out);

/* In place: "*" becomes `max` (the last number in use), ranges are put in
 * order and joined.  For sequence numbers pass the message count; ranges wholly
 * above it are kept, so that the caller sees them (imap_seqset_last()). */
void imap_seqset_resolve(struct imap_seqset *s, uint32_t max);

/* Of a resolved set. */
bool imap_seqset_has(const struct imap_seqset *s, uint32_t n);
uint32_t imap_seqset_last(const struct imap_seqset *s); /* 0 when empty */
uint64_t imap_seqset_count(const struct imap_seqset *s);

/* ---- writing ---- */

struct imap_seqout {
	struct buf *to;
	uint32_t first,
		last; /* the open range; first is 0 when there is none */
	bool any;     /* something was written */
};

struct imap_seqout imap_seqout(struct buf *to);
void imap_seqout_add(struct imap_seqout *o, uint32_t n); /* growing order */
void imap_seqout_range(struct imap_seqout *o, uint32_t first, uint32_t last);
void imap_seqout_end(struct imap_seqout *o); /* writes the open range */

void imap_seqset_write(struct buf *to, const struct imap_seqset *s);

#endif
