/*
 * wire/imap/fetch.h - the attributes of FETCH, read; their names, written.
 *
 * RFC 3501, 6.4.5; RFC 9051, 6.4.5; BINARY (RFC 3516), MODSEQ (RFC 7162),
 * EMAILID and THREADID (RFC 8474), SAVEDATE (RFC 8514), PREVIEW (RFC 8970).
 */
#ifndef WIRE_IMAP_FETCH_H
#define WIRE_IMAP_FETCH_H

#include "base/buf.h"
#include "wire/imap/parse.h"

#define IMAP_FETCH_SECTIONS_MAX 100
#define IMAP_FETCH_FIELDS_MAX   200
#define IMAP_PART_DEPTH_MAX     50

enum {
	IMAP_F_UID = 1 << 0,
	IMAP_F_FLAGS = 1 << 1,
	IMAP_F_INTERNALDATE = 1 << 2,
	IMAP_F_SIZE = 1 << 3, /* RFC822.SIZE */
	IMAP_F_ENVELOPE = 1 << 4,
	IMAP_F_BODY = 1 << 5, /* BODY without section */
	IMAP_F_BODYSTRUCTURE = 1 << 6,
	IMAP_F_MODSEQ = 1 << 7,
	IMAP_F_EMAILID = 1 << 8,
	IMAP_F_THREADID = 1 << 9,
	IMAP_F_SAVEDATE = 1 << 10,
	IMAP_F_PREVIEW = 1 << 11,
};

enum imap_section_kind {
	IMAP_BODY,          /* BODY[...], BODY.PEEK[...] */
	IMAP_BINARY,        /* BINARY[...], BINARY.PEEK[...] */
	IMAP_BINARY_SIZE,   /* BINARY.SIZE[...] */
	IMAP_RFC822,        /* as BODY[], under its old name */
	IMAP_RFC822_HEADER, /* as BODY.PEEK[HEADER] */
	IMAP_RFC822_TEXT,   /* as BODY[TEXT] */
};

enum imap_section_text {
	IMAP_TEXT_ALL, /* no section-text: the part, or the message */
	IMAP_TEXT_HEADER,
	IMAP_TEXT_FIELDS,     /* HEADER.FIELDS (...) */
	IMAP_TEXT_FIELDS_NOT, /* HEADER.FIELDS.NOT (...) */
	IMAP_TEXT_TEXT,
	IMAP_TEXT_MIME,
};

struct imap_section {
	enum imap_section_kind kind;
	enum imap_section_text text; /* what RFC822... stand for is set too */
	bool peek;                   /* does not set \Seen */
	bool partial;
	uint32_t offset, count; /* "<offset.count>" */
	uint32_t *part;         /* 1.2.3; n_part 0: the message itself */
	size_t n_part;
	struct str *fields;
	size_t n_fields;
};

struct imap_fetch {
	uint32_t items; /* IMAP_F_... */
	struct imap_section *sections;
	size_t n_sections;
	/* fetch-modifiers, RFC 4466 and 7162 */
	bool changedsince_set, vanished;
	uint64_t changedsince;
};

/* What follows the set: ("ALL" / "FULL" / "FAST" / att / "(" att *(SP att)
 * ")") [SP "(" modifiers ")"]. */
bool imap_parse_fetch(struct imap_parser *p, struct imap_fetch *out);

/* section-binary or section: "[" ... "]" and what follows; for tests. */
bool imap_parse_section(struct imap_parser *p, struct imap_section *s);

/* The name under which a section is answered: "BODY[1.2.TEXT]<0>",
 * "RFC822.HEADER", "BINARY.SIZE[1]". */
void imap_write_section(struct buf *b, const struct imap_section *s);

#endif
