/*
 * text/idn.h - domain names in letters of all scripts (RFC 5890, UTS 46).
 *
 * Inside the program a domain has one form: A-labels, lower case, no dot at
 * the end ("xn--bcher-kva.example").  What comes from outside is brought to
 * it here; what people read is turned back.
 */
#ifndef TEXT_IDN_H
#define TEXT_IDN_H

#include "base/arena.h"
#include "base/err.h"

/* A name is at most 253 bytes as A-labels (RFC 1035, 2.3.4). */
#define TEXT_DOMAIN_MAX 253

/* The one form.  ERR_INVALID for what is no host name: empty labels, over 63
 * bytes in one, characters IDNA forbids, a hyphen at an end, underscores.
 * Address literals in brackets are not names.  *out lies in the arena. */
int text_domain_normal(struct arena *a, struct str domain, struct str *out,
                       struct err *err) ATTR_MUST_USE;

/* For people to read: U-labels in NFC.  What cannot be turned back, or would
 * not lead to the same A-labels again, stays as it is.  Never fails. */
struct str text_domain_display(struct arena *a, struct str domain);

/* An address, "local@domain" or a domain alone, with its domain in the one
 * form and the local part in NFC and lower case: the key addresses are looked
 * up by (R6, R41).  The local part is cut at the last '@'. */
int text_address_normal(struct arena *a, struct str address, struct str *out,
                        struct err *err) ATTR_MUST_USE;

#endif
