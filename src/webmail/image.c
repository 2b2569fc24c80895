#include "webmail/image.h"

#include <stdatomic.h>

#include "config/config.h"
#include "fetch/outside.h"
#include "log/log.h"
#include "os/clock.h"
#include "weblogin/weblogin.h"

#define TIME_US       (10 * US_PER_SEC)
#define REDIRECTS_MAX 4
#define FETCHES_MAX   24 /* each holds a thread and its picture */

static atomic_uint fetches;

/* One request on its way. */
struct picture {
	struct webmail_images *im;
	struct arena *arena;
	int64_t until_us;
	struct dns_budget budget;
	struct fetch_found found;
	struct str bytes;
	const char *type;
};

/* ---- addresses ---- */

static struct fetch_outside outside(const struct webmail_images *im)
{
	struct fetch_outside o = { .dns = im->dns };

	o.networks_n =
		config_list(im->config, OPT_HTTP_IMAGE_NETWORKS, &o.networks);
	return o;
}

/* The status that refuses it; 0: there is an address. */
static int look_up(struct picture *p, const struct fetch_outside *o,
                   const struct http_url *u)
{
	switch (fetch_outside_find(o, &p->budget, u, p->arena, &p->found)) {
	case FETCH_OUTSIDE_OK: return 0;
	case FETCH_OUTSIDE_DENIED: return 403;
	case FETCH_OUTSIDE_UNKNOWN: return 404;
	case FETCH_OUTSIDE_BAD: break;
	}
	return 400;
}

/* ---- fetching ---- */

static int status_of(const struct err *err)
{
	switch (err->kind) {
	case ERR_DENIED: return 403;
	case ERR_TOO_BIG: return 413;
	case ERR_TIMEOUT: return 504;
	default: return 502;
	}
}

static int take_picture(struct picture *p, const struct fetch_answer *ans)
{
	const char *type = webmail_image_type(ans->body);

	if (!type || !str_starts_case(ans->type, STR("image/")) ||
	    str_starts_case(ans->type, STR("image/svg")))
		return 415;
	p->bytes = ans->body;
	p->type = type;
	return 200;
}

/* One request: 200 with the picture, 0 with *url set to where it is said to be,
 * or what to answer. */
static int ask(struct picture *p, struct str *url)
{
	static const struct str headers[] = { STR_INIT("Accept: image/*") };
	struct fetch_outside o = outside(p->im);
	struct fetch_request q = { .headers = headers,
		                   .headers_n = 1,
		                   .may_connect = fetch_outside_connect,
		                   .may_connect_arg = &o,
		                   .addresses = p->found.v };
	struct fetch_answer ans;
	struct err err = ERR_INIT;
	struct http_url u;
	struct buf b;
	int status;

	if (!http_url_parse(*url, &u) || !fetch_outside_port(&u))
		return 403;
	status = look_up(p, &o, &u);
	if (status)
		return status;
	buf_init(&b, HTTP_URL_MAX + 16);
	http_url_write(&b, &u);
	q.url = arena_dup(p->arena, buf_str(&b));
	buf_deinit(&b);
	q.addresses_n = p->found.n;
	q.timeout_us = p->until_us - clock_steady_us();
	q.size_max = (size_t)config_u64(p->im->config, OPT_HTTP_IMAGE_SIZE);
	if (q.timeout_us <= 0)
		return 504;
	if (fetch(&q, p->arena, &ans, &err) < 0)
		return status_of(&err);
	if (ans.status >= 300 && ans.status < 400 && ans.location.n) {
		*url = ans.location;
		return 0;
	}
	return ans.status == 200   ? take_picture(p, &ans)
	       : ans.status >= 500 ? 502
	                           : 404;
}

static int get(struct picture *p, struct str url)
{
	for (int i = 0; i <= REDIRECTS_MAX; i++) {
		int status = ask(p, &url);

		if (status)
			return status;
	}
	return 502;
}

/* ---- the route ---- */

static bool read_url(struct http_exchange *x, struct arena *a, struct str *out)
{
	struct str query = http_request(x)->query, name, value;

	while (http_query_next(&query, &name, &value)) {
		char *z = arena_alloc(a, value.n + 1);
		size_t n;

		if (str_eq(name, STR("url")) &&
		    http_query_decode(value, z, &n)) {
			*out = (struct str){ z, n };
			return n <= HTTP_URL_MAX;
		}
	}
	return false;
}

static void refuse(struct http_exchange *x, int status)
{
	http_reply(x, status, "text/plain; charset=utf-8",
	           STR("There is no picture\n"));
}

static void reply(struct http_exchange *x, const struct picture *p)
{
	http_set(x, "Cache-Control", STR("private, max-age=86400"));
	http_set(x, "Content-Security-Policy",
	         STR("default-src 'none'; sandbox; frame-ancestors 'none'"));
	http_reply(x, 200, p->type, p->bytes);
}

static void serve(struct http_exchange *x, struct arena *a)
{
	struct webmail_images *im = http_arg(x);
	int64_t until = clock_steady_us() + TIME_US;
	struct picture p = { .im = im,
		             .arena = a,
		             .until_us = until,
		             .budget = { .lookups = 2 * (REDIRECTS_MAX + 1),
		                         .until_us = until } };
	struct weblogin_user u;
	struct str url;
	int status;

	if (!weblogin_user(im->weblogin, x, a, &u))
		return;
	/* A foreign page could learn from the cookie's work what is there. */
	if (str_eq(http_head_get(http_request(x), "Sec-Fetch-Site"),
	           STR("cross-site")) ||
	    !config_bool(im->config, OPT_HTTP_IMAGES)) {
		refuse(x, 403);
		return;
	}
	if (!read_url(x, a, &url)) {
		refuse(x, 400);
		return;
	}
	if (atomic_fetch_add(&fetches, 1) < FETCHES_MAX) {
		status = get(&p, url);
	} else {
		http_set(x, "Retry-After", STR("2"));
		status = 503;
	}
	(void)atomic_fetch_sub(&fetches, 1);
	if (status == 200)
		reply(x, &p);
	else
		refuse(x, status);
}

static void image(struct http_exchange *x)
{
	struct arena a;

	arena_init(&a);
	serve(x, &a);
	arena_deinit(&a);
}

void webmail_image_routes(struct webmail_images *im,
                          struct http_route out[WEBMAIL_IMAGE_ROUTES_N])
{
	out[0] = (struct http_route){
		.method = "GET", .path = "/image", .handle = image, .arg = im
	};
}
