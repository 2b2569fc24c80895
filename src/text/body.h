/*
 * text/body.h - the text of a part, in pieces.
 *
 * Transfer encoding, charset and HTML undone one after the other over slices
 * of the body, so that a part of any size takes little memory.  Private to
 * text/.
 */
#ifndef TEXT_BODY_H
#define TEXT_BODY_H

#include "base/buf.h"
#include "wire/mime/part.h"

/* Buffers that serve one part after the other. */
struct text_body {
	struct buf bytes, utf8, plain;
};

void text_body_init(struct text_body *b);
void text_body_deinit(struct text_body *b);

/* Give the text of `p` to `take` piece by piece, until it says false. */
void text_body_read(struct text_body *b, struct str message,
                    const struct mime_part *p, bool html_to_text,
                    bool (*take)(void *arg, struct str utf8), void *arg);

#endif
