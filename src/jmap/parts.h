/*
 * jmap/parts.h - which parts of a message are read, which are attached.
 *
 * The lists textBody, htmlBody and attachments by the rules of RFC 8621,
 * 4.1.4.  A part is named by its place in the tree (mime_part_next()), from 1
 * on; a message within the message is one part.
 */
#ifndef JMAP_PARTS_H
#define JMAP_PARTS_H

#include "base/arena.h"
#include "wire/mime/part.h"

struct jmap_part_list {
	const struct mime_part **v;
	size_t n, cap;
};

struct jmap_parts {
	struct jmap_part_list text, html, attached;
};

void jmap_parts_sort(struct arena *a, const struct mime_part *root,
                     struct jmap_parts *out);

uint32_t jmap_part_no(const struct mime_part *root,
                      const struct mime_part *part);
/* NULL when there is none. */
const struct mime_part *jmap_part_find(const struct mime_part *root,
                                       uint64_t no);

/* "text/plain", in lower case. */
struct str jmap_part_type(struct arena *a, const struct mime_part *p);
/* Has subParts: a message within is none. */
bool jmap_part_has_sub(const struct mime_part *p);

#endif
