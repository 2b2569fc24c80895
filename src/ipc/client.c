#include "ipc/ipc.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "ipc/frame.h"
#include "os/blocking.h"
#include "os/clock.h"
#include "os/thread.h"

/* A socket without room is looked at again at least this often. */
#define ROOM_POLL_MS 20

struct call {
	struct call *next;
	uint64_t id;
	struct buf *reply; /* may be NULL */
	struct err *err;
	pthread_cond_t wake; /* done, or: become the reader */
	bool done;           /* answered: rc and *err say how */
	bool lost;           /* the connection broke before */
	int rc;
};

/* Who waits for an answer takes its turn as the reader, who receives for all;
 * a reader that has its own answer wakes another.  So no thread is needed,
 * and a lone caller gets its answer without a switch of threads. */
struct ipc_client {
	pthread_mutex_t lock;
	pthread_cond_t room; /* a call ended */
	int door;
	char name[IPC_NAME_MAX];
	unsigned calls_max;

	int fd; /* -1: not connected */
	uint64_t generation;
	uint64_t last_id;
	struct call *calls; /* outstanding */
	unsigned n_calls;
	bool has_reader;
};

struct ipc_client *ipc_client_new(int door, const char *name)
{
	struct ipc_client *c = mem_zalloc(sizeof(*c));

	(void)pthread_mutex_init(&c->lock, NULL);
	thread_cond_init(&c->room);
	c->door = door;
	c->fd = -1;
	c->calls_max = IPC_OUTSTANDING_MAX;
	(void)snprintf(c->name, sizeof(c->name), "%s", name);
	return c;
}

void ipc_client_allow(struct ipc_client *c, unsigned outstanding)
{
	c->calls_max = outstanding;
}

void ipc_client_free(struct ipc_client **cp)
{
	struct ipc_client *c = *cp;

	if (!c)
		return;
	if (c->fd >= 0)
		(void)close(c->fd);
	(void)pthread_cond_destroy(&c->room);
	(void)pthread_mutex_destroy(&c->lock);
	mem_free(c);
	*cp = NULL;
}

uint64_t ipc_client_generation(const struct ipc_client *c)
{
	return __atomic_load_n(&c->generation, __ATOMIC_ACQUIRE);
}

static void remove_call(struct ipc_client *c, struct call *call)
{
	for (struct call **at = &c->calls; *at; at = &(*at)->next) {
		if (*at != call)
			continue;
		*at = call->next;
		c->n_calls--;
		(void)pthread_cond_signal(&c->room);
		return;
	}
}

/* The connection broke: all that was asked on it is lost.  A reader that
 * still polls the fd is woken by the shutdown and closes it. */
static void lose(struct ipc_client *c)
{
	if (c->fd < 0)
		return;
	if (c->has_reader)
		(void)shutdown(c->fd, SHUT_RDWR);
	else
		(void)close(c->fd);
	c->has_reader = false;
	c->fd = -1;
	for (struct call *call = c->calls; call; call = call->next) {
		call->lost = true;
		(void)pthread_cond_signal(&call->wake);
	}
	c->calls = NULL;
	c->n_calls = 0;
	(void)pthread_cond_broadcast(&c->room);
}

static void answer(struct ipc_client *c, const struct ipc_head *head,
                   struct str body)
{
	struct call *call = c->calls;

	while (call && call->id != head->id)
		call = call->next;
	if (!call)
		return; /* its deadline passed: nobody wants it any more */
	remove_call(c, call);
	call->done = true;
	if (head->kind != ERR_NONE) {
		call->rc = err_set(call->err, (enum err_kind)head->kind, "%.*s",
		                   STR_ARG(body));
	} else if (call->reply) {
		buf_add(call->reply, body);
		if (buf_overflow(call->reply))
			call->rc = err_set(call->err, ERR_TOO_BIG,
			                   "answer of %zu bytes", body.n);
	}
	(void)pthread_cond_signal(&call->wake);
}

static int left_ms(int64_t until)
{
	int64_t left = until - clock_real_us();

	return left <= 0 ? 0 : (int)((left + US_PER_MS - 1) / US_PER_MS);
}

/* Receive one message, or wait in vain until `until`; the lock is held
 * before and after, not meanwhile. */
