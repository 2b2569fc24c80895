/*
 * wire/mime/param.h - "value; name=value; name=value".
 *
 * The form of Content-Type and Content-Disposition (RFC 2045, 5.1) with the
 * continuations and charsets of RFC 2231.  Pieces "name*0", "name*1*" are
 * joined in the order of their numbers.  A parameter that has a charset is
 * named with a star at its end, and its value is kept in the form of RFC
 * 2231, 4: "utf-8'da'%c3%a6"; this is what IMAP clients want to see.  To get
 * at its bytes use mime_param_bytes(); text_param() in text/ gives UTF-8.
 *
 * Damage is read as well as it can be: missing quotes, blanks in values,
 * commas or nothing between parameters, doubled names (the first counts).
 */
#ifndef WIRE_MIME_PARAM_H
#define WIRE_MIME_PARAM_H

#include "base/arena.h"

struct mime_param {
	struct str name;  /* as sent; "name*" when the value is extended */
	struct str value; /* without quotes and folds */
};

struct mime_params {
	struct mime_param *v;
	size_t n;
};

struct mime_param_limits {
	size_t params_max;   /* after joining; more are left out */
	size_t segments_max; /* pieces of RFC 2231 over all parameters */
	size_t bytes_max;    /* of the raw field that are read */
};

/* 64 parameters, 256 pieces, 64 KiB. */
extern const struct mime_param_limits mime_param_limits_default;

/* Read a field's raw value.  *value_out is what stands before the first
 * semicolon ("text/plain", "attachment"), comments and blanks at its ends
 * gone.  Returns false when a limit was met.  `limits` may be NULL. */
bool mime_params_parse(struct arena *a, struct str raw,
                       const struct mime_param_limits *limits,
                       struct str *value_out, struct mime_params *out);

/* The parameter called `name` (no star, without case), or NULL.  The
 * extended form is preferred over a plain one of the same name. */
const struct mime_param *mime_params_find(const struct mime_params *ps,
                                          struct str name);

/* Its plain value, or the empty view: for boundary, charset and the like. */
struct str mime_params_value(const struct mime_params *ps, struct str name);

/* The bytes of a value, percent signs decoded, and the charset and language
 * it names (both empty for a plain parameter). */
struct str mime_param_bytes(struct arena *a, const struct mime_param *p,
                            struct str *charset_out, struct str *language_out);

#endif
