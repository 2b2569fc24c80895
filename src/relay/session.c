#include "relay/session.h"

#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "crypto/tls_client.h"
#include "os/clock.h"

#define QUIT_US  (5 * US_PER_SEC)
#define RSET_US  (5 * US_PER_SEC) /* sooner connected anew */
#define RCPT_MIN 100 /* RFC 5321, 4.5.3.1.8: every server takes these */
#define RCPT_MAX 1000
#define BY_MAX_S 999999999 /* RFC 2852, 4: nine digits */

void relay_session_init(struct relay_session *s, int stop_fd)
{
	memset(s, 0, sizeof(*s));
	relay_conn_init(&s->conn, stop_fd);
	smtp_answer_init(&s->answer);
}

void relay_session_close(struct relay_session *s)
{
	struct err err;

	if (s->conn.fd >= 0 && !s->broken &&
	    relay_conn_send(&s->conn, STR("QUIT\r\n"), QUIT_US, &err) == 0)
		/* RFC 5321, 4.1.1.10: wait for the answer, but not long. */
		err_drop(
			relay_conn_answer(&s->conn, &s->answer, QUIT_US, &err));
	relay_conn_close(&s->conn);
	smtp_answer_deinit(&s->answer);
	smtp_answer_init(&s->answer);
}

/* ---- what EHLO said ---- */

static void read_limits(struct relay_session *s, struct str args)
{
	struct str word;
	uint64_t n;

	while (str_cut(&args, ' ', &word))
		if (str_starts_case(word, STR("RCPTMAX=")) &&
		    str_to_u64(str_from(word, 8), 1000000, &n) && n > 0)
			s->rcpt_max = n < RCPT_MAX ? (size_t)n : RCPT_MAX;
}

static void read_auth(struct relay_session *s, struct str args)
{
	struct str word;

	while (str_cut(&args, ' ', &word)) {
		if (str_eq_case(word, STR("PLAIN")))
			s->can |= RELAY_CAN_PLAIN;
		if (str_eq_case(word, STR("LOGIN")))
			s->can |= RELAY_CAN_LOGIN;
	}
}

static void read_keyword(struct relay_session *s, struct str line)
{
	static const struct {
		struct str name;
		unsigned bit;
	} words[] = {
		{ STR_INIT("PIPELINING"), RELAY_CAN_PIPELINING },
		{ STR_INIT("SIZE"), RELAY_CAN_SIZE },
		{ STR_INIT("8BITMIME"), RELAY_CAN_8BITMIME },
		{ STR_INIT("SMTPUTF8"), RELAY_CAN_SMTPUTF8 },
		{ STR_INIT("DSN"), RELAY_CAN_DSN },
		{ STR_INIT("CHUNKING"), RELAY_CAN_CHUNKING },
		{ STR_INIT("BINARYMIME"), RELAY_CAN_BINARYMIME },
		{ STR_INIT("STARTTLS"), RELAY_CAN_STARTTLS },
		{ STR_INIT("REQUIRETLS"), RELAY_CAN_REQUIRETLS },
		{ STR_INIT("DELIVERBY"), RELAY_CAN_DELIVERBY },
		{ STR_INIT("MT-PRIORITY"), RELAY_CAN_PRIORITY },
	};
	struct str rest = line, word;
	size_t i;

	if (!str_cut(&rest, ' ', &word))
		return;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_eq_case(word, words[i].name))
			s->can |= words[i].bit;
	if (str_eq_case(word, STR("SIZE")) &&
	    !str_to_u64(str_trim(rest), UINT64_MAX, &s->size_max))
		s->size_max = 0;
	if (str_eq_case(word, STR("DELIVERBY")) &&
	    !str_to_u64(str_trim(rest), BY_MAX_S, &s->by_min_s))
		s->by_min_s = 0;
	if (str_eq_case(word, STR("LIMITS")))
		read_limits(s, rest);
	if (str_eq_case(word, STR("AUTH")))
		read_auth(s, rest);
}

void relay_session_read_ehlo(struct relay_session *s, struct str text)
{
	struct str line;
	bool first = true;

	s->can = 0;
	s->size_max = s->by_min_s = 0;
	s->rcpt_max = RCPT_MIN;
	while (str_cut(&text, '\n', &line)) {
		if (!first)
			read_keyword(s, line);
		first = false;
	}
}

/* ---- opening ---- */

