#include "jmap/pointer.h"

#include <string.h>

bool jmap_pointer_unescape(struct arena *a, struct str step, struct str *out)
{
	char *p = arena_alloc(a, step.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < step.n; i++) {
		char c = step.p[i];

		if (c == '~') {
			if (++i == step.n ||
			    (step.p[i] != '0' && step.p[i] != '1'))
				return false;
			c = step.p[i] == '0' ? '~' : '/';
		}
		p[n++] = c;
	}
	*out = (struct str){ p, n };
	return true;
}

/* What was found: one value, or with "*" a list of them. */
struct found {
	struct arena *arena;
	bool is_list;
	struct json *list;
	size_t n, cap;
};

static void add(struct found *f, struct json v)
{
	if (f->n == f->cap) {
		struct json *more;

		f->cap = f->cap ? f->cap * 2 : 16;
		more = arena_array(f->arena, f->cap, sizeof(*more));
		if (f->n)
			memcpy(more, f->list, f->n * sizeof(*more));
		f->list = more;
	}
	f->list[f->n++] = v;
}

static bool step_into(struct json v, struct str step, struct json *out)
{
	uint64_t i;

	if (json_kind(v) == JSON_IS_OBJECT)
		return json_get_str(v, step, out);
	/* RFC 6901, 4: no leading zeros. */
	if (json_kind(v) != JSON_IS_ARRAY || (step.n > 1 && step.p[0] == '0') ||
	    !str_to_u64(step, UINT32_MAX, &i) || i >= json_count(v))
		return false;
	*out = json_at(v, (size_t)i);
	return true;
}

/* A value at the end of the path: within "*", arrays give their items. */
static void arrived(struct found *f, struct json v)
{
	if (!f->is_list || json_kind(v) != JSON_IS_ARRAY) {
		add(f, v);
		return;
	}
	for (size_t i = 0; i < json_count(v); i++)
		add(f, json_at(v, i));
}

static bool walk(struct found *f, struct json v, const struct str *steps,
                 size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (str_eq(steps[i], STR("*")) &&
		    json_kind(v) == JSON_IS_ARRAY) {
			f->is_list = true;
			for (size_t k = 0; k < json_count(v); k++)
				if (!walk(f, json_at(v, k), steps + i + 1,
				          n - i - 1))
					return false;
			return true;
		}
		if (!step_into(v, steps[i], &v))
			return false;
	}
	arrived(f, v);
	return true;
}

bool jmap_pointer_write(struct json_writer *w, struct arena *a,
                        struct json root, struct str path)
{
	struct found f = { .arena = a };
	struct str steps[JMAP_POINTER_STEPS_MAX], step;
	size_t n = 0;

	if (path.n > 0 && path.p[0] != '/')
		return false;
	while (path.n > 0) {
		path = str_from(path, 1);
		step = path;
		if (str_chr(path, '/') != STR_NPOS)
			step = str_to(path, str_chr(path, '/'));
		path = str_from(path, step.n);
		if (n == JMAP_POINTER_STEPS_MAX ||
		    !jmap_pointer_unescape(a, step, &steps[n++]))
			return false;
	}
	if (!walk(&f, root, steps, n))
		return false;
	if (!f.is_list) {
		json_copy(w, f.list[0]);
		return true;
	}
	json_array(w);
	for (size_t i = 0; i < f.n; i++)
		json_copy(w, f.list[i]);
	json_end(w);
	return true;
}
