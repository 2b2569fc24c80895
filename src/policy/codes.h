/*
 * policy/codes.h - what does this message mean?  Codes, texts, references.
 *
 * What customers paste is looked up in two tables: codes.def has what mail
 * programs and servers say, replies.def what this host says.  Spelling is
 * forgiven: case, a missing "0x", the letter o for a zero, a lost zero, the
 * signed decimal form; a code that was cut off gives all that it may be.
 *
 *	struct code_row found[CODE_FOUND_MAX];
 *	size_t n = code_find(STR("0x800cccod"), found);
 */
#ifndef POLICY_CODES_H
#define POLICY_CODES_H

#include "policy/replies.h"

enum code_area {
	CODE_LOCAL, /* the computer itself */
	CODE_NET,
	CODE_TLS,
	CODE_AUTH,
	CODE_ADDRESS,
	CODE_POP,
	CODE_IMAP,
	CODE_SMTP,
	CODE_OTHER,
};

struct code_row {
	const char *id; /* "0x800CCC0E", "R-GREY", "5.1.1", "[IN-USE]" */
	enum code_area area;
	const char *meaning, *cause, *todo;
	enum policy_ref ref; /* REF_NONE: not a reply of this host */
};

/* A code that was cut off may be one of so many. */
#define CODE_FOUND_MAX 24

/* The best first; how many.  0: nothing is known of it. */
size_t code_find(struct str typed, struct code_row out[CODE_FOUND_MAX]);

/* All rows but the references, for help pages and tests; NULL at the end. */
const struct code_row *code_at(size_t i);

/* "connection", "login", ... */
const char *code_area_name(enum code_area area);

/* A text with {imap}, {pop}, {send} and {mail} put in, for a provider; what a
 * reply leaves to the occasion is told as such. */
void code_text(struct buf *out, const char *text, struct str provider);

#endif
