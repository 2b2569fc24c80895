/* POST /jmap/api (RFC 8620, 3). */
#include <string.h>

#include "jmap/call.h"

static bool is_json(struct http_exchange *x)
{
	struct str type = http_head_get(http_request(x), "Content-Type");
	struct str first;

	return str_cut(&type, ';', &first) &&
	       str_eq_case(str_trim(first), STR("application/json"));
}

static void run(struct jmap_server *j, struct http_exchange *x,
                const struct jmap_user *u)
{
	const char *problem, *detail;
	struct err err = ERR_INIT;
	struct str body;
	struct buf out;

	if (http_body(x, &body, &err) < 0) {
		jmap_trouble(x, &err);
		return;
	}
	buf_init(&out, JMAP_ANSWER_MAX + 1024 * 1024);
	if (!is_json(x))
		jmap_problem(x, 400, "notJSON",
		             "Content-Type must be application/json");
	else if (jmap_request_run(j, u, body, &out, &problem, &detail))
		jmap_reply(x, buf_str(&out));
	else if (strcmp(problem, "limit") == 0)
		jmap_problem_limit(x, detail);
	else
		jmap_problem(x, 400, problem, detail);
	buf_deinit(&out);
}

void jmap_serve_api(struct http_exchange *x)
{
	struct jmap_server *j = http_arg(x);
	struct jmap_user u = { .change = 0 };
	struct arena a;

	arena_init(&a);
	if (jmap_login(j, x, &a, &u)) {
		if (jmap_seat_take(j->seats, u.account.id, JMAP_SEAT_REQUEST,
		                   JMAP_CONCURRENT_REQUESTS)) {
			run(j, x, &u);
			jmap_seat_give(j->seats, u.account.id,
			               JMAP_SEAT_REQUEST);
		} else {
			jmap_problem_limit(x, "maxConcurrentRequests");
		}
	}
	arena_deinit(&a);
}
