#include "imap/session.h"

#include "base/mem.h"
#include "config/config.h"
#include "imap/command.h"
#include "log/log.h"
#include "log/metric.h"
#include "os/clock.h"

#define INPUT_MAX         ((size_t)8 * 1024)
#define INPUT_LITERAL_MAX ((size_t)256 * 1024)
#define COMMANDS_EARLY    100 /* before a login */
#define DEADLINE_EARLY    (10 * US_PER_MIN)
#define LITERAL_IDLE      (5 * US_PER_MIN)
#define POLL_WITHOUT_NEWS (5 * US_PER_SEC)

/* Before a login little is needed; after it, sets of UIDs and search texts may
 * be long (RFC 9051, 4: lines of 8,192 octets at least). */
static const struct imap_reader_limits limits_early = {
	.line_max = 8192,
	.literal_max = 1024,
	.literals_max = 4096,
	.count_max = 8,
};

static const struct imap_reader_limits limits_late = {
	.line_max = (size_t)128 * 1024,
	.literal_max = (size_t)64 * 1024,
	.literals_max = (size_t)256 * 1024,
	.count_max = 200,
};

void imap_session_timeouts(struct imap_session *s)
{
	const struct config *cfg = s->ctx->config;

	if (s->state == IMAP_NOT_AUTHENTICATED) {
		net_timeout(s->net, config_us(cfg, OPT_IMAP_IDLE_BEFORE_LOGIN));
		return;
	}
	net_deadline(s->net, 0);
	net_timeout(s->net, s->in_literal ? LITERAL_IDLE
	                                  : config_us(cfg, OPT_IMAP_IDLE));
	imap_reader_limit(&s->reader, &limits_late);
}

static void new_tag(struct imap_session *s, struct str tag)
{
	mem_free(s->tag);
	s->tag = tag.n ? mem_dup(tag.p, tag.n) : NULL;
}

/* ---- one command ---- */

/* tag SP name, "UID" and what follows it as one name of two words. */
static bool parse_head(struct imap_parser *p, struct str *tag, struct str *name)
{
	struct str second;

	if (!imap_parse_tag(p, tag) || !imap_parse_sp(p) ||
	    !imap_parse_atom(p, name))
		return false;
	if (!str_eq_case(*name, STR("UID")))
		return true;
	if (!imap_parse_sp(p) || !imap_parse_atom(p, &second))
		return false;
	*name = arena_fmt(p->arena, "UID %.*s", STR_ARG(second));
	return true;
}

static void run_allowed(struct imap_session *s, const struct imap_command *c,
                        struct imap_parser *p)
{
	if (!(c->states & s->state)) {
		if (s->state == IMAP_NOT_AUTHENTICATED)
			imap_bad(s, "Log in first");
		else if (c->states == IMAP_NOT_AUTHENTICATED)
			imap_bad(s, "You are logged in already");
		else
			imap_bad(s, "Select a mailbox first");
		return;
	}
	if ((c->flags & IMAP_WRITES) && s->read_only) {
		imap_no(s, "[NOPERM] The mailbox is open for reading only");
		return;
	}
	s->may_expunge = (c->flags & IMAP_MAY_EXPUNGE) != 0;
	c->run(s, p);
}

static void run(struct imap_session *s, struct str text)
{
	const struct imap_command *c;
	struct imap_parser p;
	struct str tag = STR(""), name;
	bool good;

	p = imap_parser(arena_dup(s->arena, text), s->arena);
	good = parse_head(&p, &tag, &name);
	new_tag(s, tag);
	s->may_expunge = false;
	if (!good) {
		imap_bad(s, "%s", p.error);
		return;
	}
	if (s->state == IMAP_NOT_AUTHENTICATED &&
	    ++s->commands > COMMANDS_EARLY) {
		imap_bye(s, "Too many commands before a login");
		return;
	}
	c = imap_command_find(name);
	if (c)
		run_allowed(s, c, &p);
	else
		imap_bad(s, "Unknown command");
}

static void run_command(struct imap_session *s)
{
	s->arena = mem_alloc(sizeof(*s->arena));
	arena_init(s->arena);
	run(s, imap_reader_text(&s->reader));
	imap_reader_next(&s->reader);
	if (s->arena) {
		arena_deinit(s->arena);
		mem_free(s->arena);
		s->arena = NULL;
	}
}

struct arena *imap_take_arena(struct imap_session *s)
{
	struct arena *a = s->arena;

	s->arena = NULL;
	return a;
}

/* ---- literals ---- */

