/*
 * admin/caller.h - who asks, and what they may.
 *
 * Three roles: the operator has the whole host, a domain administrator one or
 * more domains, a user the own address.  An account may have several.  Root at
 * the command line is an operator without an account.
 *
 * A token narrows what its account may: a scope is an area and "read" or
 * "change", which includes reading.
 */
#ifndef ADMIN_CALLER_H
#define ADMIN_CALLER_H

#include "admin/admin.h"

enum admin_who {
	ADMIN_OWN = 1,      /* a user, for the own address */
	ADMIN_DOMAIN = 2,   /* an administrator, for own domains */
	ADMIN_OPERATOR = 4, /* for everything */
	ADMIN_ANYONE = 8,   /* without a login too */
};

enum admin_area {
	ADMIN_AREA_DOMAINS,
	ADMIN_AREA_ADDRESSES,
	ADMIN_AREA_SENDING,   /* limits, holds, queue */
	ADMIN_AREA_RECEIVING, /* greylist, trace */
	ADMIN_AREA_HOST,      /* health, branding, web spaces */
	ADMIN_AREA_ACCESS,    /* administrators, tokens, audit */
	ADMIN_AREA_COUNT
};

#define ADMIN_SCOPE_READ(area)   ((uint64_t)1 << (2 * (area)))
#define ADMIN_SCOPE_CHANGE(area) ((uint64_t)2 << (2 * (area)))
#define ADMIN_SCOPES_ALL         (((uint64_t)1 << (2 * ADMIN_AREA_COUNT)) - 1)

struct admin_caller {
	unsigned roles;         /* bits of enum admin_who */
	int64_t account;        /* 0: the command line */
	struct str address;     /* of the account, or "" */
	int64_t home_domain;    /* the account's */
	const int64_t *domains; /* administered */
	size_t domains_n;
	uint64_t scopes;
	struct str who;    /* for the audit: the address, a token's name with
	                    * it, the Unix user */
	struct str origin; /* for the audit: "192.0.2.1", "command line" */
	bool proved;       /* the password came with this very request, or
	                    * nobody's is to be asked for */
};

/* An account with the roles it has now. */
int admin_caller_load(struct admin *adm, int64_t account, struct arena *a,
                      struct admin_caller *out, struct err *err) ATTR_MUST_USE;
/* Who runs this program. */
void admin_caller_local(struct arena *a, struct admin_caller *out);

bool admin_caller_has_domain(const struct admin_caller *by, int64_t domain);
/* "operator", "domain", "user": the highest. */
const char *admin_caller_role(const struct admin_caller *by);

const char *admin_area_name(enum admin_area area);
/* "domains:read", "all:change"; false for anything else. */
bool admin_scope_parse(struct str text, uint64_t *out) ATTR_MUST_USE;
/* The shortest list of words for them, in the arena. */
size_t admin_scope_words(uint64_t scopes, struct arena *a, struct str **out);

#endif
