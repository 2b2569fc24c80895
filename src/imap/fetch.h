/*
 * imap/fetch.h - the engine behind FETCH, STORE's answers and QRESYNC.
 * Private to imap/.
 *
 * A job walks messages in order of UID and writes a FETCH line for each, as
 * the socket takes them; it holds no transaction between two pieces.  At its
 * end it says "tag OK text".
 */
#ifndef IMAP_FETCH_H
#define IMAP_FETCH_H

#include "imap/session.h"
#include "wire/imap/fetch.h"

struct imap_job {
	struct uidset uids;     /* taken */
	struct imap_fetch what; /* lives in the command's arena */
	uint64_t changed_since; /* 0: all */
	const char *text;       /* behind "tag OK "; in the command's arena or
	                         * static */
};

/* Takes the command's arena. */
void imap_job_start(struct imap_session *s, const struct imap_job *job);

#endif
