/*
 * base/err.h - what went wrong, said once.
 *
 * A function that can fail returns 0 or -1 and fills the `struct err` given
 * last.  The kind is about mail, not about a protocol; each server has one
 * table from kind to its own words, and a peer never sees err.text, which is
 * for the operator.
 *
 *	if (n > max)
 *		return err_set(err, ERR_TOO_BIG, "over %zu bytes", max);
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/attr.h"

enum err_kind {
	ERR_NONE,
	ERR_INVALID,    /* the request makes no sense */
	ERR_TOO_BIG,    /* over a limit of size or number */
	ERR_NOT_FOUND,  /* no such domain, account, mailbox, message */
	ERR_EXISTS,     /* there is one already, or it changed meanwhile */
	ERR_DENIED,     /* not allowed */
	ERR_OVER_QUOTA, /* the account's quota */
	ERR_NO_SPACE,   /* the server's disk, or its reserve */
	ERR_CORRUPT,    /* stored data does not read back: posthus fsck */
	ERR_TIMEOUT,    /* a deadline passed */
	ERR_CLOSED,     /* the other end went away */
	ERR_TEMP,       /* anything else that may work later */
	ERR_KIND_COUNT
};

struct err {
	enum err_kind kind;
	int errnum; /* the system's errno, or 0 */
	char text[240];
};

#define ERR_INIT                             \
	{                                    \
		.kind = ERR_NONE, .text = "" \
	}

/* Always returns -1, so that a failure is one line. */
int err_set(struct err *e, enum err_kind kind, const char *fmt, ...)
	ATTR_PRINTF(3, 4);

/* The same from an errno: ENOSPC, EDQUOT give ERR_NO_SPACE, ENOENT
 * ERR_NOT_FOUND, EEXIST ERR_EXISTS, EACCES and EPERM ERR_DENIED, ETIMEDOUT
 * ERR_TIMEOUT, EPIPE and ECONNRESET ERR_CLOSED, all else ERR_TEMP.  The text
 * is "<what>: <the system's words>".  Always returns -1. */
int err_sys(struct err *e, int errnum, const char *fmt, ...) ATTR_PRINTF(3, 4);

/* Put words in front: "<words>: <old text>".  Always returns -1. */
int err_prefix(struct err *e, const char *fmt, ...) ATTR_PRINTF(2, 3);

/* clang's analyzer looks at one file at a time: tell it what they return. */
#if defined(__clang_analyzer__) && !defined(BASE_ERR_C)
#	define err_set(...)    (err_set(__VA_ARGS__), -1)
#	define err_sys(...)    (err_sys(__VA_ARGS__), -1)
#	define err_prefix(...) (err_prefix(__VA_ARGS__), -1)
#endif

/* A short stable word for logs: "not-found". */
const char *err_kind_name(enum err_kind kind);

/* Drop a must-use result on purpose; say why beside it. */
static inline void err_drop(int result)
{
	(void)result;
}

/* End the program: small allocation failed, or an invariant was broken.
 * Prints to stderr and aborts. */
void err_die(const char *fmt, ...) ATTR_PRINTF(1, 2) ATTR_NORETURN;

#endif
