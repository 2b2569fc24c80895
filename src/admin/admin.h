/*
 * admin/admin.h - the operations of an administrator, each written once.
 *
 * The command line calls them, and the HTTP API and the panel will: names in,
 * structs out, errors with a kind and with words for the person who asked.
 * Nothing is printed or asked here.  They work on the databases, so it does
 * not matter whether the host runs; what they change, a running host sees at
 * the next question.
 *
 *	struct admin *adm;
 *
 *	if (admin_open(&adm, cfg, err) < 0) ...
 *	if (admin_account_add(adm, &new_account, &id, err) < 0) ...
 *	admin_close(&adm);
 *
 * Addresses and domains are taken as typed, in any case, as U-labels or
 * A-labels.  Views in results live in the arena given.
 */
#ifndef ADMIN_ADMIN_H
#define ADMIN_ADMIN_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "directory/directory.h"
#include "gate/access.h"
#include "store/quota.h"
#include "store/store.h"

struct admin;
struct config;
struct dns_client;
struct gate_client;
struct greylist;
struct trail;
struct keys_client;
struct queue;

/* Bytes of a password. */
#define ADMIN_PASSWORD_MAX 1000

/* Opens the directory; the store, the queue and the credentials when an
 * operation first needs them.  ERR_NOT_FOUND when there is no data folder. */
int admin_open(struct admin **out, struct config *cfg, struct err *err)
	ATTR_MUST_USE;
void admin_close(struct admin **adm);

/* What a running host has open already.  All functions may then be called
 * from every thread; passwords go through the gate, which alone has them, and
 * DKIM keys through the keys process. */
struct admin_lent {
	struct directory *directory;
	struct store *store;
	struct queue *queue;
	struct greylist *greylist;
	struct trail *trail; /* may be NULL */
	struct gate_client *gate;
	struct keys_client *keys;
	struct dns_client *dns; /* may be NULL */
};

/* Who checks domains in the background; NULL: nobody any more. */
void admin_set_checker(struct admin *adm,
                       int (*check)(void *arg, struct str domain,
                                    struct err *err),
                       void *arg);

/* An import from another provider that is asked for; borrowed. */
struct admin_import {
	struct store *store;
	struct store_account account;
	struct str host;
	uint16_t port;
	bool starttls;
	struct str user, password;
};

/* Who brings mail over in the background; from any thread. */
struct admin_importer {
	/* ERR_EXISTS: one runs for the account; ERR_TEMP: too many run. */
	int (*start)(void *arg, const struct admin_import *i, struct err *err);
	/* ERR_NOT_FOUND: none runs. */
	int (*stop)(void *arg, int64_t account, struct err *err);
	/* Of the one that runs or the last: JSON in the arena. */
	int (*status)(void *arg, int64_t account, struct arena *a,
	              struct str *out, struct err *err);
	void *arg;
};

/* NULL: nobody any more; else borrowed until then. */
void admin_set_importer(struct admin *adm, const struct admin_importer *i);

/* Nothing of it is closed with it. */
struct admin *admin_lend(struct config *cfg, const struct admin_lent *lent);

struct directory *admin_directory(struct admin *adm);
int admin_store(struct admin *adm, struct store **out, struct err *err)
	ATTR_MUST_USE;
int admin_queue(struct admin *adm, struct queue **out, struct err *err)
	ATTR_MUST_USE;

/* ---- domains ---- */

struct admin_domain_new {
	struct str name;
	struct str alias_of; /* empty: a domain of its own */
};

int admin_domain_add(struct admin *adm, const struct admin_domain_new *d,
                     struct err *err) ATTR_MUST_USE;
int admin_domain_get(struct admin *adm, struct str name, struct arena *a,
                     struct directory_domain *out, struct err *err)
	ATTR_MUST_USE;
int admin_domain_remove(struct admin *adm, struct str name, struct err *err)
	ATTR_MUST_USE;
/* `on` sets these flags, `off` takes them off. */
int admin_domain_flags(struct admin *adm, struct str name, unsigned on,
                       unsigned off, struct err *err) ATTR_MUST_USE;
/* Who gets postmaster and abuse; an empty address: the oldest account. */
int admin_domain_admin(struct admin *adm, struct str name, struct str address,
                       struct err *err) ATTR_MUST_USE;

/* ---- accounts ---- */

struct admin_account_new {
	struct str address, name;
	struct str password;  /* p == NULL: none yet, no login is possible */
	uint64_t quota_bytes; /* 0: the default */
};

