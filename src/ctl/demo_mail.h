/*
 * ctl/demo_mail.h - the sample messages of `posthus demo`.
 *
 * A row says who wrote what to whom, and when; demo_mail_write() makes a
 * whole message of it, as mail programs of several kinds do: plain text, HTML
 * with a text beside it, attachments, an invitation, a winmail.dat, a list.
 */
#ifndef CTL_DEMO_MAIL_H
#define CTL_DEMO_MAIL_H

#include "base/buf.h"
#include "store/mailbox.h"

enum demo_person { DEMO_ANNA = 1, DEMO_BO = 2, DEMO_ADMIN = 4 };

enum demo_kind {
	DEMO_TEXT,
	DEMO_HTML,    /* with `html` beside the text */
	DEMO_FILE,    /* with the file `file` */
	DEMO_INVITE,  /* with a calendar entry, `minutes` from then */
	DEMO_WINMAIL, /* a winmail.dat with a text and a file in it */
	DEMO_LIST,    /* through a mailing list */
};

enum demo_file { DEMO_PDF, DEMO_PNG, DEMO_CSV };

struct demo_message {
	const char *id;     /* before the @ of the Message-ID; unique */
	const char *parent; /* id of the message it answers, or NULL */
	unsigned persons;   /* whose mailbox: enum demo_person */
	enum mailbox_use use;
	uint64_t flags;   /* FLAG_* of store/store.h */
	unsigned minutes; /* before now */
	enum demo_kind kind;
	enum demo_file file;
	const char *from, *to, *subject; /* UTF-8 */
	const char *text, *html;
};

extern const struct demo_message demo_messages[]; /* ended by id NULL */

/* The whole message, CRLF at its lines. */
void demo_mail_write(const struct demo_message *m, int64_t now_us,
                     struct buf *out);

/* ---- demo_files.c ---- */

/* base64 in lines, with CRLF. */
void demo_file_write(enum demo_file file, struct buf *out);
const char *demo_file_name(enum demo_file file);
const char *demo_file_type(enum demo_file file);
void demo_winmail_write(struct buf *out);

#endif