static void read_turn(struct ipc_client *c, int64_t until)
{
	char space[IPC_FRAME_MAX];
	uint64_t generation = c->generation;
	struct pollfd p = { .fd = c->fd, .events = POLLIN };
	struct ipc_head head;
	struct str body = { NULL, 0 };
	int rc;

	c->has_reader = true;
	(void)pthread_mutex_unlock(&c->lock);
	(void)poll(&p, 1, left_ms(until));
	rc = ipc_recv(p.fd, space, &head, &body);
	(void)pthread_mutex_lock(&c->lock);
	if (c->fd != p.fd || c->generation != generation) {
		(void)close(p.fd); /* lost meanwhile, left for us */
	} else {
		c->has_reader = false;
		if (rc < 0)
			lose(c);
		else if (rc > 0 && head.type == IPC_ANSWER)
			answer(c, &head, body);
	}
	if (rc > 0 && body.n)
		explicit_bzero(space, sizeof(head) + body.n);
}

static void wait_until(pthread_cond_t *cond, pthread_mutex_t *lock,
                       int64_t until)
{
	struct timespec ts = { .tv_sec = until / US_PER_SEC,
		               .tv_nsec = until % US_PER_SEC * 1000 };

	(void)pthread_cond_timedwait(cond, lock, &ts);
}

static void await(struct ipc_client *c, struct call *call, int64_t until)
{
	while (!call->done && !call->lost && clock_real_us() < until) {
		if (c->has_reader)
			wait_until(&call->wake, &c->lock, until);
		else
			read_turn(c, until);
	}
	if (!call->done && !call->lost)
		remove_call(c, call);
	if (!c->has_reader && c->calls)
		(void)pthread_cond_signal(&c->calls->wake);
}

/* 0 when the request is on its way. */
static int send_request(struct ipc_client *c, struct call *call, uint16_t op,
                        struct str body, int64_t until)
{
	struct ipc_head head = { .magic = IPC_MAGIC,
		                 .op = op,
		                 .type = IPC_REQUEST,
		                 .id = call->id };
	int rc;

	for (;;) {
		struct pollfd p = { .fd = c->fd, .events = POLLOUT };

		if (call->lost)
			return -1;
		head.timeout_us = until - clock_real_us();
		if (head.timeout_us <= 0)
			return 0; /* await() sees it too */
		rc = ipc_send(c->fd, &head, body);
		if (rc < 0)
			lose(c);
		if (rc != 0)
			return rc < 0 ? -1 : 0;
		(void)pthread_mutex_unlock(&c->lock);
		(void)poll(&p, 1, ROOM_POLL_MS);
		(void)pthread_mutex_lock(&c->lock);
	}
}

static int begin_call(struct ipc_client *c, struct call *call, int64_t until,
                      struct err *err)
{
	while (c->n_calls >= c->calls_max) {
		if (clock_real_us() >= until)
			return err_set(err, ERR_TIMEOUT,
			               "too many requests outstanding");
		wait_until(&c->room, &c->lock, until);
	}
	if (c->fd < 0) {
		c->fd = ipc_connect(c->door, c->name, err);
		if (c->fd < 0) {
			err->kind = ERR_TEMP;
			return -1;
		}
		(void)__atomic_add_fetch(&c->generation, 1, __ATOMIC_RELEASE);
	}
	call->id = ++c->last_id;
	call->done = false;
	call->lost = false;
	call->rc = 0;
	call->next = c->calls;
	c->calls = call;
	c->n_calls++;
	return 0;
}

/* 1: answered, call->rc is the result.  0: the connection broke. */
static int attempt(struct ipc_client *c, struct call *call, uint16_t op,
                   struct str body, int64_t until)
{
	if (begin_call(c, call, until, call->err) < 0) {
		call->rc = -1;
		return 1;
	}
	if (send_request(c, call, op, body, until) < 0)
		return 0;
	await(c, call, until);
	if (call->lost)
		return 0;
	if (!call->done)
		call->rc = err_set(call->err, ERR_TIMEOUT, "no answer in time");
	return 1;
}

int ipc_call(struct ipc_client *c, uint16_t op, struct str body,
             struct buf *reply, int64_t timeout_us, struct err *err)
{
	int64_t until = clock_real_us() + timeout_us;
	struct call call = { .reply = reply, .err = err };
	int answered = 0;

	if (reply)
		buf_reset(reply);
	if (body.n > IPC_BODY_MAX)
		return err_set(err, ERR_TOO_BIG, "request of %zu bytes",
		               body.n);
	thread_cond_init(&call.wake);
	blocking_begin();
	(void)pthread_mutex_lock(&c->lock);
	/* Once more after a restart of the other side, not for ever. */
	for (int i = 0; i < 2 && !answered; i++)
		answered = attempt(c, &call, op, body, until);
	(void)pthread_mutex_unlock(&c->lock);
	blocking_end();
	(void)pthread_cond_destroy(&call.wake);
	if (!answered)
		return err_set(err, ERR_TEMP, "the connection broke twice");
	return call.rc;
}
