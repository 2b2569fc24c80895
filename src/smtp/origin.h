/*
 * smtp/origin.h - what DNS says of the client and the sender; private.
 *
 * Looked up when a rule wants it and once for a transaction; kept there, so
 * that greylisting and the end of the data find it.  A host without a
 * resolver, and a client of policy.exempt, are not asked about.
 */
#ifndef SMTP_ORIGIN_H
#define SMTP_ORIGIN_H

#include "smtp/session.h"

/* Is this client one that HELO and SPF do not judge? */
bool smtp_origin_exempt(struct net_session *s);

/* The facts for R17 and R18, asked now unless they were before; left as they
 * are when the mode is off or there is nobody to ask. */
void smtp_origin_helo(struct net_session *s, struct smtp *c,
                      struct policy_facts *f);
void smtp_origin_spf(struct net_session *s, struct smtp *c,
                     struct policy_facts *f);

#endif
