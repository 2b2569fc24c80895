#include "score/learned.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "os/file.h"
#include "os/lock.h"
#include "score/model.h"

/* A word that was never seen is worth 0.5, and that counts as much as this
 * part of a message. */
#define PRIOR_WEIGHT 0.45
/* Words nearer than this to 0.5 say nothing. */
#define SILENT      0.1
#define TELLING_MAX 150

struct learned {
	char *dir;
	struct lock *lock;
	pthread_mutex_t mutex; /* of the lock, within the process */
};

int learned_open(struct learned **out, const char *dir, struct err *err)
{
	struct learned *lr;
	char path[4096];

	if (file_mkdir(dir, 02770, err) < 0)
		return -1;
	lr = mem_zalloc(sizeof(*lr));
	lr->dir = mem_strdup(dir);
	(void)pthread_mutex_init(&lr->mutex, NULL);
	(void)snprintf(path, sizeof(path), "%s/lock", dir);
	if (lock_open(&lr->lock, path, err) < 0) {
		learned_close(&lr);
		return -1;
	}
	*out = lr;
	return 0;
}

void learned_close(struct learned **lrp)
{
	struct learned *lr = *lrp;

	if (!lr)
		return;
	lock_close(&lr->lock);
	(void)pthread_mutex_destroy(&lr->mutex);
	mem_free(lr->dir);
	mem_free(lr);
	*lrp = NULL;
}

static void path_of(const struct learned *lr, int64_t account, char *out,
                    size_t n)
{
	if (account)
		(void)snprintf(out, n, "%s/a%lld.words", lr->dir,
		               (long long)account);
	else
		(void)snprintf(out, n, "%s/host.words", lr->dir);
}

static struct model *open_model(const struct learned *lr, int64_t account)
{
	struct err err = ERR_INIT;
	struct model *m = NULL;
	char path[4096];

	path_of(lr, account, path, sizeof(path));
	if (model_open(&m, path, &err) < 0)
		return NULL; /* damaged: as if nothing was learned */
	return m;
}

/* ---- judging ---- */

static bool speaks(const struct model *m)
{
	struct model_count c =
		m ? model_messages(m) : (struct model_count){ 0, 0 };

	return c.spam >= LEARNED_LEAST && c.ham >= LEARNED_LEAST;
}

/* How likely a message with this word is spam. */
static double chance(const struct model *m, struct model_count word)
{
	struct model_count all = model_messages(m);
	double spam = (double)word.spam / all.spam;
	double ham = (double)word.ham / all.ham;
	double n = (double)word.spam + word.ham;

	if (n < 1)
		return 0.5;
	return (PRIOR_WEIGHT * 0.5 + n * (spam / (spam + ham))) /
	       (PRIOR_WEIGHT + n);
}

/* P(chi-square with 2n degrees of freedom > 2m). */
static double chi_square(double m, size_t n)
{
	double term = exp(-m), sum = term;

	for (size_t i = 1; i < n; i++) {
		term *= m / (double)i;
		sum += term;
	}
	return sum < 1 ? sum : 1;
}

static int by_weight(const void *a, const void *b)
{
	double x = fabs(*(const double *)a - 0.5);
	double y = fabs(*(const double *)b - 0.5);

	return (x < y) - (x > y);
}

/* 0 wanted .. 1 spam; 0.5 when too little is said. */
static double combine(double *f, size_t n)
{
	double spam = 0, ham = 0;

	if (n == 0)
		return 0.5;
	if (n > TELLING_MAX) {
		qsort(f, n, sizeof(*f), by_weight);
		n = TELLING_MAX;
	}
	for (size_t i = 0; i < n; i++) {
		spam -= log(1 - f[i]);
		ham -= log(f[i]);
	}
	return (chi_square(ham, n) - chi_square(spam, n) + 1) / 2;
}

static double judge_words(const struct model *own, const struct model *host,
                          const struct score_words *w, size_t *told)
{
	double f[WORDS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < w->n; i++) {
		const struct model *m = own ? own : host;
		struct model_count c = model_get(m, w->v[i]);
		double p;

		if (own && host && c.spam + c.ham == 0) {
			m = host;
			c = model_get(m, w->v[i]);
		}
		p = chance(m, c);
		if (fabs(p - 0.5) >= SILENT)
			f[n++] = p;
	}
	*told = n;
	return combine(f, n);
}

