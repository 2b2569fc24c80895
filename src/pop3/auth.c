#include "pop3/command.h"

static void step(struct pop3_session *s, enum gate_auth_step step)
{
	struct gate_auth *a = s->auth;

	if (step == GATE_AUTH_MORE) {
		net_fmt(s->net, "+ %.*s\r\n", STR_ARG(gate_auth_challenge(a)));
		return;
	}
	s->auth = NULL;
	if (step == GATE_AUTH_DONE)
		pop3_judge(s, gate_auth_user(a), gate_auth_result(a));
	else if (step == GATE_AUTH_CANCELLED)
		pop3_err(s, "Cancelled");
	else
		pop3_bad(s, "Authentication data malformed");
	gate_auth_free(&a);
}

void pop3_auth_line(struct pop3_session *s, struct str line)
{
	if (line.n > GATE_AUTH_LINE_MAX) {
		gate_auth_free(&s->auth);
		pop3_bad(s, "Authentication data too long");
		return;
	}
	step(s, gate_auth_line(s->auth, line));
}

/* "AUTH" alone: the mechanisms, as programs older than CAPA ask for them. */
static void list_mechanisms(struct pop3_session *s)
{
	const char *name;

	pop3_ok(s, "Mechanisms follow");
	for (unsigned i = 0;
	     (name = gate_auth_mechanism(i, pop3_scram_on(s),
	                                 net_is_tls(s->net),
	                                 pop3_clear_allowed(s)));
	     i++)
		net_fmt(s->net, "%s\r\n", name);
	net_write(s->net, STR(".\r\n"));
}

/* RFC 5034, 4 */
void pop3_cmd_auth(struct pop3_session *s, struct str args)
{
	struct str name, initial = STR("");
	enum sasl_mech mech;
	bool has_initial;

	if (!pop3_word(&args, &name)) {
		list_mechanisms(s);
		return;
	}
	has_initial = pop3_word(&args, &initial);
	if (!pop3_take_end(s, args))
		return;
	if (!sasl_mech_find(name, &mech) ||
	    (!sasl_mech_is_clear(mech) && !pop3_scram_on(s))) {
		pop3_bad(s, "This mechanism is not offered");
		return;
	}
	if (sasl_mech_is_clear(mech) && !pop3_clear_allowed(s)) {
		pop3_err(s, "[AUTH] Use STLS first");
		return;
	}
	s->auth = gate_auth_new(s->ctx->gate, GATE_POP3, s->net, mech,
	                        pop3_scram_on(s), &s->refused);
	step(s, gate_auth_begin(s->auth, has_initial, initial));
}
