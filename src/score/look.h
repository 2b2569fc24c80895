/*
 * score/look.h - one look at a message: all that the rules see.
 *
 * Reads the header, the first text parts and the names of attachments once,
 * within the limits below, and leaves facts.  The rules are pure functions of
 * them, and learned words (words.h) come out of the same texts.
 *
 *	struct score_look l;
 *
 *	score_look_make(&arena, message, &l);
 *	...
 *	score_look_free(&l);
 */
#ifndef SCORE_LOOK_H
#define SCORE_LOOK_H

#include "base/arena.h"
#include "base/buf.h"
#include "wire/message/address.h"
#include "wire/message/field.h"
#include "wire/mime/part.h"

#define LOOK_HEADER_MAX ((size_t)32 * 1024) /* bytes of it that are read */
#define LOOK_TEXT_MAX   ((size_t)24 * 1024) /* of one text part, decoded */
#define LOOK_TEXTS_MAX  4                   /* text parts */
#define LOOK_LINKS_MAX  100
#define LOOK_FILES_MAX  40                   /* attachments, by name */
#define LOOK_FILE_BYTES ((size_t)384 * 1024) /* of one archive, decoded */
#define LOOK_ARCHIVES   3                    /* archives that are opened */
#define LOOK_NAMES_MAX  200                  /* names read in one */
#define LOOK_PARTS_MAX  200
#define LOOK_DEPTH_MAX  12

struct look_link {
	struct str url;  /* as it stands there, entities decoded */
	struct str host; /* lower case; empty for "mailto:" and the like */
	bool odd_user;   /* something before an '@' */
	bool encoded;    /* the host has %xx, or is a number written oddly */
	bool is_address; /* an IP address */
	bool redirect;   /* another http:// inside */
	bool odd_port;
	bool shows_other; /* the text of the link is another domain */
};

/* What attachments are, as bits. */
enum look_file {
	LOOK_PROGRAM = 1,
	LOOK_SCRIPT = 2,
	LOOK_DOUBLE = 4,
	LOOK_MACRO = 8,
	LOOK_LOCKED = 16,
	LOOK_ARCHIVED = 32, /* one of the first two, inside an archive */
	LOOK_HTML = 64,
};

/* Phrases of mass mail, each counted once. */
struct look_phrases {
	unsigned mass, fee, wallet;
};

struct score_look {
	struct arena *a;
	struct str message, header;
	struct field_index fields;
	struct mime_part *root;

	/* header */
	struct str subject;     /* decoded, for people */
	struct str subject_all; /* decoded, with what is not seen */
	struct address_list from, to, cc, reply_to;
	struct str from_name;     /* decoded, for people */
	struct str from_name_all; /* with what is not seen */
	struct str from_address;  /* "local@domain", lower case; may be empty */
	struct str from_domain;
	size_t to_n; /* mailboxes of To and Cc */

	/* texts */
	struct buf text; /* what is read, UTF-8; parts set off by LF */
	bool has_plain, has_html;
	bool plain_base64;
	bool charset_unknown, charset_differs;
	size_t text_chars;   /* of HTML that a reader sees; of plain text */
	size_t hidden_chars; /* of HTML that he does not */
	unsigned split_words;
	unsigned images;
	bool script, form;
	struct look_phrases phrases;

	struct look_link links[LOOK_LINKS_MAX];
	size_t links_n;
	size_t links_seen; /* all */

	/* attachments */
	unsigned files; /* enum look_file */
	size_t files_n;
	struct str file_names[LOOK_FILES_MAX];
	struct str file_worst; /* the name behind a bit, for people */
};

/* Never fails.  Borrows from `message`, allocates in `a`. */
void score_look_make(struct arena *a, struct str message,
                     struct score_look *out);
void score_look_free(struct score_look *l);

/* ---- private to score/ ---- */

void look_texts(struct score_look *l); /* look_text.c */
void look_html(struct score_look *l, struct str html);
void look_files(struct score_look *l); /* look_file.c */
/* phrases.c */
void look_phrases_count(struct str text, struct look_phrases *out);
/* look_link.c; `shown` is the text of the link, or empty. */
void look_link_add(struct score_look *l, struct str url, struct str shown);
void look_links_of_text(struct score_look *l, struct str text);
/* Same owner, as well as that can be said without a list. */
bool look_same_domain(struct str a, struct str b);
/* "www.a.example" gives "a.example", as well as that can be said. */
struct str look_owner(struct str host);
/* What a file is by its name: enum look_file. */
unsigned look_name(struct str name);

#endif
