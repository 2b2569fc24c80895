/* gate/server_private.h - between the files of the gate's server. */
#ifndef GATE_SERVER_PRIVATE_H
#define GATE_SERVER_PRIVATE_H

#include <pthread.h>

#include "gate/conns.h"
#include "gate/login.h"
#include "gate/proto.h"
#include "gate/room.h"
#include "gate/writer.h"
#include "ipc/ipc.h"

struct gate_server {
	struct gate_options o;
	struct gate_limits limits; /* the reading thread's */
	pthread_mutex_t lock;      /* of `next` */
	struct gate_limits next;
	bool has_next;

	struct credentials *credentials;
	struct diary *diary;
	struct login *login;
	struct counts *counts;
	struct room *room;
	struct writer *writer;
	struct conns *conns;
	struct ipc_server *ipc;
	unsigned ticks;
};

void gate_reply_bad(struct ipc_request *r);
void gate_reply_done(struct ipc_request *r, int rc, const struct err *err);
void gate_reply_buf(struct ipc_request *r, struct buf *b); /* frees it */
struct ipc_fields gate_fields(const struct ipc_request *r);
void gate_note_login(struct gate_server *g, const struct gate_login_request *q,
                     const struct gate_login_result *out);

/* server_access.c: true when it is an operation of gate/access.h. */
bool gate_handle_access(struct gate_server *g, struct ipc_request *r);

#endif
