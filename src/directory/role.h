/*
 * directory/role.h - who may administer: the operator of the host, and the
 * administrators of domains.
 *
 * A role is an account's, for one domain or (domain 0) for the whole host.  It
 * goes with the account and with the domain.  Who gets mail to postmaster is
 * another matter (directory_domain_set_admin()).
 */
#ifndef DIRECTORY_ROLE_H
#define DIRECTORY_ROLE_H

#include "directory/directory.h"

struct directory_role {
	int64_t account;
	struct str address;
	int64_t domain;         /* 0: the whole host */
	struct str domain_name; /* A-labels, "" for the host */
	int64_t created_us;
};

/* One account administers at most so many domains. */
#define DIRECTORY_ROLES_MAX 5000

/* One that is there already is fine.  ERR_NOT_FOUND: no such account. */
int directory_role_add(struct directory *dir, int64_t account, int64_t domain,
                       struct err *err) ATTR_MUST_USE;
/* ERR_NOT_FOUND when it was none. */
int directory_role_remove(struct directory *dir, int64_t account,
                          int64_t domain, struct err *err) ATTR_MUST_USE;
/* All roles of an account with one question. */
int directory_role_remove_all(struct directory *dir, int64_t account,
                              struct err *err) ATTR_MUST_USE;
/* Those of an account (0: of all), by address and domain. */
int directory_role_each(struct directory *dir, int64_t account,
                        bool (*each)(void *arg, const struct directory_role *r),
                        void *arg, struct err *err) ATTR_MUST_USE;

#endif
