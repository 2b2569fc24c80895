/*
 * imap/job.h - a FETCH in work.  Private to imap/.
 *
 * job.c walks the messages and sends; row.c writes what is known of one;
 * section.c finds the bytes of its parts.
 */
#ifndef IMAP_JOB_H
#define IMAP_JOB_H

#include "imap/fetch.h"
#include "store/fetch.h"
#include "store/flags.h"
#include "wire/mime/decode.h"
#include "wire/mime/structure.h"

/* The bytes of a section. */
enum section_kind {
	SECTION_NIL,   /* there is no such part */
	SECTION_BYTES, /* `bytes`, in the row's arena */
	SECTION_RANGE, /* of the message, to be streamed */
	SECTION_CODED, /* a range to be streamed through a decoder */
	SECTION_OPAQUE /* BINARY of an encoding that nobody knows */
};

struct section_result {
	enum section_kind kind;
	struct str bytes;
	uint64_t at, n; /* range, the prefix counted */
	enum mime_encoding encoding;
};

struct job {
	struct imap_session *s;
	struct arena *arena; /* of the command */
	struct imap_job given;
	struct fetch *rows;
	struct flag_names names;
	struct buf out;

	/* the message in work */
	bool in_row, first_item;
	bool row_sent;    /* some of it has left */
	size_t row_start; /* in `out`, while it has not */
	struct fetch_row row;
	struct arena row_arena;
	struct mime_structure structure;
	bool has_structure;
	struct body *body;
	size_t section;    /* the next one */
	uint64_t at, left; /* of the range that is streamed */
	struct mime_decoder decoder;
	bool decoding;
	uint64_t skip, take; /* decoded bytes to pass over, to write */

	/* \Seen is set some messages ahead of what is sent */
	bool sets_seen;
	uint32_t seen_until;
	struct uidset seen;
	uint64_t seen_modseq;

	bool vanished; /* a message was removed under our hands */
	bool damaged;  /* one could not be read and was left out */
	bool unknown_encoding;
};

/* "* seq FETCH (" and all items but the sections. */
int row_begin(struct job *j, struct err *err) ATTR_MUST_USE;
/* A blank, unless it is the first item. */
void row_item(struct job *j);

/* The tree of the message's parts, read once for each message. */
int section_structure(struct job *j, struct err *err) ATTR_MUST_USE;
int section_body(struct job *j, struct err *err) ATTR_MUST_USE;

/* ERR_NOT_FOUND when the message is gone. */
int section_find(struct job *j, const struct imap_section *sec,
                 struct section_result *out, struct err *err) ATTR_MUST_USE;
bool section_needs_meta(const struct imap_section *sec);

/* What a section decodes to, counted; has_nul_out: a literal8 is needed. */
int section_decoded_size(struct job *j, const struct section_result *r,
                         uint64_t *size_out, bool *has_nul_out, struct err *err)
	ATTR_MUST_USE;

#endif
