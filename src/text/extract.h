/*
 * text/extract.h - the Unicode that is kept beside a message.
 *
 * At delivery: subject, preview, sort and thread keys, and the text that
 * search works on.  Works from the structure (wire/mime/structure.h) and the
 * message's bytes, reads what it needs once and in pieces.
 *
 *	struct text_extract ex;
 *
 *	text_extract(&arena, message, &st, NULL, &ex);
 *	text_extract_free(&ex);
 *
 * The search text is folded (text/fold.h) and has sections, each begun by a
 * byte 0x01 and a letter of enum text_section.  Folded text has no byte below
 * 0x20, so a folded question never matches across two sections, and TEXT is a
 * substring search over the whole.  text_section_next() walks them.
 *
 *	\1s subject \1f anna <anna@x.example> \1t ... \1b body \1n file.pdf ...
 */
#ifndef TEXT_EXTRACT_H
#define TEXT_EXTRACT_H

#include "base/arena.h"
#include "base/buf.h"
#include "wire/mime/structure.h"

enum text_section {
	TEXT_SUBJECT = 's',
	TEXT_FROM = 'f', /* one section an address: "name <local@domain>" */
	TEXT_TO = 't',
	TEXT_CC = 'c',
	TEXT_BCC = 'k',
	TEXT_HEADER = 'h',  /* "name: value", one section a field: all others
	                     * but signatures and seals (DKIM, ARC) */
	TEXT_BODY = 'b',    /* of the texts that a reader sees, one each */
	TEXT_NAME = 'n',    /* an attachment's file name */
	TEXT_ATTACHED = 'a' /* the text of an attached text or message */
};

struct text_limits {
	size_t search_max;  /* bytes of search text */
	size_t preview_max; /* characters of the preview */
	size_t key_max;     /* bytes of a sort key */
	size_t header_max;  /* bytes of one header value that are read */
	uint32_t thread_ids_max;
};

/* 1 MiB, 256 characters, 255 bytes, 8 KiB, 100 ids. */
extern const struct text_limits text_limits_default;

struct text_extract {
	struct str subject; /* decoded, NFC, one line, no control characters */
	struct str preview; /* likewise; the beginning of what was written */
	bool has_attachment;

	/* RFC 5256, 2.1: without "Re:", "Fwd:", "[list]"; UTF-8 */
	struct str base_subject;
	bool is_reply; /* something was taken off */

	/* Keys that compare by bytes in the order of i;unicode-casemap. */
	struct str sort_subject; /* of base_subject */
	struct str sort_from;    /* display name, else address (RFC 5957) */
	struct str sort_to;
	struct str sort_from_mailbox; /* local part (RFC 5256) */
	struct str sort_to_mailbox;
	struct str sort_cc_mailbox;

	/* Threads: ids without angle brackets; oldest first, references and
	 * then in-reply-to, without doubles and the message's own. */
	struct str message_id; /* empty when there is none */
	struct str *thread_ids;
	uint32_t thread_ids_n;

	struct buf search; /* owned */
	bool search_cut;   /* there was more than search_max */
};

/* Never fails.  All but `search` lies in the arena. */
void text_extract(struct arena *a, struct str message,
                  const struct mime_structure *st,
                  const struct text_limits *limits, struct text_extract *out);
void text_extract_free(struct text_extract *ex);

/* The next section of a search text, and *rest moves behind it. */
bool text_section_next(struct str *rest, enum text_section *kind,
                       struct str *text);

/* ---- pieces that others need too ---- */

/* A header value for people: unfolded, RFC 2047 words decoded (RFC 2047, 6.2),
 * raw 8-bit bytes read as UTF-8, else as windows-1252, NFC, one line. */
struct str text_header(struct arena *a, struct str raw);

/* A parameter's value for people (RFC 2231; RFC 2047 words and raw 8-bit
 * bytes, which are wrong but common, too). */
struct str text_param(struct arena *a, const struct mime_param *p);

/* UTF-8 as one line: runs of blanks are one, none at the ends, no control and
 * direction characters, NFC.  `utf8` itself when it is so already. */
struct str text_line(struct arena *a, struct str utf8);

/* RFC 5256, 2.1, of a decoded subject: a view of it. */
struct str text_base_subject(struct str subject, bool *is_reply_out);

/* The body of a text part as UTF-8 with LF line ends: transfer encoding and
 * charset undone, HTML kept as it is or turned to plain text.  Returns false
 * when `out` was full. */
bool text_part(struct buf *out, struct str message, const struct mime_part *p,
               bool html_to_text);

#endif
