/*
 * jmap/patch.h - a PatchObject put on an object (RFC 8620, 5.3).
 *
 * Each key is the path of a member ("emails/e1/address": a JSON Pointer
 * without the slash in front), its value the new one; null takes the member
 * away.
 */
#ifndef JMAP_PATCH_H
#define JMAP_PATCH_H

#include "base/arena.h"
#include "wire/json/read.h"
#include "wire/json/write.h"

#define JMAP_PATCH_STEPS_MAX 16
#define JMAP_PATCH_MAX       1000 /* paths */

/* Write `old` with the patch as one value of `w`; what is wrong with the patch
 * stands in *why_out (static words) and *path_out, and nothing is written:
 * a path into a list or to where nothing is, two of which one leads into the
 * other. */
bool jmap_patch_write(struct json_writer *w, struct arena *a, struct json old,
                      struct json patch, const char **why_out,
                      struct str *path_out) ATTR_MUST_USE;

#endif
