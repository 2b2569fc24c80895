/*
 * api/api.h - the HTTP API: every operation of admin/operation.h under
 * /api/v1, JSON in and out.
 *
 *	GET /api/v1/openapi.json         describes all of it (OpenAPI 3.1)
 *	GET /api/v1/problems             all references, explained
 *	GET /api/v1/accounts/anna@customer.example
 *	PATCH /api/v1/accounts/anna@customer.example  {"quota_bytes": "5G"}
 *
 * Who asks: a browser's session or Basic with an account's password
 * (weblogin/), or "Authorization: Bearer posthus_..." with a token
 * (RFC 6750), which narrows what its account may.
 *
 * Arguments are parts of the path, then for GET the query, else the members
 * of an object in the body (for DELETE either; a secret never stands in a
 * query).  Errors are problem documents (RFC 9457) with the members
 * `reference` and `field`.  What two people may edit has an ETag; a change
 * with If-Match fails with 412 when it is not that any more.
 *
 * Limits: API_BODY_MAX and a few levels of JSON; panel.requests_per_minute of
 * one account; wrong tokens are counted by client address.
 */
#ifndef API_API_H
#define API_API_H

#include "http/server.h"
#include "weblogin/weblogin.h"

struct admin;
struct config;
struct dns_client;
struct api_server;

#define API_BODY_MAX ((size_t)768 * 1024)

struct api_context {
	const struct config *config;
	struct directory *directory;
	struct admin *admin;    /* admin_lend() */
	struct dns_client *dns; /* NULL: domains are not checked here */
	const struct weblogin *weblogin;
	struct spool_pool *spools; /* for imports */
};

/* Everything of `c` outlives it. */
struct api_server *api_server_new(const struct api_context *c);
void api_server_free(struct api_server **s);

#define API_ROUTES_N 7

/* Rows that answer with `s`. */
void api_routes(struct api_server *s, struct http_route out[API_ROUTES_N]);

#endif
