/*
 * daemon/users.h - under whose rights a role runs.
 *
 * Started by root, each role becomes the user of its name (server.user_prefix
 * before it) in the common group (server.group); a role without such a user
 * is not started.  When the group does not exist the machine was not set up
 * for it (a container, a test): then all run as they were started.  Started
 * by anyone else all run under that user.
 */
#ifndef DAEMON_USERS_H
#define DAEMON_USERS_H

#include "config/config.h"

/* In the child before exec. */
int users_become(const struct config *cfg, const char *role, struct err *err)
	ATTR_MUST_USE;

#endif
