/*
 * wire/http/fields.h - what single fields of a request say.
 */
#ifndef WIRE_HTTP_FIELDS_H
#define WIRE_HTTP_FIELDS_H

#include "wire/http/request.h"

/* Does Accept-Encoding (RFC 9110, 12.5.3) take this coding?  One with a
 * weight of 0 it does not; "*" stands for all that are not named. */
bool http_accepts(struct str list, const char *coding);

/* Which of these languages ("en", "da", ended by NULL) Accept-Language (RFC
 * 9110, 12.5.4) likes most, by the first subtag alone (RFC 4647, 3.4); the
 * first of them when it likes none.  Never NULL. */
const char *http_language(struct str list, const char *const *have);

/* Does If-None-Match (RFC 9110, 13.1.2) name this entity tag, given with its
 * quotes?  Compared weakly. */
bool http_etag_listed(struct str list, struct str etag);

/* The value of the first cookie of this name (RFC 6265, 4.2), from any of the
 * Cookie fields; false when there is none. */
bool http_cookie_get(const struct http_head *h, const char *name,
                     struct str *out);

#endif
