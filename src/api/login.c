#include "api/private.h"

#include <string.h>

#include "admin/token.h"
#include "config/config.h"
#include "directory/token.h"
#include "os/clock.h"

/* Wrong tokens of one client address within a minute. */
#define WRONG_PER_MINUTE 20

static void set_origin(struct http_exchange *x, struct arena *a,
                       struct admin_caller *by)
{
	char ip[NET_ADDR_TEXT_MAX];

	by->origin =
		arena_dup(a,
	                  str_z(net_addr_text(net_peer(http_session(x)), ip)));
}

static bool refuse(struct http_exchange *x, enum admin_fault fault,
                   const char *words)
{
	struct err err = ERR_INIT;

	err_drop(err_set(&err, ERR_DENIED, "%s", words));
	if (fault == ADMIN_FAULT_LOGIN)
		http_set(x, "WWW-Authenticate",
		         STR("Bearer realm=\"Posthus\", "
		             "error=\"invalid_token\""));
	api_problem(x, fault, &err, NULL);
	return false;
}

static bool wait_for(struct http_exchange *x, uint32_t wait_s)
{
	struct arena a;

	arena_init(&a);
	http_set(x, "Retry-After", arena_fmt(&a, "%u", wait_s));
	arena_deinit(&a);
	return refuse(x, ADMIN_FAULT_RATE, "too many requests, try later");
}

/* A browser does not send a token by itself, so no page of others can. */
static bool by_token(struct api_server *s, struct http_exchange *x,
                     struct str token, struct arena *a, struct api_login *out)
{
	unsigned char digest[HASH_MAX];
	struct directory_token t;
	struct net_addr client = net_addr_client(net_peer(http_session(x)));
	char ip[NET_ADDR_TEXT_MAX];
	struct err err = ERR_INIT;
	uint32_t wait_s = 0;
	uint64_t key;

	admin_token_digest(token, digest);
	if (directory_token_use(s->ctx.directory, digest, clock_wall_us(), a,
	                        &t, &err) < 0) {
		if (err.kind != ERR_NOT_FOUND) {
			api_problem(x, ADMIN_FAULT_KIND, &err, NULL);
			return false;
		}
		/* Odd keys are addresses, even ones accounts. */
		key = map_hash(0, str_z(net_addr_text(&client, ip))) | 1;
		if (!api_rate_take(s, key, WRONG_PER_MINUTE, clock_steady_us(),
		                   &wait_s))
			return wait_for(x, wait_s);
		return refuse(x, ADMIN_FAULT_LOGIN,
		              "the token is unknown, or over");
	}
	if (directory_account_get(s->ctx.directory, t.account, a,
	                          &out->user.account, &err) < 0 ||
	    admin_caller_load(s->ctx.admin, t.account, a, &out->by, &err) < 0) {
		api_problem(x, ADMIN_FAULT_KIND, &err, NULL);
		return false;
	}
	if (out->user.account.flags & DIRECTORY_NO_LOGIN)
		return refuse(x, ADMIN_FAULT_KIND,
		              "this account may not log in at present");
	out->by.scopes = t.scopes;
	out->by.who = arena_fmt(a, "%.*s (token %.*s)", STR_ARG(t.address),
	                        STR_ARG(t.name));
	out->is_token = true;
	return true;
}

static bool by_account(struct api_server *s, struct http_exchange *x,
                       struct arena *a, struct api_login *out)
{
	struct err err = ERR_INIT;

	if (!weblogin_user(s->ctx.weblogin, x, a, &out->user))
		return false;
	if (admin_caller_load(s->ctx.admin, out->user.account.id, a, &out->by,
	                      &err) < 0) {
		api_problem(x, ADMIN_FAULT_KIND, &err, NULL);
		return false;
	}
	/* The password itself came with this request; an app password, or the
	 * token of a session, is none. */
	out->by.proved =
		!out->user.session && out->user.by.kind == GATE_BY_PASSWORD;
	return true;
}

bool api_login(struct api_server *s, struct http_exchange *x, struct arena *a,
               struct api_login *out)
{
	struct str value = http_head_get(http_request(x), "Authorization");
	uint32_t per_minute =
		(uint32_t)config_u64(s->ctx.config,
	                             OPT_PANEL_REQUESTS_PER_MINUTE);
	uint32_t wait_s = 0;
	bool ok;

	*out = (struct api_login){ .is_token = false };
	if (!http_is_secure(x))
		return refuse(x, ADMIN_FAULT_KIND, "Only over TLS");
	if (str_starts_case(value, STR("Bearer ")))
		ok = by_token(s, x, str_trim(str_from(value, 7)), a, out);
	else
		ok = by_account(s, x, a, out);
	if (!ok)
		return false;
	set_origin(x, a, &out->by);
	if (!api_rate_take(s, (uint64_t)out->by.account << 1, per_minute,
	                   clock_steady_us(), &wait_s))
		return wait_for(x, wait_s);
	return true;
}
