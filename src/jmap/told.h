/*
 * jmap/told.h - what a subscription was told, and the next thing to tell it
 * (RFC 8620, 7.1 and 7.2).
 *
 * Pure but for memory: types and states as text, and the JSON that goes to
 * the push service.
 */
#ifndef JMAP_TOLD_H
#define JMAP_TOLD_H

#include "jmap/push.h"

/* Names with a comma between them as bits; what we do not know is no bit. */
unsigned jmap_told_types(struct str list);

/* States as jmap_push_id() writes them.  Types that the text does not have,
 * as it was written before there were any, are as they are now.  False: it is
 * no such text. */
bool jmap_told_read(struct str text,
                    const struct change_state now[CHANGE_TYPES],
                    struct change_state out[CHANGE_TYPES]);

/* A PushVerification. */
void jmap_told_code(struct buf *out, struct store_id id, const char *code);

/* A StateChange with every type asked for, changed or not: a service keeps
 * the last message alone for a device that is away. */
void jmap_told_change(struct buf *out, int64_t account, unsigned types,
                      const struct change_state now[CHANGE_TYPES]);

#endif
