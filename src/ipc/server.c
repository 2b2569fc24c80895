#include "ipc/ipc.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "ipc/frame.h"
#include "os/clock.h"
#include "os/thread.h"

#define CONNS_MAX   256
#define THREADS_MAX 16
#define QUEUE_MAX   256

struct conn {
	struct conn *next;
	struct ipc_server *server;
	int fd;
	uint64_t id;
	char name[IPC_NAME_MAX];
	unsigned refs; /* the list and the requests; under server->lock */
	bool broken;   /* under server->lock */
};

struct ipc_request {
	struct ipc_request *next; /* in the pool's queue */
	struct conn *conn;
	struct ipc_head head;
	int64_t until_us;
	bool *handled; /* for the reading thread, while it is in `handle` */
	void (*deferred)(void *context, struct ipc_request *r);
	size_t n;
	char body[];
};

struct ipc_server {
	struct ipc_service service;
	int door, epoll, stop;
	pthread_t reader;
	pthread_t pool[THREADS_MAX];
	unsigned n_pool;
	bool reader_runs;

	pthread_mutex_t lock; /* of the queue, and of conns' refs */
	pthread_cond_t work;
	struct ipc_request *first, **last;
	unsigned queued;
	bool stopping;

	struct conn *conns; /* the reading thread's */
	unsigned n_conns;
	uint64_t last_conn;
};

uint16_t ipc_request_op(const struct ipc_request *r)
{
	return r->head.op;
}

struct str ipc_request_body(const struct ipc_request *r)
{
	return (struct str){ r->body, r->n };
}

uint64_t ipc_request_conn(const struct ipc_request *r)
{
	return r->conn->id;
}

const char *ipc_request_peer(const struct ipc_request *r)
{
	return r->conn->name;
}

static void conn_unref(struct conn *c)
{
	struct ipc_server *s = c->server;
	unsigned left;

	(void)pthread_mutex_lock(&s->lock);
	left = --c->refs;
	(void)pthread_mutex_unlock(&s->lock);
	if (left)
		return;
	(void)close(c->fd);
	mem_free(c);
}

static void request_free(struct ipc_request *r)
{
	conn_unref(r->conn);
	mem_wipe(r->body, r->n); /* may hold a password */
	mem_free(r);
}

static void send_answer(struct ipc_request *r, enum err_kind kind,
                        struct str body)
{
	struct ipc_head head = { .magic = IPC_MAGIC,
		                 .op = r->head.op,
		                 .type = IPC_ANSWER,
		                 .kind = (uint8_t)kind,
		                 .id = r->head.id };

	if (r->handled)
		*r->handled = true;
	/* A client that leaves its answers lying until the socket is full is
	 * cut off: its calls end, and it comes again. */
	if (ipc_send(r->conn->fd, &head, body) <= 0)
		(void)shutdown(r->conn->fd, SHUT_RDWR);
	request_free(r);
}

void ipc_reply(struct ipc_request *r, struct str body)
{
	struct err err = ERR_INIT;

	if (body.n <= IPC_BODY_MAX) {
		send_answer(r, ERR_NONE, body);
		return;
	}
	err_drop(err_set(&err, ERR_TOO_BIG, "answer of %zu bytes", body.n));
	ipc_reply_err(r, &err);
}

void ipc_reply_err(struct ipc_request *r, const struct err *err)
{
	send_answer(r, err->kind == ERR_NONE ? ERR_TEMP : err->kind,
	            str_z(err->text));
}

static void reply_kind(struct ipc_request *r, enum err_kind kind,
                       const char *why)
{
	send_answer(r, kind, str_z(why));
}

void ipc_keep(struct ipc_request *r)
{
	if (r->handled)
		*r->handled = true;
	r->handled = NULL;
}

