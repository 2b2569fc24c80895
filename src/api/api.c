#include "api/api.h"

#include <string.h>

#include "api/private.h"
#include "base/mem.h"
#include "config/endpoints.h"
#include "crypto/hash.h"
#include "os/random.h"

/* The longest answer: a page of stories with all their events. */
#define ANSWER_MAX   ((size_t)32 * 1024 * 1024)
#define DOCUMENT_MAX ((size_t)4 * 1024 * 1024)
#define VALUE_MAX    2000

static const struct json_limits limits = { API_BODY_MAX, 6, 5000 };

/* One request on its way. */
struct request {
	struct api_server *s;
	struct http_exchange *x;
	struct arena a;
	struct buf out;
	struct json_writer w;
	struct api_match match;
	struct api_login login;
	struct json_doc *body;
	struct admin_call call;
	struct err err;
};

static bool fail(struct request *r, enum admin_fault fault, enum err_kind kind,
                 const char *words)
{
	err_drop(err_set(&r->err, kind, "%s", words));
	api_problem(r->x, fault, &r->err, r->call.field);
	return false;
}

static bool fail_call(struct request *r)
{
	api_problem(r->x, r->call.fault, &r->err, r->call.field);
	return false;
}

/* ---- arguments ---- */

static bool is_json(struct http_exchange *x)
{
	struct str type = http_head_get(http_request(x), "Content-Type");
	struct str first;

	return str_cut(&type, ';', &first) &&
	       str_eq_case(str_trim(first), STR("application/json"));
}

static bool read_body(struct request *r)
{
	struct str text;

	if (http_body(r->x, &text, &r->err) < 0)
		return fail_call(r);
	if (!text.n)
		return true;
	if (!is_json(r->x))
		return fail(r, ADMIN_FAULT_KIND, ERR_INVALID,
		            "the body is JSON: Content-Type: "
		            "application/json");
	if (json_parse(&r->body, text, &limits, &r->err) < 0)
		return fail_call(r);
	if (json_kind(json_root(r->body)) != JSON_IS_OBJECT)
		return fail(r, ADMIN_FAULT_KIND, ERR_INVALID,
		            "the body is an object");
	return true;
}

/* A query is kept by histories and logs of proxies. */
static bool is_secret(const struct admin_operation *op, struct str name)
{
	const struct admin_param *p = op->params;

	for (; p && p->name; p++)
		if (p->type == ADMIN_SECRET && str_eq(name, str_z(p->name)))
			return true;
	return false;
}

static bool give_query(struct request *r)
{
	struct str query = http_request(r->x)->query, n, v;
	char name[64], value[VALUE_MAX];
	size_t name_n, value_n;

	while (http_query_next(&query, &n, &v)) {
		if (n.n >= sizeof(name) || v.n > sizeof(value) ||
		    !http_query_decode(n, name, &name_n) ||
		    !http_query_decode(v, value, &value_n))
			return fail(r, ADMIN_FAULT_KIND, ERR_INVALID,
			            "the query does not read");
		name[name_n] = '\0';
		if (is_secret(r->match.op, str_z(name)))
			return fail(r, ADMIN_FAULT_KIND, ERR_INVALID,
			            "secrets stand in the body alone");
		if (admin_give(&r->call, name, (struct str){ value, value_n },
		               &r->err) < 0)
			return fail_call(r);
	}
	return true;
}

static bool give_all(struct request *r)
{
	bool by_query = str_eq(str_z(r->match.op->method), STR("GET")) ||
	                str_eq(str_z(r->match.op->method), STR("DELETE"));

	for (size_t i = 0; i < r->match.n; i++)
		if (admin_give(&r->call, arena_strz(&r->a, r->match.names[i]),
		               r->match.values[i], &r->err) < 0)
			return fail_call(r);
	if (by_query && !give_query(r))
		return false;
	if (!by_query && http_request(r->x)->query.n)
		return fail(r, ADMIN_FAULT_KIND, ERR_INVALID,
		            "arguments of a change stand in the body");
	if (r->body &&
	    admin_give_json(&r->call, json_root(r->body), &r->err) < 0)
		return fail_call(r);
	return true;
}

/* The present password, where the row asks for it and none came. */
static bool prove(struct request *r)
{
	struct json v;

	if (!r->match.op->asks || r->login.by.proved || !r->body ||
	    !json_get(json_root(r->body), "current", &v))
		return true;
	if (!weblogin_again(r->s->ctx.weblogin, r->x, &r->login.user,
	                    json_as_str(v)))
		return false;
	r->login.by.proved = true;
	return true;
}

/* ---- the answer ---- */

static void answer(struct request *r)
{
	struct str want = http_head_get(http_request(r->x), "If-None-Match");
	struct str tag = r->call.etag;

	http_set(r->x, "Cache-Control", STR("private, no-cache"));
	if (tag.n)
		http_set(r->x, "ETag", tag);
	if (buf_overflow(&r->out)) {
		(void)fail(r, ADMIN_FAULT_KIND, ERR_TOO_BIG,
		           "the answer is too long: ask for less");
	} else if (!r->out.n) {
		http_reply_empty(r->x, 204);
	} else if (!r->match.op->changes && tag.n && str_eq(want, tag)) {
		http_reply_empty(r->x, 304);
	} else {
		http_reply(r->x, 200, "application/json", buf_str(&r->out));
	}
}

