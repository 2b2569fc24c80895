/* gate/ask.h - between the files of the gate's client. */
#ifndef GATE_ASK_H
#define GATE_ASK_H

#include "gate/proto.h"

/* Ask with `body`, which is wiped and freed; the answer in `reply` (may be
 * NULL). */
int gate_ask(struct gate_client *g, enum gate_op op, struct buf *body,
             struct buf *reply, struct err *err) ATTR_MUST_USE;

/* Always -1. */
int gate_malformed(struct err *err);

/* The result of a login that could not be asked. */
void gate_is_temp(struct gate_login_result *out, const struct err *err);

struct gate_live;
struct gate_live **gate_client_live(struct gate_client *g);

#endif
