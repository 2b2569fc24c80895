/*
 * directory/directory.h - who exists here: domains, addresses, accounts.
 *
 * The model.  A domain is hosted here, or is another name of a hosted domain
 * (an alias of it).  An address of a domain is an account, whose mail is
 * stored here, or an alias, which has targets and stores nothing.  What is
 * neither reaches the domain's catch-all account, if it has one.  An account
 * may forward to targets, and be granted further sender addresses.
 *
 * Names.  A domain is kept as A-labels in lower case, a local part in lower
 * case and composed (NFC); every function takes them as typed or received, in
 * any case, as U-labels or A-labels.  `user+detail` is `user` (R41), and an
 * address of a domain alias is the same address of its domain.
 *
 * Ids are positive, int64, and never used again, of whatever kind.  An
 * account's id stays the same when its address changes, and names it in the
 * store, in the credentials and in the queue.
 *
 * Change numbers.  Every write takes the next one, and every row it touches
 * carries it; what is removed leaves a row in `gone`.  Answers are kept in
 * memory per process and are good as long as the number stands still, which
 * each question checks (one small read): a change made by another process is
 * seen by the next question.
 *
 *	struct directory_resolved r;
 *
 *	if (directory_address_resolve(dir, STR("Anna+x"), STR("example.com"),
 *	                              &arena, &r, err) < 0)
 *		... only trouble with the database; a temporary failure
 *	switch (r.kind) ...
 *
 * All functions may be called from every thread.  Views in results live in
 * the arena given.  Errors: ERR_NOT_FOUND, ERR_EXISTS, ERR_INVALID with words
 * for the person who typed it, ERR_TEMP, ERR_CORRUPT.  Changing functions
 * return when the change is on disk.
 */
#ifndef DIRECTORY_DIRECTORY_H
#define DIRECTORY_DIRECTORY_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct config;
struct directory;

/* Limits of what one address can set in motion. */
#define DIRECTORY_DEPTH_MAX   10   /* alias of alias of ... */
#define DIRECTORY_TARGETS_MAX 1000 /* of one alias, and after expansion */

/* ---- opening ---- */

/* Opens, or makes, DATA/directory.db.  `cfg` gives the default quota and the
 * provider's names, and must outlive it. */
int directory_open(struct directory **out, const struct config *cfg,
                   struct err *err) ATTR_MUST_USE;
void directory_close(struct directory **dir);

/* The number of the last change. */
int directory_change(struct directory *dir, int64_t *out, struct err *err)
	ATTR_MUST_USE;

#define DIRECTORY_SECRET_SIZE 32

/* Random bytes that this host alone knows, by name ("srs"): made when they
 * are asked for first, the same for every process from then on. */
int directory_secret(struct directory *dir, struct str name,
                     unsigned char out[DIRECTORY_SECRET_SIZE], struct err *err)
	ATTR_MUST_USE;

/* ---- what is asked for mail ---- */

enum directory_kind {
	DIRECTORY_NOT_LOCAL, /* the domain is not hosted here */
	DIRECTORY_NONE,      /* it is, but has no such address (R20) */
	DIRECTORY_ACCOUNT,
	DIRECTORY_ALIAS,    /* see targets */
	DIRECTORY_CATCHALL, /* the account that takes what does not exist */
};

/* Of an account and its domain together, in what is resolved. */
enum directory_flags {
	DIRECTORY_NO_LOGIN = 1,   /* suspended */
	DIRECTORY_NO_SEND = 2,    /* suspended */
	DIRECTORY_NO_RECEIVE = 4, /* suspended: 450 4.2.1 (R41) */
	DIRECTORY_HOLD = 8,       /* what it sends waits in the queue */
};

struct directory_target {
	struct str address; /* whole, canonical where it is of this host */
	bool here;          /* its domain is hosted here */
	bool confirmed;     /* mail may go there */
};

struct directory_resolved {
	enum directory_kind kind;
	bool role;          /* postmaster or abuse that is no address of its
	                     * own: reached its administrator (R39) */
	struct str asked;   /* the address asked for, canonical, with detail */
	struct str detail;  /* behind the '+', as received */
	struct str address; /* of the account or alias that was found */
	int64_t domain_id;  /* 0 when NOT_LOCAL */
	int64_t account_id; /* ACCOUNT, CATCHALL */
	int64_t alias_id;   /* ALIAS */
	uint32_t shard;     /* where that account's mail lies */
	unsigned flags;     /* enum directory_flags */
	uint64_t quota_bytes;
	int64_t script; /* see directory_account_set_script() */

