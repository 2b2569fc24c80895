#include "config/config.h"
#include "log/log.h"
#include "smtp/session.h"
#include "wire/smtp/reply.h"

static void say(struct net_session *s, unsigned code, const char *status,
                struct str text)
{
	struct buf b;

	buf_init(&b, 16 * (size_t)SMTP_REPLY_LINE_MAX);
	smtp_reply_write(&b, code, status, text);
	net_write(s, buf_str(&b));
	buf_deinit(&b);
}

void smtp_say(struct net_session *s, unsigned code, const char *status,
              const char *text)
{
	say(s, code, status, str_z(text));
}

/* An error in a row more; true when that was one too many, and the session
 * ends instead of the reply (RFC 5321, 3.8 and 4.3.2: 421 any time). */
static bool one_too_many(struct net_session *s, struct smtp *c)
{
	const struct smtp_context *x = smtp_context(s);

	if (++c->errors < config_u64(x->config, OPT_SMTP_ERRORS))
		return false;
	smtp_say(s, 421, "4.7.0", "Too many errors, closing");
	net_close(s);
	return true;
}

void smtp_error(struct net_session *s, struct smtp *c, unsigned code,
                const char *status, const char *text)
{
	smtp_shared_refused(smtp_context(s)->shared, code < 500);
	if (!one_too_many(s, c))
		smtp_say(s, code, status, text);
}

void smtp_refuse(struct net_session *s, struct smtp *c, enum policy_ref ref,
                 const struct policy_words *words)
{
	const struct smtp_context *x = smtp_context(s);
	const struct policy_reply *r = policy_reply(ref);
	struct policy_words w = { 0 };
	struct buf b;

	if (words)
		w = *words;
	w.help = intake_help(x->intake);
	smtp_shared_refused(x->shared, r->code < 500);
	policy_count(ref);
	if (c->tx) {
		smtp_trail_refused(s, c, ref, &w);
		c->tx->rcpt = (struct str){ NULL, 0 };
	}
	if (one_too_many(s, c))
		return;
	buf_init(&b, 4096);
	policy_reply_text(&b, ref, &w);
	say(s, r->code, r->status, buf_str(&b));
	buf_deinit(&b);
}

void smtp_trouble(struct net_session *s, struct smtp *c, const char *event,
                  const struct err *err)
{
	struct log_line l;

	log_begin(&l, LOG_ERROR, event);
	smtp_log_peer(&l, s);
	log_err(&l, err);
	log_end(&l);
	smtp_refuse(s, c, err->kind == ERR_NO_SPACE ? REF_SPACE : REF_TEMP,
	            NULL);
}

void smtp_parse_error(struct net_session *s, struct smtp *c,
                      enum smtp_parse why, bool sender)
{
	switch (why) {
	case SMTP_PARSE_OK: break;
	case SMTP_PARSE_SYNTAX:
		smtp_error(s, c, 501, "5.5.4",
		           sender ? "Syntax: MAIL FROM:<address>"
		                  : "Syntax: RCPT TO:<address>");
		break;
	case SMTP_PARSE_ADDRESS:
		smtp_error(s, c, 501, sender ? "5.1.7" : "5.1.3",
		           "Bad address syntax");
		break;
	case SMTP_PARSE_PARAM:
		smtp_error(s, c, 501, "5.5.4", "Bad parameter");
		break;
	case SMTP_PARSE_UNKNOWN:
		smtp_error(s, c, 555, "5.5.4", "Unknown parameter");
		break;
	}
}
