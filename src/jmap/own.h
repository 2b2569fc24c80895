/*
 * jmap/own.h - urn:x-posthus:mail, what no standard has (docs/jmap.md).
 *
 *	DeletedEmail/count, query, get, purge, restore
 *	                 messages that a mail program flagged \Deleted and that
 *	                 were not purged yet; JMAP hides them (RFC 8621, 4.1.1)
 *	EmailTrail/get   what happened to a message
 *	Email/unsubscribe
 *	                 leave a mailing list by one request (RFC 8058)
 *	SendLimit/get    how full the windows of sending are (R26-R28)
 */
#ifndef JMAP_OWN_H
#define JMAP_OWN_H

#include "jmap/call.h"

int jmap_deleted_count(struct jmap_call *c);
int jmap_deleted_query(struct jmap_call *c);
int jmap_deleted_get(struct jmap_call *c);
int jmap_deleted_purge(struct jmap_call *c);
int jmap_deleted_restore(struct jmap_call *c);
int jmap_trail_get(struct jmap_call *c);
int jmap_limit_get(struct jmap_call *c);
int jmap_unsubscribe(struct jmap_call *c);

#endif
