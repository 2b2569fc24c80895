/* Email/unsubscribe: a mailing list is left by one request of this host
 * (RFC 8058; docs/jmap.md). */
#include <stdatomic.h>

#include "config/config.h"
#include "fetch/outside.h"
#include "jmap/blob.h"
#include "jmap/object.h"
#include "jmap/one_click.h"
#include "jmap/own.h"
#include "log/log.h"
#include "os/clock.h"
#include "wire/message/field.h"

#define TIME_US    (15 * US_PER_SEC)
#define LOOKUPS    2
#define ANSWER_MAX ((size_t)256 * 1024) /* nobody reads it */
#define POSTS_MAX  16                   /* each holds a thread */

static atomic_uint posts;

/* ---- what the message says ---- */

static int find_url(struct jmap_call *c, uint64_t email, struct str *out)
{
	const struct config *cfg = c->req->server->ctx.config;
	enum jmap_one_click found;
	struct str blocks[2];
	struct body *body;
	struct err err = ERR_INIT;

	if (!email ||
	    body_open_email(&body, c->store, c->account, email, &err) < 0) {
		if (email && err.kind != ERR_NOT_FOUND)
			return jmap_fail(c, &err);
		return jmap_error(c, "notFound", "no such Email");
	}
	if (body_view(body, &blocks[0], &blocks[1], &err) < 0) {
		body_close(&body);
		return jmap_fail(c, &err);
	}
	blocks[1] = str_to(blocks[1], field_header_length(blocks[1]));
	found = jmap_one_click(c->arena, blocks, 2, config_hostname(cfg), out);
	body_close(&body);
	switch (found) {
	case JMAP_ONE_CLICK_GOOD: return 0;
	case JMAP_ONE_CLICK_NONE:
		return jmap_error(c, "notOneClick",
		                  "the message has no address to which one "
		                  "request is enough");
	case JMAP_ONE_CLICK_UNSIGNED: break;
	}
	return jmap_error(c, "notOneClick",
	                  "the sender's signature does not cover the address");
}

/* ---- the request ---- */

static void note(const struct jmap_call *c, struct str host, const char *what,
                 unsigned status)
{
	struct log_line l;

	log_begin(&l, LOG_INFO, "list.unsubscribe");
	log_i64(&l, "account", c->account.id);
	log_str(&l, "host", host);
	log_z(&l, "result", what);
	if (status)
		log_u64(&l, "status", status);
	log_end(&l);
}

/* Always -1; `why` ends the sentence "The list was not left: ...". */
static int failed(struct jmap_call *c, const struct http_url *u,
                  const char *why, unsigned status)
{
	note(c, u->host, why, status);
	if (status)
		return jmap_error(c, "unsubscribeFailed", "%.*s answered %s %u",
		                  STR_ARG(u->host), why, status);
	return jmap_error(c, "unsubscribeFailed", "%.*s %s", STR_ARG(u->host),
	                  why);
}

static const char *words_of(const struct err *err)
{
	switch ((int)err->kind) {
	case ERR_DENIED: return "is not an address that may be asked";
	case ERR_TIMEOUT: return "did not answer in time";
	case ERR_TOO_BIG: return "answered with too much";
	default: return "cannot be reached";
	}
}

/* RFC 8058, 3.1 and 3.2: without anything that tells who asks; what is
 * redirected is not followed, for it would not be this request any more. */
static int ask(struct jmap_call *c, const struct fetch_outside *o,
               const struct http_url *u, const struct fetch_found *found)
{
	static const struct str headers[] = { STR_INIT(
		"Content-Type: application/x-www-form-urlencoded") };
	const char *ca = config_z(c->req->server->ctx.config,
	                          OPT_HTTP_UNSUBSCRIBE_CA_FILE);
	struct fetch_outside outside = *o;
	struct fetch_request q = { .post = true,
		                   .body = STR(JMAP_ONE_CLICK_BODY),
		                   .headers = headers,
		                   .headers_n = 1,
		                   .addresses = found->v,
		                   .addresses_n = found->n,
		                   .timeout_us = TIME_US,
		                   .size_max = ANSWER_MAX,
		                   .ca_file = *ca ? ca : NULL,
		                   .may_connect = fetch_outside_connect,
		                   .may_connect_arg = &outside };
	struct fetch_answer ans;
	struct err err = ERR_INIT;
	struct buf b;

	buf_init(&b, HTTP_URL_MAX + 16);
	http_url_write(&b, u);
	q.url = arena_dup(c->arena, buf_str(&b));
	buf_deinit(&b);
	if (fetch(&q, c->arena, &ans, &err) < 0)
		return failed(c, u, words_of(&err), 0);
	if (ans.status < 200 || ans.status > 299)
		return failed(c, u, "with", ans.status);
	note(c, u->host, "done", ans.status);
	return 0;
}

static int post(struct jmap_call *c, struct str url)
{
	const struct jmap_context *ctx = &c->req->server->ctx;
	struct dns_budget budget = { .lookups = LOOKUPS,
		                     .until_us = clock_steady_us() + TIME_US };
	struct fetch_outside o = { .dns = ctx->dns };
	struct fetch_found found;
	struct http_url u;

	if (!http_url_parse(url, &u) || !u.tls || !fetch_outside_port(&u))
		return jmap_error(c, "notOneClick", "no URL that may be asked");
	o.networks_n = config_list(ctx->config, OPT_HTTP_UNSUBSCRIBE_NETWORKS,
	                           &o.networks);
	switch (fetch_outside_find(&o, &budget, &u, c->arena, &found)) {
	case FETCH_OUTSIDE_OK: return ask(c, &o, &u, &found);
	case FETCH_OUTSIDE_UNKNOWN:
		return failed(c, &u, "has no address now", 0);
	case FETCH_OUTSIDE_DENIED:
	case FETCH_OUTSIDE_BAD: break;
	}
	return failed(c, &u, "is not an address that may be asked", 0);
}

int jmap_unsubscribe(struct jmap_call *c)
{
	static const char *const known[] = { "accountId", "emailId", NULL };
	struct str id = { NULL, 0 }, url = { NULL, 0 };
	int rc;

	if (jmap_args_known(c, known) < 0 || jmap_args_account(c) < 0 ||
	    jmap_arg_str(c, "emailId", &id) < 0 ||
	    find_url(c, jmap_no(c, id, STORE_ID_EMAIL), &url) < 0)
		return -1;
	if (!c->req->server->ctx.dns ||
	    !config_bool(c->req->server->ctx.config, OPT_HTTP_UNSUBSCRIBE))
		return jmap_error(c, "notOneClick",
		                  "this host sends no such requests");
	if (atomic_fetch_add(&posts, 1) < POSTS_MAX)
		rc = post(c, url);
	else
		rc = jmap_error(c, "serverUnavailable",
		                "too many such requests are under way");
	(void)atomic_fetch_sub(&posts, 1);
	if (rc < 0)
		return -1;
	jmap_write_account(c);
	json_key(&c->w, STR("emailId"));
	json_str(&c->w, id);
	return 0;
}
