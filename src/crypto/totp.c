#include "crypto/totp.h"

#include <stdio.h>

#include "crypto/hash.h"

void totp_code(const uint8_t secret[TOTP_SECRET_SIZE], int64_t step,
               char out[TOTP_DIGITS + 1])
{
	unsigned char counter[8], mac[20];
	unsigned at;
	uint32_t v;

	for (int i = 0; i < 8; i++)
		counter[i] = (unsigned char)((uint64_t)step >> (56 - 8 * i));
	hash_hmac(HASH_SHA1,
	          (struct str){ (const char *)secret, TOTP_SECRET_SIZE },
	          (struct str){ (const char *)counter, sizeof(counter) }, mac);
	/* RFC 4226, 5.3: four bytes from where the last one says. */
	at = mac[19] & 15;
	v = (uint32_t)(mac[at] & 127) << 24 | (uint32_t)mac[at + 1] << 16 |
	    (uint32_t)mac[at + 2] << 8 | mac[at + 3];
	(void)snprintf(out, TOTP_DIGITS + 1, "%06u", v % 1000000);
}

int64_t totp_check(const uint8_t secret[TOTP_SECRET_SIZE], struct str code,
                   int64_t now_us, int64_t last_step)
{
	static const int drift[] = { 0, -1, 1 };
	int64_t found = 0;

	if (code.n != TOTP_DIGITS)
		return 0;
	for (size_t i = 0; i < sizeof(drift) / sizeof(drift[0]); i++) {
		int64_t step = now_us / TOTP_STEP_US + drift[i];
		char want[TOTP_DIGITS + 1];

		totp_code(secret, step, want);
		if (hash_equal(want, code.p, TOTP_DIGITS) && step > last_step &&
		    !found)
			found = step;
	}
	return found;
}
