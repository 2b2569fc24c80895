/*
 * deliver/route.h - where mail for a recipient goes.
 *
 * One recipient becomes the accounts and outside addresses at which it ends:
 * an account here, the targets of an alias or a forward, the catch-all.  No
 * end comes twice, loops are cut (directory/ does both).
 *
 *	struct route r;
 *
 *	if (route_find(dir, store, local, domain, size, &arena, &r, err) < 0)
 *		... trouble with a database: try later
 *	if (r.kind == ROUTE_HERE && !r.all_full) ...
 */
#ifndef DELIVER_ROUTE_H
#define DELIVER_ROUTE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct directory;
struct store;

enum route_kind {
	ROUTE_ELSEWHERE, /* the domain is not hosted here */
	ROUTE_NOBODY,    /* no such address (R20) */
	ROUTE_HERE,
	ROUTE_CIRCLE, /* aliases that lead nowhere, or to too much */
};

struct route_end {
	bool here;          /* file for account_id; else send to `address` */
	struct str address; /* canonical; the Delivered-To when here */
	struct str account; /* here: the account's own address */
	int64_t account_id;
	uint32_t shard;
	uint64_t quota_bytes;
	bool suspended, full;
	int64_t script;       /* directory_account_set_script() */
	int64_t forwarded_by; /* see directory_address_expand() */
};

struct route {
	enum route_kind kind;
	bool role;          /* postmaster or abuse (R39) */
	bool all_suspended; /* every end is (R41) */
	bool all_full;      /* no end has room (R40) */
	struct route_end *ends;
	size_t n;
};

/* `size` is what the message will take, 0 when not known.  Views live in the
 * arena. */
int route_find(struct directory *dir, struct store *store, struct str local,
               struct str domain, uint64_t size, struct arena *a,
               struct route *out, struct err *err) ATTR_MUST_USE;

#endif
