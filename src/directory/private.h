/* directory/private.h - what the files of this folder share. */
#ifndef DIRECTORY_PRIVATE_H
#define DIRECTORY_PRIVATE_H

#include <pthread.h>

#include "base/map.h"
#include "db/group.h"
#include "directory/directory.h"

struct directory {
	const struct config *cfg;
	struct db_group *group;

	/* Answers that hold while the change number is cache_change. */
	pthread_mutex_t lock;
	struct map cache; /* "local@domain" -> struct directory_resolved */
	struct arena cache_arena;
	int64_t cache_change;
};

/* Kinds of rows in `address` and `gone`. */
enum row_kind { ROW_ACCOUNT = 1, ROW_ALIAS = 2, ROW_DOMAIN = 3 };

/* ---- schema.c ---- */

#define DIRECTORY_SCHEMA 7
int directory_migrate(struct db *db, uint32_t version, struct err *err)
	ATTR_MUST_USE;

/* The next change number, which is also the next id; within a write. */
int directory_next(struct db *db, int64_t *out, struct err *err) ATTR_MUST_USE;
int directory_last(struct db *db, int64_t *out, struct err *err) ATTR_MUST_USE;
/* Note that a row was removed. */
int directory_gone(struct db *db, enum row_kind kind, int64_t id,
                   struct err *err) ATTR_MUST_USE;

/* ---- audit.c ---- */

/* One write; with what directory_note_begin() announced, if anything. */
int directory_write(struct directory *dir, db_write_fn fn, void *arg,
                    struct err *err) ATTR_MUST_USE;

/* ---- names.c ---- */

/* The one form of a local part: lower case, NFC. */
struct str directory_local(struct arena *a, struct str local);
/* The one form of a domain; ERR_INVALID when it is none. */
int directory_domain(struct arena *a, struct str domain, struct str *out,
                     struct err *err) ATTR_MUST_USE;
/* "local@domain" */
struct str directory_join(struct arena *a, struct str local, struct str domain);
/* The same with the domain as people read it. */
struct str directory_display(struct arena *a, struct str local,
                             struct str domain);
/* An address to send to, here or elsewhere: the domain in the one form, the
 * local part as typed. */
int directory_target_parse(struct arena *a, struct str text, struct str *local,
                           struct str *domain, struct err *err) ATTR_MUST_USE;

/* ---- resolve.c ---- */

/* A hosted domain as mail sees it, aliases of domains gone through. */
struct directory_host {
	int64_t id;
	struct str name;
	unsigned flags;
	int64_t catchall, admin;
};

/* 1, 0 (not hosted), -1.  `name` is in the one form. */
int directory_host_find(struct db *db, struct str name, struct arena *a,
                        struct directory_host *out, struct err *err)
	ATTR_MUST_USE;

/* As directory_address_resolve() but on this connection, without the cache,
 * quota_bytes being its own alone. */
int directory_resolve_in(struct directory *dir, struct db *db, struct str local,
                         struct str domain, struct arena *a,
                         struct directory_resolved *out, struct err *err)
	ATTR_MUST_USE;

uint64_t directory_quota(const struct directory *dir, uint64_t own);

/* ---- expand.c ---- */

/* `strict`: a loop is ERR_INVALID, with its address. */
int directory_expand_in(struct directory *dir, struct db *db, bool strict,
                        struct str local, struct str domain, struct arena *a,
                        struct directory_ends *out, struct err *err)
	ATTR_MUST_USE;

/* ---- domain.c, list.c: a row of what is listed ---- */

#define DIRECTORY_DOMAIN_COLUMNS                                            \
	"SELECT d.id, d.name, d.alias_of, m.name, d.flags, d.catchall,"     \
	" c.address, d.admin, a.address, d.created, d.change,"              \
	" (SELECT COUNT(*) FROM address WHERE domain = d.id AND kind = 1)," \
	" (SELECT COUNT(*) FROM address WHERE domain = d.id AND kind = 2)"  \
	" FROM domain d LEFT JOIN domain m ON m.id = d.alias_of"            \
	" LEFT JOIN account c ON c.id = d.catchall"                         \
	" LEFT JOIN account a ON a.id = d.admin "

void directory_domain_row(struct db_stmt *q, struct arena *a,
                          struct directory_domain *out);
int directory_targets_read(struct db *db, struct directory_entry *e,
                           struct arena *a, struct err *err) ATTR_MUST_USE;

/* ---- account.c ---- */

/* The live account; ERR_NOT_FOUND. */
int directory_account_in(struct directory *dir, struct db *db, int64_t id,
                         bool removed_too, struct arena *a,
                         struct directory_account *out, struct err *err)
	ATTR_MUST_USE;

#endif
