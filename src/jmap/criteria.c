#include "jmap/criteria.h"

#include "jmap/header.h"

struct checking {
	const struct jmap_criteria *t;
	struct jmap_fault *fault;
	size_t nodes;
};

static bool refuse(struct jmap_fault *f, const char *error, const char *why,
                   struct str name)
{
	*f = (struct jmap_fault){ error, why, name };
	return false;
}

static bool is_absent(struct json v)
{
	return json_kind(v) == JSON_IS_NONE || json_kind(v) == JSON_IS_NULL;
}

/* ---- filter ---- */

static const struct jmap_condition *find(const struct jmap_criteria *t,
                                         struct str name)
{
	for (size_t i = 0; i < t->conditions_n; i++)
		if (str_eq(name, str_z(t->conditions[i].name)))
			return &t->conditions[i];
	return NULL;
}

static bool are_strings(struct json list)
{
	if (json_kind(list) != JSON_IS_ARRAY)
		return false;
	for (size_t i = 0; i < json_count(list); i++)
		if (json_kind(json_at(list, i)) != JSON_IS_STRING)
			return false;
	return true;
}

static bool is_value(enum jmap_value want, struct json v)
{
	int64_t us;
	int zone;

	switch (want) {
	case JMAP_IS_STRING: return json_kind(v) == JSON_IS_STRING;
	case JMAP_IS_STRING_OR_NULL:
		return json_kind(v) == JSON_IS_STRING ||
		       json_kind(v) == JSON_IS_NULL;
	case JMAP_IS_BOOL: return json_kind(v) == JSON_IS_BOOL;
	case JMAP_IS_STRINGS: return are_strings(v);
	case JMAP_IS_DATE: return jmap_date_parse(json_as_str(v), &us, &zone);
	}
	return false;
}

static bool is_operator(struct str name)
{
	return str_eq(name, STR("AND")) || str_eq(name, STR("OR")) ||
	       str_eq(name, STR("NOT"));
}

static bool check(struct checking *k, struct json filter, int depth);

static bool check_operator(struct checking *k, struct json filter,
                           struct json op, int depth)
{
	struct json list;

	if (!is_operator(json_as_str(op)))
		return refuse(k->fault, "invalidArguments",
		              "an operator is AND, OR or NOT", json_as_str(op));
	if (!json_get(filter, "conditions", &list) ||
	    json_kind(list) != JSON_IS_ARRAY)
		return refuse(k->fault, "invalidArguments",
		              "an operator has a list of conditions",
		              json_as_str(op));
	for (size_t i = 0; i < json_count(list); i++)
		if (!check(k, json_at(list, i), depth + 1))
			return false;
	return true;
}

static bool check(struct checking *k, struct json filter, int depth)
{
	struct json_members m = { .object = filter };
	const struct jmap_condition *row;
	struct str name;
	struct json v;

	if (json_kind(filter) != JSON_IS_OBJECT)
		return refuse(k->fault, "invalidArguments",
		              "a filter is an object", STR("filter"));
	if (depth > JMAP_FILTER_DEPTH_MAX)
		return refuse(k->fault, "unsupportedFilter",
		              "operators stand too deep", STR("filter"));
	k->nodes++;
	if (json_get(filter, "operator", &v))
		return k->nodes <= JMAP_FILTER_NODES_MAX
		               ? check_operator(k, filter, v, depth)
		               : refuse(k->fault, "unsupportedFilter",
		                        "too many conditions", STR("filter"));
	while (json_member_next(&m, &name, &v)) {
		row = find(k->t, name);
		if (!row)
			return refuse(k->fault, "unsupportedFilter",
			              "no such condition", name);
		if (!is_value(row->value, v))
			return refuse(k->fault, "invalidArguments",
			              "the value is of the wrong type", name);
		k->nodes++;
	}
	return k->nodes <= JMAP_FILTER_NODES_MAX
	               ? true
	               : refuse(k->fault, "unsupportedFilter",
	                        "too many conditions", STR("filter"));
}

bool jmap_criteria_filter(const struct jmap_criteria *t, struct json filter,
                          struct jmap_fault *fault)
{
	struct checking k = { .t = t, .fault = fault };

	return is_absent(filter) || check(&k, filter, 1);
}

static bool matches(struct jmap_call *c, const struct jmap_criteria *t,
                    const void *object, struct json filter);

