/*
 * relay/mail.h - one message of the queue to one server, as it can take it.
 *
 * What the server lacks is made up for, or the message returned: the size it
 * announces (RFC 1870), SMTPUTF8 (RFC 6531, 3.6), 8BITMIME (RFC 6152, 3) and
 * BINARYMIME (RFC 3030, 3).
 */
#ifndef RELAY_MAIL_H
#define RELAY_MAIL_H

#include "relay/seal.h"
#include "relay/session.h"

/* Jobs of one message with one prefix; out[i] is what became of jobs[i]. */
void relay_mail_send(struct queue *q, const struct relay_sealer *sealer,
                     struct relay_session *s, const struct queue_job *jobs,
                     size_t n, struct relay_outcome *out);

/* Is SMTPUTF8 really needed: an address or a header field outside US-ASCII? */
bool relay_mail_needs_utf8(const struct queue_job *jobs, size_t n,
                           struct str prefix, struct str message);

#endif
