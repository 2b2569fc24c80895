/*
 * SCRAM (RFC 5802, 7), the server's side without the keys:
 *
 *	client-first-message = gs2-header client-first-message-bare
 *	gs2-header           = gs2-cbind-flag "," [ "a=" saslname ] ","
 *	gs2-cbind-flag       = "p=" cb-name / "n" / "y"
 *	client-first-bare    = [reserved-mext ","] "n=" user ",r=" nonce [ext]
 *	server-first-message = [reserved-mext ","] "r=" nonce ",s=" salt ",i=" n
 *	client-final         = "c=" base64 ",r=" nonce [ext] ",p=" proof
 */
#include <string.h>

#include "base/base64.h"
#include "wire/sasl/internal.h"

/* saslname: "=2C" is a comma, "=3D" an equals sign, no other "=". */
static bool read_name(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		struct str rest = str_from(s, i);

		if (s.p[i] == '\0')
			return false;
		if (s.p[i] != '=') {
			buf_add_c(out, s.p[i]);
			continue;
		}
		if (str_starts(rest, STR("=2C")))
			buf_add_c(out, ',');
		else if (str_starts(rest, STR("=3D")))
			buf_add_c(out, '=');
		else
			return false;
		i += 2;
	}
	return s.n > 0 && !buf_overflow(out);
}

/* "x=value" up to a comma or the end. */
static bool take_attribute(struct str *s, char name, struct str *value)
{
	struct str head;

	if (!str_cut(s, ',', &head) || head.n < 2 || head.p[0] != name ||
	    head.p[1] != '=')
		return false;
	*value = str_from(head, 2);
	return true;
}

/* What the client says about channel binding must suit the mechanism and
 * what was announced, else somebody between us took -PLUS away. */
static enum sasl_result check_binding(struct sasl *s, struct str flag)
{
	bool plus = s->mech == SASL_SCRAM_SHA_256_PLUS;

	if (str_eq(flag, STR("n")))
		return plus ? sasl_bad(s, "-PLUS without channel binding")
		            : SASL_DONE;
	if (str_eq(flag, STR("y"))) {
		if (plus || s->plus_offered)
			return sasl_bad(s, "channel binding was taken away");
		return SASL_DONE;
	}
	if (!plus)
		return sasl_bad(s, "channel binding without -PLUS");
	if (str_eq(flag, STR("p=tls-exporter")))
		s->binding = s->tls_exporter;
	else if (str_eq(flag, STR("p=tls-server-end-point")))
		s->binding = s->tls_server_end_point;
	if (!s->binding.n)
		return sasl_bad(s, "no channel binding of that type");
	return SASL_DONE;
}

static bool is_nonce(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x21 || s.p[i] > 0x7e || s.p[i] == ',')
			return false;
	return s.n > 0;
}

static enum sasl_result first_message(struct sasl *s, struct str message)
{
	struct str rest = message, flag, authzid, user, nonce, bare;
	struct buf name;
	bool same;

	if (!str_cut(&rest, ',', &flag) || !str_cut(&rest, ',', &authzid))
		return sasl_bad(s, "no gs2 header");
	if (check_binding(s, flag) == SASL_BAD)
		return SASL_BAD;
	bare = rest;
	buf_add(&s->gs2, str_to(message, message.n - bare.n));
	if (str_starts(bare, STR("m=")))
		return sasl_bad(s, "a mandatory extension (RFC 5802, 5.1)");
	if (!take_attribute(&rest, 'n', &user) || !read_name(&s->user, user))
		return sasl_bad(s, "no user name");
	if (!take_attribute(&rest, 'r', &nonce) || !is_nonce(nonce))
		return sasl_bad(s, "no nonce");
	if (authzid.n) {
		if (!str_starts(authzid, STR("a=")))
			return sasl_bad(s, "no gs2 header");
		buf_init(&name, SASL_USER_MAX);
		same = read_name(&name, str_from(authzid, 2)) &&
		       str_eq(buf_str(&name), buf_str(&s->user));
		buf_deinit(&name);
		if (!same)
			return sasl_bad(s, "wants to act for another user");
	}
	buf_add(&s->nonce, nonce);
	buf_add(&s->nonce, buf_str(&s->server_nonce));
	buf_add(&s->auth_message, bare);
	buf_add_c(&s->auth_message, ',');
	s->state = SASL_AT_KEYS;
	return SASL_KEYS;
}

