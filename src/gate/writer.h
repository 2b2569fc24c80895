/*
 * gate/writer.h - puts confirmed counts on the disk, many in one commit.
 *
 * Private to gate/.  One thread takes all that waits, writes it in one
 * transaction, and only then are those that asked told.  So that many
 * messages at the same time share one sync, and the reading thread never
 * waits for a disk.
 */
#ifndef GATE_WRITER_H
#define GATE_WRITER_H

#include "gate/room.h"
#include "ipc/ipc.h"

struct writer;

int writer_start(struct writer **out, struct room *r, struct counts *c,
                 struct err *err) ATTR_MUST_USE;
/* Write what waits and end the thread; what is added from now on is written
 * at once.  Then the server of the requests may stop, and this be freed. */
void writer_stop(struct writer *w);
void writer_free(struct writer **w);

/* Write `job`, then answer `r` (ipc_keep() was said here). */
void writer_add(struct writer *w, struct ipc_request *r,
                const struct room_job *job);

#endif
