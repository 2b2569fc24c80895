#include "http/http2.h"

#include "base/err.h"
#include "base/mem.h"
#include "os/clock.h"

#define INPUT_MAX         ((size_t)64 * 1024)
#define LOOK_US           US_PER_MIN
#define CALM_US           (10 * US_PER_SEC)
#define RESETS_MAX        200
#define IDLE_FRAMES_MAX   2000
#define CONTINUATIONS_MAX 16

/* ---- out ---- */

/* What the windows allow now; then it ends, so that input can come. */
static bool pump(struct net_session *s, void *arg)
{
	struct http2 *h = arg;
	size_t total = 0;
	const uint8_t *p;
	ssize_t n = 0;

	while (total < NET_PIECE / 4 &&
	       (n = nghttp2_session_mem_send(h->ng, &p)) > 0) {
		net_write(s, (struct str){ (const char *)p, (size_t)n });
		total += (size_t)n;
	}
	if (n > 0)
		return true;
	h->pumping = false;
	if (n < 0 ||
	    (!nghttp2_session_want_read(h->ng) &&
	     !nghttp2_session_want_write(h->ng)) ||
	    (h->going && h->streams_n == 0))
		net_close(s);
	return false;
}

static void flush(struct http2 *h)
{
	bool busy = false;

	/* Only who has begun a body owes us bytes. */
	for (struct http2_stream *st = h->streams; st; st = st->next)
		busy = busy || st->receiving;
	net_min_rate(h->s, busy ? HTTP_RATE_MIN : 0);
	if (h->pumping)
		return;
	h->pumping = true;
	net_send(h->s, pump, NULL, h);
}

/* ---- in ---- */

static struct str view(const uint8_t *p, size_t n)
{
	return (struct str){ (const char *)p, n };
}

/* False: the peer keeps us busy in vain. */
static bool is_calm(struct http2 *h)
{
	int64_t now = clock_steady_us();

	if (now - h->since_us > CALM_US) {
		h->since_us = now;
		h->idle_frames = h->resets = 0;
	}
	return h->idle_frames <= IDLE_FRAMES_MAX && h->resets <= RESETS_MAX &&
	       h->continuations <= CONTINUATIONS_MAX;
}

static int end(struct http2 *h)
{
	if (!h->bad)
		(void)nghttp2_session_terminate_session(
			h->ng, NGHTTP2_ENHANCE_YOUR_CALM);
	h->bad = true;
	return 0;
}

/* It carries neither a request nor bytes, and opens no window. */
static bool is_idle(const nghttp2_frame_hd *hd)
{
	switch (hd->type) {
	case NGHTTP2_HEADERS:
	case NGHTTP2_CONTINUATION:
	case NGHTTP2_WINDOW_UPDATE:
	case NGHTTP2_RST_STREAM: return false;
	case NGHTTP2_DATA:
		return hd->length == 0 &&
		       !(hd->flags & NGHTTP2_FLAG_END_STREAM);
	default: return true;
	}
}

static int on_begin_frame(nghttp2_session *ng, const nghttp2_frame_hd *hd,
                          void *user)
{
	struct http2 *h = user;

	(void)ng;
	h->idle_frames += is_idle(hd);
	if (hd->type == NGHTTP2_CONTINUATION)
		h->continuations++;
	else
		h->continuations = 0;
	/* In the middle of a head that never ends there is no later. */
	if (h->continuations > CONTINUATIONS_MAX)
		return NGHTTP2_ERR_CALLBACK_FAILURE;
	return is_calm(h) ? 0 : end(h);
}

static int on_begin_headers(nghttp2_session *ng, const nghttp2_frame *frame,
                            void *user)
{
	struct http2 *h = user;

	if (frame->hd.type == NGHTTP2_HEADERS &&
	    frame->headers.cat == NGHTTP2_HCAT_REQUEST)
		(void)nghttp2_session_set_stream_user_data(
			ng, frame->hd.stream_id,
			http2_stream_new(h, frame->hd.stream_id));
	return 0;
}

static int on_header(nghttp2_session *ng, const nghttp2_frame *frame,
                     const uint8_t *name, size_t name_n, const uint8_t *value,
                     size_t value_n, uint8_t flags, void *user)
{
	struct http2_stream *st =
		nghttp2_session_get_stream_user_data(ng, frame->hd.stream_id);

	(void)flags;
	(void)user;
	if (st)
		http2_stream_field(st, view(name, name_n),
		                   view(value, value_n));
	return 0;
}

static int on_frame(nghttp2_session *ng, const nghttp2_frame *frame, void *user)
{
	struct http2 *h = user;
	struct http2_stream *st =
		nghttp2_session_get_stream_user_data(ng, frame->hd.stream_id);
	bool ended = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;

	if (frame->hd.type == NGHTTP2_RST_STREAM)
		h->resets++;
	if (!st || h->bad)
		return 0;
	if (frame->hd.type == NGHTTP2_HEADERS &&
	    frame->headers.cat == NGHTTP2_HCAT_REQUEST)
		http2_stream_begin(st, !ended);
	else if (ended && (frame->hd.type == NGHTTP2_DATA ||
	                   frame->hd.type == NGHTTP2_HEADERS))
		http2_stream_whole(st);
	return 0;
}