/* LOGIN with a password that must not go over this line: say so before it
 * does. */
static bool is_forbidden_login(const struct imap_session *s, struct str name)
{
	return str_eq_case(name, STR("LOGIN")) && !imap_clear_allowed(s);
}

/* RFC 5464, 4.3: a value over the limit is answered NO, with the limit. */
static bool is_large_annotation(const struct imap_session *s, struct str name)
{
	return str_eq_case(name, STR("SETMETADATA")) &&
	       (s->state & IMAP_LOGGED_IN) &&
	       s->reader.literal.size >
	               config_u64(s->ctx->config, OPT_IMAP_METADATA_BYTES);
}

static void answer_literal(struct imap_session *s, struct str name)
{
	if (is_forbidden_login(s, name)) {
		imap_no(s, "[PRIVACYREQUIRED] Use STARTTLS first");
		imap_reader_refuse(&s->reader);
	} else if (is_large_annotation(s, name)) {
		imap_no(s, "[METADATA MAXSIZE %llu] The value is too large",
		        (unsigned long long)config_u64(
				s->ctx->config, OPT_IMAP_METADATA_BYTES));
		imap_reader_refuse(&s->reader);
	} else if (imap_reader_accept(&s->reader)) {
		if (s->reader.literal.sync)
			net_write(s->net, STR("+ OK\r\n"));
	} else {
		imap_bad(s, "[TOOBIG] Literal too large");
		imap_reader_refuse(&s->reader);
	}
}

/* "APPEND {5}": the literal is the mailbox, not the message. */
static bool is_name_literal(struct imap_parser *p)
{
	return imap_accept(p, ' ') &&
	       (imap_peek(p, '{') || imap_peek(p, '~')) &&
	       str_find(p->in, STR("\r\n")) == p->in.n - 2;
}

static void literal(struct imap_session *s)
{
	struct str tag = STR(""), name = STR("");
	struct imap_parser p;
	struct arena a;

	if (s->append) {
		imap_append_literal(s);
		return;
	}
	arena_init(&a);
	p = imap_parser(imap_reader_text(&s->reader), &a);
	(void)parse_head(&p, &tag, &name);
	new_tag(s, tag);
	s->may_expunge = false;
	if (str_eq_case(name, STR("APPEND")) && (s->state & IMAP_LOGGED_IN) &&
	    !is_name_literal(&p)) {
		s->may_expunge = true;
		imap_append_literal(s);
	} else {
		answer_literal(s, name);
	}
	arena_deinit(&a);
}

static void too_long(struct imap_session *s)
{
	struct imap_parser p = imap_parser(imap_reader_text(&s->reader), NULL);
	struct str tag = STR("");

	if (s->append)
		imap_append_drop(s);
	else if (imap_parse_tag(&p, &tag))
		new_tag(s, tag);
	imap_reader_next(&s->reader);
	imap_bad(s, "[TOOBIG] Line too long");
}

static void command_read(struct imap_session *s)
{
	if (!s->append) {
		run_command(s);
		return;
	}
	imap_append_finish(s, imap_reader_text(&s->reader));
	imap_reader_next(&s->reader);
}

/* ---- input ---- */

static void input(struct net_session *net);

/* Bulk has its own time limits and more room. */
static void set_literal_mode(struct imap_session *s, bool on)
{
	if (s->in_literal == on)
		return;
	s->in_literal = on;
	net_set_input(s->net, on ? input : NULL, on ? INPUT_LITERAL_MAX : 0);
	imap_session_timeouts(s);
}

/* One event of the reader; false when input is to be given later. */
static bool event(struct imap_session *s, enum imap_read what)
{
	switch (what) {
	case IMAP_READ_MORE: return false;
	case IMAP_READ_LITERAL:
		literal(s);
		set_literal_mode(s, s->append != NULL);
		return s->state != IMAP_LOGGED_OUT;
	case IMAP_READ_DATA: return true; /* taken before it was consumed */
	case IMAP_READ_DATA_END:
		imap_append_data_end(s);
		set_literal_mode(s, false);
		return true;
	case IMAP_READ_COMMAND: command_read(s); return false;
	case IMAP_READ_SKIPPED: imap_reader_next(&s->reader); return false;
	case IMAP_READ_TOO_LONG: too_long(s); return false;
	}
	return false;
}

/* AUTHENTICATE and IDLE read lines of their own. */
static void input_line(struct imap_session *s)
{
	struct str line;

	if (net_take_line(s->net, &line, NULL)) {
		if (s->auth)
			imap_auth_line(s, line);
		else
			imap_idle_line(s, line);
	} else if (net_input_full(s->net)) {
		imap_bye(s, "Line too long");
	}
}

