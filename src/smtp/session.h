/*
 * smtp/session.h - what the commands of a session share; private to smtp/.
 *
 * A session is `struct smtp` in the engine's state, small while it idles.
 * MAIL makes a transaction with an arena of its own, which RSET, EHLO and the
 * end of the data throw away.
 */
#ifndef SMTP_SESSION_H
#define SMTP_SESSION_H

#include "base/arena.h"
#include "base/buf.h"
#include "gate/refused.h"
#include "intake/intake.h"
#include "policy/admit.h"
#include "smtp/server.h"
#include "trail/trail.h"
#include "verify/spf.h"
#include "wire/smtp/command.h"
#include "wire/smtp/data.h"

struct gate_auth;

/* Commands that do not bring a message on, before we hang up. */
#define SMTP_IDLE_COMMANDS_MAX 200
/* The same before the login that a submission listener waits for. */
#define SMTP_EARLY_COMMANDS_MAX 50
/* Commands answered in one go (RFC 2920), before others get their turn. */
#define SMTP_PIPELINE_MAX 32

struct smtp_tx {
	struct arena arena;
	char trace[TRAIL_ID_SIZE]; /* of the message that is to come */
	/* The recipient that is being asked about, and whose it is. */
	struct str rcpt;
	int64_t rcpt_account;
	struct smtp_mail mail;
	/* wishes.c */
	int64_t hold_until_us; /* 0: not held */
	int64_t by_us;         /* 0: no such time */
	int priority;
	struct intake_rcpt *rcpts;
	size_t rcpts_n, rcpts_cap;
	struct intake_room room; /* after a login */

	/* origin.c: what DNS said, once it was asked */
	bool asked;
	struct verify_budget budget;
	enum policy_dns helo;
	const struct verify_spf_result *spf; /* NULL: not asked */

	struct spool *spool; /* from DATA or the first BDAT on */
	struct smtp_data data;
	struct smtp_lines lines; /* of BDAT without BINARYMIME */
	bool bdat;
	uint64_t chunk_left;
	bool chunk_last;
	uint64_t passed; /* bytes read and dropped after a failure */
	bool failed;     /* nothing more is kept; the end says why: */
	bool too_big;
	enum policy_ref trouble;
};

/* Who calls on the local socket, and what MAIL made of it. */
struct smtp_script {
	uint32_t uid;
	char user[64];
	bool own; /* the sender exists on a domain of the web space */
	int64_t account_id, domain_id; /* of the sender, or 0 */
};

/* Connections of one Unix user at the same time. */
#define SMTP_SCRIPTS_MAX 200

struct smtp {
	char *helo; /* owned; NULL before HELO */
	bool esmtp;
	bool counted; /* among the connections of its client (R16) */
	bool busy;    /* in the middle of a message or a login */
	uint16_t errors;
	uint16_t idle_commands;
	int64_t account_id; /* 0: not logged in */
	int64_t domain_id;
	char *login;                /* owned: the account's address */
	struct smtp_script *script; /* owned: on the local socket */
	struct gate_auth *auth;
	struct gate_refused refused;
	uint64_t skip; /* of a chunk without a place, still to be read */
	struct smtp_tx *tx;
	/* The last 250 to a message, until the peer shows that it came. */
	struct intake_answer *unconfirmed;
	bool sent_ahead; /* the next line came before that 250 went out */
};

/* Who need not be judged as strangers are. */
static inline bool smtp_is_known(const struct smtp *c)
{
	return c->account_id != 0 || c->script != NULL;
}

typedef void smtp_handler(struct net_session *s, struct smtp *c,
                          struct str args);

struct smtp_row {
	const char *verb;
	smtp_handler *run;
	unsigned needs;
};

/* What must be so before a command runs. */
#define SMTP_NEEDS_HELO 1u  /* else 503 */
#define SMTP_NEEDS_MAIL 2u  /* a transaction: else 503 */
#define SMTP_NO_MAIL    4u  /* none: else 503 */
#define SMTP_NO_LOGIN   8u  /* not logged in: else 503 */
#define SMTP_PROGRESS   16u /* does not count as idle */