void ipc_defer(struct ipc_request *r,
               void (*fn)(void *context, struct ipc_request *r))
{
	struct ipc_server *s = r->conn->server;
	bool full;

	ipc_keep(r);
	r->deferred = fn;
	r->next = NULL;
	(void)pthread_mutex_lock(&s->lock);
	full = !s->n_pool || s->queued >= s->service.queue_max;
	if (!full) {
		*s->last = r;
		s->last = &r->next;
		s->queued++;
		(void)pthread_cond_signal(&s->work);
	}
	(void)pthread_mutex_unlock(&s->lock);
	if (full)
		reply_kind(r, ERR_TEMP, "too much waits already");
}

static struct ipc_request *next_deferred(struct ipc_server *s)
{
	struct ipc_request *r;

	(void)pthread_mutex_lock(&s->lock);
	while (!s->first && !s->stopping)
		(void)pthread_cond_wait(&s->work, &s->lock);
	r = s->first;
	if (r) {
		s->first = r->next;
		s->queued--;
		if (!s->first)
			s->last = &s->first;
	}
	(void)pthread_mutex_unlock(&s->lock);
	return r;
}

static void *run_pool(void *arg)
{
	struct ipc_server *s = arg;
	struct ipc_request *r;

	while ((r = next_deferred(s)) != NULL) {
		if (clock_real_us() >= r->until_us)
			reply_kind(r, ERR_TIMEOUT, "waited too long");
		else
			r->deferred(s->service.context, r);
	}
	return NULL;
}

static void handle(struct ipc_server *s, struct conn *c,
                   const struct ipc_head *head, struct str body)
{
	struct ipc_request *r = mem_alloc(sizeof(*r) + body.n);
	bool handled = false;

	*r = (struct ipc_request){ .conn = c,
		                   .head = *head,
		                   .until_us =
		                           clock_real_us() + head->timeout_us,
		                   .handled = &handled,
		                   .n = body.n };
	if (body.n)
		memcpy(r->body, body.p, body.n);
	(void)pthread_mutex_lock(&s->lock);
	c->refs++;
	(void)pthread_mutex_unlock(&s->lock);
	s->service.handle(s->service.context, r);
	if (!handled)
		reply_kind(r, ERR_INVALID, "no such operation");
}

static void drop(struct ipc_server *s, struct conn *c)
{
	for (struct conn **at = &s->conns; *at; at = &(*at)->next)
		if (*at == c) {
			*at = c->next;
			break;
		}
	s->n_conns--;
	(void)epoll_ctl(s->epoll, EPOLL_CTL_DEL, c->fd, NULL);
	(void)shutdown(c->fd, SHUT_RDWR);
	if (s->service.closed)
		s->service.closed(s->service.context, c->id);
	conn_unref(c);
}

/* A timeout beyond an hour is nonsense and would overflow sums. */
static bool is_request(const struct ipc_head *head)
{
	return head->type == IPC_REQUEST && head->timeout_us > 0 &&
	       head->timeout_us <= US_PER_HOUR;
}

static void read_conn(struct ipc_server *s, struct conn *c)
{
	char space[IPC_FRAME_MAX];
	struct ipc_head head;
	struct str body;

	/* A few at a time, so that one busy client starves nobody. */
	for (int i = 0; i < 16; i++) {
		int rc = ipc_recv(c->fd, space, &head, &body);

		if (rc == 0)
			return;
		if (rc < 0 || !is_request(&head)) {
			drop(s, c);
			return;
		}
		handle(s, c, &head, body);
		explicit_bzero(space, sizeof(head) + body.n);
	}
}

static void open_door(struct ipc_server *s)
{
	struct epoll_event ev = { .events = EPOLLIN };
	char name[IPC_NAME_MAX];
	struct conn *c;
	int fd = ipc_accept(s->door, name);

	if (fd < 0)
		return;
	if (s->n_conns >= CONNS_MAX) {
		(void)close(fd);
		return;
	}
	c = mem_zalloc(sizeof(*c));
	c->server = s;
	c->fd = fd;
	c->id = ++s->last_conn;
	c->refs = 1;
	memcpy(c->name, name, sizeof(c->name));
	ev.data.ptr = c;
	if (epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &ev) < 0) {
		(void)close(fd);
		mem_free(c);
		return;
	}
	c->next = s->conns;
	s->conns = c;
	s->n_conns++;
}

