#include "gate/auth.h"

#include "base/mem.h"
#include "config/config.h"
#include "directory/directory.h"
#include "gate/live.h"
#include "log/log.h"
#include "os/clock.h"
#include "smtp/session.h"

#define STEP_TIMEOUT_US (2 * US_PER_MIN)

static void log_login(struct net_session *s, const struct gate_auth *a,
                      const struct gate_login_result *r)
{
	struct log_line l;

	log_begin(&l, LOG_INFO,
	          r->verdict == GATE_OK ? "smtp.login" : "smtp.login.refused");
	smtp_log_peer(&l, s);
	log_str(&l, "user", gate_auth_user(a));
	log_z(&l, "why", r->why);
	log_end(&l);
}

/* R11: from here on the session is a submission client. */
static int take_login(struct net_session *s, struct smtp *c,
                      const struct gate_login_result *r, struct err *err)
{
	const struct smtp_context *x = smtp_context(s);
	struct directory_account acc;
	struct arena a;
	int rc;

	arena_init(&a);
	rc = directory_account_get(x->directory, r->account, &a, &acc, err);
	if (rc == 0) {
		c->account_id = r->account;
		c->domain_id = acc.domain_id;
		c->login = mem_strdup(r->address);
		c->errors = 0;
		c->idle_commands = 0;
		if (c->counted)
			smtp_shared_close(x->shared, net_peer(s));
		c->counted = false;
	}
	arena_deinit(&a);
	return rc;
}

static void answer(struct net_session *s, struct smtp *c,
                   const struct gate_login_result *r)
{
	struct policy_words w = { .n = r->retry_s };
	struct err err = ERR_INIT;

	switch (r->verdict) {
	case GATE_OK:
		if (take_login(s, c, r, &err) < 0) {
			smtp_trouble(s, c, "smtp.login.trouble", &err);
			break;
		}
		gate_live_hold(smtp_context(s)->gate, s, r->account,
		               &r->credential);
		smtp_say(s, 235, "2.7.0", "Authentication succeeded");
		break;
	case GATE_WRONG: smtp_refuse(s, c, REF_WRONG, &w); break;
	case GATE_LOCKED: smtp_refuse(s, c, REF_LOCKED, &w); break;
	case GATE_CASE: smtp_refuse(s, c, REF_CASE, &w); break;
	case GATE_SUSPENDED: smtp_refuse(s, c, REF_LOGIN_OFF, &w); break;
	case GATE_APP_ONLY: smtp_refuse(s, c, REF_APP_ONLY, &w); break;
	case GATE_CODE: /* of the web alone */
	case GATE_TEMP:
		/* RFC 4954, 6. */
		smtp_error(s, c, 454, "4.7.0",
		           "Temporary authentication failure");
		break;
	}
}

static void auth_input(struct net_session *s);

/* Go on with what the exchange says; true while it goes on. */
static bool step(struct net_session *s, struct smtp *c,
                 enum gate_auth_step what)
{
	switch (what) {
	case GATE_AUTH_MORE:
		net_fmt(s, "334 %.*s\r\n",
		        STR_ARG(gate_auth_challenge(c->auth)));
		return true;
	case GATE_AUTH_DONE:
		log_login(s, c->auth, gate_auth_result(c->auth));
		answer(s, c, gate_auth_result(c->auth));
		break;
	case GATE_AUTH_CANCELLED:
		smtp_error(s, c, 501, "5.7.0", "Authentication cancelled");
		break;
	case GATE_AUTH_SYNTAX:
		smtp_error(s, c, 501, "5.5.2", "Malformed authentication");
		break;
	}
	gate_auth_free(&c->auth);
	return false;
}

static void auth_input(struct net_session *s)
{
	struct smtp *c = net_state(s);
	struct str line;

	if (!net_take_line(s, &line, NULL)) {
		if (!net_input_full(s))
			return;
		/* RFC 4954, 4: 500 5.5.6 for an exchange line too long. */
		smtp_say(s, 500, "5.5.6", "Authentication line too long");
		gate_auth_free(&c->auth);
		net_close(s);
		return;
	}
	if (line.n > GATE_AUTH_LINE_MAX) {
		gate_auth_free(&c->auth);
		smtp_error(s, c, 500, "5.5.6", "Authentication line too long");
		smtp_resume(s, c);
		return;
	}
	if (!step(s, c, gate_auth_line(c->auth, line)))
		smtp_resume(s, c);
}

void smtp_auth(struct net_session *s, struct smtp *c, struct str args)
{
	const struct smtp_context *x = smtp_context(s);
	bool scram = config_choice(x->config, OPT_AUTH_SCRAM) == CONFIG_ON;
	struct smtp_command words = smtp_command_split(args);
	enum sasl_mech mech;

	if (words.verb.n == 0) {
		smtp_error(s, c, 501, "5.5.4", "Syntax: AUTH mechanism");
		return;
	}
	if (!sasl_mech_find(words.verb, &mech) ||
	    (!sasl_mech_is_clear(mech) && !scram)) {
		smtp_error(s, c, 504, "5.5.4", "Unknown mechanism");
		return;
	}
	/* R13: elsewhere the client is told to use STARTTLS. */
	if (sasl_mech_is_clear(mech) &&
	    !gate_clear_allowed(config_str(x->config, OPT_AUTH_PLAINTEXT_LOGIN),
	                        s)) {
		smtp_refuse(s, c, REF_NEED_TLS, NULL);
		return;
	}
	c->auth =
		gate_auth_new(x->gate, GATE_SMTP, s, mech, scram, &c->refused);
	if (step(s, c,
	         gate_auth_begin(c->auth, words.args.n != 0, words.args))) {
		c->busy = true;
		net_timeout(s, STEP_TIMEOUT_US);
		net_set_input(s, auth_input, SMTP_AUTH_MAX + 2);
	}
}
