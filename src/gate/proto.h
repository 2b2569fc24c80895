/*
 * gate/proto.h - what client and server of the gate say to each other.
 *
 * Private to gate/.  Every operation may be asked twice (ipc/ipc.h): those
 * that count therefore name the total, not the step, under a token or a key
 * that the client chose.
 */
#ifndef GATE_PROTO_H
#define GATE_PROTO_H

#include "gate/access.h"
#include "ipc/field.h"

enum gate_op {
	GATE_OP_LOGIN = 1,
	GATE_OP_SCRAM_BEGIN,
	GATE_OP_SCRAM_PROVE,
	GATE_OP_PASSWORD_SET,
	GATE_OP_PASSWORD_IMPORT,
	GATE_OP_PASSWORD_REMOVE,
	GATE_OP_FORGET,
	GATE_OP_APP_ADD,
	GATE_OP_APP_REMOVE,
	GATE_OP_RESERVE, /* token, all that it holds */
	GATE_OP_CONFIRM, /* token, id, all that it holds */
	GATE_OP_RELEASE, /* token */
	GATE_OP_COUNT,   /* token, one */
	GATE_OP_WINDOWS,
	GATE_OP_HABITS,
	GATE_OP_CONNECTIONS, /* keys and this client's totals */
	GATE_OP_PASSWORD_CHANGE,
	GATE_OP_APP_LIST,
	GATE_OP_WEB_LOGIN, /* twice gives two sessions, one goes unused */
	GATE_OP_SESSION_CHECK,
	GATE_OP_SESSION_LIST,
	GATE_OP_SESSION_END,
	GATE_OP_TOTP_GET,
	GATE_OP_TOTP_BEGIN,
	GATE_OP_TOTP_CONFIRM,
	GATE_OP_TOTP_OFF,
	GATE_OP_SIGNINS,
	GATE_OP_REVOKED,
	GATE_OP_START_FIND,
	GATE_OP_START_USE, /* twice: the second says that the link is over */
	GATE_OP_START_ADD, /* twice: the first link is over */
};

#define GATE_SECRET_MAX 4096
#define GATE_CONN_BATCH 512 /* keys in one request */

/* All that one token holds, a kind and subject once, in the order of kinds. */
struct gate_wants {
	struct gate_want w[GATE_WANTS_MAX];
	size_t n;
};

/* Add to it; false when there are too many different ones or too much. */
bool gate_wants_add(struct gate_wants *all, const struct gate_want *w,
                    size_t n);

/* Take from it; false when it is not in it. */
bool gate_wants_take(struct gate_wants *all, const struct gate_want *w,
                     size_t n);

void gate_put_wants(struct buf *b, const struct gate_wants *w);
void gate_get_wants(struct ipc_fields *f, struct gate_wants *out);
void gate_put_addr(struct buf *b, const struct net_addr *a);
void gate_get_addr(struct ipc_fields *f, struct net_addr *out);

void gate_put_login(struct buf *b, const struct gate_login_request *r);
void gate_get_login(struct ipc_fields *f, struct gate_login_request *out);
void gate_put_result(struct buf *b, const struct gate_login_result *r);
void gate_get_result(struct ipc_fields *f, struct gate_login_result *out);

void gate_put_app(struct buf *b, const struct gate_app *a);
void gate_get_app(struct ipc_fields *f, struct gate_app *out);
void gate_put_session(struct buf *b, const struct gate_session *s);
void gate_get_session(struct ipc_fields *f, struct gate_session *out);
void gate_put_signin(struct buf *b, const struct gate_signin *s);
void gate_get_signin(struct ipc_fields *f, struct gate_signin *out);
void gate_put_credential(struct buf *b, const struct gate_credential *c);
void gate_get_credential(struct ipc_fields *f, struct gate_credential *out);

#endif
