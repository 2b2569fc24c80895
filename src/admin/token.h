/* admin/token.h - what a token of the HTTP API looks like. */
#ifndef ADMIN_TOKEN_H
#define ADMIN_TOKEN_H

#include "base/str.h"
#include "crypto/hash.h"

/* So that one that leaks is recognised; then hexadecimal digits. */
#define ADMIN_TOKEN_BEGINS "posthus_"
#define ADMIN_TOKEN_BYTES  24

/* What the directory keeps: the first DIRECTORY_TOKEN_DIGEST bytes. */
void admin_token_digest(struct str token, unsigned char out[HASH_MAX]);

#endif
