#include "wire/json/read.h"

#include <jansson.h>
#include <math.h>

#include "base/mem.h"

#define EXACT_MAX INT64_C(9007199254740991) /* 2^53 - 1 */

const struct json_limits json_limits_default = {
	.bytes_max = (size_t)10 * 1000 * 1000,
	.depth_max = 64,
	.values_max = 500000,
};

struct json_doc {
	json_t *root;
};

/* The library has a depth of its own (2048) and none for memory: so count
 * brackets and separators before it sees the text. */
static int check_limits(struct str text, const struct json_limits *l,
                        struct err *err)
{
	unsigned depth = 0;
	size_t values = 1;
	bool in_string = false;

	if (text.n > l->bytes_max)
		return err_set(err, ERR_TOO_BIG, "over %zu bytes",
		               l->bytes_max);
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (in_string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
		} else if (c == '"') {
			in_string = true;
		} else if (c == '[' || c == '{') {
			if (++depth > l->depth_max)
				return err_set(err, ERR_TOO_BIG,
				               "over %u levels deep",
				               l->depth_max);
		} else if (c == ']' || c == '}') {
			depth -= depth > 0;
		} else if (c == ',' || c == ':') {
			values++;
		}
	}
	if (values > l->values_max)
		return err_set(err, ERR_TOO_BIG, "over %zu values",
		               l->values_max);
	return 0;
}

int json_parse(struct json_doc **out, struct str text,
               const struct json_limits *limits, struct err *err)
{
	json_error_t e;
	json_t *root;

	if (check_limits(text, limits ? limits : &json_limits_default, err) < 0)
		return -1;
	root = json_loadb(text.n ? text.p : "", text.n,
	                  JSON_REJECT_DUPLICATES | JSON_DECODE_ANY |
	                          JSON_ALLOW_NUL,
	                  &e);
	if (!root)
		return err_set(err, ERR_INVALID, "line %d, column %d: %s",
		               e.line, e.column, e.text);
	*out = mem_zalloc(sizeof(**out));
	(*out)->root = root;
	return 0;
}

void json_free(struct json_doc **doc)
{
	if (!*doc)
		return;
	json_decref((*doc)->root);
	mem_free(*doc);
	*doc = NULL;
}

struct json json_root(const struct json_doc *doc)
{
	return (struct json){ doc->root };
}

static const json_t *value(struct json v)
{
	return v.v;
}

enum json_kind json_kind(struct json v)
{
	if (!v.v)
		return JSON_IS_NONE;
	switch (json_typeof(value(v))) {
	case JSON_OBJECT: return JSON_IS_OBJECT;
	case JSON_ARRAY: return JSON_IS_ARRAY;
	case JSON_STRING: return JSON_IS_STRING;
	case JSON_INTEGER:
	case JSON_REAL: return JSON_IS_NUMBER;
	case JSON_TRUE:
	case JSON_FALSE: return JSON_IS_BOOL;
	case JSON_NULL: return JSON_IS_NULL;
	}
	return JSON_IS_NONE;
}

bool json_as_bool(struct json v)
{
	return v.v && json_is_true(value(v));
}

struct str json_as_str(struct json v)
{
	if (json_kind(v) != JSON_IS_STRING)
		return (struct str){ NULL, 0 };
	return (struct str){ json_string_value(value(v)),
		             json_string_length(value(v)) };
}

double json_as_double(struct json v)
{
	return json_kind(v) == JSON_IS_NUMBER ? json_number_value(value(v)) : 0;
}

/* 1.0 and 1e3 are whole numbers too: JSON knows but one kind. */
bool json_as_i64(struct json v, int64_t *out)
{
	double d;

	if (json_kind(v) != JSON_IS_NUMBER)
		return false;
	if (json_is_integer(value(v))) {
		int64_t i = json_integer_value(value(v));

		if (i > EXACT_MAX || i < -EXACT_MAX)
			return false;
		*out = i;
		return true;
	}
	d = json_real_value(value(v));
	if (!(d >= -(double)EXACT_MAX && d <= (double)EXACT_MAX) ||
	    floor(d) < d)
		return false;
	*out = (int64_t)d;
	return true;
}

bool json_as_u64(struct json v, uint64_t *out)
{
	int64_t i;

	if (!json_as_i64(v, &i) || i < 0)
		return false;
	*out = (uint64_t)i;
	return true;
}

size_t json_count(struct json v)
{
	if (json_kind(v) == JSON_IS_ARRAY)
		return json_array_size(value(v));
	return json_kind(v) == JSON_IS_OBJECT ? json_object_size(value(v)) : 0;
}

struct json json_at(struct json array, size_t i)
{
	if (json_kind(array) != JSON_IS_ARRAY)
		return (struct json){ NULL };
	return (struct json){ json_array_get(value(array), i) };
}

bool json_get(struct json object, const char *name, struct json *out)
{
	const json_t *v;

	if (json_kind(object) != JSON_IS_OBJECT)
		return false;
	v = json_object_get(value(object), name);
	if (v)
		out->v = v;
	return v != NULL;
}

bool json_get_str(struct json object, struct str name, struct json *out)
{
	char *z;
	bool found;

	/* Names hold no NUL: the reader refuses them. */
	if (str_chr(name, '\0') != STR_NPOS)
		return false;
	z = mem_dup(name.p, name.n);
	found = json_get(object, z, out);
	mem_free(z);
	return found;
}

/* The library's iterators want an object that may change; ours never does. */
static json_t *loose(struct json v)
{
	union {
		const void *in;
		json_t *out;
	} u = { v.v };

	return u.out;
}

bool json_member_next(struct json_members *m, struct str *name,
                      struct json *out)
{
	void *it;

	if (json_kind(m->object) != JSON_IS_OBJECT)
		return false;
	if (!m->begun) {
		it = json_object_iter(loose(m->object));
	} else {
		if (!m->at)
			return false;
		it = json_object_iter_next(loose(m->object),
		                           loose((struct json){ m->at }));
	}
	m->begun = true;
	m->at = it;
	if (!it)
		return false;
	*name = str_z(json_object_iter_key(it));
	out->v = json_object_iter_value(it);
	return true;
}
