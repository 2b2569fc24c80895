#include "crypto/scram.h"

#include <string.h>

#include "base/mem.h"
#include "crypto/hash.h"
#include "os/random.h"

static struct str key_str(const uint8_t *k)
{
	return (struct str){ (const char *)k, SCRAM_KEY_SIZE };
}

static void hmac(const uint8_t *key, struct str s, uint8_t *out)
{
	hash_hmac(HASH_SHA256, key_str(key), s, out);
}

/* RFC 5802, 3: ClientKey and, unless NULL, ServerKey. */
static void derive(struct str password, struct str salt, uint32_t iterations,
                   uint8_t *client_key, uint8_t *server_key)
{
	uint8_t salted[SCRAM_KEY_SIZE];

	hash_pbkdf2(HASH_SHA256, password, salt, iterations, salted,
	            sizeof(salted));
	hmac(salted, STR("Client Key"), client_key);
	if (server_key)
		hmac(salted, STR("Server Key"), server_key);
	mem_wipe(salted, sizeof(salted));
}

void scram_keys_derive(struct scram_keys *out, struct str password,
                       struct str salt, uint32_t iterations)
{
	uint8_t client_key[SCRAM_KEY_SIZE];

	derive(password, salt, iterations, client_key, out->server_key);
	hash_bytes(HASH_SHA256, key_str(client_key), out->stored_key);
	mem_wipe(client_key, sizeof(client_key));
	/* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): it is there */
	memset(out->salt, 0, sizeof(out->salt));
	if (salt.n > sizeof(out->salt))
		salt.n = sizeof(out->salt);
	if (salt.p)
		memcpy(out->salt, salt.p, salt.n);
	out->iterations = iterations;
}

void scram_keys_make(struct scram_keys *out, struct str password)
{
	uint8_t salt[SCRAM_SALT_SIZE];

	random_bytes(salt, sizeof(salt));
	scram_keys_derive(out, password,
	                  (struct str){ (char *)salt, sizeof(salt) },
	                  SCRAM_ITERATIONS);
}

bool scram_verify(const struct scram_keys *keys, struct str auth_message,
                  const uint8_t proof[SCRAM_KEY_SIZE],
                  uint8_t signature_out[SCRAM_KEY_SIZE])
{
	uint8_t key[SCRAM_KEY_SIZE];
	uint8_t stored[SCRAM_KEY_SIZE];
	bool same;

	hmac(keys->stored_key, auth_message, key); /* ClientSignature */
	for (size_t i = 0; i < sizeof(key); i++)
		key[i] ^= proof[i]; /* ClientKey, if the proof is right */
	hash_bytes(HASH_SHA256, key_str(key), stored);
	same = hash_equal(stored, keys->stored_key, sizeof(stored));
	hmac(keys->server_key, auth_message, signature_out);
	mem_wipe(key, sizeof(key));
	return same;
}

void scram_proof(struct str password, struct str salt, uint32_t iterations,
                 struct str auth_message, uint8_t out[SCRAM_KEY_SIZE])
{
	uint8_t client_key[SCRAM_KEY_SIZE];
	uint8_t stored[SCRAM_KEY_SIZE];

	derive(password, salt, iterations, client_key, NULL);
	hash_bytes(HASH_SHA256, key_str(client_key), stored);
	hmac(stored, auth_message, out);
	for (size_t i = 0; i < SCRAM_KEY_SIZE; i++)
		out[i] ^= client_key[i];
	mem_wipe(client_key, sizeof(client_key));
}
