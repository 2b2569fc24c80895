/*
 * bench/score_bench.c - what it costs to rate a message, without asking
 * others: look, rules, words, and an account's learned words.
 *
 *	score_bench DIR [SECONDS]
 *
 * DIR is made anew for what is learned.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "config/config.h"
#include "os/clock.h"
#include "score/engine.h"
#include "score/look.h"

#define VOCABULARY 30000
#define LESSONS    1500

static void die(const char *what, const struct err *err)
{
	(void)fprintf(stderr, "score_bench: %s: %s\n", what, err->text);
	exit(1);
}

/* Words of a language: few are frequent, most are rare. */
static void add_word(struct buf *b, unsigned *seed)
{
	unsigned r = (unsigned)rand_r(seed) % 1000, w;

	w = r < 500 ? r % 200 : (unsigned)rand_r(seed) % VOCABULARY;
	buf_fmt(b, "%cord%x%c ", 'a' + (int)(w % 26), w, 'a' + (int)(w % 7));
}

static void make_mail(struct buf *b, unsigned *seed, size_t bytes, bool html)
{
	buf_reset(b);
	buf_fmt(b,
	        "Date: Tue, 24 Nov 2026 05:12:45 +0100\r\n"
	        "From: Anna Example <anna%u@a.example>\r\n"
	        "To: Bo Example <bo@b.example>\r\nSubject: Order ",
	        *seed % 100);
	add_word(b, seed);
	buf_fmt(b,
	        "\r\nMessage-ID: <%u@a.example>\r\nMIME-Version: 1.0\r\n"
	        "Content-Type: text/%s; charset=utf-8\r\n\r\n",
	        *seed, html ? "html" : "plain");
	while (b->n < bytes) {
		if (html)
			buf_add(b, STR("<p style=\"color: #333\"><a href=\""
			               "https://www.a.example/x\">shop</a> "));
		for (int i = 0; i < 9; i++)
			add_word(b, seed);
		buf_add(b, STR("\r\n"));
	}
}

static void learn(struct score_engine *e)
{
	struct score_words *w = calloc(LESSONS, sizeof(*w));
	struct learned_item *items = calloc(LESSONS, sizeof(*items));
	struct score_look *l = malloc(sizeof(*l));
	struct err err = ERR_INIT;
	unsigned seed = 1;
	struct arena a;
	struct buf b;
	size_t new;

	if (!w || !items || !l)
		exit(1);
	arena_init(&a);
	buf_init(&b, 1 << 20);
	for (int i = 0; i < LESSONS; i++) {
		make_mail(&b, &seed, 6000, false);
		score_look_make(&a, buf_str(&b), l);
		score_words_make(l, &w[i]);
		items[i] =
			(struct learned_item){ .words = &w[i], .spam = i % 2 };
		score_look_free(l);
		arena_reset(&a);
	}
	if (learned_teach(score_engine_learned(e), 1, false, items, LESSONS,
	                  &new, &err) < 0)
		die("learn", &err);
	arena_deinit(&a);
	buf_deinit(&b);
	free(l);
	free(items);
	free(w);
}

static void rate(struct score_engine *e, size_t bytes, bool html, double s)
{
	struct score_facts f = { .now_us = clock_wall_us() };
	int64_t end = clock_real_us() + (int64_t)(s * 1e6), cpu, each = 0;
	unsigned seed = 77, n = 0;
	struct arena a;
	struct buf b;

	arena_init(&a);
	buf_init(&b, 1 << 20);
	while (clock_real_us() < end) {
		struct score_rated r;
		struct score sc;

		make_mail(&b, &seed, bytes, html);
		cpu = clock_cpu_us();
		score_engine_rate(e, &a, buf_str(&b), &f, &r);
		score_engine_rate_for(e, &r, 1, &sc);
		arena_reset(&a);
		each += clock_cpu_us() - cpu;
		n++;
	}
	(void)printf("%6zu bytes of %s: %.0f us CPU a message (%u rated)\n",
	             bytes, html ? "HTML" : "text", (double)each / n, n);
	arena_deinit(&a);
	buf_deinit(&b);
}

int main(int argc, char **argv)
{
	struct score_engine_options o = { .config = NULL };
	const char *set[] = { "score.learn=account", NULL };
	double s = argc > 2 ? strtod(argv[2], NULL) : 1;
	struct config_report report;
	struct learned_figures known;
	struct config *cfg = NULL;
	struct score_engine *e;
	struct err err = ERR_INIT;

	if (argc < 2)
		return 1;
	config_report_init(&report);
	if (config_load(&cfg, &(struct config_source){ .set = set }, &report) <
	    0)
		return 1;
	o.config = cfg;
	o.dir = argv[1];
	if (score_engine_open(&e, &o, &err) < 0)
		die("open", &err);
	learn(e);
	if (learned_figures(score_engine_learned(e), 1, &known, &err) < 0)
		die("figures", &err);
	(void)printf("learned %u and %u messages, %u words\n", known.spam,
	             known.ham, known.words);
	rate(e, 4096, false, s);
	rate(e, 4096, true, s);
	rate(e, 32768, false, s);
	rate(e, 32768, true, s);
	score_engine_close(&e);
	config_report_deinit(&report);
	config_free(&cfg);
	return 0;
}
