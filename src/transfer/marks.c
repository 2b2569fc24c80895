#include "transfer/marks.h"

static struct str keywords_of(const struct flag_names *names, uint64_t flags,
                              struct arena *a)
{
	struct str out = STR("");

	for (int i = FLAG_KEYWORD_FIRST; i < FLAG_BITS; i++)
		if (flags >> i & 1 && names->names[i].n > 0)
			out = arena_fmt(a, "%.*s%s%.*s", STR_ARG(out),
			                out.n ? " " : "",
			                STR_ARG(names->names[i]));
	return out;
}

struct mbox_marks transfer_marks(const struct flag_names *names,
                                 const struct fetch_row *row, struct arena *a)
{
	return (struct mbox_marks){
		.size = row->size,
		.arrived_s = row->internaldate_s,
		.seen = row->flags & FLAG_SEEN,
		.answered = row->flags & FLAG_ANSWERED,
		.flagged = row->flags & FLAG_FLAGGED,
		.deleted = row->flags & FLAG_DELETED,
		.draft = row->flags & FLAG_DRAFT,
		.keywords = keywords_of(names, row->flags, a),
	};
}
