/*
 * directory/page.h - domains and addresses by the page, for lists of
 * thousands: sought, and only what one account administers.
 *
 *	struct directory_find f = { .search = STR("anna"), .limit = 100 };
 *
 *	if (directory_address_page(dir, &f, &arena, &rows, &n, err) < 0) ...
 *	f.after = rows[n - 1].key;	the next page
 */
#ifndef DIRECTORY_PAGE_H
#define DIRECTORY_PAGE_H

#include "directory/directory.h"

struct directory_find {
	int64_t admin;            /* only domains that it administers; 0: all */
	int64_t domain;           /* addresses: of this one; 0: of all */
	struct str search;        /* a part of the name, the person's name, a
	                      * target; US-ASCII case does not matter */
	enum directory_kind kind; /* addresses; DIRECTORY_NONE: every kind */
	struct str after;         /* a row's key; "" for the first page */
	size_t limit;
};

/* At most `limit` rows, which live in the arena.  A domain's key is its
 * name. */
int directory_domain_page(struct directory *dir, const struct directory_find *f,
                          struct arena *a, struct directory_domain **out,
                          size_t *n_out, struct err *err) ATTR_MUST_USE;

struct directory_row {
	struct directory_entry entry;
	struct str key;       /* "domain local": where the next page begins */
	struct str canonical; /* the address with A-labels */
	uint32_t shard;       /* of an account */
};

int directory_address_page(struct directory *dir,
                           const struct directory_find *f, struct arena *a,
                           struct directory_row **out, size_t *n_out,
                           struct err *err) ATTR_MUST_USE;

#endif
