/*
 * push/vapid.h - who it is that pushes (RFC 8292).
 *
 * A push service may want to know the sender: each request carries a token,
 * signed with one key of the host.  The private half is KEYS/vapid.key, which
 * the keys process makes and never gives away; the public half is what clients
 * subscribe with (RFC 9749).
 */
#ifndef PUSH_VAPID_H
#define PUSH_VAPID_H

#include "base/buf.h"
#include "base/err.h"
#include "crypto/webpush.h"

struct keys_client;

struct vapid {
	unsigned char id[32]; /* key_id() */
	unsigned char point[WEBPUSH_POINT_SIZE];
};

/* The key, made when there is none; asks the keys process. */
int vapid_load(struct vapid *v, struct keys_client *keys, struct err *err)
	ATTR_MUST_USE;

/* A token lasts half of what is allowed (RFC 8292, 2). */
#define VAPID_LIFE_S (12 * 3600)

/* The value of Authorization for requests to this origin ("https://host",
 * with its port unless that is 443) until `until_s`; `contact` is a mailto: or
 * https: URI. */
int vapid_authorization(const struct vapid *v, struct keys_client *keys,
                        struct str origin, struct str contact, int64_t until_s,
                        struct buf *out, struct err *err) ATTR_MUST_USE;

/* What is signed, and put together with the signature, for
 * vapid_authorization(). */
void vapid_claims(struct buf *out, struct str origin, struct str contact,
                  int64_t until_s);

#endif
