/*
 * wire/json/read.h - read JSON text into values (RFC 8259, RFC 7493).
 *
 * What comes in must be I-JSON: UTF-8, no name twice in an object, numbers
 * within what a double holds exactly; and within limits of size and depth.
 * Values are borrowed from the document and live as long as it.
 *
 *	struct json_doc *doc;
 *	struct json v;
 *
 *	if (json_parse(&doc, text, &limits, err) < 0) ...
 *	if (json_get(json_root(doc), "using", &v) && json_kind(v) == JSON_IS_ARRAY)
 *		...
 *	json_free(&doc);
 */
#ifndef WIRE_JSON_READ_H
#define WIRE_JSON_READ_H

#include "base/err.h"
#include "base/str.h"

struct json_doc;

struct json {
	const void *v; /* private; NULL is no value */
};

enum json_kind {
	JSON_IS_NONE, /* no value at all */
	JSON_IS_NULL,
	JSON_IS_BOOL,
	JSON_IS_NUMBER,
	JSON_IS_STRING,
	JSON_IS_ARRAY,
	JSON_IS_OBJECT,
};

struct json_limits {
	size_t bytes_max;
	unsigned depth_max;
	size_t values_max; /* commas and colons: a bound on memory */
};

/* 10 MB, 64 deep, 500,000 values. */
extern const struct json_limits json_limits_default;

/* ERR_TOO_BIG over a limit, ERR_INVALID with "line N, column N: words" for
 * all else.  `limits` may be NULL. */
int json_parse(struct json_doc **out, struct str text,
               const struct json_limits *limits, struct err *err) ATTR_MUST_USE;
void json_free(struct json_doc **doc);
struct json json_root(const struct json_doc *doc);

enum json_kind json_kind(struct json v);

/* Of another kind: false, 0, the empty view. */
bool json_as_bool(struct json v);
struct str json_as_str(struct json v);
double json_as_double(struct json v);

/* A whole number from -(2^53-1) to 2^53-1 (RFC 8620, 1.3); false otherwise. */
bool json_as_i64(struct json v, int64_t *out) ATTR_MUST_USE;
/* The same, not negative. */
bool json_as_u64(struct json v, uint64_t *out) ATTR_MUST_USE;

/* Arrays: elements from 0; objects: number of members. */
size_t json_count(struct json v);
struct json json_at(struct json array, size_t i);

/* A member; false when there is none, or it is no object. */
bool json_get(struct json object, const char *name, struct json *out);
bool json_get_str(struct json object, struct str name, struct json *out);

/* All members, in the order of the text.  Start with .at = NULL. */
struct json_members {
	struct json object;
	const void *at; /* private */
	bool begun;     /* private */
};

bool json_member_next(struct json_members *m, struct str *name,
                      struct json *value);

#endif
