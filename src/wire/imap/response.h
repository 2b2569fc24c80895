/*
 * wire/imap/response.h - what a server answers, read as its client does.
 *
 * wire/imap/reader.h cuts the stream into responses, literals in place, as it
 * does with commands.  imap_parse_response() reads what all have in front;
 * what follows is read by the function of its name, with the same parser.
 *
 *	struct imap_parser p = imap_parser(text, &arena);
 *	struct imap_response r;
 *
 *	if (!imap_parse_response(&p, &r)) ... p.error
 *	if (str_eq_case(r.name, STR("LIST")))
 *		imap_parse_listed(&p, &listed);
 *
 * RFC 3501, 7 and RFC 9051, 7.  Data that is not known is passed over.
 */
#ifndef WIRE_IMAP_RESPONSE_H
#define WIRE_IMAP_RESPONSE_H

#include "wire/imap/parse.h"

enum imap_status {
	IMAP_STATUS_NONE, /* data: see `name` */
	IMAP_STATUS_OK,
	IMAP_STATUS_NO,
	IMAP_STATUS_BAD,
	IMAP_STATUS_PREAUTH,
	IMAP_STATUS_BYE,
};

struct imap_response {
	bool wants_more; /* "+": the command goes on; text */
	struct str tag;  /* of the command that is over; empty: untagged */
	enum imap_status status;
	struct str code; /* "UIDVALIDITY 7": between the brackets, or empty */
	struct str text; /* of a status, for people */
	bool has_number; /* "* 12 EXISTS" */
	uint32_t number;
	struct str name; /* as sent: "EXISTS", "LIST", "FETCH" */
};

bool imap_parse_response(struct imap_parser *p, struct imap_response *out);

/* "UIDVALIDITY 7": the number of a code of this name. */
bool imap_code_number(struct str code, struct str name, uint32_t *out);

/* Is the word among those of a CAPABILITY (the rest of the response)? */
bool imap_capability_has(struct str words, struct str word);

/* ---- LIST (RFC 9051, 7.3.1; special uses: RFC 6154) ---- */

enum {
	IMAP_AT_NOSELECT = 1 << 0, /* or \NonExistent: a name without mail */
	IMAP_AT_ALL = 1 << 1,
	IMAP_AT_ARCHIVE = 1 << 2,
	IMAP_AT_DRAFTS = 1 << 3,
	IMAP_AT_FLAGGED = 1 << 4,
	IMAP_AT_IMPORTANT = 1 << 5, /* RFC 8457 */
	IMAP_AT_JUNK = 1 << 6,
	IMAP_AT_SENT = 1 << 7,
	IMAP_AT_TRASH = 1 << 8,
};

struct imap_listed {
	uint32_t attributes; /* IMAP_AT_... */
	char delimiter;      /* 0: there are no levels */
	struct str name;     /* as sent */
};

bool imap_parse_listed(struct imap_parser *p, struct imap_listed *out);

/* ---- FETCH (RFC 9051, 7.5.2) ---- */

enum {
	IMAP_GOT_UID = 1 << 0,
	IMAP_GOT_FLAGS = 1 << 1,
	IMAP_GOT_DATE = 1 << 2,
	IMAP_GOT_SIZE = 1 << 3,
	IMAP_GOT_BODY = 1 << 4,
};

struct imap_fetched {
	unsigned got;
	uint32_t uid;
	struct imap_flags
		flags; /* system flags that are not known are left out */
	int64_t date_us;
	uint64_t size;
	struct str body; /* of the last BODY[...] or RFC822...; empty for NIL */
	/* The text ended where the literal of a body begins: its bytes are
	 * apart, and what follows them is given to imap_parse_fetched_rest(). */
	bool is_cut;
};

/* What follows the name; adds to *out, which begins as zeros. */
bool imap_parse_fetched(struct imap_parser *p, struct imap_fetched *out);
bool imap_parse_fetched_rest(struct imap_parser *p, struct imap_fetched *out);

#endif
