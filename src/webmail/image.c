#include "webmail/image.h"

#include <stdatomic.h>
#include <string.h>

#include "config/config.h"
#include "dns/client.h"
#include "fetch/fetch.h"
#include "log/log.h"
#include "net/sockaddr.h"
#include "os/clock.h"
#include "weblogin/weblogin.h"
#include "wire/http/url.h"

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
	struct str addresses[FETCH_ADDRESSES_MAX];
	size_t addresses_n;
	struct str bytes;
	const char *type;
};

/* ---- addresses ---- */

static bool is_allowed(const struct webmail_images *im,
                       const struct net_addr *a)
{
	const struct str *list;
	size_t n;

	if (!net_addr_is_private(a))
		return true;
	n = config_list(im->config, OPT_HTTP_IMAGE_NETWORKS, &list);
	for (size_t i = 0; i < n; i++) {
		struct net_prefix p;
		struct err err = ERR_INIT;

		if (net_prefix_parse(list[i], &p, &err) == 0 &&
		    net_prefix_has(&p, a))
			return true;
	}
	return false;
}

static bool may_connect(void *arg, const struct sockaddr_storage *to)
{
	struct net_addr a;

	net_sockaddr_read(to, &a);
	return is_allowed(arg, &a);
}

static void keep_address(struct picture *p, enum net_family family,
                         struct str raw)
{
	char text[NET_ADDR_TEXT_MAX];
	struct net_addr a = { .family = family };

	if (raw.n != (family == NET_IPV4 ? 4 : 16) ||
	    p->addresses_n == FETCH_ADDRESSES_MAX)
		return;
	memcpy(a.ip, raw.p, raw.n);
	if (is_allowed(p->im, &a))
		p->addresses[p->addresses_n++] =
			arena_dup(p->arena, str_z(net_addr_text(&a, text)));
}

/* The status that refuses it; 0: there is an address. */
static int look_up(struct picture *p, const struct http_url *u)
{
	static const struct {
		enum dns_type type;
		enum net_family family;
	} kinds[] = { { DNS_A, NET_IPV4 }, { DNS_AAAA, NET_IPV6 } };
	struct dns_answer ans;
	size_t found = 0;

	p->addresses_n = 0;
	for (int i = 0; i < 2; i++) {
		dns_lookup_within(p->im->dns, &p->budget, u->host,
		                  kinds[i].type, p->arena, &ans);
		for (size_t k = 0; ans.status == DNS_OK && k < ans.n; k++)
			keep_address(p, kinds[i].family, ans.rdata[k]);
		found += ans.status == DNS_OK ? ans.n : 0;
	}
	if (p->addresses_n)
		return 0;
	return found ? 403 : 404;
}

static int check_number(struct picture *p, const struct http_url *u)
{
	struct net_addr a;
	struct err err = ERR_INIT;

	if (net_addr_parse(u->host, &a, &err) < 0)
		return 400;
	return is_allowed(p->im, &a) ? 0 : 403;
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
	struct fetch_request q = { .headers = headers,
		                   .headers_n = 1,
		                   .may_connect = may_connect,
		                   .addresses = p->addresses };
	struct fetch_answer ans;
	struct err err = ERR_INIT;
	struct http_url u;
	struct buf b;
	int status;

	if (!http_url_parse(*url, &u) ||
	    (u.port < 1024 && u.port != 80 && u.port != 443))
		return 403;
	status = u.is_ip4 || u.is_ip6 ? check_number(p, &u) : look_up(p, &u);
	if (status)
		return status;
	buf_init(&b, HTTP_URL_MAX + 16);
	http_url_write(&b, &u);
	q.url = arena_dup(p->arena, buf_str(&b));
	buf_deinit(&b);
	q.addresses_n = u.is_ip4 || u.is_ip6 ? 0 : p->addresses_n;
	q.timeout_us = p->until_us - clock_steady_us();
	q.size_max = (size_t)config_u64(p->im->config, OPT_HTTP_IMAGE_SIZE);
	q.may_connect_arg = p->im;
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
