/*
 * wire/imap/structure.h - ENVELOPE, BODY and BODYSTRUCTURE, written.
 *
 * RFC 9051, 7.5.2.  What wire/mime found goes out as it stands: RFC 2047 words
 * stay words.  Depth and size are bounded by the limits of wire/mime.
 */
#ifndef WIRE_IMAP_STRUCTURE_H
#define WIRE_IMAP_STRUCTURE_H

#include "base/buf.h"
#include "wire/mime/structure.h"

/* `utf8`: the client enabled it (wire/imap/write.h). */
void imap_write_envelope(struct buf *b, const struct mime_envelope *e,
                         bool utf8);

/* With `extended` BODYSTRUCTURE, without BODY. */
void imap_write_body(struct buf *b, const struct mime_part *p, bool extended,
                     bool utf8);

#endif
