/*
 * wire/smtp/reply.h - write replies: "250-2.1.0 text".
 *
 * A reply of several lines repeats the code on each (RFC 5321, 4.2.1) and
 * the enhanced status too (RFC 2034, 4).  What could end a line or damage a
 * terminal is written as "?": no text of a peer can make a reply of its own.
 */
#ifndef WIRE_SMTP_REPLY_H
#define WIRE_SMTP_REPLY_H

#include "base/buf.h"

/* RFC 5321, 4.5.3.1.5: a line with its CRLF; longer text is cut. */
#define SMTP_REPLY_LINE_MAX 512

/* `status` is "2.1.0", or "" for none; each line of `text`, cut at LF, is a
 * line of the reply; empty text gives one line. */
void smtp_reply_write(struct buf *out, unsigned code, const char *status,
                      struct str text);

/* One line, and whether more follow; for EHLO. */
void smtp_reply_line(struct buf *out, unsigned code, const char *status,
                     bool more, struct str text);

#endif
