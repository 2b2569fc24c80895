/* text/preview.h - the first words of a text. Private to text/. */
#ifndef TEXT_PREVIEW_H
#define TEXT_PREVIEW_H

#include "base/arena.h"

/* How much of a body is looked at. */
#define PREVIEW_SOURCE_MAX ((size_t)8 * 1024)

/* At most `chars` characters on one line: quoted lines, the line that leads
 * them in, signatures and rules are left out, unless nothing else is there. */
struct str text_preview(struct arena *a, struct str plain, size_t chars);

#endif
