/*
 * trail/words.h - an event as a sentence.
 *
 *	"accepted from mx.example.net [192.0.2.1] over TLS 1.3, 4 KB"
 *	"mx.example.com said '450 4.7.1 greylisted' for bo@example.com; next
 *	try at 10:07"
 *
 * Times are UTC, of another day with the day.  Control characters that a peer
 * sent become "?".
 */
#ifndef TRAIL_WORDS_H
#define TRAIL_WORDS_H

#include "base/buf.h"
#include "trail/event.h"

void trail_sentence(struct buf *out, const struct trail_event *e);

#endif
