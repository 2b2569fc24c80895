#include "jmap/patch.h"

#include "jmap/pointer.h"

struct change {
	struct str path; /* as it was written */
	struct str steps[JMAP_PATCH_STEPS_MAX];
	size_t steps_n;
	struct json value;
};

struct patch {
	struct arena *arena;
	struct change *list;
	size_t n;
	const char *why;
	struct str path;
};

static bool wrong(struct patch *p, const struct change *c, const char *why)
{
	p->why = why;
	p->path = c->path;
	return false;
}

static bool read_path(struct patch *p, struct change *c)
{
	struct str rest = c->path, step;
	bool more = true;

	while (more) {
		size_t at = str_chr(rest, '/');

		more = at != STR_NPOS;
		step = more ? str_to(rest, at) : rest;
		if (c->steps_n == JMAP_PATCH_STEPS_MAX)
			return wrong(p, c, "the path is too long");
		if (!jmap_pointer_unescape(p->arena, step,
		                           &c->steps[c->steps_n++]))
			return wrong(p, c, "not a JSON Pointer");
		if (more)
			rest = str_from(rest, at + 1);
	}
	return true;
}

static bool read_patch(struct patch *p, struct json patch)
{
	struct json_members m = { .object = patch };
	size_t n = json_count(patch);
	struct str name;
	struct json v;

	p->path = (struct str){ NULL, 0 };
	p->why = "too many paths";
	if (n > JMAP_PATCH_MAX)
		return false;
	p->list = arena_array(p->arena, n + 1, sizeof(*p->list));
	while (json_member_next(&m, &name, &v)) {
		struct change *c = &p->list[p->n++];

		c->path = name;
		c->value = v;
		if (!read_path(p, c))
			return false;
	}
	return true;
}

/* Is a the same as b, or above it? */
static bool leads_to(const struct change *a, const struct change *b)
{
	if (a->steps_n > b->steps_n)
		return false;
	for (size_t i = 0; i < a->steps_n; i++)
		if (!str_eq(a->steps[i], b->steps[i]))
			return false;
	return true;
}

static bool check_prefixes(struct patch *p)
{
	for (size_t i = 0; i < p->n; i++)
		for (size_t k = 0; k < p->n; k++)
			if (i != k && leads_to(&p->list[i], &p->list[k]))
				return wrong(p, &p->list[k],
				             "another path leads to it");
	return true;
}

/* All but the last step must be there already, and be an object. */
static bool check_parent(struct patch *p, struct json old,
                         const struct change *c)
{
	for (size_t i = 0; i + 1 < c->steps_n; i++)
		if (!json_get_str(old, c->steps[i], &old) ||
		    json_kind(old) != JSON_IS_OBJECT)
			return wrong(p, c,
			             json_kind(old) == JSON_IS_ARRAY
			                     ? "it leads into a list"
			                     : "nothing is there");
	return true;
}

/* ---- writing ---- */

/* The changes at and below `depth` steps of `path`. */
static bool is_within(const struct change *c, const struct str *path,
                      size_t depth)
{
	if (c->steps_n <= depth)
		return false;
	for (size_t i = 0; i < depth; i++)
		if (!str_eq(c->steps[i], path[i]))
			return false;
	return true;
}

static void write_object(struct json_writer *w, const struct patch *p,
                         struct json old, struct str *path, size_t depth);

static void write_member(struct json_writer *w, const struct patch *p,
                         struct json old, struct str *path, size_t depth)
{
	bool below = false;

	for (size_t i = 0; i < p->n; i++) {
		const struct change *c = &p->list[i];

		if (!is_within(c, path, depth))
			continue;
		if (str_eq(c->steps[depth], path[depth]) &&
		    c->steps_n == depth + 1) {
			if (json_kind(c->value) == JSON_IS_NULL)
				return;
			json_key(w, path[depth]);
			json_copy(w, c->value);
			return;
		}
		below |= str_eq(c->steps[depth], path[depth]);
	}
	json_key(w, path[depth]);
	if (below)
		write_object(w, p, old, path, depth + 1);
	else
		json_copy(w, old);
}

/* `path` has the names of `depth` steps, and room for one more. */
static void write_object(struct json_writer *w, const struct patch *p,
                         struct json old, struct str *path, size_t depth)
{
	struct json_members m = { .object = old };
	struct str name;
	struct json v;

	json_object(w);
	while (json_member_next(&m, &name, &v)) {
		path[depth] = name;
		write_member(w, p, v, path, depth);
	}
	for (size_t i = 0; i < p->n; i++) {
		const struct change *c = &p->list[i];

		if (c->steps_n != depth + 1 || !is_within(c, path, depth) ||
		    json_kind(c->value) == JSON_IS_NULL ||
		    json_get_str(old, c->steps[depth], &v))
			continue;
		json_key(w, c->steps[depth]);
		json_copy(w, c->value);
	}
	json_end(w);
}

bool jmap_patch_write(struct json_writer *w, struct arena *a, struct json old,
                      struct json patch, const char **why_out,
                      struct str *path_out)
{
	struct patch p = { .arena = a };
	struct str path[JMAP_PATCH_STEPS_MAX + 1];
	bool good = read_patch(&p, patch) && check_prefixes(&p);

	for (size_t i = 0; good && i < p.n; i++)
		good = check_parent(&p, old, &p.list[i]);
	if (!good) {
		*why_out = p.why;
		*path_out = p.path;
		return false;
	}
	write_object(w, &p, old, path, 0);
	return true;
}
