/*
 * wire/smtp/path.h - reverse and forward paths: <local@domain>.
 *
 * Quoted local parts are unquoted, source routes read and dropped (RFC 5321,
 * 4.1.2 and appendix C), address literals checked, and UTF-8 taken and told
 * of (RFC 6531, 3.3), so that the server can ask whether SMTPUTF8 was given.
 *
 *	struct str rest = STR("<\"john doe\"@example.com> SIZE=1");
 *	struct smtp_path p;
 *
 *	if (smtp_path_parse(&rest, &arena, &p)) ...   p.local is john doe
 */
#ifndef WIRE_SMTP_PATH_H
#define WIRE_SMTP_PATH_H

#include "base/arena.h"
#include "base/buf.h"

/* RFC 5321, 4.5.3.1 asks for 64, 255 and 256 at least; long variable return
 * paths are real, so the local part may be longer here. */
#define SMTP_LOCAL_MAX  256
#define SMTP_DOMAIN_MAX 255

struct smtp_path {
	bool null;          /* <> */
	bool literal;       /* domain is an address literal, brackets and all */
	bool utf8;          /* bytes above 127 in either part, valid UTF-8 */
	struct str local;   /* unquoted */
	struct str domain;  /* as sent; "" in <> and in <postmaster> */
	struct str address; /* local@domain, quoted where it must be */
};

/* Read a path at the start of *rest and step over it; false, both untouched,
 * when there is none.  `local_only` takes <name> without a domain. */
bool smtp_path_parse(struct str *rest, bool local_only, struct arena *a,
                     struct smtp_path *out) ATTR_MUST_USE;

/* The same for an address without angle brackets, all of `s`. */
bool smtp_address_parse(struct str s, struct arena *a, struct smtp_path *out)
	ATTR_MUST_USE;

/* A host name: labels of letters, digits, hyphens and underscores, or of
 * UTF-8; 255 bytes, 63 a label. */
bool smtp_domain_is_valid(struct str s);

/* "[192.0.2.1]", "[IPv6:2001:db8::1]", or "[Tag:content]". */
bool smtp_literal_is_valid(struct str s);

/* True when the local part can stand without quotes (RFC 5321, 4.1.2). */
bool smtp_local_is_dot_string(struct str local);

/* Write a local part, quoted when it must be. */
void smtp_local_write(struct buf *out, struct str local);

#endif
