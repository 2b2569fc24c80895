/* Any exchange: the first byte chooses the mechanism, each line is a message.
 * It ends, keeps its limits, and asks for nothing out of turn. */
#include "wire/sasl/sasl.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum sasl_result caller(struct sasl *s, enum sasl_result r)
{
	if (r == SASL_KEYS) {
		assert(sasl_user(s).n > 0);
		return sasl_scram_keys(s, STR("0123456789abcdef"), 4096);
	}
	assert(r == SASL_PROOF);
	assert(sasl_proof(s).n == 32);
	assert(sasl_auth_message(s).n > 0);
	return sasl_scram_proved(s, STR("0123456789abcdef0123456789abcdef"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sasl_options o = { .nonce = STR("server"),
		                  .tls_exporter = STR("EXPORT"),
		                  .plus_offered = true };
	struct str in = { (const char *)data, size }, line;
	enum sasl_result r = SASL_CHALLENGE;
	struct sasl *s;

	if (!size)
		return 0;
	s = sasl_new((enum sasl_mech)(data[0] % SASL_MECH_COUNT), &o);
	in = str_from(in, 1);
	while (r == SASL_CHALLENGE && str_cut(&in, '\n', &line)) {
		r = sasl_step(s, line);
		while (r == SASL_KEYS || r == SASL_PROOF)
			r = caller(s, r);
		assert(sasl_user(s).n <= SASL_USER_MAX);
		assert(sasl_secret(s).n <= SASL_SECRET_MAX);
		assert(r != SASL_PASSWORD || sasl_user(s).n > 0);
	}
	if (r == SASL_BAD)
		assert(sasl_why(s)[0] != '\0');
	sasl_free(&s);
	return 0;
}
