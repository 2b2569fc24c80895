#include "http/socket.h"

#include "base/base64.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "crypto/hash.h"
#include "http/internal.h"
#include "os/clock.h"

#define PING_US   (45 * US_PER_SEC)
#define INPUT_MAX ((size_t)64 * 1024)
#define FRAME     ((size_t)64 * 1024) /* of a message that is sent in pieces */

/* A message on its way out. */
struct outgoing {
	struct outgoing *next;
	char *p;
	size_t n, at;
};

struct http_socket {
	struct net_session *s;
	const struct http_socket_service *service;
	struct spool_pool *spools;
	void *arg;
	struct websocket_reader reader;
	struct spool *message; /* that is coming in */
	struct outgoing *first, **last;
	bool heard; /* since the last ping */
	bool closing;
};

void *http_socket_arg(struct http_socket *ws)
{
	return ws->arg;
}

struct net_session *http_socket_session(struct http_socket *ws)
{
	return ws->s;
}

/* ---- out ---- */

static void drop_first(struct http_socket *ws)
{
	struct outgoing *o = ws->first;

	ws->first = o->next;
	if (!ws->first)
		ws->last = &ws->first;
	mem_free(o->p);
	mem_free(o);
}

/* One frame of the first message. */
static bool pump(struct net_session *s, void *arg)
{
	struct http_socket *ws = arg;
	struct outgoing *o = ws->first;
	size_t n = o->n - o->at < FRAME ? o->n - o->at : FRAME;
	bool final = o->at + n == o->n;
	struct buf head;

	buf_init(&head, WEBSOCKET_HEAD_MAX);
	websocket_write_head(&head,
	                     o->at ? WEBSOCKET_CONTINUATION : WEBSOCKET_TEXT,
	                     final, n);
	net_write(s, buf_str(&head));
	net_write(s, (struct str){ o->p + o->at, n });
	buf_deinit(&head);
	o->at += n;
	if (final)
		drop_first(ws);
	return ws->first != NULL;
}

void http_socket_send(struct http_socket *ws, struct str text)
{
	struct outgoing *o;
	bool idle = !ws->first;

	if (ws->closing)
		return;
	o = mem_zalloc(sizeof(*o));
	o->p = mem_dup(text.p, text.n);
	o->n = text.n;
	*ws->last = o;
	ws->last = &o->next;
	if (idle)
		net_send(ws->s, pump, NULL, ws);
}

void http_socket_close(struct http_socket *ws, enum websocket_code code,
                       const char *reason)
{
	struct buf b;

	if (ws->closing)
		return;
	ws->closing = true;
	/* In the middle of a message the frame would be lost in it. */
	if (!ws->first) {
		buf_init(&b, WEBSOCKET_HEAD_MAX + WEBSOCKET_CONTROL_MAX);
		websocket_write_close(&b, code, str_z(reason));
		net_write(ws->s, buf_str(&b));
		buf_deinit(&b);
	}
	net_close(ws->s);
}

/* ---- in ---- */

static void pong(struct http_socket *ws, struct str payload)
{
	struct buf b;

	buf_init(&b, WEBSOCKET_HEAD_MAX + WEBSOCKET_CONTROL_MAX);
	websocket_write_head(&b, WEBSOCKET_PONG, true, payload.n);
	buf_add(&b, payload);
	net_write(ws->s, buf_str(&b));
	buf_deinit(&b);
}

static void take_control(struct http_socket *ws, struct str payload)
{
	enum websocket_code code;

	switch (ws->reader.control) {
	case WEBSOCKET_PING: pong(ws, payload); break;
	case WEBSOCKET_CLOSE:
		/* RFC 6455, 5.5.1: with the code that was received. */
		if (websocket_read_close(payload, &code))
			http_socket_close(ws, code, "");
		else
			http_socket_close(ws, WEBSOCKET_PROTOCOL,
			                  "malformed close");
		break;
	default: break; /* a pong: heard */
	}
}

static void keep(struct http_socket *ws, struct str piece)
{
	struct err err = ERR_INIT;

	if (!ws->message)
		ws->message = spool_new(ws->spools, ws->service->message_max);
	if (spool_add(ws->message, piece, &err) < 0)
		http_socket_close(ws, WEBSOCKET_ERROR, "no room");
}

static void whole(struct http_socket *ws)
{
	struct str message = STR("");
	struct err err = ERR_INIT;

	if (ws->message && (spool_seal(ws->message, &err) < 0 ||
	                    spool_view(ws->message, &message, &err) < 0))
		http_socket_close(ws, WEBSOCKET_ERROR, "no room");
	else if (ws->reader.text && !utf8_is_valid(message))
		http_socket_close(ws, WEBSOCKET_NOT_TEXT, "not UTF-8");
	else
		ws->service->message(ws, ws->reader.text, message);
	spool_free(&ws->message);
}

static void refuse(struct http_socket *ws)
{
	switch (ws->reader.code) {
	case WEBSOCKET_TOO_BIG:
		http_socket_close(ws, WEBSOCKET_TOO_BIG, "message too big");
		break;
	case WEBSOCKET_POLICY:
		http_socket_close(ws, WEBSOCKET_POLICY, "too many frames");
		break;
	default: http_socket_close(ws, WEBSOCKET_PROTOCOL, "malformed frame");
	}
}

