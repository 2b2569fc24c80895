#include "smtp/server.h"

#include <string.h>

#include "base/mem.h"
#include "config/config.h"
#include "gate/auth.h"
#include "log/log.h"
#include "log/metric.h"
#include "os/clock.h"
#include "smtp/session.h"

const struct smtp_context *smtp_context(struct net_session *s)
{
	return net_context(s);
}

void smtp_log_peer(struct log_line *l, const struct net_session *s)
{
	char ip[NET_ADDR_TEXT_MAX];

	log_u64(l, "sid", net_session_id(s));
	log_z(l, "ip", net_addr_text(net_peer(s), ip));
}

/* ---- beginning ---- */

static bool is_exempt(const struct config *cfg, const struct net_addr *peer)
{
	const struct str *nets;
	size_t n = config_list(cfg, OPT_LIMITS_CONNECTIONS_EXEMPT, &nets), i;

	for (i = 0; i < n; i++) {
		struct net_prefix p;
		struct err err;

		if (net_prefix_parse(nets[i], &p, &err) == 0 &&
		    net_prefix_has(&p, peer))
			return true;
	}
	return false;
}

/* R16; the eleventh is told so at once and closed. */
static bool count_connection(struct net_session *s, struct smtp *c,
                             const struct smtp_context *x)
{
	struct policy_facts f = { .step = POLICY_CONNECT };
	struct policy_verdict v;
	struct log_line l;

	if (x->kind == SMTP_SUBMISSION)
		return true;
	f.connections = smtp_shared_open(x->shared, net_peer(s));
	c->counted = true;
	f.connections_max =
		x->kind == SMTP_SENDMAIL
			? SMTP_SCRIPTS_MAX
			: (uint32_t)config_u64(x->config,
	                                       OPT_LIMITS_MX_CONNECTIONS);
	if (f.connections > f.connections_max)
		f.exempt = is_exempt(x->config, net_peer(s));
	v = policy_admit(&f);
	if (v.ref == REF_NONE)
		return true;
	log_begin(&l, LOG_INFO, "smtp.connect.refused");
	smtp_log_peer(&l, s);
	log_z(&l, "ref", policy_reply(v.ref)->ref);
	log_end(&l);
	smtp_trail_refused(s, c, v.ref, &(struct policy_words){ .n = v.n });
	smtp_refuse(s, c, v.ref, NULL);
	net_close(s);
	return false;
}

static void on_open(struct net_session *s)
{
	const struct smtp_context *x = smtp_context(s);
	struct smtp *c = net_state(s);

	if (x->kind == SMTP_SENDMAIL)
		smtp_script_open(s, c);
	metric_add(x->kind == SMTP_MX ? METRIC_SMTP_CONNECTIONS_MX
	                              : METRIC_SMTP_CONNECTIONS_SUBMISSION,
	           1);
	net_timeout(s, config_us(x->config, OPT_SMTP_IDLE));
	net_min_rate(s, (uint32_t)config_u64(x->config, OPT_NET_MIN_RATE));
	if (!count_connection(s, c, x))
		return;
	net_fmt(s, "220 %.*s ESMTP Posthus\r\n",
	        STR_ARG(config_hostname(x->config)));
}

/* ---- commands ---- */

/* A state the row asks for is missing: say so. */
static bool state_is_wrong(struct net_session *s, struct smtp *c,
                           const struct smtp_row *row)
{
	const char *why = NULL;

	if ((row->needs & SMTP_NEEDS_HELO) && !c->helo)
		why = "Say HELO or EHLO first";
	else if ((row->needs & SMTP_NO_LOGIN) && smtp_is_known(c))
		why = "Already logged in";
	else if ((row->needs & SMTP_NO_MAIL) && c->tx)
		why = "Not inside a mail transaction";
	else if ((row->needs & SMTP_NEEDS_MAIL) && !c->tx)
		why = "Say MAIL first";
	if (!why)
		return false;
	/* R23: who has not logged in learns that at RCPT and DATA too. */
	smtp_error(s, c, 503, "5.5.1", why);
	return true;
}

/* NOOP and its like without end hold a place for nothing. */
static bool is_idling(struct net_session *s, struct smtp *c)
{
	bool early = smtp_context(s)->kind == SMTP_SUBMISSION && !c->account_id;

	if (++c->idle_commands <=
	    (early ? SMTP_EARLY_COMMANDS_MAX : SMTP_IDLE_COMMANDS_MAX))
		return false;
	smtp_say(s, 421, "4.7.0", "Too many commands without mail, closing");
	net_close(s);
	return true;
}

