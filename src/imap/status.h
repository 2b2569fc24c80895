/*
 * imap/status.h - a STATUS line.  Private to imap/.
 */
#ifndef IMAP_STATUS_H
#define IMAP_STATUS_H

#include "imap/session.h"

/* "* STATUS name (...)" CRLF; asking for HIGHESTMODSEQ switches CONDSTORE
 * on (RFC 7162, 3.1). */
void imap_write_status(struct imap_session *s, struct buf *b,
                       const struct mailbox *m, char prefix, uint32_t items);

#endif
