/*
 * keys/dkim.h - the questions about DKIM, in the keys process; private.
 *
 * Keys are read from their files when they are first asked for, and kept.
 */
#ifndef KEYS_DKIM_H
#define KEYS_DKIM_H

#include "base/buf.h"
#include "base/err.h"
#include "keys/proto.h"

struct keys_dkim_server;

struct keys_dkim_server *keys_dkim_server_new(const char *keys_dir,
                                              const char *public_dir);
void keys_dkim_server_free(struct keys_dkim_server **s);

/* From any thread. */
int keys_dkim_answer(struct keys_dkim_server *s, enum keys_op op,
                     struct str body, struct buf *out, struct err *err)
	ATTR_MUST_USE;

#endif
