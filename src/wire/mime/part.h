/*
 * wire/mime/part.h - the parts of a message as byte ranges.
 *
 * A message, given whole as one view (it may be a mapped file of 70 MB), is
 * read once, line by line, into a tree of parts.  No byte of it is copied
 * but folded or quoted header values.  Reading always succeeds and takes
 * linear time: what is damaged is shown as well as it can be, what is over a
 * limit stays in the part it stands in.
 *
 *	struct mime_part *root = mime_parse(&arena, message, NULL);
 *
 *	for (struct mime_part *p = root; p; p = mime_part_next(p))
 *		...mime_part_body(p, message)...
 *
 * The tree: the root is the message's own body.  A multipart has its parts as
 * children; a message/rfc822 part has one child, the body of the message in
 * it, and that message's envelope.  A multipart always has a child: if none
 * of its boundaries is found its whole body is one part of text/plain.
 *
 * Ranges are offsets into the message, and children lie inside their parents:
 *
 *	header_at <= body_at <= end
 *	[header_at, body_at)  header with the empty line behind it
 *	[body_at, end)        body, still encoded; the line end before a
 *	                      boundary belongs to the boundary (RFC 2046, 5.1.1)
 */
#ifndef WIRE_MIME_PART_H
#define WIRE_MIME_PART_H

#include "base/arena.h"
#include "wire/mime/param.h"

enum mime_kind {
	MIME_SINGLE,    /* a leaf */
	MIME_MULTIPART, /* children are its parts, one at least */
	MIME_MESSAGE,   /* message/rfc822 or /global: one child, an envelope */
};

enum mime_encoding {
	MIME_7BIT,
	MIME_8BIT,
	MIME_BINARY,
	MIME_QUOTED_PRINTABLE,
	MIME_BASE64,
	MIME_UUENCODE,
	MIME_ENCODING_OTHER, /* unknown: the body is taken as it is */
};

struct mime_envelope; /* wire/mime/structure.h */

struct mime_part {
	struct mime_part *parent, *next, *child;
	uint32_t children;
	enum mime_kind kind;
	enum mime_encoding encoding;

	uint64_t header_at, body_at, end;
	uint64_t header_lines, body_lines; /* line ends in the two ranges */

	/* As sent; "text" "plain" when missing or unreadable ("message"
	 * "rfc822" in a digest).  A leaf may be called multipart/... or
	 * message/rfc822 when it was too deep or is encoded: see
	 * mime_part_is_opaque(). */
	struct str type, subtype;
	struct mime_params params;

	struct str encoding_name; /* as sent; empty when the field is missing */
	struct str id;            /* with its angle brackets */
	struct str description;   /* unfolded; RFC 2047 words stay words */
	struct str md5;
	struct str location;
	struct str disposition; /* "attachment"; empty when there is none */
	struct mime_params disposition_params;
	struct str *languages;
	uint32_t languages_n;

	/* kind MIME_MESSAGE alone, filled by mime_structure_make() */
	struct mime_envelope *envelope;
};

struct mime_limits {
	uint32_t depth_max;      /* deeper multiparts and messages are leaves */
	uint32_t parts_max;      /* later boundaries are not seen */
	uint32_t languages_max;  /* Content-Language, of one part */
	size_t field_max;        /* bytes of one field that are read */
	size_t fields_total_max; /* bytes of fields read in all headers; then
	                          * parts have the default type */
	size_t boundary_max;     /* a longer boundary is none */
	struct mime_param_limits params;
};

/* depth 50, 5,000 parts, 16 languages, fields of 64 KiB and 4 MiB in all,
 * boundaries of 256 bytes. */
extern const struct mime_limits mime_limits_default;

/* `limits` may be NULL.  The tree lives in the arena and borrows from
 * `message`.  The root is never NULL. */
struct mime_part *mime_parse(struct arena *a, struct str message,
                             const struct mime_limits *limits);

/* All parts in the order of the message, parents first; NULL at the end. */
struct mime_part *mime_part_next(const struct mime_part *p);

/* By IMAP's section numbers (RFC 9051, 6.4.5.1): {1, 2} is "1.2".  `n` 0
 * gives the root.  A single part is its message's part 1.  NULL when there is
 * none. */
const struct mime_part *mime_part_find(const struct mime_part *root,
                                       const uint32_t *path, size_t n);

/* Type comparisons without case; subtype NULL matches any. */
bool mime_part_is(const struct mime_part *p, const char *type,
                  const char *subtype);

/* A leaf that calls itself multipart or message/rfc822.  IMAP must write it
 * as application/octet-stream: its grammar wants children or an envelope. */
bool mime_part_is_opaque(const struct mime_part *p);

/* The text or file that it is, or NULL: disposition's filename, else type's
 * name.  text_param() gives the Unicode. */
const struct mime_param *mime_part_filename(const struct mime_part *p);

/* An attachment for a reader's eye: said so by the disposition, or has a
 * file name, or is neither text nor multipart nor an inline picture of a
 * multipart/related. */
bool mime_part_is_attachment(const struct mime_part *p);

struct str mime_part_header(const struct mime_part *p, struct str message);
struct str mime_part_body(const struct mime_part *p, struct str message);
struct str mime_part_whole(const struct mime_part *p, struct str message);

/* The encoding a Content-Transfer-Encoding names. */
enum mime_encoding mime_encoding_of(struct str name);

#endif
