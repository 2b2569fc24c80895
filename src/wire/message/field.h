/*
 * wire/message/field.h - the fields everybody knows.
 *
 * One walk over a header finds the first of each well-known field.
 *
 *	struct field_index ix;
 *
 *	field_index_make(header, &ix);
 *	if (ix.count[FIELD_FROM] == 1)
 *		use(ix.first[FIELD_FROM]);
 */
#ifndef WIRE_MESSAGE_FIELD_H
#define WIRE_MESSAGE_FIELD_H

#include "base/arena.h"

#define FIELD_LIST(X)                                     \
	X(RETURN_PATH, "Return-Path")                     \
	X(DELIVERED_TO, "Delivered-To")                   \
	X(RECEIVED, "Received")                           \
	X(DATE, "Date")                                   \
	X(FROM, "From")                                   \
	X(SENDER, "Sender")                               \
	X(REPLY_TO, "Reply-To")                           \
	X(TO, "To")                                       \
	X(CC, "Cc")                                       \
	X(BCC, "Bcc")                                     \
	X(SUBJECT, "Subject")                             \
	X(MESSAGE_ID, "Message-ID")                       \
	X(IN_REPLY_TO, "In-Reply-To")                     \
	X(REFERENCES, "References")                       \
	X(RESENT_DATE, "Resent-Date")                     \
	X(RESENT_FROM, "Resent-From")                     \
	X(RESENT_SENDER, "Resent-Sender")                 \
	X(RESENT_TO, "Resent-To")                         \
	X(RESENT_CC, "Resent-Cc")                         \
	X(RESENT_BCC, "Resent-Bcc")                       \
	X(RESENT_MESSAGE_ID, "Resent-Message-ID")         \
	X(COMMENTS, "Comments")                           \
	X(KEYWORDS, "Keywords")                           \
	X(MIME_VERSION, "MIME-Version")                   \
	X(CONTENT_TYPE, "Content-Type")                   \
	X(CONTENT_ENCODING, "Content-Transfer-Encoding")  \
	X(CONTENT_ID, "Content-ID")                       \
	X(CONTENT_DESCRIPTION, "Content-Description")     \
	X(CONTENT_DISPOSITION, "Content-Disposition")     \
	X(CONTENT_LANGUAGE, "Content-Language")           \
	X(CONTENT_LOCATION, "Content-Location")           \
	X(CONTENT_MD5, "Content-MD5")                     \
	X(LIST_ID, "List-Id")                             \
	X(LIST_POST, "List-Post")                         \
	X(LIST_HELP, "List-Help")                         \
	X(LIST_UNSUBSCRIBE, "List-Unsubscribe")           \
	X(LIST_UNSUBSCRIBE_POST, "List-Unsubscribe-Post") \
	X(PRECEDENCE, "Precedence")                       \
	X(AUTO_SUBMITTED, "Auto-Submitted")               \
	X(IMPORTANCE, "Importance")                       \
	X(PRIORITY, "Priority")                           \
	X(X_PRIORITY, "X-Priority")                       \
	X(DISPOSITION_TO, "Disposition-Notification-To")  \
	X(DKIM_SIGNATURE, "DKIM-Signature")               \
	X(DOMAINKEY_SIGNATURE, "DomainKey-Signature")     \
	X(ARC_SEAL, "ARC-Seal")                           \
	X(ARC_SIGNATURE, "ARC-Message-Signature")         \
	X(ARC_RESULTS, "ARC-Authentication-Results")      \
	X(AUTH_RESULTS, "Authentication-Results")         \
	X(RECEIVED_SPF, "Received-SPF")                   \
	X(USER_AGENT, "User-Agent")                       \
	X(X_MAILER, "X-Mailer")

enum field_id {

#define FIELD_ENUM(id, name) FIELD_##id,
	FIELD_LIST(FIELD_ENUM)
#undef FIELD_ENUM
		FIELD_COUNT /* also: none of these */
};

/* FIELD_COUNT when it is none of the list; compared without case. */
enum field_id field_id(struct str name);
struct str field_name(enum field_id id); /* as it is usually written */

struct field_index {
	struct str
		first[FIELD_COUNT]; /* raw value of the first; p NULL: none */
	uint32_t count[FIELD_COUNT];
	uint32_t fields, bad; /* all fields, and lines that are none */
};

/* Linear; allocates nothing; views point into `header`. */
void field_index_make(struct str header, struct field_index *out);

/* A raw value without its folds: CR, LF and NUL gone, the blank behind each
 * fold kept, ends trimmed.  A view of `raw` when nothing is to be done. */
struct str field_unfold(struct arena *a, struct str raw);

/* Where the header of a message ends: behind the empty line, or all of it
 * when there is none. */
size_t field_header_length(struct str message);

#endif
