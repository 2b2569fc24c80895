/*
 * imap/session.h - one IMAP connection, as its commands see it.  Private to
 * imap/.
 *
 * A command is a function that gets the session and a parser standing behind
 * the command's name.  It ends in exactly one of
 *
 *	imap_ok(), imap_no(), imap_bad(), imap_fail()   answered now
 *	imap_job_start()                                answered by a source
 *
 * A parked session is this struct, the account's address and, when a mailbox
 * is selected, its view.
 */
#ifndef IMAP_SESSION_H
#define IMAP_SESSION_H

#include "base/arena.h"
#include "gate/auth.h"
#include "imap/server.h"
#include "news/news.h"
#include "store/mailbox.h"
#include "store/view.h"
#include "wire/imap/parse.h"
#include "wire/imap/reader.h"
#include "wire/imap/seqset.h"

enum imap_state {
	IMAP_NOT_AUTHENTICATED = 1,
	IMAP_AUTHENTICATED = 2,
	IMAP_SELECTED = 4,
	IMAP_LOGGED_OUT = 8,
};

struct imap_append_job;

struct imap_session {
	struct net_session *net;
	const struct imap_context *ctx;
	struct imap_reader reader;
	struct arena *arena; /* of the command in work, and its tag */
	char *tag;
	uint8_t state;

	bool counted;     /* the gate counts this connection (R32) */
	bool over;        /* ... and said it is one too many */
	bool may_expunge; /* this command may be told of removed messages */
	bool read_only;   /* EXAMINE */
	bool condstore;   /* RFC 7162 is in use */
	bool qresync;
	bool utf8;         /* ENABLE UTF8=ACCEPT or IMAP4rev2 */
	bool rev2;         /* ENABLE IMAP4rev2 */
	bool idle;         /* waits for DONE */
	bool said_aside;   /* EXISTS went out with some other answer */
	bool in_literal;   /* a literal is streamed: its own time limits */
	uint16_t errors;   /* bad commands in a row */
	uint16_t commands; /* before login */

	struct store_account account;
	char *address; /* of the account */
	struct view *view;
	uint64_t permanent;  /* keyword bits the client was told of */
	struct uidset saved; /* "$", RFC 5182 */

	struct gate_auth *auth;         /* AUTHENTICATE is going on */
	struct gate_refused refused;    /* the last password that was wrong */
	struct news_sub *sub;           /* while idle */
	struct net_ref self;            /* for net_wake() */
	struct imap_append_job *append; /* APPEND is going on */
};

/* ---- answers (imap/reply.c) ---- */

/* "tag OK text" after the news of the selected mailbox.  `fmt` may begin with
 * a response code: "[COPYUID ...] Done". */
void imap_ok(struct imap_session *s, const char *fmt, ...) ATTR_PRINTF(2, 3);
void imap_no(struct imap_session *s, const char *fmt, ...) ATTR_PRINTF(2, 3);
/* Syntax; counts as an error. */
void imap_bad(struct imap_session *s, const char *fmt, ...) ATTR_PRINTF(2, 3);
/* The words of the table for what went wrong; logs what is the operator's. */
void imap_fail(struct imap_session *s, const struct err *err);
/* The same without an answer: "NO [CODE] text" as the table has it. */
const char *imap_fail_words(enum err_kind kind);
void imap_log_failure(struct imap_session *s, const struct err *err);
void imap_bye(struct imap_session *s, const char *text); /* and closes */

/* A large untagged answer: sent in pieces, taken.  The command is answered
 * with "tag OK text" behind it; the text is copied. */
void imap_send(struct imap_session *s, struct buf *take, const char *text);

/* ---- what several commands need ---- */

/* A mailbox name as a client writes it. */
struct imap_name {
	struct str name; /* as the store has it, UTF-8 */
	char prefix;     /* '/' or '.': it was asked for below INBOX (R34) */
};

/* False (and answered BAD or NO) when it is no name. */
bool imap_name_read(struct imap_session *s, struct arena *a, struct str wire,
                    struct imap_name *out);
/* A pattern or reference of LIST: the encoding undone, nothing else. */
bool imap_name_decode(const struct imap_session *s, struct arena *a,
                      struct str wire, struct str *out);
/* As an astring; in the encoding of the session, with the prefix. */
void imap_name_write(const struct imap_session *s, struct buf *b,
                     struct str name, char prefix);

/* Parse the command's arguments to the end, or answer BAD. */
bool imap_done(struct imap_session *s, struct imap_parser *p, bool parsed);
/* clang's analyzer looks at one file at a time: never true unless parsed. */
#ifdef __clang_analyzer__
#	define imap_done(s, p, parsed) ((parsed) && imap_done(s, p, true))
#endif

/* The messages of a set, as UIDs; false and answered when the set is wrong.
 * `out` is initialised here. */
bool imap_take_set(struct imap_session *s, const struct imap_seqset *set,
                   bool is_uid, struct arena *a, struct uidset *out);

/* ---- telling what happened (imap/news.c) ---- */

/* Untagged news since the last time; false when the mailbox is gone and the
 * session ends. */
bool imap_tell(struct imap_session *s, bool may_expunge);
/* Removed messages: EXPUNGE lines or VANISHED. */
void imap_write_expunged(const struct imap_session *s, struct buf *b,
                         const struct view_news *n);

struct flag_names;

/* A FLAGS line when `in_use` has keywords that the client was not told of. */
void imap_tell_keywords(struct imap_session *s, struct buf *b,
                        const struct flag_names *f, uint64_t in_use);

/* ---- select (imap/select.c) ---- */

void imap_deselect(struct imap_session *s);

/* ---- login (imap/login.c) ---- */

bool imap_clear_allowed(const struct imap_session *s);
/* A line while AUTHENTICATE goes on. */
void imap_auth_line(struct imap_session *s, struct str line);

/* ---- append (imap/append.c) ---- */

/* The text ends in a message's literal: take it or answer and refuse. */
void imap_append_literal(struct imap_session *s);
void imap_append_data(struct imap_session *s, struct str piece);
void imap_append_data_end(struct imap_session *s);
/* The command's line is over. */
void imap_append_finish(struct imap_session *s, struct str rest);
void imap_append_drop(struct imap_session *s);

/* ---- idle (imap/idle.c) ---- */

void imap_idle_line(struct imap_session *s, struct str line);
void imap_idle_stop(struct imap_session *s);

/* ---- capability (imap/capability.c) ---- */

void imap_write_capabilities(const struct imap_session *s, struct buf *b);

/* ---- the session itself (imap/session.c) ---- */

/* After a login, and when a literal begins or ends. */
void imap_session_timeouts(struct imap_session *s);
/* Count the connection anew if it was one too many (R32). */
void imap_recount(struct imap_session *s);
/* The command's memory, its text too, for a job that outlives it; the caller
 * frees it: arena_deinit(), mem_free(). */
struct arena *imap_take_arena(struct imap_session *s);

#endif
