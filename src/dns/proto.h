/* dns/proto.h - the questions between dns/client.c and dns/server.c. */
#ifndef DNS_PROTO_H
#define DNS_PROTO_H

#include "ipc/field.h"

/* Body: u32 type, string name.
 * Answer: u8 status, u8 flags, u32 ttl, string canonical, u32 n, n strings.
 * With FAIL the canonical name is the reason. */
#define DNS_OP_LOOKUP   1

#define DNS_FLAG_SECURE 1
#define DNS_FLAG_BOGUS  2

/* Of one answer; what is more is left out (a set of 500 addresses). */
#define DNS_RECORDS_MAX 200
#define DNS_ANSWER_MAX  ((size_t)30 * 1024)

/* Questions that wait in the resolver; more are answered ERR_TEMP.  A process
 * has at most half of them: what one asks of zones that do not answer leaves
 * room for the others. */
#define DNS_WAITING_MAX 4000
#define DNS_ASKING_MAX  (DNS_WAITING_MAX / 2)

#endif
