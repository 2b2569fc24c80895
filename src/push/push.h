/*
 * push/push.h - who wants to be told by Web Push, on disk (RFC 8620, 7.2).
 *
 * A subscription belongs to what somebody logged in with, not to the account
 * alone: another device of the same person neither sees nor changes it, and
 * when the login is revoked it goes.  All of them stand in push.db, which the
 * http role writes as clients ask, and the relay role, which sends.
 *
 *	push_open(&book, dir, err);
 *	s = (struct push_subscription){ .account = 7, .url = url, ... };
 *	push_add(book, &s, 10, err)          s.id is its number
 */
#ifndef PUSH_PUSH_H
#define PUSH_PUSH_H

#include "base/arena.h"
#include "base/err.h"
#include "crypto/webpush.h"
#include "gate/client.h"

#define PUSH_URL_MAX    2048
#define PUSH_DEVICE_MAX 255
#define PUSH_TYPES_MAX  1000 /* bytes */
#define PUSH_CODE_SIZE  23   /* with its NUL: 128 random bits */
#define PUSH_TOLD_MAX   1000
/* No subscription lasts longer than this without being asked for again. */
#define PUSH_LIFE_US (14 * INT64_C(86400) * 1000000)
/* Nor one whose code does not come back. */
#define PUSH_UNVERIFIED_US (INT64_C(86400) * 1000000)
/* New ones of an account in a day: each is a request to a host of the
 * client's choice. */
#define PUSH_ADDS_IN_DAY 50

struct push_subscription {
	int64_t id, account;
	struct gate_credential by;
	struct str device; /* deviceClientId */
	struct str url;
	bool has_keys;
	struct webpush_keys keys;
	bool all_types;
	struct str types; /* names with a comma between them */
	int64_t created_us, expires_us;
	char code[PUSH_CODE_SIZE]; /* what the client has to give back */
	bool verified;             /* it did */
	bool code_sent;
	struct str told; /* of which states the client was told */
};

struct push_book;

int push_open(struct push_book **out, const char *dir, struct err *err)
	ATTR_MUST_USE;
void push_close(struct push_book **b);

/* Sets id, created_us and code.  ERR_TOO_BIG: the account has `max`;
 * ERR_DENIED: it made too many today. */
int push_add(struct push_book *b, struct push_subscription *s, unsigned max,
             int64_t now_us, struct err *err) ATTR_MUST_USE;

/* Of one account, or of all with 0; strings live in the arena. */
int push_list(struct push_book *b, int64_t account, struct arena *a,
              struct push_subscription **out, size_t *n_out, struct err *err)
	ATTR_MUST_USE;

/* What may change: types, expires_us, verified, told.  ERR_NOT_FOUND. */
int push_update(struct push_book *b, const struct push_subscription *s,
                struct err *err) ATTR_MUST_USE;

int push_remove(struct push_book *b, int64_t id, struct err *err)
	ATTR_MUST_USE; /* ERR_NOT_FOUND */

/* The code was delivered; the client was told of these states. */
int push_note_code(struct push_book *b, int64_t id, struct err *err)
	ATTR_MUST_USE;
int push_note_told(struct push_book *b, int64_t id, struct str told,
                   struct err *err) ATTR_MUST_USE;

/* Up to which number the list of what was revoked was read (gate/access.h);
 * -1: never. */
int push_revoked_get(struct push_book *b, int64_t *out, struct err *err)
	ATTR_MUST_USE;
int push_revoked_set(struct push_book *b, int64_t seq, struct err *err)
	ATTR_MUST_USE;

/* Do both stand for the same login? */
bool push_is_same_login(const struct gate_credential *a,
                        const struct gate_credential *b);

/* Has it been too long?  Then nothing is sent, and it goes. */
bool push_is_over(const struct push_subscription *s, int64_t now_us);

#endif
