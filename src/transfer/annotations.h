/*
 * transfer/annotations.h - annotations beside the mail (RFC 5464).
 *
 * Export writes PATH/annotations.jsonl, one a line:
 *
 *	{ "mailbox": "Work", "name": "/private/comment", "value": "mine" }
 *	{ "mailbox": "", "name": "/shared/bytes", "base64": "/wA=" }
 *
 * The mailbox "" stands for the account itself.  Values that are no text are
 * base64.  Import leaves what the account has already, and reports what is no
 * annotation or of a mailbox that is not there.
 */
#ifndef TRANSFER_ANNOTATIONS_H
#define TRANSFER_ANNOTATIONS_H

#include "transfer/transfer.h"

int annotations_export(const struct transfer *t, const char *path,
                       struct err *err) ATTR_MUST_USE;
int annotations_import(const struct transfer *t, const char *path,
                       struct transfer_counts *n, struct err *err)
	ATTR_MUST_USE;

#endif
