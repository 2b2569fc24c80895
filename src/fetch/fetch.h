/*
 * fetch/fetch.h - one HTTP request to somebody else, and the answer.
 *
 * Blocks until the answer is there or its time is over (it says so to
 * os/blocking.h).  Names are not looked up here: the caller gives the
 * addresses that the resolver found, so that what is asked is under its
 * control; a URL with an address, or with "localhost", needs none.  Nothing
 * is followed but what was asked: no redirects, no proxies, no cookies; only
 * http and https, with certificates verified.
 *
 *	struct fetch_request q = {
 *		.url = STR("https://mta-sts.example.com/.well-known/mta-sts.txt"),
 *		.addresses = addresses, .addresses_n = n,
 *		.timeout_us = 10 * US_PER_SEC, .size_max = 65536,
 *	};
 *	struct fetch_answer ans;
 *
 *	if (fetch(&q, &arena, &ans, err) < 0)
 *		...ERR_TIMEOUT, ERR_TOO_BIG, ERR_TEMP, ERR_INVALID, ERR_DENIED...
 *	if (ans.status == 200) ...
 */
#ifndef FETCH_FETCH_H
#define FETCH_FETCH_H

#include <stdbool.h>
#include <sys/socket.h>

#include "base/arena.h"
#include "base/err.h"

#define FETCH_HEADERS_MAX   20
#define FETCH_ADDRESSES_MAX 16
#define FETCH_WANTED_MAX    4

struct fetch_request {
	struct str url;
	const struct str *addresses; /* "192.0.2.1", "2001:db8::1" */
	size_t addresses_n;

	bool post; /* with `body`; else GET */
	struct str body;
	const struct str *headers; /* "Name: value", without line ends */
	size_t headers_n;

	int64_t timeout_us; /* all together */
	size_t size_max;    /* of the answer's body */
	/* Names of header fields whose values are asked for, at most
	 * FETCH_WANTED_MAX; others are not looked at. */
	const char *const *wanted;
	size_t wanted_n;
	const char *ca_file; /* to trust besides nothing else; NULL: the
	                      * system's */
	/* Asked with the address itself, whatever led to it, right before the
	 * connection is made; NULL: any. */
	bool (*may_connect)(void *arg, const struct sockaddr_storage *to);
	void *may_connect_arg;
};

struct fetch_answer {
	unsigned status;     /* 200; every other is an answer too */
	struct str body;     /* in the arena, NUL-ended */
	struct str type;     /* Content-Type, or empty */
	struct str location; /* of a redirect, whole; or empty */
	struct str found[FETCH_WANTED_MAX]; /* in the order asked for; the last
	                                     * one of a name, or empty */
};

/* ERR_DENIED: the certificate does not hold, or may_connect() said no.  ERR_INVALID: no such URL, or a
 * header that would be two. */
int fetch(const struct fetch_request *q, struct arena *a,
          struct fetch_answer *out, struct err *err) ATTR_MUST_USE;

#endif
