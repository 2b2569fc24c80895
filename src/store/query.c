#include "store/query.h"

struct query *query_new(struct arena *a, enum query_op op)
{
	struct query *q = arena_zalloc(a, sizeof(*q));

	q->op = op;
	return q;
}

void query_add(struct query *parent, struct query *kid)
{
	if (parent->last_kid)
		parent->last_kid->next = kid;
	else
		parent->kids = kid;
	parent->last_kid = kid;
}

struct query *query_flags(struct arena *a, uint64_t all, uint64_t none)
{
	struct query *q = query_new(a, QUERY_FLAGS);

	q->flags_all = all;
	q->flags_none = none;
	return q;
}

struct query *query_uids(struct arena *a, const struct uidset *uids)
{
	struct query *q = query_new(a, QUERY_UIDS);

	q->uids = uids;
	return q;
}

struct query *query_number(struct arena *a, enum query_op op, uint64_t n)
{
	struct query *q = query_new(a, op);

	q->number = n;
	return q;
}

struct query *query_time(struct arena *a, enum query_op op, int64_t s)
{
	struct query *q = query_new(a, op);

	q->time_s = s;
	return q;
}

struct query *query_text(struct arena *a, enum query_op op, struct str text)
{
	struct query *q = query_new(a, op);

	q->text = text;
	return q;
}

struct query *query_header(struct arena *a, struct str field, struct str text)
{
	struct query *q = query_new(a, QUERY_HEADER);

	q->header = field;
	q->text = text;
	return q;
}
