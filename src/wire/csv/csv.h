/*
 * wire/csv/csv.h - tables as text, RFC 4180, as spreadsheets write them.
 *
 *	struct csv c = csv_open(text);
 *	struct str f[CSV_FIELDS_MAX];
 *
 *	while ((rc = csv_next(&c, &arena, f, &n, err)) != 0)
 *		... 1: a record of n fields, which begins in line c.line
 *		... -1: ERR_INVALID, and the next call goes on behind it
 *
 * Lines end with CRLF or LF, the last one need not.  A field in quotes may
 * hold anything, a quote twice.  The separator is a comma, or a semicolon or
 * a tab when the first line has more of these, as where the comma is for
 * decimals.  A byte order mark and empty lines are passed over.
 */
#ifndef WIRE_CSV_CSV_H
#define WIRE_CSV_CSV_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#define CSV_FIELDS_MAX 32 /* of a record; more are ERR_INVALID */

struct csv {
	struct str rest;
	char separator;
	size_t line; /* of the record read last; the first is 1 */
	size_t next; /* private: of `rest` */
};

struct csv csv_open(struct str text);

/* The fields are views of the text, or lie in the arena. */
int csv_next(struct csv *c, struct arena *a, struct str out[CSV_FIELDS_MAX],
             size_t *n_out, struct err *err) ATTR_MUST_USE;

/* A field of a record with commas, in quotes where it needs them; `first`:
 * none stands before it. */
void csv_write(struct buf *out, struct str field, bool first);

#endif
