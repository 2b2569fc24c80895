/* What the trail is told at the door. */
#include "smtp/session.h"

static void fill(struct net_session *s, const struct smtp *c,
                 struct trail_event *e)
{
	const struct smtp_tx *tx = c->tx;

	e->session = net_session_id(s);
	e->peer = *net_peer(s);
	e->helo = str_z(c->helo);
	e->who = str_z(c->script ? c->script->user : c->login);
	e->account = c->script ? c->script->account_id : c->account_id;
	if (!tx)
		return;
	e->trace = str_z(tx->trace);
	e->sender = tx->mail.path.address;
	e->null_sender = tx->mail.path.null;
	e->rcpt = tx->rcpt;
	if (!e->account)
		e->account = tx->rcpt_account;
}

void smtp_trail(struct net_session *s, const struct smtp *c,
                enum trail_kind kind)
{
	struct trail_event e = { .kind = kind };

	fill(s, c, &e);
	trail_add(smtp_context(s)->trail, &e);
}

static enum trail_kind kind_of(const struct smtp_tx *tx, enum policy_ref ref)
{
	if (!tx)
		return TRAIL_CONNECT_REFUSED;
	if (tx->failed || tx->spool || tx->bdat)
		return TRAIL_DATA_REFUSED;
	if (ref == REF_GREYLIST)
		return TRAIL_DELAYED;
	if (ref == REF_HELO)
		return TRAIL_HELO_REFUSED;
	return tx->rcpt.n ? TRAIL_RCPT_REFUSED : TRAIL_MAIL_REFUSED;
}

void smtp_trail_refused(struct net_session *s, const struct smtp *c,
                        enum policy_ref ref, const struct policy_words *words)
{
	const struct policy_reply *r = policy_reply(ref);
	struct trail_event e = { .kind = kind_of(c->tx, ref),
		                 .code = r->code,
		                 .status = str_z(r->status),
		                 .ref = str_z(r->ref),
		                 .text = words->also };
	struct str text;
	struct buf b;

	fill(s, c, &e);
	buf_init(&b, 4096);
	policy_reply_text(&b, ref, words);
	text = buf_str(&b);
	/* the second line is a link */
	(void)str_cut(&text, '\n', &e.reply);
	trail_add(smtp_context(s)->trail, &e);
	buf_deinit(&b);
}
