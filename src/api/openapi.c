/* OpenAPI 3.1 from the table of operations: nothing is described twice. */
#include <string.h>

#include "api/private.h"

static void type_only(struct json_writer *w, const char *type)
{
	json_object(w);
	json_member_z(w, "type", type);
	json_end(w);
}

/* ---- what comes ---- */

static void write_words(struct json_writer *w, const char *words)
{
	struct str rest = str_z(words), one;

	json_key(w, STR("enum"));
	json_array(w);
	while (str_cut(&rest, '|', &one))
		json_str(w, one);
	json_end(w);
}

static void write_type(struct json_writer *w, const char *type, bool nullable)
{
	json_key(w, STR("type"));
	if (!nullable) {
		json_z(w, type);
		return;
	}
	json_array(w);
	json_z(w, type);
	json_z(w, "null");
	json_end(w);
}

static void write_param_schema(struct json_writer *w,
                               const struct admin_param *p)
{
	bool or_null = p->flags & ADMIN_DEFAULT;

	json_object(w);
	switch (p->type) {
	case ADMIN_TEXT:
	case ADMIN_ADDRESS:
	case ADMIN_NAME:
	case ADMIN_TIME: write_type(w, "string", or_null); break;
	case ADMIN_SECRET:
		write_type(w, "string", or_null);
		json_member_z(w, "format", "password");
		break;
	case ADMIN_NUMBER:
	case ADMIN_BYTES:
		write_type(w, "integer", or_null);
		json_member_i64(w, "minimum", 0);
		if (p->max && p->max < INT64_MAX)
			json_member_u64(w, "maximum", p->max);
		break;
	case ADMIN_FLAG: write_type(w, "boolean", or_null); break;
	case ADMIN_CHOICE:
		write_type(w, "string", or_null);
		write_words(w, p->words);
		break;
	case ADMIN_CHOICES:
	case ADMIN_LIST:
		write_type(w, "array", or_null);
		json_member_i64(w, "maxItems", ADMIN_ITEMS_MAX);
		json_key(w, STR("items"));
		json_object(w);
		json_member_z(w, "type", "string");
		if (p->type == ADMIN_CHOICES)
			write_words(w, p->words);
		json_end(w);
		break;
	}
	json_end(w);
}

static bool is_in_path(const struct admin_operation *op, const char *name)
{
	struct str rest = str_z(op->path), part;

	while (str_cut(&rest, '/', &part))
		if (part.n > 2 && part.p[0] == '{' &&
		    str_eq((struct str){ part.p + 1, part.n - 2 }, str_z(name)))
			return true;
	return false;
}

static bool is_by_query(const struct admin_operation *op)
{
	return strcmp(op->method, "GET") == 0 ||
	       strcmp(op->method, "DELETE") == 0;
}

static bool is_in_query(const struct admin_operation *op,
                        const struct admin_param *p)
{
	return is_by_query(op) && p->type != ADMIN_SECRET;
}

static void write_param(struct json_writer *w, const struct admin_operation *op,
                        const struct admin_param *p)
{
	bool path = is_in_path(op, p->name);

	json_object(w);
	json_member_z(w, "name", p->name);
	json_member_z(w, "in", path ? "path" : "query");
	json_member_bool(w, "required", path || p->flags & ADMIN_NEEDED);
	json_member_z(w, "description", p->sentence);
	json_key(w, STR("schema"));
	write_param_schema(w, p);
	json_end(w);
}

static void write_params(struct json_writer *w,
                         const struct admin_operation *op)
{
	const struct admin_param *p = op->params;

	json_key(w, STR("parameters"));
	json_array(w);
	for (; p && p->name; p++)
		if (is_in_path(op, p->name) || is_in_query(op, p))
			write_param(w, op, p);
	if (op->state && op->changes) {
		json_object(w);
		json_member_z(w, "name", "If-Match");
		json_member_z(w, "in", "header");
		json_member_z(w, "description",
		              "The ETag of what was shown; 412 when it is not "
		              "that any more");
		json_key(w, STR("schema"));
		type_only(w, "string");
		json_end(w);
	}
	json_end(w);
}

static bool is_in_body(const struct admin_operation *op,
                       const struct admin_param *p)
{
	return !is_in_path(op, p->name) && !is_in_query(op, p);
}

