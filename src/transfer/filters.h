/*
 * transfer/filters.h - scripts and the vacation beside the mail.
 *
 * Export writes PATH/sieve/: a file for each script, byte for byte, and
 * index.json, which has their names (a file's may differ: what a file system
 * dislikes is "_" there), which is active, and the vacation:
 *
 *	{ "scripts": [ { "file": "main.sieve", "name": "main", "active": true } ],
 *	  "vacation": { "on": true, "from": 0, "until": 1798761600, "days": 7,
 *	                "subject": "", "text": "I am away.", "html": "" } }
 *
 * Times are seconds since 1970 in UTC, 0: open.  Import takes that; without an
 * index every NAME.sieve is a script, none active.  What the account has
 * already stays: a script of the same name, an active script, a vacation.  A
 * script that does not compile is reported and not taken.
 */
#ifndef TRANSFER_FILTERS_H
#define TRANSFER_FILTERS_H

#include "transfer/transfer.h"

int filters_export(const struct transfer *t, const char *path,
                   struct transfer_counts *n, struct err *err) ATTR_MUST_USE;
int filters_import(const struct transfer *t, const char *path,
                   struct transfer_counts *n, struct err *err) ATTR_MUST_USE;

#endif
