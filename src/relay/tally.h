/*
 * relay/tally.h - count how TLS went, for reports (RFC 8460).
 *
 * Each session is one note; the same notes are counted together in memory and
 * written into the book now and then.  A crash loses what came since.
 */
#ifndef RELAY_TALLY_H
#define RELAY_TALLY_H

#include "relay/book.h"

struct relay_tally;

/* The book must outlive it. */
struct relay_tally *relay_tally_new(struct relay_book *book);
void relay_tally_free(struct relay_tally **t); /* writes what is left */

void relay_tally_add(struct relay_tally *t, const struct relay_note *n);
int relay_tally_write(struct relay_tally *t, struct err *err) ATTR_MUST_USE;

#endif
