/*
 * gate/login.h - who may log in: throttle, memory of successes, hashes.
 *
 * Private to gate/.  A login has a quick part (name, throttle, remembered
 * success, app password) for the reading thread, and a slow one (Argon2) for
 * the pool.
 */
#ifndef GATE_LOGIN_H
#define GATE_LOGIN_H

#include "gate/credentials.h"
#include "gate/diary.h"
#include "gate/server.h"

struct login;

int login_new(struct login **out, const struct gate_options *o,
              struct credentials *c, struct diary *d, struct err *err)
	ATTR_MUST_USE;
void login_free(struct login **l);
void login_limits(struct login *l, const struct gate_limits *limits);

/* True: *out is the verdict.  False: login_slow() must find it. */
bool login_quick(struct login *l, const struct gate_login_request *r,
                 struct gate_login_result *out);
void login_slow(struct login *l, const struct gate_login_request *r,
                struct gate_login_result *out);
/* The whole login of a browser, with its second factor when it has one. */
void login_web(struct login *l, const struct gate_login_request *r,
               struct str code, struct gate_login_result *out);

int login_scram_begin(struct login *l, struct str user,
                      struct gate_scram_keys *out, struct err *err)
	ATTR_MUST_USE;
void login_scram_prove(struct login *l, const struct gate_login_request *r,
                       struct str auth_message, struct str proof,
                       struct gate_login_result *out, char signature_out[32]);

/* Forget what is remembered of an account (its password changed). */
void login_forget(struct login *l, int64_t account);

/* Now and then: drop what is old. */
void login_upkeep(struct login *l);

#endif
