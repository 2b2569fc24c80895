#include "pop3/session.h"

#include "base/mem.h"
#include "config/config.h"
#include "log/metric.h"
#include "os/clock.h"
#include "pop3/command.h"

/* Room for a line of AUTH; a command's is shorter. */
#define INPUT_MAX      ((size_t)8 * 1024)
#define COMMANDS_EARLY 50 /* before a login */
#define DEADLINE_EARLY (5 * US_PER_MIN)

void pop3_session_timeouts(struct pop3_session *s)
{
	const struct config *cfg = s->ctx->config;

	if (s->state == POP3_AUTHORIZATION) {
		net_deadline(s->net, DEADLINE_EARLY);
		net_timeout(s->net, config_us(cfg, OPT_POP3_IDLE_BEFORE_LOGIN));
		return;
	}
	net_deadline(s->net, 0);
	net_timeout(s->net, config_us(cfg, OPT_POP3_IDLE));
}

static void run(struct pop3_session *s, struct str line)
{
	const struct pop3_command *c;
	struct pop3_line l;

	if (line.n > POP3_LINE_MAX) {
		pop3_bad(s, "Line too long");
		return;
	}
	if (s->state == POP3_AUTHORIZATION && ++s->commands > COMMANDS_EARLY) {
		pop3_bye(s, "Too many commands before a login");
		return;
	}
	c = pop3_line_parse(line, &l) ? pop3_command_find(l.keyword) : NULL;
	if (!c)
		pop3_bad(s, "Unknown command");
	else if (!(c->states & s->state))
		pop3_bad(s, s->state == POP3_AUTHORIZATION
		                    ? "Log in first"
		                    : "You are logged in already");
	else
		c->run(s, l.args);
}

static void input(struct net_session *net)
{
	struct pop3_session *s = net_state(net);
	struct str line;

	if (s->state == POP3_ENDED) {
		net_consume(net, net_input(net).n);
		return;
	}
	if (net_take_line(net, &line, NULL)) {
		if (s->auth)
			pop3_auth_line(s, line);
		else
			run(s, line);
	} else if (net_input_full(net)) {
		net_consume(net, net_input(net).n);
		pop3_bye(s, "Line too long");
	}
}

static void open_session(struct net_session *net)
{
	struct pop3_session *s = net_state(net);

	s->net = net;
	s->ctx = net_context(net);
	s->state = POP3_AUTHORIZATION;
	metric_add(METRIC_POP3_CONNECTIONS, 1);
	net_min_rate(net,
	             (uint32_t)config_u64(s->ctx->config, OPT_NET_MIN_RATE));
	pop3_session_timeouts(s);
	pop3_ok(s, "Posthus ready");
}

static void secured(struct net_session *net)
{
	struct pop3_session *s = net_state(net);

	s->commands = 0;
	s->errors = 0;
}

static void timeout(struct net_session *net)
{
	struct pop3_session *s = net_state(net);

	if (s->net)
		pop3_bye(s, "[SYS/TEMP] Idle for too long");
}

/* What is marked stays, as when the connection breaks (RFC 1939, 3). */
static void drain(struct net_session *net)
{
	struct pop3_session *s = net_state(net);

	if (s->net)
		pop3_bye(s, "[SYS/TEMP] The server restarts, connect again");
	else
		net_close(net);
}

static void closed(struct net_session *net, enum net_end why)
{
	struct pop3_session *s = net_state(net);

	(void)why;
	if (!s->net)
		return;
	metric_add(METRIC_POP3_CONNECTIONS, -1);
	gate_auth_free(&s->auth);
	pop3_maildrop_close(&s->drop);
	mem_free(s->user);
	mem_free(s->address);
}

const struct net_service pop3_service = {
	.name = "pop3",
	.state_size = sizeof(struct pop3_session),
	.input_max = INPUT_MAX,
	.open = open_session,
	.input = input,
	.secured = secured,
	.timeout = timeout,
	.drain = drain,
	.closed = closed,
};
