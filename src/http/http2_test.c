/* HTTP/2 against nghttp2's own client, frame by frame over a socket pair. */
#include <nghttp2/nghttp2.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/test.h"
#include "http/server.h"

#define STREAMS_MAX 8
#define BIG         ((size_t)3000000)
#define UPLOAD_MAX  1000000

/* ---- a site ---- */

static atomic_int drops;

static void hello(struct http_exchange *x)
{
	http_set(x, "X-Own", STR("yes"));
	http_reply(x, 200, "text/plain", STR("hello\n"));
}

static void echo(struct http_exchange *x)
{
	struct str body;
	struct err err;

	assert_int_equal(http_body(x, &body, &err), 0);
	http_reply(x, 200, "application/octet-stream", body);
}

static void host(struct http_exchange *x)
{
	http_reply(x, 200, "text/plain", http_request(x)->host);
}

static void forgets(struct http_exchange *x)
{
	(void)x;
}

static void big(struct http_exchange *x)
{
	char *p = mem_alloc(BIG);

	memset(p, 'x', BIG);
	http_reply(x, 200, "text/plain", (struct str){ p, BIG });
	mem_free(p);
}

static bool pieces(struct http_exchange *x, void *arg)
{
	int *left = arg;

	http_write(x, STR("piece."));
	return --*left > 0;
}

static bool breaks(struct http_exchange *x, void *arg)
{
	if (pieces(x, arg))
		return true;
	http_break(x);
	return false;
}

static void drop(void *arg)
{
	mem_free(arg);
	(void)atomic_fetch_add(&drops, 1);
}

static int *three(void)
{
	int *left = mem_alloc(sizeof(*left));

	*left = 3;
	return left;
}

static void stream(struct http_exchange *x)
{
	http_send(x, 200, "text/plain", UINT64_MAX, pieces, drop, three());
}

static void stream_short(struct http_exchange *x)
{
	http_send(x, 200, "text/plain", 100, pieces, drop, three());
}

static void stream_broken(struct http_exchange *x)
{
	http_send(x, 200, "text/plain", UINT64_MAX, breaks, drop, three());
}

static const struct http_route routes[] = {
	{ .method = "GET", .path = "/hello", .handle = hello },
	{ .method = "GET", .path = "/host", .handle = host },
	{ .method = "GET", .path = "/big", .handle = big },
	{ .method = "GET", .path = "/stream", .handle = stream },
	{ .method = "GET", .path = "/short", .handle = stream_short },
	{ .method = "GET", .path = "/broken", .handle = stream_broken },
	{ .method = "GET", .path = "/forgets", .handle = forgets },
	{ .method = "POST",
	  .path = "/echo",
	  .handle = echo,
	  .body_max = UPLOAD_MAX },
};

static struct http_context site = {
	.routes = routes,
	.routes_n = sizeof(routes) / sizeof(routes[0]),
};

static char dir[] = "/tmp/http2-test-XXXXXX";
static struct net_engine *engine;
static struct spool_pool *spools;

