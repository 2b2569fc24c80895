/*
 * wire/imap/args.h - the arguments of commands that have a grammar of their
 * own: LIST, STATUS, SELECT, STORE, APPEND, ID.
 *
 * Mailbox names come out as sent; what they mean (modified UTF-7 or UTF-8, a
 * prefix) is the server's to decide.
 */
#ifndef WIRE_IMAP_ARGS_H
#define WIRE_IMAP_ARGS_H

#include "wire/imap/metadata.h"
#include "wire/imap/seqset.h"

/* ---- STATUS items (RFC 9051, 6.3.11; also in LIST's RETURN) ---- */

enum {
	IMAP_ST_MESSAGES = 1 << 0,
	IMAP_ST_RECENT = 1 << 1,
	IMAP_ST_UIDNEXT = 1 << 2,
	IMAP_ST_UIDVALIDITY = 1 << 3,
	IMAP_ST_UNSEEN = 1 << 4,
	IMAP_ST_HIGHESTMODSEQ = 1 << 5,    /* RFC 7162 */
	IMAP_ST_SIZE = 1 << 6,             /* RFC 8438 */
	IMAP_ST_MAILBOXID = 1 << 7,        /* RFC 8474 */
	IMAP_ST_APPENDLIMIT = 1 << 8,      /* RFC 7889 */
	IMAP_ST_DELETED = 1 << 9,          /* RFC 9051 */
	IMAP_ST_DELETED_STORAGE = 1 << 10, /* RFC 9208 */
};

bool imap_parse_status_items(struct imap_parser *p, uint32_t *out);
/* The name of one item. */
struct str imap_status_name(uint32_t item);

/* ---- LIST (RFC 3501, 6.3.8; RFC 5258; RFC 5819; RFC 6154;
 * RFC 9590) ---- */

#define IMAP_PATTERNS_MAX 50

enum {
	IMAP_LS_SUBSCRIBED = 1 << 0,
	IMAP_LS_REMOTE = 1 << 1,
	IMAP_LS_RECURSIVEMATCH = 1 << 2,
	IMAP_LS_SPECIAL_USE = 1 << 3,
};

enum {
	IMAP_LR_SUBSCRIBED = 1 << 0,
	IMAP_LR_CHILDREN = 1 << 1,
	IMAP_LR_SPECIAL_USE = 1 << 2,
	IMAP_LR_STATUS = 1 << 3,
	IMAP_LR_METADATA = 1 << 4,
};

struct imap_list {
	bool extended;    /* selection, several patterns or RETURN was there */
	uint32_t select;  /* IMAP_LS_... */
	uint32_t returns; /* IMAP_LR_... */
	uint32_t status;  /* IMAP_ST_..., with IMAP_LR_STATUS */
	struct imap_entries metadata; /* with IMAP_LR_METADATA */
	struct str reference;
	struct str *patterns;
	size_t n_patterns;
};

bool imap_parse_list(struct imap_parser *p, struct imap_list *out);

/* ---- SELECT, EXAMINE: mailbox [SP "(" params ")"] (RFC 7162) ---- */

struct imap_select {
	struct str mailbox;
	bool condstore;
	bool qresync;
	uint32_t uidvalidity;
	uint64_t modseq;
	struct imap_seqset known_uids; /* n 0: not given */
	struct imap_seqset seq_match, uid_match;
};

bool imap_parse_select(struct imap_parser *p, struct imap_select *out);

/* ---- STORE: [SP "(UNCHANGEDSINCE n)"] SP flags, after the set ---- */

enum imap_store_mode { IMAP_STORE_SET, IMAP_STORE_ADD, IMAP_STORE_REMOVE };

struct imap_store {
	enum imap_store_mode mode;
	bool silent;
	bool unchangedsince_set;
	uint64_t unchangedsince;
	struct imap_flags flags;
};

bool imap_parse_store(struct imap_parser *p, struct imap_store *out);

/* ---- APPEND: one message's options, up to its literal ---- */

struct imap_append {
	struct imap_flags flags;
	bool date_set;
	int64_t date_us;
	bool utf8; /* "UTF8 (" literal8 ")", RFC 6855: a ")" follows */
};

/* [SP flag-list] [SP date-time] SP literal; `text` ends in the literal's
 * announcement, as the reader gives it. */
bool imap_parse_append(struct imap_parser *p, struct imap_append *out);

/* ---- ID: "NIL" / "(" *(string SP nstring) ")" (RFC 2971) ---- */

#define IMAP_ID_FIELDS_MAX 30

struct imap_id {
	struct str names[IMAP_ID_FIELDS_MAX], values[IMAP_ID_FIELDS_MAX];
	size_t n;
};

bool imap_parse_id(struct imap_parser *p, struct imap_id *out);

#endif
