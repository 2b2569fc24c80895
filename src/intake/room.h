/*
 * intake/room.h - room for what someone who logged in sends (R26-R29).
 *
 * Mail programs, the webmail and scripts send through the same windows, so
 * what asks the gate is here and not in a server.  Room is reserved at each
 * recipient, goes up by what the end of the data shows (bulk, spam), counts
 * from the moment the message is accepted, and is given back otherwise.
 *
 *	struct intake_room room = INTAKE_ROOM_INIT;
 *
 *	intake_room_ask(in, &room, &who, facts, err)     at each RCPT
 *	...
 *	m.room = &room; intake_accept(in, &m, &answer)   counts it
 *	intake_room_free(&room)                      always, at the end
 */
#ifndef INTAKE_ROOM_H
#define INTAKE_ROOM_H

#include <stdint.h>

#include "base/err.h"
#include "policy/admit.h"

struct intake;

struct intake_room {
	struct intake *in; /* private */
	uint64_t token;    /* 0: nothing is reserved */
	int64_t account_id, domain_id;
	bool scripts; /* not counted in R26 (R30) */
	bool foreign; /* but 20 a day of this Unix user */
	uint32_t uid;
};

#define INTAKE_ROOM_INIT                       \
	{                                      \
		NULL, 0, 0, 0, false, false, 0 \
	}

/* Room for one recipient more; what is full is noted in the facts.  When
 * nothing is, it is reserved.  -1: the gate cannot be asked. */
int intake_room_ask(struct intake *in, struct intake_room *room,
                    struct policy_facts *f, struct err *err) ATTR_MUST_USE;
void intake_room_free(struct intake_room *room);

#endif
