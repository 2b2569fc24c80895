/*
 * store/contact.h - address books and cards: what all who write them keep to.
 *
 * They are objects (store/object.h).  A book's content is JSON with "name",
 * "description", "sortOrder" and "isSubscribed", its `first` is 1 for the
 * default one.  A card's content is a JSContact Card (RFC 9553) with
 * "addressBookIds" (RFC 9610, 3), its name the uid.
 */
#ifndef STORE_CONTACT_H
#define STORE_CONTACT_H

#include <stddef.h>
#include <stdint.h>

#define STORE_ID_BOOK 'B' /* as cards name theirs */

/* The name of the object that is the first book: there are never two. */
#define CONTACT_FIRST_BOOK "first"

#define CONTACT_BOOKS_MAX  100
#define CONTACT_CARDS_MAX  20000
/* Of one card, its pictures with it; and of all that are larger than a small
 * one (store/object.h). */
#define CONTACT_CARD_MAX  ((size_t)512 * 1024)
#define CONTACT_BYTES_MAX ((uint64_t)64 * 1024 * 1024)

#endif
