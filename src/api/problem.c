/* Errors as problem documents (RFC 9457, 3). */
#include "api/private.h"
#include "log/log.h"

void api_problem(struct http_exchange *x, enum admin_fault fault,
                 const struct err *err, const char *field)
{
	const struct admin_problem *p = admin_problem(fault, err->kind);
	struct json_writer w;
	struct arena a;
	struct buf b;

	if (!p->own_words)
		log_fail(LOG_ERROR, "api.trouble", err);
	arena_init(&a);
	buf_init(&b, 4096);
	w = json_writer(&b);
	json_object(&w);
	json_member_str(&w, "type",
	                arena_fmt(&a, API_ROOT "/problems#%s", p->reference));
	json_member_z(&w, "title", p->title);
	json_member_i64(&w, "status", p->status);
	json_member_z(&w, "detail", p->own_words ? err->text : p->title);
	json_member_z(&w, "reference", p->reference);
	if (field)
		json_member_z(&w, "field", field);
	json_end(&w);
	http_set(x, "Cache-Control", STR("no-store"));
	http_reply(x, p->status, "application/problem+json", buf_str(&b));
	buf_deinit(&b);
	arena_deinit(&a);
}

void api_serve_problems(struct http_exchange *x)
{
	const struct admin_problem *p;
	struct json_writer w;
	struct buf b;

	buf_init(&b, 65536);
	w = json_writer(&b);
	json_object(&w);
	for (size_t i = 0; (p = admin_problem_at(i)); i++) {
		json_key(&w, str_z(p->reference));
		json_object(&w);
		json_member_i64(&w, "status", p->status);
		json_member_z(&w, "title", p->title);
		json_member_z(&w, "explained", p->explain);
		json_end(&w);
	}
	json_end(&w);
	http_set(x, "Cache-Control", STR("public, max-age=3600"));
	http_reply(x, 200, "application/json", buf_str(&b));
	buf_deinit(&b);
}
