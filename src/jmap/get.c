#include "jmap/object.h"

#include "os/random.h"

const struct jmap_property *jmap_property_find(const struct jmap_property *rows,
                                               size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(name, str_z(rows[i].name)))
			return &rows[i];
	return NULL;
}

int jmap_read_ids(struct jmap_call *c, const char *name, size_t max,
                  struct str **out, size_t *n_out)
{
	struct json v;

	*out = NULL;
	*n_out = 0;
	if (!jmap_arg(c, name, &v))
		return 0;
	if (json_kind(v) != JSON_IS_ARRAY)
		return jmap_error(c, "invalidArguments", "\"%s\" is no list",
		                  name);
	if (json_count(v) > max)
		return jmap_error(c, "requestTooLarge", "over %zu in \"%s\"",
		                  max, name);
	*out = arena_array(c->arena, json_count(v) + 1, sizeof(**out));
	for (size_t i = 0; i < json_count(v); i++) {
		if (json_kind(json_at(v, i)) != JSON_IS_STRING)
			return jmap_error(c, "invalidArguments",
			                  "\"%s\" is a list of strings", name);
		(*out)[(*n_out)++] = json_as_str(json_at(v, i));
	}
	return 0;
}

static int read_properties(struct jmap_call *c,
                           const struct jmap_property *rows, size_t rows_n,
                           bool (*other)(struct jmap_call *c, struct str name,
                                         void *arg),
                           void *arg, uint64_t *wanted)
{
	struct str *names;
	size_t n;

	if (jmap_read_ids(c, "properties", 1000, &names, &n) < 0)
		return -1;
	*wanted = 0;
	for (size_t i = 0; i < rows_n; i++)
		if (str_eq(str_z(rows[i].name), STR("id")) ||
		    (!names && !(rows[i].flags & JMAP_NOT_DEFAULT)))
			*wanted |= UINT64_C(1) << i;
	for (size_t i = 0; names && i < n; i++) {
		const struct jmap_property *p =
			jmap_property_find(rows, rows_n, names[i]);

		if (p)
			*wanted |= UINT64_C(1) << (p - rows);
		else if (!other || !other(c, names[i], arg))
			return c->error ? -1
			                : jmap_error(c, "invalidArguments",
			                             "no property \"%.*s\"",
			                             STR_ARG(names[i]));
	}
	return 0;
}

/* Each id once, as it was written; those that differ in spelling alone cannot
 * be. */
static void unique(struct jmap_call *c, struct jmap_get *g)
{
	struct map seen;
	size_t n = 0;

	(void)c;
	map_init(&seen, random_u64());
	for (size_t i = 0; g->ids && i < g->ids_n; i++)
		if (!map_put(&seen, g->ids[i], &seen))
			g->ids[n++] = g->ids[i];
	g->ids_n = n;
	map_deinit(&seen);
}

int jmap_get_read(struct jmap_call *c, const struct jmap_property *rows,
                  size_t rows_n,
                  bool (*other)(struct jmap_call *c, struct str name,
                                void *arg),
                  void *arg, struct jmap_get *out)
{
	if (jmap_args_account(c) < 0 ||
	    read_properties(c, rows, rows_n, other, arg, &out->wanted) < 0 ||
	    jmap_read_ids(c, "ids", JMAP_OBJECTS_IN_GET, &out->ids,
	                  &out->ids_n) < 0)
		return -1;
	out->all = !out->ids;
	for (size_t i = 0; out->ids && i < out->ids_n; i++)
		if (out->ids[i].n > 0 && out->ids[i].p[0] == '#') {
			struct str real = jmap_id(c, out->ids[i]);

			if (real.p)
				out->ids[i] = real;
		}
	unique(c, out);
	return 0;
}

void jmap_get_write(struct jmap_call *c, const struct jmap_property *rows,
                    size_t rows_n, uint64_t wanted, const void *object)
{
	for (size_t i = 0; i < rows_n; i++)
		if (wanted & UINT64_C(1) << i) {
			json_key(&c->w, str_z(rows[i].name));
			rows[i].write(c, object);
		}
}

bool jmap_get_wants(const struct jmap_get *g, const struct jmap_property *rows,
                    size_t rows_n, const char *name)
{
	const struct jmap_property *p =
		jmap_property_find(rows, rows_n, str_z(name));

	return p && g->wanted & UINT64_C(1) << (p - rows);
}

void jmap_write_account(struct jmap_call *c)
{
	json_member_z(&c->w, "accountId", jmap_account_id(c->req->user).z);
}

void jmap_get_begin(struct jmap_call *c, struct str state)
{
	jmap_write_account(c);
	json_member_str(&c->w, "state", state);
	json_key(&c->w, STR("list"));
	json_array(&c->w);
}

void jmap_get_end(struct jmap_call *c, const struct str *missing, size_t n)
{
	json_end(&c->w);
	json_key(&c->w, STR("notFound"));
	json_array(&c->w);
	for (size_t i = 0; i < n; i++)
		json_str(&c->w, missing[i]);
	json_end(&c->w);
}
