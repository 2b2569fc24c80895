/*
 * migrate/session.h - the client's side of IMAP with the old provider.
 *
 * For a thread that waits; each step ahead has a time-out.  Responses come one
 * by one; the bytes of a message go into a spool as they arrive.
 *
 *	if (session_open(&s, m, err) < 0) ...
 *	if (session_say(&s, STR("UID FETCH 1:9 (UID BODY.PEEK[])"), err) < 0) ..
 *	while ((rc = session_next(&s, &answer, err)) > 0)
 *		...
 *
 * Errors: ERR_DENIED (login, certificate, an address not allowed), ERR_TIMEOUT,
 * ERR_CLOSED and ERR_TEMP (try again), ERR_INVALID (what came is no IMAP).
 */
#ifndef MIGRATE_SESSION_H
#define MIGRATE_SESSION_H

#include "migrate/migrate.h"
#include "relay/conn.h"
#include "wire/imap/reader.h"
#include "wire/imap/response.h"

struct tls_client;

struct session {
	bool special_use; /* it can say what folders are for */
	/* private */
	const struct migrate *m;
	struct relay_conn conn;
	struct tls_client *tls;
	struct imap_reader reader;
	struct arena arena; /* of the response */
	unsigned tag;
	struct buf capabilities;
	/* Of the message whose body comes apart. */
	struct str head_text;
	struct spool *body;
	bool has_head, too_big;
};

struct session_answer {
	struct imap_response r;
	struct imap_parser rest; /* behind the name */
	/* FETCH: read already. */
	bool is_message;
	struct imap_fetched f;
	/* Its body when that came apart, sealed: the caller's to free; NULL
	 * with `too_big` when it was over message_max. */
	struct spool *body;
	bool too_big;
};

/* Connect, begin TLS, log in.  session_close() also after a failure. */
int session_open(struct session *s, const struct migrate *m, struct err *err)
	ATTR_MUST_USE;
void session_close(struct session *s);

/* A command, without tag and CRLF. */
int session_say(struct session *s, struct str command, struct err *err)
	ATTR_MUST_USE;
/* 1: data; 0: the command is over (out->r has its status, which is not
 * looked at); -1.  What *out points to lives until the next call. */
int session_next(struct session *s, struct session_answer *out, struct err *err)
	ATTR_MUST_USE;
/* To the end, which must be OK; data is passed over. */
int session_finish(struct session *s, struct err *err) ATTR_MUST_USE;

/* The name in quotes, as commands have it. */
void session_quote(struct buf *b, struct str name);

#endif
