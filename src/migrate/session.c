#include "migrate/session.h"

#include <string.h>

#include "crypto/tls_client.h"
#include "dns/client.h"
#include "os/clock.h"
#include "relay/hosts.h"

#define CONNECT_US (20 * US_PER_SEC)
#define ANSWER_US  (2 * US_PER_MIN)
#define DNS_US     (20 * US_PER_SEC)

/* Of one response.  Names and header fields come as literals too. */
static const struct imap_reader_limits limits = {
	.line_max = 128 * 1024,
	.literal_max = 64 * 1024,
	.literals_max = 256 * 1024,
	.count_max = 50,
};

/* ---- reading ---- */

/* A literal begins: a message, or a part of the response. */
static int begin_literal(struct session *s, struct err *err)
{
	struct imap_parser p;
	struct imap_response r;
	struct imap_fetched f = { .got = 0 };
	struct str text = imap_reader_text(&s->reader);

	p = imap_parser(text, &s->arena);
	if (!s->has_head && imap_parse_response(&p, &r) &&
	    str_eq_case(r.name, STR("FETCH")) && imap_parse_fetched(&p, &f) &&
	    f.is_cut && str_find_case(text, STR("BODY[] ")) != STR_NPOS) {
		s->has_head = true;
		s->head_text = arena_dup(&s->arena, text);
		s->too_big = s->reader.literal.size > s->m->message_max;
		if (!s->too_big)
			s->body = spool_new(s->m->spool, s->m->message_max);
		imap_reader_stream(&s->reader);
		return 0;
	}
	if (imap_reader_accept(&s->reader))
		return 0;
	return err_set(err, ERR_INVALID, "a response is too large");
}

/* One step; 1: a response is whole, its text in the arena. */
static int step(struct session *s, struct str *out, struct err *err)
{
	struct str in = relay_conn_input(&s->conn);
	enum imap_read what;
	size_t used;
	int rc = 0;

	if (!in.n && !(s->has_head && !s->reader.left))
		return relay_conn_more(&s->conn, ANSWER_US, err);
	what = imap_reader_feed(&s->reader, in, &used);
	switch (what) {
	case IMAP_READ_MORE: break;
	case IMAP_READ_LITERAL: rc = begin_literal(s, err); break;
	case IMAP_READ_DATA:
		if (s->body)
			rc = spool_add(s->body, s->reader.data, err);
		break;
	case IMAP_READ_DATA_END: break;
	case IMAP_READ_COMMAND:
		*out = arena_dup(&s->arena, imap_reader_text(&s->reader));
		imap_reader_next(&s->reader);
		rc = 1;
		break;
	case IMAP_READ_SKIPPED:
	case IMAP_READ_TOO_LONG:
		rc = err_set(err, ERR_INVALID, "a response is too long");
		break;
	}
	relay_conn_take(&s->conn, used);
	if (what == IMAP_READ_MORE && rc == 0 && used == in.n)
		rc = relay_conn_more(&s->conn, ANSWER_US, err);
	return rc;
}

static int bad(const struct imap_parser *p, struct err *err)
{
	return err_set(err, ERR_INVALID, "what came is not IMAP: %s",
	               p->error ? p->error : "it cannot be read");
}

/* What stood before the body, and what stands behind it. */
static int read_message(struct session *s, struct str rest,
                        struct session_answer *out, struct err *err)
{
	struct imap_parser p = imap_parser(s->head_text, &s->arena);

	s->has_head = false;
	out->is_message = true;
	if (!imap_parse_response(&p, &out->r) ||
	    !imap_parse_fetched(&p, &out->f))
		return bad(&p, err);
	p = imap_parser(rest, &s->arena);
	if (!imap_parse_fetched_rest(&p, &out->f))
		return bad(&p, err);
	out->too_big = s->too_big;
	if (s->body && spool_seal(s->body, err) < 0)
		return -1;
	out->body = s->body;
	s->body = NULL;
	return 1;
}

static int read_response(struct session *s, struct str text,
                         struct session_answer *out, struct err *err)
{
	struct imap_parser *p = &out->rest;

