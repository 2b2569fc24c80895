/*
 * policy/replies.h - the words of every refusal, in one table.
 *
 * A row has a short stable reference ("R-UNKNOWN"), the codes and the first
 * line that customers are promised (verbatim), and what `posthus explain`
 * and the help page say: the cause and what to do.  The last line of a reply
 * is the help address with the reference in square brackets.
 *
 *	550-5.1.1 <bo@example.com>: Recipient address rejected: User unknown
 *	550 5.1.1 https://mail.example.net/help/R-UNKNOWN [R-UNKNOWN]
 *
 * In `text`, {rcpt} is the recipient in angle brackets, {n} a number with
 * its meaning in the row, {why} a reason given by the rule.
 */
#ifndef POLICY_REPLIES_H
#define POLICY_REPLIES_H

#include "base/buf.h"

enum policy_ref {
	REF_NONE,

#define REPLY(id, ref, code, status, text, cause, todo) REF_##id,
#include "policy/replies.def"
#undef REPLY
	REF_COUNT
};

struct policy_reply {
	const char *ref;    /* "R-UNKNOWN" */
	unsigned code;      /* 550 */
	const char *status; /* "5.1.1"; "" for none */
	const char *text;
	const char *cause, *todo; /* one sentence each, for a customer */
};

/* `ref` is not NONE and not COUNT. */
const struct policy_reply *policy_reply(enum policy_ref ref);

/* The row of a reference as someone typed it, with or without brackets, in
 * any case; REF_NONE when there is none. */
enum policy_ref policy_ref_find(struct str typed);

struct policy_words {
	struct str rcpt; /* without brackets */
	uint64_t n;
	struct str why;  /* for {why} */
	struct str also; /* a sentence for a line of its own, or "" */
	struct str help; /* "https://mail.example.net/help/", or "" */
};

/* The text of the reply, lines set off by LF: first line, `also` when there
 * is one, help address and reference. */
void policy_reply_text(struct buf *out, enum policy_ref ref,
                       const struct policy_words *w);

/* Count a refusal among the figures, where it is one of a limit. */
void policy_count(enum policy_ref ref);

/* "70 MB", "64 KB", "1000 bytes": for {why} of a size. */
#define POLICY_SIZE_MAX 32
struct str policy_size_words(uint64_t bytes, char out[POLICY_SIZE_MAX]);

/* The first line alone. */
void policy_reply_first(struct buf *out, enum policy_ref ref,
                        const struct policy_words *w);

#endif
