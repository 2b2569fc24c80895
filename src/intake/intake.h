/*
 * intake/intake.h - one accepted message, from wherever it came.
 *
 * SMTP, JMAP and sendmail bring bytes and facts; intake decides and acts, so
 * that each rule is written once: size and lines, From: (R24), fix-ups after
 * login (R42), trace fields, route, delivery.  It answers with a reply; when
 * that says yes, the message is on the disk, in every mailbox or in the
 * queue.
 *
 *	struct intake_rcpt *r;          at RCPT, one each
 *	intake_route(in, path, size, &arena, &r, err)
 *	...
 *	struct intake_message m = { .way = INTAKE_MX, ... };
 *	struct intake_answer ans;
 *	intake_accept(in, &m, &ans);
 *	smtp_reply_write(&out, ans.code, ans.status, ans.text) ...
 */
#ifndef INTAKE_INTAKE_H
#define INTAKE_INTAKE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "deliver/route.h"
#include "intake/room.h"
#include "net/addr.h"
#include "os/spool.h"
#include "policy/replies.h"

struct config;
struct directory;
struct gate_client;
struct greylist;
struct queue;
struct score_engine;
struct signer;
struct store;
struct tally;
struct trail;
struct verify;
struct verify_spf_result;

struct intake;

struct intake_options {
	const struct config *config;
	struct directory *directory;
	struct store *store;
	struct queue *queue;
	struct spool_pool *spool;
	struct gate_client *gate;
	struct greylist *greylist;  /* learns who is written to; may be NULL */
	struct trail *trail;        /* may be NULL */
	struct score_engine *score; /* may be NULL: nothing is rated */
	struct verify *verify;      /* NULL: DNS is not asked */
	struct signer *signer;      /* NULL: nothing is signed */
	struct tally *tally;        /* NULL: DMARC is not reported */
};

/* All that is pointed to must outlive it; for all threads of a process. */
struct intake *intake_new(const struct intake_options *o);
void intake_free(struct intake **in);

enum intake_way {
	INTAKE_MX,         /* port 25, no login */
	INTAKE_SUBMISSION, /* after a login */
	INTAKE_JMAP,
	INTAKE_SENDMAIL,
};

struct intake_rcpt {
	struct str address; /* as in RCPT TO, without brackets */
	struct route route; /* route_find() */
	unsigned notify;    /* SMTP_NOTIFY_*, 0 when not given */
	struct str orcpt;   /* "rfc822;bo@example.com", or "" */
};

struct intake_message {
	enum intake_way way;
	uint64_t session; /* "sid" of the log */
	struct str trace; /* of the door (trail_id_make()); "": a new one */

	/* whence */
	struct net_addr peer;
	struct str helo;
	bool exempt; /* of policy.exempt: not to be judged */
	const struct verify_spf_result *spf; /* NULL: not asked yet */
	bool esmtp, tls;
	struct str tls_version, tls_cipher;

	/* who: after a login */
	int64_t account_id;
	int64_t domain_id;
	struct str login;         /* the account's address */
	struct str unix_user;     /* SENDMAIL: who called */
	struct intake_room *room; /* reserved at RCPT; NULL: not counted */

	/* envelope */
	struct str sender; /* "" for <> */
	bool vouched;      /* SPF passed for it: it is no forgery */
	unsigned body;     /* enum smtp_body */
	bool smtputf8;
	unsigned ret; /* enum smtp_ret */
	struct str envid;
	const struct intake_rcpt *rcpts;
	size_t rcpts_n;

	/* the message */
	struct spool *spool; /* whole; intake seals it */
	bool bare;           /* a CR or LF stood alone, outside BINARYMIME */
	int64_t received_us; /* 0: now */
	/* Its sender wants it held until then (HOLDFOR, send later, undo): it
	 * waits in the queue under `trace`, also for accounts here, and
	 * queue_withdraw() can take it back.  0, or past: it goes at once. */
	int64_t hold_until_us;
	/* It must be there by then (RFC 2852), else it is returned, or its
	 * sender told (by_notify); 0: no such time. */
	int64_t by_us;
	bool by_notify, by_trace;
	int priority;    /* RFC 6710: -9 to 9 */
	bool requiretls; /* RFC 8689 */

	struct arena *arena; /* of the message; the answer lives there */
};

struct intake_answer {
	unsigned code;       /* 250 */
	const char *status;  /* "2.0.0" */
	struct str text;     /* lines set off by LF */
	enum policy_ref ref; /* REF_NONE when accepted */
	struct str trace;    /* our id of the message */
	bool accepted;
	int64_t queued; /* in the queue under this number; 0: it is not */
	/* What the peer's second try of the same message will be known by;
	 * give it to intake_answered() once the peer has the answer. */
	unsigned char key[32];
	bool has_key;
};

/* Never fails: trouble becomes a 4xx answer, and is logged. */
void intake_accept(struct intake *in, const struct intake_message *m,
                   struct intake_answer *out);

/* The peer got its 250 (it went on in the session afterwards): the same
 * message sent once more is meant, and is a new one. */
void intake_answered(struct intake *in, const struct intake_answer *a);

/* Its sender takes back what is held until later (hold_until_us); false: it is
 * too late.  `who` is the login, for the trail. */
int intake_withdraw(struct intake *in, struct str trace, int64_t account_id,
                    struct str who, bool *out, struct err *err) ATTR_MUST_USE;

/* What the last line of a refusal begins with:
 * "https://mail.example.net/help/". */
struct str intake_help(const struct intake *in);

#endif
