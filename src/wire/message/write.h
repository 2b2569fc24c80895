/*
 * wire/message/write.h - write header fields.
 *
 * Lines are folded at blanks to 78 characters where that is possible (RFC
 * 5322, 2.1.1), and end in CRLF.  CR, LF and NUL in what is given become a
 * blank, so that no value can begin a field of its own.
 *
 *	header_write(&out, STR("Subject"), subject);
 *	header_write_addresses(&out, STR("To"), &to);
 *
 * Non-ASCII text goes through word_encode() (wire/mime/word.h) first, unless
 * the message may be SMTPUTF8.
 */
#ifndef WIRE_MESSAGE_WRITE_H
#define WIRE_MESSAGE_WRITE_H

#include "base/buf.h"
#include "wire/message/address.h"

/* "Name: value CRLF". */
void header_write(struct buf *out, struct str name, struct str value);

/* "Name: a, b, c CRLF", folded between addresses. */
void header_write_addresses(struct buf *out, struct str name,
                            const struct address_list *list);

#endif
