#include "dns/server.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unbound.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/mem.h"
#include "dns/client.h"
#include "dns/proto.h"
#include "ipc/ipc.h"
#include "os/clock.h"
#include "os/thread.h"

#define CLASS_IN 1

/* The root's keys as DS records: those of 2017 and of 2024. */
static const char *const root_anchors[] = {
	". IN DS 20326 8 2 "
	"E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D",
	". IN DS 38696 8 2 "
	"683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16",
};

struct question {
	struct question *next;
	struct dns_server *server;
	struct ipc_request *request;
	int64_t until_us;
	int id; /* libunbound's */
};

struct dns_server {
	struct ub_ctx *ub;
	struct ipc_server *ipc;
	pthread_t thread;
	bool thread_runs;
	int stop;

	pthread_mutex_t lock; /* of all below */
	struct question *waiting;
	struct dns_server_figures figures;
};

/* ---- answers ---- */

static void take_out(struct dns_server *s, struct question *q)
{
	for (struct question **at = &s->waiting; *at; at = &(*at)->next)
		if (*at == q) {
			*at = q->next;
			s->figures.waiting--;
			break;
		}
}

static enum dns_status status_of(const struct ub_result *r)
{
	if (r->bogus)
		return DNS_FAIL;
	if (r->havedata)
		return DNS_OK;
	if (r->nxdomain)
		return DNS_NXDOMAIN;
	return r->rcode == 0 ? DNS_NODATA : DNS_FAIL;
}

static void put_failure(struct buf *b, bool bogus, const char *why)
{
	ipc_put_u8(b, DNS_FAIL);
	ipc_put_u8(b, bogus ? DNS_FLAG_BOGUS : 0);
	ipc_put_u32(b, 0);
	ipc_put_str(b, str_z(why));
	ipc_put_u32(b, 0);
}

/* Records as many as fit; whoever has more than that shows the first.  One
 * that does not fit at all is as no answer: to say that there is none would
 * be untrue. */
static void put_result(struct buf *b, const struct ub_result *r)
{
	size_t size = 0;
	uint32_t n = 0;

	while (r->havedata && r->data[n] && n < DNS_RECORDS_MAX &&
	       size + (size_t)r->len[n] + 4 < DNS_ANSWER_MAX - 2048) {
		size += (size_t)r->len[n] + 4;
		n++;
	}
	if (r->havedata && n == 0) {
		put_failure(b, false, "the answer is too large");
		return;
	}
	ipc_put_u8(b, (uint8_t)status_of(r));
	ipc_put_u8(b, r->secure ? DNS_FLAG_SECURE : 0);
	ipc_put_u32(b, r->ttl > 0 ? (uint32_t)r->ttl : 0);
	ipc_put_str(b, str_z(r->canonname ? r->canonname : ""));
	ipc_put_u32(b, n);
	for (uint32_t i = 0; i < n; i++)
		ipc_put_str(b, (struct str){ r->data[i], (size_t)r->len[i] });
}

static void answer(struct question *q, int err, const struct ub_result *r)
{
	struct buf b;

	buf_init(&b, IPC_BODY_MAX);
	if (err || !r)
		put_failure(&b, false, ub_strerror(err));
	else if (r->bogus)
		put_failure(&b, true,
		            r->why_bogus ? r->why_bogus : "bad signatures");
	else if (status_of(r) == DNS_FAIL)
		put_failure(&b, false,
		            r->rcode == 2 ? "the name servers do not answer"
		                          : "the name servers refuse");
	else
		put_result(&b, r);
	ipc_reply(q->request, buf_str(&b));
	buf_deinit(&b);
}

/* On the thread that runs ub_process(). */
static void resolved(void *arg, int err, struct ub_result *r)
{
	struct question *q = arg;
	struct dns_server *s = q->server;

	(void)pthread_mutex_lock(&s->lock);
	take_out(s, q);
	s->figures.failed += err || !r || status_of(r) == DNS_FAIL;
	s->figures.bogus += !err && r && r->bogus;
	(void)pthread_mutex_unlock(&s->lock);
	answer(q, err, r);
	ub_resolve_free(r);
	mem_free(q);
}

/* ---- questions ---- */

static void refuse(struct ipc_request *r, const char *why)
{
	struct err err = ERR_INIT;

	err_drop(err_set(&err, ERR_TEMP, "%s", why));
	ipc_reply_err(r, &err);
}

static bool has_room(struct dns_server *s)
{
	bool room;

	(void)pthread_mutex_lock(&s->lock);
	room = s->figures.waiting < DNS_WAITING_MAX;
	(void)pthread_mutex_unlock(&s->lock);
	return room;
}

