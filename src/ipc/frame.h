/*
 * ipc/frame.h - one message of an ipc connection: a head and a body.
 *
 * Private to ipc/.  Connections are SOCK_SEQPACKET, so a message is sent and
 * received whole; the head is of fixed size and both ends are of the same
 * program on the same machine.
 */
#ifndef IPC_FRAME_H
#define IPC_FRAME_H

#include "ipc/ipc.h"

#define IPC_MAGIC 0x43504950u

enum ipc_type { IPC_REQUEST = 1, IPC_ANSWER = 2 };

struct ipc_head {
	uint32_t magic;
	uint16_t op;
	uint8_t type; /* enum ipc_type */
	uint8_t kind; /* enum err_kind of an answer; its text is the body */
	uint64_t id;
	int64_t timeout_us; /* of a request: from its sending on */
};

#define IPC_FRAME_MAX (sizeof(struct ipc_head) + IPC_BODY_MAX)

/* Knock: make a connection through a door; its fd, or -1. */
int ipc_connect(int door, const char *name, struct err *err) ATTR_MUST_USE;

/* Take the next connection from the server's end: its fd, or -1 when none
 * waits (or what came was none). */
int ipc_accept(int door, char name_out[IPC_NAME_MAX]);

/* Send without waiting: 1 sent, 0 no room now, -1 broken. */
int ipc_send(int fd, const struct ipc_head *head, struct str body);

/* Receive without waiting into `space`: 1 a good message, 0 nothing there,
 * -1 broken or nonsense.  `body` points into space. */
int ipc_recv(int fd, char space[IPC_FRAME_MAX], struct ipc_head *head,
             struct str *body);

/* Is this a message?  What ipc_recv() asks of the bytes. */
bool ipc_frame_parse(struct str bytes, struct ipc_head *head, struct str *body);

#endif
