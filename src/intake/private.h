/* intake/private.h - what the files of intake/ share. */
#ifndef INTAKE_PRIVATE_H
#define INTAKE_PRIVATE_H

#include "deliver/file.h"
#include "deliver/script.h"
#include "intake/answered.h"
#include "intake/intake.h"
#include "trail/trail.h"
#include "wire/message/field.h"

struct looked;

struct intake {
	struct intake_options o;
	char *help;
	struct answered *answered;
	struct deliver_scripts *scripts;
};

/* How a message was rated for an account. */
struct intake_rating {
	bool spam;
	bool rated; /* else nothing is known, and the rest is zero */
	unsigned
		percent; /* for spamtest (RFC 5235, 2.1): 50 is the threshold */
	struct str field; /* that says so on top, or empty */
};

/* What of the envelope a script's redirect may say anew (RFC 6009). */
struct wishes {
	unsigned notify; /* SMTP_NOTIFY_* */
	unsigned ret;    /* enum smtp_ret */
	int64_t by_us;   /* 0: no such time */
	bool by_notify, by_trace;
};

/* One copy: a folder here, or an address elsewhere. */
struct place {
	const struct intake_rcpt *rcpt; /* the first that led here */
	struct route_end *end;
	struct str prefix;
	struct deliver_folder folder; /* here */
	struct intake_rating rating;  /* here */
	struct str via; /* elsewhere: our address that passes it on */
	struct str
		mail_from; /* elsewhere: with this sender; "": the message's */
	bool loop;         /* it was here before */

	/* scripts.c */
	struct str bytes;   /* as a script edited it; p NULL: the common ones */
	struct append *own; /* prepared of `bytes` */
	bool junk;          /* spam for this account */
	bool settled;       /* its script ran */
	size_t from;        /* what redirected here, plus one */
	const struct wishes *wishes; /* NULL: as the message came */
};

/* A script, or a vacation, that owes something once the message is on the
 * disk (replies.c). */
struct scripted {
	struct scripted *next;
	const struct intake_rcpt *rcpt;
	const struct route_end *end;
	bool junk;
	bool discarded; /* nobody gets it by this script */
	struct deliver_script_run run;
};

struct places {
	struct place *v;
	size_t n, cap, loops;
	bool too_many;
	struct scripted *scripted;
};

/* A message on its way through intake. */
struct intake_work {
	struct intake *in;
	const struct intake_message *m;
	struct intake_answer *answer;
	struct arena *arena;

	struct str bytes;  /* as it came, then as it is fixed up */
	struct str header; /* of bytes, with the empty line */
	struct field_index fields;
	struct spool *spool; /* holds bytes: the caller's, or `fixed` */
	struct spool *fixed;
	bool from_own;
	struct str from_why; /* when not */
	bool returnable;     /* the envelope's sender is no forgery: logged in,
	                  * or SPF or DKIM vouch for its domain; reports may
	                  * go there */
	/* verify.c */
	const struct looked *looked; /* NULL: not asked */
	struct str auth_results;     /* the field for the prefix, or "" */
	bool quarantine;             /* DMARC: to the folder for spam */
	char trace[TRAIL_ID_SIZE];
	int64_t at_us;
	uint64_t size;                   /* as it came */
	const struct score_rated *rated; /* NULL: it was not */
	bool hold;          /* it waits in the queue until someone lets it go */
	int64_t release_us; /* or until then, as its sender asked; 0: not */
	bool repeated;      /* it is here already, and was not taken twice */
};

struct policy_facts;
struct score_rated;

/* score.c: rate it; false after it was refused (a virus, too many points, the
 * window of spam after a login). */
bool intake_score(struct intake_work *w);
/* What it is for an account, the nth it goes to. */
void intake_score_for(struct intake_work *w, int64_t account, size_t nth,
                      struct intake_rating *out);

/* room.c: R29.  The message's class takes its place in the windows; what is
 * full is noted in the facts.  Spam is known once it is scored. */
int intake_class_bulk(struct intake_work *w, struct policy_facts *f,
                      struct err *err) ATTR_MUST_USE;
int intake_class_spam(struct intake_work *w, struct policy_facts *f,
                      struct err *err) ATTR_MUST_USE;
/* The message was accepted: it counts, on the disk when this returns, and
 * whom it goes to is known to greylisting. */
void intake_note_accepted(struct intake_work *w);

struct gate_want;

/* Add what is never refused to what the message holds. */
int intake_room_add(struct intake *in, struct intake_room *room,
                    const struct gate_want *want, struct err *err)
	ATTR_MUST_USE;

/* suspect.c: is the account on hold, or to be put on hold now? */
int intake_suspect(struct intake_work *w, struct err *err) ATTR_MUST_USE;

/* intake.c: a message that our own filter takes for spam needs room of that
 * class (R26); false after it was refused. */
bool intake_admit_spam(struct intake_work *w);

/* verify.c: who vouches for a message by MX; true when it was not asked.
 * False after it was refused. */
bool intake_verify(struct intake_work *w);
/* tally.c: count it for the report to the domain's owner. */
void intake_tally(const struct intake_work *w, bool refused);
/* It may be such a report of others itself. */
void intake_offer_report(const struct intake_work *w);
/* What it found, for the spam filter. */
struct score_facts;
void intake_verify_facts(const struct intake_work *w, struct score_facts *f);

/* from.c: R24. */
int intake_check_from(struct intake_work *w, struct err *err) ATTR_MUST_USE;

/* fixup.c: R42, and whatever the way, fields that say they are ours;
 * w->bytes, header and spool are then the new ones. */
int intake_fix_up(struct intake_work *w, struct err *err) ATTR_MUST_USE;

/* sign.c: what is sent from here is signed for its author's domain, on top of
 * w->bytes. */
int intake_sign(struct intake_work *w, struct err *err) ATTR_MUST_USE;

/* key.c: what a second try is known by; false when it has no Message-ID. */
bool intake_key(const struct intake_work *w, unsigned char out[32]);

/* outside.c: what leaves again: SRS senders; spam and paused targets of
 * forwards stay here; loops are marked.  False after it was refused. */
bool intake_outside(struct intake_work *w, struct places *ps);

/* place.c: to the mailboxes or into the queue; fills in the answer. */
void intake_place(struct intake_work *w);

/* scripts.c: rate each account's copy and run its script: the places become
 * what the scripts say.  False when the answer is given already. */
bool intake_run_scripts(struct intake_work *w, struct places *ps) ATTR_MUST_USE;
/* scripts.c: what the envelope of a copy says. */
struct wishes intake_wishes(const struct intake_work *w, const struct place *p);
/* place.c: one more; NULL over the limit. */
struct place *intake_add_place(struct intake_work *w, struct places *ps,
                               const struct intake_rcpt *rcpt,
                               struct route_end *end);

/* replies.c: what scripts owe others and themselves, after the message is on
 * the disk.  Repeated for the same message nothing comes twice. */
int intake_send_replies(struct intake_work *w, const struct places *ps,
                        struct str key, struct err *err) ATTR_MUST_USE;

/* trail.c: an event of this message; its trace id, session and time are
 * filled in. */
void intake_trail(struct intake_work *w, struct trail_event e);
void intake_trail_accepted(struct intake_work *w);

/* answer.c */
void intake_say_yes(struct intake_work *w, struct str text);
void intake_say_no(struct intake_work *w, enum policy_ref ref,
                   const struct policy_words *words);
void intake_say_trouble(struct intake_work *w, const struct err *err);

#endif