static void ask(struct dns_server *s, struct ipc_request *r, const char *name,
                int type)
{
	struct question *q = mem_zalloc(sizeof(*q));
	int rc;

	q->server = s;
	q->request = r;
	q->until_us = clock_real_us() + DNS_PATIENCE_US;
	ipc_keep(r);
	/* Held over the call, so that the answer cannot come before it is in
	 * the list. */
	(void)pthread_mutex_lock(&s->lock);
	rc = ub_resolve_async(s->ub, name, type, CLASS_IN, q, resolved, &q->id);
	if (rc == 0) {
		q->next = s->waiting;
		s->waiting = q;
		s->figures.waiting++;
		s->figures.asked++;
	}
	(void)pthread_mutex_unlock(&s->lock);
	if (rc != 0) {
		answer(q, rc, NULL);
		mem_free(q);
	}
}

static void handle(void *context, struct ipc_request *r)
{
	struct dns_server *s = context;
	struct ipc_fields f = { ipc_request_body(r), false };
	uint32_t type = ipc_get_u32(&f);
	char name[256];

	if (ipc_request_op(r) != DNS_OP_LOOKUP)
		return;
	ipc_get_z(&f, name, sizeof(name));
	if (!ipc_fields_done(&f) || type > 65535)
		return;
	if (has_room(s))
		ask(s, r, name, (int)type);
	else
		refuse(r, "too many questions wait");
}

/* Those that wait too long: libunbound gives up by itself, but late. */
static void give_up_old(void *context)
{
	struct dns_server *s = context;
	int64_t now = clock_real_us();
	struct question *old = NULL;

	(void)pthread_mutex_lock(&s->lock);
	for (struct question **at = &s->waiting; *at;) {
		struct question *q = *at;

		if (now < q->until_us || ub_cancel(s->ub, q->id) != 0) {
			at = &q->next;
			continue;
		}
		*at = q->next;
		s->figures.waiting--;
		s->figures.failed++;
		q->next = old;
		old = q;
	}
	(void)pthread_mutex_unlock(&s->lock);
	while (old) {
		struct question *q = old;
		struct buf b;

		old = q->next;
		buf_init(&b, 512);
		put_failure(&b, false, "no answer in time");
		ipc_reply(q->request, buf_str(&b));
		buf_deinit(&b);
		mem_free(q);
	}
}

static void *run(void *arg)
{
	struct dns_server *s = arg;
	struct pollfd fds[2] = {
		{ .fd = ub_fd(s->ub), .events = POLLIN },
		{ .fd = s->stop, .events = POLLIN },
	};

	while (fds[1].revents == 0) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			break;
		if (fds[0].revents)
			(void)ub_process(s->ub);
	}
	return NULL;
}

/* ---- start and stop ---- */

static int unbound_err(struct err *err, int rc, const char *what)
{
	return err_set(err, ERR_INVALID, "resolver: %s: %s", what,
	               ub_strerror(rc));
}

/* "addr:port" and "[addr]:port" as libunbound wants them: "addr@port". */
static int add_server(struct ub_ctx *ub, struct str server, struct err *err)
{
	size_t colon = str_rchr(server, ':');
	bool bracket = server.n > 0 && server.p[0] == '[';
	bool has_port = colon != STR_NPOS &&
	                (bracket ? colon > 0 && server.p[colon - 1] == ']'
	                         : str_chr(server, ':') == colon);
	struct str host = has_port ? str_to(server, colon) : server;
	char text[128];
	int n, rc;

	if (bracket && host.n >= 2)
		host = (struct str){ host.p + 1, host.n - 2 };
	n = snprintf(text, sizeof(text), "%.*s%s%.*s", STR_ARG(host),
	             has_port ? "@" : "",
	             has_port ? (int)(server.n - colon - 1) : 0,
	             has_port ? server.p + colon + 1 : "");
	if (n < 0 || (size_t)n >= sizeof(text))
		return err_set(err, ERR_INVALID, "name server %.*s",
		               STR_ARG(server));
	rc = ub_ctx_set_fwd(ub, text);
	return rc ? unbound_err(err, rc, text) : 0;
}

static int set_servers(struct ub_ctx *ub, const struct dns_server_options *o,
                       struct err *err)
{
	int rc;

	for (size_t i = 0; i < o->n_servers; i++)
		if (add_server(ub, o->servers[i], err) < 0)
			return -1;
	if (o->n_servers > 0)
		return 0;
	rc = ub_ctx_resolvconf(ub, NULL);
	/* Without the file it resolves from the root by itself. */
	return rc && rc != UB_READFILE ? unbound_err(err, rc, "resolv.conf")
	                               : 0;
}

