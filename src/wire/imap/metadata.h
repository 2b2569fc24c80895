/*
 * wire/imap/metadata.h - the arguments of GETMETADATA and SETMETADATA
 * (RFC 5464, 5), and of LIST's RETURN (METADATA ...) (RFC 9590).
 *
 * Whether a name can be an entry's is the server's to say.
 */
#ifndef WIRE_IMAP_METADATA_H
#define WIRE_IMAP_METADATA_H

#include "wire/imap/parse.h"

#define IMAP_ENTRIES_MAX 100 /* named in one command */

struct imap_entries {
	struct str *v; /* as sent */
	size_t n;
};

/* entry / "(" entry *(SP entry) ")" */
bool imap_parse_entries(struct imap_parser *p, struct imap_entries *out);

enum imap_depth { IMAP_DEPTH_0, IMAP_DEPTH_1, IMAP_DEPTH_INFINITY };

struct imap_getmetadata {
	struct str mailbox; /* empty: the server */
	bool has_maxsize;
	uint32_t maxsize;
	enum imap_depth depth;
	struct imap_entries entries;
};

/* [options SP] mailbox SP entries; options may also stand behind the mailbox,
 * and entries without parentheses, as the examples of RFC 5464, 4.2 and 4.4
 * have them. */
bool imap_parse_getmetadata(struct imap_parser *p,
                            struct imap_getmetadata *out);

struct imap_entry_value {
	struct str entry;
	struct str value; /* p NULL: NIL */
};

struct imap_setmetadata {
	struct str mailbox; /* empty: the server */
	struct imap_entry_value *v;
	size_t n;
};

bool imap_parse_setmetadata(struct imap_parser *p,
                            struct imap_setmetadata *out);

#endif
