/*
 * wire/smtp/command.h - one command line of SMTP, and its arguments.
 *
 * A line (without its CRLF) is a verb and the rest.  MAIL and RCPT carry a
 * path and parameters, which these functions take apart; what they may say
 * follows RFC 5321 and the extensions SIZE (RFC 1870), 8BITMIME (RFC 6152),
 * BINARYMIME (RFC 3030), SMTPUTF8 (RFC 6531), DSN (RFC 3461), AUTH
 * (RFC 4954), FUTURERELEASE (RFC 4865), DELIVERBY (RFC 2852), MT-PRIORITY
 * (RFC 6710) and REQUIRETLS (RFC 8689).  Views point into the line where nothing had to be decoded,
 * else into the arena; nothing is kept longer than the caller keeps both.
 *
 *	struct smtp_command c = smtp_command_split(line);
 *	struct smtp_mail mail;
 *
 *	if (str_eq_case(c.verb, STR("MAIL")))
 *		switch (smtp_mail_parse(c.args, &arena, &mail)) ...
 */
#ifndef WIRE_SMTP_COMMAND_H
#define WIRE_SMTP_COMMAND_H

#include "base/arena.h"
#include "wire/smtp/path.h"

/* RFC 5321, 4.5.3.1.4 asks for 512 and each extension for some more; this is
 * what we take.  A response in AUTH may be longer (RFC 4954, 4.5.3). */
#define SMTP_COMMAND_MAX 4096
#define SMTP_AUTH_MAX    12288

/* More parameters than this in one command are refused. */
#define SMTP_PARAMS_MAX 32

struct smtp_command {
	struct str verb; /* as sent; compare without case */
	struct str args; /* without white space at both ends */
};

struct smtp_command smtp_command_split(struct str line);

/* False when a byte stands there that no command may hold: a control
 * character other than a tab. */
bool smtp_command_is_clean(struct str line);

enum smtp_parse {
	SMTP_PARSE_OK,
	SMTP_PARSE_SYNTAX,  /* 501 5.5.4: not "FROM:<path>", "TO:<path>" */
	SMTP_PARSE_ADDRESS, /* 501 5.1.3 / 5.1.7: the path is no address */
	SMTP_PARSE_PARAM,   /* 501 5.5.4: a known parameter, badly written */
	SMTP_PARSE_UNKNOWN, /* 555 5.5.4: a parameter nobody announced */
};

enum smtp_body { SMTP_BODY_7BIT, SMTP_BODY_8BITMIME, SMTP_BODY_BINARYMIME };

enum smtp_ret { SMTP_RET_NONE, SMTP_RET_FULL, SMTP_RET_HDRS };

/* HOLDFOR and BY: at most nine digits. */
#define SMTP_HOLD_SECONDS_MAX 999999999

enum smtp_hold { SMTP_HOLD_NONE, SMTP_HOLD_FOR, SMTP_HOLD_UNTIL };

enum smtp_by { SMTP_BY_NONE, SMTP_BY_NOTIFY, SMTP_BY_RETURN };

struct smtp_mail {
	struct smtp_path path; /* path.null for <> */
	enum smtp_body body;
	bool has_body, has_size, smtputf8;
	uint64_t size; /* as declared; 0 without */
	enum smtp_ret ret;
	struct str envid; /* decoded; "" without */
	bool has_auth;
	struct str auth; /* AUTH=, decoded; "" for <> */
	enum smtp_hold hold;
	uint64_t hold_s;       /* HOLD_FOR */
	int64_t hold_until_us; /* HOLD_UNTIL */
	enum smtp_by by;
	int64_t by_s; /* from now; not after now with BY_NOTIFY alone */
	bool by_trace;
	bool has_priority;
	int priority; /* -9 to 9 */
	bool requiretls;
};

/* `args` is what follows "MAIL"; *out is untouched unless OK. */
enum smtp_parse smtp_mail_parse(struct str args, struct arena *a,
                                struct smtp_mail *out) ATTR_MUST_USE;

/* RFC 3461, 4.1: a set, or NEVER alone; 0 when it was not given. */
#define SMTP_NOTIFY_NEVER   1u
#define SMTP_NOTIFY_SUCCESS 2u
#define SMTP_NOTIFY_FAILURE 4u
#define SMTP_NOTIFY_DELAY   8u

struct smtp_rcpt {
	struct smtp_path path; /* never null; domain "" for <Postmaster> */
	unsigned notify;
	struct str orcpt_type; /* "rfc822"; "" without ORCPT */
	struct str orcpt;      /* decoded */
};

enum smtp_parse smtp_rcpt_parse(struct str args, struct arena *a,
                                struct smtp_rcpt *out) ATTR_MUST_USE;

struct smtp_bdat {
	uint64_t size;
	bool last;
};

enum smtp_parse smtp_bdat_parse(struct str args, struct smtp_bdat *out)
	ATTR_MUST_USE;

/* The parameter of HELO and EHLO (RFC 5321, 4.1.1.1 and 4.1.3). */
enum smtp_helo {
	SMTP_HELO_NAME,    /* a domain name with a dot */
	SMTP_HELO_LITERAL, /* an address literal, well formed */
	SMTP_HELO_SHORT,   /* a name without a dot */
	SMTP_HELO_BAD,     /* neither */
};

enum smtp_helo smtp_helo_kind(struct str name);

#endif