static void write_body(struct json_writer *w, const struct admin_operation *op)
{
	const struct admin_param *p;
	bool any = false, needed = false;

	for (p = op->params; p && p->name; p++) {
		any |= is_in_body(op, p);
		needed |= is_in_body(op, p) && p->flags & ADMIN_NEEDED;
	}
	if (!any)
		return;
	json_key(w, STR("requestBody"));
	json_object(w);
	json_member_bool(w, "required", needed);
	json_key(w, STR("content"));
	json_object(w);
	json_key(w, STR("application/json"));
	json_object(w);
	json_key(w, STR("schema"));
	json_object(w);
	json_member_z(w, "type", "object");
	json_member_bool(w, "additionalProperties", false);
	if (needed) {
		json_key(w, STR("required"));
		json_array(w);
		for (p = op->params; p->name; p++)
			if (is_in_body(op, p) && p->flags & ADMIN_NEEDED)
				json_z(w, p->name);
		json_end(w);
	}
	json_key(w, STR("properties"));
	json_object(w);
	for (p = op->params; p->name; p++)
		if (is_in_body(op, p)) {
			json_key(w, str_z(p->name));
			write_param_schema(w, p);
		}
	json_end(w);
	for (int i = 0; i < 4; i++)
		json_end(w);
}

/* ---- what goes ---- */

static void write_object(struct json_writer *w, const struct admin_field *f,
                         bool nullable);

static void write_field(struct json_writer *w, const struct admin_field *f)
{
	if (f->type == ADMIN_IS_OBJECT && f->of) {
		write_object(w, f->of, f->nullable);
		return;
	}
	json_object(w);
	if (f->sentence)
		json_member_z(w, "description", f->sentence);
	switch (f->type) {
	case ADMIN_IS_TEXT: write_type(w, "string", f->nullable); break;
	case ADMIN_IS_NUMBER: write_type(w, "integer", f->nullable); break;
	case ADMIN_IS_FLAG: write_type(w, "boolean", f->nullable); break;
	case ADMIN_IS_TIME:
		write_type(w, "string", f->nullable);
		json_member_z(w, "format", "date-time");
		break;
	case ADMIN_IS_TEXTS:
		write_type(w, "array", f->nullable);
		json_key(w, STR("items"));
		type_only(w, "string");
		break;
	case ADMIN_IS_OBJECTS:
		write_type(w, "array", f->nullable);
		json_key(w, STR("items"));
		write_object(w, f->of, false);
		break;
	case ADMIN_IS_OBJECT:
	case ADMIN_IS_ANY: break;
	}
	json_end(w);
}

static void write_object(struct json_writer *w, const struct admin_field *f,
                         bool nullable)
{
	json_object(w);
	write_type(w, "object", nullable);
	json_key(w, STR("required"));
	json_array(w);
	for (const struct admin_field *i = f; i->name; i++)
		json_z(w, i->name);
	json_end(w);
	json_key(w, STR("properties"));
	json_object(w);
	for (; f->name; f++) {
		json_key(w, str_z(f->name));
		write_field(w, f);
	}
	json_end(w);
	json_end(w);
}

static void write_page(struct json_writer *w, const struct admin_field *f)
{
	json_object(w);
	json_member_z(w, "type", "object");
	json_key(w, STR("required"));
	json_array(w);
	json_z(w, "items");
	json_z(w, "next");
	json_end(w);
	json_key(w, STR("properties"));
	json_object(w);
	json_key(w, STR("items"));
	json_object(w);
	json_member_z(w, "type", "array");
	json_key(w, STR("items"));
	write_object(w, f, false);
	json_end(w);
	json_key(w, STR("next"));
	json_object(w);
	json_member_z(w, "description",
	              "The argument `after` of the next page; null: the last");
	write_type(w, "string", true);
	json_end(w);
	json_end(w);
	json_end(w);
}

static void write_content(struct json_writer *w, const char *type)
{
	json_key(w, STR("content"));
	json_object(w);
	json_key(w, str_z(type));
	json_object(w);
	json_key(w, STR("schema"));
}

static void write_responses(struct json_writer *w,
                            const struct admin_operation *op)
{
	json_key(w, STR("responses"));
	json_object(w);
	json_key(w, op->shape == ADMIN_NOTHING ? STR("204") : STR("200"));
	json_object(w);
	json_member_z(w, "description", op->sentence);
	if (op->shape != ADMIN_NOTHING) {
		write_content(w, "application/json");
		if (op->shape == ADMIN_MANY)
			write_page(w, op->result);
		else
			write_object(w, op->result, false);
		json_end(w);
		json_end(w);
	}
	json_end(w);
	json_key(w, STR("default"));
	json_object(w);
	json_member_z(w, "$ref", "#/components/responses/problem");
	json_end(w);
	json_end(w);
}

/* ---- operations ---- */

static const struct {
	unsigned who;
	const char *words;
} roles[] = {
	{ ADMIN_OPERATOR, "the operator" },
	{ ADMIN_DOMAIN, "administrators of the domain" },
	{ ADMIN_OWN, "a user for the own address" },
	{ ADMIN_ANYONE, "anyone" },
};

