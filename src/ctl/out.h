/*
 * ctl/out.h - one way to show data: a table, tab-separated lines, or JSON.
 *
 * A command names its columns and gives its rows; which form they take is
 * decided here.  At a terminal: aligned columns with a header, sizes and times
 * for people.  Else one line a row, values parted by tabs, exact numbers and
 * absolute times, no header.  With --json: an array of objects, or, for
 * `single`, one object.  A single row is shown as "name  value" lines.
 *
 *	static const struct out_column columns[] = {
 *		{ "address", "ADDRESS" }, { "quota_bytes", "QUOTA" }, ...
 *	};
 *	struct out o;
 *
 *	out_begin(&o, c, columns, 2, false);
 *	out_text(&o, address);
 *	out_bytes(&o, quota);
 *	...
 *	return out_end(&o);
 */
#ifndef CTL_OUT_H
#define CTL_OUT_H

#include "base/buf.h"
#include "ctl/command.h"
#include "wire/json/write.h"

struct out_column {
	const char *key;   /* in JSON; never changes its meaning */
	const char *title; /* for people; NULL: not shown in a table */
};

struct out {
	struct ctl *c; /* private, as all here */
	const struct out_column *columns;
	size_t n, at;
	size_t rows; /* complete so far; read it */
	bool single;
	struct buf bytes;
	struct json_writer json;
	/* Cells that wait until the widths are known. */
	struct str *cells;
	size_t cells_n, cells_cap;
};

void out_begin(struct out *o, struct ctl *c, const struct out_column *columns,
               size_t n, bool single);

/* The next value of the row; after the last column the row is done. */
void out_text(struct out *o, struct str s);
/* A text that is JSON; "": null. */
void out_json(struct out *o, struct str json);
void out_z(struct out *o, const char *z);
void out_number(struct out *o, uint64_t v);
void out_bytes(struct out *o, uint64_t v);
void out_time(struct out *o, int64_t us); /* 0: never */
void out_flag(struct out *o, bool v);
void out_list(struct out *o, const struct str *items, size_t n);
void out_none(struct out *o);

/* Writes what is left; CTL_OK, or CTL_FAILED when stdout took it not. */
int out_end(struct out *o);

/* "1.2 GB"; "3 min ago", "in 2 h". */
void out_size_text(struct buf *b, uint64_t v);
void out_time_text(struct buf *b, int64_t us, int64_t now_us);
/* "2026-03-01T12:00:00Z" */
void out_time_exact(struct buf *b, int64_t us);

/* All of it to stdout; CTL_OK or CTL_FAILED. */
int out_write(struct ctl *c, struct str s);

#endif
