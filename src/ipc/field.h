/*
 * ipc/field.h - the fields of an ipc body: numbers and strings, in order.
 *
 * Numbers are little-endian of fixed width, strings are a 32-bit length and
 * their bytes.  The reader checks every length against what is there; its
 * failure sticks, so that a whole body is read and then checked once.
 *
 *	ipc_put_u32(&b, 7);               struct ipc_fields f = { body, false };
 *	ipc_put_str(&b, user);            n = ipc_get_u32(&f);
 *	                                  user = ipc_get_str(&f, 320);
 *	                                  if (!ipc_fields_done(&f))
 *	                                          return bad;
 */
#ifndef IPC_FIELD_H
#define IPC_FIELD_H

#include "base/buf.h"
#include "base/str.h"

void ipc_put_u8(struct buf *b, uint8_t v);
void ipc_put_u32(struct buf *b, uint32_t v);
void ipc_put_u64(struct buf *b, uint64_t v);
void ipc_put_i64(struct buf *b, int64_t v);
void ipc_put_str(struct buf *b, struct str s); /* at most 4 GiB */

struct ipc_fields {
	struct str rest; /* what is still to be read */
	bool bad;        /* something did not fit; all reads give zero now */
};

uint8_t ipc_get_u8(struct ipc_fields *f);
uint32_t ipc_get_u32(struct ipc_fields *f);
uint64_t ipc_get_u64(struct ipc_fields *f);
int64_t ipc_get_i64(struct ipc_fields *f);
/* A view into the body; longer than `max` is bad. */
struct str ipc_get_str(struct ipc_fields *f, size_t max);
/* The bytes with a NUL into out[size]; longer, or with a NUL inside, is bad
 * (out is "" then). */
void ipc_get_z(struct ipc_fields *f, char *out, size_t size);

/* All was read, and well. */
bool ipc_fields_done(const struct ipc_fields *f);

#endif
