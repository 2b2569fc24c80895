/*
 * help/page.h - private to help/: a page is written piece by piece.
 *
 *	struct page p;
 *
 *	page_begin(&p, x, "Limits");
 *	page_text(&p, "Text with <b>no</b> markup: it is escaped.");
 *	page_end(&p);               answers the request
 */
#ifndef HELP_PAGE_H
#define HELP_PAGE_H

#include "base/arena.h"
#include "base/buf.h"
#include "http/server.h"

struct config;

#define PAGE_MAX ((size_t)256 * 1024)

struct page {
	struct http_exchange *x;
	struct arena arena;
	struct buf out;
	int status;
};

void page_begin(struct page *p, struct http_exchange *x, const char *title);
void page_end(struct page *p); /* the answer; cannot be used after it */

void page_raw(struct page *p, const char *html);
void page_add(struct page *p, struct str text); /* escaped */
void page_z(struct page *p, const char *text);  /* escaped */
void page_fmt(struct page *p, const char *fmt, ...) ATTR_PRINTF(2, 3);

void page_heading(struct page *p, const char *text);
void page_text(struct page *p, const char *text); /* a paragraph */
/* A line in the style of machines: what a server said, a name to type. */
void page_code(struct page *p, struct str text);

/* A table of rows of cells. */
void page_table(struct page *p, const char *const *heads, size_t n);
void page_row(struct page *p, const struct str *cells, size_t n);
void page_table_end(struct page *p);

/* The pages. */
void help_show_index(struct page *p);
void help_show_setup(struct page *p, const struct config *cfg);
void help_show_limits(struct page *p, const struct config *cfg);
/* False when there is none of this name. */
bool help_show_topic(struct page *p, struct str name, const struct config *cfg);
void help_list_topics(struct page *p);
const char *help_topic_title(struct str name); /* NULL: none */

extern const char help_style[];

#endif
