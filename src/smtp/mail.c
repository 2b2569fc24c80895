#include <string.h>

#include "config/config.h"
#include "directory/directory.h"
#include "log/log.h"
#include "smtp/session.h"
#include "store/store.h"

/* After a login: may this account send at all, and as this sender? */
static int ask_sender(const struct smtp_context *x, const struct smtp *c,
                      struct smtp_tx *tx, struct policy_facts *f,
                      struct err *err)
{
	const struct smtp_path *p = &tx->mail.path;
	struct directory_account acc;

	f->logged_in = true;
	f->sender_null = p->null;
	if (directory_account_get(x->directory, c->account_id, &tx->arena, &acc,
	                          err) < 0) {
		/* Removed since it logged in. */
		if (err->kind != ERR_NOT_FOUND)
			return -1;
		f->sending_off = true;
		return 0;
	}
	f->sending_off =
		acc.removed_us != 0 || (acc.flags & DIRECTORY_NO_SEND) != 0;
	if (p->null)
		return 0;
	return directory_may_send_as(x->directory, c->account_id, p->local,
	                             p->domain, &f->sender_own, err);
}

static void log_refused(struct net_session *s, const struct smtp *c,
                        const struct smtp_tx *tx, enum policy_ref ref)
{
	struct log_line l;

	log_begin(&l, LOG_INFO, "smtp.mail.refused");
	smtp_log_peer(&l, s);
	if (c->login)
		log_z(&l, "login", c->login);
	log_str(&l, "from", tx->mail.path.address);
	log_u64(&l, "code", policy_reply(ref)->code);
	log_z(&l, "ref", policy_reply(ref)->ref);
	log_end(&l);
}

/* Everything asked of a sender; true when it may go on. */
static bool admit(struct net_session *s, struct smtp *c, struct smtp_tx *tx)
{
	const struct smtp_context *x = smtp_context(s);
	struct policy_facts f = {
		.step = POLICY_MAIL,
		.submission = x->kind == SMTP_SUBMISSION,
		.size = tx->mail.size,
		.size_max = config_u64(x->config, OPT_LIMITS_MESSAGE_BYTES),
	};
	struct policy_words w = { 0 };
	struct policy_verdict v;
	struct err err = ERR_INIT;

	if (c->account_id && ask_sender(x, c, tx, &f, &err) < 0) {
		smtp_trouble(s, c, "smtp.mail.trouble", &err);
		return false;
	}
	if (c->script && smtp_script_sender(x, c, tx, &f, &err) < 0) {
		smtp_trouble(s, c, "smtp.mail.trouble", &err);
		return false;
	}
	v = policy_admit(&f);
	if (v.ref != REF_NONE) {
		w.n = v.n;
		w.why = str_z(v.why);
		if (v.ref == REF_LOGIN)
			w.also = STR("Log in first (AUTH)");
		if (v.ref == REF_SENDER)
			w.also = STR("The sender is not the account that "
			             "logged in, nor granted to it");
		log_refused(s, c, tx, v.ref);
		smtp_refuse(s, c, v.ref, &w);
		return false;
	}
	if (store_check_space(x->store, tx->mail.size, &err) < 0) {
		smtp_trouble(s, c, "smtp.mail.space", &err);
		return false;
	}
	return true;
}

void smtp_mail(struct net_session *s, struct smtp *c, struct str args)
{
	struct smtp_tx *tx = smtp_tx_new();
	enum smtp_parse r;

	c->tx = tx;
	r = smtp_mail_parse(arena_dup(&tx->arena, args), &tx->arena, &tx->mail);
	if (r != SMTP_PARSE_OK) {
		smtp_tx_drop(c);
		smtp_parse_error(s, c, r, true);
		return;
	}
	/* RFC 6531, 3.4: such an address needs the parameter. */
	if (tx->mail.path.utf8 && !tx->mail.smtputf8) {
		smtp_tx_drop(c);
		smtp_error(s, c, 553, "5.6.7", "Address needs SMTPUTF8");
		return;
	}
	if (!smtp_take_wishes(s, c, tx)) {
		smtp_tx_drop(c);
		return;
	}
	if (!admit(s, c, tx)) {
		smtp_tx_drop(c);
		return;
	}
	if (smtp_was_lowered(tx)) /* RFC 6710, 4.1 */
		smtp_say(s, 250, "2.3.6", "Sender OK, the priority is 0");
	else
		smtp_say(s, 250, "2.1.0", "Sender OK");
}
