/* wire/tnef/private.h - between the files of wire/tnef/. */
#ifndef WIRE_TNEF_PRIVATE_H
#define WIRE_TNEF_PRIVATE_H

#include "wire/tnef/tnef.h"

/* Little-endian numbers and pieces, from the front; short once there is not
 * enough, and zero or empty from then on. */
struct tnef_cursor {
	struct str rest;
	bool is_short;
};

uint32_t tnef_number(struct tnef_cursor *c, size_t bytes);
struct str tnef_take(struct tnef_cursor *c, size_t n);

/* UTF-16, little-endian, to its end or a NUL, as UTF-8; what is no pair is
 * U+FFFD. */
struct str tnef_wide(struct arena *a, struct str utf16);
/* To its NUL. */
struct str tnef_narrow(struct str s);

/* What a list of properties says. */
struct tnef_properties {
	uint32_t internet_codepage; /* of html; 0: not given */
	uint32_t codepage;          /* of narrow strings; 0: not given */
	struct tnef_text subject, text, html;
	struct str rtf;
	/* Of an attachment. */
	struct tnef_text long_name, short_name, display_name;
	struct str mime, cid, data;
	uint32_t method;
	bool is_object; /* data has an interface's id before it */
};

/* `codepage` is that of narrow strings until the list says another. */
void tnef_properties_read(struct arena *a, struct str bytes, uint32_t codepage,
                          struct tnef_properties *out);

#endif
