/*
 * store/meta.h - what is computed of a message once, at delivery.
 *
 * A run of sections, each with a kind, a length and bytes; a reader passes
 * over kinds it does not know, so later versions can add some.  What is in a
 * section is the serialised form of wire/mime, which has its own version.
 * It describes the message as it came, without the recipient's prefix.
 */
#ifndef STORE_META_H
#define STORE_META_H

#include "base/buf.h"
#include "base/str.h"

enum meta_section {
	META_STRUCTURE = 1, /* mime_structure_write(): the ENVELOPE too */
	META_FIELDS = 2,    /* the usual header fields, as they came: whole
	                     * lines with CRLF, in the message's order */
	META_PREVIEW = 3,   /* UTF-8 (RFC 8970) */
	META_SUBJECT = 4,   /* decoded, UTF-8 */
	META_SORT = 5,      /* struct meta_sort */
};

/* META_FIELDS has all fields with these names: Date, From, Sender, Reply-To,
 * To, Cc, Bcc, Subject, Message-ID, In-Reply-To, References, Content-Type,
 * Content-Transfer-Encoding, Content-Disposition, MIME-Version, List-Id,
 * List-Post, List-Unsubscribe, Importance, Priority, X-Priority,
 * Disposition-Notification-To, Newsgroups, User-Agent, X-Mailer,
 * Authentication-Results, X-Spam-Status, X-Spam-Flag, Auto-Submitted,
 * Precedence.  Without case.  A message whose such fields are over 16 KiB has
 * no section META_FIELDS: read the header itself then. */
bool meta_has_field(struct str name);

/* The empty view (p NULL) when there is none. */
struct str meta_get(struct str meta, enum meta_section section);
void meta_add(struct buf *meta, enum meta_section section, struct str bytes);

/* Keys compare by bytes (i;unicode-casemap).  See text/extract.h. */
struct meta_sort {
	bool has_sent;     /* the Date could be read */
	int64_t sent_s;    /* it, in seconds since 1970 */
	int32_t sent_zone; /* minutes east of UTC, as written there */
	bool has_attachment, is_reply;
	uint64_t header_size; /* with the empty line */
	struct str subject;   /* base subject (RFC 5256, 2.1) */
	struct str from, to;  /* display name, else address (RFC 5957) */
	struct str from_mailbox, to_mailbox, cc_mailbox; /* local parts */
	struct str message_id;                           /* without brackets */
};

void meta_add_sort(struct buf *meta, const struct meta_sort *sort);
/* False when the section is missing or does not read. */
bool meta_sort_get(struct str meta, struct meta_sort *out) ATTR_MUST_USE;

#endif
