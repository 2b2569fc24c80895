/*
 * sieve/sieve.h - compile a user's script once, run it at each delivery.
 *
 * A program is checked whole before it is kept: unknown commands, missing
 * "require", wrong arguments are errors with a place in the script.  It is
 * immutable and may run on many threads at a time.
 *
 * Running has no effect on the world.  It gives a list of actions, which
 * deliver/ performs, and asks what it must know through callbacks.  Number of
 * steps, of actions and of bytes made are bounded.
 *
 *	struct sieve_program *p;
 *	struct sieve_error e;
 *
 *	if (!sieve_compile(script, &p, &e))
 *		... tell the person: e.at.line, e.text
 *	...
 *	if (sieve_run(p, &facts, &host, &arena, &result, err) < 0)
 *		... keep the message in INBOX, tell the owner: err.text
 *
 * The language: RFC 5228 with the extensions of sieve_extensions().
 */
#ifndef SIEVE_SIEVE_H
#define SIEVE_SIEVE_H

#include "base/arena.h"
#include "base/err.h"
#include "wire/mime/part.h"
#include "wire/sieve/parse.h"

struct sieve_program;

bool sieve_compile(struct str script, struct sieve_program **out,
                   struct sieve_error *err) ATTR_MUST_USE;
void sieve_program_free(struct sieve_program **p);

/* A script that it includes (RFC 6609), named once. */
struct sieve_include {
	struct str name;
	bool global; /* of the host, not of the account */
};

#define SIEVE_INCLUDES_MAX 50

size_t sieve_program_includes(const struct sieve_program *p,
                              const struct sieve_include **out);

/* The names of all extensions, for ManageSieve's SIEVE capability: separated
 * by blanks. */
const char *sieve_extensions(void);
/* The URI schemes of lists for "extlists" (RFC 6134, 2.8), separated too. */
const char *sieve_list_schemes(void);

/* ---- what a run knows ---- */

struct sieve_facts {
	struct str message;           /* whole, as it will be kept */
	const struct mime_part *root; /* its parts */
	struct str from; /* MAIL FROM, without brackets; empty: null */
	struct str to;   /* RCPT TO as it came */
	/* of SMTP's envelope (RFC 3461, RFC 2852), as far as it was given */
	unsigned notify;         /* SMTP_NOTIFY_* */
	struct str orcpt, envid; /* "rfc822;bo@example.com"; decoded */
	unsigned ret;            /* enum smtp_ret */
	int64_t by_us;           /* 0: no such time */
	bool by_notify, by_trace;
	struct str user;      /* the account's address */
	struct str id;        /* of this message, and of no other */
	struct str host_name; /* for "environment" */
	struct str remote_ip, remote_host; /* may be empty */
	int64_t now_us;
	int16_t zone_min; /* of the account, minutes east of UTC */
	int spam_tenths;  /* 0-100 of 100 (RFC 5235), -1: not tested */
	int virus;        /* 0-5, 0: not tested */
};

/* Lists of addresses that are kept elsewhere (RFC 6134). */
enum sieve_list {
	SIEVE_LIST_NONE,
	SIEVE_LIST_DEFAULT,  /* ":addrbook:default": the default address book */
	SIEVE_LIST_PERSONAL, /* ":addrbook:personal": all of the account's */
};

struct sieve_host {
	void *ctx;
	/* Names are UTF-8 with "/" between levels. */
	bool (*mailbox_exists)(void *ctx, struct str name);
	/* `use` is "\Archive"; `mailbox` empty: any of the account. */
	bool (*special_use_exists)(void *ctx, struct str mailbox,
	                           struct str use);
	/* `id` is a MAILBOXID, "M12" (RFC 9042). */
	bool (*mailbox_id_exists)(void *ctx, struct str id);
	/* The value of an annotation of a mailbox, or of the server (RFC 5490),
	 * which lives as long as the run; false when there is none. */
	bool (*mailbox_metadata)(void *ctx, struct str mailbox,
	                         struct str entry, struct str *out);
	bool (*server_metadata)(void *ctx, struct str entry, struct str *out);
	/* The script that is included; NULL when there is none, or when it
	 * does not compile: then *why says what is wrong. */
	const struct sieve_program *(*include)(void *ctx, struct str name,
	                                       bool global, const char **why);
	/* Seen within `seconds`?  It is remembered when the message is
	 * delivered, not by asking. */
	bool (*duplicate)(void *ctx, struct str id, uint64_t seconds,
	                  bool last);
	/* Is the address on the list? */
	bool (*list_has)(void *ctx, enum sieve_list list, struct str address);
	/* The first `max` addresses of it: how many they are. */
	size_t (*list_members)(void *ctx, enum sieve_list list, struct str *out,
	                       size_t max);
};

/* ---- what comes out ---- */

enum sieve_action_kind {
	SIEVE_KEEP,     /* into INBOX */
	SIEVE_FILEINTO, /* into `mailbox`, or the one with `use` */
	SIEVE_REDIRECT, /* to `address` */
	SIEVE_REJECT,   /* refuse with `text` (reject, ereject) */
	SIEVE_VACATION,
	SIEVE_REMEMBER, /* of "duplicate": `handle` for `seconds` */
	SIEVE_NOTIFY,   /* mail to `addresses`; `handle` is the method */
};

struct sieve_action {
	enum sieve_action_kind kind;
	bool implicit; /* KEEP that the script did not ask for */
	bool ereject;  /* REJECT: by a delivery status, not an MDN */
	/* KEEP, FILEINTO, REDIRECT: the message as edited until then; p NULL:
	 * as it came. */
	struct str message;
	/* FILEINTO; VACATION and NOTIFY: where a copy of what is sent goes */
	struct str mailbox, use;
	struct str mailbox_id; /* tried before the name; or empty */
	bool create;           /* make the mailbox when it is missing */
	struct str *flags;     /* where it is filed: names, backslash and all */
	size_t n_flags;
	struct str address; /* REDIRECT */
	/* REDIRECT: what its envelope says instead of the message's (RFC 6009);
	 * without has_... it stays as it is */
	bool has_notify, has_ret, has_by;
	unsigned notify, ret; /* SMTP_NOTIFY_*, enum smtp_ret */
	int64_t by_us;
	bool by_notify, by_trace;
	struct str text; /* REJECT, VACATION; NOTIFY: may be empty */
	/* VACATION, NOTIFY */
	struct str subject, from, handle;
	bool mime; /* text is a MIME entity with its header */
	uint64_t seconds;
	struct str importance; /* NOTIFY: "high", "normal", "low" or "" */
	struct str *addresses; /* VACATION: further ones of the owner */
	size_t n_addresses;
};

#define SIEVE_ACTIONS_MAX   64
#define SIEVE_REDIRECTS_MAX 10

struct sieve_result {
	struct sieve_action actions[SIEVE_ACTIONS_MAX];
	size_t n; /* 0: discard */
};

/* ERR_INVALID or ERR_TOO_BIG with "line N: words"; then nothing of *out is to
 * be done but a keep.  All of *out lives in the arena. */
int sieve_run(const struct sieve_program *p, const struct sieve_facts *f,
              const struct sieve_host *host, struct arena *a,
              struct sieve_result *out, struct err *err) ATTR_MUST_USE;

#endif