static int set_anchors(struct ub_ctx *ub, const char *file, struct err *err)
{
	int rc = 0;

	if (file && *file) {
		rc = ub_ctx_add_ta_file(ub, file);
		return rc ? unbound_err(err, rc, file) : 0;
	}
	for (size_t i = 0; i < sizeof(root_anchors) / sizeof(*root_anchors);
	     i++) {
		rc = ub_ctx_add_ta(ub, root_anchors[i]);
		if (rc)
			return unbound_err(err, rc, "root trust anchor");
	}
	return 0;
}

static int set_options(struct ub_ctx *ub, uint32_t cache_kib, struct err *err)
{
	char size[16];

	const struct {
		const char *name, *value;
	} options[] = {
		{ "msg-cache-size:", size },
		{ "rrset-cache-size:", size },
		{ "key-cache-size:", "1m" },
		{ "neg-cache-size:", "1m" },
		{ "do-not-query-localhost:", "no" },
		/* Names of private networks are for the servers we were
		 * given to answer. */
		{ "unblock-lan-zones:", "yes" },
		{ "insecure-lan-zones:", "yes" },
		{ "qname-minimisation:", "yes" },
		{ "harden-glue:", "yes" },
		{ "harden-dnssec-stripped:", "yes" },
		{ "minimal-responses:", "yes" },
		/* Most of what waits is for zones that do not answer. */
		{ "outgoing-range:", "2048" },
		{ "num-queries-per-thread:", "4096" },
	};

	(void)snprintf(size, sizeof(size), "%uk", cache_kib);
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		int rc = ub_ctx_set_option(ub, options[i].name,
		                           options[i].value);

		if (rc)
			return unbound_err(err, rc, options[i].name);
	}
	return 0;
}

/* libunbound makes up its mind about its settings at the first question, and
 * takes more stack for that than our threads have: ask it something that it
 * knows by itself. */
static int settle(struct ub_ctx *ub, struct err *err)
{
	struct ub_result *r = NULL;
	int rc = ub_resolve(ub, "localhost", DNS_A, CLASS_IN, &r);

	if (r)
		ub_resolve_free(r);
	return rc ? unbound_err(err, rc, "the first question") : 0;
}

static int start(struct dns_server *s, const struct dns_server_options *o,
                 struct err *err)
{
	struct ipc_service service = { .handle = handle,
		                       .tick = give_up_old,
		                       .context = s };
	int rc;

	s->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->stop < 0)
		return err_sys(err, errno, "eventfd");
	s->ub = ub_ctx_create();
	if (!s->ub)
		return err_set(err, ERR_TEMP, "cannot make a resolver");
	if (set_options(s->ub, o->cache_kib ? o->cache_kib : 4096, err) < 0 ||
	    set_servers(s->ub, o, err) < 0 ||
	    set_anchors(s->ub, o->trust_anchor, err) < 0)
		return -1;
	rc = ub_ctx_async(s->ub, 1);
	if (rc)
		return unbound_err(err, rc, "threads");
	if (settle(s->ub, err) < 0)
		return -1;
	if (thread_start(&s->thread, "dns-answers", run, s, err) < 0)
		return -1;
	s->thread_runs = true;
	return ipc_server_start(&s->ipc, o->door, &service, err);
}

int dns_server_start(struct dns_server **out,
                     const struct dns_server_options *o, struct err *err)
{
	struct dns_server *s = mem_zalloc(sizeof(*s));

	(void)pthread_mutex_init(&s->lock, NULL);
	s->stop = -1;
	if (start(s, o, err) < 0) {
		dns_server_stop(&s);
		return -1;
	}
	*out = s;
	return 0;
}

/* What still waits is answered before the doors close. */
static void answer_all(struct dns_server *s)
{
	(void)pthread_mutex_lock(&s->lock);
	for (struct question *q = s->waiting; q; q = q->next)
		q->until_us = 0;
	(void)pthread_mutex_unlock(&s->lock);
	give_up_old(s);
}

void dns_server_stop(struct dns_server **sp)
{
	struct dns_server *s = *sp;
	uint64_t one = 1;

	if (!s)
		return;
	if (s->thread_runs) {
		while (write(s->stop, &one, sizeof(one)) < 0 && errno == EINTR)
			;
		(void)pthread_join(s->thread, NULL);
	}
	if (s->ub)
		answer_all(s);
	ipc_server_stop(&s->ipc);
	if (s->ub) {
		answer_all(s); /* what came in between */
		ub_ctx_delete(s->ub);
	}
	if (s->stop >= 0)
		(void)close(s->stop);
	(void)pthread_mutex_destroy(&s->lock);
	mem_free(s);
	*sp = NULL;
}

void dns_server_figures(struct dns_server *s, struct dns_server_figures *out)
{
	(void)pthread_mutex_lock(&s->lock);
	*out = s->figures;
	(void)pthread_mutex_unlock(&s->lock);
}