static bool lost(struct relay_session *s, struct relay_outcome *why,
                 const char *status, const char *when, const struct err *err)
{
	s->broken = true;
	relay_outcome_set(why, RELAY_TEMP, status, "%s: %s", when, err->text);
	(void)snprintf(why->mta, sizeof(why->mta), "%s", s->peer.name);
	why->host = true;
	return false;
}

/* Send a command and read its answer; false when the connection is gone. */
static bool ask(struct relay_session *s, struct str command,
                struct relay_outcome *why)
{
	struct err err = ERR_INIT;

	if (relay_conn_send(&s->conn, command, s->peer.times.command_us, &err) <
	            0 ||
	    relay_conn_answer(&s->conn, &s->answer, s->peer.times.command_us,
	                      &err) < 0)
		return lost(s, why, "4.4.2", "The connection was lost", &err);
	return true;
}

static bool refuse(struct relay_session *s, struct relay_outcome *why,
                   const char *status)
{
	relay_outcome_answer(why, s->peer.name, &s->answer, status);
	why->host = true;
	if (why->kind == RELAY_OK)
		why->kind = RELAY_TEMP;
	/* That a host refuses us is no verdict on the mail, unless it says
	 * that it takes none at all (RFC 7504, 2 and 3). */
	if (s->answer.code != 521 && s->answer.code != 556) {
		why->kind = RELAY_TEMP;
		why->status[0] = '4';
	}
	return false;
}

static bool say_hello(struct relay_session *s, struct relay_outcome *why)
{
	char line[300];
	int n = snprintf(line, sizeof(line), "EHLO %.250s\r\n", s->peer.helo);

	if (!ask(s, (struct str){ line, (size_t)n }, why))
		return false;
	if (s->answer.code == 250) {
		relay_session_read_ehlo(s, smtp_answer_text(&s->answer));
		return true;
	}
	if (s->answer.code < 500)
		return refuse(s, why, "4.3.2");
	/* RFC 5321, 4.1.4: an old server. */
	n = snprintf(line, sizeof(line), "HELO %.250s\r\n", s->peer.helo);
	if (!ask(s, (struct str){ line, (size_t)n }, why))
		return false;
	if (s->answer.code != 250)
		return refuse(s, why, "4.3.2");
	relay_session_read_ehlo(s, STR(""));
	return true;
}

static bool shake_hands(struct relay_session *s, struct relay_outcome *why)
{
	const char *names[] = { s->peer.name };
	struct tls_client_demand named = {
		.sni = s->peer.name,
		.names = names,
		.n_names = 1,
		.soft = true, /* what it is, is good to know */
	};
	const struct tls_client_demand *d = s->peer.demand;
	struct tls_conn_info info;
	struct err err = ERR_INIT;

	if (!d)
		d = &named;
	if (relay_conn_tls(&s->conn, s->peer.client, d,
	                   s->peer.times.command_us, &err) < 0) {
		char when[300];

		(void)snprintf(when, sizeof(when), "TLS failed%s%s%s",
		               s->peer.because ? " (" : "",
		               s->peer.because ? s->peer.because : "",
		               s->peer.because ? " demands it)" : "");
		s->tls_failed = true;
		s->tls_result = s->conn.tls_result;
		(void)snprintf(s->tls_why, sizeof(s->tls_why), "%.190s",
		               err.text);
		return lost(s, why, err.kind == ERR_DENIED ? "4.7.5" : "4.7.0",
		            when, &err);
	}
	tls_conn_info(s->conn.tls, &info);
	(void)snprintf(s->tls_text, sizeof(s->tls_text),
	               s->peer.demand && s->peer.trust ? "%s (%s)" : "%s",
	               info.version, s->peer.trust);
	s->tls = true;
	s->trusted = s->conn.tls_result == NULL;
	s->tls_result = s->conn.tls_result;
	return true;
}

static const char *needs_words(const struct relay_session *s, char out[300])
{
	if (!s->peer.because)
		return "this mail needs";
	(void)snprintf(out, 300, "%s demands", s->peer.because);
	return out;
}

static bool start_tls(struct relay_session *s, struct relay_outcome *why)
{
	bool must = s->peer.tls == RELAY_TLS_MUST ||
	            s->peer.tls == RELAY_TLS_VERIFY;
	char words[300];

	if (s->peer.tls == RELAY_TLS_OFF || s->tls)
		return true;
	if (!(s->can & RELAY_CAN_STARTTLS)) {
		if (!must)
			return true;
		s->tls_failed = true;
		s->tls_result = "starttls-not-supported";
		relay_outcome_set(why, RELAY_TEMP, "4.7.10",
		                  "%s does not offer TLS, which %s",
		                  s->peer.name, needs_words(s, words));
		why->host = true;
		return false;
	}
	if (!ask(s, STR("STARTTLS\r\n"), why))
		return false;
	if (s->answer.code != 220) {
		s->tls_failed = true;
		s->tls_result = "starttls-not-supported";
		return must ? refuse(s, why, "4.7.0") : true;
	}
	/* All that was said before counts no more (RFC 3207, 4.2). */
	return shake_hands(s, why) && say_hello(s, why);
}