/* One event at a time: dropping a connection then never leaves an event of
 * it behind. */
static bool read_one(struct ipc_server *s, int wait_ms)
{
	struct epoll_event ev;

	if (epoll_wait(s->epoll, &ev, 1, wait_ms) < 1)
		return true;
	if (ev.data.ptr == &s->stop)
		return false;
	if (ev.data.ptr == &s->door)
		open_door(s);
	else
		read_conn(s, ev.data.ptr);
	return true;
}

static void *run_reader(void *arg)
{
	struct ipc_server *s = arg;
	int64_t now, tick_at = clock_real_us() + s->service.tick_us;

	for (;;) {
		now = clock_real_us();
		if (s->service.tick && now >= tick_at) {
			s->service.tick(s->service.context);
			tick_at = now + s->service.tick_us;
		}
		if (!read_one(s,
		              s->service.tick
		                      ? (int)((tick_at - now) / US_PER_MS + 1)
		                      : -1))
			return NULL;
	}
}

static int watch(struct ipc_server *s, int fd, void *what, struct err *err)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = what };

	if (epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &ev) < 0)
		return err_sys(err, errno, "epoll_ctl");
	return 0;
}

static int start(struct ipc_server *s, struct err *err)
{
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	s->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->epoll < 0 || s->stop < 0)
		return err_sys(err, errno, "cannot make an epoll");
	if (watch(s, s->stop, &s->stop, err) < 0 ||
	    watch(s, s->door, &s->door, err) < 0)
		return -1;
	while (s->n_pool < s->service.threads && s->n_pool < THREADS_MAX) {
		if (thread_start(&s->pool[s->n_pool], "ipc-pool", run_pool, s,
		                 err) < 0)
			return -1;
		s->n_pool++;
	}
	if (thread_start(&s->reader, "ipc-reader", run_reader, s, err) < 0)
		return -1;
	s->reader_runs = true;
	return 0;
}

int ipc_server_start(struct ipc_server **out, int door,
                     const struct ipc_service *service, struct err *err)
{
	struct ipc_server *s = mem_zalloc(sizeof(*s));

	s->service = *service;
	if (!s->service.tick_us)
		s->service.tick_us = US_PER_SEC;
	if (!s->service.queue_max)
		s->service.queue_max = QUEUE_MAX;
	s->door = door;
	s->epoll = s->stop = -1;
	s->last = &s->first;
	(void)pthread_mutex_init(&s->lock, NULL);
	(void)pthread_cond_init(&s->work, NULL);
	if (start(s, err) < 0) {
		ipc_server_stop(&s);
		return -1;
	}
	*out = s;
	return 0;
}

void ipc_server_stop(struct ipc_server **sp)
{
	struct ipc_server *s = *sp;
	uint64_t one = 1;

	if (!s)
		return;
	if (s->reader_runs) {
		while (write(s->stop, &one, sizeof(one)) < 0 && errno == EINTR)
			;
		(void)pthread_join(s->reader, NULL);
	}
	(void)pthread_mutex_lock(&s->lock);
	s->stopping = true;
	(void)pthread_cond_broadcast(&s->work);
	(void)pthread_mutex_unlock(&s->lock);
	for (unsigned i = 0; i < s->n_pool; i++)
		(void)pthread_join(s->pool[i], NULL);
	while (s->conns)
		drop(s, s->conns);
	if (s->epoll >= 0)
		(void)close(s->epoll);
	if (s->stop >= 0)
		(void)close(s->stop);
	(void)pthread_cond_destroy(&s->work);
	(void)pthread_mutex_destroy(&s->lock);
	mem_free(s);
	*sp = NULL;
}
