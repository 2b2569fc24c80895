/*
 * pop3/maildrop.h - INBOX as it stood at the login.  Private to pop3/.
 *
 * 16 bytes a message; pop3.messages_max bounds their number: of a larger
 * mailbox the oldest are shown, and the others when these are gone.
 */
#ifndef POP3_MAILDROP_H
#define POP3_MAILDROP_H

#include "base/buf.h"
#include "store/store.h"
#include "store/uidset.h"

struct pop3_message {
	uint32_t uid;
	uint32_t size : 30;   /* larger ones cannot be (limits.message_bytes) */
	uint32_t again : 1;   /* its Email is in INBOX before, too */
	uint32_t deleted : 1; /* marked by DELE */
	uint64_t email;
};

struct pop3_maildrop {
	uint64_t mailbox;
	struct pop3_message *v; /* message 1 is v[0] */
	uint32_t n;
	uint32_t left;       /* not marked as deleted */
	uint64_t bytes_left; /* their sizes */
};

int pop3_maildrop_open(struct pop3_maildrop *m, struct store *s,
                       struct store_account a, uint32_t max, struct err *err)
	ATTR_MUST_USE;
void pop3_maildrop_close(struct pop3_maildrop *m);

/* By number from 1; NULL when there is none, or it is marked as deleted. */
struct pop3_message *pop3_maildrop_get(struct pop3_maildrop *m,
                                       uint32_t number);

void pop3_maildrop_mark(struct pop3_maildrop *m, struct pop3_message *msg);
void pop3_maildrop_unmark_all(struct pop3_maildrop *m);

/* The UIDs that are marked; initialised here. */
void pop3_maildrop_marked(const struct pop3_maildrop *m, struct uidset *out);

/* "E123", or "E123.45": 1 to 70 characters from 0x21 to 0x7e (RFC 1939, 7). */
void pop3_maildrop_unique_id(const struct pop3_maildrop *m, uint32_t number,
                             struct buf *out);

#endif