/* All of it or nothing. */
int admin_account_add(struct admin *adm, const struct admin_account_new *n,
                      int64_t *id_out, struct err *err) ATTR_MUST_USE;

/* An account and what it holds. */
struct admin_account {
	struct directory_account row;
	struct str display; /* the address with U-labels */
	bool has_password;  /* false too when it cannot be known here */
	uint64_t used_bytes, messages;
	const struct directory_target *forwards;
	size_t forwards_n;
	const struct str *senders; /* granted (R24) */
	size_t senders_n;
};

/* ERR_NOT_FOUND says so when the address is an alias. */
int admin_account_find(struct admin *adm, struct str address, struct arena *a,
                       struct directory_account *out, struct err *err)
	ATTR_MUST_USE;
int admin_account_get(struct admin *adm, struct str address, struct arena *a,
                      struct admin_account *out, struct err *err) ATTR_MUST_USE;

/* The address is free at once; the mail stays, for store.undelete, and
 * admin_account_restore() brings all back but the forward and the grants.
 * With `at_once` it is gone now. */
int admin_account_remove(struct admin *adm, struct str address, bool at_once,
                         struct err *err) ATTR_MUST_USE;
int admin_account_restore(struct admin *adm, struct str address,
                          struct err *err) ATTR_MUST_USE;
int admin_account_flags(struct admin *adm, struct str address, unsigned on,
                        unsigned off, struct err *err) ATTR_MUST_USE;
int admin_account_quota(struct admin *adm, struct str address, uint64_t bytes,
                        struct err *err) ATTR_MUST_USE;
int admin_account_name(struct admin *adm, struct str address, struct str name,
                       struct err *err) ATTR_MUST_USE;
/* ERR_INVALID or ERR_TOO_BIG for what no mail program can send. */
int admin_password_check(struct str password, struct err *err) ATTR_MUST_USE;
int admin_password_set(struct admin *adm, struct str address,
                       struct str password, struct err *err) ATTR_MUST_USE;
int admin_grant(struct admin *adm, struct str address, struct str sender,
                bool remove, struct err *err) ATTR_MUST_USE;

/* Erase the mail of accounts removed longer ago than store.undelete.  For
 * the housekeeping; *n_out (may be NULL) is how many. */
int admin_erase_removed(struct admin *adm, int64_t now_us, unsigned *n_out,
                        struct err *err) ATTR_MUST_USE;

/* ---- aliases, catch-alls, forwards ---- */

/* `replace`: set all targets anew of one that is there. */
int admin_alias_set(struct admin *adm, struct str address,
                    const struct str *targets, size_t n, bool replace,
                    struct err *err) ATTR_MUST_USE;
int admin_alias_remove(struct admin *adm, struct str address, struct err *err)
	ATTR_MUST_USE;
/* ERR_NOT_FOUND when it is none. */
int admin_alias_get(struct admin *adm, struct str address, struct arena *a,
                    struct directory_resolved *out, struct err *err)
	ATTR_MUST_USE;

/* An empty address takes it away; ERR_NOT_FOUND when there was none. */
int admin_catchall_set(struct admin *adm, struct str domain, struct str address,
                       struct err *err) ATTR_MUST_USE;

/* n == 0 takes it away; ERR_NOT_FOUND when there was none.  Unless
 * `confirmed`, or forward.confirm is off, targets elsewhere are asked first;
 * *asked_out (may be NULL) of them. */
int admin_forward_set(struct admin *adm, struct str address,
                      const struct str *targets, size_t n, bool keep,
                      bool confirmed, size_t *asked_out, struct err *err)
	ATTR_MUST_USE;

/* How the targets of an account's forward fare, each in words. */
int admin_forward_health(struct admin *adm, int64_t account_id, struct arena *a,
                         struct str **out, size_t *n_out, struct err *err)
	ATTR_MUST_USE;

/* An end of directory_address_expand() in words: "stored", "sent on",
 * "refused"; and by "alias", "forward", "catch-all", "administrator" or as
 * the "address" itself. */
const char *admin_end_result(const struct directory_end *e);
const char *admin_end_way(const struct directory_end *e);

/* ---- ways in besides the password (gate/access.h) ---- */

/* A link at which the owner of the account chooses a password, good for half
 * an hour and one use; it lies in the arena.  An older one is over. */
int admin_start_link(struct admin *adm, struct str address, struct arena *a,
                     struct str *out, struct err *err) ATTR_MUST_USE;
