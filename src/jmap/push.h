/*
 * jmap/push.h - what is told when an account changes (RFC 8620, 7.1), by event
 * stream or WebSocket.
 */
#ifndef JMAP_PUSH_H
#define JMAP_PUSH_H

#include "jmap/call.h"

#define JMAP_PUSH_ID_MAX (12 + 21 * CHANGE_TYPES)

extern const char *const jmap_type_names[CHANGE_TYPES];

/* All states together in one word: an event's id, a pushState. */
void jmap_push_id(const struct change_state now[CHANGE_TYPES],
                  char out[JMAP_PUSH_ID_MAX]);

/* Is one of these types (a bit each) in another state? */
bool jmap_push_differs(unsigned types,
                       const struct change_state told[CHANGE_TYPES],
                       const struct change_state now[CHANGE_TYPES]);

/* The members of a StateChange, into an object that is open. */
void jmap_write_changed(struct json_writer *w, const struct jmap_user *u,
                        unsigned types,
                        const struct change_state told[CHANGE_TYPES],
                        const struct change_state now[CHANGE_TYPES]);

#endif
