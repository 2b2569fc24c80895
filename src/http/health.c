#include "http/health.h"

#define TEXT        "text/plain; charset=utf-8"
#define METRICS     "text/plain; version=0.0.4; charset=utf-8"
#define METRICS_MAX ((size_t)1024 * 1024)

/* The process answers: that is all this says. */
static void healthz(struct http_exchange *x)
{
	http_reply(x, 200, TEXT, STR("ok\n"));
}

static void readyz(struct http_exchange *x)
{
	struct http_health *h = http_app(x);
	struct buf why;

	buf_init(&why, 1000);
	if (h->ready(h->arg, &why)) {
		http_reply(x, 200, TEXT, STR("ready\n"));
	} else {
		buf_add_c(&why, '\n');
		http_reply(x, 503, TEXT, buf_str(&why));
	}
	buf_deinit(&why);
}

static void metrics(struct http_exchange *x)
{
	struct http_health *h = http_app(x);
	struct buf out;

	buf_init(&out, METRICS_MAX);
	h->metrics(h->arg, &out);
	if (buf_overflow(&out))
		http_reply(x, 500, TEXT, STR("too many figures\n"));
	else
		http_reply(x, 200, METRICS, buf_str(&out));
	buf_deinit(&out);
}

const struct http_route http_health_routes[HTTP_HEALTH_ROUTES_N] = {
	{ .method = "GET", .path = "/healthz", .handle = healthz },
	{ .method = "GET", .path = "/readyz", .handle = readyz },
	{ .method = "GET", .path = "/metrics", .handle = metrics },
};
