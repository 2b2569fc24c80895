/*
 * gate/credentials.h - the passwords of the accounts: credentials.db.
 *
 * The gate process alone has it open while the host runs; the command line
 * uses it directly when it does not.  What is kept are hashes and keys,
 * never a password.  Every change is on disk when its function returns.
 * All functions may be called from every thread.
 */
#ifndef GATE_CREDENTIALS_H
#define GATE_CREDENTIALS_H

#include "base/err.h"
#include "base/str.h"
#include "crypto/password.h"
#include "crypto/scram.h"
#include "gate/access.h"

struct credentials;

struct credential {
	char hash[PASSWORD_HASH_MAX];
	bool has_scram;
	struct scram_keys scram;
};

/* DIR/credentials.db, made when it is missing, with mode 0600. */
int credentials_open(struct credentials **out, const char *dir, struct err *err)
	ATTR_MUST_USE;
void credentials_close(struct credentials **c);

/* 1: there is one, 0: none, -1. */
int credentials_get(struct credentials *c, int64_t account,
                    struct credential *out, struct err *err) ATTR_MUST_USE;

/* Hash a new password and keep it, with SCRAM keys if `scram`.  Takes some
 * tens of milliseconds.  What logged in with the old one is revoked, and each
 * session of a browser but `keep_session` (0: all). */
int credentials_set(struct credentials *c, int64_t account, struct str address,
                    struct str password, bool scram, int64_t keep_session,
                    struct err *err) ATTR_MUST_USE;
/* The same password in the form of today: nothing ends. */
int credentials_renew(struct credentials *c, int64_t account,
                      struct str address, struct str password, bool scram,
                      struct err *err) ATTR_MUST_USE;
/* An imported hash; ERR_INVALID when it is none that we can check. */
int credentials_import(struct credentials *c, int64_t account,
                       struct str address, struct str hash, struct err *err)
	ATTR_MUST_USE;
/* With its app passwords; one that is not there is fine. */
int credentials_remove(struct credentials *c, int64_t account, struct err *err)
	ATTR_MUST_USE;

/* ---- app passwords: random, so a keyed digest of them is enough ---- */

int credentials_app_add(struct credentials *c, int64_t account,
                        const struct gate_app *app, int64_t now_us,
                        char password_out[PASSWORD_RANDOM_MAX], int64_t *id_out,
                        struct err *err) ATTR_MUST_USE;
int credentials_app_remove(struct credentials *c, int64_t account, int64_t id,
                           struct err *err) ATTR_MUST_USE;
/* 1: it is the account's and may be used so, *id_out; 2: it is, but not so,
 * *why says it; 0: it is not; -1. */
int credentials_app_check(struct credentials *c,
                          const struct gate_login_request *r, int64_t account,
                          int64_t now_us, int64_t *id_out, const char **why,
                          struct err *err) ATTR_MUST_USE;
/* At most GATE_APPS_MAX, oldest first. */
int credentials_app_list(struct credentials *c, int64_t account,
                         struct gate_app *out, size_t *n_out, struct err *err)
	ATTR_MUST_USE;

/* ---- the second factor ---- */

int credentials_totp_get(struct credentials *c, int64_t account,
                         struct gate_totp *out, struct err *err) ATTR_MUST_USE;
int credentials_totp_begin(struct credentials *c, int64_t account,
                           uint8_t secret_out[20], struct err *err)
	ATTR_MUST_USE;
int credentials_totp_confirm(
	struct credentials *c, int64_t account, struct str code,
	char recovery_out[GATE_RECOVERY_N][GATE_RECOVERY_MAX], struct err *err)
	ATTR_MUST_USE;
int credentials_totp_off(struct credentials *c, int64_t account,
                         struct err *err) ATTR_MUST_USE;
/* Use a code, or a recovery code: 1 it was right, and is used up; 0 not; -1. */
int credentials_code_use(struct credentials *c, int64_t account,
                         struct str typed, struct err *err) ATTR_MUST_USE;

/* ---- sessions of a browser ---- */

/* s->account, remember, agent, ip; the rest is filled. */
int credentials_session_add(struct credentials *c, struct gate_session *s,
                            int64_t now_us, char token_out[GATE_TOKEN_MAX],
                            struct err *err) ATTR_MUST_USE;
/* 1: it lives, and counts as seen now; 0: there is none; -1. */
int credentials_session_check(struct credentials *c, struct str token,
                              const struct net_addr *peer, int64_t now_us,
                              struct gate_session *out, struct err *err)
	ATTR_MUST_USE;
int credentials_session_list(struct credentials *c, int64_t account,
                             int64_t now_us, struct gate_session *out,
                             size_t *n_out, struct err *err) ATTR_MUST_USE;
int credentials_session_end(struct credentials *c, int64_t account, int64_t id,
                            int64_t except, struct err *err) ATTR_MUST_USE;

/* ---- the link at which an owner chooses the first password ---- */

/* A new one, good for GATE_START_US; an older one of the account is over. */
int credentials_start_add(struct credentials *c, int64_t account,
                          int64_t now_us, char token_out[GATE_TOKEN_MAX],
                          struct err *err) ATTR_MUST_USE;
/* 1: it is good, *account_out; 0: it is not, or is over; -1. */
int credentials_start_find(struct credentials *c, struct str token,
                           int64_t now_us, int64_t *account_out,
                           struct err *err) ATTR_MUST_USE;
/* Until when the link of an account is good: 1; 0: it has none; -1. */
int credentials_start_until(struct credentials *c, int64_t account,
                            int64_t now_us, int64_t *until_out, struct err *err)
	ATTR_MUST_USE;
/* Use it up for a new password, both or neither.  ERR_NOT_FOUND: it is not
 * the account's, or is over. */
int credentials_start_use(struct credentials *c, struct str token,
                          int64_t account, struct str address,
                          struct str password, bool scram, int64_t now_us,
                          struct err *err) ATTR_MUST_USE;

/* The number of what was revoked last. */
int credentials_as_of(struct credentials *c, int64_t *out, struct err *err)
	ATTR_MUST_USE;
/* As gate_revoked(). */
int credentials_revoked(struct credentials *c, int64_t since,
                        struct gate_revoked *out, size_t *n_out,
                        int64_t *last_out, struct err *err) ATTR_MUST_USE;

/* Bytes that stand for a name, the same each time, told by nobody else: the
 * salt of a user that has none. */
void credentials_pseudo(struct credentials *c, struct str name,
                        uint8_t out[PASSWORD_TAG_SIZE]);

/* Differs after a change by another process. */
int credentials_version(struct credentials *c, int64_t *out, struct err *err)
	ATTR_MUST_USE;

/* Now and then: write what was used when, drop what is over, move the log into
 * the file. */
void credentials_upkeep(struct credentials *c, int64_t now_us);

#endif
