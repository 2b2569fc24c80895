/*
 * wire/imap/utf7.h - mailbox names in modified UTF-7 (RFC 3501, 5.1.3).
 *
 * Clients that have not enabled UTF-8 see and send names as this.  A name has
 * one spelling: what decodes must encode to the same bytes again, or two names
 * would be one mailbox.
 */
#ifndef WIRE_IMAP_UTF7_H
#define WIRE_IMAP_UTF7_H

#include "base/buf.h"

void imap_utf7_encode(struct buf *b, struct str utf8);
/* False (and *b as it was) for what is not modified UTF-7 in its one form. */
bool imap_utf7_decode(struct buf *b, struct str utf7) ATTR_MUST_USE;

#endif
