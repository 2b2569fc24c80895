/*
 * deliver/folder.h - which folder of an account a message is filed in.
 *
 * All zero is INBOX without flags.  A folder is named by its number, which
 * survives a renaming; when it is gone at the time of filing, INBOX takes its
 * place, as it does for an account without a folder for spam.
 */
#ifndef DELIVER_FOLDER_H
#define DELIVER_FOLDER_H

#include <stdint.h>

#include "base/str.h"

/* As stored in queue.db: values are never used again. */
enum file_where {
	FILE_INBOX = 0,
	FILE_JUNK = 1,  /* the one with \\Junk */
	FILE_NAMED = 2, /* that with the number `mailbox` */
};

struct deliver_folder {
	enum file_where where;
	uint64_t mailbox; /* NAMED */
	struct str flags; /* "\\Seen $work": names with a blank between */
};

/* For people: "Inbox", "Spam", "a folder". */
static inline struct str deliver_folder_name(const struct deliver_folder *f)
{
	switch (f->where) {
	case FILE_INBOX: return STR("Inbox");
	case FILE_JUNK: return STR("Spam");
	case FILE_NAMED: break;
	}
	return STR("a folder");
}

#endif
