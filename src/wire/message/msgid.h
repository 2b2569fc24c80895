/*
 * wire/message/msgid.h - Message-ID, In-Reply-To, References.
 *
 * Ids are given without their angle brackets and without the blanks that
 * folding put into them.  Damage is common: ids without brackets, phrases
 * and addresses between them (RFC 5322, 4.5.4), missing '@'.  What stands
 * in brackets is an id; without any brackets at all, each word with an '@'.
 */
#ifndef WIRE_MESSAGE_MSGID_H
#define WIRE_MESSAGE_MSGID_H

#include "base/arena.h"

/* Longer ids are passed over: no program can have made one (RFC 5322,
 * 2.1.1). */
#define MSGID_MAX 998

struct msgid_list {
	struct str *v;
	size_t n;
	bool cut; /* there were more: see msgid_list_parse() */
};

/* Views lie in `raw` or in the arena.  Of more than `max` ids the first and
 * the last max - 1 are kept: the root of a thread and its newest. */
void msgid_list_parse(struct arena *a, struct str raw, size_t max,
                      struct msgid_list *out);

/* The first id, or the empty view. */
struct str msgid_parse(struct arena *a, struct str raw);

#endif
