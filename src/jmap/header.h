/*
 * jmap/header.h - "header:Name:asForm:all", and header fields in its forms.
 *
 * RFC 8621, 4.1.2 and 4.1.3.  A form that a field of RFC 5322 or RFC 2369
 * cannot have is refused; other fields may be read in any form.
 *
 *	struct jmap_header h;
 *
 *	if (jmap_header_parse(STR("header:To:asAddresses"), &h))
 *		jmap_header_write(&w, &arena, &h, blocks, n);
 */
#ifndef JMAP_HEADER_H
#define JMAP_HEADER_H

#include "base/arena.h"
#include "wire/json/write.h"
#include "wire/message/address.h"

enum jmap_form {
	JMAP_RAW,
	JMAP_TEXT,
	JMAP_ADDRESSES,
	JMAP_GROUPED,
	JMAP_MESSAGE_IDS,
	JMAP_DATE,
	JMAP_URLS,
};

struct jmap_header {
	struct str name; /* of the field */
	enum jmap_form form;
	bool all; /* all instances, else the last */
};

/* False when it is no such property, or the form is not for this field. */
bool jmap_header_parse(struct str property, struct jmap_header *out)
	ATTR_MUST_USE;

/* The value: null without such a field ([] with `all`).  The fields are looked
 * for in all blocks, which are whole headers or parts of one. */
void jmap_header_write(struct json_writer *w, struct arena *a,
                       const struct jmap_header *h, const struct str *blocks,
                       size_t n);

/* All fields as a list of names and raw values. */
void jmap_header_write_all(struct json_writer *w, struct arena *a,
                           const struct str *blocks, size_t n);

/* A date with its zone, as RFC 3339 wants it. */
void jmap_write_date(struct json_writer *w, int64_t us, int zone);
/* In UTC, as JMAP's UTCDate. */
void jmap_write_utc(struct json_writer *w, int64_t s);
/* "2014-10-30T06:12:00Z", or with an offset; a fraction is passed over. */
bool jmap_date_parse(struct str s, int64_t *us_out, int *zone_out)
	ATTR_MUST_USE;

#endif
