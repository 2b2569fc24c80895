/*
 * wire/mime/entity.h - write the entity of a text, or take over one that was
 * given (RFC 2045, 2.4): Content-* fields, an empty line and the body.
 *
 * Lines end in CRLF, the last one too.  What is written after "MIME-Version:
 * 1.0" in a message's header, or behind a boundary, is whole.
 */
#ifndef WIRE_MIME_ENTITY_H
#define WIRE_MIME_ENTITY_H

#include "base/buf.h"

/* True when a text cannot go as 7bit: bytes that are not ASCII, controls,
 * lines longer than 900. */
bool mime_needs_encoding(struct str s);

/* CRLF at every line and at the end, whatever line ends there were. */
void mime_add_lines(struct buf *out, struct str s);

/* text/plain in UTF-8: as it is where that goes, else quoted-printable, or
 * base64 when that is asked for. */
void mime_text_write(struct buf *out, struct str text, bool base64);

/* Fields that are not Content-* are left out: nothing else of a given entity
 * may come into a message's header. */
void mime_entity_write(struct buf *out, struct str entity);

#endif
