/*
 * deliver/contacts.h - who is in an account's address books, for its scripts.
 *
 * The addresses of all cards (RFC 9553, 2.3.1), sorted by their one form
 * (text/idn.h), so that a look-up is a search by halves.  They are read once
 * and kept by the account and the states of its books and cards: as long as
 * these stand still, a run costs one read of the states.
 *
 *	struct contacts *c;
 *
 *	if (deliver_contacts_borrow(cache, account, &c, err) < 0) ...
 *	if (contacts_has(c, STR("bo@partner.example"), false)) ...
 *	deliver_contacts_return(cache, &c);
 */
#ifndef DELIVER_CONTACTS_H
#define DELIVER_CONTACTS_H

#include "store/store.h"

/* Of one account; further ones are left out. */
#define CONTACTS_ADDRESSES_MAX ((size_t)50000)
/* What is kept of all accounts together, as long as nobody uses it. */
#define CONTACTS_KEPT_BYTES ((size_t)16 * 1024 * 1024)

struct contacts;
struct deliver_contacts;

/* The store must outlive it; for all threads of a process. */
struct deliver_contacts *deliver_contacts_new(struct store *store);
void deliver_contacts_free(struct deliver_contacts **d);

/* As the books are now; -1: trouble of the store. */
int deliver_contacts_borrow(struct deliver_contacts *d, struct store_account a,
                            struct contacts **out, struct err *err)
	ATTR_MUST_USE;
/* NULL is accepted, and set. */
void deliver_contacts_return(struct deliver_contacts *d, struct contacts **c);

/* `first`: in the default book (RFC 9610, 2), else in any. */
bool contacts_has(const struct contacts *c, struct str address, bool first);

/* The first `max`, as they stand in the cards, each once, in the order of
 * their one form: how many they are.  Views live as long as the loan. */
size_t contacts_list(const struct contacts *c, bool first, struct str *out,
                     size_t max);

#endif