static int set_up(void **state)
{
	struct net_options o = { .workers = 2 };
	struct err err;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(spool_pool_open(&spools, dir, 1 << 20, true, &err), 0);
	site.spools = spools;
	assert_int_equal(net_engine_new(&engine, &o, &err), 0);
	assert_int_equal(net_engine_start(engine, &err), 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	net_engine_stop(engine, INT64_C(1000000));
	net_engine_free(&engine);
	spool_pool_free(&spools);
	return rmdir(dir); /* every spool's file is gone */
}

/* ---- a client ---- */

struct reply {
	int32_t id;
	uint32_t status;
	struct buf fields, body;
	struct str upload; /* what is still to be sent */
	bool closed;
	uint32_t code; /* with which it closed */
};

struct client {
	int fd;
	nghttp2_session *ng;
	struct reply replies[STREAMS_MAX];
	int n, open;
	bool gone; /* GOAWAY came */
	uint32_t gone_code;
	size_t step; /* bytes written at a time */
};

static struct reply *reply_of(struct client *c, int32_t id)
{
	for (int i = 0; i < c->n; i++)
		if (c->replies[i].id == id)
			return &c->replies[i];
	return NULL;
}

static int on_header(nghttp2_session *ng, const nghttp2_frame *frame,
                     const uint8_t *name, size_t name_n, const uint8_t *value,
                     size_t value_n, uint8_t flags, void *user)
{
	struct reply *r = reply_of(user, frame->hd.stream_id);
	struct str n = { (const char *)name, name_n };
	struct str v = { (const char *)value, value_n };

	(void)ng;
	(void)flags;
	if (str_eq(n, STR(":status")))
		assert_true(str_to_u32(v, &r->status));
	buf_fmt(&r->fields, "%.*s: %.*s\n", STR_ARG(n), STR_ARG(v));
	return 0;
}

static int on_data(nghttp2_session *ng, uint8_t flags, int32_t id,
                   const uint8_t *p, size_t n, void *user)
{
	(void)ng;
	(void)flags;
	buf_add(&reply_of(user, id)->body, (struct str){ (const char *)p, n });
	return 0;
}

static int on_close(nghttp2_session *ng, int32_t id, uint32_t code, void *user)
{
	struct client *c = user;
	struct reply *r = reply_of(c, id);

	(void)ng;
	r->closed = true;
	r->code = code;
	c->open--;
	return 0;
}

static int on_frame(nghttp2_session *ng, const nghttp2_frame *frame, void *user)
{
	struct client *c = user;

	(void)ng;
	if (frame->hd.type == NGHTTP2_GOAWAY) {
		c->gone = true;
		c->gone_code = frame->goaway.error_code;
	}
	return 0;
}

static ssize_t read_upload(nghttp2_session *ng, int32_t id, uint8_t *to,
                           size_t n, uint32_t *flags,
                           nghttp2_data_source *source, void *user)
{
	struct reply *r = reply_of(user, id);

	(void)ng;
	(void)source;
	if (n > r->upload.n)
		n = r->upload.n;
	memcpy(to, r->upload.p, n);
	r->upload = str_from(r->upload, n);
	if (r->upload.n == 0)
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	return (ssize_t)n;
}

static void client_open(struct client *c)
{
	struct net_listener l = { .service = &http_service,
		                  .context = &site,
		                  .fd = -1 };
	nghttp2_session_callbacks *cb;
	struct err err;
	int fds[2];

	*c = (struct client){ .step = SIZE_MAX };
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(net_engine_adopt(engine, &l, fds[0], &err), 0);
	c->fd = fds[1];
	assert_int_equal(nghttp2_session_callbacks_new(&cb), 0);
	nghttp2_session_callbacks_set_on_header_callback(cb, on_header);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(cb, on_data);
	nghttp2_session_callbacks_set_on_stream_close_callback(cb, on_close);
	nghttp2_session_callbacks_set_on_frame_recv_callback(cb, on_frame);
	assert_int_equal(nghttp2_session_client_new(&c->ng, cb, c), 0);
	nghttp2_session_callbacks_del(cb);
	assert_int_equal(nghttp2_submit_settings(c->ng, 0, NULL, 0), 0);
}

static void client_close(struct client *c)
{
	for (int i = 0; i < c->n; i++) {
		buf_deinit(&c->replies[i].fields);
		buf_deinit(&c->replies[i].body);
	}
	nghttp2_session_del(c->ng);
	(void)close(c->fd);
}

static nghttp2_nv nv(const char *name, const char *value)
{
	/* It copies what it is given. */
	union {
		const char *in;
		uint8_t *out;
	} n = { name }, v = { value };

	return (nghttp2_nv){ n.out, v.out, strlen(name), strlen(value), 0 };
}

/* A further field may be NULL. */
static struct reply *ask(struct client *c, const char *method, const char *path,
                         struct str upload, const char *name, const char *value)
{
	nghttp2_nv fields[] = { nv(":method", method), nv(":scheme", "http"),
		                nv(":authority", "a.example"),
		                nv(":path", path),
		                nv(name ? name : "x", value ? value : "") };
	nghttp2_data_provider body = { .read_callback = read_upload };
	struct reply *r = &c->replies[c->n++];

	assert_true(c->n <= STREAMS_MAX);
	buf_init(&r->fields, 10000);
	buf_init(&r->body, BIG + 1);
	r->upload = upload;
	c->open++;
	r->id = nghttp2_submit_request(c->ng, NULL, fields, name ? 5 : 4,
	                               upload.n ? &body : NULL, NULL);
	assert_true(r->id > 0);
	return r;
}

static void say(struct client *c, struct str s)
{
	while (s.n > 0) {
		size_t step = s.n < c->step ? s.n : c->step;
		ssize_t n = send(c->fd, s.p, step, MSG_NOSIGNAL);

		if (n <= 0)
			return; /* it was closed: the answer tells why */
		s = str_from(s, (size_t)n);
	}
}

static void say_all(struct client *c)
{
	const uint8_t *p;
	ssize_t n;

	while ((n = nghttp2_session_mem_send(c->ng, &p)) > 0)
		say(c, (struct str){ (const char *)p, (size_t)n });
}

/* False: it was closed, or nothing came in 20 s. */
static bool hear(struct client *c)
{
	struct pollfd pf = { .fd = c->fd, .events = POLLIN };
	uint8_t p[65536];
	ssize_t n;

	if (poll(&pf, 1, 20000) != 1)
		fail_msg("nothing comes");
	n = recv(c->fd, p, sizeof(p), 0);
	return n > 0 && nghttp2_session_mem_recv(c->ng, p, (size_t)n) == n;
}

/* Until all is answered, or the connection has ended. */
static void talk(struct client *c)
{
	do
		say_all(c);
	while (c->open > 0 && hear(c));
	say_all(c);
}

static void has(const struct reply *r, uint32_t status, const char *body)
{
	if (!r->closed || r->status != status)
		fail_msg("status %u, code %u", r->status, r->code);
	if (body)
		assert_str(buf_str(&r->body), body);
}

/* ---- tests ---- */

static void answers(void **state)
{
	static const struct {
		const char *method, *path;
		uint32_t status;
		const char *body, *field;
	} rows[] = {
		{ "GET", "/hello", 200, "hello\n", "x-own: yes\n" },
		{ "GET", "/hello?x=1", 200, "hello\n", "content-length: 6\n" },
		{ "GET", "/hello", 200, "hello\n", "date: " },
		{ "GET", "/hello", 200, "hello\n",
		  "x-content-type-options: nosniff\n" },
		{ "HEAD", "/hello", 200, "", "content-length: 6\n" },
		{ "GET", "/host", 200, "a.example", "" },
		{ "GET", "/stream", 200, "piece.piece.piece.", "" },
		{ "HEAD", "/stream", 200, "", "" },
		{ "GET", "/nothing", 404, NULL, "" },
		{ "GET", "/../hello", 400, NULL, "" },
		{ "GET", "/%zz", 400, NULL, "" },
		{ "POST", "/hello", 405, NULL, "allow: GET, HEAD\n" },
		{ "GET", "/forgets", 500, NULL, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct client c;
		struct reply *r;

		client_open(&c);
		r = ask(&c, rows[i].method, rows[i].path, STR(""), NULL, NULL);
		talk(&c);
		has(r, rows[i].status, rows[i].body);
		assert_int_equal(r->code, NGHTTP2_NO_ERROR);
		assert_true(str_find(buf_str(&r->fields),
		                     str_z(rows[i].field)) != STR_NPOS);
		/* Those are of HTTP/1 alone (RFC 9113, 8.2.2). */
		assert_true(str_find(buf_str(&r->fields),
		                     STR("\nconnection:")) == STR_NPOS);
		assert_true(str_find(buf_str(&r->fields),
		                     STR("\ntransfer-encoding:")) == STR_NPOS);
		client_close(&c);
	}
}

static void at_any_cut(void **state)
{
	struct client c;

	(void)state;
	for (size_t step = 1; step < 12; step++) {
		struct reply *a, *b;

		client_open(&c);
		c.step = step;
		a = ask(&c, "GET", "/hello", STR(""), NULL, NULL);
		b = ask(&c, "POST", "/echo", STR("what is said"), NULL, NULL);
		talk(&c);
		has(a, 200, "hello\n");
		has(b, 200, "what is said");
		client_close(&c);
	}
}

static void several_at_once(void **state)
{
	struct client c;
	struct reply *r[5];

	(void)state;
	client_open(&c);
	r[0] = ask(&c, "GET", "/big", STR(""), NULL, NULL);
	r[1] = ask(&c, "GET", "/hello", STR(""), NULL, NULL);
	r[2] = ask(&c, "GET", "/stream", STR(""), NULL, NULL);
	r[3] = ask(&c, "GET", "/nothing", STR(""), NULL, NULL);
	r[4] = ask(&c, "GET", "/big", STR(""), NULL, NULL);
	talk(&c);
	for (int i = 0; i < 5; i += 4) {
		has(r[i], 200, NULL);
		assert_int_equal(r[i]->body.n, BIG);
	}
	has(r[1], 200, "hello\n");
	has(r[2], 200, "piece.piece.piece.");
	has(r[3], 404, NULL);
	client_close(&c);
}

/* Larger than the windows, which open again as it is taken. */
static void bodies(void **state)
{
	char *p = mem_alloc(UPLOAD_MAX + 1);
	struct client c;
	struct reply *a, *b;

	(void)state;
	for (size_t i = 0; i <= UPLOAD_MAX; i++)
		p[i] = (char)(i * i >> 7);
	client_open(&c);
	a = ask(&c, "POST", "/echo", (struct str){ p, UPLOAD_MAX }, NULL, NULL);
	talk(&c);
	has(a, 200, NULL);
	assert_true(str_eq(buf_str(&a->body), (struct str){ p, UPLOAD_MAX }));
	/* One byte more; and a length that is not true. */
	a = ask(&c, "POST", "/echo", (struct str){ p, UPLOAD_MAX + 1 }, NULL,
	        NULL);
	talk(&c);
	has(a, 413, NULL);
	a = ask(&c, "POST", "/echo", STR("four"), "content-length", "5");
	talk(&c);
	assert_true(a->closed && a->code == NGHTTP2_PROTOCOL_ERROR);
	b = ask(&c, "GET", "/hello", STR(""), NULL, NULL);
	talk(&c);
	has(b, 200, "hello\n");
	client_close(&c);
	mem_free(p);
}

/* What is not all of it must not look as if it were; the others go on. */
static void cut_short(void **state)
{
	int before = atomic_load(&drops);
	struct client c;
	struct reply *a, *b, *d;

	(void)state;
	client_open(&c);
	a = ask(&c, "GET", "/short", STR(""), NULL, NULL);
	b = ask(&c, "GET", "/broken", STR(""), NULL, NULL);
	d = ask(&c, "GET", "/stream", STR(""), NULL, NULL);
	talk(&c);
	assert_true(a->closed && a->code == NGHTTP2_INTERNAL_ERROR);
	assert_true(b->closed && b->code == NGHTTP2_INTERNAL_ERROR);
	has(d, 200, "piece.piece.piece.");
	assert_int_equal(atomic_load(&drops) - before, 3);
	client_close(&c);
}

static void requests_that_do_not_read(void **state)
{
	char *large = mem_alloc(20001);
	struct client c;
	struct reply *a, *b, *d;

	(void)state;
	memset(large, 'x', 20000);
	large[20000] = '\0';
	client_open(&c);
	a = ask(&c, "GET", "/hello", STR(""), "host", "b.example");
	b = ask(&c, "GET", "/hello", STR(""), "x-large", large);
	d = ask(&c, "GET", "/hello", STR(""), "host", "A.example");
	talk(&c);
	has(a, 400, NULL);
	has(b, 431, NULL);
	has(d, 200, "hello\n");
	client_close(&c);
	mem_free(large);
}

/* Frames by hand, behind the client's own beginning. */
static void assert_ends(struct str frames, uint32_t code)
{
	struct client c;

	client_open(&c);
	say_all(&c);
	say(&c, frames);
	while (hear(&c))
		;
	assert_true(c.gone);
	assert_int_equal(c.gone_code, code);
	client_close(&c);
}

static void frames_that_are_wrong(void **state)
{
	static const struct str rows[] = {
		STR_INIT("\0\0\0\4\0\0\0\0\1"),  /* SETTINGS, stream 1 */
		STR_INIT("\0\0\1\0\0\0\0\0\0x"), /* DATA, stream 0 */
		STR_INIT("\0\0\4\10\0\0\0\0\0\0\0\0\0"), /* a window by 0 */
		STR_INIT("\0\0\1\1\5\0\0\0\2\202"),      /* an even stream */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_ends(rows[i], NGHTTP2_PROTOCOL_ERROR);
}

static void busy_in_vain(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100000);
	for (int i = 0; i < 2500; i++)
		buf_add(&b, STR("\0\0\5\2\0\0\0\0\1\0\0\0\0\1")); /* PRIORITY */
	assert_ends(buf_str(&b), NGHTTP2_ENHANCE_YOUR_CALM);
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test(at_any_cut),
		cmocka_unit_test(several_at_once),
		cmocka_unit_test(bodies),
		cmocka_unit_test(cut_short),
		cmocka_unit_test(requests_that_do_not_read),
		cmocka_unit_test(frames_that_are_wrong),
		cmocka_unit_test(busy_in_vain),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
