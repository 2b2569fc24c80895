/*
 * help/help.h - the help centre: pages for people, without a login (R38).
 *
 * Every refusal's last line leads here (".../help/R-UNKNOWN"), and the set-up
 * documents name it.  All that the pages say of this host comes from where it
 * is decided: names and ports from config/endpoints.h, limits from the
 * settings, references from policy/replies.h.
 *
 *	struct help_site site = { .config = cfg };
 *	struct http_route routes[HELP_ROUTES_N];
 *
 *	help_routes(&site, routes);
 *
 * /help/            what there is, and a field to paste an error into
 * /help/find?q=     what an error message means
 * /help/setup       names, ports, and steps for each mail program
 * /help/limits      what may be sent and received, with the live numbers
 * /help/TOPIC       alias, catch-all, imap-pop3, spf ...
 * /help/REFERENCE   R-UNKNOWN, L-5M ...
 */
#ifndef HELP_HELP_H
#define HELP_HELP_H

#include "http/server.h"

struct config;

struct help_site {
	const struct config *config;
};

#define HELP_ROUTES_N 4

/* Rows that answer with `site`, which must outlive them. */
void help_routes(struct help_site *site, struct http_route *out);

#endif
