/*
 * transfer/identities.h - names and signatures beside the mail.
 *
 * Export writes PATH/identities.json:
 *
 *	[ { "fixed": true, "identity": { "email": "bo@b.example",
 *	    "name": "Bo", "textSignature": "", ... } } ]
 *
 * "fixed" are those that an account has for its own and its granted addresses.
 * Import fills in one that was not changed there yet, and makes the others
 * unless there is one of the same content.  What is no identity is reported.
 */
#ifndef TRANSFER_IDENTITIES_H
#define TRANSFER_IDENTITIES_H

#include "transfer/transfer.h"

int identities_export(const struct transfer *t, const char *path,
                      struct err *err) ATTR_MUST_USE;
int identities_import(const struct transfer *t, const char *path,
                      struct transfer_counts *n, struct err *err) ATTR_MUST_USE;

#endif
