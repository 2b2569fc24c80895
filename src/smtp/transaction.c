#include <string.h>

#include "base/mem.h"
#include "config/config.h"
#include "log/log.h"
#include "smtp/origin.h"
#include "smtp/session.h"
#include "wire/smtp/reply.h"

struct smtp_tx *smtp_tx_new(void)
{
	struct smtp_tx *tx = mem_zalloc(sizeof(*tx));

	arena_init(&tx->arena);
	trail_id_make(tx->trace);
	return tx;
}

void smtp_tx_drop(struct smtp *c)
{
	struct smtp_tx *tx = c->tx;

	if (!tx)
		return;
	intake_room_free(&tx->room);
	spool_free(&tx->spool);
	mem_free(tx->rcpts);
	arena_deinit(&tx->arena);
	mem_free(tx);
	c->tx = NULL;
}

void smtp_tx_add(struct net_session *s, struct smtp_tx *tx, struct str piece)
{
	struct err err = ERR_INIT;
	struct log_line l;

	if (tx->failed) {
		tx->passed += piece.n;
		return;
	}
	if (spool_add(tx->spool, piece, &err) == 0)
		return;
	/* Keep nothing more; the answer comes at the end of the data. */
	tx->failed = true;
	tx->passed = spool_size(tx->spool) + piece.n;
	spool_free(&tx->spool);
	if (err.kind == ERR_TOO_BIG) {
		tx->too_big = true;
		return;
	}
	tx->trouble = err.kind == ERR_NO_SPACE ? REF_SPACE : REF_TEMP;
	log_begin(&l, LOG_ERROR, "smtp.data.trouble");
	smtp_log_peer(&l, s);
	log_err(&l, &err);
	log_end(&l);
}

/* Only the facts; what to do with them is intake's. */
static void fill(struct net_session *s, struct smtp *c,
                 struct intake_message *m, struct net_tls_info *tls)
{
	struct smtp_tx *tx = c->tx;

	net_tls_info(s, tls);
	*m = (struct intake_message){
		.way = c->script       ? INTAKE_SENDMAIL
		       : c->account_id ? INTAKE_SUBMISSION
		                       : INTAKE_MX,
		.session = net_session_id(s),
		.trace = str_z(tx->trace),
		.peer = *net_peer(s),
		.helo = str_z(c->helo),
		.exempt = smtp_origin_exempt(s),
		.spf = tx->spf,
		.esmtp = c->esmtp,
		.tls = tls->on,
		.tls_version = str_z(tls->version),
		.tls_cipher = str_z(tls->cipher),
		.account_id = c->script ? c->script->account_id : c->account_id,
		.domain_id = c->script ? c->script->domain_id : c->domain_id,
		.unix_user = str_z(c->script ? c->script->user : NULL),
		.login = str_z(c->login),
		.room = smtp_is_known(c) ? &tx->room : NULL,
		.sender = tx->mail.path.address,
		.vouched = tx->spf && tx->spf->result == SPF_PASS &&
		           !tx->spf->helo,
		.body = tx->mail.body,
		.smtputf8 = tx->mail.smtputf8,
		.ret = tx->mail.ret,
		.envid = tx->mail.envid,
		.hold_until_us = tx->hold_until_us,
		.by_us = tx->by_us,
		.by_notify = tx->mail.by == SMTP_BY_NOTIFY,
		.by_trace = tx->mail.by_trace,
		.priority = tx->priority,
		.requiretls = tx->mail.requiretls,
		.rcpts = tx->rcpts,
		.rcpts_n = tx->rcpts_n,
		.spool = tx->spool,
		.bare = tx->data.bare ||
		        (tx->bdat && !smtp_lines_ok(&tx->lines)),
		.arena = &tx->arena,
	};
}

static void deliver(struct net_session *s, struct smtp *c)
{
	const struct smtp_context *x = smtp_context(s);
	uint64_t size = spool_size(c->tx->spool);
	struct net_tls_info tls;
	struct intake_message m;
	struct intake_answer a;
	struct buf b;

	smtp_confirm_last(s, c);
	fill(s, c, &m, &tls);
	intake_accept(x->intake, &m, &a);
	if (a.accepted) {
		c->errors = 0;
		c->idle_commands = 0;
		smtp_shared_accepted(x->shared, size);
		if (a.has_key) {
			c->unconfirmed = mem_alloc(sizeof(a));
			*c->unconfirmed = a;
			c->unconfirmed->text = (struct str){ NULL, 0 };
			c->sent_ahead = net_input(s).n != 0;
		}
	} else {
		smtp_shared_refused(x->shared, a.code < 500);
	}
	buf_init(&b, 8192);
	smtp_reply_write(&b, a.code, a.status, a.text);
	net_write(s, buf_str(&b));
	buf_deinit(&b);
}

void smtp_tx_finish(struct net_session *s, struct smtp *c)
{
	const struct smtp_context *x = smtp_context(s);
	struct smtp_tx *tx = c->tx;
	struct policy_words w = { 0 };
	char size[POLICY_SIZE_MAX];

	if (tx->too_big) {
		w.why = policy_size_words(config_u64(x->config,
		                                     OPT_LIMITS_MESSAGE_BYTES),
		                          size);
		smtp_refuse(s, c, REF_SIZE, &w);
	} else if (tx->failed) {
		smtp_refuse(s, c, tx->trouble, &w);
	} else {
		deliver(s, c);
	}
	smtp_tx_drop(c);
}
