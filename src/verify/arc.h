/*
 * verify/arc.h - what those found who passed a message on (RFC 8617).
 *
 * A forwarder or a list that changes a message breaks SPF and DKIM; in an ARC
 * set it says what held before, and seals it.  Whoever wants can forge a
 * chain of his own, so a chain that holds says nothing until the one who
 * sealed it is trusted to tell the truth: the operator names such domains
 * (arc.trusted).
 *
 *	struct verify_arc_result r;
 *
 *	verify_arc(v, header, body, &budget, &arena, &r);
 *	if (verify_arc_vouches(&r, trusted, n, author, &arena, &sealer))
 *		... the author's DMARC passed when it came to the sealer
 */
#ifndef VERIFY_ARC_H
#define VERIFY_ARC_H

#include "verify/dkim.h"
#include "wire/arc/chain.h"

enum arc_status { ARC_NONE, ARC_PASS, ARC_FAIL };

struct verify_arc_result {
	enum arc_status status;
	struct arc_chain chain; /* when it passed */
	struct str why;         /* in words, when it failed */
	struct str sealer;      /* d= of the last seal, when it passed */
};

/* Look at the whole chain: the newest message signature and every seal, of
 * all at most 50 (RFC 8617, 5.2).  A key that DNS does not give now fails it,
 * for a chain is a favour, no right. */
void verify_arc(struct verify *v, struct str header, struct str body,
                struct verify_budget *b, struct arena *a,
                struct verify_arc_result *out);

/* From the newest seal down, as long as each is of a trusted domain or one
 * below it: the oldest of these must have found that DMARC passed for
 * `author`.  *by_out is its domain. */
bool verify_arc_vouches(const struct verify_arc_result *r,
                        const struct str *trusted, size_t n, struct str author,
                        struct arena *a, struct str *by_out);

const char *verify_arc_status_name(enum arc_status s);

#endif
