/*
 * intake/answered.h - which messages' senders have had their answer.
 *
 * A peer that lost our 250 sends the same once more, and it must not be
 * stored twice; a peer that had it and sends the same once more means it.
 * Only the second kind is kept here, in memory, for one to two hours: how
 * often each was answered.  That number becomes part of the key by which the
 * store knows a message.
 */
#ifndef INTAKE_ANSWERED_H
#define INTAKE_ANSWERED_H

#include <stdint.h>

#include "base/str.h"

struct answered;

struct answered *answered_new(void);
void answered_free(struct answered **t);

/* How often this message was sent and answered lately. */
uint32_t answered_count(struct answered *t, const unsigned char key[32],
                        int64_t now_us);
void answered_add(struct answered *t, const unsigned char key[32],
                  int64_t now_us);

#endif
