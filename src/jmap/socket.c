/*
 * JMAP over WebSocket (RFC 8887): requests with answers, and pushes, on one
 * connection.
 *
 * A request is a message, and its answer the next that goes out; news of the
 * account wake the connection, and are told between two requests.  Who it is
 * was settled at the upgrade; what may have changed since (quota, suspension)
 * is looked up for each request, and a login that is revoked ends the
 * connection (gate/live.h).
 */
#include <stdatomic.h>
#include <string.h>

#include "base/mem.h"
#include "directory/directory.h"
#include "gate/live.h"
#include "http/socket.h"
#include "jmap/push.h"
#include "log/log.h"
#include "news/news.h"

#define SOCKETS_MAX 10 /* of an account */

struct channel {
	struct jmap_server *server;
	struct jmap_user user;
	struct arena arena; /* of its names */
	struct net_ref ref;
	struct news_sub *sub; /* once push was asked for */
	unsigned types;       /* that are told; 0: none */
	atomic_bool look;
	struct change_state told[CHANGE_TYPES];
};

/* ---- what goes out ---- */

/* "id" of the request, if it has one, as it will be in the answer. */
static void write_request_id(struct json_writer *w, struct str id)
{
	if (id.p)
		json_member_str(w, "requestId", id);
}

static void send_error(struct http_socket *ws, struct str id,
                       const char *problem, const char *detail)
{
	bool limit = strcmp(problem, "limit") == 0;
	struct json_writer w;
	struct buf b, type;

	buf_init(&b, 8192);
	buf_init(&type, 200);
	buf_fmt(&type, "urn:ietf:params:jmap:error:%s", problem);
	w = json_writer(&b);
	json_object(&w);
	json_member_z(&w, "@type", "RequestError");
	write_request_id(&w, id);
	json_member_str(&w, "type", buf_str(&type));
	json_member_i64(&w, "status", 400);
	if (limit)
		json_member_z(&w, "limit", detail);
	json_member_z(&w, "detail",
	              limit ? "A limit of the server was met" : detail);
	json_end(&w);
	http_socket_send(ws, buf_str(&b));
	buf_deinit(&b);
	buf_deinit(&type);
}

/* RFC 8887, 4.3.2: the answer with "@type" and the request's id. */
static void send_answer(struct http_socket *ws, struct str id, struct str json)
{
	struct json_writer w;
	struct buf b;

	buf_init(&b, json.n + 8192);
	w = json_writer(&b);
	json_object(&w);
	json_member_z(&w, "@type", "Response");
	write_request_id(&w, id);
	json_end(&w);
	/* Both are objects: the second goes on where the first ended. */
	buf_truncate(&b, b.n - 1);
	buf_add_c(&b, ',');
	buf_add(&b, str_from(json, 1));
	http_socket_send(ws, buf_str(&b));
	buf_deinit(&b);
}

/* ---- push (RFC 8887, 4.3.5) ---- */

static void on_news(void *arg)
{
	struct channel *c = arg;

	atomic_store(&c->look, true);
	net_wake(c->server->ctx.engine, c->ref);
}

static void tell(struct http_socket *ws, struct channel *c)
{
	struct change_state now[CHANGE_TYPES];
	char id[JMAP_PUSH_ID_MAX];
	struct err err = ERR_INIT;
	struct json_writer w;
	struct buf b;

	if (change_states(c->server->ctx.store, c->user.account, now, &err) <
	    0) {
		log_fail(LOG_ERROR, "jmap.push.trouble", &err);
		http_socket_close(ws, WEBSOCKET_ERROR, "temporary failure");
		return;
	}
	if (!jmap_push_differs(c->types, c->told, now))
		return;
	buf_init(&b, 4096);
	w = json_writer(&b);
	json_object(&w);
	jmap_write_changed(&w, &c->user, c->types, c->told, now);
	jmap_push_id(now, id);
	json_member_z(&w, "pushState", id);
	json_end(&w);
	memcpy(c->told, now, sizeof(now));
	http_socket_send(ws, buf_str(&b));
	buf_deinit(&b);
}

static void woken(struct http_socket *ws)
{
	struct channel *c = http_socket_arg(ws);

	if (atomic_exchange(&c->look, false) && c->types)
		tell(ws, c);
}

/* False: they are no list of types. */
static bool read_types(struct json root, unsigned *out)
{
	struct json list;

	*out = (1u << CHANGE_TYPES) - 1;
	if (!json_get(root, "dataTypes", &list) ||
	    json_kind(list) == JSON_IS_NULL)
		return true;
	if (json_kind(list) != JSON_IS_ARRAY)
		return false;
	*out = 0;
	for (size_t i = 0; i < json_count(list); i++)
		for (int k = 0; k < CHANGE_TYPES; k++)
			if (str_eq(json_as_str(json_at(list, i)),
			           str_z(jmap_type_names[k])))
				*out |= 1u << k;
	return true;
}

static void enable(struct http_socket *ws, struct channel *c, struct json root)
{
	struct jmap_server *j = c->server;
	char id[JMAP_PUSH_ID_MAX];
	struct err err = ERR_INIT;
	struct json last;

	if (!j->ctx.news || !read_types(root, &c->types)) {
		send_error(ws, (struct str){ NULL, 0 }, "notRequest",
		           "\"dataTypes\" is a list of types");
		return;
	}
	if (!c->sub)
		c->sub = news_subscribe(j->ctx.news, c->user.account.id,
		                        on_news, c);
	if (change_states(j->ctx.store, c->user.account, c->told, &err) < 0) {
		log_fail(LOG_ERROR, "jmap.push.trouble", &err);
		http_socket_close(ws, WEBSOCKET_ERROR, "temporary failure");
		return;
	}
	jmap_push_id(c->told, id);
	if (json_get(root, "pushState", &last) &&
	    json_kind(last) == JSON_IS_STRING &&
	    !str_eq(json_as_str(last), str_z(id))) {
		/* It missed something: tell it at once. */
		for (int i = 0; i < CHANGE_TYPES; i++)
			c->told[i].epoch = UINT32_MAX;
		tell(ws, c);
	}
}

