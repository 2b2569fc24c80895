#include "base/mem.h"
#include "config/config.h"
#include "directory/directory.h"
#include "gate/live.h"
#include "log/log.h"
#include "managesieve/command.h"

bool managesieve_clear_allowed(const struct managesieve_session *s)
{
	return gate_clear_allowed(config_str(s->ctx->config,
	                                     OPT_AUTH_PLAINTEXT_LOGIN),
	                          s->net);
}

bool managesieve_scram_on(const struct managesieve_session *s)
{
	return config_choice(s->ctx->config, OPT_AUTH_SCRAM) == CONFIG_ON;
}

static void log_login(const struct managesieve_session *s, struct str user,
                      const struct gate_login_result *r)
{
	char ip[NET_ADDR_TEXT_MAX];
	bool ok = r->verdict == GATE_OK;
	struct log_line l;

	log_begin(&l, LOG_INFO,
	          ok ? "managesieve.login" : "managesieve.login.refused");
	log_u64(&l, "sid", net_session_id(s->net));
	if (ok)
		log_z(&l, "addr", r->address);
	else
		log_str(&l, "addr", user);
	log_z(&l, "ip", net_addr_text(net_peer(s->net), ip));
	log_u64(&l, "tls", net_is_tls(s->net));
	if (r->why[0])
		log_z(&l, "why", r->why);
	log_end(&l);
}

static void log_in(struct managesieve_session *s,
                   const struct gate_login_result *r)
{
	struct directory_account acc;
	struct err err = ERR_INIT;
	struct arena a;

	arena_init(&a);
	if (directory_account_get(s->ctx->directory, r->account, &a, &acc,
	                          &err) < 0) {
		managesieve_log_failure(s, &err);
		managesieve_no(s, "TRYLATER", "Temporary failure, try later");
		arena_deinit(&a);
		return;
	}
	s->account = (struct store_account){ .id = acc.id,
		                             .shard = acc.shard,
		                             .quota_bytes = acc.quota_bytes };
	arena_deinit(&a);
	s->address = mem_strdup(r->address);
	s->state = MANAGESIEVE_LOGGED_IN;
	gate_live_hold(s->ctx->gate, s->net, r->account, &r->credential);
	managesieve_session_timeouts(s);
	managesieve_ok(s, "", "Logged in");
}

static void judge(struct managesieve_session *s,
                  const struct gate_login_result *r)
{
	switch (r->verdict) {
	case GATE_OK: log_in(s, r); return;
	case GATE_WRONG:
		managesieve_no(s, "", "Wrong user name or password");
		return;
	case GATE_LOCKED: /* R25 */
		managesieve_no(
			s, "TRYLATER",
			"Too many failed logins, try again in %u seconds",
			r->retry_s);
		return;
	case GATE_CASE: /* R6 */
		managesieve_no(s, "", "write the user name in lowercase");
		return;
	case GATE_SUSPENDED:
		managesieve_no(s, "", "This account may not log in at present");
		return;
	case GATE_APP_ONLY:
		managesieve_no(s, "",
		               "Two-step login is on: use an app password");
		return;
	case GATE_CODE: /* of the web alone */
	case GATE_TEMP: break;
	}
	managesieve_no(s, "TRYLATER", "Temporary failure, try later");
}

static void send_challenge(struct managesieve_session *s)
{
	struct buf b;

	buf_init(&b, GATE_AUTH_LINE_MAX * 2);
	managesieve_write_string(&b, gate_auth_challenge(s->auth));
	buf_add(&b, STR("\r\n"));
	net_write(s->net, buf_str(&b));
	buf_deinit(&b);
}

static void step(struct managesieve_session *s, enum gate_auth_step step)
{
	struct gate_auth *a = s->auth;

	if (step == GATE_AUTH_MORE) {
		send_challenge(s);
		return;
	}
	s->auth = NULL;
	if (step == GATE_AUTH_DONE) {
		log_login(s, gate_auth_user(a), gate_auth_result(a));
		judge(s, gate_auth_result(a));
	} else if (step == GATE_AUTH_CANCELLED) {
		managesieve_no(s, "", "Cancelled");
	} else {
		managesieve_bad(s, "Authentication data malformed");
	}
	gate_auth_free(&a);
}

void managesieve_auth_line(struct managesieve_session *s,
                           const struct managesieve_command *c)
{
	if (c->name.n || c->n != 1 || c->args[0].kind != MANAGESIEVE_STRING ||
	    c->args[0].text.n > GATE_AUTH_LINE_MAX) {
		gate_auth_free(&s->auth);
		managesieve_bad(s, "A string of base64 was expected");
		return;
	}
	step(s, gate_auth_line(s->auth, c->args[0].text));
}

/* RFC 5804, 2.1 */
void managesieve_cmd_authenticate(struct managesieve_session *s,
                                  const struct managesieve_command *c)
{
	bool scram = managesieve_scram_on(s), initial = c->n > 1;
	enum sasl_mech mech;

	if (!sasl_mech_find(c->args[0].text, &mech) ||
	    (!sasl_mech_is_clear(mech) && !scram)) {
		managesieve_bad(s, "This mechanism is not offered");
		return;
	}
	if (sasl_mech_is_clear(mech) && !managesieve_clear_allowed(s)) {
		managesieve_no(s, "ENCRYPT-NEEDED", "Use STARTTLS first");
		return;
	}
	if (initial && c->args[1].text.n > GATE_AUTH_LINE_MAX) {
		managesieve_bad(s, "Authentication data too long");
		return;
	}
	s->auth = gate_auth_new(s->ctx->gate, GATE_SIEVE, s->net, mech, scram,
	                        &s->refused);
	step(s, gate_auth_begin(s->auth, initial,
	                        initial ? c->args[1].text : STR("")));
}

/* RFC 5804, 2.14: as after the greeting, TLS stays. */
void managesieve_cmd_unauthenticate(struct managesieve_session *s,
                                    const struct managesieve_command *c)
{
	(void)c;
	mem_free(s->address);
	s->address = NULL;
	s->account = (struct store_account){ .id = 0 };
	s->state = MANAGESIEVE_EARLY;
	s->commands = 0;
	managesieve_session_timeouts(s);
	managesieve_ok(s, "", "Nobody is logged in");
}