void smtp_confirm_last(struct net_session *s, struct smtp *c)
{
	if (!c->unconfirmed)
		return;
	intake_answered(smtp_context(s)->intake, c->unconfirmed);
	mem_free(c->unconfirmed);
	c->unconfirmed = NULL;
}

static void run_line(struct net_session *s, struct smtp *c, struct str line)
{
	struct smtp_command cmd = smtp_command_split(line);
	const struct smtp_row *row = smtp_row_find(cmd.verb);

	/* RFC 4954, 4: an initial response may be long. */
	if (line.n > SMTP_COMMAND_MAX - 2 &&
	    (line.n > SMTP_AUTH_MAX || !str_eq_case(cmd.verb, STR("AUTH")))) {
		smtp_error(s, c, 500, "5.5.2", "Line too long");
		return;
	}
	if (!smtp_command_is_clean(line)) {
		smtp_error(s, c, 500, "5.5.2", "Bad character in a command");
		return;
	}
	/* RFC 3463, 3.6: 5.5.1 is a command that is not known. */
	if (!row) {
		smtp_error(s, c, 500, "5.5.1", "Command not recognized");
		return;
	}
	if (state_is_wrong(s, c, row))
		return;
	if (!(row->needs & SMTP_PROGRESS) && is_idling(s, c))
		return;
	row->run(s, c, cmd.args);
}

/* What is left of a line that was too long. */
static void skip_input(struct net_session *s)
{
	struct str in = net_input(s);
	size_t lf = str_chr(in, '\n');

	if (lf == STR_NPOS) {
		net_consume(s, in.n);
		return;
	}
	net_consume(s, lf + 1);
	smtp_resume(s, net_state(s));
}

void smtp_input(struct net_session *s)
{
	struct smtp *c = net_state(s);
	struct str line;
	int i;

	for (i = 0; i < SMTP_PIPELINE_MAX; i++) {
		if (!net_take_line(s, &line, NULL))
			break;
		/* What was sent before our answer went out says nothing. */
		if (i == 0 && !c->sent_ahead)
			smtp_confirm_last(s, c);
		c->sent_ahead = false;
		run_line(s, c, line);
		if (c->busy || net_is_closing(s))
			return;
	}
	if (i == 0 && net_input_full(s)) {
		smtp_error(s, c, 500, "5.5.2", "Line too long");
		net_consume(s, net_input(s).n);
		if (!net_is_closing(s)) {
			c->busy = true;
			net_set_input(s, skip_input, 0);
		}
	}
}

void smtp_resume(struct net_session *s, struct smtp *c)
{
	c->busy = false;
	net_set_input(s, NULL, 0);
	net_deadline(s, 0);
	net_timeout(s, config_us(smtp_context(s)->config, OPT_SMTP_IDLE));
	if (net_is_draining(s)) {
		smtp_say(s, 421, "4.3.2", "Shutting down, try again");
		net_close(s);
	}
}

/* ---- other news of the engine ---- */

/* RFC 3207, 4.2: what was said in clear is forgotten. */
static void on_secured(struct net_session *s)
{
	struct smtp *c = net_state(s);

	mem_free(c->helo);
	c->helo = NULL;
	c->busy = false;
	smtp_tx_drop(c);
}

static void on_timeout(struct net_session *s)
{
	smtp_say(s, 421, "4.4.2", "Timeout, closing");
}

static void on_drain(struct net_session *s)
{
	struct smtp *c = net_state(s);

	if (c->busy)
		return; /* smtp_resume() says goodbye */
	smtp_say(s, 421, "4.3.2", "Shutting down, try again");
	net_close(s);
}

static void on_closed(struct net_session *s, enum net_end why)
{
	const struct smtp_context *x = smtp_context(s);
	struct smtp *c = net_state(s);

	(void)why;
	if (c->counted)
		smtp_shared_close(x->shared, net_peer(s));
	if (c->tx && c->tx->rcpts_n)
		smtp_trail(s, c, TRAIL_ABANDONED);
	smtp_tx_drop(c);
	gate_auth_free(&c->auth);
	mem_free(c->helo);
	mem_free(c->login);
	mem_free(c->script);
	mem_free(c->unconfirmed);
}

const struct net_service smtp_service = {
	.name = "smtp",
	.state_size = sizeof(struct smtp),
	.input_max = 16384,
	.open = on_open,
	.input = smtp_input,
	.secured = on_secured,
	.timeout = on_timeout,
	.drain = on_drain,
	.closed = on_closed,
};
