/*
 * webmail/call.h - one request to /account: who sends it, and its object.
 */
#ifndef WEBMAIL_CALL_H
#define WEBMAIL_CALL_H

#include "base/arena.h"
#include "deliver/security.h"
#include "weblogin/weblogin.h"
#include "webmail/account.h"
#include "wire/json/read.h"
#include "wire/json/write.h"

struct webmail_call {
	struct http_exchange *x;
	const struct webmail_account *site;
	struct gate_client *gate;
	struct weblogin_user user;
	struct arena arena;
	struct json_doc *doc; /* of a POST */
	struct json args;
	struct buf out;
	struct json_writer w;
};

/* False: it was answered.  `call` needs webmail_call_end() only after true. */
bool webmail_call_begin(struct webmail_call *c, struct http_exchange *x);
void webmail_call_end(struct webmail_call *c);

/* A string of the arguments; untouched when it is missing or null.  False: it
 * is something else, and that was answered. */
bool webmail_arg_str(struct webmail_call *c, const char *name, struct str *out);
bool webmail_arg_id(struct webmail_call *c, int64_t *out);
/* The "password" of the arguments is that of the owner; else it was
 * answered. */
bool webmail_again(struct webmail_call *c);

void webmail_reply(struct webmail_call *c); /* what was written */
/* It is done: logged, told to the owner, and answered with what was written,
 * or 204. */
void webmail_done(struct webmail_call *c, enum security_change what);
void webmail_ended(struct webmail_call *c); /* a session: logged, 204 */
void webmail_bad(struct webmail_call *c, const char *detail);
/* What the gate said: the client's own fault, or ours. */
void webmail_fail(struct webmail_call *c, const struct err *err);

#endif
