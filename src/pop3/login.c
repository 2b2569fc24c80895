/* USER and PASS, and what follows any login. */
#include "base/mem.h"
#include "config/config.h"
#include "directory/directory.h"
#include "gate/live.h"
#include "log/log.h"
#include "pop3/command.h"

bool pop3_clear_allowed(const struct pop3_session *s)
{
	return gate_clear_allowed(config_str(s->ctx->config,
	                                     OPT_AUTH_PLAINTEXT_LOGIN),
	                          s->net);
}

bool pop3_scram_on(const struct pop3_session *s)
{
	return config_choice(s->ctx->config, OPT_AUTH_SCRAM) == CONFIG_ON;
}

static void log_login(const struct pop3_session *s, struct str user,
                      const struct gate_login_result *r)
{
	char ip[NET_ADDR_TEXT_MAX];
	bool ok = r->verdict == GATE_OK;
	struct log_line l;

	log_begin(&l, LOG_INFO, ok ? "pop3.login" : "pop3.login.refused");
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

static int find_account(struct pop3_session *s, int64_t id, struct err *err)
{
	struct directory_account acc;
	struct arena a;
	int rc;

	arena_init(&a);
	rc = directory_account_get(s->ctx->directory, id, &a, &acc, err);
	if (rc == 0)
		s->account = (struct store_account){ .id = acc.id,
			                             .shard = acc.shard,
			                             .quota_bytes =
			                                     acc.quota_bytes };
	arena_deinit(&a);
	return rc;
}

static void log_in(struct pop3_session *s, const struct gate_login_result *r)
{
	uint32_t max =
		(uint32_t)config_u64(s->ctx->config, OPT_POP3_MESSAGES_MAX);
	struct err err = ERR_INIT;

	if (find_account(s, r->account, &err) < 0 ||
	    pop3_maildrop_open(&s->drop, s->ctx->store, s->account, max, &err) <
	            0) {
		pop3_log_failure(s, &err);
		pop3_err(s, "[SYS/TEMP] Temporary failure, try later");
		return;
	}
	s->address = mem_strdup(r->address);
	s->state = POP3_TRANSACTION;
	gate_live_hold(s->ctx->gate, s->net, r->account, &r->credential);
	pop3_session_timeouts(s);
	pop3_ok(s, "%u messages (%llu octets)", s->drop.left,
	        (unsigned long long)s->drop.bytes_left);
}

void pop3_judge(struct pop3_session *s, struct str user,
                const struct gate_login_result *r)
{
	log_login(s, user, r);
	switch (r->verdict) {
	case GATE_OK: log_in(s, r); return;
	case GATE_WRONG:
		pop3_err(s, "[AUTH] Wrong user name or password");
		return;
	case GATE_LOCKED: /* R25 */
		pop3_err(s,
		         "[SYS/TEMP] Too many failed logins, try again in %u "
		         "seconds",
		         r->retry_s);
		return;
	case GATE_CASE: /* R6 */
		pop3_err(s, "[AUTH] write the user name in lowercase");
		return;
	case GATE_SUSPENDED:
		pop3_err(s, "[AUTH] This account may not log in at present");
		return;
	case GATE_APP_ONLY:
		pop3_err(s, "[AUTH] Two-step login is on: use an app "
		            "password");
		return;
	case GATE_CODE: /* of the web alone */
	case GATE_TEMP: break;
	}
	pop3_err(s, "[SYS/TEMP] Temporary failure, try later");
}

static bool may_send_password(struct pop3_session *s)
{
	if (pop3_clear_allowed(s))
		return true;
	pop3_err(s, "[AUTH] Use STLS first"); /* R13 */
	return false;
}

/* Any name is accepted: which exist is nobody's business (RFC 1939, 13). */
void pop3_cmd_user(struct pop3_session *s, struct str args)
{
	if (!may_send_password(s))
		return;
	if (args.n == 0) {
		pop3_bad(s, "A user name is expected");
		return;
	}
	mem_free(s->user);
	s->user = mem_dup(args.p, args.n);
	pop3_ok(s, "Send the password");
}

/* The password is all behind the blank (RFC 1939, 7: PASS). */
void pop3_cmd_pass(struct pop3_session *s, struct str args)
{
	struct gate_login_request req = { .protocol = GATE_POP3 };
	struct gate_login_result res = { .verdict = GATE_TEMP };
	struct err err = ERR_INIT;
	char *user = s->user;

	if (!may_send_password(s))
		return;
	if (!user) {
		pop3_bad(s, "Send USER first");
		return;
	}
	s->user = NULL;
	req.peer = *net_peer(s->net);
	req.user = str_z(user);
	req.secret = args;
	req.refused = &s->refused;
	req.way = GATE_WAY_COMMAND;
	if (gate_login(s->ctx->gate, &req, &res, &err) < 0)
		pop3_log_failure(s, &err);
	pop3_judge(s, req.user, &res);
	mem_free(user);
}
