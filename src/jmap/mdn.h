/*
 * jmap/mdn.h - receipts: message disposition notifications (RFC 9007).
 *
 * A receipt is sent with the null sender (R42), by intake under the same
 * policy as all that is sent, in the name of an identity and to whom the
 * message asks for it.  Parsing reads what others sent (RFC 8098).
 */
#ifndef JMAP_MDN_H
#define JMAP_MDN_H

#include "jmap/email.h"

/* The fields of a message/disposition-notification. */
struct jmap_mdn_fields {
	struct str reporting_ua, gateway, original_recipient, final_recipient;
	struct str original_message_id, disposition;
	struct str errors[10];
	size_t errors_n;
	struct str extension_names[20], extension_values[20];
	size_t extensions_n;
};

void jmap_mdn_read(struct arena *a, struct str fields,
                   struct jmap_mdn_fields *out);

/* One of the words that a disposition may have, in its form for JMAP; NULL
 * when it is none.  `part` is 0: action, 1: sending, 2: type. */
const char *jmap_mdn_word(unsigned part, struct str word);

#endif
