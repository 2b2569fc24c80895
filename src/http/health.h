/*
 * http/health.h - /healthz, /readyz and /metrics, for the loopback listener.
 *
 * The texts come from callbacks; `app` of the http_context is the
 * http_health.
 *
 *	static struct http_health health = { .ready = ready, ... };
 *	static struct http_context c = HTTP_HEALTH_CONTEXT(&health);
 */
#ifndef HTTP_HEALTH_H
#define HTTP_HEALTH_H

#include "base/buf.h"
#include "http/server.h"

struct http_health {
	/* True, or false and one sentence in *why. */
	bool (*ready)(void *arg, struct buf *why);
	/* All figures as Prometheus text (log/metric.h). */
	void (*metrics)(void *arg, struct buf *out);
	void *arg;
};

extern const struct http_route http_health_routes[];

#define HTTP_HEALTH_ROUTES_N 3

#define HTTP_HEALTH_CONTEXT(health)                                \
	{                                                          \
		.routes = http_health_routes,                      \
		.routes_n = HTTP_HEALTH_ROUTES_N, .app = (health), \
		.policy = HTTP_POLICY_DATA,                        \
	}

#endif
