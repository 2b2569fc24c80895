#include "pop3/command.h"

static void add_sasl(const struct pop3_session *s, struct buf *b)
{
	bool clear = pop3_clear_allowed(s), tls = net_is_tls(s->net);
	bool scram = pop3_scram_on(s);

	if (!gate_auth_mechanism(0, scram, tls, clear))
		return;
	buf_add(b, STR("SASL"));
	for (unsigned i = 0; gate_auth_mechanism(i, scram, tls, clear); i++)
		buf_fmt(b, " %s", gate_auth_mechanism(i, scram, tls, clear));
	buf_add(b, STR("\r\n"));
}

/* RFC 2449, 5 and 6; RFC 3206; RFC 6856, 2 ("USER": names too). */
void pop3_cmd_capa(struct pop3_session *s, struct str args)
{
	bool early = s->state == POP3_AUTHORIZATION;
	struct buf b;

	if (!pop3_take_end(s, args))
		return;
	buf_init(&b, 2048);
	buf_add(&b, STR("TOP\r\nUIDL\r\nRESP-CODES\r\nAUTH-RESP-CODE\r\n"
	                "PIPELINING\r\nEXPIRE NEVER\r\nUTF8 USER\r\n"));
	if (pop3_clear_allowed(s))
		buf_add(&b, STR("USER\r\n"));
	add_sasl(s, &b);
	if (early && s->ctx->stls && !net_is_tls(s->net))
		buf_add(&b, STR("STLS\r\n"));
	buf_add(&b, STR("IMPLEMENTATION Posthus\r\n.\r\n"));
	pop3_ok(s, "Capabilities follow");
	net_write(s->net, buf_str(&b));
	buf_deinit(&b);
}
