/*
 * wire/imap/search.h - the program of SEARCH as a tree.
 *
 * RFC 3501 and 9051, 6.4.4; ESEARCH's RETURN (RFC 4731), SAVE and "$"
 * (RFC 5182), OLDER and YOUNGER (RFC 5032), MODSEQ (RFC 7162), EMAILID and
 * THREADID (RFC 8474), SAVEDBEFORE and its like (RFC 8514).
 */
#ifndef WIRE_IMAP_SEARCH_H
#define WIRE_IMAP_SEARCH_H

#include "base/buf.h"
#include "wire/imap/seqset.h"

#define IMAP_SEARCH_KEYS_MAX 1000 /* in one program */

enum imap_search_op {
	IMAP_S_ALL,
	IMAP_S_AND,     /* all of the children (none: everything) */
	IMAP_S_OR,      /* two children */
	IMAP_S_NOT,     /* one child */
	IMAP_S_SEQ,     /* set */
	IMAP_S_UID,     /* set */
	IMAP_S_FLAG,    /* flag, one IMAP_SEEN ... bit, is set */
	IMAP_S_KEYWORD, /* text is set */
	IMAP_S_BEFORE,
	IMAP_S_ON,
	IMAP_S_SINCE, /* day */
	IMAP_S_SENTBEFORE,
	IMAP_S_SENTON,
	IMAP_S_SENTSINCE,
	IMAP_S_SAVEDBEFORE,
	IMAP_S_SAVEDON,
	IMAP_S_SAVEDSINCE,
	IMAP_S_SAVEDATESUPPORTED,
	IMAP_S_OLDER,
	IMAP_S_YOUNGER, /* number, seconds */
	IMAP_S_LARGER,
	IMAP_S_SMALLER, /* number, bytes */
	IMAP_S_HEADER,  /* name, text; FROM and its like are this too */
	IMAP_S_BODY,
	IMAP_S_TEXT,   /* text */
	IMAP_S_MODSEQ, /* number */
	IMAP_S_EMAILID,
	IMAP_S_THREADID, /* text */
};

struct imap_search {
	enum imap_search_op op;
	struct imap_search *children, *next;
	struct imap_seqset set;
	uint32_t flag;
	int32_t day;
	uint64_t number;
	struct str name, text; /* text as sent, in the charset named */
};

enum {
	IMAP_RETURN_MIN = 1 << 0,
	IMAP_RETURN_MAX = 1 << 1,
	IMAP_RETURN_ALL = 1 << 2,
	IMAP_RETURN_COUNT = 1 << 3,
	IMAP_RETURN_SAVE = 1 << 4,
};

struct imap_search_program {
	bool has_return;    /* RETURN (...): answer with ESEARCH */
	uint32_t results;   /* IMAP_RETURN_...; "RETURN ()" gives ALL */
	struct str charset; /* empty without CHARSET: US-ASCII or UTF-8 */
	struct imap_search *root;
	bool has_modseq; /* MODSEQ occurs: the answer says the highest */
};

/* What follows "SEARCH ". */
bool imap_parse_search(struct imap_parser *p, struct imap_search_program *out);

/* The program in canonical form, for tests and logs. */
void imap_search_write(struct buf *b, const struct imap_search *s);

#endif