/* ---- requests ---- */

/* What was said at the upgrade may not hold any more. */
static bool is_still(struct http_socket *ws, struct channel *c)
{
	struct directory_account acc;
	struct err err = ERR_INIT;
	struct arena a;
	bool ok;

	arena_init(&a);
	ok = directory_change(c->server->ctx.directory, &c->user.change,
	                      &err) == 0 &&
	     directory_account_get(c->server->ctx.directory, c->user.account.id,
	                           &a, &acc, &err) == 0 &&
	     !(acc.flags & DIRECTORY_NO_LOGIN);
	if (ok) {
		c->user.account.quota_bytes = acc.quota_bytes;
		c->user.sending_off = (acc.flags & DIRECTORY_NO_SEND) != 0;
	} else {
		http_socket_close(ws, WEBSOCKET_POLICY, "log in again");
	}
	arena_deinit(&a);
	return ok;
}

static void run(struct http_socket *ws, struct channel *c, struct str id,
                struct str message)
{
	struct jmap_server *j = c->server;
	const char *problem, *detail;
	struct buf out;

	if (!is_still(ws, c))
		return;
	if (!jmap_seat_take(j->seats, c->user.account.id, JMAP_SEAT_REQUEST,
	                    JMAP_CONCURRENT_REQUESTS)) {
		send_error(ws, id, "limit", "maxConcurrentRequests");
		return;
	}
	buf_init(&out, JMAP_ANSWER_MAX + 1024 * 1024);
	if (jmap_request_run(j, &c->user, message, &out, &problem, &detail))
		send_answer(ws, id, buf_str(&out));
	else
		send_error(ws, id, problem, detail);
	buf_deinit(&out);
	jmap_seat_give(j->seats, c->user.account.id, JMAP_SEAT_REQUEST);
}

static void dispatch(struct http_socket *ws, struct channel *c,
                     struct json root, struct str message)
{
	struct str type = STR(""), id = { NULL, 0 };
	struct json v;

	if (json_get(root, "@type", &v))
		type = json_as_str(v);
	if (json_get(root, "id", &v) && json_kind(v) == JSON_IS_STRING)
		id = json_as_str(v);
	if (str_eq(type, STR("Request"))) {
		run(ws, c, id, message);
	} else if (str_eq(type, STR("WebSocketPushEnable"))) {
		enable(ws, c, root);
	} else if (str_eq(type, STR("WebSocketPushDisable"))) {
		c->types = 0;
	} else {
		send_error(ws, id, "notRequest",
		           "\"@type\" is Request, WebSocketPushEnable or "
		           "WebSocketPushDisable");
	}
}

static void message(struct http_socket *ws, bool text, struct str bytes)
{
	struct channel *c = http_socket_arg(ws);
	struct err err = ERR_INIT;
	struct json_doc *doc;

	if (!text) {
		/* RFC 8887, 4: text alone. */
		http_socket_close(ws, WEBSOCKET_TYPE, "text is expected");
		return;
	}
	if (json_parse(&doc, bytes, NULL, &err) < 0) {
		send_error(ws, (struct str){ NULL, 0 },
		           err.kind == ERR_TOO_BIG ? "limit" : "notJSON",
		           err.kind == ERR_TOO_BIG ? "maxSizeRequest"
		                                   : "This is no I-JSON");
		return;
	}
	dispatch(ws, c, json_root(doc), bytes);
	json_free(&doc);
}

/* ---- the connection ---- */

static void channel_free(struct channel *c)
{
	news_unsubscribe(c->server->ctx.news, &c->sub);
	arena_deinit(&c->arena);
	mem_free(c);
}

static void closed(struct http_socket *ws)
{
	struct channel *c = http_socket_arg(ws);

	jmap_seat_give(c->server->seats, c->user.account.id, JMAP_SEAT_SOCKET);
	channel_free(c);
}

static const struct http_socket_service service = {
	.protocol = "jmap",
	.message_max = JMAP_SIZE_REQUEST_MAX,
	.message = message,
	.wake = woken,
	.closed = closed,
};

static bool enter(struct http_exchange *x, struct channel *c)
{
	struct jmap_server *j = c->server;

	/* A browser sends its cookie from any page (RFC 6455, 10.2). */
	if (c->user.by.kind == GATE_BY_SESSION && !weblogin_is_own_page(x)) {
		jmap_problem(x, 403, NULL, "This page is not of this host");
		return false;
	}
	if (!jmap_seat_take(j->seats, c->user.account.id, JMAP_SEAT_SOCKET,
	                    SOCKETS_MAX)) {
		jmap_problem_limit(x, "maxConcurrentRequests");
		return false;
	}
	gate_live_hold(j->ctx.gate, http_session(x), c->user.account.id,
	               &c->user.by);
	if (http_socket_accept(x, &service, c))
		return true;
	jmap_seat_give(j->seats, c->user.account.id, JMAP_SEAT_SOCKET);
	return false;
}

void jmap_serve_socket(struct http_exchange *x)
{
	struct channel *c = mem_zalloc(sizeof(*c));

	c->server = http_arg(x);
	c->ref = net_ref(http_session(x));
	arena_init(&c->arena);
	if (!jmap_login(c->server, x, &c->arena, &c->user) || !enter(x, c))
		channel_free(c);
}