/* ---- login ---- */

static bool say_secret(struct relay_session *s, const char *before,
                       struct str secret, struct relay_outcome *why)
{
	struct buf b;
	bool ok;

	buf_init(&b, 4096);
	buf_add_z(&b, before);
	base64_encode(&b, secret);
	buf_add(&b, STR("\r\n"));
	ok = ask(s, buf_str(&b), why);
	explicit_bzero(b.p, b.n);
	buf_deinit(&b);
	return ok;
}

static bool log_in(struct relay_session *s, struct relay_outcome *why)
{
	struct buf b;
	bool ok;

	if (s->peer.login.n == 0)
		return true;
	if (!s->tls) {
		relay_outcome_set(why, RELAY_TEMP, "4.7.11",
		                  "%s offers no TLS; without it the password "
		                  "is not said",
		                  s->peer.name);
		why->host = true;
		return false;
	}
	if (s->can & RELAY_CAN_PLAIN) { /* RFC 4616 */
		buf_init(&b, 2048);
		buf_add_c(&b, '\0');
		buf_add(&b, s->peer.login);
		buf_add_c(&b, '\0');
		buf_add(&b, s->peer.password);
		ok = say_secret(s, "AUTH PLAIN ", buf_str(&b), why);
		explicit_bzero(b.p, b.n);
		buf_deinit(&b);
	} else if (s->can & RELAY_CAN_LOGIN) {
		ok = ask(s, STR("AUTH LOGIN\r\n"), why) &&
		     (s->answer.code != 334 ||
		      say_secret(s, "", s->peer.login, why)) &&
		     (s->answer.code != 334 ||
		      say_secret(s, "", s->peer.password, why));
	} else {
		relay_outcome_set(why, RELAY_TEMP, "4.7.0",
		                  "%s offers no login that is known here",
		                  s->peer.name);
		why->host = true;
		return false;
	}
	if (!ok)
		return false;
	return s->answer.code == 235 ? true : refuse(s, why, "4.7.8");
}

bool relay_session_open(struct relay_session *s, const struct relay_peer *peer,
                        struct relay_outcome *why)
{
	char at[NET_ADDR_TEXT_MAX], when[400];
	struct err err = ERR_INIT;

	s->peer = *peer;
	s->broken = s->tls = s->tls_failed = s->trusted = s->greeted = false;
	s->tls_why[0] = '\0';
	s->tls_text[0] = '\0';
	s->tls_result = NULL;
	s->opened_us = clock_real_us();
	s->sent = 0;
	if (relay_conn_open(&s->conn, &peer->addr, peer->source,
	                    peer->times.connect_us, &err) < 0) {
		(void)snprintf(when, sizeof(when), "Cannot connect to %s [%s]",
		               peer->name, net_addr_text(&peer->addr, at));
		return lost(s, why, "4.4.1", when, &err);
	}
	if (peer->tls == RELAY_TLS_DIRECT && !shake_hands(s, why))
		return false;
	if (relay_conn_answer(&s->conn, &s->answer, peer->times.command_us,
	                      &err) < 0)
		return lost(s, why, "4.4.2", "It did not greet", &err);
	if (s->answer.code != 220)
		return refuse(s, why, "4.3.2");
	s->greeted = true;
	return say_hello(s, why) && start_tls(s, why) && log_in(s, why);
}

bool relay_session_resume(struct relay_session *s,
                          const struct relay_peer *peer)
{
	int64_t wait_us = peer->times.command_us;
	struct err err = ERR_INIT;

	s->peer = *peer;
	if (wait_us > RSET_US)
		wait_us = RSET_US;
	/* What it said meanwhile, "421" mostly, is no answer to this. */
	if (relay_conn_input(&s->conn).n == 0 &&
	    relay_conn_send(&s->conn, STR("RSET\r\n"), wait_us, &err) == 0 &&
	    relay_conn_answer(&s->conn, &s->answer, wait_us, &err) == 0 &&
	    s->answer.code == 250)
		return true;
	s->broken = true;
	return false;
}
