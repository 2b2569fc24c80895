/*
 * directory/token.h - tokens by which programs use the HTTP API.
 *
 * A token is random, so its SHA-256 is all that is kept.  It acts as the
 * account that made it, within `scopes` (bits whose meaning is admin/'s), and
 * ends by itself when `expires_us` is not 0.
 */
#ifndef DIRECTORY_TOKEN_H
#define DIRECTORY_TOKEN_H

#include "directory/directory.h"

#define DIRECTORY_TOKEN_DIGEST 32
#define DIRECTORY_TOKEN_NAME   100 /* bytes of a name */
#define DIRECTORY_TOKENS_MAX   100 /* of an account */

struct directory_token {
	int64_t id, account;
	struct str address; /* of the account */
	struct str name;
	uint64_t scopes;
	int64_t created_us, expires_us, used_us; /* 0: never */
};

/* ERR_TOO_BIG: the account has DIRECTORY_TOKENS_MAX already. */
int directory_token_add(struct directory *dir, const struct directory_token *t,
                        const unsigned char digest[DIRECTORY_TOKEN_DIGEST],
                        int64_t *id_out, struct err *err) ATTR_MUST_USE;
/* Of `account` (0: of whomever); ERR_NOT_FOUND. */
int directory_token_remove(struct directory *dir, int64_t account, int64_t id,
                           struct err *err) ATTR_MUST_USE;
/* Noted at most once a minute.  ERR_NOT_FOUND: unknown, or over. */
int directory_token_use(struct directory *dir,
                        const unsigned char digest[DIRECTORY_TOKEN_DIGEST],
                        int64_t now_us, struct arena *a,
                        struct directory_token *out, struct err *err)
	ATTR_MUST_USE;
/* Those of an account (0: of all), in the order they were made. */
int directory_token_each(struct directory *dir, int64_t account,
                         bool (*each)(void *arg,
                                      const struct directory_token *t),
                         void *arg, struct err *err) ATTR_MUST_USE;

#endif
