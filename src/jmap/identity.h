/*
 * jmap/identity.h - in whose name an account sends (RFC 8621, 6).
 *
 * Identities are objects of the account (store/object.h), their content the
 * JSON of the properties.  One for the account's own address and one for each
 * address granted to it are always there: before each call what the directory
 * says is compared with them.  The owner may make others for addresses that
 * the policy lets them send from (R23, R24).
 */
#ifndef JMAP_IDENTITY_H
#define JMAP_IDENTITY_H

#include "jmap/object.h"
#include "store/object.h"

#define JMAP_ID_IDENTITY   'I'
#define JMAP_IDENTITIES    200
#define JMAP_SIGNATURE_MAX ((size_t)256 * 1024)

struct jmap_identity {
	struct object o; /* o.first: it comes and goes with its address */
	struct str email, name, text_signature, html_signature;
	/* JSON: a list, or "null". */
	struct str reply_to, bcc;
	struct str given; /* the person's name when it was made */
};

/* All of the account, in the call's arena, after they were compared with the
 * directory; -1 after jmap_fail(). */
int jmap_identities(struct jmap_call *c, struct jmap_identity **out, size_t *n)
	ATTR_MUST_USE;

/* The content of an object. */
struct str jmap_identity_content(struct arena *a,
                                 const struct jmap_identity *it);

#endif
