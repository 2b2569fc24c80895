/*
 * wire/message/address.h - read and write lists of addresses.
 *
 * The value of From, To, Cc and their like (RFC 5322, 3.4; obsolete forms of
 * 4.4; UTF-8 of RFC 6532).  The list is flat, as IMAP's ENVELOPE wants it:
 * a group is an ADDRESS_GROUP entry, its members, and an ADDRESS_GROUP_END.
 *
 *	struct address_list list;
 *
 *	address_list_parse(&arena, field.raw, NULL, &list);
 *	for (size_t i = 0; i < list.n; i++)
 *		if (list.v[i].kind == ADDRESS_MAILBOX)
 *			use(list.v[i].local, list.v[i].domain);
 *
 * Reading never fails: what is damaged is read as well as it can be, and
 * list.damaged says so for those who must be strict (R24).  Time is linear.
 * Values are decoded from quoting and folding alone; RFC 2047 words stay
 * words (text/ decodes them), and bytes over 127 stay as they are.
 */
#ifndef WIRE_MESSAGE_ADDRESS_H
#define WIRE_MESSAGE_ADDRESS_H

#include "base/arena.h"
#include "base/buf.h"

enum address_kind {
	ADDRESS_MAILBOX,
	ADDRESS_GROUP,     /* `name` is the group's; its members follow */
	ADDRESS_GROUP_END, /* all other members empty */
};

struct address {
	enum address_kind kind;
	/* Display name without quotes; of "joe@x.example (Joe)" the comment.
	 * Empty when there is none. */
	struct str name;
	struct str
		route; /* "@a.example,@b.example" of RFC 5322, 4.4, or empty */
	struct str
		local; /* without quotes; may hold any byte but NUL, CR, LF */
	struct str domain; /* as sent, without comments and blanks; a literal
	                    * keeps its brackets; empty when damaged */
};

struct address_list {
	struct address *v;
	size_t n;
	bool damaged; /* not what RFC 5322 and 6532 allow, obsolete included */
	bool cut;     /* a limit was met; the rest was left out */
};

struct address_limits {
	size_t addresses_max;
	size_t bytes_max; /* of the raw value that are read */
};

/* 4,096 addresses, 1 MiB. */
extern const struct address_limits address_limits_default;

/* `limits` may be NULL.  Views lie in `raw` or in the arena. */
void address_list_parse(struct arena *a, struct str raw,
                        const struct address_limits *limits,
                        struct address_list *out);

/* The first mailbox of the list, or NULL. */
const struct address *address_list_first(const struct address_list *list);

/* Same mailbox: local part by bytes without ASCII case, domain too. */
bool address_same(const struct address *a, const struct address *b);

/* "local@domain", the local part quoted when it must be; no display name.
 * What would break a header line (CR, LF, NUL) is left out. */
void address_write_spec(struct buf *out, const struct address *a);

/* One entry as in a header: "Name <local@domain>".  The name is written as
 * atoms, quoted string or, when it has RFC 2047 words already, as it is.
 * A group gives "Name:", its end ";". */
void address_write(struct buf *out, const struct address *a);

/* True when `s` may stand in a local part without quotes (RFC 5322
 * dot-atom, RFC 6531 UTF-8 allowed). */
bool address_is_dot_atom(struct str s);

#endif