	*p = imap_parser(text, &s->arena);
	if (!imap_parse_response(p, &out->r))
		return bad(p, err);
	if (str_eq_case(out->r.name, STR("FETCH"))) {
		out->is_message = true;
		if (!imap_parse_fetched(p, &out->f))
			return bad(p, err);
	}
	if (!out->r.tag.n && str_eq_case(out->r.name, STR("CAPABILITY"))) {
		buf_reset(&s->capabilities);
		buf_add(&s->capabilities, p->in);
	}
	if (str_starts_case(out->r.code, STR("CAPABILITY "))) {
		buf_reset(&s->capabilities);
		buf_add(&s->capabilities, str_from(out->r.code, 11));
	}
	return 1;
}

int session_next(struct session *s, struct session_answer *out, struct err *err)
{
	struct str text = { 0 };
	int rc;

	arena_reset(&s->arena);
	*out = (struct session_answer){ .is_message = false };
	do
		rc = step(s, &text, err);
	while (rc == 0);
	if (rc < 0)
		return -1;
	rc = s->has_head ? read_message(s, text, out, err)
	                 : read_response(s, text, out, err);
	if (rc > 0 && out->r.status == IMAP_STATUS_BYE)
		return err_set(err, ERR_CLOSED, "the server ended it: %.*s",
		               STR_ARG(str_to(out->r.text, 200)));
	return rc < 0 ? -1 : !out->r.tag.n;
}

int session_finish(struct session *s, struct err *err)
{
	struct session_answer a;
	int rc;

	while ((rc = session_next(s, &a, err)) > 0)
		spool_free(&a.body);
	if (rc == 0 && a.r.status != IMAP_STATUS_OK)
		rc = err_set(err, ERR_DENIED, "the server says: %.*s",
		             STR_ARG(str_to(a.r.text, 200)));
	return rc;
}

/* ---- writing ---- */

void session_quote(struct buf *b, struct str name)
{
	buf_add_c(b, '"');
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] == '"' || name.p[i] == '\\')
			buf_add_c(b, '\\');
		buf_add_c(b, name.p[i]);
	}
	buf_add_c(b, '"');
}

int session_say(struct session *s, struct str command, struct err *err)
{
	struct buf b;
	int rc;

	buf_init(&b, 64 * 1024);
	buf_fmt(&b, "P%u ", ++s->tag);
	buf_add(&b, command);
	buf_add_z(&b, "\r\n");
	if (buf_overflow(&b))
		rc = err_set(err, ERR_TOO_BIG, "too long a command");
	else
		rc = relay_conn_send(&s->conn, buf_str(&b), ANSWER_US, err);
	if (b.p)
		explicit_bzero(b.p, b.n); /* it may have been the login */
	buf_deinit(&b);
	return rc;
}

/* ---- opening ---- */

static int greeting(struct session *s, struct err *err)
{
	struct session_answer a;
	int rc = session_next(s, &a, err);

	if (rc < 0)
		return -1;
	if (!rc || a.r.status != IMAP_STATUS_OK)
		return err_set(err, ERR_TEMP, "the server does not greet");
	return 0;
}

static int begin_tls(struct session *s, struct err *err)
{
	const char *name = arena_strz(&s->arena, s->m->server.host);
	struct tls_client_demand d = { .sni = name,
		                       .names = &name,
		                       .n_names = 1 };

	return relay_conn_tls(&s->conn, s->tls, &d, CONNECT_US, err);
}

static int starttls(struct session *s, struct err *err)
{
	if (greeting(s, err) < 0 || session_say(s, STR("STARTTLS"), err) < 0 ||
	    session_finish(s, err) < 0)
		return -1;
	buf_reset(&s->capabilities); /* RFC 9051, 6.2.1 */
	return begin_tls(s, err);
}

/* A quoted string cannot hold these (RFC 9051, 9). */
static bool is_sayable(struct str t)
{
	for (size_t i = 0; i < t.n; i++)
		if (t.p[i] == '\r' || t.p[i] == '\n' || t.p[i] == '\0')
			return false;
	return t.n > 0 && t.n <= 1000;
}

