#include "base/mem.h"
#include "config/config.h"
#include "directory/directory.h"
#include "gate/live.h"
#include "imap/command.h"
#include "log/log.h"

bool imap_clear_allowed(const struct imap_session *s)
{
	return gate_clear_allowed(config_str(s->ctx->config,
	                                     OPT_AUTH_PLAINTEXT_LOGIN),
	                          s->net);
}

static void log_login(const struct imap_session *s, struct str user,
                      const struct gate_login_result *r)
{
	char ip[NET_ADDR_TEXT_MAX];
	bool ok = r->verdict == GATE_OK;
	struct log_line l;

	log_begin(&l, LOG_INFO, ok ? "imap.login" : "imap.login.refused");
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

/* R32, at the login: others may have gone since the connection was made. */
static bool has_room(struct imap_session *s)
{
	imap_recount(s);
	if (!s->over)
		return true;
	imap_no(s,
	        "[LIMIT] You have %llu open IMAP connections from your address "
	        "already",
	        (unsigned long long)config_u64(s->ctx->config,
	                                       OPT_LIMITS_IMAP_CONNECTIONS));
	return false;
}

static void answer_logged_in(struct imap_session *s)
{
	struct buf b;

	buf_init(&b, 4096);
	imap_write_capabilities(s, &b);
	imap_ok(s, "[CAPABILITY %s] Logged in", buf_z(&b));
	buf_deinit(&b);
}

static void log_in(struct imap_session *s, const struct gate_login_result *r)
{
	struct directory_account acc;
	struct err err = ERR_INIT;
	struct arena a;

	arena_init(&a);
	if (directory_account_get(s->ctx->directory, r->account, &a, &acc,
	                          &err) < 0) {
		imap_log_failure(s, &err);
		imap_no(s, "[UNAVAILABLE] Temporary failure, try later");
		arena_deinit(&a);
		return;
	}
	s->account = (struct store_account){ .id = acc.id,
		                             .shard = acc.shard,
		                             .quota_bytes = acc.quota_bytes };
	arena_deinit(&a);
	s->address = mem_strdup(r->address);
	s->state = IMAP_AUTHENTICATED;
	gate_live_hold(s->ctx->gate, s->net, r->account, &r->credential);
	imap_session_timeouts(s);
	answer_logged_in(s);
}

static void judge(struct imap_session *s, const struct gate_login_result *r)
{
	switch (r->verdict) {
	case GATE_OK: log_in(s, r); return;
	case GATE_WRONG:
		imap_no(s, "[AUTHENTICATIONFAILED] Wrong user name or "
		           "password");
		return;
	case GATE_LOCKED:
		imap_no(s,
		        "[UNAVAILABLE] Too many failed logins, try again in "
		        "%u seconds",
		        r->retry_s);
		return;
	case GATE_CASE:
		imap_no(s, "[AUTHENTICATIONFAILED] write the user name in "
		           "lowercase");
		return;
	case GATE_SUSPENDED:
		imap_no(s, "[AUTHORIZATIONFAILED] This account may not log in "
		           "at present");
		return;
	case GATE_APP_ONLY:
		imap_no(s, "[AUTHORIZATIONFAILED] Two-step login is on: use an "
		           "app password");
		return;
	case GATE_CODE: /* of the web alone */
	case GATE_TEMP: break;
	}
	imap_no(s, "[UNAVAILABLE] Temporary failure, try later");
}

void imap_cmd_login(struct imap_session *s, struct imap_parser *p)
{
	struct gate_login_request req = { .protocol = GATE_IMAP };
	struct gate_login_result res = { .verdict = GATE_TEMP };
	struct err err = ERR_INIT;

	if (!imap_done(s, p,
	               imap_parse_sp(p) && imap_parse_astring(p, &req.user) &&
	                       imap_parse_sp(p) &&
	                       imap_parse_astring(p, &req.secret)))
		return;
	if (!imap_clear_allowed(s)) {
		imap_no(s, "[PRIVACYREQUIRED] Use STARTTLS first");
		return;
	}
	if (!has_room(s))
		return;
	req.peer = *net_peer(s->net);
	req.refused = &s->refused;
	req.way = GATE_WAY_COMMAND;
	if (gate_login(s->ctx->gate, &req, &res, &err) < 0)
		imap_log_failure(s, &err);
	log_login(s, req.user, &res);
	judge(s, &res);
}

/* ---- AUTHENTICATE ---- */

static bool scram_on(const struct imap_session *s)
{
	return config_choice(s->ctx->config, OPT_AUTH_SCRAM) == CONFIG_ON;
}

static void auth_step(struct imap_session *s, enum gate_auth_step step)
{
	struct gate_auth *a = s->auth;

	if (step == GATE_AUTH_MORE) {
		net_fmt(s->net, "+ %.*s\r\n", STR_ARG(gate_auth_challenge(a)));
		return;
	}
	s->auth = NULL;
	if (step == GATE_AUTH_DONE) {
		log_login(s, gate_auth_user(a), gate_auth_result(a));
		judge(s, gate_auth_result(a));
	} else if (step == GATE_AUTH_CANCELLED) {
		imap_bad(s, "Cancelled");
	} else {
		imap_bad(s, "Authentication data malformed");
	}
	gate_auth_free(&a);
}

void imap_auth_line(struct imap_session *s, struct str line)
{
	if (line.n > GATE_AUTH_LINE_MAX) {
		gate_auth_free(&s->auth);
		imap_bad(s, "[TOOBIG] Authentication data too long");
		return;
	}
	auth_step(s, gate_auth_line(s->auth, line));
}

void imap_cmd_authenticate(struct imap_session *s, struct imap_parser *p)
{
	struct str name, initial = STR("");
	enum sasl_mech mech;
	bool has_initial = false, ok;

	ok = imap_parse_sp(p) && imap_parse_atom(p, &name);
	/* RFC 4959: the rest is base64, whose "=" is no atom's matter. */
	if (ok && p->in.n > 1 && imap_accept(p, ' ')) {
		has_initial = true;
		initial = str_trim(p->in);
		p->in = str_from(p->in, p->in.n);
	}
	if (!imap_done(s, p, ok))
		return;
	if (!sasl_mech_find(name, &mech) ||
	    (!sasl_mech_is_clear(mech) && !scram_on(s))) {
		imap_no(s, "[CANNOT] This mechanism is not offered");
		return;
	}
	if (sasl_mech_is_clear(mech) && !imap_clear_allowed(s)) {
		imap_no(s, "[PRIVACYREQUIRED] Use STARTTLS first");
		return;
	}
	if (!has_room(s))
		return;
	s->auth = gate_auth_new(s->ctx->gate, GATE_IMAP, s->net, mech,
	                        scram_on(s), &s->refused);
	auth_step(s, gate_auth_begin(s->auth, has_initial, initial));
}
