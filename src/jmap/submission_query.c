/* EmailSubmission/query and /queryChanges (RFC 8621, 7.3 and 7.4). */
#include "jmap/header.h"
#include "jmap/identity.h"
#include "jmap/methods.h"
#include "jmap/query.h"
#include "jmap/submission.h"

static bool has_no(struct jmap_call *c, struct json list, char letter,
                   uint64_t no)
{
	for (size_t i = 0; i < json_count(list); i++)
		if (no &&
		    jmap_no(c, json_as_str(json_at(list, i)), letter) == no)
			return true;
	return false;
}

static bool of_identity(struct jmap_call *c, const void *object, struct json v,
                        const struct jmap_condition *row)
{
	const struct jmap_submission *s = object;

	(void)row;
	return has_no(c, v, JMAP_ID_IDENTITY, (uint64_t)s->o.second);
}

static bool of_email(struct jmap_call *c, const void *object, struct json v,
                     const struct jmap_condition *row)
{
	const struct jmap_submission *s = object;

	(void)row;
	return has_no(c, v, STORE_ID_EMAIL, (uint64_t)s->o.first);
}

static bool of_thread(struct jmap_call *c, const void *object, struct json v,
                      const struct jmap_condition *row)
{
	const struct jmap_submission *s = object;

	(void)row;
	return has_no(c, v, STORE_ID_THREAD, s->thread);
}

static bool undo_is(struct jmap_call *c, const void *object, struct json v,
                    const struct jmap_condition *row)
{
	const struct jmap_submission *s = object;

	(void)c;
	(void)row;
	return str_eq(json_as_str(v), str_z(jmap_undo_name(s->undo)));
}

/* "before", or "after", which is from then on. */
static bool in_time(struct jmap_call *c, const void *object, struct json v,
                    const struct jmap_condition *row)
{
	const struct jmap_submission *s = object;
	bool before = str_eq(str_z(row->name), STR("before"));
	int64_t us;
	int zone;

	(void)c;
	return jmap_date_parse(json_as_str(v), &us, &zone) &&
	       (s->o.at_us < us) == before;
}

static const struct jmap_condition conditions[] = {
	{ "identityIds", JMAP_IS_STRINGS, of_identity },
	{ "emailIds", JMAP_IS_STRINGS, of_email },
	{ "threadIds", JMAP_IS_STRINGS, of_thread },
	{ "undoStatus", JMAP_IS_STRING, undo_is },
	{ "before", JMAP_IS_DATE, in_time },
	{ "after", JMAP_IS_DATE, in_time },
};

static const char *const sorts[] = { "emailId", "threadId", "sentAt" };

static int compare(const void *pa, const void *pb, size_t sort)
{
	const struct jmap_submission *a = pa, *b = pb;

	switch (sort) {
	case 0: return a->o.first < b->o.first ? -1 : a->o.first > b->o.first;
	case 1: return a->thread < b->thread ? -1 : a->thread > b->thread;
	default: return a->o.at_us < b->o.at_us ? -1 : a->o.at_us > b->o.at_us;
	}
}

static int read_all(struct jmap_call *c, struct jmap_query_item **out,
                    size_t *n)
{
	struct jmap_submission *list;
	struct err err = ERR_INIT;
	struct object *objects;

	if (jmap_submissions_refresh(c) < 0)
		return -1;
	if (object_list(c->store, c->account, CHANGE_SUBMISSION, c->arena,
	                &objects, n, &err) < 0)
		return jmap_fail(c, &err);
	list = arena_array(c->arena, *n + 1, sizeof(*list));
	*out = arena_array(c->arena, *n + 1, sizeof(**out));
	for (size_t i = 0; i < *n; i++) {
		if (jmap_submission_read(c->arena, &objects[i], &list[i],
		                         &err) < 0)
			return jmap_fail(c, &err);
		(*out)[i] = (struct jmap_query_item){ objects[i].no, &list[i] };
	}
	return 0;
}

static const struct jmap_criteria criteria = {
	conditions,
	sizeof(conditions) / sizeof(conditions[0]),
	sorts,
	sizeof(sorts) / sizeof(sorts[0]),
};

static const struct jmap_query_type type = {
	.type = CHANGE_SUBMISSION,
	.letter = JMAP_ID_SUBMISSION,
	.criteria = &criteria,
	.read = read_all,
	.compare = compare,
};

int jmap_submission_query(struct jmap_call *c)
{
	return jmap_query_run(c, &type);
}

int jmap_submission_query_changes(struct jmap_call *c)
{
	return jmap_query_changes_run(c, &type);
}
