/* One message to one server: MAIL, RCPT, DATA or BDAT. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "os/clock.h"
#include "relay/session.h"
#include "wire/smtp/command.h"
#include "wire/smtp/xtext.h"

#define PIECE       ((size_t)32 * 1024)
#define TOGETHER    50 /* recipients in one write */
#define COMMAND_MAX ((size_t)64 * 1024)
#define BY_MAX_S    999999999 /* nine digits */

struct tx {
	struct relay_session *s;
	const struct relay_mail *m;
	struct relay_outcome *out;

	enum { PENDING, ACCEPTED, FINAL } * state; /* of each recipient */

	size_t accepted;
	bool data_said; /* DATA went with the envelope */
	bool begun;     /* so did some of the message, perhaps */
	bool ended;     /* nobody is left, or the connection is gone */
};

static void set_all(struct tx *t, const struct relay_outcome *o)
{
	size_t i;

	for (i = 0; i < t->m->n; i++)
		if (t->state[i] != FINAL) {
			t->out[i] = *o;
			t->state[i] = FINAL;
		}
	t->accepted = 0;
	t->ended = true;
}

static void lost(struct tx *t, const char *when, const struct err *err)
{
	struct relay_outcome o;

	t->s->broken = true;
	relay_outcome_set(&o, RELAY_TEMP, "4.4.2",
	                  "The connection was lost %s"
	                  ": %s",
	                  when, err->text);
	(void)snprintf(o.mta, sizeof(o.mta), "%s", t->s->peer.name);
	o.host = true;
	set_all(t, &o);
}

static void answered(struct tx *t, struct relay_outcome *o, const char *status)
{
	relay_outcome_answer(o, t->s->peer.name, &t->s->answer, status);
	/* RFC 5321, 3.8: it closes the connection. */
	if (t->s->answer.code == 421)
		t->s->broken = o->host = true;
}

static bool hear(struct tx *t, int64_t wait_us, const char *when)
{
	struct err err = ERR_INIT;

	if (relay_conn_answer(&t->s->conn, &t->s->answer, wait_us, &err) == 0)
		return true;
	lost(t, when, &err);
	return false;
}

static bool say(struct tx *t, struct buf *b, const char *when)
{
	struct err err = ERR_INIT;
	int rc;

	if (buf_overflow(b))
		rc = err_set(&err, ERR_TOO_BIG, "the command is too long");
	else
		rc = relay_conn_send(&t->s->conn, buf_str(b),
		                     t->s->peer.times.block_us, &err);
	buf_reset(b);
	if (rc < 0)
		lost(t, when, &err);
	return rc == 0;
}

/* ---- commands ---- */

static void write_xtext(struct buf *b, const char *name, struct str value)
{
	buf_fmt(b, " %s=", name);
	xtext_encode(b, value);
}

static void write_by(struct buf *b, const struct queue_job *j)
{
	int64_t left = (j->by_us - clock_wall_us()) / US_PER_SEC;

	/* RFC 2852, 4: in seconds; what is over is negative, with "N" alone,
	 * and while mail.c looked some of it went. */
	if (left < 1 && !(j->by_flags & QUEUE_BY_NOTIFY))
		left = 1;
	if (left < -BY_MAX_S)
		left = -BY_MAX_S;
	if (left > BY_MAX_S)
		left = BY_MAX_S;
	buf_fmt(b, " BY=%lld;%c%s", (long long)left,
	        j->by_flags & QUEUE_BY_NOTIFY ? 'N' : 'R',
	        j->by_flags & QUEUE_BY_TRACE ? "T" : "");
}

