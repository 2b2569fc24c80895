/*
 * admin/table.h - a table of addresses (CSV) that somebody wants made.
 *
 * It is read and checked whole: each line as it stands and beside the others
 * and what is there.  What is wrong is kept by line, for the person who wrote
 * the table; making (ops_table.c) begins only where nothing is.
 */
#ifndef ADMIN_TABLE_H
#define ADMIN_TABLE_H

#include "admin/ops.h"
#include "base/map.h"

#define TABLE_ERRORS_MAX  100 /* the rest is not told */
#define TABLE_TARGETS_MAX 200 /* of an address */

enum table_column {
	TABLE_ADDRESS,
	TABLE_TYPE,
	TABLE_NAME,
	TABLE_PASSWORD,
	TABLE_TARGET,
	TABLE_KEEP,
	TABLE_QUOTA,
	TABLE_COLUMNS,
};

struct table_row {
	size_t line;
	struct str f[TABLE_COLUMNS];
	struct str address; /* canonical */
	bool alias, catchall, failed;
	struct str targets[TABLE_TARGETS_MAX];
	size_t targets_n;
	uint64_t quota;
};

struct table_complaint {
	size_t line;
	struct str address, why;
};

struct table_import {
	struct admin_call *c;
	struct table_row *rows;
	size_t n, made;
	struct map seen; /* canonical address -> row */
	struct table_complaint errors[TABLE_ERRORS_MAX];
	size_t errors_n;
};

/* Read and check all of the argument "csv" of m->c, whose arena holds the
 * rows.  ERR_INVALID, ERR_TOO_BIG when it is no table; 0 also when there are
 * errors of lines.  m->seen is the caller's to deinit, whatever comes. */
int admin_table_read(struct table_import *m, struct err *err) ATTR_MUST_USE;

/* This line cannot be made: kept with the words of *err, which is cleared. */
void admin_table_fail(struct table_import *m, struct table_row *r,
                      struct err *err);

#endif
