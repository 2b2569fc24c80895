/* RFC 5804, 1.7 and 2.4 */
#include "managesieve/command.h"
#include "sieve/sieve.h"

static void line(struct buf *b, const char *name, struct str value)
{
	buf_fmt(b, "\"%s\" ", name);
	managesieve_write_string(b, value);
	buf_add(b, STR("\r\n"));
}

static void mechanisms(const struct managesieve_session *s, struct buf *b)
{
	bool clear = managesieve_clear_allowed(s), tls = net_is_tls(s->net);
	bool scram = managesieve_scram_on(s);
	const char *name;

	for (unsigned i = 0; (name = gate_auth_mechanism(i, scram, tls, clear));
	     i++)
		buf_fmt(b, "%s%s", i ? " " : "", name);
}

void managesieve_write_capabilities(struct managesieve_session *s)
{
	struct buf b, list;

	buf_init(&b, 8192);
	buf_init(&list, 1000);
	line(&b, "IMPLEMENTATION", STR("Posthus"));
	mechanisms(s, &list);
	line(&b, "SASL", buf_str(&list)); /* must stand there, if empty */
	line(&b, "SIEVE", str_z(sieve_extensions()));
	if (s->ctx->starttls && !net_is_tls(s->net))
		buf_add(&b, STR("\"STARTTLS\"\r\n"));
	buf_fmt(&b, "\"MAXREDIRECTS\" \"%d\"\r\n", SIEVE_REDIRECTS_MAX);
	line(&b, "NOTIFY", STR("mailto"));
	line(&b, "EXTLISTS", str_z(sieve_list_schemes())); /* RFC 6134, 2.8 */
	if (s->address)
		line(&b, "OWNER", str_z(s->address));
	buf_add(&b, STR("\"UNAUTHENTICATE\"\r\n\"VERSION\" \"1.0\"\r\n"));
	net_write(s->net, buf_str(&b));
	buf_deinit(&list);
	buf_deinit(&b);
}

void managesieve_cmd_capability(struct managesieve_session *s,
                                const struct managesieve_command *c)
{
	(void)c;
	managesieve_write_capabilities(s);
	managesieve_ok(s, "", "Capabilities are told");
}
