/*
 * wire/imap/write.h - strings, flags and lists as a server writes them.
 */
#ifndef WIRE_IMAP_WRITE_H
#define WIRE_IMAP_WRITE_H

#include "base/buf.h"
#include "wire/imap/parse.h"

/* A quoted string where the bytes allow it and are few, else a literal; with
 * `utf8` (after ENABLE), bytes over 127 may stand in quotes. */
void imap_write_string(struct buf *b, struct str s, bool utf8);
/* The same, or NIL for a view without bytes at all (p == NULL). */
void imap_write_nstring(struct buf *b, struct str s, bool utf8);
/* As an atom if it is one, else as a string. */
void imap_write_astring(struct buf *b, struct str s);
/* "{n}" CRLF bytes. */
void imap_write_literal(struct buf *b, struct str s);
/* Text for people, in quotes: what may not stand there becomes "?". */
void imap_write_quoted_text(struct buf *b, struct str s);

/* Names without parentheses, a blank between them. */
void imap_write_flags(struct buf *b, uint32_t system,
                      const struct str *keywords, size_t n_keywords);

#endif
