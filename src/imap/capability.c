#include "config/config.h"
#include "imap/command.h"

/* What is announced before and after the login is the same, but for the ways
 * to log in: programs that ask only once must see all. */
static const char always[] =
	"IMAP4rev1 IMAP4rev2 SASL-IR ID ENABLE IDLE NAMESPACE CHILDREN LITERAL+ UIDPLUS "
	"UNSELECT MULTIAPPEND BINARY MOVE CONDSTORE QRESYNC ESEARCH SEARCHRES WITHIN "
	"LIST-EXTENDED LIST-STATUS LIST-METADATA METADATA SPECIAL-USE CREATE-SPECIAL-USE "
	"STATUS=SIZE OBJECTID SAVEDATE "
	"PREVIEW QUOTA QUOTA=RES-STORAGE UTF8=ACCEPT";

void imap_write_capabilities(const struct imap_session *s, struct buf *b)
{
	const struct config *cfg = s->ctx->config;
	bool scram = config_choice(cfg, OPT_AUTH_SCRAM) == CONFIG_ON;
	bool clear = imap_clear_allowed(s), tls = net_is_tls(s->net);
	const char *mech;

	buf_add_z(b, always);
	buf_fmt(b, " APPENDLIMIT=%llu",
	        (unsigned long long)config_u64(cfg, OPT_LIMITS_MESSAGE_BYTES));
	if (!tls && s->ctx->starttls)
		buf_add(b, STR(" STARTTLS"));
	if (!clear)
		buf_add(b, STR(" LOGINDISABLED"));
	for (unsigned n = 0;
	     (mech = gate_auth_mechanism(n, scram, tls, clear)) != NULL; n++)
		buf_fmt(b, " AUTH=%s", mech);
}

void imap_cmd_capability(struct imap_session *s, struct imap_parser *p)
{
	struct buf b;

	if (!imap_done(s, p, true))
		return;
	buf_init(&b, 4096);
	buf_add(&b, STR("* CAPABILITY "));
	imap_write_capabilities(s, &b);
	buf_add(&b, STR("\r\n"));
	net_write(s->net, buf_str(&b));
	buf_deinit(&b);
	imap_ok(s, "Done");
}