static void write_who(struct json_writer *w, const struct admin_operation *op)
{
	struct buf b;

	buf_init(&b, 400);
	buf_fmt(&b, "For ");
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		if (op->who & roles[i].who)
			buf_fmt(&b, "%s%s", b.n > 4 ? ", " : "",
			        roles[i].words);
	buf_fmt(&b, ". Scope %s:%s.", admin_area_name(op->area),
	        op->changes ? "change" : "read");
	if (op->asks)
		buf_add_z(&b, " With a session or a token, the own password "
		              "is given once more as `current`.");
	json_member_str(w, "description", buf_str(&b));
	buf_deinit(&b);
}

static void write_operation(struct json_writer *w,
                            const struct admin_operation *op)
{
	char method[8] = "";

	for (size_t i = 0; op->method[i] && i < sizeof(method) - 1; i++)
		method[i] = ascii_lower(op->method[i]);
	json_key(w, str_z(method));
	json_object(w);
	json_member_z(w, "operationId", op->name);
	json_member_z(w, "summary", op->sentence);
	write_who(w, op);
	json_key(w, STR("tags"));
	json_array(w);
	json_z(w, admin_area_name(op->area));
	json_end(w);
	if (op->who & ADMIN_ANYONE) {
		json_key(w, STR("security"));
		json_array(w);
		json_end(w);
	}
	write_params(w, op);
	write_body(w, op);
	write_responses(w, op);
	json_end(w);
}

/* All rows of a path stand together, where its first one is. */
static bool is_first(size_t at, const char *path)
{
	for (size_t i = 0; i < at; i++) {
		const struct admin_operation *op = admin_operation_at(i);

		if (op->path && strcmp(op->path, path) == 0)
			return false;
	}
	return true;
}

static void write_paths(struct json_writer *w)
{
	const struct admin_operation *op, *other;

	json_key(w, STR("paths"));
	json_object(w);
	for (size_t i = 0; (op = admin_operation_at(i)); i++) {
		if (!op->path || !is_first(i, op->path))
			continue;
		json_key(w, str_z(op->path));
		json_object(w);
		for (size_t k = i; (other = admin_operation_at(k)); k++)
			if (other->path && strcmp(other->path, op->path) == 0)
				write_operation(w, other);
		json_end(w);
	}
	json_end(w);
}

static const struct admin_field problem_fields[] = {
	{ "type", ADMIN_IS_TEXT, false, NULL,
	  "Where the reference is explained" },
	{ "title", ADMIN_IS_TEXT, false, NULL, NULL },
	{ "status", ADMIN_IS_NUMBER, false, NULL, NULL },
	{ "detail", ADMIN_IS_TEXT, false, NULL, NULL },
	{ "reference", ADMIN_IS_TEXT, false, NULL, "E-NOT-FOUND" },
	{ NULL, ADMIN_IS_TEXT, false, NULL, NULL },
};

static void write_scheme(struct json_writer *w, const char *name,
                         const char *scheme)
{
	json_key(w, str_z(name));
	json_object(w);
	json_member_z(w, "type", "http");
	json_member_z(w, "scheme", scheme);
	json_end(w);
}

static void write_components(struct json_writer *w)
{
	json_key(w, STR("components"));
	json_object(w);
	json_key(w, STR("responses"));
	json_object(w);
	json_key(w, STR("problem"));
	json_object(w);
	json_member_z(w, "description",
	              "What was wrong (RFC 9457); `field` names the argument "
	              "at fault");
	write_content(w, "application/problem+json");
	write_object(w, problem_fields, false);
	for (int i = 0; i < 4; i++)
		json_end(w);
	json_key(w, STR("securitySchemes"));
	json_object(w);
	write_scheme(w, "basic", "basic");
	write_scheme(w, "token", "bearer");
	json_key(w, STR("session"));
	json_object(w);
	json_member_z(w, "type", "apiKey");
	json_member_z(w, "in", "cookie");
	json_member_z(w, "name", "__Host-posthus");
	json_end(w);
	json_end(w);
	json_end(w);
}

static void write_security(struct json_writer *w)
{
	static const char *const names[] = { "basic", "token", "session" };

	json_key(w, STR("security"));
	json_array(w);
	for (size_t i = 0; i < 3; i++) {
		json_object(w);
		json_key(w, str_z(names[i]));
		json_array(w);
		json_end(w);
		json_end(w);
	}
	json_end(w);
}

void api_document_write(struct str base, struct json_writer *w)
{
	json_object(w);
	json_member_z(w, "openapi", "3.1.0");
	json_key(w, STR("info"));
	json_object(w);
	json_member_z(w, "title", "Posthus");
	json_member_z(w, "version", "1");
	json_member_z(w, "description",
	              "Everything that `posthus` and the panel administer.");
	json_end(w);
	json_key(w, STR("servers"));
	json_array(w);
	json_object(w);
	json_member_str(w, "url", base);
	json_end(w);
	json_end(w);
	write_security(w);
	write_paths(w);
	write_components(w);
	json_end(w);
}
