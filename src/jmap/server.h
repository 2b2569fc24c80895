/*
 * jmap/server.h - JMAP (RFC 8620, RFC 8621) over the http server.
 *
 * Routes, to be put into a site's table:
 *
 *	/.well-known/jmap, /jmap/session     who am I, what is there
 *	/jmap/api                            method calls
 *	/jmap/upload/ACCOUNT/                a blob in, streamed to the disk
 *	/jmap/download/ACCOUNT/BLOB/NAME     a blob out, in pieces
 *	/jmap/view/ACCOUNT/BLOB/NAME         the same, shown when it is a PDF
 *	/jmap/export/ACCOUNT/NAME            mail as mbox or ZIP, in pieces
 *	/jmap/eventsource                    states, as they change
 *	/jmap/socket                         both over WebSocket (RFC 8887)
 *
 * Every request says who sends it, by a browser's cookie or Authorization:
 * Basic (weblogin/weblogin.h); R25's lock is 429 with Retry-After.  A login
 * sees one account, its own.
 *
 *	struct jmap_server *j = jmap_server_new(&context);
 *	struct http_route routes[JMAP_ROUTES_N];
 *
 *	jmap_routes(j, routes);
 *	...
 *	jmap_server_free(&j);     no listener may serve it any more
 */
#ifndef JMAP_SERVER_H
#define JMAP_SERVER_H

#include "http/server.h"

struct config;
struct directory;
struct dns_client;
struct gate_client;
struct intake;
struct keys_client;
struct net_engine;
struct news;
struct push_book;
struct queue;
struct spool_pool;
struct store;
struct weblogin;

/* All pointers live as long as the listeners do. */
struct jmap_context {
	const struct config *config;
	struct store *store;
	struct directory *directory;
	struct gate_client *gate;
	const struct weblogin *weblogin;
	struct spool_pool *spools;
	struct net_engine *engine;
	struct news *news;
	struct intake *intake;    /* what is sent goes there; NULL: nothing */
	struct queue *queue;      /* where it then waits */
	const char *dir;          /* the data folder: of the trail */
	struct push_book *push;   /* subscriptions; NULL: nothing is pushed */
	struct keys_client *keys; /* signs what is pushed */
	struct dns_client *dns;   /* NULL: lists are not left */
};

#define JMAP_ROUTES_N 9

struct jmap_server;

struct jmap_server *jmap_server_new(const struct jmap_context *ctx);
void jmap_server_free(struct jmap_server **j);

void jmap_routes(struct jmap_server *j, struct http_route out[JMAP_ROUTES_N]);

#endif
