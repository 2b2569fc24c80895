/*
 * webmail/image.h - the pictures of HTML mail, fetched by this host: /image.
 *
 *	GET /image?url=https%3A%2F%2Fnews.example%2Flogo.png
 *
 * So the sender learns that somebody here asked, but neither from where nor
 * with what.  Only for who is logged in; without cookies, referrer or name of
 * a program; addresses by the resolver alone.  What is private (loopback,
 * link-local, carrier-grade NAT and their like) is refused by address at the
 * moment of connecting, at each redirect anew.  Only pictures by their type
 * and their first bytes, no SVG (it is a program); one size limit, one limit
 * of time for all.
 *
 * 403 private or not wanted, 404 no such name, 413 too large, 415 no picture,
 * 502 and 504 for what the other host does, 503 when too many are under way.
 */
#ifndef WEBMAIL_IMAGE_H
#define WEBMAIL_IMAGE_H

#include "base/arena.h"
#include "http/server.h"

struct config;
struct dns_client;
struct weblogin;

struct webmail_images {
	const struct config *config;
	struct weblogin *weblogin;
	struct dns_client *dns;
};

#define WEBMAIL_IMAGE_ROUTES_N 1

/* `im` must outlive it. */
void webmail_image_routes(struct webmail_images *im,
                          struct http_route out[WEBMAIL_IMAGE_ROUTES_N]);

/* The type of a picture by its first bytes; NULL: none that is shown. */
const char *webmail_image_type(struct str bytes);

#endif
