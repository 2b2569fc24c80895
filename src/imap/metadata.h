/*
 * imap/metadata.h - annotations as GETMETADATA and LIST show them (RFC 5464,
 * RFC 9590).  Private to imap/.
 *
 * Two are not kept but follow from something else: the use of a mailbox
 * (RFC 6154, 4), and whom to reach about the server (RFC 5464, 3.2.1.1).
 */
#ifndef IMAP_METADATA_H
#define IMAP_METADATA_H

#include "imap/session.h"
#include "store/metadata.h"

/* All of a mailbox (NULL: the server), in the order of names; in the arena. */
int imap_metadata_read(struct imap_session *s, const struct mailbox *m,
                       struct arena *a, struct metadata_entry **out,
                       size_t *n_out, struct err *err) ATTR_MUST_USE;

/* The value in such a list, or in one of metadata_list_all(), where a
 * mailbox's use does not stand; p NULL when there is none. */
struct str imap_metadata_value(const struct metadata_entry *list, size_t n,
                               const struct mailbox *m, struct str name);

/* One METADATA response, begun by its first pair. */
struct imap_metadata_writer {
	const struct imap_session *s;
	struct buf *b;
	const struct mailbox *m; /* NULL: the server */
	char prefix;             /* of the mailbox's name */
	bool begun;
};

/* `name` as the client wrote it; value.p NULL: NIL. */
void imap_metadata_pair(struct imap_metadata_writer *w, struct str name,
                        struct str value);
void imap_metadata_end(struct imap_metadata_writer *w);

/* Every name is an entry's; or answered BAD.  `above`: one that entries can
 * lie below will do. */
bool imap_metadata_names(struct imap_session *s, const struct str *names,
                         size_t n, bool above);

#endif
