/*
 * jmap/winmail.h - winmail.dat shown as what is in it (R37).
 *
 * A part of type application/ms-tnef is read into an entity of MIME
 * (wire/tnef/mime.h).  Of an Email that has one, the lists textBody, htmlBody
 * and attachments name the parts of that entity in its place, and in
 * bodyStructure it has them as subParts.  Their ids are those of the part with
 * a number behind it: "3-2" is the second part of what part 3 holds, and
 * "G12-3-2" its bytes.  The message itself stays as it is: "G12" and "G12-3"
 * are what came.
 */
#ifndef JMAP_WINMAIL_H
#define JMAP_WINMAIL_H

#include "jmap/email.h"

/* The entity of such a stream, which `out` holds; false when it is none, or
 * too large. */
bool jmap_winmail_read(struct buf *out, struct str bytes) ATTR_MUST_USE;

/* All of the Email are read when they were not. */
void jmap_winmail_load(struct jmap_email *m);
/* What was read of this part, or NULL. */
const struct jmap_inner *jmap_winmail_at(struct jmap_email *m,
                                         const struct mime_part *p);
/* In which the part is, or NULL: in the message itself. */
const struct jmap_inner *jmap_winmail_of(struct jmap_email *m,
                                         const struct mime_part *p);
/* Put what was read into the lists. */
void jmap_winmail_sort(struct jmap_email *m, struct jmap_parts *parts);

#endif
