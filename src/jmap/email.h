/*
 * jmap/email.h - a message as an Email object (RFC 8621, 4.1).  Private to
 * jmap/.
 *
 * What was computed at delivery answers most questions; the message itself is
 * opened when a property needs it: other header fields, sizes of encoded
 * parts, bodies.
 */
#ifndef JMAP_EMAIL_H
#define JMAP_EMAIL_H

#include "jmap/blob.h"
#include "jmap/header.h"
#include "jmap/object.h"
#include "jmap/parts.h"
#include "store/fetch.h"
#include "store/flags.h"
#include "wire/mime/structure.h"

#define JMAP_HEADERS_MAX 100

/* What a call wants of each Email. */
struct jmap_email_args {
	uint64_t wanted;                      /* of the rows of email_get.c */
	struct str headers[JMAP_HEADERS_MAX]; /* "header:..." as written */
	size_t headers_n;
	uint64_t part_wanted; /* of the rows of email_part.c */
	struct str part_headers[JMAP_HEADERS_MAX];
	size_t part_headers_n;
	bool text_values, html_values, all_values;
	uint64_t value_max;      /* 0: no limit */
	struct flag_names names; /* of keywords */
};

/* A winmail.dat of an Email, and what is in it (jmap/winmail.h). */
struct jmap_inner {
	const struct mime_part *at; /* the part of the message */
	struct buf bytes;           /* the entity that it became */
	const struct mime_part *root;
};

#define JMAP_INNER_MAX 3

struct jmap_email {
	struct jmap_call *c;
	const struct jmap_email_args *args;
	struct arena *arena;       /* of this Email alone */
	struct fetch_email stored; /* unless parsed */
	bool parsed;               /* from a blob: no metadata */
	struct str blob_id;        /* of the whole message */
	struct str prefix;         /* header fields before the message */
	struct str message;        /* when it is open */
	struct str preview;
	bool has_attachment;
	/* private */
	struct body *body;
	bool is_open, failed, has_structure, has_parts, has_inner;
	struct jmap_inner inner[JMAP_INNER_MAX];
	size_t inner_n;
	struct mime_structure structure;
	struct jmap_parts parts;
};

/* Reads the arguments that Email/get and Email/parse share.  `defaults`: what
 * "properties": null stands for. */
int jmap_email_args_read(struct jmap_call *c, bool parse,
                         struct jmap_email_args *out, struct jmap_get *g)
	ATTR_MUST_USE;
extern const char *const jmap_email_args_names[];

/* An object with what is wanted. */
void jmap_email_write(struct jmap_email *m);

/* The message is there in m->message; false when it cannot be read (then
 * m->failed). */
bool jmap_email_open(struct jmap_email *m);
void jmap_email_close(struct jmap_email *m);
const struct mime_part *jmap_email_root(struct jmap_email *m);
const struct jmap_parts *jmap_email_parts(struct jmap_email *m);
/* The blocks of the header that have the field; `blocks` has room for 2. */
size_t jmap_email_blocks(struct jmap_email *m, struct str field,
                         struct str *blocks);

/* Visible places alone; false when there is none. */
bool jmap_email_visible(const struct fetch_email *e);
/* The flags of an Email (store/emails.h). */
uint64_t jmap_email_flags(const struct fetch_email *e);

/* ---- keywords (keyword.c) ---- */

/* "$seen" for \Seen; the empty view for what is not shown. */
struct str jmap_keyword_of(struct arena *a, struct str imap_name);
/* IMAP's name for a keyword; false when it is none (RFC 8621, 4.1.1). */
bool jmap_keyword_parse(struct str keyword, struct str *imap_name);

/* ---- email_part.c ---- */

int jmap_part_args_read(struct jmap_call *c, struct jmap_email_args *out)
	ATTR_MUST_USE;
void jmap_part_write(struct jmap_email *m, const struct mime_part *p,
                     bool with_sub);
void jmap_part_list_write(struct jmap_email *m, const struct jmap_part_list *l);
void jmap_part_values_write(struct jmap_email *m);

#endif
