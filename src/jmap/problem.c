#include "jmap/private.h"
#include "log/log.h"
#include "wire/json/write.h"

static void answer(struct http_exchange *x, int status, const char *type,
                   const char *limit, const char *detail)
{
	struct json_writer w;
	struct buf b;

	buf_init(&b, 8192);
	w = json_writer(&b);
	json_object(&w);
	json_key(&w, STR("type"));
	if (type) {
		struct buf u;

		buf_init(&u, 200);
		buf_fmt(&u, "urn:ietf:params:jmap:error:%s", type);
		json_str(&w, buf_str(&u));
		buf_deinit(&u);
	} else {
		json_z(&w, "about:blank");
	}
	json_member_i64(&w, "status", status);
	if (limit)
		json_member_z(&w, "limit", limit);
	json_member_z(&w, "detail", detail);
	json_end(&w);
	http_reply(x, status, "application/problem+json", buf_str(&b));
	buf_deinit(&b);
}

void jmap_reply(struct http_exchange *x, struct str json)
{
	http_compress(x);
	http_reply(x, 200, "application/json", json);
}

void jmap_problem(struct http_exchange *x, int status, const char *type,
                  const char *detail)
{
	answer(x, status, type, NULL, detail);
}

void jmap_problem_limit(struct http_exchange *x, const char *limit)
{
	answer(x, 400, "limit", limit, "A limit of the server was met");
}

void jmap_trouble(struct http_exchange *x, const struct err *err)
{
	log_fail(LOG_ERROR, "jmap.trouble", err);
	answer(x, 503, NULL, NULL, "Temporary failure, try later");
}
