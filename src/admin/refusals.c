/* What was refused, delayed or given up lately that concerns an address. */
#include "admin/explain.h"
#include "admin/private.h"
#include "os/clock.h"
#include "trail/find.h"
#include "trail/words.h"

#define STORIES_MAX 50

static bool is_trouble(const struct trail_event *e)
{
	switch (trail_kind_state(e->kind)) {
	case TRAIL_STATE_DELAYED:
	case TRAIL_STATE_REFUSED:
	case TRAIL_STATE_HELD:
	case TRAIL_STATE_RETURNED:
	case TRAIL_STATE_FAILED: return true;
	default: return false;
	}
}

/* The last trouble of a story: what came before led to it. */
static const struct trail_event *trouble_of(const struct trail_story *s)
{
	for (size_t i = s->n; i > 0; i--)
		if (is_trouble(&s->events[i - 1]))
			return &s->events[i - 1];
	return NULL;
}

int admin_refusals(struct admin *adm, struct str address,
                   bool (*each)(void *arg, const struct admin_refusal *r),
                   void *arg, struct err *err)
{
	struct trail_query q = { .address = address,
		                 .since_us = clock_wall_us() - 7 * US_PER_DAY,
		                 .limit = STORIES_MAX };
	struct trail_page page;
	struct arena a;
	struct buf words;
	int rc;

	arena_init(&a);
	buf_init(&words, 4 * TRAIL_TEXT_MAX);
	rc = trail_find(config_data_path(adm->cfg, &a, ""), &q, &a, &page, err);
	for (size_t i = 0, told = 0;
	     rc == 0 && i < page.n && told < ADMIN_REFUSALS_MAX; i++) {
		const struct trail_story *s = &page.stories[i];
		const struct trail_event *e = trouble_of(s);
		struct admin_refusal r;

		if (!e)
			continue;
		buf_reset(&words);
		trail_sentence(&words, e);
		r = (struct admin_refusal){ .at_us = e->at_us,
			                    .trace = s->trace,
			                    .sender = s->sender,
			                    .ref = e->ref,
			                    .words = buf_str(&words) };
		told++;
		if (!each(arg, &r))
			break;
	}
	buf_deinit(&words);
	arena_deinit(&a);
	return rc;
}
