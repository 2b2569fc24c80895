/*
 * admin/owner.h - whose files are made, when root administers a host.
 *
 * A host started by root runs its roles under users of their own in one
 * common group (server.group).  What root makes beside them must be theirs:
 * the group's, but for the passwords, which are the gate's alone.
 */
#ifndef ADMIN_OWNER_H
#define ADMIN_OWNER_H

#include "base/err.h"

struct config;

struct group;

/* The common group (server.group), or NULL: not root, or there is none.  Lies
 * in static memory of the C library until the next look-up of a group. */
const struct group *owner_group(const struct config *cfg);

/* The data folder is the group's, and what is made in it (set-gid). */
int owner_give_data(const struct config *cfg, struct err *err) ATTR_MUST_USE;

/* From now on what this process makes in the data folder is the group's too.
 * Nothing is done without root, or without such a group. */
int owner_take_group(const struct config *cfg, struct err *err) ATTR_MUST_USE;

/* The roles may pass through this folder, root's, to what lies below. */
int owner_let_pass(const struct config *cfg, const char *dir, struct err *err)
	ATTR_MUST_USE;

/* credentials.db and what lies beside it are the gate's. */
int owner_give_credentials(const struct config *cfg, struct err *err)
	ATTR_MUST_USE;

/* A file or folder that is the keys process's alone; one that is not there is
 * fine. */
int owner_give_key(const struct config *cfg, const char *path, struct err *err)
	ATTR_MUST_USE;

#endif
