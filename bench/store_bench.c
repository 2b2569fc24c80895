/*
 * bench/store_bench.c - how fast the store is, without a protocol before it.
 *
 *	store_bench DIR deliver THREADS SECONDS BYTES [ACCOUNTS]
 *	store_bench DIR read MESSAGES
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "os/clock.h"
#include "store/append.h"
#include "store/fetch.h"
#include "store/flags.h"
#include "store/view.h"

static struct store *store;
static atomic_ulong done;
static atomic_bool stop;
static size_t body_bytes = 4096;
static int64_t accounts = 100;

static const char *const words[] = {
	"the",     "order",   "was",  "sent",     "today", "please",
	"find",    "invoice", "from", "our",      "store", "with",
	"regards", "number",  "and",  "delivery",
};

static void make_mail(struct buf *b, unsigned *seed, unsigned long no)
{
	buf_reset(b);
	buf_fmt(b,
	        "Received: from mail.example (mail.example [192.0.2.1])\r\n"
	        "\tby mx.example with ESMTPS id %lx\r\n"
	        "Date: Tue, 24 Nov 2026 05:12:45 +0100\r\n"
	        "From: Anna Example <anna@a.example>\r\n"
	        "To: Bo Example <bo@b.example>\r\nSubject: Order %lu\r\n"
	        "Message-ID: <%lx.%x@a.example>\r\nMIME-Version: 1.0\r\n"
	        "Content-Type: text/plain; charset=utf-8\r\n\r\n",
	        no, no, no, *seed);
	while (b->n < body_bytes) {
		for (int i = 0; i < 10; i++)
			buf_fmt(b, "%s%u ", words[rand_r(seed) % 16],
			        rand_r(seed) % 50);
		buf_add(b, STR("\r\n"));
	}
}

static void deliver_one(struct buf *b, int64_t account)
{
	struct append_target t = {
		.account = { account, 1, STORE_QUOTA_NONE },
		.prefix = STR("Return-Path: <anna@a.example>\r\n"
		              "Delivered-To: bo@b.example\r\n"),
	};
	struct err err = ERR_INIT;

	if (append_prepare_str(&t.message, store, buf_str(b), &err) < 0 ||
	    append_commit(store, &t, 1, (struct str){ NULL, 0 }, NULL, &err) <
	            0) {
		(void)fprintf(stderr, "append: %s\n", err.text);
		exit(1);
	}
	append_free(&t.message);
}

static void *deliver(void *arg)
{
	unsigned seed = (unsigned)(uintptr_t)arg;
	struct buf b;

	buf_init(&b, 4 * 1024 * 1024);
	while (!atomic_load(&stop)) {
		unsigned long n = atomic_fetch_add(&done, 1);

		make_mail(&b, &seed, n);
		deliver_one(&b, 1 + rand_r(&seed) % accounts);
	}
	buf_deinit(&b);
	return NULL;
}

static void bench_deliver(int threads, int seconds)
{
	pthread_t t[256];
	int64_t from, cpu;
	double s;

	from = clock_steady_us();
	cpu = clock_cpu_us();
	for (int i = 0; i < threads; i++)
		(void)pthread_create(&t[i], NULL, deliver,
		                     (void *)(uintptr_t)(i + 1));
	(void)sleep((unsigned)seconds);
	atomic_store(&stop, true);
	for (int i = 0; i < threads; i++)
		(void)pthread_join(t[i], NULL);
	s = (double)(clock_steady_us() - from) / 1e6;
	(void)printf(
		"deliver: %d threads, %zu bytes: %.0f/s, %.3f ms CPU each\n",
		threads, body_bytes, (double)atomic_load(&done) / s,
		(double)(clock_cpu_us() - cpu) / 1e3 /
			(double)atomic_load(&done));
}

static void bench_fetch(struct store_account a, unsigned want, const char *name)
{
	struct err err = ERR_INIT;
	struct uidset all = UIDSET_EMPTY;
	struct fetch_row row;
	struct fetch *f;
	int64_t from = clock_steady_us();
	unsigned long n = 0;

	uidset_add(&all, 1, UINT32_MAX);
	if (fetch_open(&f, store, a, 1, &all, want, 0, &err) < 0)
		exit(1);
	while (fetch_next(f, &row, &err) > 0)
		n++;
	fetch_close(&f);
	uidset_deinit(&all);
	(void)printf("fetch %s: %lu rows in %.1f ms\n", name, n,
	             (double)(clock_steady_us() - from) / 1e3);
}

static void bench_read(long messages)
{
	struct store_account a = { 1000000, 1, STORE_QUOTA_NONE };
	struct append_target *t = mem_array(500, sizeof(*t));
	struct err err = ERR_INIT;
	struct view *v;
	unsigned seed = 1;
	struct buf b;
	int64_t from;

	body_bytes = 600;
	buf_init(&b, 100000);
	for (long n = 0; n < messages; n += 500) {
		for (int i = 0; i < 500; i++) {
			make_mail(&b, &seed, (unsigned long)(n + i));
			t[i] = (struct append_target){ .account = a };
			if (append_prepare_str(&t[i].message, store,
			                       buf_str(&b), &err) < 0)
				exit(1);
		}
		if (append_commit(store, t, 500, (struct str){ NULL, 0 }, NULL,
		                  &err) < 0) {
			(void)fprintf(stderr, "append: %s\n", err.text);
			exit(1);
		}
		for (int i = 0; i < 500; i++)
			append_free(&t[i].message);
	}
	for (int i = 0; i < 3; i++) {
		from = clock_steady_us();
		if (view_open(&v, store, a, 1, &err) < 0)
			exit(1);
		(void)printf("select: %u messages in %.3f ms\n", view_count(v),
		             (double)(clock_steady_us() - from) / 1e3);
		view_close(&v);
	}
	for (int i = 0; i < 3; i++)
		bench_fetch(a, 0, "flags");
	bench_fetch(a, FETCH_IDS, "ids");
	bench_fetch(a, FETCH_META, "meta");
	buf_deinit(&b);
	mem_free(t);
}

int main(int argc, char **argv)
{
	struct store_options o = { .dir = argc > 1 ? argv[1] : "" };
	struct err err = ERR_INIT;
	struct rusage ru;

	if (argc < 4) {
		(void)fprintf(stderr,
		              "usage: store_bench DIR deliver THREADS "
		              "SECONDS BYTES [ACCOUNTS] | DIR read N\n");
		return 2;
	}
	if (store_open(&store, &o, &err) < 0) {
		(void)fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	if (strcmp(argv[2], "read") == 0) {
		bench_read(strtol(argv[3], NULL, 10));
	} else if (argc > 5) {
		body_bytes = strtoul(argv[5], NULL, 10);
		if (argc > 6)
			accounts = strtol(argv[6], NULL, 10);
		bench_deliver((int)strtol(argv[3], NULL, 10),
		              (int)strtol(argv[4], NULL, 10));
	}
	(void)getrusage(RUSAGE_SELF, &ru);
	(void)printf("memory: %ld KB at most\n", ru.ru_maxrss);
	store_close(&store);
	return 0;
}