	/* ALIAS: its targets.  ACCOUNT, CATCHALL: where it forwards. */
	const struct directory_target *targets;
	size_t targets_n;
	bool keep; /* an account that forwards keeps a copy; true without */
};

/* One step.  `local` is unquoted; `domain` may be empty for <postmaster>.
 * Fails only when the database does. */
int directory_address_resolve(struct directory *dir, struct str local,
                              struct str domain, struct arena *a,
                              struct directory_resolved *out, struct err *err)
	ATTR_MUST_USE;

/* Where a message for an address ends, through aliases and forwards. */
struct directory_end {
	bool here;          /* file it for `to`; else send it to `address` */
	struct str address; /* canonical; with the detail when given */
	struct directory_resolved to; /* when here */
	int64_t forwarded_by; /* the account whose forward led here, or 0 */
	bool by_alias;        /* an alias led here */
	bool unknown;         /* not here: a target of a domain of this host
	                       * that does not exist (any more) */
};

struct directory_ends {
	struct directory_end *items; /* each account once; each address once
	                              * for each account that forwards */
	size_t n;
};

/* Go on until accounts and outside addresses.  A loop is cut, and an account
 * whose forward leads nowhere keeps its mail.  ERR_TOO_BIG over the limits,
 * ERR_NOT_FOUND when the address is NONE or NOT_LOCAL, ERR_INVALID when
 * aliases lead nowhere. */
int directory_address_expand(struct directory *dir, struct str local,
                             struct str domain, struct arena *a,
                             struct directory_ends *out, struct err *err)
	ATTR_MUST_USE;

/* ---- what is asked for a login and for sending ---- */

struct directory_account {
	int64_t id;
	int64_t domain_id;
	struct str address; /* canonical: the user name (R6) */
	struct str name;    /* of the person, may be empty */
	uint32_t shard;
	unsigned flags; /* its own and its domain's */
	unsigned own_flags;
	uint64_t quota_bytes; /* effective */
	uint64_t own_quota;   /* 0: the default */
	int64_t created_us;
	int64_t removed_us;   /* 0, or when it was removed */
	bool case_differs;    /* by login: typed with other than lower case */
	bool keep;            /* with a forward: keeps a copy */
	size_t forwards;      /* number of forward targets */
	int64_t forwarded_us; /* when they were set; 0: never */
	int64_t script;       /* see directory_account_set_script() */
};

/* The account whose user name this is: the whole address, no detail.
 * ERR_NOT_FOUND for anything else; an alias is no user name (R2). */
int directory_login(struct directory *dir, struct str user, struct arena *a,
                    struct directory_account *out, struct err *err)
	ATTR_MUST_USE;

int directory_account_get(struct directory *dir, int64_t id, struct arena *a,
                          struct directory_account *out, struct err *err)
	ATTR_MUST_USE;

/* Whether the account may send as this address: its own (with any detail, at
 * a domain alias too) or one granted to it (R23, R24). */
int directory_may_send_as(struct directory *dir, int64_t account_id,
                          struct str local, struct str domain, bool *out,
                          struct err *err) ATTR_MUST_USE;

/* ---- domains ---- */

struct directory_domain {
	int64_t id;
	struct str name;    /* A-labels */
	struct str display; /* U-labels */
	int64_t alias_of;   /* 0, or the domain it is another name of */
	struct str alias_of_name;
	unsigned flags;
	int64_t catchall; /* account id or 0 */
	struct str catchall_address;
	int64_t admin; /* account id or 0 */
	struct str admin_address;
	int64_t created_us;
	int64_t change;
	uint64_t accounts, aliases; /* directory_domain_each and _get count */
};

/* ERR_NOT_FOUND when it is not hosted.  A domain alias gives itself. */
int directory_domain_get(struct directory *dir, struct str name,
                         struct arena *a, struct directory_domain *out,
                         struct err *err) ATTR_MUST_USE;

/* Whether mail for it is taken here; fast. */
int directory_domain_is_local(struct directory *dir, struct str name, bool *out,
                              struct err *err) ATTR_MUST_USE;

