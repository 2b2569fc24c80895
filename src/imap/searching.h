/*
 * imap/searching.h - a program of SEARCH as a query of the store.  Private to
 * imap/.
 */
#ifndef IMAP_SEARCHING_H
#define IMAP_SEARCHING_H

#include "imap/session.h"
#include "store/query.h"
#include "wire/imap/search.h"

/* Sets become UIDs of the view, texts UTF-8, days seconds.  False when it
 * cannot be (and answered).  All in the arena. */
bool search_translate(struct imap_session *s, struct arena *a,
                      const struct imap_search_program *prog,
                      struct query **out);

#endif
