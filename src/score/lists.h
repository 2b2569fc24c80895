/*
 * score/lists.h - private to score/: lists in DNS (RFC 5782, 2.1 to 2.4).
 *
 * A list of addresses is asked for the client's address backwards below the
 * zone, one of domains for the domains that links lead to; an A record in
 * 127.0.0.0/8 says that it is listed, but 127.255.255.0/24, by which lists
 * refuse to answer, says nothing.  Settings are "zone=points", as
 * "zen.example=3".
 */
#ifndef SCORE_LISTS_H
#define SCORE_LISTS_H

#include "base/arena.h"
#include "score/score.h"

struct score_look;

/* Whether the name has such a record: given by who asks DNS. */
typedef bool (*lists_ask_fn)(void *arg, struct str name);

#define LISTS_LINKS_MAX 10 /* domains of links that are asked for */

void lists_clients(struct arena *a, const struct str *zones, size_t n,
                   struct str ip, lists_ask_fn ask, void *arg,
                   struct score *out);
void lists_links(struct arena *a, const struct str *zones, size_t n,
                 const struct score_look *l, lists_ask_fn ask, void *arg,
                 struct score *out);

/* Does an A record of 4 bytes say that it is listed? */
bool lists_says_yes(struct str rdata);

#endif
