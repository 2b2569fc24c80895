#include "score/rspamd.h"

#include <math.h>

#include "fetch/fetch.h"
#include "wire/json/read.h"

#define ANSWER_MAX ((size_t)1024 * 1024)
#define POINTS_MAX 2000
#define SPAM       500

static const struct json_limits limits = { .bytes_max = ANSWER_MAX,
	                                   .depth_max = 20,
	                                   .values_max = 50000 };

int rspamd_read(struct str json, struct arena *a, struct rspamd_answer *out,
                struct err *err)
{
	struct json_doc *doc;
	struct json score, needed, action, root;
	double points, required;
	int rc = 0;

	if (json_parse(&doc, json, &limits, err) < 0)
		return -1;
	root = json_root(doc);
	if (!json_get(root, "score", &score) ||
	    !json_get(root, "required_score", &needed) ||
	    json_kind(score) != JSON_IS_NUMBER ||
	    json_kind(needed) != JSON_IS_NUMBER) {
		json_free(&doc);
		return err_set(err, ERR_INVALID, "rspamd gave no score");
	}
	points = json_as_double(score);
	required = json_as_double(needed);
	if (!isfinite(points) || !isfinite(required) || required <= 0) {
		rc = err_set(err, ERR_INVALID, "rspamd gave no score");
	} else {
		points = points / required * SPAM;
		if (points > POINTS_MAX)
			points = POINTS_MAX;
		if (points < -POINTS_MAX)
			points = -POINTS_MAX;
		out->points = (int)lround(points);
		out->action = (struct str){ NULL, 0 };
		if (json_get(root, "action", &action))
			out->action = arena_dup(a, json_as_str(action));
		if (str_eq(out->action, STR("reject")) && out->points < SPAM)
			out->points = SPAM;
	}
	json_free(&doc);
	return rc;
}

/* A value that goes into one line. */
static void add(struct arena *a, struct str *list, size_t *n, const char *name,
                struct str value)
{
	char *p;

	if (value.n == 0 || value.n > 500)
		return;
	p = arena_strz(a, value);
	for (size_t i = 0; i < value.n; i++)
		if ((unsigned char)p[i] < ' ' || p[i] == 0x7f)
			p[i] = '?';
	list[(*n)++] = arena_fmt(a, "%s: %s", name, p);
}

int rspamd_check(struct str url, struct str message,
                 const struct score_facts *f, int64_t timeout_us,
                 struct arena *a, struct rspamd_answer *out, struct err *err)
{
	struct str headers[6];
	struct fetch_answer ans;
	struct fetch_request q = {
		.post = true,
		.body = message,
		.headers = headers,
		.timeout_us = timeout_us,
		.size_max = ANSWER_MAX,
	};

	while (url.n && url.p[url.n - 1] == '/')
		url.n--;
	q.url = arena_fmt(a, "%.*s/checkv2", STR_ARG(url));
	add(a, headers, &q.headers_n, "IP", f->ip);
	add(a, headers, &q.headers_n, "Helo", f->helo);
	add(a, headers, &q.headers_n, "From", f->sender);
	add(a, headers, &q.headers_n, "Rcpt", f->rcpt);
	/* A login is judged with other eyes there, too. */
	if (f->outgoing)
		add(a, headers, &q.headers_n, "User", f->sender);
	headers[q.headers_n++] = STR("Content-Type: application/octet-stream");
	if (fetch(&q, a, &ans, err) < 0)
		return -1;
	if (ans.status != 200)
		return err_set(err, ERR_TEMP, "rspamd answered %u", ans.status);
	return rspamd_read(ans.body, a, out, err);
}
