/*
 * wire/dkim/tags.h - "a=b; c=d" lists of DKIM, DMARC and ARC (RFC 6376, 3.2).
 *
 * White space and folds around names and values are passed over; those inside
 * a value stay.  A name that stands twice makes the list bad.
 *
 *	struct dkim_tags t;
 *	struct str v;
 *
 *	if (!dkim_tags_parse(&t, text))
 *		...
 *	if (dkim_tags_get(&t, "bh", &v))
 *		...
 */
#ifndef WIRE_DKIM_TAGS_H
#define WIRE_DKIM_TAGS_H

#include "base/buf.h"
#include "base/str.h"

#define DKIM_TAGS_MAX 32

struct dkim_tag {
	struct str name, value;
};

struct dkim_tags {
	struct dkim_tag tag[DKIM_TAGS_MAX];
	size_t n;
};

/* False for a syntax error, a name twice, or more than DKIM_TAGS_MAX. */
bool dkim_tags_parse(struct dkim_tags *out, struct str text) ATTR_MUST_USE;

/* Names are compared as they stand: DKIM's are lower case. */
bool dkim_tags_get(const struct dkim_tags *t, const char *name,
                   struct str *out);

/* Base64 of a tag with white space anywhere in it; bytes are added to `out`.
 * False for anything else. */
bool dkim_base64(struct str value, struct buf *out) ATTR_MUST_USE;

#endif
