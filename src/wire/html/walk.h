/*
 * wire/html/walk.h - the tags of HTML, one after the other.
 *
 * For those who look at what a reader does not see: where links lead, what
 * is hidden.  Not a browser: no tree, no errors, linear time, nothing
 * allocated.  Comments are passed over; what stands in script, style,
 * title and textarea comes as HTML_RAW.  All views point into the input, and
 * entities in them stay as they are (html_unescape()).
 *
 *	struct html_walk w = html_walk(html);
 *	struct html_token t;
 *
 *	while (html_next(&w, &t))
 *		if (t.kind == HTML_OPEN && str_eq_case(t.name, STR("a")) &&
 *		    html_attr(t.attrs, STR("href"), &href))
 *			...
 */
#ifndef WIRE_HTML_WALK_H
#define WIRE_HTML_WALK_H

#include "base/buf.h"

enum html_kind {
	HTML_TEXT,  /* `text` between tags */
	HTML_OPEN,  /* `name`, `attrs`, `empty` */
	HTML_CLOSE, /* `name` */
	HTML_RAW,   /* `text` inside the element `name` */
};

struct html_token {
	enum html_kind kind;
	struct str name;  /* as written; compare without case */
	struct str attrs; /* all behind the name, for html_attr() */
	struct str text;
	bool empty; /* "<br/>" */
};

struct html_walk {
	struct str rest; /* private */
	struct str raw;  /* private: the element whose content comes next */
};

struct html_walk html_walk(struct str html);
bool html_next(struct html_walk *w, struct html_token *out);

/* The value of an attribute, quotes off, blanks at its ends too; empty for
 * one without a value.  The first of a name counts. */
bool html_attr(struct str attrs, struct str name, struct str *out);

/* Add `s` with its entities decoded. */
void html_unescape(struct buf *out, struct str s);

#endif