static void input(struct net_session *net)
{
	struct imap_session *s = net_state(net);
	enum imap_read what;
	size_t used;

	if (s->state == IMAP_LOGGED_OUT) {
		net_consume(net, net_input(net).n);
		return;
	}
	if (s->auth || s->idle) {
		input_line(s);
		return;
	}
	do {
		what = imap_reader_feed(&s->reader, net_input(net), &used);
		if (what == IMAP_READ_DATA)
			imap_append_data(s, s->reader.data);
		net_consume(net, used);
	} while (event(s, what));
}

/* ---- the connection ---- */

/* R32: from twice the limit on the connection ends at once; between, its
 * login is refused.  True when it may stay. */
static bool count_connection(struct imap_session *s)
{
	uint64_t max = config_u64(s->ctx->config, OPT_LIMITS_IMAP_CONNECTIONS);
	struct err err = ERR_INIT;
	uint32_t open = 0;

	if (gate_connection_opened(s->ctx->gate, GATE_CONN_IMAP,
	                           net_peer(s->net), &open, &err) < 0) {
		imap_log_failure(s, &err);
		return true;
	}
	s->counted = true;
	s->over = open > max;
	return open < 2 * max;
}

void imap_recount(struct imap_session *s)
{
	if (!s->over)
		return;
	gate_connection_closed(s->ctx->gate, GATE_CONN_IMAP, net_peer(s->net));
	s->counted = false;
	(void)count_connection(s);
}

static void greet(struct imap_session *s)
{
	struct buf b;

	buf_init(&b, 4096);
	buf_add(&b, STR("* OK [CAPABILITY "));
	imap_write_capabilities(s, &b);
	buf_add(&b, STR("] Posthus ready\r\n"));
	net_write(s->net, buf_str(&b));
	buf_deinit(&b);
}

static void open_session(struct net_session *net)
{
	struct imap_session *s = net_state(net);

	metric_add(METRIC_IMAP_CONNECTIONS, 1);
	s->net = net;
	s->ctx = net_context(net);
	s->state = IMAP_NOT_AUTHENTICATED;
	imap_reader_init(&s->reader, &limits_early);
	uidset_init(&s->saved);
	net_min_rate(net,
	             (uint32_t)config_u64(s->ctx->config, OPT_NET_MIN_RATE));
	net_deadline(net, DEADLINE_EARLY);
	imap_session_timeouts(s);
	if (count_connection(s))
		greet(s);
	else
		imap_bye(s, "Too many open IMAP connections from your address");
}

static void secured(struct net_session *net)
{
	struct imap_session *s = net_state(net);

	s->commands = 0;
	s->errors = 0;
}

static void wake(struct net_session *net)
{
	struct imap_session *s = net_state(net);

	if (s->idle)
		(void)imap_tell(s, true);
}

static void alarm_rang(struct net_session *net)
{
	struct imap_session *s = net_state(net);

	if (!s->idle)
		return;
	if (imap_tell(s, true))
		net_alarm(net, POLL_WITHOUT_NEWS, false);
}

static void timeout(struct net_session *net)
{
	imap_bye(net_state(net), "Autologout, idle for too long");
}

static void drain(struct net_session *net)
{
	struct imap_session *s = net_state(net);

	if (s->state != 0)
		imap_bye(s, "The server restarts, connect again");
	else
		net_close(net);
}

static void closed(struct net_session *net, enum net_end why)
{
	struct imap_session *s = net_state(net);

	(void)why;
	if (!s->net)
		return;
	metric_add(METRIC_IMAP_CONNECTIONS, -1);
	imap_idle_stop(s);
	imap_append_drop(s);
	gate_auth_free(&s->auth);
	if (s->counted)
		gate_connection_closed(s->ctx->gate, GATE_CONN_IMAP,
		                       net_peer(net));
	view_close(&s->view);
	uidset_deinit(&s->saved);
	imap_reader_deinit(&s->reader);
	mem_free(s->tag);
	mem_free(s->address);
}

const struct net_service imap_service = {
	.name = "imap",
	.state_size = sizeof(struct imap_session),
	.input_max = INPUT_MAX,
	.open = open_session,
	.input = input,
	.secured = secured,
	.wake = wake,
	.alarm = alarm_rang,
	.timeout = timeout,
	.drain = drain,
	.closed = closed,
};
