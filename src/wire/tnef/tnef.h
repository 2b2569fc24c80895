/*
 * wire/tnef/tnef.h - winmail.dat: a message within a message (R37).
 *
 * Some programs pack the rich form of a message and its attachments into one
 * part of type application/ms-tnef.  Such a stream is a signature and
 * attributes; the one that matters most, of the message and of each
 * attachment, is a list of properties (MAPI).  This reads both and gives what
 * a reader of mail needs: subject, the bodies, the attachments.
 *
 *	struct tnef t;
 *
 *	if (tnef_parse(&arena, bytes, &t))
 *		for (size_t i = 0; i < t.attachments_n; i++) ...
 *
 * Views point into `bytes` where nothing had to be decoded, else into the
 * arena.  A stream that is cut or damaged gives what stood before the damage.
 * Checksums are not looked at: programs write wrong ones.  Everything is
 * walked once and forward, so the time is linear; counts have limits.
 */
#ifndef WIRE_TNEF_TNEF_H
#define WIRE_TNEF_TNEF_H

#include "base/arena.h"
#include "base/str.h"

#define TNEF_ATTRIBUTES_MAX  20000
#define TNEF_ATTACHMENTS_MAX 1000
/* Properties of one list, and values of one property. */
#define TNEF_PROPERTIES_MAX 5000
/* A string that is a name. */
#define TNEF_NAME_MAX 1000

/* UTF-8, as a code page. */
#define TNEF_UTF8 65001u

struct tnef_text {
	struct str bytes;
	uint32_t codepage; /* a number of Windows; TNEF_UTF8 when it was wide */
};

struct tnef_attachment {
	struct tnef_text name; /* may be empty */
	struct str mime;       /* "image/png", or empty */
	struct str cid;        /* Content-ID without <>, or empty */
	struct str data;
	bool message; /* data is a TNEF stream: a message */
};

struct tnef {
	struct tnef_text subject;
	struct tnef_text text; /* empty when there is none */
	struct tnef_text html;
	struct str rtf; /* compressed: wire/tnef/rtf.h */
	struct tnef_attachment *attachments;
	size_t attachments_n;
};

/* Whether it begins like one. */
bool tnef_is(struct str bytes);

/* False when it does not. */
bool tnef_parse(struct arena *a, struct str bytes, struct tnef *out)
	ATTR_MUST_USE;

/* The name that MIME knows a code page by: "windows-1252"; NULL when there is
 * none. */
const char *tnef_charset(uint32_t codepage);

#endif