static void write_mail(struct tx *t, struct buf *b)
{
	const struct queue_job *j = &t->m->jobs[0];
	unsigned can = t->s->can;

	buf_fmt(b, "MAIL FROM:<%.*s>", STR_ARG(j->mail_from));
	if (can & RELAY_CAN_SIZE)
		buf_fmt(b, " SIZE=%llu",
		        (unsigned long long)t->m->prefix.n + t->m->message.n);
	if (t->m->body == QUEUE_BINARY)
		buf_add(b, STR(" BODY=BINARYMIME"));
	else if (t->m->body == QUEUE_8BIT && can & RELAY_CAN_8BITMIME)
		buf_add(b, STR(" BODY=8BITMIME"));
	if (t->m->smtputf8)
		buf_add(b, STR(" SMTPUTF8"));
	if (can & RELAY_CAN_DSN && j->ret)
		buf_add_z(b,
		          j->ret == SMTP_RET_FULL ? " RET=FULL" : " RET=HDRS");
	if (can & RELAY_CAN_DSN && j->envid.n)
		write_xtext(b, "ENVID", j->envid);
	if (j->requiretls && can & RELAY_CAN_REQUIRETLS)
		buf_add(b, STR(" REQUIRETLS"));
	if (j->by_us && can & RELAY_CAN_DELIVERBY)
		write_by(b, j);
	if (j->priority && can & RELAY_CAN_PRIORITY)
		buf_fmt(b, " MT-PRIORITY=%d", j->priority);
	buf_add(b, STR("\r\n"));
}

