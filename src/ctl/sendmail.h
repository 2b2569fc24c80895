/*
 * ctl/sendmail.h - `posthus sendmail`, also under the name sendmail.
 *
 * What scripts and mail programs of this machine know since 1983: options of
 * sendmail, a message on stdin, an exit code of sysexits.h.  It speaks SMTP
 * to the running host over a local socket, where the kernel says which Unix
 * user calls (R30); so it needs neither configuration nor rights.  Nothing is
 * kept here: what the host did not take is told by the exit code, and when
 * one recipient is refused nothing is sent to the others.
 *
 * The socket is $POSTHUS_SENDMAIL, else that of the configuration when it can
 * be read (-C FILE, $POSTHUS_CONFIG), else /run/posthus/sendmail.
 */
#ifndef CTL_SENDMAIL_H
#define CTL_SENDMAIL_H

#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"

/* True for "sendmail" and its like as argv[0], and for `posthus sendmail`
 * unless help is asked for. */
bool sendmail_is_asked(int argc, char **argv);
int sendmail_main(int argc, char **argv);

/* ---- shared by its files ---- */

enum sendmail_mode {
	SENDMAIL_DELIVER, /* -bm */
	SENDMAIL_SMTP,    /* -bs: SMTP on stdin and stdout */
	SENDMAIL_LIST,    /* -bp: the queue */
	SENDMAIL_NOTHING, /* -bi, -q: the host does that by itself */
};

struct sendmail {
	struct arena arena;
	enum sendmail_mode mode;
	bool from_header;  /* -t */
	bool dots;         /* -i: a lone dot is content */
	bool seven_bit;    /* -B7BIT */
	bool verbose;      /* -v */
	bool has_sender;   /* -f, -r */
	struct str sender; /* "" for <> */
	struct str name;   /* -F */
	struct str notify, ret, envid;
	const char *config; /* -C */
	struct str *rcpts;
	size_t rcpts_n, rcpts_cap;

	/* The host at the other end. */
	int fd;
	FILE *in, *out;
	struct str host; /* its name, from the greeting */
};

/* sendmail_args.c: 0, or what to exit with after it was said why. */
int sendmail_parse(struct sendmail *m, int argc, char **argv);
/* Recipients of an argument or a field: "bo@example.com, Anna <anna>". */
void sendmail_add_rcpts(struct sendmail *m, struct str list);

/* sendmail_talk.c: 0, or an exit code after it was said why. */
int sendmail_connect(struct sendmail *m, const char *path);
/* A command and its reply; `about` is what a refusal is told of. */
int sendmail_command(struct sendmail *m, struct str about, struct str line);
/* The reply alone; `good` is 2 or 3, its first digit. */
int sendmail_reply(struct sendmail *m, struct str about, char good);
int sendmail_pass_on(struct sendmail *m);
void sendmail_say(const char *fmt, ...) ATTR_PRINTF(1, 2);

/* sysexits.h */
enum sendmail_exit {
	SENDMAIL_OK = 0,
	SENDMAIL_USAGE = 64,
	SENDMAIL_DATAERR = 65,
	SENDMAIL_NOUSER = 67,
	SENDMAIL_UNAVAILABLE = 69,
	SENDMAIL_IOERR = 74,
	SENDMAIL_TEMPFAIL = 75,
	SENDMAIL_NOPERM = 77,
};

#endif
