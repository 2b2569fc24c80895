/*
 * store/digest.h - private to store/: all that is computed of a message
 * before it is written.
 */
#ifndef STORE_DIGEST_H
#define STORE_DIGEST_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#define DIGEST_HASH 32
/* The own id and the references that are remembered for threads. */
#define DIGEST_IDS_MAX 16

/* What search text is kept of one message.  Of more, the index has the rest
 * (it is read behind delivery), and a search that must look reads the message
 * itself. */
#define DIGEST_TEXT_MAX ((size_t)128 * 1024)

struct digest {
	unsigned char hash[DIGEST_HASH];
	int64_t hash64;
	uint64_t size;
	int64_t id;                   /* of its Message-ID; 0: none */
	int64_t refs[DIGEST_IDS_MAX]; /* newest first */
	size_t refs_n;
	bool text_cut;
	bool is_report;  /* multipart/report (RFC 6522) */
	struct buf meta; /* owned */
	struct buf text; /* owned, packed */
	struct buf
		data; /* owned, packed; empty for a message of its own file */
};

int digest_make(struct digest *d, struct str message, struct err *err)
	ATTR_MUST_USE;
void digest_deinit(struct digest *d);

/* The folded text with a limit of the caller's; whether it was cut there. */
bool digest_text(struct str message, size_t max, struct buf *out);

#endif