/* In the order of names.  `each` returns false to stop. */
int directory_domain_each(struct directory *dir,
                          bool (*each)(void *arg,
                                       const struct directory_domain *d),
                          void *arg, struct err *err) ATTR_MUST_USE;

int directory_domain_add(struct directory *dir, struct str name,
                         int64_t alias_of, int64_t *id_out, struct err *err)
	ATTR_MUST_USE;
/* ERR_EXISTS while addresses, domain aliases or a catch-all of another domain
 * hang on it. */
int directory_domain_remove(struct directory *dir, int64_t id, struct err *err)
	ATTR_MUST_USE;
int directory_domain_set_flags(struct directory *dir, int64_t id,
                               unsigned flags, struct err *err) ATTR_MUST_USE;
/* 0 takes it away. */
int directory_domain_set_catchall(struct directory *dir, int64_t id,
                                  int64_t account_id, struct err *err)
	ATTR_MUST_USE;
int directory_domain_set_admin(struct directory *dir, int64_t id,
                               int64_t account_id, struct err *err)
	ATTR_MUST_USE;

/* ---- addresses ---- */

/* A row of `posthus address list`. */
struct directory_entry {
	enum directory_kind kind; /* ACCOUNT, ALIAS, CATCHALL ("@domain") */
	int64_t id;               /* account id, alias id, domain id */
	struct str address;       /* with U-labels */
	struct str name;
	unsigned flags; /* its own */
	uint64_t own_quota;
	uint64_t quota_bytes;
	bool keep;
	const struct str *targets; /* of an alias, a forward, a catch-all */
	size_t targets_n;
	int64_t created_us;
};

/* All addresses of a domain (id 0: of all), in order of domain and name.
 * `kind` DIRECTORY_NONE: every kind. */
int directory_entry_each(struct directory *dir, int64_t domain_id,
                         enum directory_kind kind,
                         bool (*each)(void *arg,
                                      const struct directory_entry *e),
                         void *arg, struct err *err) ATTR_MUST_USE;

/* A canonical address split; the views are of the arena.  ERR_INVALID, with
 * what is wrong, when it is none that can be hosted here. */
int directory_address_parse(struct str text, struct arena *a,
                            struct str *local_out, struct str *domain_out,
                            struct err *err) ATTR_MUST_USE;

int directory_account_add(struct directory *dir, struct str address,
                          struct str name, int64_t *id_out, struct err *err)
	ATTR_MUST_USE;
/* The address is free from now on.  The account row stays as removed, so that
 * its mail can be kept for a while, and forwards, grants and its being a
 * catch-all or administrator are gone. */
int directory_account_remove(struct directory *dir, int64_t id, struct err *err)
	ATTR_MUST_USE;
/* Give a removed account its address back; ERR_EXISTS when that is taken. */
int directory_account_restore(struct directory *dir, int64_t id,
                              struct err *err) ATTR_MUST_USE;
/* Forget a removed account for good; its mail is erased by the caller. */
int directory_account_forget(struct directory *dir, int64_t id, struct err *err)
	ATTR_MUST_USE;
int directory_removed_each(struct directory *dir,
                           bool (*each)(void *arg,
                                        const struct directory_account *acc),
                           void *arg, struct err *err) ATTR_MUST_USE;

/* Each account that may not be logged in: suspended, of a domain that is, or
 * removed. */
int directory_barred_each(struct directory *dir,
                          void (*each)(void *arg, int64_t account), void *arg,
                          struct err *err) ATTR_MUST_USE;

int directory_account_set_flags(struct directory *dir, int64_t id,
                                unsigned flags, struct err *err) ATTR_MUST_USE;
/* 0: the default. */
int directory_account_set_quota(struct directory *dir, int64_t id,
                                uint64_t bytes, struct err *err) ATTR_MUST_USE;
int directory_account_set_name(struct directory *dir, int64_t id,
                               struct str name, struct err *err) ATTR_MUST_USE;

/* The account's scripts or its vacation were changed.  Its `script` is then a
 * number that it never had before, by which what was made of them can be kept
 * in memory; 0 with !on: there is nothing to run. */
int directory_account_set_script(struct directory *dir, int64_t id, bool on,
                                 struct err *err) ATTR_MUST_USE;

/* All targets at once; none takes the forward away.  ERR_TOO_BIG, with the
 * count, over limits.forward_characters (R4); ERR_INVALID when the mail would
 * lead back here and nobody would get it. */
