/*
 * jmap/pointer.h - a value, or a part of one, written out again.
 *
 * Result references (RFC 8620, 3.7) point into an earlier answer with a JSON
 * Pointer (RFC 6901) in which "*" stands for each item of an array; arrays
 * that come out of it are joined into one.
 */
#ifndef JMAP_POINTER_H
#define JMAP_POINTER_H

#include "base/arena.h"
#include "wire/json/copy.h"

#define JMAP_POINTER_STEPS_MAX 32

/* What `path` points at, as one value of `w`; false, and nothing written,
 * when there is no such thing. */
bool jmap_pointer_write(struct json_writer *w, struct arena *a,
                        struct json root, struct str path) ATTR_MUST_USE;

/* One step of a pointer without its "~0" and "~1"; false when it is wrong. */
bool jmap_pointer_unescape(struct arena *a, struct str step, struct str *out)
	ATTR_MUST_USE;

#endif
