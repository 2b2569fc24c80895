/*
 * rules_bench - what the rules cost: a verdict, room in the windows, and a
 * look-up in a greylist of SENDERS known senders against one of 10,000.
 *
 *	rules_bench DIR [SENDERS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "gate/server.h"
#include "greylist/greylist.h"
#include "ipc/ipc.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/random.h"
#include "policy/admit.h"

#define BATCH    10000
#define LOOK_UPS 20000
#define SMALL    10000

static void die(const struct err *err)
{
	(void)fprintf(stderr, "rules_bench: %s\n", err->text);
	exit(1);
}

static void bench_admit(void)
{
	struct policy_facts f = { .step = POLICY_RCPT,
		                  .where = POLICY_HERE,
		                  .recipients_max = 1000,
		                  .helo = POLICY_PASS,
		                  .spf = POLICY_PASS };
	int64_t begun = clock_real_us();
	unsigned refused = 0;

	for (unsigned i = 0; i < 1000000; i++) {
		f.recipients = i % 1000;
		refused += policy_admit(&f).ref != REF_NONE;
	}
	(void)printf("verdict at RCPT %.3f us (%u refused)\n",
	             (double)(clock_real_us() - begun) / 1e6, refused);
}

static int nobody(void *arg, struct str user, struct gate_user *out,
                  struct err *err)
{
	(void)arg;
	(void)user;
	(void)err;
	*out = (struct gate_user){ .kind = GATE_USER_NONE };
	return 0;
}

static void bench_room(const char *dir)
{
	struct gate_options o = { .dir = dir, .resolve = nobody };
	struct gate_want want[2] = { { GATE_MESSAGES, 7, 1, 1 },
		                     { GATE_RECIPIENTS, 7, 1, 1 } };
	struct gate_server *server;
	struct gate_client *client;
	struct gate_room room;
	struct err err = ERR_INIT;
	int64_t begun, reserve = 0, confirm = 0;
	int door[2];

	o.limits.failures_per_minute = 3;
	o.limits.n_windows[GATE_MESSAGES] = 1;
	o.limits.windows[GATE_MESSAGES][0] =
		(struct window_rule){ US_PER_HOUR, 1000000 };
	if (ipc_door(door, &err) < 0)
		die(&err);
	o.door = door[0];
	if (gate_server_start(&server, &o, &err) < 0)
		die(&err);
	client = gate_client_new(door[1], "bench");
	for (int i = 0; i < 2000; i++) {
		begun = clock_real_us();
		if (gate_reserve(client, want, 2, &room, &err) < 0)
			die(&err);
		reserve += clock_real_us() - begun;
		begun = clock_real_us();
		if (i % 10)
			gate_release(client, room.token);
		else if (gate_confirm(client, room.token, 0, &err) < 0)
			die(&err);
		else
			confirm += clock_real_us() - begun;
	}
	(void)printf("room reserved %.1f us, confirmed on disk %.1f us\n",
	             (double)reserve / 2000, (double)confirm / 200);
	gate_client_free(&client);
	gate_server_stop(&server);
}

static struct str address_of(struct arena *a, uint64_t i)
{
	return arena_fmt(a, "user%llu@host%llu.example", (unsigned long long)i,
	                 (unsigned long long)(i % 9973));
}

static void fill(struct greylist *g, uint64_t from, uint64_t to)
{
	struct str *v = malloc(BATCH * sizeof(*v));
	struct err err = ERR_INIT;
	struct arena a;

	arena_init(&a);
	while (v && from < to) {
		size_t n = 0;

		while (n < BATCH && from < to)
			v[n++] = address_of(&a, from++);
		if (greylist_wrote(g, v, n, 1, &err) < 0)
			die(&err);
		arena_reset(&a);
	}
	arena_deinit(&a);
	free(v);
}

/* Known ones, at random. */
static double look_up(struct greylist *g, uint64_t n)
{
	struct err err = ERR_INIT;
	struct arena a;
	int64_t begun;

	arena_init(&a);
	begun = clock_real_us();
	for (int i = 0; i < LOOK_UPS; i++) {
		struct str address = address_of(&a, random_u64() % n);
		size_t at = str_rchr(address, '@');
		struct greylist_ask q = {
			.sender = { .local = str_to(address, at),
			            .domain = str_from(address, at + 1) },
			.recipient = STR("bo@customer.example"),
			.now_us = 1,
			.wait_us = 1,
		};
		struct greylist_answer got;

		if (greylist_ask(g, &q, &got, &err) < 0)
			die(&err);
		if (got.result != GREYLIST_KNOWN)
			(void)printf("not known: %.*s\n", STR_ARG(address));
		arena_reset(&a);
	}
	arena_deinit(&a);
	return (double)(clock_real_us() - begun) / LOOK_UPS;
}

static void bench_greylist(const char *dir, uint64_t senders)
{
	struct greylist *g;
	struct err err = ERR_INIT;
	double few, many;
	int64_t begun;
	struct stat st;
	char path[4096];

	if (greylist_open(&g, dir, &err) < 0)
		die(&err);
	fill(g, 0, SMALL);
	(void)look_up(g, SMALL);
	few = look_up(g, SMALL);
	begun = clock_real_us();
	fill(g, SMALL, senders);
	(void)printf("%llu senders learned in %.1f s\n",
	             (unsigned long long)senders,
	             (double)(clock_real_us() - begun) / 1e6);
	(void)look_up(g, senders);
	many = look_up(g, senders);
	greylist_close(&g);
	(void)snprintf(path, sizeof(path), "%s/greylist.db", dir);
	if (stat(path, &st) < 0)
		st.st_size = 0;
	(void)printf("look-up %.1f us among %d, %.1f us among %llu (%.2f "
	             "times); file %.1f MB, %.1f bytes a sender\n",
	             few, SMALL, many, (unsigned long long)senders, many / few,
	             (double)st.st_size / 1e6,
	             (double)st.st_size / (double)senders);
}

int main(int argc, char **argv)
{
	uint64_t senders = 1000000;

	if (argc < 2)
		return 2;
	if (argc > 2 &&
	    !str_to_u64(str_z(argv[2]), UINT64_C(1000000000), &senders))
		return 2;
	bench_admit();
	bench_room(argv[1]);
	bench_greylist(argv[1], senders);
	return 0;
}
