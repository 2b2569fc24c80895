/*
 * wire/mime/structure.h - what IMAP calls ENVELOPE and BODYSTRUCTURE.
 *
 * Computed once, at delivery, from the whole message; kept by the store in a
 * compact form; rendered by wire/imap and read by jmap.  It has all that
 * FETCH ENVELOPE, BODY, BODYSTRUCTURE and BODY[1.2]<0.1000> need to find
 * their bytes without reading the message.
 *
 *	struct mime_structure st;
 *
 *	mime_structure_make(&arena, message, NULL, &st);
 *	mime_structure_write(&buf, &st);
 *	...
 *	if (mime_structure_parse(&arena, bytes, &st, err) < 0)
 *		...ERR_CORRUPT...
 *
 * Strings are bytes as sent, unfolded: RFC 2047 words stay words, bytes over
 * 127 and of any charset may occur; NUL, CR and LF never do.  p == NULL says
 * that the field is missing (IMAP's NIL), n == 0 with p that it is empty.
 */
#ifndef WIRE_MIME_STRUCTURE_H
#define WIRE_MIME_STRUCTURE_H

#include "base/buf.h"
#include "base/err.h"
#include "wire/message/address.h"
#include "wire/mime/part.h"

struct mime_envelope {
	struct str date; /* as sent */
	struct str subject;
	struct str in_reply_to;
	struct str message_id;
	struct str references; /* not in IMAP's ENVELOPE; for threads, JMAP */
	/* Empty when the field is missing: IMAP then takes From for Sender
	 * and Reply-To (RFC 9051, 7.5.2). */
	struct address_list from, sender, reply_to, to, cc, bcc;
	bool has_sent;     /* the Date could be read */
	int64_t sent_us;   /* the Date in microseconds since 1970 */
	int16_t sent_zone; /* minutes east of UTC, as written there */
};

struct mime_structure {
	uint64_t size; /* of the whole message */
	struct mime_envelope envelope;
	struct mime_part *root;
	bool cut; /* a limit was met; something is left out */
};

struct mime_structure_limits {
	struct mime_limits mime;
	struct address_limits addresses; /* of one field */
	size_t string_max;  /* of one string; the rest is cut off */
	size_t strings_max; /* of all; then strings and addresses are dropped */
};

/* Strings of 16 KiB, 1 MiB in all. */
extern const struct mime_structure_limits mime_structure_limits_default;

/* Never fails.  Lives in the arena, borrows from `message`. */
void mime_structure_make(struct arena *a, struct str message,
                         const struct mime_structure_limits *limits,
                         struct mime_structure *out);

/* The envelope of one header alone. */
void mime_envelope_make(struct arena *a, struct str header,
                        const struct mime_structure_limits *limits,
                        struct mime_envelope *out);

/* The form that is kept: a version, then numbers and strings.  Later versions
 * of the program read all earlier ones. */
void mime_structure_write(struct buf *out, const struct mime_structure *st);

/* Everything is checked: numbers, nesting, ranges inside the message and the
 * parent.  Views lie in `bytes`; the tree in the arena. */
int mime_structure_parse(struct arena *a, struct str bytes,
                         struct mime_structure *out, struct err *err)
	ATTR_MUST_USE;

/* The envelope alone, without the cost of the parts. */
int mime_structure_parse_envelope(struct arena *a, struct str bytes,
                                  struct mime_envelope *out, struct err *err)
	ATTR_MUST_USE;

#endif
