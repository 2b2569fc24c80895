/*
 * transfer/contacts.h - address books and cards beside the mail.
 *
 * Export writes PATH/contacts.jsonl, the books before the cards, one a line:
 *
 *	{"id":"B1","default":true,"book":{"name":"Contacts", ...}}
 *	{"@type":"Card","uid":"urn:uuid:...","addressBookIds":{"B1":true}, ...}
 *
 * A card is a JSContact Card (RFC 9553).  Import puts the cards of the default
 * book into the default book that is there, those of another into the book of
 * its name, which is made where there is none.  A card whose uid is there
 * already stays as it is; what is no card is reported.
 */
#ifndef TRANSFER_CONTACTS_H
#define TRANSFER_CONTACTS_H

#include "transfer/transfer.h"

int contacts_export(const struct transfer *t, const char *path, struct err *err)
	ATTR_MUST_USE;
int contacts_import(const struct transfer *t, const char *path,
                    struct transfer_counts *n, struct err *err) ATTR_MUST_USE;

#endif
