#include "score/teach.h"

#include "base/mem.h"
#include "log/metric.h"
#include "score/engine.h"
#include "score/look.h"
#include "store/fetch.h"
#include "store/learn.h"

static void look_at(struct arena *a, struct str prefix, struct str message,
                    struct learned_item *out)
{
	struct score_look *l = mem_alloc(sizeof(*l));
	struct score_words *w = arena_alloc(a, sizeof(*w));

	score_look_make(a, message, l);
	score_words_make(l, w);
	out->words = w;
	/* The prefix is ours alone: nobody else can have written it. */
	out->sender =
		score_sender_number(l->from_address, score_field_vouch(prefix));
	score_look_free(l);
	mem_free(l);
}

/* Removed, or damaged: it can not be learned, and must not stand in the way of
 * others. */
static bool is_lost(const struct err *err)
{
	return err->kind == ERR_NOT_FOUND || err->kind == ERR_CORRUPT;
}

/* 1, 0 when the message is gone or is no longer to be read, -1. */
static int read_one(struct store *s, struct arena *a,
                    const struct learn_item *item, struct learned_item *out,
                    struct err *err)
{
	struct str prefix, message;
	struct body *b;
	int rc;

	if (body_open_email(&b, s, item->account, item->email, err) < 0)
		return is_lost(err) ? 0 : -1;
	rc = body_view(b, &prefix, &message, err);
	if (rc == 0) {
		out->spam = item->want == LEARN_SPAM;
		look_at(a, prefix, message, out);
	}
	body_close(&b);
	if (rc < 0)
		return is_lost(err) ? 0 : -1;
	return 1;
}

static int teach_account(struct store *s, struct learned *lr, bool shared,
                         struct arena *a, const struct learn_item *items,
                         size_t n, struct err *err)
{
	struct learned_item *lessons = arena_array(a, n, sizeof(*lessons));
	size_t m = 0, new = 0;

	for (size_t i = 0; lr && i < n; i++) {
		int rc = read_one(s, a, &items[i], &lessons[m], err);

		if (rc < 0)
			return -1;
		m += (size_t)rc;
	}
	if (m && lr &&
	    learned_teach(lr, items[0].account.id, shared, lessons, m, &new,
	                  err) < 0)
		return -1;
	for (size_t i = 0; i < m; i++)
		metric_add(lessons[i].spam ? METRIC_LEARNED_SPAM
		                           : METRIC_LEARNED_HAM,
		           1);
	return learn_done(s, items, n, err);
}

int teach_run(struct store *s, struct learned *lr, bool shared, size_t max,
              struct err *err)
{
	struct learn_item *items;
	struct arena a;
	size_t n, i = 0;
	int rc;

	arena_init(&a);
	rc = learn_next(s, &a, max, &items, &n, err);
	while (rc == 0 && i < n) {
		size_t from = i;

		while (i < n && items[i].account.id == items[from].account.id &&
		       items[i].account.shard == items[from].account.shard)
			i++;
		rc = teach_account(s, lr, shared, &a, items + from, i - from,
		                   err);
	}
	arena_deinit(&a);
	return rc < 0 ? -1 : (int)n;
}
