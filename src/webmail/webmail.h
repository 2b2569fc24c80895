/*
 * webmail/webmail.h - what a browser loads: webmail, settings and panel.
 *
 * All three are one program in the browser (web/), whose files are inside
 * this one.  Routes, to be put into a site's table:
 *
 *	/              to /mail/
 *	/mail/..., /settings/..., /admin/...   the page of the program
 *	/assets/...    its parts; names carry a hash of the content, so they
 *	               are kept for ever
 *	/favicon.ico, /apple-touch-icon.png   the icon, for who asks for it
 *	               without having read the page
 *	/frame         an empty page without scripts, into which the program
 *	               puts the HTML of a message
 *
 *	struct http_route routes[WEBMAIL_ROUTES_N];
 *
 *	webmail_routes(routes);
 */
#ifndef WEBMAIL_WEBMAIL_H
#define WEBMAIL_WEBMAIL_H

#include "http/server.h"

#define WEBMAIL_ROUTES_N 14

void webmail_routes(struct http_route out[WEBMAIL_ROUTES_N]);

#endif
