/*
 * deliver/srs.h - envelope senders of what is passed on to elsewhere.
 *
 * What comes from outside and leaves by an alias or a forward gets a sender of
 * the domain that forwards (wire/srs/srs.h), so that SPF passes at the next
 * host; the message itself is not touched, so that its signatures hold.  The
 * null sender stays, and so does a sender of a domain that is hosted here: for
 * that this host is a rightful sender anyway.
 *
 * A recipient of that form is taken only in a bounce, with the null sender
 * (as other mail servers do it): from anybody else it is an unknown address.
 */
#ifndef DELIVER_SRS_H
#define DELIVER_SRS_H

#include "deliver/route.h"

/* The sender to forward with; `by` is the address that forwards, here.
 * *out is `sender` itself when it need not, or can not, be rewritten. */
int deliver_srs_sender(struct directory *dir, struct str sender, struct str by,
                       int64_t now_us, struct arena *a, struct str *out,
                       struct err *err) ATTR_MUST_USE;

/* Of a recipient from outside: 1 and *out when it is such an address of a
 * domain hosted here (NOBODY when it is a bad one), 0 when it is none, -1. */
int deliver_srs_route(struct directory *dir, struct store *store,
                      bool null_sender, struct str local, struct str domain,
                      int64_t now_us, struct arena *a, struct route *out,
                      struct err *err) ATTR_MUST_USE;

#endif
