/*
 * wire/http/url.h - read the URL of something to fetch (RFC 3986; RFC 9110,
 * 4.2), strictly.
 *
 * What two programs could read in two ways is none: user names, other schemes,
 * blanks, backslashes, controls and bytes above 127, numbers of addresses in
 * other forms than RFC 3986, 3.2.2 has them.  http_url_write() gives the one
 * spelling of it, without fragment, which every library reads the same.
 */
#ifndef WIRE_HTTP_URL_H
#define WIRE_HTTP_URL_H

#include "base/buf.h"

#define HTTP_URL_MAX 4096

struct http_url {
	bool tls;            /* https */
	struct str host;     /* a name, an IPv4 address, or an IPv6 address
	                      * without its brackets */
	bool is_ip4, is_ip6; /* else a name that is no number */
	uint8_t ip[16];
	uint16_t port;
	struct str target; /* path and query, "/" at least */
};

/* Views of `s`. */
bool http_url_parse(struct str s, struct http_url *out);

void http_url_write(struct buf *b, const struct http_url *u);

#endif
