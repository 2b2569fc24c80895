/*
 * migrate/migrate.h - bring all mail over from another provider, by IMAP.
 *
 * The folders there become folders here: those that have a special use meet
 * the ones of that use, the others keep their names.  Kept are the bytes, the
 * date of arrival, flags and keywords.  A folder that holds what others hold
 * too (\All) comes last, and what came by another folder is not taken from it
 * again; folders that only gather (\Flagged, \Important) are passed over.
 *
 * A run may end at any moment, by a lost connection, a stop or a crash: the
 * next goes on from there, and one that has nothing to do changes nothing.
 * What was taken is kept in DIR/ACCOUNT-SERVER.db by folder, UIDVALIDITY and
 * UID.  A message that is in the folder here already, by Message-ID and size,
 * is not taken a second time.
 *
 * At the end stands a comparison: of each folder, how many are there, how many
 * of these are here, and what failed and why.
 *
 * Blocks, for hours perhaps; memory stays within some tens of megabytes.
 */
#ifndef MIGRATE_MIGRATE_H
#define MIGRATE_MIGRATE_H

#include "base/arena.h"
#include "net/addr.h"
#include "os/spool.h"
#include "store/store.h"

struct dns_client;

#define MIGRATE_FAILURES_MAX 200 /* named in the report */

struct migrate_server {
	struct str host; /* a name or an address */
	uint16_t port;
	bool starttls; /* else TLS from the first byte on */
	struct str user, password;
	const char *ca_file; /* PEM, to trust; NULL: the system's */
};

struct migrate_folder {
	struct str there, here; /* names in UTF-8 */
	struct str skipped;     /* why it was passed over as a whole, or "" */
	uint64_t messages;      /* there */
	uint64_t found;         /* of these, here, compared at the end */
	uint64_t imported;      /* by this run */
	uint64_t known;         /* that had come before */
	uint64_t failed;
};

struct migrate_failure {
	struct str folder;
	uint32_t uid;
	struct str why;
};

struct migrate_report {
	struct migrate_folder *folders;
	size_t folders_n, folders_done;
	struct migrate_failure failures[MIGRATE_FAILURES_MAX];
	size_t failures_n;
	uint64_t messages, imported, known, failed, bytes; /* of all */
};

struct migrate {
	struct migrate_server server;
	struct store *store;
	struct store_account account;
	struct spool_pool *spool;
	struct dns_client *dns;
	const char *dir;      /* made when missing */
	uint64_t message_max; /* larger ones fail */
	uint64_t rate;        /* bytes a second at most; 0: as they come */
	int stop_fd;          /* readable: stop soon; -1: never */

	/* May this address be connected to?  NULL: any. */
	bool (*may_connect)(void *arg, const struct net_addr *to);
	void *may_connect_arg;
	/* After each step; may be NULL. */
	void (*progress)(void *arg, const struct migrate_report *r);
	void *progress_arg;
};

/* 0 when all was looked at (see failed), or -1: ERR_DENIED (the login, an
 * address or certificate), ERR_CLOSED (stopped), ERR_EXISTS (another run is
 * at this account), ERR_OVER_QUOTA and others.  *out is filled as far as it
 * came in either case; it lives in the arena. */
int migrate_run(const struct migrate *m, struct arena *a,
                struct migrate_report *out, struct err *err) ATTR_MUST_USE;

#endif