static bool find(struct request *r)
{
	struct str path = http_path_rest(r->x);
	struct buf allow;
	enum api_found found;

	buf_init(&allow, 100);
	path = arena_fmt(&r->a, "/%.*s", STR_ARG(path));
	found = api_match(http_request(r->x)->method, path, &r->match, &allow);
	if (found == API_NO_METHOD) {
		http_set(r->x, "Allow", buf_str(&allow));
		(void)fail(r, ADMIN_FAULT_METHOD, ERR_INVALID,
		           "this page is not for that method");
	} else if (found == API_NO_PATH) {
		(void)fail(r, ADMIN_FAULT_PATH, ERR_NOT_FOUND,
		           "there is no such page: see " API_ROOT
		           "/openapi.json");
	}
	buf_deinit(&allow);
	return found == API_FOUND;
}

/* What anyone may see is shown without asking who it is. */
static bool log_in(struct request *r)
{
	if (r->match.op->who & ADMIN_ANYONE) {
		r->login = (struct api_login){
			.by = { .who = STR("anyone"),
			        .scopes = ADMIN_SCOPES_ALL }
		};
		return true;
	}
	return api_login(r->s, r->x, &r->a, &r->login);
}

static void run(struct request *r)
{
	if (!find(r) || !log_in(r) || !read_body(r))
		return;
	admin_call_init(&r->call, r->s->ctx.admin, &r->login.by, r->match.op,
	                &r->a, &r->w);
	r->call.if_match = http_head_get(http_request(r->x), "If-Match");
	if (!give_all(r) || !prove(r))
		return;
	if (admin_run(&r->call, &r->err) < 0)
		(void)fail_call(r);
	else
		answer(r);
}

static void handle(struct http_exchange *x)
{
	struct request *r = mem_zalloc(sizeof(*r));

	r->s = http_arg(x);
	r->x = x;
	arena_init(&r->a);
	buf_init(&r->out, ANSWER_MAX);
	r->w = json_writer(&r->out);
	run(r);
	json_free(&r->body);
	/* A token that was made is in it. */
	if (r->out.n)
		mem_wipe(r->out.p, r->out.n);
	buf_deinit(&r->out);
	arena_deinit(&r->a);
	mem_free(r);
}

/* ---- the document ---- */

static void make_document(struct api_server *s)
{
	unsigned char digest[HASH_MAX];
	char hex[25];
	struct json_writer w;
	struct buf b;

	buf_init(&b, DOCUMENT_MAX);
	w = json_writer(&b);
	api_document_write(arena_fmt(&s->arena, "%.*s" API_ROOT,
	                             STR_ARG(endpoint_site(s->ctx.config,
	                                                   "mail", &s->arena))),
	                   &w);
	if (buf_overflow(&b))
		err_die("the OpenAPI document is longer than its buffer");
	s->document = arena_dup(&s->arena, buf_str(&b));
	buf_deinit(&b);
	hash_bytes(HASH_SHA256, s->document, digest);
	hash_hex(digest, 12, hex);
	s->document_tag = arena_fmt(&s->arena, "\"%s\"", hex);
}

static void serve_document(struct http_exchange *x)
{
	struct api_server *s = http_arg(x);
	struct str want = http_head_get(http_request(x), "If-None-Match");

	http_set(x, "ETag", s->document_tag);
	http_set(x, "Cache-Control", STR("public, max-age=300"));
	if (str_eq(want, s->document_tag))
		http_reply_empty(x, 304);
	else
		http_reply(x, 200, "application/json", s->document);
}

/* ---- the rows ---- */

struct api_server *api_server_new(const struct api_context *c)
{
	struct api_server *s = mem_zalloc(sizeof(*s));

	s->ctx = *c;
	(void)pthread_mutex_init(&s->lock, NULL);
	map_init(&s->buckets, random_u64());
	arena_init(&s->arena);
	make_document(s);
	if (c->dns && c->spools)
		s->importer = api_importer_new(c);
	if (c->dns)
		s->checker = api_checker_new(c->admin, c->config, c->directory,
		                             c->dns);
	return s;
}

void api_server_free(struct api_server **sp)
{
	struct api_server *s = *sp;

	if (!s)
		return;
	api_importer_free(&s->importer);
	api_checker_free(&s->checker);
	api_rate_free(s);
	(void)pthread_mutex_destroy(&s->lock);
	arena_deinit(&s->arena);
	mem_free(s);
	*sp = NULL;
}

void api_routes(struct api_server *s, struct http_route out[API_ROUTES_N])
{
	static const struct http_route rows[] = {
		{ .method = "GET",
		  .path = API_ROOT "/openapi.json",
		  .handle = serve_document },
		{ .method = "GET",
		  .path = API_ROOT "/problems",
		  .handle = api_serve_problems },
		{ .method = "GET", .path = API_ROOT "/*", .handle = handle },
		{ .method = "POST",
		  .path = API_ROOT "/*",
		  .handle = handle,
		  .body_max = API_BODY_MAX },
		{ .method = "PUT",
		  .path = API_ROOT "/*",
		  .handle = handle,
		  .body_max = API_BODY_MAX },
		{ .method = "PATCH",
		  .path = API_ROOT "/*",
		  .handle = handle,
		  .body_max = API_BODY_MAX },
		{ .method = "DELETE",
		  .path = API_ROOT "/*",
		  .handle = handle,
		  .body_max = 8192 },
	};

	memcpy(out, rows, sizeof(rows));
	for (size_t i = 0; i < API_ROUTES_N; i++)
		out[i].arg = s;
}
