/* The commands that touch no script. */
#include "managesieve/command.h"

/* RFC 5804, 2.13 */
void managesieve_cmd_noop(struct managesieve_session *s,
                          const struct managesieve_command *c)
{
	struct buf code;

	buf_init(&code, 8192);
	if (c->n) {
		buf_add(&code, STR("TAG "));
		managesieve_write_string(&code, c->args[0].text);
	}
	managesieve_ok(s, buf_z(&code), "Done");
	buf_deinit(&code);
}

/* RFC 5804, 2.3 and erratum 7825: OK, not BYE. */
void managesieve_cmd_logout(struct managesieve_session *s,
                            const struct managesieve_command *c)
{
	(void)c;
	managesieve_ok(s, "", "Goodbye");
	s->state = MANAGESIEVE_ENDED;
	net_close(s->net);
}

/* RFC 5804, 2.2.  Bytes sent in clear behind the command are dropped by the
 * connection (net_start_tls()), and capabilities are told again after it. */
void managesieve_cmd_starttls(struct managesieve_session *s,
                              const struct managesieve_command *c)
{
	(void)c;
	if (net_is_tls(s->net)) {
		managesieve_bad(s, "TLS is on already");
		return;
	}
	if (!s->ctx->starttls) {
		managesieve_no(s, "", "There is no certificate");
		return;
	}
	managesieve_ok(s, "", "Begin the handshake");
	net_start_tls(s->net);
}
