/*
 * jmap/compose.h - a message made from an Email object (RFC 8621, 4.6).
 *
 * Header fields from the convenience properties and "header:..." in any form;
 * the body from bodyStructure, or from textBody, htmlBody and attachments.
 * What comes out is MIME as it may be sent: lines under 998 bytes, ASCII but
 * for what the client gave raw.
 */
#ifndef JMAP_COMPOSE_H
#define JMAP_COMPOSE_H

#include "jmap/object.h"

/* What is written into a field that the client left out. */
struct jmap_compose {
	struct jmap_set *set;
	struct buf *out; /* born with the most that a message may have */
	struct str host; /* of a Message-ID */
	int64_t now_us;
};

/* 0, or -1 and set->error (invalidProperties, blobNotFound, tooLarge).
 * mailboxIds, keywords, receivedAt are passed over. */
int jmap_compose(struct jmap_compose *c, struct json email) ATTR_MUST_USE;

/* ---- between compose.c and compose_body.c ---- */

/* Is it one that writes a field; then it was written, or -1. */
int jmap_compose_field(struct jmap_compose *c, struct str property,
                       struct json v, bool *is_field) ATTR_MUST_USE;
/* From the MIME fields of the top on. */
int jmap_compose_body(struct jmap_compose *c, struct json email) ATTR_MUST_USE;
/* invalidProperties; always -1. */
int jmap_compose_wrong(struct jmap_compose *c, struct str property,
                       const char *why);

#endif
