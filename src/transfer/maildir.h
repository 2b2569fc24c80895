/*
 * transfer/maildir.h - names of the Maildir format.
 *
 * A message is a file cur/UNIQUE:2,FLAGS or new/UNIQUE; flags are the letters
 * D F P R S T, and a..z for keywords that the folder's file dovecot-keywords
 * names ("0 $Forwarded" is a).  Folders are .Work.2026/ beside cur/
 * (Maildir++), in modified UTF-7.  A '.' within a level, which Maildir++
 * cannot say, is written as "&AC4-", the UTF-7 of it.
 */
#ifndef TRANSFER_MAILDIR_H
#define TRANSFER_MAILDIR_H

#include "base/buf.h"
#include "base/str.h"

#define MAILDIR_KEYWORDS 26

/* Keywords of one folder by letter; an empty one is not used. */
struct maildir_keywords {
	struct str name[MAILDIR_KEYWORDS]; /* into the text parsed */
	size_t n;
};

struct maildir_name {
	struct str unique; /* before ":2," */
	uint64_t flags;    /* FLAG_* of store/store.h, system flags alone */
	uint32_t keywords; /* bit 0: letter a */
	int64_t arrived_s; /* of the number it begins with, 0 when none */
};

void maildir_name_parse(struct str file, struct maildir_name *out);

/* ":2,FS" with the letters in order. */
void maildir_flags_write(struct buf *b, uint64_t flags, uint32_t keywords);

/* Lines "NUMBER NAME"; what does not read is passed over. */
void maildir_keywords_parse(struct str text, struct maildir_keywords *out);

/* ".Work.2026" -> "Work/2026"; false when it is no Maildir++ folder. */
bool maildir_folder_decode(struct buf *out, struct str name) ATTR_MUST_USE;
void maildir_folder_encode(struct buf *out, struct str mailbox);

#endif
