/*
 * trail/event.h - one step of a message, as it is kept.
 *
 * An event has a kind (kinds.def) and the facts that its kind's sentence and
 * a search need; what is not known is left zero.  Strings are borrowed; they
 * are cut to TRAIL_TEXT_MAX when the event is kept.
 *
 * Events of one message share its trace id.  smtp/ makes one at MAIL, so that
 * what is said at the door belongs to the story; intake/ writes it into the
 * Received field and the queue.
 */
#ifndef TRAIL_EVENT_H
#define TRAIL_EVENT_H

#include "base/arena.h"
#include "base/str.h"
#include "net/addr.h"

#define TRAIL_TEXT_MAX 500

enum trail_kind {

#define TRAIL(number, id, name, state, flags, words) TRAIL_##id = number,
#include "trail/kinds.def"
#undef TRAIL
};

enum trail_state {
	TRAIL_STATE_NONE,
	TRAIL_STATE_UNDERWAY, /* taken, and not yet anywhere */
	TRAIL_STATE_DELIVERED,
	TRAIL_STATE_WAITING,
	TRAIL_STATE_DELAYED, /* on purpose: greylisting */
	TRAIL_STATE_REFUSED,
	TRAIL_STATE_SPAM, /* delivered, as spam */
	TRAIL_STATE_HELD,
	TRAIL_STATE_DISCARDED,
	TRAIL_STATE_RETURNED,
	TRAIL_STATE_FAILED,
	TRAIL_STATE_ABANDONED,
	TRAIL_STATE_REMOVED,
};

struct trail_event {
	enum trail_kind kind;
	int64_t at_us;     /* 0: now */
	struct str trace;  /* the message's id; "" for a connection */
	uint64_t session;  /* "sid" of the log */
	int64_t account;   /* here, whose affair it is: the sender's until the
	                    * message is accepted after a login, else the
	                    * recipient's; 0: nobody's */
	struct str sender; /* of the envelope */
	bool null_sender;  /* the sender is <> */
	struct str rcpt;   /* as in RCPT TO */
	struct str to;     /* where it really goes: account, target */
	struct str message_id; /* with its <> */
	struct str who;        /* login, Unix user, operator */
	struct net_addr peer;
	struct str helo;   /* the peer's name, or what it says it is */
	struct str host;   /* of a try: the other server */
	struct str tls;    /* "TLS 1.3", "TLS 1.3, verified (DANE)" */
	struct str ref;    /* of a refusal: "L-5M" */
	unsigned code;     /* 450 */
	struct str status; /* "4.7.1" */
	struct str reply;  /* what was said, ours at the door, theirs later */
	struct str text;   /* anything else worth saying */
	int64_t next_us;   /* the next try */
	uint64_t size;     /* bytes */
};

/* NULL for a number of no kind. */
const char *trail_kind_name(enum trail_kind kind);
enum trail_state trail_kind_state(enum trail_kind kind);
const char *trail_state_name(enum trail_state state); /* "delivered" */

/* ---- trace ids ---- */

#define TRAIL_ID_SIZE 13

/* Twelve characters that are easy to read out.  Later ones sort after earlier
 * ones (of another millisecond): their index grows at its end. */
void trail_id_make(char out[TRAIL_ID_SIZE]);
/* When one was made; 0 when it is none of ours. */
int64_t trail_id_time(struct str id);

#endif
