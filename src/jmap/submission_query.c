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

static int condition(struct jmap_call *c, const void *object, struct str name,
                     struct json v)
{
	const struct jmap_submission *s = object;
	bool is_list = json_kind(v) == JSON_IS_ARRAY;
	int64_t us;
	int zone;

	if (str_eq(name, STR("identityIds")) && is_list)
		return has_no(c, v, JMAP_ID_IDENTITY, (uint64_t)s->o.second);
	if (str_eq(name, STR("emailIds")) && is_list)
		return has_no(c, v, STORE_ID_EMAIL, (uint64_t)s->o.first);
	if (str_eq(name, STR("threadIds")) && is_list)
		return has_no(c, v, STORE_ID_THREAD, s->thread);
	if (str_eq(name, STR("undoStatus")) && json_kind(v) == JSON_IS_STRING)
		return str_eq(json_as_str(v), str_z(jmap_undo_name(s->undo)));
	if (str_eq(name, STR("before")) &&
	    jmap_date_parse(json_as_str(v), &us, &zone))
		return s->o.at_us < us;
	if (str_eq(name, STR("after")) &&
	    jmap_date_parse(json_as_str(v), &us, &zone))
		return s->o.at_us >= us;
	return jmap_query_unsupported(c, name);
}

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

static const struct jmap_query_type type = {
	.type = CHANGE_SUBMISSION,
	.letter = JMAP_ID_SUBMISSION,
	.condition = condition,
	.sorts = sorts,
	.sorts_n = sizeof(sorts) / sizeof(sorts[0]),
	.compare = compare,
};

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

int jmap_submission_query(struct jmap_call *c)
{
	struct jmap_query_item *items = NULL;
	size_t n = 0;

	return read_all(c, &items, &n) < 0 ? -1
	                                   : jmap_query_run(c, &type, items, n);
}

int jmap_submission_query_changes(struct jmap_call *c)
{
	struct jmap_query_item *items = NULL;
	size_t n = 0;

	return read_all(c, &items, &n) < 0
	               ? -1
	               : jmap_query_changes_run(c, &type, items, n);
}
