#include "base/mem.h"
#include "config/config.h"
#include "gate/auth.h"
#include "smtp/session.h"
#include "wire/smtp/reply.h"

/* A name of more than this was made to be a nuisance. */
#define HELO_MAX 255

/* RFC 5321, 4.1.1.1: one argument; whether it is a good name is judged at
 * RCPT (R17), so that the log has sender and recipient. */
static bool take_name(struct net_session *s, struct smtp *c, struct str args)
{
	size_t end = 0;

	while (end < args.n && args.p[end] != ' ' && args.p[end] != '\t')
		end++;
	if (args.n == 0 || args.n > HELO_MAX || end != args.n) {
		smtp_error(s, c, 501, "5.5.4", "Syntax: EHLO hostname");
		return false;
	}
	smtp_tx_drop(c);
	mem_free(c->helo);
	c->helo = mem_dup(args.p, args.n);
	return true;
}

void smtp_helo(struct net_session *s, struct smtp *c, struct str args)
{
	if (!take_name(s, c, args))
		return;
	c->esmtp = false;
	net_fmt(s, "250 %.*s\r\n",
	        STR_ARG(config_hostname(smtp_context(s)->config)));
}

/* "AUTH PLAIN LOGIN", if anything may be offered now. */
static void write_auth(struct net_session *s, const struct smtp_context *x,
                       struct buf *out)
{
	bool scram = config_choice(x->config, OPT_AUTH_SCRAM) == CONFIG_ON;
	bool clear = gate_clear_allowed(config_str(x->config,
	                                           OPT_AUTH_PLAINTEXT_LOGIN),
	                                s);
	const char *mech;
	struct buf line;
	unsigned i;

	buf_init(&line, 200);
	buf_add(&line, STR("AUTH"));
	for (i = 0; (mech = gate_auth_mechanism(i, scram, net_is_tls(s),
	                                        clear)) != NULL;
	     i++)
		buf_fmt(&line, " %s", mech);
	if (i)
		smtp_reply_line(out, 250, "", true, buf_str(&line));
	buf_deinit(&line);
}

void smtp_ehlo(struct net_session *s, struct smtp *c, struct str args)
{
	const struct smtp_context *x = smtp_context(s);
	struct buf b;

	if (!take_name(s, c, args))
		return;
	c->esmtp = true;
	buf_init(&b, 4096);
	smtp_reply_line(&b, 250, "", true, config_hostname(x->config));
	smtp_reply_line(&b, 250, "", true, STR("PIPELINING"));
	buf_fmt(&b, "250-SIZE %llu\r\n",
	        (unsigned long long)config_u64(x->config,
	                                       OPT_LIMITS_MESSAGE_BYTES));
	smtp_reply_line(&b, 250, "", true, STR("8BITMIME"));
	if (x->starttls && !net_is_tls(s))
		smtp_reply_line(&b, 250, "", true, STR("STARTTLS"));
	if (!smtp_is_known(c))
		write_auth(s, x, &b);
	smtp_reply_line(&b, 250, "", true, STR("ENHANCEDSTATUSCODES"));
	smtp_reply_line(&b, 250, "", true, STR("SMTPUTF8"));
	smtp_reply_line(&b, 250, "", true, STR("CHUNKING"));
	smtp_reply_line(&b, 250, "", true, STR("BINARYMIME"));
	smtp_offer_wishes(s, c, &b);
	/* RFC 9422: how many recipients one message may have. */
	buf_fmt(&b, "250-LIMITS RCPTMAX=%llu\r\n",
	        (unsigned long long)config_u64(x->config, OPT_SMTP_RECIPIENTS));
	smtp_reply_line(&b, 250, "", false, STR("DSN"));
	net_write(s, buf_str(&b));
	buf_deinit(&b);
}
