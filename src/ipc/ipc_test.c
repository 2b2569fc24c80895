#include "ipc/ipc.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/test.h"
#include "ipc/frame.h"
#include "os/clock.h"

enum { OP_ECHO = 1, OP_SLOW, OP_FAIL, OP_BIG, OP_CONN, OP_NEVER = 99 };

static atomic_int closed_count;
static atomic_uint_fast64_t closed_conn;

static void slow(void *context, struct ipc_request *r)
{
	(void)context;
	clock_sleep_us(50 * US_PER_MS);
	ipc_reply(r, ipc_request_body(r));
}

static void handle(void *context, struct ipc_request *r)
{
	static char big[IPC_BODY_MAX + 1];
	struct err err = ERR_INIT;
	char id[24];

	(void)context;
	switch (ipc_request_op(r)) {
	case OP_ECHO: ipc_reply(r, ipc_request_body(r)); break;
	case OP_SLOW: ipc_defer(r, slow); break;
	case OP_FAIL:
		err_drop(err_set(&err, ERR_OVER_QUOTA, "full of %s", "mail"));
		ipc_reply_err(r, &err);
		break;
	case OP_BIG: ipc_reply(r, (struct str){ big, sizeof(big) }); break;
	case OP_CONN:
		(void)snprintf(id, sizeof(id), "%s %llu", ipc_request_peer(r),
		               (unsigned long long)ipc_request_conn(r));
		ipc_reply(r, str_z(id));
		break;
	default: break;
	}
}

static void closed(void *context, uint64_t conn)
{
	(void)context;
	closed_conn = conn;
	(void)atomic_fetch_add(&closed_count, 1);
}

static const struct ipc_service service = {
	.handle = handle, .closed = closed, .threads = 2, .queue_max = 4
};

struct world {
	int door[2];
	struct ipc_server *server;
	struct ipc_client *client;
};

static struct world world_new(void)
{
	struct world w = { 0 };
	struct err err = ERR_INIT;

	assert_int_equal(ipc_door(w.door, &err), 0);
	assert_int_equal(ipc_server_start(&w.server, w.door[0], &service, &err),
	                 0);
	w.client = ipc_client_new(w.door[1], "test");
	return w;
}

static void world_free(struct world *w)
{
	ipc_client_free(&w->client);
	ipc_server_stop(&w->server);
	(void)close(w->door[0]);
	(void)close(w->door[1]);
}

static int call(struct ipc_client *c, uint16_t op, struct str body,
                struct buf *reply, struct err *err)
{
	return ipc_call(c, op, body, reply, 5 * US_PER_SEC, err);
}

static void answers(void **state)
{
	struct world w = world_new();
	struct err err = ERR_INIT;
	static char big[IPC_BODY_MAX + 1];
	struct buf reply;

	(void)state;
	buf_init(&reply, IPC_BODY_MAX);
	assert_int_equal(call(w.client, OP_ECHO, STR("hello"), &reply, &err),
	                 0);
	assert_str(buf_str(&reply), "hello");
	assert_int_equal(call(w.client, OP_ECHO, STR(""), &reply, &err), 0);
	assert_int_equal(reply.n, 0);
	assert_int_equal(call(w.client, OP_ECHO,
	                      (struct str){ big, IPC_BODY_MAX }, &reply, &err),
	                 0);
	assert_int_equal(reply.n, IPC_BODY_MAX);
	assert_int_equal(call(w.client, OP_ECHO, STR("x"), NULL, &err), 0);
	assert_int_equal(call(w.client, OP_SLOW, STR("later"), &reply, &err),
	                 0);
	assert_str(buf_str(&reply), "later");
	assert_int_equal(call(w.client, OP_CONN, STR(""), &reply, &err), 0);
	assert_str(buf_str(&reply), "test 1");
	assert_int_equal(ipc_client_generation(w.client), 1);
	buf_deinit(&reply);
	world_free(&w);
}

