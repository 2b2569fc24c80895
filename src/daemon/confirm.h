/* daemon/confirm.h - the page that a target of a forward confirms at. */
#ifndef DAEMON_CONFIRM_H
#define DAEMON_CONFIRM_H

#include "http/server.h"

struct directory;

#define CONFIRM_ROUTES_N 2

/* GET shows a page with one button, POST says yes: a program that only looks
 * at links confirms nothing. */
void confirm_routes(struct directory *dir,
                    struct http_route out[CONFIRM_ROUTES_N]);

#endif