int directory_forward_set(struct directory *dir, int64_t account_id,
                          const struct str *targets, size_t n, bool keep,
                          struct err *err) ATTR_MUST_USE;

/* The same, but a target elsewhere that was not there yet gets no mail until
 * somebody confirms it, who reads mail there. */
int directory_forward_propose(struct directory *dir, int64_t account_id,
                              const struct str *targets, size_t n, bool keep,
                              struct err *err) ATTR_MUST_USE;

/* One target of a forward and its token, "" when none is needed. */
struct directory_proposal {
	int64_t account_id;
	struct str address; /* of the account */
	struct str target;
	struct str token;
	int64_t confirmed_us; /* 0: not yet; 1: it never had to be */
};

#define DIRECTORY_PROPOSAL_TOKEN 32 /* hexadecimal digits */

/* By its token; ERR_NOT_FOUND. */
int directory_proposal_find(struct directory *dir, struct str token,
                            struct arena *a, struct directory_proposal *out,
                            struct err *err) ATTR_MUST_USE;
/* From now on it gets mail; again is fine. */
int directory_proposal_confirm(struct directory *dir, struct str token,
                               struct err *err) ATTR_MUST_USE;
/* All targets of an account. */
int directory_proposal_list(struct directory *dir, int64_t account_id,
                            struct arena *a, struct directory_proposal **out,
                            size_t *n_out, struct err *err) ATTR_MUST_USE;

/* An alias with all its targets; an old one of the name is replaced.
 * ERR_EXISTS when the address is an account, ERR_INVALID for a loop. */
int directory_alias_set(struct directory *dir, struct str address,
                        const struct str *targets, size_t n, bool replace,
                        int64_t *id_out, struct err *err) ATTR_MUST_USE;
int directory_alias_remove(struct directory *dir, struct str address,
                           struct err *err) ATTR_MUST_USE;

/* Further sender addresses of an account: "shop@example.com", or
 * "*@example.com" for all of a domain; of domains hosted here. */
int directory_grant_add(struct directory *dir, int64_t account_id,
                        struct str address, struct err *err) ATTR_MUST_USE;
int directory_grant_remove(struct directory *dir, int64_t account_id,
                           struct str address, struct err *err) ATTR_MUST_USE;
int directory_grant_each(struct directory *dir, int64_t account_id,
                         bool (*each)(void *arg, struct str address), void *arg,
                         struct err *err) ATTR_MUST_USE;

/* Limits that a domain or an account (`owner`) has of its own, set by the
 * operator alone; keys are those of limits.domain.* in the configuration. */
struct directory_limit {
	struct str key;
	uint64_t value;
};

int directory_limit_set(struct directory *dir, int64_t owner, struct str key,
                        uint64_t value, struct err *err) ATTR_MUST_USE;
/* As configured again; one that is not there is fine. */
int directory_limit_unset(struct directory *dir, int64_t owner, struct str key,
                          struct err *err) ATTR_MUST_USE;
int directory_limits_of(struct directory *dir, int64_t owner,
                        bool (*each)(void *arg,
                                     const struct directory_limit *l),
                        void *arg, struct err *err) ATTR_MUST_USE;
/* *out is untouched when it has none. */
int directory_limit_get(struct directory *dir, int64_t owner, struct str key,
                        uint64_t *out, struct err *err) ATTR_MUST_USE;

/* Web spaces (R43): a Unix user and the domains that its scripts send for. */
int directory_webspace_add(struct directory *dir, uint32_t uid,
                           int64_t domain_id, struct err *err) ATTR_MUST_USE;
/* `domain_id` 0: all of the user. */
int directory_webspace_remove(struct directory *dir, uint32_t uid,
                              int64_t domain_id, struct err *err) ATTR_MUST_USE;
/* By user, then as they were added. */
int directory_webspace_each(struct directory *dir,
                            bool (*each)(void *arg, uint32_t uid,
                                         struct str domain),
                            void *arg, struct err *err) ATTR_MUST_USE;
/* Their ids, domain aliases gone through, at most `max`. */
int directory_webspace_domains(struct directory *dir, uint32_t uid,
                               int64_t *out, size_t max, size_t *n_out,
                               struct err *err) ATTR_MUST_USE;

#endif
