/* What a client asks of the way a message goes: when it leaves, until when it
 * must be there, before which others, and over TLS alone. */
#include "config/config.h"
#include "os/clock.h"
#include "smtp/session.h"
#include "wire/message/timestamp.h"
#include "wire/smtp/reply.h"

static int64_t hold_max(struct net_session *s)
{
	return config_us(smtp_context(s)->config, OPT_SMTP_HOLD);
}

/* RFC 4865, 4: for those who submit, not for other servers. */
static bool may_hold(struct net_session *s, const struct smtp *c)
{
	return hold_max(s) > 0 &&
	       (smtp_is_known(c) || smtp_context(s)->kind != SMTP_MX);
}

void smtp_offer_wishes(struct net_session *s, const struct smtp *c,
                       struct buf *out)
{
	int64_t max_us = hold_max(s);

	if (may_hold(s, c)) {
		buf_fmt(out, "250-FUTURERELEASE %lld ",
		        (long long)(max_us / US_PER_SEC));
		timestamp_write(out, clock_wall_us() + max_us);
		buf_add_z(out, "\r\n");
	}
	smtp_reply_line(out, 250, "", true, STR("DELIVERBY"));
	smtp_reply_line(out, 250, "", true, STR("MT-PRIORITY"));
	/* RFC 8689, 3: only over TLS. */
	if (net_is_tls(s))
		smtp_reply_line(out, 250, "", true, STR("REQUIRETLS"));
}

static bool take_hold(struct net_session *s, struct smtp *c, struct smtp_tx *tx)
{
	const struct smtp_mail *m = &tx->mail;
	int64_t now_us = clock_wall_us(), until_us;

	if (m->hold == SMTP_HOLD_NONE)
		return true;
	if (!may_hold(s, c)) {
		smtp_parse_error(s, c, SMTP_PARSE_UNKNOWN, true);
		return false;
	}
	until_us = m->hold == SMTP_HOLD_UNTIL
	                   ? m->hold_until_us
	                   : now_us + (int64_t)m->hold_s * US_PER_SEC;
	/* RFC 4865, 4: 501 for what is over the maximum. */
	if (until_us - now_us > hold_max(s)) {
		smtp_error(s, c, 501, "5.5.4",
		           "Nothing is held so long: see FUTURERELEASE");
		return false;
	}
	/* A time that is past already is now. */
	tx->hold_until_us = until_us > now_us ? until_us : 0;
	return true;
}

bool smtp_take_wishes(struct net_session *s, struct smtp *c, struct smtp_tx *tx)
{
	const struct smtp_mail *m = &tx->mail;

	if (m->requiretls && !net_is_tls(s)) {
		smtp_parse_error(s, c, SMTP_PARSE_UNKNOWN, true);
		return false;
	}
	if (m->by != SMTP_BY_NONE)
		tx->by_us = clock_wall_us() + m->by_s * US_PER_SEC;
	/* RFC 6710, 4.1: strangers may only step back. */
	tx->priority = m->priority;
	if (tx->priority > 0 && !smtp_is_known(c))
		tx->priority = 0;
	return take_hold(s, c, tx);
}

bool smtp_was_lowered(const struct smtp_tx *tx)
{
	return tx->priority != tx->mail.priority;
}
