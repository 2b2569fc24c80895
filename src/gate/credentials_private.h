/* gate/credentials_private.h - between the files of credentials.db. */
#ifndef GATE_CREDENTIALS_PRIVATE_H
#define GATE_CREDENTIALS_PRIVATE_H

#include <pthread.h>

#include "base/map.h"
#include "db/db.h"
#include "gate/credentials.h"
#include "os/lock.h"

/* When and from where something was used last; written with the next
 * upkeep. */
struct touch {
	int64_t id, us;
	enum gate_protocol protocol;
	struct net_addr peer;
};

/* Besides the gate the command line may write: only one process at a time
 * writes or checkpoints (db/group.h says why). */
struct credentials {
	pthread_mutex_t lock;
	struct lock *writers;
	struct db *db;
	struct password_tag_key key; /* of app passwords and pseudo salts */
	struct map apps, sessions;   /* id -> struct touch */
};

/* The lock of this process and of the others, and a transaction. */
int credentials_begin(struct credentials *c, struct err *err) ATTR_MUST_USE;
/* Commit when `rc` is 0, and let go.  rc, or -1. */
int credentials_end(struct credentials *c, int rc, struct err *err)
	ATTR_MUST_USE;

/* Inside of a transaction: the credential is revoked, live sessions end. */
int credentials_revoke(struct credentials *c, int64_t account,
                       enum gate_credential_kind kind, int64_t id,
                       struct err *err) ATTR_MUST_USE;
/* The same for every session of a browser but `keep`. */
int credentials_end_sessions(struct credentials *c, int64_t account,
                             int64_t keep, struct err *err) ATTR_MUST_USE;

/* Inside of a transaction: another password; what logged in with the old one
 * ends, and every session of a browser but `keep_session`.  `k` may be NULL. */
int credentials_replace(struct credentials *c, int64_t account,
                        struct str address, struct str hash,
                        const struct scram_keys *k, int64_t keep_session,
                        struct err *err) ATTR_MUST_USE;

/* A new token of 256 random bits, and the digest that is kept of one. */
void credentials_token(char out[GATE_TOKEN_MAX]);
void credentials_digest(struct str token, unsigned char out[32]);

void credentials_touch(struct map *m, int64_t id, int64_t now_us,
                       enum gate_protocol protocol,
                       const struct net_addr *peer);
/* Write what was touched since; drop what is too old. */
int credentials_flush_apps(struct credentials *c, struct err *err)
	ATTR_MUST_USE;
int credentials_flush_sessions(struct credentials *c, int64_t now_us,
                               struct err *err) ATTR_MUST_USE;

static inline struct str credentials_bytes(const void *p, size_t n)
{
	return (struct str){ (const char *)p, n };
}

/* A column into a string of fixed size. */
void credentials_copy(char *out, size_t size, struct str s);

#endif
