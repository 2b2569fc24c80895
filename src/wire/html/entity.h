/* wire/html/entity.h - names of characters. Private to wire/html. */
#ifndef WIRE_HTML_ENTITY_H
#define WIRE_HTML_ENTITY_H

#include "base/str.h"

/* The character, or 0.  Case counts. */
uint32_t html_entity_named(struct str name);

#endif