enum sasl_result sasl_scram_keys(struct sasl *s, struct str salt,
                                 uint32_t iterations)
{
	if (s->state != SASL_AT_KEYS)
		return sasl_bad(s, "keys out of turn");
	buf_reset(&s->out);
	buf_add_z(&s->out, "r=");
	buf_add(&s->out, buf_str(&s->nonce));
	buf_add_z(&s->out, ",s=");
	base64_encode(&s->out, salt);
	buf_fmt(&s->out, ",i=%u", (unsigned)iterations);
	buf_add(&s->auth_message, buf_str(&s->out));
	buf_add_c(&s->auth_message, ',');
	if (buf_overflow(&s->out) || buf_overflow(&s->auth_message))
		return sasl_bad(s, "message too long");
	s->state = SASL_AT_FINAL;
	return SASL_CHALLENGE;
}

/* c= must be the gs2 header and the binding that this connection has. */
static bool binding_is_ours(const struct sasl *s, struct str c)
{
	struct buf got, want;
	bool same;

	buf_init(&got, (size_t)2 * SASL_MESSAGE_MAX);
	buf_init(&want, (size_t)2 * SASL_MESSAGE_MAX);
	buf_add(&want, buf_str(&s->gs2));
	buf_add(&want, s->binding);
	same = base64_decode(&got, c) && !buf_overflow(&want) &&
	       str_eq(buf_str(&got), buf_str(&want));
	buf_deinit(&got);
	buf_deinit(&want);
	return same;
}

static bool read_proof(struct sasl *s, struct str text)
{
	struct buf b;
	bool good;

	buf_init(&b, sizeof(s->proof));
	good = base64_decode(&b, text) && b.n == sizeof(s->proof);
	if (good)
		memcpy(s->proof, b.p, b.n);
	buf_deinit(&b);
	return good;
}

static enum sasl_result final_message(struct sasl *s, struct str message)
{
	struct str rest = message, c, nonce, proof, without = message;
	size_t comma = str_rchr(message, ',');

	if (comma == STR_NPOS)
		return sasl_bad(s, "no proof");
	without.n = comma;
	proof = str_from(message, comma + 1);
	if (!str_starts(proof, STR("p=")) || !read_proof(s, str_from(proof, 2)))
		return sasl_bad(s, "no proof");
	rest.n = comma;
	if (!take_attribute(&rest, 'c', &c) || !binding_is_ours(s, c))
		return sasl_bad(s, "channel binding does not match");
	if (!take_attribute(&rest, 'r', &nonce) ||
	    !str_eq(nonce, buf_str(&s->nonce)))
		return sasl_bad(s, "another nonce");
	buf_add(&s->auth_message, without);
	if (buf_overflow(&s->auth_message))
		return sasl_bad(s, "message too long");
	s->state = SASL_AT_PROOF;
	return SASL_PROOF;
}

struct str sasl_auth_message(const struct sasl *s)
{
	return buf_str(&s->auth_message);
}

struct str sasl_proof(const struct sasl *s)
{
	return (struct str){ s->proof, sizeof(s->proof) };
}

enum sasl_result sasl_scram_proved(struct sasl *s, struct str signature)
{
	if (s->state != SASL_AT_PROOF)
		return sasl_bad(s, "proof out of turn");
	buf_reset(&s->out);
	buf_add_z(&s->out, "v=");
	base64_encode(&s->out, signature);
	s->state = SASL_AT_LAST;
	return SASL_CHALLENGE;
}

enum sasl_result sasl_scram_step(struct sasl *s, struct str message)
{
	switch (s->state) {
	case SASL_AT_START: return first_message(s, message);
	case SASL_AT_FINAL: return final_message(s, message);
	case SASL_AT_LAST:
		s->state = SASL_AT_END;
		return message.n ? sasl_bad(s, "words after the end")
		                 : SASL_DONE;
	case SASL_AT_PASSWORD:
	case SASL_AT_KEYS:
	case SASL_AT_PROOF:
	case SASL_AT_END: break;
	}
	return sasl_bad(s, "message out of turn");
}
