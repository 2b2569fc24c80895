/*
 * crypto/totp.h - codes of an authenticator program (RFC 6238, RFC 4226):
 * HMAC-SHA-1, six digits, a new one every 30 seconds.
 */
#ifndef CRYPTO_TOTP_H
#define CRYPTO_TOTP_H

#include "base/str.h"

#define TOTP_SECRET_SIZE 20 /* RFC 4226, 4: R6 */
#define TOTP_DIGITS      6
#define TOTP_STEP_US     (30 * INT64_C(1000000))

/* The code of a step (the time since 1970 divided by 30 s). */
void totp_code(const uint8_t secret[TOTP_SECRET_SIZE], int64_t step,
               char out[TOTP_DIGITS + 1]);

/* The step of which this is the code: that of `now_us`, the one before or the
 * one after it (RFC 6238, 5.2), if it is behind `last_step`, so that no code is
 * taken twice; 0: of none. */
int64_t totp_check(const uint8_t secret[TOTP_SECRET_SIZE], struct str code,
                   int64_t now_us, int64_t last_step);

#endif
