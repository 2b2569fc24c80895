/*
 * deliver/script.h - run an account's active script on a message.
 *
 * Scripts are compiled once per process and kept by the account and the
 * number of its last change (directory_account_set_script()), which the route
 * brings along: as long as it stands still nothing is read from the store.
 *
 *	struct deliver_script_run r;
 *
 *	deliver_script(cache, end, &facts, &arena, &r);
 *	if (r.failed) ... keep the message in INBOX, tell the owner r.why
 *	for (i = 0; i < r.result.n; i++) ...
 *
 * Mailboxes are UTF-8 names with "/" between the levels; "INBOX/Work" and
 * "Work" are the same, as in IMAP (R34).
 */
#ifndef DELIVER_SCRIPT_H
#define DELIVER_SCRIPT_H

#include "deliver/folder.h"
#include "deliver/route.h"
#include "sieve/sieve.h"
#include "store/script.h"

struct config;
struct deliver_scripts;

/* Does it compile?  ERR_INVALID with "line 3, column 7: words". */
int deliver_script_check(struct str text, struct err *err) ATTR_MUST_USE;

/* Scripts or vacation of the account were changed: note in the directory
 * whether there is something to run, for the next delivery to see.  The store
 * comes first: what deliveries look for is then there. */
int deliver_script_tell(struct store *store, struct directory *dir,
                        struct store_account a, struct err *err) ATTR_MUST_USE;

/* Both must outlive it; for all threads of a process. */
struct deliver_scripts *deliver_scripts_new(struct store *store,
                                            const struct config *cfg);
void deliver_scripts_free(struct deliver_scripts **s);

struct deliver_script_run {
	/* Without a script: one implicit keep. */
	struct sieve_result result;
	bool has_script;
	bool failed;     /* compile or run: *result is one implicit keep */
	struct str name; /* of the script */
	struct str why;  /* "line 3: too many redirects" */
	bool has_vacation;
	struct vacation vacation; /* the setting, on or not */
};

/* `end` is here and has a script.  f->root may be NULL: it is parsed when
 * needed.  -1: trouble of the store, try later. */
int deliver_script(struct deliver_scripts *s, const struct route_end *end,
                   struct sieve_facts *f, struct arena *a,
                   struct deliver_script_run *out, struct err *err)
	ATTR_MUST_USE;

/* The folder an action KEEP or FILEINTO names, or ":fcc" of another, made when it asks for that;
 * INBOX when there is none.  `junk`: an implicit keep goes to \Junk. */
int deliver_script_folder(struct store *store, const struct route_end *end,
                          const struct sieve_action *act, bool junk,
                          struct arena *a, struct deliver_folder *out,
                          struct err *err) ATTR_MUST_USE;

#endif