static int login(struct session *s, struct err *err)
{
	struct buf b;
	int rc;

	if (!is_sayable(s->m->server.user) ||
	    !is_sayable(s->m->server.password))
		return err_set(err, ERR_INVALID,
		               "user or password cannot be sent");
	buf_init(&b, 8192);
	buf_add_z(&b, "LOGIN ");
	session_quote(&b, s->m->server.user);
	buf_add_c(&b, ' ');
	session_quote(&b, s->m->server.password);
	rc = session_say(s, buf_str(&b), err);
	explicit_bzero(b.p, b.n);
	buf_deinit(&b);
	if (rc == 0 && session_finish(s, err) < 0)
		rc = err_prefix(err, "the login failed");
	return rc;
}

static int hello(struct session *s, struct err *err)
{
	if (s->m->server.starttls
	            ? starttls(s, err) < 0
	            : begin_tls(s, err) < 0 || greeting(s, err) < 0)
		return -1;
	if (login(s, err) < 0 || session_say(s, STR("CAPABILITY"), err) < 0 ||
	    session_finish(s, err) < 0)
		return -1;
	s->special_use = imap_capability_has(buf_str(&s->capabilities),
	                                     STR("SPECIAL-USE"));
	return 0;
}

/* The addresses of the server that may be connected to. */
static int find(struct session *s, struct relay_addresses *out, struct err *err)
{
	const struct migrate *m = s->m;
	struct dns_budget budget = { .lookups = 10,
		                     .until_us = clock_steady_us() + DNS_US };
	struct relay_asker ask = {
		.dns = m->dns, .budget = &budget, .ipv4 = true, .ipv6 = true
	};
	struct relay_host h = { .name = m->server.host };
	struct relay_outcome why = { .kind = RELAY_OK };
	struct err ignored = ERR_INIT;
	size_t n = 0;

	if (net_addr_parse(m->server.host, &h.literal, &ignored) < 0)
		h.literal = (struct net_addr){ .family = NET_NONE };
	if (!relay_host_addresses(out, &ask, &h, &s->arena, &why))
		return err_set(err,
		               why.kind == RELAY_TEMP ? ERR_TEMP : ERR_DENIED,
		               "%.*s has no address%s", STR_ARG(m->server.host),
		               why.kind == RELAY_TEMP ? " for now" : "");
	for (size_t i = 0; i < out->n; i++) {
		if (m->may_connect &&
		    !m->may_connect(m->may_connect_arg, &out->v[i]))
			continue;
		out->v[n] = out->v[i];
		out->v[n++].port = m->server.port;
	}
	out->n = n;
	return n ? 0
	         : err_set(err, ERR_DENIED, "%.*s is in a private network",
	                   STR_ARG(m->server.host));
}

int session_open(struct session *s, const struct migrate *m, struct err *err)
{
	struct tls_client_options o = { .authorities = true,
		                        .ca_file = m->server.ca_file };
	struct relay_addresses at;
	int rc = -1;

	*s = (struct session){ .m = m };
	arena_init(&s->arena);
	relay_conn_init(&s->conn, m->stop_fd);
	imap_reader_init(&s->reader, &limits);
	buf_init(&s->capabilities, 64 * 1024);
	if (find(s, &at, err) < 0 || tls_client_new(&s->tls, &o, err) < 0)
		return -1;
	for (size_t i = 0; i < at.n && rc < 0; i++)
		rc = relay_conn_open(&s->conn, &at.v[i], NULL, CONNECT_US, err);
	if (rc < 0)
		return err_prefix(err, "cannot connect to %.*s",
		                  STR_ARG(m->server.host));
	return hello(s, err);
}

void session_close(struct session *s)
{
	relay_conn_close(&s->conn);
	buf_deinit(&s->conn.in);
	tls_client_free(&s->tls);
	spool_free(&s->body);
	imap_reader_deinit(&s->reader);
	buf_deinit(&s->capabilities);
	arena_deinit(&s->arena);
}
