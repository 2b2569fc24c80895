/*
 * gate/diary.h - what the gate must not forget at a restart: gate.db.
 *
 * Failed logins of the last minute, networks of successful logins (30 days).
 * Written at once, synced lazily: a crash of the process loses nothing, a
 * power cut the last moments.  From every thread.
 *
 * It also has the gate's clock: like the wall's when it starts, steady from
 * there on, and never before anything written in it or in counts.db.
 */
#ifndef GATE_DIARY_H
#define GATE_DIARY_H

#include "base/err.h"
#include "base/str.h"
#include "gate/client.h"
#include "gate/throttle.h"
#include "net/addr.h"

#define DIARY_NETWORK_US (30 * INT64_C(86400) * 1000000)

struct diary;

/* The clock begins at `not_before_us` or later. */
int diary_open(struct diary **out, const char *dir, int64_t not_before_us,
               struct err *err) ATTR_MUST_USE;
void diary_close(struct diary **d);

int64_t diary_now(struct diary *d);

/* The user's throttle as it is now; an idle one is dropped. */
int diary_throttle_keep(struct diary *d, struct str key,
                        const struct throttle *t, struct err *err)
	ATTR_MUST_USE;
/* Each that is kept. */
int diary_throttles(struct diary *d,
                    void (*fn)(void *arg, struct str key,
                               const struct throttle *t),
                    void *arg, struct err *err) ATTR_MUST_USE;

/* 1: the account logged in from there within 30 days, 0: not, -1. */
int diary_network_known(struct diary *d, int64_t account,
                        const struct net_addr *network, struct err *err)
	ATTR_MUST_USE;
int diary_network_seen(struct diary *d, int64_t account,
                       const struct net_addr *network, struct err *err)
	ATTR_MUST_USE;
/* How many were first seen within 24 hours; 0 when none is older. */
int diary_networks_new(struct diary *d, int64_t account, uint32_t *out,
                       struct err *err) ATTR_MUST_USE;
int diary_networks_forget(struct diary *d, int64_t account, struct err *err)
	ATTR_MUST_USE;

/* Logins as people ask for them ("why can I not log in?"): attempts of one
 * user name by one protocol from one address with one outcome are one row.
 * Kept for a week. */
#define DIARY_LOGIN_US (7 * INT64_C(86400) * 1000000)
/* More rows than this: the oldest go first. */
#define DIARY_LOGINS_MAX 200000

struct diary_login {
	struct str user; /* as typed */
	enum gate_protocol protocol;
	struct str ip;
	enum gate_verdict verdict;
	struct str why;
	int64_t first_us, last_us;
	uint64_t n;
};

/* Fails in silence: it is for information. */
void diary_login_note(struct diary *d, const struct gate_login_request *q,
                      const struct gate_login_result *result);

/* The latest rows of a user name, without case, newest first, at most `max`;
 * opens DIR/gate.db to read, while a gate runs or not.  `each` returns false
 * to stop. */
int diary_logins_of(const char *dir, struct str user, size_t max,
                    bool (*each)(void *arg, const struct diary_login *l),
                    void *arg, struct err *err) ATTR_MUST_USE;

/* Drop what is too old, move the log into the file. */
void diary_upkeep(struct diary *d);

#endif
