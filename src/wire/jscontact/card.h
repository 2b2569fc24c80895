/*
 * wire/jscontact/card.h - is a JSON object a JSContact Card (RFC 9553)?
 *
 * What RFC 9553 defines must have its type, and what it makes mandatory must
 * be there; names that it does not define are left alone, for later versions
 * and vendors may (1.8.1).  So a card that passes can be read without looking
 * at types again.
 *
 *	struct jscontact_problem p;
 *
 *	if (!jscontact_check(card, &p))
 *		refuse(p.path, p.why);
 */
#ifndef WIRE_JSCONTACT_CARD_H
#define WIRE_JSCONTACT_CARD_H

#include "wire/json/read.h"

/* Deeper is refused, whatever it is. */
#define JSCONTACT_DEPTH_MAX 16
/* RFC 9553, 1.4.1: an Id has 1 to 255 characters. */
#define JSCONTACT_ID_MAX  255
#define JSCONTACT_UID_MAX 500

struct jscontact_problem {
	char path[300];  /* "emails/e1/address" */
	const char *why; /* static words */
};

/* `card` has all its members, "@type", "version" and "uid" too. */
bool jscontact_check(struct json card, struct jscontact_problem *out)
	ATTR_MUST_USE;

/* "2024-02-29T10:00:00Z": a UTCDateTime (RFC 9553, 1.4.6); a fraction of a
 * second is allowed and not kept. */
bool jscontact_time_parse(struct str s, int64_t *seconds_out) ATTR_MUST_USE;

/* 1 to 255 of A-Z a-z 0-9 - _ (RFC 9553, 1.4.1). */
bool jscontact_is_id(struct str s);

#endif