static void add_words(double p, struct score *out)
{
	static const struct {
		double from;
		enum score_rule rule;
	} steps[] = {
		{ 0.99, SCORE_WORDS_SPAM },
		{ 0.95, SCORE_WORDS_MOSTLY_SPAM },
		{ 0.80, SCORE_WORDS_RATHER_SPAM },
		{ 0.20, SCORE_RULES },
		{ 0.05, SCORE_WORDS_RATHER_GOOD },
		{ 0.01, SCORE_WORDS_MOSTLY_GOOD },
		{ -1, SCORE_WORDS_GOOD },
	};

	size_t i = 0;

	while (p < steps[i].from)
		i++;
	if (steps[i].rule != SCORE_RULES)
		score_add(out, steps[i].rule, STR(""));
}

static void add_sender(const struct model *own, uint64_t sender,
                       struct score *out)
{
	struct model_count c;

	if (!own || !sender)
		return;
	c = model_get(own, sender);
	if (c.ham > c.spam)
		score_add(out, SCORE_SENDER_GOOD, STR(""));
	else if (c.spam > c.ham)
		score_add(out, SCORE_SENDER_BAD, STR(""));
}

void learned_judge(struct learned *lr, int64_t account, bool shared,
                   const struct score_words *w, uint64_t sender,
                   struct score *out)
{
	struct model *own = account ? open_model(lr, account) : NULL;
	struct model *host = shared ? open_model(lr, 0) : NULL;
	size_t told;
	double p;

	add_sender(own, sender, out);
	if (speaks(own) || speaks(host)) {
		p = judge_words(speaks(own) ? own : NULL,
		                speaks(host) ? host : NULL, w, &told);
		/* Few words that are known are no reason to be sure. */
		if (told >= 5)
			add_words(p, out);
	}
	model_close(&own);
	model_close(&host);
}

/* ---- teaching ---- */

static int teach_one(struct learned *lr, int64_t account,
                     const struct learned_item *items, size_t n,
                     size_t *new_out, struct err *err)
{
	struct model_edit *e = NULL;
	char path[4096];
	size_t new = 0;
	int rc;

	path_of(lr, account, path, sizeof(path));
	if (model_load(&e, path, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		new += model_learn(e, items[i].words, items[i].sender,
		                   items[i].spam);
	rc = new ? model_save(e, path, err) : 0;
	model_free(&e);
	*new_out = new;
	return rc;
}

int learned_teach(struct learned *lr, int64_t account, bool shared,
                  const struct learned_item *items, size_t n, size_t *new_out,
                  struct err *err)
{
	size_t ignored;
	int rc;

	(void)pthread_mutex_lock(&lr->mutex);
	rc = lock_acquire(lr->lock, err);
	if (rc == 0) {
		/* The host's first: when the own one fails it is done again,
		 * and what the host knows is not counted twice. */
		if (shared)
			rc = teach_one(lr, 0, items, n, &ignored, err);
		if (rc == 0 && account)
			rc = teach_one(lr, account, items, n, new_out, err);
		lock_release(lr->lock);
	}
	(void)pthread_mutex_unlock(&lr->mutex);
	return rc;
}

int learned_figures(struct learned *lr, int64_t account,
                    struct learned_figures *out, struct err *err)
{
	struct model_count c;
	struct model *m;
	char path[4096];

	path_of(lr, account, path, sizeof(path));
	if (model_open(&m, path, err) < 0)
		return -1;
	c = model_messages(m);
	*out = (struct learned_figures){ c.spam, c.ham, model_words(m) };
	model_close(&m);
	return 0;
}

int learned_forget(struct learned *lr, int64_t account, struct err *err)
{
	char path[4096];

	path_of(lr, account, path, sizeof(path));
	if (file_remove(path, err) < 0)
		return err->kind == ERR_NOT_FOUND ? 0 : -1;
	return 0;
}
