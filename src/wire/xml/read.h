/*
 * wire/xml/read.h - the elements of an XML document (by expat).
 *
 * What mail programs send us is flat: elements with a text.  The reader calls
 * back for each element that has no other inside, with its local name (any
 * namespace prefix is left off) and its text without the blanks around it.
 * UTF-8, UTF-16 and a byte order mark are read.
 *
 *	static bool leaf(void *arg, struct str name, struct str text);
 *
 *	if (xml_each_leaf(bytes, leaf, &found, err) < 0)
 *		... ERR_INVALID with line and reason, or ERR_TOO_BIG
 *
 * A document type is refused: with it go entities that are files, or that
 * grow without end.
 */
#ifndef WIRE_XML_READ_H
#define WIRE_XML_READ_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#define XML_BYTES_MAX ((size_t)64 * 1024)
#define XML_DEPTH_MAX 32
#define XML_TEXT_MAX  ((size_t)4096) /* of one element */

/* `each` returns false to stop, which is no error. */
int xml_each_leaf(struct str xml,
                  bool (*each)(void *arg, struct str name, struct str text),
                  void *arg, struct err *err) ATTR_MUST_USE;

/* The same of any document up to `bytes_max`, with the elements around the
 * leaves: XML_OPEN when one begins, XML_CLOSE when it ends, with its text if
 * nothing was inside (of a leaf over XML_TEXT_MAX, a view of NULL). */
enum xml_event { XML_OPEN, XML_CLOSE };

int xml_each(struct str xml, size_t bytes_max,
             bool (*each)(void *arg, enum xml_event event, struct str name,
                          struct str text),
             void *arg, struct err *err) ATTR_MUST_USE;

/* Add `s` as content of an element or of a quoted attribute: & < > and
 * quotes are escaped, what XML 1.0 has no place for is left out. */
void xml_add(struct buf *out, struct str s);

#endif
