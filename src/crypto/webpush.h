/*
 * crypto/webpush.h - encrypt a message that a push service carries (RFC 8291).
 *
 * The service sees who is told and how much, never what: the message is
 * encrypted to the key of the device that subscribed.  The result is a whole
 * request body in the content coding aes128gcm (RFC 8188), one record.
 */
#ifndef CRYPTO_WEBPUSH_H
#define CRYPTO_WEBPUSH_H

#include "base/buf.h"
#include "base/err.h"

#define WEBPUSH_POINT_SIZE 65 /* uncompressed, of P-256 */
#define WEBPUSH_AUTH_SIZE  16
#define WEBPUSH_SALT_SIZE  16

/* RFC 8030, 7.2: what every service takes is 4096 bytes; this much of it is
 * for the text. */
#define WEBPUSH_PLAIN_MAX 3993

/* Of the device: "p256dh" and "auth". */
struct webpush_keys {
	unsigned char p256dh[WEBPUSH_POINT_SIZE];
	unsigned char auth[WEBPUSH_AUTH_SIZE];
};

/* Is it a point of the curve? */
bool webpush_point_is_good(const unsigned char point[WEBPUSH_POINT_SIZE]);

/* The body is added to *out.  ERR_TOO_BIG: over WEBPUSH_PLAIN_MAX, ERR_INVALID:
 * p256dh is no key. */
int webpush_encrypt(const struct webpush_keys *to, struct str plain,
                    struct buf *out, struct err *err) ATTR_MUST_USE;

/* The same with a key of the sender (its private half as a number) and a salt
 * that are given: for tests, since both must be new each time. */
int webpush_encrypt_as(const struct webpush_keys *to,
                       const unsigned char sender_private[32],
                       const unsigned char sender_public[WEBPUSH_POINT_SIZE],
                       const unsigned char salt[WEBPUSH_SALT_SIZE],
                       struct str plain, struct buf *out, struct err *err)
	ATTR_MUST_USE;

#endif
