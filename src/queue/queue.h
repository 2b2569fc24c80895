/*
 * queue/queue.h - mail that waits: the durable outgoing queue.
 *
 * A message is kept with its envelope and one action for each place it must
 * still go to: file it in an account here (LOCAL), or send it to another host
 * (RELAY).  queue_add() returns when all of it is on the disk; from then on
 * the queue answers for it.  A runner claims actions that are due, for a
 * time; what it does not settle before (a crash) is due again.  Each action
 * is performed with its own key, so that what was done already is recognised.
 * When the last action is settled the message goes.
 *
 *	queue_add(q, &msg, &id, err)
 *	queue_claim(q, QUEUE_LOCAL, now, lease_us, &a, jobs, 16, &n, ...)
 *	queue_done(q, job.action, err) | queue_defer(...) | queue_fail(...)
 *
 * Actions to other hosts also have a destination: the domain, or the address
 * literal, that the address ends in.  A runner asks which are due and claims
 * theirs in one go; a destination that does not answer is blocked as a whole,
 * which costs nothing for what waits for it (queue/destination.h).
 *
 * The database is DATA/queue.db, large bodies are files in DATA/queue/.  All
 * functions may be called from every thread and process.  Errors: ERR_TEMP,
 * ERR_NO_SPACE, ERR_CORRUPT, and ERR_NOT_FOUND where an id is given.
 */
#ifndef QUEUE_QUEUE_H
#define QUEUE_QUEUE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct queue;

/* Larger messages lie in a file beside the database. */
#define QUEUE_INLINE_MAX ((size_t)64 * 1024)

struct queue_options {
	const char *dir;    /* the data folder */
	int64_t give_up_us; /* how long a message is tried; 0: 5 days */
	/* Called, if not NULL, when something was added or changed that may be
	 * due; from the thread that did it. */
	void (*changed)(void *arg);
	void *changed_arg;
};

int queue_open(struct queue **out, const struct queue_options *o,
               struct err *err) ATTR_MUST_USE;
void queue_close(struct queue **q);

/* `released` is called, by the thread that claims, with the account whose
 * message was held by its sender and is tried for the first time now.  Set
 * before anybody claims; NULL: nobody is told. */
void queue_watch(struct queue *q, void (*released)(void *arg, int64_t account),
                 void *arg);

enum queue_kind { QUEUE_LOCAL, QUEUE_RELAY };

enum queue_source {
	QUEUE_FROM_MX,     /* forwarded or aliased to elsewhere */
	QUEUE_FROM_LOGIN,  /* a mail program: counts in R27 and R28 */
	QUEUE_FROM_WEB,    /* JMAP: counts */
	QUEUE_FROM_SCRIPT, /* sendmail: counts */
	QUEUE_FROM_HOST,   /* bounces, replies, reports */
};

enum queue_body { QUEUE_7BIT, QUEUE_8BIT, QUEUE_BINARY };

/* One place a message goes to. */
struct queue_rcpt {
	enum queue_kind kind;
	struct str address;  /* where it goes */
	struct str original; /* as in RCPT TO */
	int64_t account_id;  /* LOCAL */
	uint32_t shard;      /* LOCAL */
	struct str prefix;   /* header fields put before the message */
	unsigned notify;     /* SMTP_NOTIFY_*, 0: not given */
	struct str orcpt;    /* "rfc822;bo@example.com" as given, or "" */
	/* LOCAL: the folder, see deliver/folder.h; all zero: INBOX. */
	unsigned where;
	uint64_t mailbox;
	struct str flags;
	/* RELAY: the envelope sender there, when it is not the message's. */
	struct str mail_from;
	int64_t forward; /* RELAY: the account whose forward led here, or 0 */
	/* When not "": not to be tried, it has failed with this already. */
	struct str status, reply;
};

struct queue_new {
	enum queue_source source;
	struct str sender;  /* "" for <> */
	int64_t account_id; /* who logged in, or 0 */
	int64_t domain_id;  /* whose limits count it, or 0 */
	bool returnable;    /* the sender is known to be no forgery: reports
	                     * may go there (queue/report.h) */
	enum queue_body body;
	bool smtputf8;
	unsigned ret; /* enum smtp_ret */
	struct str envid;
	struct str trace; /* our id of the message, for log and trail */
	int64_t received_us;
	struct str message;    /* all of it, without the prefixes */
	struct str key;        /* 32 bytes, or "": see queue_add() */
	bool held;             /* until queue_hold() lets it go */
	int64_t not_before_us; /* 0: at once (HOLDFOR, undo) */
	bool requiretls;       /* RFC 8689, or the opposite: */
	bool tls_optional;     /* rather in clear than not at all */
	int64_t by_us;         /* DELIVERBY (RFC 2852); 0: without */
	unsigned by_flags;     /* QUEUE_BY_* */
	int priority;          /* MT-PRIORITY (RFC 6710): -9 to 9 */
	const struct queue_rcpt *rcpts;
	size_t rcpts_n;
};