static void refusals(void **state)
{
	struct world w = world_new();
	static char big[IPC_BODY_MAX + 1];

	const struct {
		uint16_t op;
		struct str body;
		size_t reply_max;
		enum err_kind want;
		const char *text;
	} rows[] = {
		{ OP_FAIL, STR_INIT(""), 10, ERR_OVER_QUOTA, "full of mail" },
		{ OP_NEVER, STR_INIT(""), 10, ERR_INVALID,
		  "no such operation" },
		{ OP_BIG, STR_INIT(""), 10, ERR_TOO_BIG,
		  "answer of 32769 bytes" },
		{ OP_ECHO,
		  { big, sizeof(big) },
		  10,
		  ERR_TOO_BIG,
		  "request of 32769 bytes" },
		{ OP_ECHO, STR_INIT("too long for it"), 10, ERR_TOO_BIG,
		  "answer of 15 bytes" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = ERR_INIT;
		struct buf reply;

		buf_init(&reply, rows[i].reply_max);
		assert_int_equal(call(w.client, rows[i].op, rows[i].body,
		                      &reply, &err),
		                 -1);
		assert_int_equal(err.kind, rows[i].want);
		assert_string_equal(err.text, rows[i].text);
		buf_deinit(&reply);
	}
	world_free(&w);
}

static void deadline(void **state)
{
	struct world w = world_new();
	struct err err = ERR_INIT;
	struct buf reply;
	int64_t begun = clock_real_us();

	(void)state;
	buf_init(&reply, 100);
	assert_int_equal(ipc_call(w.client, OP_SLOW, STR("x"), &reply,
	                          5 * US_PER_MS, &err),
	                 -1);
	assert_int_equal(err.kind, ERR_TIMEOUT);
	assert_true(clock_real_us() - begun < 45 * US_PER_MS);
	/* Its late answer is nobody's, and the next one is right. */
	clock_sleep_us(60 * US_PER_MS);
	assert_int_equal(call(w.client, OP_ECHO, STR("next"), &reply, &err), 0);
	assert_str(buf_str(&reply), "next");
	buf_deinit(&reply);
	world_free(&w);
}

struct caller {
	pthread_t thread;
	struct ipc_client *client;
	unsigned number;
	uint16_t op;
	unsigned ok, temp, other;
};

static void *run_caller(void *arg)
{
	struct caller *me = arg;
	struct buf reply;
	char body[32];

	buf_init(&reply, 100);
	for (int i = 0; i < (me->op == OP_SLOW ? 4 : 2000); i++) {
		struct err err = ERR_INIT;

		(void)snprintf(body, sizeof(body), "%u/%d", me->number, i);
		if (call(me->client, me->op, str_z(body), &reply, &err) == 0 &&
		    str_eq(buf_str(&reply), str_z(body)))
			me->ok++;
		else if (err.kind == ERR_TEMP)
			me->temp++;
		else
			me->other++;
	}
	buf_deinit(&reply);
	return NULL;
}

static void run_callers(struct ipc_client *c, uint16_t op, size_t n,
                        struct caller *sum)
{
	struct caller callers[16];

	for (size_t i = 0; i < n; i++) {
		callers[i] = (struct caller){ .client = c,
			                      .number = (unsigned)i,
			                      .op = op };
		assert_int_equal(pthread_create(&callers[i].thread, NULL,
		                                run_caller, &callers[i]),
		                 0);
	}
	for (size_t i = 0; i < n; i++) {
		(void)pthread_join(callers[i].thread, NULL);
		sum->ok += callers[i].ok;
		sum->temp += callers[i].temp;
		sum->other += callers[i].other;
	}
}

static void many_threads(void **state)
{
	struct world w = world_new();
	struct caller sum = { 0 };

	(void)state;
	run_callers(w.client, OP_ECHO, 8, &sum);
	assert_int_equal(sum.ok, 16000);
	assert_int_equal(ipc_client_generation(w.client), 1);
	world_free(&w);
}

/* 16 callers, a pool of 2 with a queue of 4: some are refused, all are
 * answered. */
static void full_queue(void **state)
{
	struct world w = world_new();
	struct caller sum = { 0 };

	(void)state;
	run_callers(w.client, OP_SLOW, 16, &sum);
	assert_int_equal(sum.other, 0);
	assert_int_equal(sum.ok + sum.temp, 64);
	assert_true(sum.ok >= 8);
	assert_true(sum.temp > 0);
	world_free(&w);
}

static void client_gone(void **state)
{
	struct world w = world_new();
	struct ipc_client *other = ipc_client_new(w.door[1], "other");
	struct err err = ERR_INIT;
	int before = closed_count;

	(void)state;
	assert_int_equal(call(w.client, OP_ECHO, STR(""), NULL, &err), 0);
	assert_int_equal(call(other, OP_ECHO, STR(""), NULL, &err), 0);
	ipc_client_free(&other);
	for (int i = 0; i < 500 && closed_count == before; i++)
		clock_sleep_us(10 * US_PER_MS);
	assert_int_equal(closed_count, before + 1);
	assert_int_equal(closed_conn, 2);
	assert_int_equal(call(w.client, OP_ECHO, STR(""), NULL, &err), 0);
	world_free(&w);
}

/* A process that serves; it does when this returns. */
static pid_t spawn(int door)
{
	int up[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(up), 0);
	pid = fork();
	if (pid == 0) {
		struct ipc_server *s;
		struct err err = ERR_INIT;

		if (ipc_server_start(&s, door, &service, &err) < 0 ||
		    write(up[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			(void)pause();
	}
	assert_true(pid > 0);
	(void)close(up[1]);
	assert_int_equal(read(up[0], &byte, 1), 1);
	(void)close(up[0]);
	return pid;
}

static void reap(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
}

/* The server dies in the middle of it all and comes back: who asked is
 * answered by the next one. */
static void killed(void **state)
{
	int door[2];
	struct err err = ERR_INIT;
	struct ipc_client *c;
	struct buf reply;
	pid_t pid;

	(void)state;
	assert_int_equal(ipc_door(door, &err), 0);
	c = ipc_client_new(door[1], "test");
	buf_init(&reply, 100);
	for (int i = 0; i < 5; i++) {
		pid = spawn(door[0]);
		assert_int_equal(call(c, OP_ECHO, STR("a"), &reply, &err), 0);
		assert_str(buf_str(&reply), "a");
		assert_int_equal(kill(pid, SIGKILL), 0);
		reap(pid);
	}
	/* Nobody there: the deadline ends it; the late request, which lies at
	 * the door, does no harm. */
	assert_int_equal(ipc_call(c, OP_ECHO, STR("b"), &reply, 50 * US_PER_MS,
	                          &err),
	                 -1);
	assert_int_equal(err.kind, ERR_TIMEOUT);
	pid = spawn(door[0]);
	assert_int_equal(call(c, OP_ECHO, STR("c"), &reply, &err), 0);
	assert_str(buf_str(&reply), "c");
	(void)kill(pid, SIGKILL);
	reap(pid);
	buf_deinit(&reply);
	ipc_client_free(&c);
	(void)close(door[0]);
	(void)close(door[1]);
}

/* Starts and kills servers in a process of its own, which has one thread, so
 * that it may fork; until `stop` can be read, then leaves one alive until it
 * is killed itself. */
static pid_t spawn_reviver(int door, int stop)
{
	struct pollfd p = { .fd = stop, .events = POLLIN };
	pid_t pid = fork();
	char byte;

	if (pid != 0)
		return pid;
	while (poll(&p, 1, 0) == 0) {
		pid_t server = spawn(door);

		clock_sleep_us(20 * US_PER_MS);
		(void)kill(server, SIGKILL);
		reap(server);
	}
	pid = spawn(door);
	/* The byte that is there, and one that says it is over. */
	if (read(stop, &byte, 1) < 0 || read(stop, &byte, 1) < 0)
		_exit(1);
	(void)kill(pid, SIGKILL);
	reap(pid);
	_exit(0);
}

/* Under a rain of kills every call ends with its own answer or with
 * ERR_TEMP. */
static void killed_often(void **state)
{
	struct caller sum = { 0 };
	struct err err = ERR_INIT;
	struct ipc_client *c;
	int door[2], stop[2];
	pid_t pid;

	(void)state;
	assert_int_equal(ipc_door(door, &err), 0);
	assert_int_equal(pipe(stop), 0);
	pid = spawn_reviver(door[0], stop[0]);
	assert_true(pid > 0);
	c = ipc_client_new(door[1], "test");
	run_callers(c, OP_ECHO, 8, &sum);
	assert_int_equal(write(stop[1], "x", 1), 1);
	assert_int_equal(sum.other, 0);
	assert_int_equal(sum.ok + sum.temp, 16000);
	assert_true(sum.ok > 15000);
	assert_true(ipc_client_generation(c) > 1);
	assert_int_equal(call(c, OP_ECHO, STR("x"), NULL, &err), 0);
	assert_int_equal(write(stop[1], "x", 1), 1);
	reap(pid);
	ipc_client_free(&c);
	(void)close(door[0]);
	(void)close(door[1]);
	(void)close(stop[0]);
	(void)close(stop[1]);
}

/* Bytes that are no message cost the sender its connection, nobody else. */
static void nonsense(void **state)
{
	struct world w = world_new();
	struct err err = ERR_INIT;
	char byte;
	int fd;

	(void)state;
	assert_int_equal(call(w.client, OP_ECHO, STR("x"), NULL, &err), 0);
	fd = ipc_connect(w.door[1], "bad", &err);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "nonsense", 8), 8);
	assert_true(read(fd, &byte, 1) <= 0);
	(void)close(fd);
	assert_int_equal(write(w.door[1], "no fd", 5), 5);
	assert_int_equal(call(w.client, OP_ECHO, STR("x"), NULL, &err), 0);
	assert_int_equal(ipc_client_generation(w.client), 1);
	world_free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(killed),     cmocka_unit_test(killed_often),
		cmocka_unit_test(answers),    cmocka_unit_test(refusals),
		cmocka_unit_test(deadline),   cmocka_unit_test(many_threads),
		cmocka_unit_test(full_queue), cmocka_unit_test(client_gone),
		cmocka_unit_test(nonsense),
	};

	return cmocka_run_group_tests_name("ipc", tests, NULL, NULL);
}
