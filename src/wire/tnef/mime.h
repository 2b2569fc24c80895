/*
 * wire/tnef/mime.h - a winmail.dat as MIME.
 *
 * What is in the stream is written as an entity of MIME: multipart/mixed with
 * the text, the HTML (or what the RTF says), and the attachments, binary as
 * they are; a message within is a message/rfc822.  All that can read MIME can
 * read it then.  The same bytes always give the same entity, so a part of it
 * can be named by its number.
 *
 *	buf_init(&b, TNEF_MIME_MAX);
 *	if (tnef_write_mime(&b, bytes)) ...
 */
#ifndef WIRE_TNEF_MIME_H
#define WIRE_TNEF_MIME_H

#include "base/buf.h"
#include "base/str.h"

#define TNEF_MIME_MAX ((size_t)96 * 1024 * 1024)
/* Messages within messages. */
#define TNEF_MESSAGES_DEEP 5

/* False when it is no such stream, or over the limits of the buffer. */
bool tnef_write_mime(struct buf *out, struct str bytes) ATTR_MUST_USE;

#endif