#define QUEUE_BY_NOTIFY 1u /* "N": tell, and go on trying; else give up */
#define QUEUE_BY_TRACE  2u /* "T" */

/* How long a key is remembered. */
#define QUEUE_KEY_US (INT64_C(3600) * 1000000)

/* With a key that was used within QUEUE_KEY_US nothing is added and the
 * first message's id is given: the peer had no answer and asks again. */
int queue_add(struct queue *q, const struct queue_new *m, int64_t *id_out,
              struct err *err) ATTR_MUST_USE;
/* The same; *known_out: nothing was added. */
int queue_add_once(struct queue *q, const struct queue_new *m, int64_t *id_out,
                   bool *known_out, struct err *err) ATTR_MUST_USE;

/* ---- for runners ---- */

struct queue_job {
	int64_t action, message;
	enum queue_kind kind;
	struct str address, original, prefix, orcpt;
	int64_t account_id;
	uint32_t shard;
	unsigned notify, attempts;
	unsigned where; /* LOCAL: as in queue_rcpt */
	uint64_t mailbox;
	struct str flags;
	enum queue_source source;
	struct str sender;    /* of the message */
	struct str mail_from; /* of the envelope to be sent */
	struct str envid, trace;
	int64_t forward;
	int64_t sender_account_id, domain_id;
	enum queue_body body;
	bool smtputf8;
	unsigned ret;
	uint64_t size;
	int64_t received_us, next_us;
	int64_t release_us; /* its sender held it until then; 0: not */
	int64_t expires_us; /* given up when it is not done by then */
	bool requiretls, tls_optional;
	int64_t by_us;
	unsigned by_flags;
	int priority;
};

/* Claim up to `max` actions that are due, for `lease_us`; strings are of the
 * arena.  *n_out may be 0.  *next_us_out (may be NULL) is when the next one
 * is due, INT64_MAX when none waits. */
int queue_claim(struct queue *q, enum queue_kind kind, int64_t now_us,
                int64_t lease_us, struct arena *a, struct queue_job *jobs,
                size_t max, size_t *n_out, int64_t *next_us_out,
                struct err *err) ATTR_MUST_USE;

/* The bytes of a message; queue_body_close() when done with the view. */
struct queue_bytes {
	struct str message;
	void *map, *copy; /* private */
};

int queue_body_open(struct queue *q, int64_t message, struct queue_bytes *out,
                    struct err *err) ATTR_MUST_USE;
void queue_body_close(struct queue_bytes *b);

/* What became of an action: one value, made where it arises. */
enum queue_verdict {
	QUEUE_IS_DONE,     /* the action goes */
	QUEUE_IS_SENT,     /* as queue_sent() */
	QUEUE_IS_TRACED,   /* the same, and its sender wants to hear of it
	                    * without SUCCESS too, but not with NEVER */
	QUEUE_IS_DEFERRED, /* tried again at next_us */
	QUEUE_IS_FAILED,   /* as queue_fail() */
	QUEUE_IS_UNTRIED,  /* due again at next_us, no attempt is counted */
};

struct queue_result {
	int64_t action;
	enum queue_verdict verdict;
	int64_t next_us;   /* DEFERRED, UNTRIED */
	struct str status; /* "4.4.1" (RFC 3463) */
	struct str reply;  /* what was said, for people: "450 4.2.0 busy" */
	struct str mta;    /* who said it: "mx.example"; "" for ourselves */
};

/* Settle several in one transaction; an action that is gone meanwhile (the
 * operator removed it) is passed over. */
int queue_settle(struct queue *q, const struct queue_result *results, size_t n,
                 struct err *err) ATTR_MUST_USE;

/* The same for one; ERR_NOT_FOUND when it is gone.  `reply` is what was said, for people. */
int queue_done(struct queue *q, int64_t action, struct err *err) ATTR_MUST_USE;
int queue_defer(struct queue *q, int64_t action, int64_t next_us,
                struct str status, struct str reply, struct err *err)
	ATTR_MUST_USE;
/* Done, and worth a report to a sender that asked for one with SUCCESS: the
 * mailbox has it, or the next host, which makes no reports itself, does.
 * Else as queue_done(). */
int queue_sent(struct queue *q, int64_t action, struct str status,
               struct str reply, struct err *err) ATTR_MUST_USE;
