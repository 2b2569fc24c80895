#include "trail/event.h"

#include "trail/private.h"

/* The flags of kinds.def. */
#define K TRAIL_FLAG_K
#define P TRAIL_FLAG_P
#define D TRAIL_FLAG_D

static const struct trail_kind_row rows[] = {
#define TRAIL(number, id, name, state, flags, words) \
	[number] = { name, words, TRAIL_STATE_##state, flags },
#include "trail/kinds.def"
#undef TRAIL
};

#undef K
#undef P
#undef D

const struct trail_kind_row *trail_kind_row(enum trail_kind kind)
{
	size_t i = (size_t)kind;

	if (i >= sizeof(rows) / sizeof(rows[0]) || !rows[i].name)
		return NULL;
	return &rows[i];
}

const char *trail_kind_name(enum trail_kind kind)
{
	const struct trail_kind_row *r = trail_kind_row(kind);

	return r ? r->name : NULL;
}

enum trail_state trail_kind_state(enum trail_kind kind)
{
	const struct trail_kind_row *r = trail_kind_row(kind);

	return r ? r->state : TRAIL_STATE_NONE;
}

const char *trail_state_name(enum trail_state state)
{
	switch (state) {
	case TRAIL_STATE_NONE: return "unknown";
	case TRAIL_STATE_UNDERWAY: return "under way";
	case TRAIL_STATE_DELIVERED: return "delivered";
	case TRAIL_STATE_WAITING: return "waiting";
	case TRAIL_STATE_DELAYED: return "delayed on purpose";
	case TRAIL_STATE_REFUSED: return "refused";
	case TRAIL_STATE_SPAM: return "filtered to Spam";
	case TRAIL_STATE_HELD: return "held";
	case TRAIL_STATE_DISCARDED: return "thrown away by a rule";
	case TRAIL_STATE_RETURNED: return "returned";
	case TRAIL_STATE_FAILED: return "failed";
	case TRAIL_STATE_ABANDONED: return "abandoned by its sender";
	case TRAIL_STATE_REMOVED: return "removed";
	}
	return "unknown";
}
