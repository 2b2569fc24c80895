/*
 * wire/dsn/dsn.h - delivery status: the part of a report that programs read.
 *
 * The content of message/delivery-status (RFC 3464, 2) and, for addresses in
 * UTF-8, message/global-delivery-status (RFC 6533, 3): a group of fields about
 * the message, then one for each recipient.
 *
 *	dsn_message_write(&out, &message, false);
 *	dsn_rcpt_write(&out, &rcpt, false);
 *
 *	if (dsn_read(&arena, body, NULL, &report))
 *		for (size_t i = 0; i < report.rcpts_n; i++) ...
 *
 * Written with `utf8` false everything is ASCII: an address of the type utf-8
 * has its letters as \x{F6} (RFC 6533, 3, utf-8-addr-xtext), and the reader
 * makes them letters again.  What could break a field (CR, LF, NUL) becomes a
 * blank.  The whole of a report is wire/dsn/report.h's.
 */
#ifndef WIRE_DSN_DSN_H
#define WIRE_DSN_DSN_H

#include "base/arena.h"
#include "base/buf.h"

enum dsn_action {
	DSN_FAILED,
	DSN_DELAYED,
	DSN_DELIVERED,
	DSN_RELAYED,
	DSN_EXPANDED,
};

struct dsn_message {
	struct str envid;         /* decoded; "" leaves the field out */
	struct str reporting_mta; /* a name: of the type dns */
	struct str received_from; /* likewise; "" */
	int64_t arrival_us;       /* 0 */
	int64_t by_us;            /* to be there by then (RFC 2852, 5); 0 */
};

struct dsn_rcpt {
	struct str original_type, original; /* ORCPT; "" */
	struct str final_type, final;       /* "rfc822", "bo@far.example" */
	enum dsn_action action;
	struct str status;     /* "5.1.1" */
	struct str remote_mta; /* a name; "" */
	struct str diagnostic; /* what it said, of the type smtp; "" */
	int64_t last_us;       /* of the last try; 0 */
	int64_t until_us;      /* DELAYED: tried until then; 0 */
};

void dsn_message_write(struct buf *out, const struct dsn_message *m, bool utf8);
/* With the empty line before it. */
void dsn_rcpt_write(struct buf *out, const struct dsn_rcpt *r, bool utf8);

const char *dsn_action_name(enum dsn_action a);

struct dsn_report {
	struct dsn_message message;
	struct dsn_rcpt *rcpts;
	size_t rcpts_n;
	bool cut; /* there were more than the limit */
};

struct dsn_limits {
	size_t bytes_max, rcpts_max;
};

/* 1 MiB, 1,000 recipients. */
extern const struct dsn_limits dsn_limits_default;

/* `body` is the part, its transfer encoding taken off.  Read as others write
 * it: unknown fields are passed over, order does not matter, a recipient
 * without an address, an action or a status is left out.  False when none is
 * left.  Views are of `body` or the arena. */
bool dsn_read(struct arena *a, struct str body, const struct dsn_limits *limits,
              struct dsn_report *out) ATTR_MUST_USE;

/* Class, subject, detail of RFC 3463, 2; "5.1.1". */
bool dsn_status_is_valid(struct str s);

#endif