/* Given up: kept, shown, not tried again, until a report takes it over
 * (queue/report.h) or the operator removes it. */
int queue_fail(struct queue *q, int64_t action, struct str status,
               struct str reply, struct err *err) ATTR_MUST_USE;

/* What was to be there by a time (by_us, without QUEUE_BY_NOTIFY) and is not:
 * given up, wherever it waits.  The number of messages. */
int queue_expire(struct queue *q, int64_t now_us, struct err *err)
	ATTR_MUST_USE;

/* A runner that starts takes back what its last life had claimed. */
int queue_unclaim(struct queue *q, enum queue_kind kind, int64_t now_us,
                  struct err *err) ATTR_MUST_USE;

/* ---- for people ---- */

enum queue_state {
	QUEUE_WAITING,
	QUEUE_ACTIVE,
	QUEUE_HELD,   /* by the operator */
	QUEUE_FAILED, /* and is to be reported */
	QUEUE_SENT,   /* and is to be reported */
};

struct queue_item {
	int64_t message, action;
	enum queue_kind kind;
	enum queue_state state;
	enum queue_source source;
	struct str sender, address, original, trace;
	int64_t account_id, domain_id;
	uint64_t size;
	int64_t received_us, next_us, last_us; /* last_us 0: never tried */
	int64_t release_us; /* held by its sender until then; 0: not */
	int64_t expires_us;
	unsigned attempts;
	struct str status, reply, mta; /* of the last try */
	/* RELAY: the destination, and while it does not answer (blocked_us is
	 * then when it is asked again) that is the reason. */
	struct str dest;
	int64_t blocked_us;
};

/* All actions, by message and action; `message` 0: of all.  `each` returns
 * false to stop; views live for the call. */
int queue_list(struct queue *q, int64_t message,
               bool (*each)(void *arg, const struct queue_item *item),
               void *arg, struct err *err) ATTR_MUST_USE;

/* Remove a message with all its actions; ERR_NOT_FOUND. */
int queue_remove(struct queue *q, int64_t message, struct err *err)
	ATTR_MUST_USE;
/* Held messages are not claimed.  Letting go lifts the operator's hold, or
 * else ends that of the sender. */
int queue_hold(struct queue *q, int64_t message, bool hold, struct err *err)
	ATTR_MUST_USE;
/* Due now, its destinations too; `message` 0: all. */
int queue_retry(struct queue *q, int64_t message, int64_t now_us,
                struct err *err) ATTR_MUST_USE;
/* Give up what still waits: its sender is told. */
int queue_give_up(struct queue *q, int64_t message, struct err *err)
	ATTR_MUST_USE;

enum queue_withdrawal {
	QUEUE_WITHDRAWN, /* nobody gets it */
	QUEUE_TOO_LATE,  /* some of it may have gone, or it is unknown */
};

/* Take back a message that its sender holds until later (not_before_us): all
 * that was added under its id `trace` by `account_id` and what answers it
 * here, or nothing.  Decided in one transaction against the runners' claims:
 * what was withdrawn was not and will not be sent.  Asked again, also after a
 * crash, the answer is the same for QUEUE_WITHDRAWN_US. */
int queue_withdraw(struct queue *q, struct str trace, int64_t account_id,
                   enum queue_withdrawal *out, struct err *err) ATTR_MUST_USE;

#define QUEUE_WITHDRAWN_US (INT64_C(400) * 86400 * 1000000)

enum queue_fate {
	QUEUE_GOES_ON, /* sent, or to be sent now, or unknown */
	QUEUE_IS_HELD, /* by its sender, until later */
	QUEUE_IS_WITHDRAWN,
};

int queue_fate(struct queue *q, struct str trace, int64_t account_id,
               enum queue_fate *out, struct err *err) ATTR_MUST_USE;

struct queue_figures {
	uint64_t messages, actions, relay, held, failed;
	int64_t oldest_us; /* received; 0 when empty */
};

int queue_figures(struct queue *q, struct queue_figures *out, struct err *err)
	ATTR_MUST_USE;

/* Messages of a domain's users with an action to another host that waits
 * (R28). */
int queue_domain_waiting(struct queue *q, int64_t domain_id, uint64_t *out,
                         struct err *err) ATTR_MUST_USE;
/* The same; when there are more than `max`, that is enough to know. */
int queue_domain_waiting_at_most(struct queue *q, int64_t domain_id,
                                 uint64_t max, uint64_t *out, struct err *err)
	ATTR_MUST_USE;

/* What is over: keys older than QUEUE_KEY_US, files without a row.  Called
 * now and then by one process. */
int queue_tidy(struct queue *q, int64_t now_us, struct err *err) ATTR_MUST_USE;

#endif
