/*
 * bench/trail_bench.c - what the trail costs.
 *
 *	trail_bench DIR [MESSAGES]
 *
 * Each message leaves three events, as one delivered here does.  Writes them
 * as fast as the ring takes them without loss, then looks some up.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "os/clock.h"
#include "os/dir.h"
#include "trail/find.h"
#include "trail/trail.h"

#define MESSAGES 100000
#define PEOPLE   20000
/* So much is added before the ring is let run empty. */
#define ROUND  1000
#define SEARCH 200

static void die(const struct err *err)
{
	(void)fprintf(stderr, "trail_bench: %s\n", err->text);
	exit(1);
}

static struct str person(struct arena *a, unsigned *seed, const char *domain)
{
	return arena_fmt(a, "person%d@%s", rand_r(seed) % PEOPLE, domain);
}

static void add_message(struct trail *t, struct arena *a, unsigned *seed)
{
	char id[TRAIL_ID_SIZE];
	struct trail_event e = { .kind = TRAIL_RCPT_ACCEPTED, .session = 77 };

	trail_id_make(id);
	e.trace = str_z(id);
	e.sender = person(a, seed, "partner.example");
	e.rcpt = person(a, seed, "customer.example");
	e.helo = STR("mx1.partner.example");
	e.peer =
		(struct net_addr){ .family = NET_IPV4, .ip = { 192, 0, 2, 1 } };
	e.account = rand_r(seed) % PEOPLE + 1;
	trail_add(t, &e);
	e.kind = TRAIL_ACCEPTED;
	e.message_id =
		arena_fmt(a, "<%s.%d@mail.partner.example>", id, rand_r(seed));
	e.tls = STR("TLSv1.3");
	e.size = 4096;
	e.to = e.rcpt;
	e.rcpt = STR("");
	e.account = 0;
	trail_add(t, &e);
	trail_add(t, &(struct trail_event){ .kind = TRAIL_FILED,
	                                    .trace = e.trace,
	                                    .rcpt = e.to,
	                                    .to = e.to,
	                                    .account = 5,
	                                    .text = STR("Inbox") });
}

static uint64_t bytes_of(const char *dir, struct arena *a)
{
	const char *path = arena_fmt(a, "%s/trail", dir).p;
	struct dir_entry *e;
	struct dir_info info;
	struct err err = ERR_INIT;
	uint64_t sum = 0;
	size_t n;

	if (dir_list(path, a, &e, &n, &err) < 0)
		die(&err);
	for (size_t i = 0; i < n; i++)
		if (str_ends(e[i].name, STR(".db")) &&
		    dir_info(arena_fmt(a, "%s/%s", path, e[i].name.p).p, &info,
		             &err) == 0)
			sum += info.size;
	return sum;
}

static void search(const char *dir, unsigned *seed)
{
	int64_t begun = clock_real_us();
	struct err err = ERR_INIT;
	struct arena a;
	size_t found = 0;

	arena_init(&a);
	for (int i = 0; i < SEARCH; i++) {
		struct trail_query q = { .limit = 20 };
		struct trail_page page;

		arena_reset(&a);
		q.address = person(&a, seed, "customer.example");
		if (trail_find(dir, &q, &a, &page, &err) < 0)
			die(&err);
		found += page.n;
	}
	(void)printf("search by address: %lld us each, %.1f messages found\n",
	             (long long)((clock_real_us() - begun) / SEARCH),
	             (double)found / SEARCH);
	arena_deinit(&a);
}

int main(int argc, char **argv)
{
	int messages = argc > 2 ? (int)strtol(argv[2], NULL, 10) : MESSAGES;
	struct trail_options o = { .dir = argc > 1 ? argv[1] : NULL };
	struct trail_figures f;
	struct err err = ERR_INIT;
	struct arena a;
	struct trail *t;
	unsigned seed = 1;
	int64_t begun, cpu, wall;

	if (argc < 2 || messages < 1) {
		(void)fprintf(stderr, "usage: trail_bench DIR [MESSAGES]\n");
		return 2;
	}
	if (trail_open(&t, &o, &err) < 0)
		die(&err);
	arena_init(&a);
	begun = clock_real_us();
	cpu = clock_cpu_us();
	for (int i = 0; i < messages; i++) {
		arena_reset(&a);
		add_message(t, &a, &seed);
		if (i % ROUND == ROUND - 1)
			trail_flush(t);
	}
	trail_flush(t);
	wall = clock_real_us() - begun;
	cpu = clock_cpu_us() - cpu;
	trail_figures(t, &f);
	trail_close(&t);
	(void)printf("%llu events, %llu dropped, %.0f events/s\n",
	             (unsigned long long)f.written,
	             (unsigned long long)f.dropped,
	             (double)f.written * 1e6 / (double)wall);
	(void)printf("%.1f us CPU an event, %.1f a message\n",
	             (double)cpu / (double)f.added, (double)cpu / messages);
	(void)printf("%.0f bytes an event on the disk\n",
	             (double)bytes_of(argv[1], &a) / (double)f.written);
	search(argv[1], &seed);
	arena_deinit(&a);
	return 0;
}
