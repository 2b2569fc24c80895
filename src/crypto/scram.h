/*
 * crypto/scram.h - the keys of SCRAM-SHA-256 (RFC 5802, 3; RFC 7677).
 *
 * Kept per account are salt, iterations, StoredKey and ServerKey; from them
 * nobody can log in without the password.  The exchange itself is
 * wire/sasl/sasl.h.
 */
#ifndef CRYPTO_SCRAM_H
#define CRYPTO_SCRAM_H

#include "base/str.h"

#define SCRAM_ITERATIONS     4096 /* RFC 7677, 4: at least */
#define SCRAM_ITERATIONS_MAX 100000
#define SCRAM_SALT_SIZE      16
#define SCRAM_KEY_SIZE       32

struct scram_keys {
	uint8_t salt[SCRAM_SALT_SIZE];
	uint32_t iterations;
	uint8_t stored_key[SCRAM_KEY_SIZE];
	uint8_t server_key[SCRAM_KEY_SIZE];
};

/* From a password (already prepared, RFC 4013) with a new random salt. */
void scram_keys_make(struct scram_keys *out, struct str password);

/* From a given salt and number of iterations (at least 1). */
void scram_keys_derive(struct scram_keys *out, struct str password,
                       struct str salt, uint32_t iterations);

/* Is this the proof of the password?  `signature_out` is ServerSignature,
 * filled in either case. */
bool scram_verify(const struct scram_keys *keys, struct str auth_message,
                  const uint8_t proof[SCRAM_KEY_SIZE],
                  uint8_t signature_out[SCRAM_KEY_SIZE]);

/* The client's proof: for tests and for clients of ours. */
void scram_proof(struct str password, struct str salt, uint32_t iterations,
                 struct str auth_message, uint8_t out[SCRAM_KEY_SIZE]);

#endif