static int on_data(nghttp2_session *ng, uint8_t flags, int32_t id,
                   const uint8_t *p, size_t n, void *user)
{
	struct http2_stream *st = nghttp2_session_get_stream_user_data(ng, id);

	(void)flags;
	(void)user;
	/* The stream's own window stays shut for what nobody wants. */
	(void)nghttp2_session_consume_connection(ng, n);
	if (st && st->receiving) {
		(void)nghttp2_session_consume_stream(ng, id, n);
		http2_stream_body(st, view(p, n));
	}
	return 0;
}

static int on_close(nghttp2_session *ng, int32_t id, uint32_t code, void *user)
{
	struct http2_stream *st = nghttp2_session_get_stream_user_data(ng, id);

	(void)code;
	(void)user;
	if (st)
		http2_stream_free(st);
	return 0;
}

static void input(struct net_session *s)
{
	struct http_conn *c = net_state(s);
	struct http2 *h = c->h2;
	struct str in = net_input(s);
	ssize_t n =
		nghttp2_session_mem_recv(h->ng, (const uint8_t *)in.p, in.n);

	net_consume(s, in.n);
	if (n < 0) {
		/* No state to go on from; a GOAWAY says so if it can. */
		(void)nghttp2_session_terminate_session(
			h->ng,
			n == NGHTTP2_ERR_FLOODED ||
					h->continuations > CONTINUATIONS_MAX
				? NGHTTP2_ENHANCE_YOUR_CALM
				: NGHTTP2_PROTOCOL_ERROR);
		h->bad = h->going = true;
	}
	flush(h);
	if (n < 0)
		net_close(s);
}

/* ---- the connection ---- */

static bool open_session(struct http2 *h)
{
	nghttp2_settings_entry settings[] = {
		{ NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, HTTP2_STREAMS_MAX },
		{ NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, HTTP2_WINDOW },
		{ NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, HTTP2_FIELDS_MAX },
	};
	nghttp2_session_callbacks *cb;
	nghttp2_option *o;
	int rc;

	if (nghttp2_session_callbacks_new(&cb) != 0 ||
	    nghttp2_option_new(&o) != 0)
		err_die("out of memory for HTTP/2");
	nghttp2_option_set_no_auto_window_update(o, 1);
	nghttp2_session_callbacks_set_on_begin_frame_callback(cb,
	                                                      on_begin_frame);
	nghttp2_session_callbacks_set_on_begin_headers_callback(
		cb, on_begin_headers);
	nghttp2_session_callbacks_set_on_header_callback(cb, on_header);
	nghttp2_session_callbacks_set_on_frame_recv_callback(cb, on_frame);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(cb, on_data);
	nghttp2_session_callbacks_set_on_stream_close_callback(cb, on_close);
	rc = nghttp2_session_server_new2(&h->ng, cb, h, o);
	nghttp2_session_callbacks_del(cb);
	nghttp2_option_del(o);
	return rc == 0 &&
	       nghttp2_submit_settings(h->ng, NGHTTP2_FLAG_NONE, settings, 3) ==
	               0 &&
	       nghttp2_session_set_local_window_size(h->ng, NGHTTP2_FLAG_NONE,
	                                             0, HTTP2_WINDOW_ALL) == 0;
}

bool http2_begin(struct net_session *s)
{
	struct http_conn *c = net_state(s);
	struct http2 *h = mem_zalloc(sizeof(*h));

	h->s = s;
	h->site = net_context(s);
	h->since_us = clock_steady_us();
	c->h2 = h;
	if (!open_session(h))
		return false;
	net_deadline(s, 0);
	net_min_rate(s, 0);
	net_alarm(s, LOOK_US, false);
	net_set_input(s, input, INPUT_MAX);
	return true;
}

void http2_free(struct http2 **hp)
{
	struct http2 *h = *hp;

	if (!h)
		return;
	while (h->streams)
		http2_stream_free(h->streams);
	nghttp2_session_del(h->ng);
	mem_free(h);
	*hp = NULL;
}

/* Sources that had nothing are asked again. */
void http2_woken(struct http2 *h)
{
	for (struct http2_stream *st = h->streams; st; st = st->next)
		if (st->waiting) {
			st->waiting = false;
			(void)nghttp2_session_resume_data(h->ng, st->id);
		}
	flush(h);
}

/* A stream for which we wait for the peer, and hardly anything moved. */
static bool is_slow(const struct http2_stream *st, int64_t now)
{
	bool owed = st->receiving || st->unwanted || st->out.n > st->out_at;

	return owed && now - st->began_us >= LOOK_US &&
	       st->moved < HTTP_RATE_MIN * (LOOK_US / US_PER_SEC);
}

void http2_alarm(struct http2 *h)
{
	int64_t now = clock_steady_us();

	for (struct http2_stream *st = h->streams; st; st = st->next) {
		if (is_slow(st, now))
			(void)nghttp2_submit_rst_stream(
				h->ng, NGHTTP2_FLAG_NONE, st->id,
				NGHTTP2_ENHANCE_YOUR_CALM);
		st->moved = 0;
	}
	net_alarm(h->s, LOOK_US, false);
	flush(h);
}

void http2_going(struct http2 *h, bool at_once)
{
	if (at_once)
		(void)nghttp2_session_terminate_session(h->ng,
		                                        NGHTTP2_NO_ERROR);
	else if (!h->going)
		(void)nghttp2_submit_goaway(
			h->ng, NGHTTP2_FLAG_NONE,
			nghttp2_session_get_last_proc_stream_id(h->ng),
			NGHTTP2_NO_ERROR, NULL, 0);
	h->going = true;
	http2_woken(h);
}
