/*
 * relay/seal.h - sign what the host itself sends, when it leaves.
 *
 * Bounces, notices, automatic answers and questions are written in several
 * processes, the command line among them, which have no way to the keys.  All
 * of them leave through here, so here they are signed (RFC 6376), in the form
 * that is sent and with the keys of this moment, however long they waited.
 *
 * The domain is the author's when it is hosted here.  Mail of the host's own
 * name is signed by the nearest hosted domain above that name, which DMARC
 * takes for the same organization, or by the name itself; see what `posthus
 * domain dns HOSTNAME` asks for.
 */
#ifndef RELAY_SEAL_H
#define RELAY_SEAL_H

#include "base/buf.h"
#include "queue/queue.h"

struct directory;
struct signer;

struct relay_sealer {
	struct signer *signer; /* NULL: nothing is signed */
	struct directory *directory;
	struct str hostname;
};

/* Add the signatures of `message` to `top`; none when it is not the host's
 * own, or when no key signs for its author.  What goes wrong is logged: mail
 * goes on without. */
void relay_seal(const struct relay_sealer *s, const struct queue_job *job,
                struct str message, struct buf *top);

#endif
