/*
 * gate/logins.h - when somebody logged in last, for lists of addresses.
 *
 * Read from what the gate notes (gate/diary.h), whether it runs or not; a
 * login older than a week is not known any more.
 */
#ifndef GATE_LOGINS_H
#define GATE_LOGINS_H

#include "base/arena.h"
#include "gate/client.h"

struct gate_last_login {
	int64_t at_us; /* 0: none that is known */
	enum gate_protocol protocol;
	struct str ip;
};

/* For each of `users` (canonical addresses) into out[]; DIR is the data
 * folder.  Views lie in the arena. */
int gate_last_logins(const char *dir, const struct str *users, size_t n,
                     struct arena *a, struct gate_last_login *out,
                     struct err *err) ATTR_MUST_USE;

#endif