/* At most one message a call: what it answers goes out first. */
static void input(struct net_session *s)
{
	struct http_conn *c = net_state(s);
	struct http_socket *ws = c->socket;
	struct str all = net_input(s), in = all, piece;
	enum websocket_result r;

	ws->heard = true;
	do {
		r = websocket_next(&ws->reader, &in, &piece);
		switch (r) {
		case WEBSOCKET_MORE: break;
		case WEBSOCKET_BYTES: keep(ws, piece); break;
		case WEBSOCKET_CONTROL_FRAME: take_control(ws, piece); break;
		case WEBSOCKET_END: whole(ws); break;
		case WEBSOCKET_BAD: refuse(ws); break;
		}
	} while (!ws->closing &&
	         (r == WEBSOCKET_BYTES || r == WEBSOCKET_CONTROL_FRAME));
	net_consume(s, ws->closing ? all.n : all.n - in.n);
	/* Only who is in the middle of something owes bytes. */
	net_min_rate(s, websocket_is_inside(&ws->reader) ? HTTP_RATE_MIN : 0);
}

/* ---- the connection (server.c) ---- */

void http_socket_woken(struct http_socket *ws)
{
	if (ws->service->wake && !ws->closing)
		ws->service->wake(ws);
}

void http_socket_alarm(struct http_socket *ws)
{
	struct buf b;

	if (ws->closing)
		return;
	if (!ws->heard) {
		net_close(ws->s);
		return;
	}
	ws->heard = false;
	buf_init(&b, WEBSOCKET_HEAD_MAX);
	websocket_write_head(&b, WEBSOCKET_PING, true, 0);
	net_write(ws->s, buf_str(&b));
	buf_deinit(&b);
	net_alarm(ws->s, PING_US, false);
}

void http_socket_going(struct http_socket *ws)
{
	http_socket_close(ws, WEBSOCKET_GOING, "going away");
}

void http_socket_free(struct http_socket **wp)
{
	struct http_socket *ws = *wp;

	if (!ws)
		return;
	ws->service->closed(ws);
	while (ws->first)
		drop_first(ws);
	spool_free(&ws->message);
	mem_free(ws);
	*wp = NULL;
}

/* ---- the handshake (RFC 6455, 4.2) ---- */

static bool is_key(struct str key)
{
	struct buf b;
	bool ok;

	buf_init(&b, 64);
	ok = base64_decode(&b, key) && b.n == 16;
	buf_deinit(&b);
	return ok;
}

/* The status that refuses it, or 0. */
static int check(struct http_exchange *x,
                 const struct http_socket_service *service)
{
	const struct http_head *h = http_request(x);

	if (!h->upgrade || h->minor < 1 || http_is_head(x) ||
	    !http_list_has(http_head_get(h, "Upgrade"), "websocket")) {
		http_set(x, "Upgrade", STR("websocket"));
		return 426;
	}
	if (!str_eq(http_head_get(h, "Sec-WebSocket-Version"), STR("13"))) {
		http_set(x, "Sec-WebSocket-Version", STR("13"));
		return 426;
	}
	if (!is_key(http_head_get(h, "Sec-WebSocket-Key")) ||
	    !http_list_has(http_head_get(h, "Sec-WebSocket-Protocol"),
	                   service->protocol))
		return 400;
	return x->site->spools ? 0 : 503;
}

static void set_accept(struct http_exchange *x)
{
	struct str key = http_head_get(http_request(x), "Sec-WebSocket-Key");
	unsigned char digest[20];
	struct buf b;

	buf_init(&b, 128);
	buf_add(&b, key);
	buf_add_z(&b, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
	hash_bytes(HASH_SHA1, buf_str(&b), digest);
	buf_reset(&b);
	base64_encode(&b, (struct str){ (const char *)digest, sizeof(digest) });
	http_set(x, "Sec-WebSocket-Accept", buf_str(&b));
	buf_deinit(&b);
}

bool http_socket_accept(struct http_exchange *x,
                        const struct http_socket_service *service, void *arg)
{
	struct net_session *s = http_session(x);
	struct http_conn *c = net_state(s);
	int status = check(x, service);
	struct http_socket *ws;

	if (status) {
		http_fail(x, status);
		return false;
	}
	ws = mem_zalloc(sizeof(*ws));
	ws->s = s;
	ws->service = service;
	ws->spools = x->site->spools;
	ws->arg = arg;
	ws->last = &ws->first;
	ws->heard = true;
	websocket_reader_init(&ws->reader, service->message_max);
	c->socket = ws;
	http_set(x, "Upgrade", STR("websocket"));
	http_set(x, "Connection", STR("Upgrade"));
	http_set(x, "Sec-WebSocket-Protocol", str_z(service->protocol));
	set_accept(x);
	x->keep_alive = true;
	http_reply_empty(x, 101);
	net_set_input(s, input, INPUT_MAX);
	net_timeout(s, 3 * PING_US);
	net_min_rate(s, 0);
	net_alarm(s, PING_US, false);
	return true;
}
