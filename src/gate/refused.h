/*
 * gate/refused.h - one mistyped password counts once (R25), pure.
 *
 * A mail program whose password is refused tries the same one by its other
 * ways at once: Thunderbird sends AUTHENTICATE PLAIN, AUTHENTICATE LOGIN and
 * LOGIN.  For its user that is one failed login, not three.  So a connection
 * remembers, as a keyed tag, what was refused last; the same name and password
 * by a way not used for it yet gets the same answer, is not looked at and
 * counts nothing.  By the same way again, it is another failed login.
 *
 * gate_login() does this for requests that say where to remember it.
 */
#ifndef GATE_REFUSED_H
#define GATE_REFUSED_H

#include <stdbool.h>

#include "base/str.h"
#include "crypto/password.h"

/* Programs try their other ways at once; a person takes longer. */
#define GATE_REFUSED_US (INT64_C(10) * 1000000)

/* Of one connection; all zero at first. */
struct gate_refused {
	uint8_t tag[PASSWORD_TAG_SIZE];
	int64_t until_us; /* 0: nothing was refused */
	uint32_t ways;    /* the bits of those it was tried by */
};

/* Is this what was refused a moment ago, by a way (one bit) that is new?  The
 * way is then used up. */
bool gate_refused_again(struct gate_refused *r,
                        const struct password_tag_key *key, uint32_t way,
                        struct str user, struct str secret, int64_t now_us);

/* It was looked at, and was wrong. */
void gate_refused_note(struct gate_refused *r,
                       const struct password_tag_key *key, uint32_t way,
                       struct str user, struct str secret, int64_t now_us);

#endif
