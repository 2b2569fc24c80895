/*
 * wire/json/write.h - JSON written as it arises (RFC 8259).
 *
 * The writer adds text to a buffer and keeps only where commas belong, so
 * that an answer of any length needs no tree: the caller empties the buffer
 * whenever it likes, also in the middle of a value.
 *
 *	struct json_writer w = json_writer(&out);
 *
 *	json_object(&w);
 *	json_key(&w, STR("address"));
 *	json_str(&w, address);
 *	json_member_u64(&w, "count", 3);
 *	json_end(&w);
 *
 * Strings are UTF-8; bytes that are none become U+FFFD, so that what comes
 * out is always valid.  Every call that would not be JSON (a value without a
 * key in an object, an end too many, nesting over JSON_WRITE_DEPTH) is a
 * mistake of the program and asserted.
 */
#ifndef WIRE_JSON_WRITE_H
#define WIRE_JSON_WRITE_H

#include "base/buf.h"
#include "base/str.h"

/* The parts of a message nest up to 50 deep, two levels each. */
#define JSON_WRITE_DEPTH 160

struct json_writer {
	struct buf *out;
	/* private: of each level */
	bool is_object[JSON_WRITE_DEPTH], has_item[JSON_WRITE_DEPTH];
	unsigned depth; /* private */
	bool key;       /* private: a key waits for its value */
	bool any;       /* private: something was written */
	bool pretty;    /* indent by two blanks; set it before the first */
};

struct json_writer json_writer(struct buf *out);

/* Begin an object or an array, as a value of what is open. */
void json_object(struct json_writer *w);
void json_array(struct json_writer *w);
void json_end(struct json_writer *w); /* what was begun last */

void json_key(struct json_writer *w, struct str key);

void json_str(struct json_writer *w, struct str s);
void json_z(struct json_writer *w, const char *z); /* NULL: null */
void json_i64(struct json_writer *w, int64_t v);
void json_u64(struct json_writer *w, uint64_t v);
void json_double(struct json_writer *w, double v); /* null when not finite */
void json_bool(struct json_writer *w, bool v);
void json_null(struct json_writer *w);
/* Text that is JSON already, as it is. */
void json_raw(struct json_writer *w, struct str json);

/* A key and its value. */
void json_member_str(struct json_writer *w, const char *key, struct str s);
void json_member_z(struct json_writer *w, const char *key, const char *z);
void json_member_i64(struct json_writer *w, const char *key, int64_t v);
void json_member_u64(struct json_writer *w, const char *key, uint64_t v);
void json_member_bool(struct json_writer *w, const char *key, bool v);
/* A time as "2026-03-01T12:00:00Z", or null for 0. */
void json_member_time(struct json_writer *w, const char *key, int64_t us);

/* True when all that was begun is ended and a value was written. */
bool json_done(const struct json_writer *w);

#endif
