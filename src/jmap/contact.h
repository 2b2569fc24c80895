/*
 * jmap/contact.h - address books and cards (RFC 9610).
 *
 * Both are objects of the account (store/object.h).  A book's content is the
 * JSON of its properties, its `first` says that it is the default; there is
 * always one book: where none is, it is made.  A card's content is the
 * JSContact Card (RFC 9553) with "addressBookIds", its name the uid, which
 * another card of the account does not have.
 *
 * A picture that came as a blob is kept in the card as a "data:" URI, and
 * shown as a blob again.
 */
#ifndef JMAP_CONTACT_H
#define JMAP_CONTACT_H

#include "jmap/object.h"
#include "store/contact.h"
#include "store/object.h"

#define JMAP_ID_BOOK STORE_ID_BOOK
#define JMAP_ID_CARD 'C'

/* Decoded: it becomes a third larger. */
#define JMAP_CARD_BLOB_MAX ((size_t)320 * 1024)

/* ---- addressbook.c ---- */

struct jmap_book {
	struct object o;              /* o.first: the default one */
	struct str name, description; /* description.p NULL: none */
	uint64_t order;
	bool subscribed;
};

struct jmap_books {
	struct jmap_book *list;
	size_t n;
	uint64_t state; /* the modseq that they are of */
};

/* At least one; -1 after jmap_fail(). */
int jmap_books_read(struct jmap_call *c, struct jmap_books *out) ATTR_MUST_USE;
const struct jmap_book *jmap_books_find(const struct jmap_books *l,
                                        uint64_t no);
/* The content of an object. */
struct str jmap_book_content(struct arena *a, const struct jmap_book *b);

/* ---- card.c ---- */

/* The content as a value; ERR_CORRUPT. */
int jmap_card_parse(const struct object *o, struct json_doc **out,
                    struct err *err) ATTR_MUST_USE;

/* ---- card_media.c ---- */

/* "M12x3f...": the data of a picture of card 12, named by its digest. */
struct str jmap_card_blob_id(struct arena *a, uint64_t no, struct str data);
bool jmap_card_blob_parse(struct str id, uint64_t *no_out);
/* Its bytes and type live in the arena. */
int jmap_card_blob_open(struct store *s, struct store_account a, struct str id,
                        struct arena *arena, struct str *out, struct str *type,
                        struct err *err) ATTR_MUST_USE;
/* "media" with a blobId for each "data:" URI. */
void jmap_card_media_show(struct json_writer *w, struct arena *a, uint64_t no,
                          struct json media);
/* "media" with a "data:" URI for each blobId. */
int jmap_card_media_keep(struct jmap_set *s, struct json_writer *w,
                         struct json media) ATTR_MUST_USE;

#endif
