/*
 * deliver/security.h - tell an owner that what protects the account changed.
 *
 * A message into the account's own INBOX, past its forward and its script: who
 * did it may have set those.  It says what, when and from where, never a secret.
 */
#ifndef DELIVER_SECURITY_H
#define DELIVER_SECURITY_H

#include "base/str.h"
#include "deliver/bounce.h"

enum security_change {
	SECURITY_PASSWORD,
	SECURITY_TOTP_ON,
	SECURITY_TOTP_OFF,
	SECURITY_APP_ADDED,
	SECURITY_APP_REMOVED,
	SECURITY_LINK, /* one at which a new password can be chosen */
	SECURITY_LINK_USED,
	SECURITY_FORWARD,  /* set, changed or taken away */
	SECURITY_VACATION, /* the same */
};

struct security_note {
	enum security_change what;
	struct str address; /* the account's */
	struct str from;    /* an IP address, or who it was, in words */
	bool by_other;      /* an administrator did it, not the owner */
	struct str agent;   /* the browser, as it calls itself; may be empty */
	int64_t at_us;
};

/* Queued, and with that durable; a running host files it at once.  0 also when
 * there is no such account any more. */
int security_tell(const struct bounce *b, const struct security_note *n,
                  struct err *err) ATTR_MUST_USE;

#endif