/* table.c */
const struct smtp_row *smtp_row_find(struct str verb);

/* one file each */
smtp_handler smtp_helo, smtp_ehlo, smtp_mail, smtp_rcpt, smtp_data, smtp_bdat,
	smtp_auth, smtp_starttls, smtp_rset, smtp_noop, smtp_quit, smtp_help,
	smtp_vrfy, smtp_expn, smtp_etrn;

/* say.c: replies.  An "error" is counted, and too many end the session. */
void smtp_say(struct net_session *s, unsigned code, const char *status,
              const char *text);
void smtp_error(struct net_session *s, struct smtp *c, unsigned code,
                const char *status, const char *text);
void smtp_refuse(struct net_session *s, struct smtp *c, enum policy_ref ref,
                 const struct policy_words *words);
/* From kind to words: trouble of ours, logged. */
void smtp_trouble(struct net_session *s, struct smtp *c, const char *event,
                  const struct err *err);
void smtp_parse_error(struct net_session *s, struct smtp *c,
                      enum smtp_parse why, bool sender);

/* facts.c: what is looked up for a recipient, in the order in which the rules
 * judge, as far as they let pass.  -1: trouble of ours. */
int smtp_facts_rcpt(struct net_session *s, struct smtp *c,
                    const struct smtp_rcpt *r, const struct route *route,
                    struct policy_facts *f, struct policy_verdict *out,
                    struct err *err) ATTR_MUST_USE;

/* script.c */
void smtp_script_open(struct net_session *s, struct smtp *c);
int smtp_script_sender(const struct smtp_context *x, struct smtp *c,
                       struct smtp_tx *tx, struct policy_facts *f,
                       struct err *err) ATTR_MUST_USE;
void smtp_script_rcpt(const struct smtp_context *x, const struct smtp *c,
                      struct smtp_path *p);

/* wishes.c: what MAIL asks beyond the usual; false after it was refused. */
bool smtp_take_wishes(struct net_session *s, struct smtp *c,
                      struct smtp_tx *tx);
/* Is it not as urgent as it asked to be? */
bool smtp_was_lowered(const struct smtp_tx *tx);
/* What EHLO says of it: keywords, each a line. */
void smtp_offer_wishes(struct net_session *s, const struct smtp *c,
                       struct buf *out);

/* trail.c */
void smtp_trail(struct net_session *s, const struct smtp *c,
                enum trail_kind kind);
/* What is refused is told by the state of the transaction; `text` may say
 * more than the reply does. */
void smtp_trail_refused(struct net_session *s, const struct smtp *c,
                        enum policy_ref ref, const struct policy_words *words);

/* transaction.c */
struct smtp_tx *smtp_tx_new(void);
void smtp_tx_drop(struct smtp *c);
/* Keep a piece of the message, or note why not. */
void smtp_tx_add(struct net_session *s, struct smtp_tx *tx, struct str piece);
/* The message is whole: deliver it, answer, and drop the transaction. */
void smtp_tx_finish(struct net_session *s, struct smtp *c);

/* server.c */
void smtp_input(struct net_session *s);
/* The peer goes on, or sends another message: it had its last answer, or does
 * not mean the same message again. */
void smtp_confirm_last(struct net_session *s, struct smtp *c);
/* Back to commands after data or a login. */
void smtp_resume(struct net_session *s, struct smtp *c);
/* Log lines of this session begin with its id and address. */
struct log_line;
void smtp_log_peer(struct log_line *l, const struct net_session *s);
const struct smtp_context *smtp_context(struct net_session *s);

/* shared.c */
/* Count a connection of this client; how many it has with this one. */
uint32_t smtp_shared_open(struct smtp_shared *sh, const struct net_addr *peer);
void smtp_shared_close(struct smtp_shared *sh, const struct net_addr *peer);
void smtp_shared_accepted(struct smtp_shared *sh, uint64_t bytes);
void smtp_shared_refused(struct smtp_shared *sh, bool for_now);

#endif
