#include "relay/mail.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "os/clock.h"
#include "relay/convert.h"
#include "verify/sign.h"

/* A converted message is at most so much larger. */
#define CONVERT_MAX(n) ((n)*3 + 65536)

static void set_all(struct relay_outcome *out, size_t n,
                    const struct relay_outcome *o)
{
	size_t i;

	for (i = 0; i < n; i++)
		out[i] = *o;
}

static struct str header_of(struct str message)
{
	size_t end = str_find(message, STR("\r\n\r\n"));

	return end == STR_NPOS ? message : str_to(message, end);
}

bool relay_mail_needs_utf8(const struct queue_job *jobs, size_t n,
                           struct str prefix, struct str message)
{
	size_t i;

	if (!utf8_is_ascii(jobs[0].mail_from))
		return true;
	for (i = 0; i < n; i++)
		if (!utf8_is_ascii(jobs[i].address))
			return true;
	return !utf8_is_ascii(prefix) || !utf8_is_ascii(header_of(message));
}

/* RFC 8689, 4.2.1: the right host, encrypted, its certificate verified, and
 * it passes the demand on. */
static bool check_tls(const struct relay_session *s,
                      const struct queue_job *jobs, struct relay_outcome *o)
{
	const char *lacks = NULL;

	if (!jobs[0].requiretls)
		return true;
	if (!s->tls)
		lacks = "offers no TLS";
	else if (!s->trusted)
		lacks = "has no certificate that can be verified";
	else if (!s->peer.route_trusted)
		lacks = "is found by a DNS that is not signed, and no MTA-STS "
			"policy names it";
	else if (!(s->can & RELAY_CAN_REQUIRETLS))
		lacks = "does not pass the demand on";
	if (!lacks)
		return true;
	relay_outcome_set(o, RELAY_PERM, "5.7.30",
	                  "The sender wants TLS all the way (REQUIRETLS), but "
	                  "%s %s",
	                  s->peer.name, lacks);
	o->unfit = true;
	return false;
}

/* RFC 2852, 4.1.4: by-mode "R" goes on while there is time, and only to who
 * knows what it means and can be that quick; "N" goes to everybody. */
static bool check_time(const struct relay_session *s,
                       const struct queue_job *jobs, struct relay_outcome *o)
{
	int64_t left_s = (jobs[0].by_us - clock_wall_us()) / US_PER_SEC;
	bool can = (s->can & RELAY_CAN_DELIVERBY) != 0;

	if (jobs[0].by_us == 0 || jobs[0].by_flags & QUEUE_BY_NOTIFY)
		return true;
	if (left_s < 1) {
		relay_outcome_set(o, RELAY_PERM, "5.4.7",
		                  "The time is over in which its sender wants "
		                  "it delivered (DELIVERBY)");
		return false;
	}
	if (can && (uint64_t)left_s >= s->by_min_s)
		return true;
	relay_outcome_set(o, RELAY_PERM, "5.4.7",
	                  "The message must be there by a time (DELIVERBY), "
	                  "which %s does not %s",
	                  s->peer.name,
	                  can ? "promise so soon" : "know how to promise");
	o->unfit = true;
	return false;
}

/* False: it cannot go there, *o says why. */
static bool check(const struct relay_session *s, struct relay_mail *m,
                  const struct queue_job *jobs, size_t n,
                  struct relay_outcome *o)
{
	uint64_t size = m->prefix.n + m->message.n;

	if (s->can & RELAY_CAN_SIZE && s->size_max && size > s->size_max) {
		relay_outcome_set(o, RELAY_PERM, "5.3.4",
		                  "%s takes messages of at most %llu bytes; "
		                  "this one has %llu",
		                  s->peer.name, (unsigned long long)s->size_max,
		                  (unsigned long long)size);
		return false;
	}
	m->smtputf8 = jobs[0].smtputf8 && s->can & RELAY_CAN_SMTPUTF8;
	if (!(s->can & RELAY_CAN_SMTPUTF8) &&
	    relay_mail_needs_utf8(jobs, n, m->prefix, m->message)) {
		/* Unmarked 8-bit headers are sent as ever; marked ones not. */
		if (!jobs[0].smtputf8 && utf8_is_ascii(jobs[0].address))
			return true;
		relay_outcome_set(o, RELAY_PERM, "5.6.7",
		                  "%s does not take addresses or subjects in "
		                  "other letters than ASCII (SMTPUTF8)",
		                  s->peer.name);
		return false;
	}
	return check_tls(s, jobs, o) && check_time(s, jobs, o);
}

/* Make it what the server takes: *made holds it, if anything was made. */
static bool convert(const struct relay_session *s, struct relay_mail *m,
                    struct buf *made, struct relay_outcome *o)
{
	unsigned both = RELAY_CAN_CHUNKING | RELAY_CAN_BINARYMIME;

	if (m->body == QUEUE_BINARY && (s->can & both) == both)
		return true;
	if (m->body != QUEUE_BINARY &&
	    (s->can & RELAY_CAN_8BITMIME || utf8_is_ascii(m->message))) {
		if (m->body == QUEUE_8BIT && !(s->can & RELAY_CAN_8BITMIME))
			m->body = QUEUE_7BIT;
		return true;
	}
	switch (relay_convert(m->message, made)) {
	case RELAY_CONVERTED:
		m->message = buf_str(made);
		m->body = QUEUE_7BIT;
		return true;
	case RELAY_CONVERT_SIGNED:
		relay_outcome_set(o, RELAY_PERM, "5.6.3",
		                  "%s takes 7-bit text alone, and converting "
		                  "the message would break its signature",
		                  s->peer.name);
		return false;
	case RELAY_CONVERT_NOT: break;
	}
	relay_outcome_set(o, RELAY_PERM, "5.6.3",
	                  "%s takes 7-bit text alone, and the message cannot "
	                  "be converted",
	                  s->peer.name);
	return false;
}

void relay_mail_send(struct queue *q, const struct relay_sealer *sealer,
                     struct relay_session *s, const struct queue_job *jobs,
                     size_t n, struct relay_outcome *out)
{
	struct relay_mail m = {
		.jobs = jobs,
		.n = n,
		.prefix = jobs[0].prefix,
		.body = jobs[0].body,
	};
	struct queue_bytes bytes;
	struct relay_outcome *o = mem_zalloc(sizeof(*o));
	struct err err = ERR_INIT;
	struct buf made, top;

	if (queue_body_open(q, jobs[0].message, &bytes, &err) < 0) {
		relay_outcome_set(o, RELAY_TEMP, "4.3.0", "%s", err.text);
		set_all(out, n, o);
		mem_free(o);
		return;
	}
	m.message = bytes.message;
	buf_init(&made, CONVERT_MAX(m.message.n));
	buf_init(&top, VERIFY_SIGN_MAX + m.prefix.n);
	if (check(s, &m, jobs, n, o) && convert(s, &m, &made, o)) {
		relay_seal(sealer, &jobs[0], m.message, &top);
		buf_add(&top, m.prefix);
		if (!buf_overflow(&top))
			m.prefix = buf_str(&top);
		relay_session_send(s, &m, out);
	} else {
		set_all(out, n, o);
	}
	buf_deinit(&top);
	buf_deinit(&made);
	queue_body_close(&bytes);
	mem_free(o);
}
