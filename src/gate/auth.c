#include "gate/auth.h"

#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "base/mem.h"
#include "os/random.h"

#define NONCE_BYTES   18 /* 24 characters */
#define BINDING_MAX   64
#define CHALLENGE_MAX ((size_t)4 * SASL_MESSAGE_MAX)

struct gate_auth {
	struct gate_client *gate;
	struct gate_login_request request; /* user and secret: the machine's */
	struct gate_login_result result;
	struct sasl *sasl;
	struct buf challenge;
	const char *why;
	unsigned char exporter[BINDING_MAX], end_point[BINDING_MAX];
};

static struct sasl_options options(struct gate_auth *a, struct net_session *s,
                                   bool scram, struct buf *nonce)
{
	struct sasl_options o = { .plus_offered = scram && net_is_tls(s) };
	char bytes[NONCE_BYTES];

	random_bytes(bytes, sizeof(bytes));
	base64_encode(nonce, (struct str){ bytes, sizeof(bytes) });
	o.nonce = buf_str(nonce);
	o.tls_exporter.p = (const char *)a->exporter;
	o.tls_exporter.n = net_tls_binding(s, "tls-exporter", a->exporter,
	                                   sizeof(a->exporter));
	o.tls_server_end_point.p = (const char *)a->end_point;
	o.tls_server_end_point.n =
		net_tls_binding(s, "tls-server-end-point", a->end_point,
	                        sizeof(a->end_point));
	return o;
}

struct gate_auth *gate_auth_new(struct gate_client *g,
                                enum gate_protocol protocol,
                                struct net_session *s, enum sasl_mech mech,
                                bool scram, struct gate_refused *refused)
{
	struct gate_auth *a = mem_zalloc(sizeof(*a));
	struct sasl_options o = { .plus_offered = false };
	struct buf nonce;

	a->gate = g;
	a->request.protocol = protocol;
	a->request.peer = *net_peer(s);
	a->request.refused = refused;
	a->request.way = UINT32_C(1) << mech;
	a->why = "";
	buf_init(&a->challenge, CHALLENGE_MAX);
	buf_init(&nonce, 64);
	if (!sasl_mech_is_clear(mech))
		o = options(a, s, scram, &nonce);
	a->sasl = sasl_new(mech, &o);
	buf_deinit(&nonce);
	return a;
}

void gate_auth_free(struct gate_auth **ap)
{
	struct gate_auth *a = *ap;

	if (!a)
		return;
	sasl_free(&a->sasl);
	buf_deinit(&a->challenge);
	mem_wipe(a, sizeof(*a));
	mem_free(a);
	*ap = NULL;
}

static enum gate_auth_step syntax(struct gate_auth *a, const char *why)
{
	a->why = why;
	return GATE_AUTH_SYNTAX;
}

static enum sasl_result ask_keys(struct gate_auth *a, struct err *err)
{
	struct gate_scram_keys keys;

	if (gate_scram_begin(a->gate, sasl_user(a->sasl), &keys, err) < 0)
		return SASL_BAD;
	return sasl_scram_keys(a->sasl, (struct str){ keys.salt, keys.salt_n },
	                       keys.iterations);
}

/* The verdict is kept; only a right proof goes on, to the signature. */
static enum sasl_result ask_proof(struct gate_auth *a, struct err *err)
{
	char signature[32];

	a->request.user = sasl_user(a->sasl);
	if (gate_scram_prove(a->gate, &a->request, sasl_auth_message(a->sasl),
	                     sasl_proof(a->sasl), &a->result, signature,
	                     err) < 0 ||
	    a->result.verdict != GATE_OK)
		return SASL_DONE;
	return sasl_scram_proved(a->sasl,
	                         (struct str){ signature, sizeof(signature) });
}

static enum gate_auth_step go_on(struct gate_auth *a, enum sasl_result r)
{
	struct err err = ERR_INIT;

	for (;;) {
		switch (r) {
		case SASL_CHALLENGE:
			buf_reset(&a->challenge);
			base64_encode(&a->challenge, sasl_out(a->sasl));
			return GATE_AUTH_MORE;
		case SASL_PASSWORD:
			a->request.user = sasl_user(a->sasl);
			a->request.secret = sasl_secret(a->sasl);
			/* The verdict says it all. */
			err_drop(gate_login(a->gate, &a->request, &a->result,
			                    &err));
			return GATE_AUTH_DONE;
		case SASL_KEYS:
			r = ask_keys(a, &err);
			if (err.kind == ERR_NONE)
				break;
			a->result.verdict = GATE_TEMP;
			(void)snprintf(a->result.why, sizeof(a->result.why),
			               "%.40s", err.text);
			return GATE_AUTH_DONE;
		case SASL_PROOF: r = ask_proof(a, &err); break;
		case SASL_DONE: return GATE_AUTH_DONE;
		case SASL_BAD: return syntax(a, sasl_why(a->sasl));
		}
	}
}

static enum gate_auth_step step(struct gate_auth *a, struct str base64)
{
	enum gate_auth_step result;
	struct buf message;

	buf_init(&message, SASL_MESSAGE_MAX);
	if (base64_decode(&message, base64))
		result = go_on(a, sasl_step(a->sasl, buf_str(&message)));
	else
		result = syntax(a, "not base64, or too long");
	if (message.n)
		mem_wipe(message.p, message.n);
	buf_deinit(&message);
	return result;
}

enum gate_auth_step gate_auth_begin(struct gate_auth *a, bool has_initial,
                                    struct str initial)
{
	if (!has_initial)
		return go_on(a, sasl_begin(a->sasl));
	/* RFC 4954, 4: "=" is an empty response. */
	return step(a, str_eq(initial, STR("=")) ? STR("") : initial);
}

enum gate_auth_step gate_auth_line(struct gate_auth *a, struct str line)
{
	if (str_eq(line, STR("*")))
		return GATE_AUTH_CANCELLED;
	return step(a, line);
}

struct str gate_auth_challenge(const struct gate_auth *a)
{
	return buf_str(&a->challenge);
}

const struct gate_login_result *gate_auth_result(const struct gate_auth *a)
{
	return &a->result;
}

struct str gate_auth_user(const struct gate_auth *a)
{
	return sasl_user(a->sasl);
}

const char *gate_auth_why(const struct gate_auth *a)
{
	return a->why;
}

const char *gate_auth_mechanism(unsigned n, bool scram, bool tls, bool clear)
{
	static const enum sasl_mech order[SASL_MECH_COUNT] = {
		SASL_SCRAM_SHA_256_PLUS,
		SASL_SCRAM_SHA_256,
		SASL_PLAIN,
		SASL_LOGIN,
	};

	for (unsigned i = 0; i < SASL_MECH_COUNT; i++) {
		bool offered = sasl_mech_is_clear(order[i]) ? clear : scram;

		if (order[i] == SASL_SCRAM_SHA_256_PLUS && !tls)
			offered = false;
		if (offered && n-- == 0)
			return sasl_mech_name(order[i]);
	}
	return NULL;
}

bool gate_clear_allowed(struct str option, const struct net_session *s)
{
	if (net_is_tls(s) || str_eq(option, STR("always")))
		return true;
	return str_eq(option, STR("loopback")) &&
	       net_addr_is_loopback(net_peer(s));
}