/* The same, and until when it is good; of a running host too. */
int admin_start_make(struct admin *adm, struct str address, struct arena *a,
                     struct str *out, int64_t *until_out, struct err *err)
	ATTR_MUST_USE;
/* Until when the account's last one is good: 0 when there is none. */
int admin_start_until(struct admin *adm, struct str address, int64_t *until_out,
                      struct err *err) ATTR_MUST_USE;

int admin_app_add(struct admin *adm, struct str address,
                  const struct gate_app *app, char password_out[24],
                  int64_t *id_out, struct err *err) ATTR_MUST_USE;
/* At most GATE_APPS_MAX. */
int admin_app_list(struct admin *adm, struct str address, struct gate_app *out,
                   size_t *n_out, struct err *err) ATTR_MUST_USE;
int admin_app_remove(struct admin *adm, struct str address, int64_t id,
                     struct err *err) ATTR_MUST_USE;
/* At most GATE_SESSIONS_MAX. */
int admin_session_list(struct admin *adm, struct str address,
                       struct gate_session *out, size_t *n_out, struct err *err)
	ATTR_MUST_USE;
/* `id` 0: all of the account. */
int admin_session_end(struct admin *adm, struct str address, int64_t id,
                      struct err *err) ATTR_MUST_USE;
int admin_totp_off(struct admin *adm, struct str address, struct err *err)
	ATTR_MUST_USE;

/* ---- limits of sending (R26-R28) and greylisting (R19) ---- */

struct admin_limit_user {
	int64_t account;
	struct str address; /* "" when it is gone */
	uint64_t n;
};

/* One window of a domain, or of an account (then limited only where it has a
 * limit of its own). */
struct admin_limit {
	const char *key; /* "messages_5min" */
	uint64_t used, limit;
	bool limited, own;
	int64_t length_us; /* 0: no window, how many at a time */
	int64_t frees_us;  /* when one more fits, or the first leaves; 0 */
	struct admin_limit_user *users; /* who used most first */
	size_t users_n;
};

#define ADMIN_LIMITS 8

/* `name` is a domain, or an account's address.  What is only reserved by
 * messages under way is not in it. */
int admin_limits_show(struct admin *adm, struct str name, struct arena *a,
                      struct admin_limit out[ADMIN_LIMITS], size_t *n_out,
                      struct err *err) ATTR_MUST_USE;
/* For the operator alone.  `remove`: as configured again. */
int admin_limit_set(struct admin *adm, struct str name, struct str key,
                    bool remove, uint64_t value, struct err *err) ATTR_MUST_USE;
/* All counts of it begin anew; a running gate follows within a second. */
int admin_limits_reset(struct admin *adm, struct str name, struct err *err)
	ATTR_MUST_USE;

/* ---- accounts on hold ---- */

struct admin_held {
	struct str address;
	uint64_t messages; /* held in the queue */
};

int admin_hold_list(struct admin *adm,
                    bool (*each)(void *arg, const struct admin_held *h),
                    void *arg, struct err *err) ATTR_MUST_USE;

enum admin_hold {
	ADMIN_HOLD_ADD,     /* what it sends from now on waits */
	ADMIN_HOLD_RELEASE, /* what waits goes, and what comes does not wait */
	ADMIN_HOLD_DISCARD, /* what waits is thrown away; the hold stays */
};

/* *n_out: how many messages went or were thrown away; by `who`, for the
 * trail. */
int admin_hold(struct admin *adm, struct str address, enum admin_hold what,
               struct str who, uint64_t *n_out, struct err *err) ATTR_MUST_USE;

int admin_greylist(struct admin *adm, struct greylist **out, struct err *err)
	ATTR_MUST_USE;

/* ---- the host ---- */

struct admin_status {
	uint64_t domains, accounts, aliases;
	uint64_t queued, failed; /* messages waiting; actions given up */
	int64_t oldest_us;       /* when the oldest of them came; 0: none */
	uint64_t free_bytes;     /* of the disk of the data folder */
};

int admin_status_get(struct admin *adm, struct admin_status *out,
                     struct err *err) ATTR_MUST_USE;

/* ---- web spaces ---- */

/* The number of a Unix user, given as such or by name. */
int admin_webspace_uid(struct str user, uint32_t *out, struct err *err)
	ATTR_MUST_USE;
int admin_webspace_add(struct admin *adm, uint32_t uid, struct str domain,
                       struct err *err) ATTR_MUST_USE;
/* Without a domain all of the user's. */
int admin_webspace_remove(struct admin *adm, uint32_t uid, struct str domain,
                          struct err *err) ATTR_MUST_USE;

#endif
