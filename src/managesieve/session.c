#include "managesieve/session.h"

#include "base/mem.h"
#include "config/config.h"
#include "log/metric.h"
#include "managesieve/command.h"
#include "os/clock.h"

#define INPUT_MAX         ((size_t)8 * 1024)
#define INPUT_LITERAL_MAX ((size_t)64 * 1024)
#define COMMANDS_EARLY    50 /* before a login */
#define DEADLINE_EARLY    (5 * US_PER_MIN)
#define LITERAL_IDLE      (5 * US_PER_MIN)

/* Before a login the longest string is one of SASL; after it, but for
 * scripts, a name. */
static const struct managesieve_limits limits_early = {
	.text_max = GATE_AUTH_LINE_MAX + 1024,
	.literal_max = GATE_AUTH_LINE_MAX,
	.skip_max = (uint64_t)64 * 1024,
};

static const struct managesieve_limits limits_late = {
	.text_max = 4096,
	.literal_max = 1024,
	.skip_max = (uint64_t)4 * 1024 * 1024,
};

void managesieve_session_timeouts(struct managesieve_session *s)
{
	const struct config *cfg = s->ctx->config;

	if (s->state == MANAGESIEVE_EARLY) {
		net_deadline(s->net, DEADLINE_EARLY);
		net_timeout(s->net,
		            config_us(cfg, OPT_SIEVE_IDLE_BEFORE_LOGIN));
		managesieve_reader_limit(&s->reader, &limits_early);
		return;
	}
	net_deadline(s->net, 0);
	net_timeout(s->net, s->in_literal ? LITERAL_IDLE
	                                  : config_us(cfg, OPT_SIEVE_IDLE));
	managesieve_reader_limit(&s->reader, &limits_late);
}

/* ---- one command ---- */

/* Do the arguments fit the row's letters? */
static bool args_fit(const char *letters, const struct managesieve_command *c)
{
	bool needed = true;
	size_t i = 0;

	for (; *letters; letters++) {
		if (*letters == '?') {
			needed = false;
			continue;
		}
		if (i == c->n)
			return !needed;
		if ((*letters == 'N') !=
		    (c->args[i].kind == MANAGESIEVE_NUMBER))
			return false;
		if (*letters == 'S' && c->args[i].kind == MANAGESIEVE_STREAMED)
			return false;
		i++;
	}
	return i == c->n;
}

static void run(struct managesieve_session *s,
                const struct managesieve_command *c)
{
	const struct managesieve_row *row;

	if (s->auth) {
		managesieve_auth_line(s, c);
		return;
	}
	if (s->state == MANAGESIEVE_EARLY && ++s->commands > COMMANDS_EARLY) {
		managesieve_bye(s, "", "Too many commands before a login");
		return;
	}
	row = managesieve_row_find(c->name);
	if (!row)
		managesieve_bad(s, "Unknown command");
	else if (!(row->states & s->state))
		managesieve_bad(s, s->state == MANAGESIEVE_EARLY
		                           ? "Log in first"
		                           : "You are logged in already");
	else if (!args_fit(row->args, c))
		managesieve_bad(s, "These are not its arguments");
	else
		row->run(s, c);
}

static void run_command(struct managesieve_session *s)
{
	struct managesieve_command c;

	managesieve_reader_get(&s->reader, &c);
	run(s, &c);
	managesieve_text_drop(s);
	managesieve_reader_next(&s->reader);
}

static void line_bad(struct managesieve_session *s)
{
	gate_auth_free(&s->auth);
	managesieve_text_drop(s);
	if (s->state == MANAGESIEVE_EARLY && ++s->commands > COMMANDS_EARLY)
		managesieve_bye(s, "", "Too many commands before a login");
	else
		managesieve_bad(s, s->reader.why);
	managesieve_reader_next(&s->reader);
}

static void refused(struct managesieve_session *s)
{
	gate_auth_free(&s->auth);
	managesieve_fail(s, &s->err);
	managesieve_text_drop(s);
	managesieve_reader_next(&s->reader);
}