static void write_notify(struct buf *b, unsigned notify)
{
	static const struct {
		unsigned bit;
		const char *name;
	} bits[] = {
		{ SMTP_NOTIFY_NEVER, "NEVER" },
		{ SMTP_NOTIFY_SUCCESS, "SUCCESS" },
		{ SMTP_NOTIFY_FAILURE, "FAILURE" },
		{ SMTP_NOTIFY_DELAY, "DELAY" },
	};

	const char *between = " NOTIFY=";
	size_t i;

	for (i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		if (notify & bits[i].bit) {
			buf_add_z(b, between);
			buf_add_z(b, bits[i].name);
			between = ",";
		}
}

/* RFC 2852, 4.1.4.2: who cannot watch the time is asked to tell of delays;
 * 0: not given. */
static unsigned notify_of(const struct tx *t, const struct queue_job *j)
{
	if (j->by_us == 0 || !(j->by_flags & QUEUE_BY_NOTIFY) ||
	    t->s->can & RELAY_CAN_DELIVERBY || j->notify & SMTP_NOTIFY_NEVER)
		return j->notify;
	return (j->notify ? j->notify : SMTP_NOTIFY_FAILURE) |
	       SMTP_NOTIFY_DELAY;
}

static void write_rcpt(struct tx *t, struct buf *b, const struct queue_job *j)
{
	buf_fmt(b, "RCPT TO:<%.*s>", STR_ARG(j->address));
	if (t->s->can & RELAY_CAN_DSN) {
		struct str value = j->orcpt, type;

		write_notify(b, notify_of(t, j));
		if (str_cut(&value, ';', &type) && value.n) {
			buf_fmt(b, " ORCPT=%.*s;", STR_ARG(type));
			xtext_encode(b, value);
		}
	}
	buf_add(b, STR("\r\n"));
}

/* ---- the dialogue ---- */

static bool hear_mail(struct tx *t)
{
	struct relay_outcome o;

	if (!hear(t, t->s->peer.times.command_us, "after MAIL"))
		return false;
	answered(t, &o, "5.1.0");
	if (o.kind == RELAY_OK)
		return true;
	set_all(t, &o);
	return false;
}

static bool hear_rcpt(struct tx *t, size_t i, bool mail_ok)
{
	struct relay_outcome o;

	if (!hear(t, t->s->peer.times.command_us, "after RCPT"))
		return false;
	if (!mail_ok)
		return true;
	answered(t, &o, "5.1.1");
	/* RFC 5321, 4.5.3.1.10: 552 for too many recipients is 452. */
	if (t->s->answer.code == 552 && i >= 100) {
		o.kind = RELAY_TEMP;
		o.status[0] = '4';
	}
	if (t->s->broken) {
		set_all(t, &o);
		return false;
	}
	t->out[i] = o;
	t->state[i] = o.kind == RELAY_OK ? ACCEPTED : FINAL;
	t->accepted += o.kind == RELAY_OK;
	return true;
}

/* In groups when the server pipelines, DATA with the last (RFC 2920, 3.1),
 * else one by one. */
static void say_envelope(struct tx *t, struct buf *b)
{
	bool together = (t->s->can & RELAY_CAN_PIPELINING) != 0;
	size_t group = together ? TOGETHER : 1, i = 0, j, end;
	bool mail_said = false, mail_ok = true;

	while (!t->ended && (i < t->m->n || !mail_said)) {
		if (!mail_said)
			write_mail(t, b);
		end = mail_said || together ? i + group : i;
		if (end > t->m->n)
			end = t->m->n;
		for (j = i; j < end; j++)
			write_rcpt(t, b, &t->m->jobs[j]);
		if (together && end == t->m->n && t->m->body != QUEUE_BINARY) {
			buf_add(b, STR("DATA\r\n"));
			t->data_said = true;
		}
		if (!say(t, b, "at the envelope"))
			return;
		if (!mail_said)
			mail_ok = hear_mail(t);
		mail_said = true;
		for (j = i; j < end && !t->s->broken; j++)
			if (!hear_rcpt(t, j, mail_ok))
				return;
		i = end;
	}
}

/* ---- the data ---- */

/* Add a piece with dots doubled at the begin of lines (RFC 5321, 4.5.2). */
struct stuffer {
	struct tx *t;
	struct buf out;
	char last; /* byte before */
};

static bool flush(struct stuffer *f, bool all)
{
	if (f->out.n < (all ? 1 : PIECE))
		return true;
	return say(f->t, &f->out, "within the data");
}

static bool stuff(struct stuffer *f, struct str s)
{
	size_t start = 0, i;

	for (i = 0; i < s.n; i++) {
		char before = i ? s.p[i - 1] : f->last;
		bool dot = s.p[i] == '.' && before == '\n';

		if (!dot && i - start < PIECE)
			continue;
		buf_add(&f->out, (struct str){ s.p + start, i - start });
		if (dot)
			buf_add_c(&f->out, '.');
		start = i;
		if (!flush(f, false))
			return false;
	}
	if (s.n) {
		buf_add(&f->out, (struct str){ s.p + start, s.n - start });
		f->last = s.p[s.n - 1];
	}
	return flush(f, false);
}

static bool say_data(struct tx *t)
{
	struct stuffer f = { .t = t, .last = '\n' };
	bool ok;

	buf_init(&f.out, 3 * PIECE);
	ok = stuff(&f, t->m->prefix) && stuff(&f, t->m->message);
	if (ok) {
		if (f.last != '\n')
			buf_add(&f.out, STR("\r\n"));
		buf_add(&f.out, STR(".\r\n"));
		ok = flush(&f, true);
	}
	buf_deinit(&f.out);
	return ok;
}

static bool say_bdat(struct tx *t)
{
	struct buf b;
	bool ok = true;
	struct err err = ERR_INIT;
	const struct str parts[2] = { t->m->prefix, t->m->message };
	size_t i;

	buf_init(&b, 64);
	t->begun = true;
	buf_fmt(&b, "BDAT %zu LAST\r\n", parts[0].n + parts[1].n);
	ok = say(t, &b, "before the data");
	for (i = 0; ok && i < 2; i++)
		if (relay_conn_send(&t->s->conn, parts[i],
		                    t->s->peer.times.block_us, &err) < 0) {
			lost(t, "within the data", &err);
			ok = false;
		}
	buf_deinit(&b);
	return ok;
}

static bool begin_data(struct tx *t, struct buf *b)
{
	struct relay_outcome o;

	if (!t->data_said)
		buf_add(b, STR("DATA\r\n"));
	if (!say(t, b, "before the data") ||
	    !hear(t, t->s->peer.times.data_us, "after DATA"))
		return false;
	if (t->s->answer.code == 354) {
		t->begun = true;
		return true;
	}
	answered(t, &o, "5.3.0");
	if (o.kind == RELAY_OK) { /* 250 to DATA: it is out of step */
		o.kind = RELAY_TEMP;
		o.status[0] = '4';
		t->s->broken = o.host = true;
	}
	set_all(t, &o);
	return false;
}

/* Nobody was accepted, but DATA is said: a server that goes on all the same
 * gets an empty message, to nobody (RFC 2920, 3.1). */
static void take_back_data(struct tx *t, struct buf *b)
{
	struct relay_outcome ignored;

	if (!hear(t, t->s->peer.times.data_us, "after DATA"))
		return;
	if (t->s->answer.code == 354) {
		buf_add(b, STR(".\r\n"));
		if (!say(t, b, "after DATA") ||
		    !hear(t, t->s->peer.times.dot_us, "after DATA"))
			return;
	}
	answered(t, &ignored, "5.0.0");
}

static void hear_end(struct tx *t)
{
	struct relay_outcome o;
	bool heard;
	size_t i;

	/* Until here a lost connection means: not delivered.  From here on
	 * nobody knows; it is tried again, and may come twice. */
	t->s->conn.in_doubt = true;
	heard = hear(t, t->s->peer.times.dot_us, "after the message was sent");
	t->s->conn.in_doubt = false;
	if (!heard)
		return;
	answered(t, &o, "5.0.0");
	for (i = 0; i < t->m->n; i++)
		if (t->state[i] == ACCEPTED) {
			t->out[i] = o;
			t->state[i] = FINAL;
		}
	t->ended = true;
}

/* A host may end a session between messages, when it has had enough of them or
 * waited too long: that says nothing about the next one, which had no data on
 * its way yet (RFC 5321, 3.8). */
static void mark_again(struct tx *t)
{
	if (!t->s->broken || t->s->sent == 0 || t->begun)
		return;
	for (size_t i = 0; i < t->m->n; i++)
		t->out[i].again = t->out[i].host;
}

void relay_session_send(struct relay_session *s, const struct relay_mail *m,
                        struct relay_outcome *out)
{
	struct tx t = { .s = s, .m = m, .out = out };
	bool data_begun = false;
	struct buf b;
	size_t i;

	/* Nobody has it until its host has said so. */
	for (i = 0; i < m->n; i++)
		relay_outcome_set(&out[i], RELAY_TEMP, "4.4.2", "not tried");
	t.state = mem_array(m->n, sizeof(*t.state));
	buf_init(&b, COMMAND_MAX + (size_t)TOGETHER * 2048);
	say_envelope(&t, &b);
	if (t.accepted > 0 && !s->broken) {
		data_begun = true;
		if (m->body == QUEUE_BINARY) {
			if (say_bdat(&t))
				hear_end(&t);
		} else if (begin_data(&t, &b) && say_data(&t)) {
			hear_end(&t);
		} else {
			data_begun = false;
		}
	} else if (t.data_said && !s->broken) {
		take_back_data(&t, &b);
	}
	/* Ready for the next one (RFC 5321, 4.1.1.5). */
	if (!data_begun && !s->broken) {
		struct err err;

		if (relay_conn_send(&s->conn, STR("RSET\r\n"),
		                    s->peer.times.command_us, &err) < 0 ||
		    relay_conn_answer(&s->conn, &s->answer,
		                      s->peer.times.command_us, &err) < 0 ||
		    s->answer.code != 250)
			s->broken = true;
	} else {
		mark_again(&t);
	}
	s->sent++;
	mem_free(t.state);
	buf_deinit(&b);
}