static bool operator_holds(struct jmap_call *c, const struct jmap_criteria *t,
                           const void *object, struct json filter,
                           struct str op)
{
	bool any = false, all = true;
	struct json list = { NULL };

	(void)json_get(filter, "conditions", &list);
	for (size_t i = 0; i < json_count(list); i++) {
		bool yes = matches(c, t, object, json_at(list, i));

		any |= yes;
		all &= yes;
	}
	if (str_eq(op, STR("AND")))
		return all;
	return str_eq(op, STR("OR")) ? any : !any;
}

static bool matches(struct jmap_call *c, const struct jmap_criteria *t,
                    const void *object, struct json filter)
{
	struct json_members m = { .object = filter };
	struct str name;
	struct json v;

	if (json_get(filter, "operator", &v))
		return operator_holds(c, t, object, filter, json_as_str(v));
	while (json_member_next(&m, &name, &v)) {
		const struct jmap_condition *row = find(t, name);

		if (!row || !row->holds(c, object, v, row))
			return false;
	}
	return true;
}

bool jmap_criteria_match(struct jmap_call *c, const struct jmap_criteria *t,
                         const void *object)
{
	struct json f;

	return !jmap_arg(c, "filter", &f) || matches(c, t, object, f);
}

/* ---- sort ---- */

bool jmap_criteria_descending(struct json comparator, bool *out)
{
	struct json up = { NULL };

	(void)json_get(comparator, "isAscending", &up);
	*out = json_kind(up) == JSON_IS_BOOL && !json_as_bool(up);
	return is_absent(up) || json_kind(up) == JSON_IS_BOOL;
}

static bool read_order(const struct jmap_criteria *t, struct json v,
                       struct jmap_order *out, struct jmap_fault *fault)
{
	struct json name = { NULL }, collation = { NULL };

	if (!json_get(v, "property", &name) ||
	    json_kind(name) != JSON_IS_STRING)
		return refuse(fault, "invalidArguments",
		              "a sort has a property", STR("sort"));
	if (!jmap_criteria_descending(v, &out->descending))
		return refuse(fault, "invalidArguments",
		              "isAscending is true or false",
		              json_as_str(name));
	for (out->by = 0; out->by < t->sorts_n; out->by++)
		if (str_eq(json_as_str(name), str_z(t->sorts[out->by])))
			break;
	if (out->by == t->sorts_n)
		return refuse(fault, "unsupportedSort", "no such property",
		              json_as_str(name));
	(void)json_get(v, "collation", &collation);
	if (!is_absent(collation) && json_kind(collation) != JSON_IS_STRING)
		return refuse(fault, "invalidArguments",
		              "a collation is a name", json_as_str(name));
	/* The one that the session tells of. */
	if (!is_absent(collation) &&
	    !str_eq(json_as_str(collation), STR("i;unicode-casemap")))
		return refuse(fault, "unsupportedSort", "no such collation",
		              json_as_str(collation));
	return true;
}

bool jmap_criteria_sort(const struct jmap_criteria *t, struct json sort,
                        struct jmap_order *out, size_t *n,
                        struct jmap_fault *fault)
{
	*n = 0;
	if (is_absent(sort))
		return true;
	if (json_kind(sort) != JSON_IS_ARRAY)
		return refuse(fault, "invalidArguments", "a sort is a list",
		              STR("sort"));
	if (json_count(sort) > JMAP_SORTS_MAX)
		return refuse(fault, "unsupportedSort", "too many",
		              STR("sort"));
	for (size_t i = 0; i < json_count(sort); i++, (*n)++)
		if (!read_order(t, json_at(sort, i), &out[i], fault))
			return false;
	return true;
}

int jmap_criteria_read(struct jmap_call *c, const struct jmap_criteria *t,
                       struct jmap_order *out, size_t *n)
{
	struct json filter = { NULL }, sort = { NULL };
	struct jmap_fault fault;

	(void)jmap_arg(c, "filter", &filter);
	(void)jmap_arg(c, "sort", &sort);
	if (jmap_criteria_filter(t, filter, &fault) &&
	    jmap_criteria_sort(t, sort, out, n, &fault))
		return 0;
	return jmap_error(c, fault.error, "\"%.*s\": %s", STR_ARG(fault.name),
	                  fault.why);
}