/* ---- input ---- */

static void input(struct net_session *net);

/* Bulk has its own time limits and more room. */
static void set_literal_mode(struct managesieve_session *s, bool on)
{
	if (s->in_literal == on)
		return;
	s->in_literal = on;
	net_set_input(s->net, on ? input : NULL, on ? INPUT_LITERAL_MAX : 0);
	if (s->state != MANAGESIEVE_ENDED)
		managesieve_session_timeouts(s);
}

/* One event of the reader; false when input is to be given later. */
static bool event(struct managesieve_session *s, enum managesieve_read what)
{
	switch (what) {
	case MANAGESIEVE_MORE: return false;
	case MANAGESIEVE_DATA: return true; /* taken before it was consumed */
	case MANAGESIEVE_LITERAL:
		managesieve_text_begin(s);
		set_literal_mode(s, s->state == MANAGESIEVE_LOGGED_IN);
		return true;
	case MANAGESIEVE_COMMAND:
		set_literal_mode(s, false);
		run_command(s);
		return false;
	case MANAGESIEVE_BAD:
		set_literal_mode(s, false);
		line_bad(s);
		return false;
	case MANAGESIEVE_REFUSED:
		set_literal_mode(s, false);
		refused(s);
		return false;
	case MANAGESIEVE_LOST:
		managesieve_bye(s, "QUOTA/MAXSIZE",
		                "So much is not passed over");
		return false;
	}
	return false;
}

static void input(struct net_session *net)
{
	struct managesieve_session *s = net_state(net);
	enum managesieve_read what;
	size_t used;

	if (s->state == MANAGESIEVE_ENDED) {
		net_consume(net, net_input(net).n);
		return;
	}
	do {
		what = managesieve_reader_feed(&s->reader, net_input(net),
		                               &used);
		if (what == MANAGESIEVE_DATA)
			managesieve_text_add(s, s->reader.data);
		net_consume(net, used);
	} while (event(s, what));
}

/* ---- the connection ---- */

static void open_session(struct net_session *net)
{
	struct managesieve_session *s = net_state(net);

	s->net = net;
	s->ctx = net_context(net);
	s->state = MANAGESIEVE_EARLY;
	metric_add(METRIC_SIEVE_CONNECTIONS, 1);
	managesieve_reader_init(&s->reader, &limits_early);
	net_min_rate(net,
	             (uint32_t)config_u64(s->ctx->config, OPT_NET_MIN_RATE));
	managesieve_session_timeouts(s);
	managesieve_write_capabilities(s);
	managesieve_ok(s, "", "Posthus ready");
}

static void secured(struct net_session *net)
{
	struct managesieve_session *s = net_state(net);

	s->commands = 0;
	s->errors = 0;
	managesieve_reader_next(&s->reader);
	managesieve_write_capabilities(s);
	managesieve_ok(s, "", "TLS is on");
}

static void timeout(struct net_session *net)
{
	struct managesieve_session *s = net_state(net);

	if (s->net)
		managesieve_bye(s, "", "Idle for too long");
}

static void drain(struct net_session *net)
{
	struct managesieve_session *s = net_state(net);

	if (s->net)
		managesieve_bye(s, "TRYLATER",
		                "The server restarts, connect again");
	else
		net_close(net);
}

static void closed(struct net_session *net, enum net_end why)
{
	struct managesieve_session *s = net_state(net);

	(void)why;
	if (!s->net)
		return;
	metric_add(METRIC_SIEVE_CONNECTIONS, -1);
	gate_auth_free(&s->auth);
	managesieve_text_drop(s);
	managesieve_reader_deinit(&s->reader);
	mem_free(s->address);
}

const struct net_service managesieve_service = {
	.name = "sieve",
	.state_size = sizeof(struct managesieve_session),
	.input_max = INPUT_MAX,
	.open = open_session,
	.input = input,
	.secured = secured,
	.timeout = timeout,
	.drain = drain,
	.closed = closed,
};
