/*
 * jmap/blob.h - blobs: messages, their parts, and what was uploaded.
 *
 * An id says where the bytes are: "G12" is the message of Email E12, "G12-3"
 * its part 3 decoded, "F2x..." a script (jmap/sieve.h), "K3x..." a
 * picture of a card (jmap/contact.h), "U..." an upload; "-N" can follow again when a part is
 * a message itself.  So nothing is kept beside the mail.
 */
#ifndef JMAP_BLOB_H
#define JMAP_BLOB_H

#include "base/arena.h"
#include "base/buf.h"
#include "jmap/private.h"
#include "store/fetch.h"
#include "wire/mime/part.h"

#define JMAP_BLOB_STEPS_MAX 8
/* A decoded part that is held in memory. */
#define JMAP_BLOB_PART_MAX ((size_t)128 * 1024 * 1024)

struct jmap_blob {
	/* What there is: `prefix` is of a stored message alone. */
	struct str prefix, bytes;
	struct str type; /* of a part: "image/png"; else empty */
	/* private */
	struct body *body;
	struct upload *upload;
	struct buf decoded;
	struct arena arena;
};

/* ERR_NOT_FOUND also for what is no id of a blob. */
int jmap_blob_open(struct jmap_blob *out, struct store *s,
                   struct store_account a, struct str id, struct err *err)
	ATTR_MUST_USE;
void jmap_blob_close(struct jmap_blob *b);

/* ---- RFC 9404: blob_get.c, blob_upload.c ---- */

#define JMAP_BLOB_SOURCES_MAX 64

extern const char *const jmap_blob_types[];   /* of Blob/lookup */
extern const char *const jmap_blob_digests[]; /* "sha", "sha-256", ... */

/* The bytes of a part, transfer encoding undone. */
void jmap_part_decode(struct buf *out, struct str message,
                      const struct mime_part *p);
uint64_t jmap_part_size(struct str message, const struct mime_part *p);

#endif
