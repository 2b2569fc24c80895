#include "wire/sasl/sasl.h"

#include "base/mem.h"
#include "wire/sasl/internal.h"

static const char *const names[SASL_MECH_COUNT] = {
	[SASL_PLAIN] = "PLAIN",
	[SASL_LOGIN] = "LOGIN",
	[SASL_SCRAM_SHA_256] = "SCRAM-SHA-256",
	[SASL_SCRAM_SHA_256_PLUS] = "SCRAM-SHA-256-PLUS",
};

bool sasl_mech_find(struct str name, enum sasl_mech *out)
{
	for (unsigned i = 0; i < SASL_MECH_COUNT; i++) {
		if (!str_eq_case(name, str_z(names[i])))
			continue;
		*out = (enum sasl_mech)i;
		return true;
	}
	return false;
}

const char *sasl_mech_name(enum sasl_mech m)
{
	return names[m];
}

bool sasl_mech_is_clear(enum sasl_mech m)
{
	return m == SASL_PLAIN || m == SASL_LOGIN;
}

struct sasl *sasl_new(enum sasl_mech mech, const struct sasl_options *o)
{
	struct sasl *s = mem_zalloc(sizeof(*s));

	s->mech = mech;
	buf_init(&s->out, (size_t)2 * SASL_MESSAGE_MAX);
	buf_init(&s->user, SASL_USER_MAX);
	buf_init(&s->secret, SASL_SECRET_MAX);
	buf_init(&s->server_nonce, 128);
	buf_init(&s->gs2, SASL_MESSAGE_MAX);
	buf_init(&s->nonce, SASL_MESSAGE_MAX);
	buf_init(&s->auth_message, (size_t)4 * SASL_MESSAGE_MAX);
	buf_add(&s->server_nonce, o->nonce);
	s->tls_exporter = o->tls_exporter;
	s->tls_server_end_point = o->tls_server_end_point;
	s->plus_offered = o->plus_offered;
	return s;
}

static void wipe(struct buf *b)
{
	if (b->n)
		mem_wipe(b->p, b->n);
	buf_deinit(b);
}

void sasl_free(struct sasl **sp)
{
	struct sasl *s = *sp;

	if (!s)
		return;
	wipe(&s->out);
	wipe(&s->user);
	wipe(&s->secret);
	wipe(&s->server_nonce);
	wipe(&s->gs2);
	wipe(&s->nonce);
	wipe(&s->auth_message);
	mem_wipe(s->proof, sizeof(s->proof));
	mem_free(s);
	*sp = NULL;
}

enum sasl_result sasl_bad(struct sasl *s, const char *why)
{
	s->state = SASL_AT_END;
	s->why = why;
	return SASL_BAD;
}

static enum sasl_result have_password(struct sasl *s)
{
	if (buf_overflow(&s->user) || buf_overflow(&s->secret))
		return sasl_bad(s, "name or password too long");
	if (!s->user.n)
		return sasl_bad(s, "empty user name");
	s->state = SASL_AT_END;
	return SASL_PASSWORD;
}

/* RFC 4616, 2: [authzid] NUL authcid NUL passwd.  One login is one address
 * here, so an authzid may only repeat the user name. */
static enum sasl_result step_plain(struct sasl *s, struct str message)
{
	struct str authzid, user;

	if (str_chr(message, '\0') == STR_NPOS ||
	    !str_cut(&message, '\0', &authzid) ||
	    str_chr(message, '\0') == STR_NPOS ||
	    !str_cut(&message, '\0', &user))
		return sasl_bad(s, "not of the form of PLAIN");
	if (str_chr(message, '\0') != STR_NPOS)
		return sasl_bad(s, "a NUL in the password");
	if (authzid.n && !str_eq(authzid, user))
		return sasl_bad(s, "wants to act for another user");
	buf_add(&s->user, user);
	buf_add(&s->secret, message);
	return have_password(s);
}

static enum sasl_result ask(struct sasl *s, const char *challenge)
{
	buf_reset(&s->out);
	buf_add_z(&s->out, challenge);
	return SASL_CHALLENGE;
}

/* The words that mail programs look for; "User Name" is what some know. */
static enum sasl_result step_login(struct sasl *s, struct str message)
{
	if (str_chr(message, '\0') != STR_NPOS)
		return sasl_bad(s, "a NUL in a name or password");
	if (s->state == SASL_AT_START) {
		buf_add(&s->user, message);
		s->state = SASL_AT_PASSWORD;
		return ask(s, "Password:");
	}
	buf_add(&s->secret, message);
	return have_password(s);
}

enum sasl_result sasl_begin(struct sasl *s)
{
	return ask(s, s->mech == SASL_LOGIN ? "Username:" : "");
}

enum sasl_result sasl_step(struct sasl *s, struct str message)
{
	if (message.n > SASL_MESSAGE_MAX)
		return sasl_bad(s, "message too long");
	if (s->state == SASL_AT_END)
		return sasl_bad(s, "the exchange is over");
	switch (s->mech) {
	case SASL_PLAIN: return step_plain(s, message);
	case SASL_LOGIN: return step_login(s, message);
	case SASL_SCRAM_SHA_256:
	case SASL_SCRAM_SHA_256_PLUS: return sasl_scram_step(s, message);
	}
	return sasl_bad(s, "no such mechanism");
}

struct str sasl_out(const struct sasl *s)
{
	return buf_str(&s->out);
}

struct str sasl_user(const struct sasl *s)
{
	return buf_str(&s->user);
}

struct str sasl_secret(const struct sasl *s)
{
	return buf_str(&s->secret);
}

const char *sasl_why(const struct sasl *s)
{
	return s->why ? s->why : "";
}
