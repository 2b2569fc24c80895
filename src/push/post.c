#include "push/post.h"

#include <stdio.h>

#include "config/config.h"
#include "fetch/outside.h"
#include "os/clock.h"

#define TIME_US      (10 * US_PER_SEC)
#define ANSWER_MAX   16384 /* it is not read */
#define LOOKUPS      4
#define RENEW_S      600 /* before a token ends */
#define RETRY_MAX_US (6 * US_PER_HOUR)

bool push_url_is_good(struct str url)
{
	struct http_url u;

	return url.n <= PUSH_URL_MAX && http_url_parse(url, &u) && u.tls &&
	       fetch_outside_port(&u);
}

/* RFC 6454, 6.2. */
static struct str origin(const struct http_url *u, struct arena *a)
{
	const char *open = u->is_ip6 ? "[" : "", *close = u->is_ip6 ? "]" : "";

	return u->port == 443 ? arena_fmt(a, "https://%s%.*s%s", open,
	                                  STR_ARG(u->host), close)
	                      : arena_fmt(a, "https://%s%.*s%s:%u", open,
	                                  STR_ARG(u->host), close, u->port);
}

static int renew_token(const struct push_way *w, const struct http_url *u,
                       struct arena *a, struct push_token *t, struct err *err)
{
	int64_t now_s = clock_wall_us() / US_PER_SEC;

	if (t->text.n && now_s < t->until_s - RENEW_S &&
	    now_s > t->until_s - VAPID_LIFE_S - RENEW_S)
		return 0;
	buf_reset(&t->text);
	t->until_s = now_s + VAPID_LIFE_S;
	if (vapid_authorization(w->vapid, w->keys, origin(u, a), w->contact,
	                        t->until_s, &t->text, err) == 0)
		return 0;
	buf_reset(&t->text);
	return -1;
}

/* Everything a request needs before it goes out. */
struct posting {
	const struct push_way *way;
	const struct push_subscription *s;
	const struct push_message *m;
	struct arena arena;
	struct http_url url;
	struct fetch_outside outside;
	struct fetch_found found;
	struct str headers[8];
	struct buf body;
};

static int find_host(struct posting *p, struct err *err)
{
	struct dns_budget budget = { .lookups = LOOKUPS,
		                     .until_us = clock_steady_us() + TIME_US };

	if (!push_url_is_good(p->s->url) || !http_url_parse(p->s->url, &p->url))
		return err_set(err, ERR_INVALID, "no https URL");
	p->outside.dns = p->way->dns;
	p->outside.networks_n = config_list(p->way->config, OPT_PUSH_NETWORKS,
	                                    &p->outside.networks);
	switch (fetch_outside_find(&p->outside, &budget, &p->url, &p->arena,
	                           &p->found)) {
	case FETCH_OUTSIDE_OK: return 0;
	case FETCH_OUTSIDE_DENIED:
		return err_set(err, ERR_DENIED, "a private address");
	case FETCH_OUTSIDE_UNKNOWN:
		return err_set(err, ERR_TEMP, "the host has no address");
	case FETCH_OUTSIDE_BAD: break;
	}
	return err_set(err, ERR_INVALID, "no address");
}

static int make_body(struct posting *p, struct err *err)
{
	if (p->s->has_keys)
		return webpush_encrypt(&p->s->keys, p->m->text, &p->body, err);
	buf_add(&p->body, p->m->text);
	return 0;
}

static size_t make_headers(struct posting *p, const struct push_token *t)
{
	struct arena *a = &p->arena;
	struct str *h = p->headers;
	size_t n = 0;

	h[n++] = arena_fmt(a, "TTL: %u", p->m->ttl_s);
	h[n++] = arena_fmt(a, "Urgency: %s", p->m->urgency);
	h[n++] = arena_fmt(a, "Topic: %s", p->m->topic);
	h[n++] =
		arena_fmt(a, "Authorization: %.*s", STR_ARG(buf_str(&t->text)));
	if (p->s->has_keys) {
		h[n++] = STR("Content-Type: application/octet-stream");
		h[n++] = STR("Content-Encoding: aes128gcm");
	} else {
		h[n++] = STR("Content-Type: application/json");
	}
	return n;
}

static int ask(struct posting *p, struct push_token *t,
               struct fetch_answer *ans, struct err *err)
{
	static const char *const wanted[] = { "Retry-After" };
	struct fetch_request q = { .post = true,
		                   .headers = p->headers,
		                   .addresses = p->found.v,
		                   .timeout_us = TIME_US,
		                   .size_max = ANSWER_MAX,
		                   .wanted = wanted,
		                   .wanted_n = 1,
		                   .may_connect = fetch_outside_connect,
		                   .may_connect_arg = &p->outside };
	const char *ca = config_z(p->way->config, OPT_PUSH_CA_FILE);
	struct buf b;

	if (find_host(p, err) < 0 ||
	    renew_token(p->way, &p->url, &p->arena, t, err) < 0 ||
	    make_body(p, err) < 0)
		return -1;
	buf_init(&b, HTTP_URL_MAX + 16);
	http_url_write(&b, &p->url);
	q.url = arena_dup(&p->arena, buf_str(&b));
	buf_deinit(&b);
	q.addresses_n = p->found.n;
	q.headers_n = make_headers(p, t);
	q.body = buf_str(&p->body);
	q.ca_file = *ca ? ca : NULL;
	return fetch(&q, &p->arena, ans, err);
}

static enum push_result judge(const struct fetch_answer *ans,
                              struct push_answer *out)
{
	uint64_t seconds;

	out->status = ans->status;
	if (ans->status >= 200 && ans->status < 300)
		return PUSH_OK;
	if (ans->status == 404 || ans->status == 410)
		return PUSH_GONE;
	/* A date (RFC 9110, 10.2.3) is passed over: the pause of our own
	 * then counts. */
	if (str_to_u64(ans->found[0], INT32_MAX, &seconds)) {
		out->retry_us = (int64_t)seconds * US_PER_SEC;
		if (out->retry_us > RETRY_MAX_US)
			out->retry_us = RETRY_MAX_US;
	}
	return PUSH_LATER;
}

enum push_result push_post(const struct push_way *w,
                           const struct push_subscription *s,
                           const struct push_message *m,
                           struct push_token *token, struct push_answer *out)
{
	struct posting p = { .way = w, .s = s, .m = m };
	enum push_result result = PUSH_LATER;
	struct fetch_answer ans;
	struct err err = ERR_INIT;

	*out = (struct push_answer){ .status = 0 };
	arena_init(&p.arena);
	buf_init(&p.body, 8192);
	if (ask(&p, token, &ans, &err) == 0)
		result = judge(&ans, out);
	else
		(void)snprintf(out->why, sizeof(out->why), "%s", err.text);
	buf_deinit(&p.body);
	arena_deinit(&p.arena);
	return result;
}
