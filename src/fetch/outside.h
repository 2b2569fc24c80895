/*
 * fetch/outside.h - fetch what a stranger named, and only from outside.
 *
 * A URL that a customer or a message gives must not lead into the provider's
 * own networks.  Its host is looked up here, addresses of private networks are
 * passed over, and the address is looked at once more when the connection is
 * made; the networks that the operator lets in are the exception.
 *
 *	struct fetch_outside o = { .dns = dns, .networks = list, .networks_n = n };
 *
 *	if (!http_url_parse(text, &url) || !fetch_outside_port(&url)) ...
 *	if (fetch_outside_find(&o, &budget, &url, &arena, &found) == ...)
 *		q.addresses = found.v; q.addresses_n = found.n;
 *		q.may_connect = fetch_outside_connect; q.may_connect_arg = &o;
 */
#ifndef FETCH_OUTSIDE_H
#define FETCH_OUTSIDE_H

#include "dns/client.h"
#include "fetch/fetch.h"
#include "net/addr.h"
#include "wire/http/url.h"

struct fetch_outside {
	struct dns_client *dns;
	const struct str *networks; /* private ones that are let in */
	size_t networks_n;
};

struct fetch_found {
	struct str v[FETCH_ADDRESSES_MAX];
	size_t n; /* 0: the URL has the address itself */
};

enum fetch_outside_answer {
	FETCH_OUTSIDE_OK,
	FETCH_OUTSIDE_DENIED,  /* it has addresses, none of them for us */
	FETCH_OUTSIDE_UNKNOWN, /* the name has no address, or not now */
	FETCH_OUTSIDE_BAD,     /* a number that is no address */
};

bool fetch_outside_allows(const struct fetch_outside *o,
                          const struct net_addr *a);

/* Not one of the well-known ports but those of the web. */
bool fetch_outside_port(const struct http_url *u);

/* Texts live in the arena.  Blocks as dns/client.h does, within the budget. */
enum fetch_outside_answer fetch_outside_find(const struct fetch_outside *o,
                                             struct dns_budget *budget,
                                             const struct http_url *u,
                                             struct arena *a,
                                             struct fetch_found *out);

/* For fetch_request.may_connect; `o` is a struct fetch_outside. */
bool fetch_outside_connect(void *o, const struct sockaddr_storage *to);

#endif
