#include <string.h>

#include "base/mem.h"
#include "jmap/call.h"
#include "jmap/pointer.h"
#include "os/random.h"

/* A request is flat; so the answers can be read again for references, where
 * the parts of a message may nest deep. */
static const struct json_limits request_limits = {
	.bytes_max = JMAP_SIZE_REQUEST_MAX,
	.depth_max = 140,
	.values_max = 500000,
};

static const struct json_limits answer_limits = {
	.bytes_max = JMAP_ANSWER_MAX,
	.depth_max = JSON_WRITE_DEPTH,
	.values_max = 5000000,
};

static const struct {
	const char *urn;
	enum jmap_capability bit;
} capabilities[] = {
	{ "urn:ietf:params:jmap:core", JMAP_CORE },
	{ "urn:ietf:params:jmap:mail", JMAP_MAIL },
	{ "urn:ietf:params:jmap:quota", JMAP_QUOTA },
	{ "urn:ietf:params:jmap:submission", JMAP_SUBMISSION },
	{ "urn:ietf:params:jmap:sieve", JMAP_SIEVE },
	{ "urn:ietf:params:jmap:vacationresponse", JMAP_VACATION },
	/* It adds no method; a client may name it all the same. */
	{ "urn:ietf:params:jmap:websocket", JMAP_CORE },
	{ "urn:x-posthus:mail", JMAP_OWN },
	{ "urn:ietf:params:jmap:blob", JMAP_BLOB },
	{ "urn:ietf:params:jmap:mdn", JMAP_MDN },
	{ "urn:ietf:params:jmap:contacts", JMAP_CONTACTS },
};

static unsigned capability(struct str urn)
{
	for (size_t i = 0; i < sizeof(capabilities) / sizeof(capabilities[0]);
	     i++)
		if (str_eq(urn, str_z(capabilities[i].urn)))
			return capabilities[i].bit;
	return 0;
}

/* ---- answers ---- */

static void remember(struct jmap_request *r, struct jmap_answer a)
{
	if (r->answers_n == r->answers_cap) {
		struct jmap_answer *more;

		r->answers_cap = r->answers_cap ? r->answers_cap * 2 : 16;
		more = arena_array(&r->arena, r->answers_cap, sizeof(*more));
		if (r->answers_n)
			memcpy(more, r->answers, r->answers_n * sizeof(*more));
		r->answers = more;
	}
	r->answers[r->answers_n++] = a;
}

static void add_answer(struct jmap_request *r, struct str name, struct str args,
                       struct str id)
{
	struct json_writer w;

	if (r->out.n)
		buf_add_c(&r->out, ',');
	buf_add_c(&r->out, '[');
	w = json_writer(&r->out);
	json_str(&w, name);
	buf_add_c(&r->out, ',');
	remember(r, (struct jmap_answer){ name, id, r->out.n, args.n });
	buf_add(&r->out, args);
	buf_add_c(&r->out, ',');
	w = json_writer(&r->out);
	json_str(&w, id);
	buf_add_c(&r->out, ']');
}

static void add_error(struct jmap_call *c, struct str id)
{
	struct json_writer w;

	buf_reset(&c->out);
	w = json_writer(&c->out);
	json_object(&w);
	json_member_z(&w, "type", c->error);
	if (c->description.n)
		json_member_str(&w, "description", c->description);
	json_end(&w);
	add_answer(c->req, STR("error"), buf_str(&c->out), id);
}

/* ---- references (RFC 8620, 3.7) ---- */

static int refer(struct jmap_call *c, struct json_writer *w, struct json ref)
{
	struct jmap_request *r = c->req;
	struct json v[3];
	static const char *const names[3] = { "resultOf", "name", "path" };
	struct json_doc *doc;
	struct err err = ERR_INIT;
	size_t i = 0;
	bool ok;

	for (int k = 0; k < 3; k++)
		if (!json_get(ref, names[k], &v[k]) ||
		    json_kind(v[k]) != JSON_IS_STRING)
			return jmap_error(c, "invalidArguments",
			                  "a reference has strings resultOf, "
			                  "name and path");
	while (i < r->answers_n && !str_eq(r->answers[i].id, json_as_str(v[0])))
		i++;
	if (i == r->answers_n || !str_eq(r->answers[i].name, json_as_str(v[1])))
		return jmap_error(c, "invalidResultReference",
		                  "no such answer above");
	if (json_parse(&doc,
	               str_to(str_from(buf_str(&r->out), r->answers[i].at),
	                      r->answers[i].n),
	               &answer_limits, &err) < 0)
		return jmap_error(c, "invalidResultReference",
		                  "the answer is too large to refer to");
	ok = jmap_pointer_write(w, c->arena, json_root(doc), json_as_str(v[2]));
	json_free(&doc);
	return ok ? 0
	          : jmap_error(c, "invalidResultReference",
	                       "the path leads nowhere");
}

/* The arguments again, with what "#name" stands for under "name". */
static int resolve(struct jmap_call *c, struct json_doc **doc)
{
	struct json_members m = { .object = c->args };
	struct err err = ERR_INIT;
	struct json_writer w;
	struct str name;
	struct json v;
	struct buf b;
	int rc = 0;

	buf_init(&b, JMAP_ANSWER_MAX);
	w = json_writer(&b);
	json_object(&w);
	while (rc == 0 && json_member_next(&m, &name, &v)) {
		struct json other;

		if (name.n == 0 || name.p[0] != '#') {
			json_key(&w, name);
			json_copy(&w, v);
			continue;
		}
		name = str_from(name, 1);
		if (json_get_str(c->args, name, &other)) {
			rc = jmap_error(c, "invalidArguments",
			                "\"%.*s\" is given twice",
			                STR_ARG(name));
			break;
		}
		json_key(&w, name);
		rc = refer(c, &w, v);
	}
	if (rc == 0) {
		json_end(&w);
		if (buf_overflow(&b) ||
		    json_parse(doc, buf_str(&b), &answer_limits, &err) < 0)
			rc = jmap_error(c, "requestTooLarge",
			                "the references lead to too much");
		else
			c->args = json_root(*doc);
	}
	buf_deinit(&b);
	return rc;
}

static bool has_references(struct json args)
{
	struct json_members m = { .object = args };
	struct str name;
	struct json v;

	while (json_member_next(&m, &name, &v))
		if (name.n > 0 && name.p[0] == '#')
			return true;
	return false;
}

/* ---- calls ---- */

static int run_method(struct jmap_call *c, struct str name)
{
	const struct jmap_method *method =
		jmap_method_find(name, c->req->using);

	if (!method)
		return jmap_error(c, "unknownMethod", "no such method");
	c->w = json_writer(&c->out);
	json_object(&c->w);
	if (method->run(c) < 0)
		return -1;
	json_end(&c->w);
	if (buf_overflow(&c->out))
		return jmap_error(c, "requestTooLarge",
		                  "the answer would be too large");
	return 0;
}

static void run_call(struct jmap_request *r, struct str name, struct json args,
                     struct str id);

/* What the call asks to be done behind it.  There are clients that do not name
 * the capability of mail in a request that only submits; the call is ours, so
 * what they named does not matter. */
static void run_follow(struct jmap_request *r, struct str args, struct str id)
{
	unsigned using = r->using;
	struct json_doc *doc;
	struct err err;

	if (json_parse(&doc, args, &answer_limits, &err) < 0)
		return;
	r->using |= JMAP_MAIL;
	run_call(r, STR("Email/set"), json_root(doc), id);
	r->using = using;
	json_free(&doc);
}

static void run_call(struct jmap_request *r, struct str name, struct json args,
                     struct str id)
{
	struct json_doc *doc = NULL;
	struct arena arena;
	struct jmap_call c = { .req = r,
		               .store = r->store,
		               .account = r->user->account,
		               .arena = &arena,
		               .args = args };
	int rc = 0;

	arena_init(&arena);
	buf_init(&c.out, JMAP_ANSWER_MAX);
	buf_init(&c.follow, JMAP_SIZE_REQUEST_MAX);
	if (has_references(c.args))
		rc = resolve(&c, &doc);
	if (rc == 0)
		rc = run_method(&c, name);
	/* What one answer takes is not there for the next. */
	if (rc == 0 && r->out.n + c.out.n > JMAP_ANSWER_MAX - 65536)
		rc = jmap_error(&c, "requestTooLarge",
		                "the answers together would be too large");
	if (rc == 0)
		add_answer(r, name, buf_str(&c.out), id);
	else
		add_error(&c, id);
	if (rc == 0 && c.follow.n && !buf_overflow(&c.follow))
		run_follow(r, buf_str(&c.follow), id);
	json_free(&doc);
	buf_deinit(&c.follow);
	buf_deinit(&c.out);
	arena_deinit(&arena);
}

/* ---- a request ---- */

static bool is_call(struct json v)
{
	return json_kind(v) == JSON_IS_ARRAY && json_count(v) == 3 &&
	       json_kind(json_at(v, 0)) == JSON_IS_STRING &&
	       json_kind(json_at(v, 1)) == JSON_IS_OBJECT &&
	       json_kind(json_at(v, 2)) == JSON_IS_STRING;
}

static bool read_using(struct jmap_request *r, struct json using,
                       const char **problem, const char **detail)
{
	for (size_t i = 0; i < json_count(using); i++) {
		struct json v = json_at(using, i);
		unsigned bit;

		if (json_kind(v) != JSON_IS_STRING) {
			*problem = "notRequest";
			*detail = "\"using\" is a list of strings";
			return false;
		}
		bit = capability(json_as_str(v));
		if (!bit) {
			*problem = "unknownCapability";
			*detail = "\"using\" names what is not offered";
			return false;
		}
		r->using |= bit;
	}
	return true;
}

static bool read_created(struct jmap_request *r, struct json created)
{
	struct json_members m = { .object = created };
	struct str name;
	struct json v;

	while (json_member_next(&m, &name, &v)) {
		if (json_kind(v) != JSON_IS_STRING)
			return false;
		jmap_created(r, name, json_as_str(v));
	}
	r->tell_created = true;
	return true;
}

static bool check(struct jmap_request *r, struct json root, struct json *calls,
                  const char **problem, const char **detail)
{
	struct json using, created;

	*problem = "notRequest";
	*detail = "A request has lists \"using\" and \"methodCalls\"";
	if (!json_get(root, "using", &using) ||
	    json_kind(using) != JSON_IS_ARRAY ||
	    !json_get(root, "methodCalls", calls) ||
	    json_kind(*calls) != JSON_IS_ARRAY)
		return false;
	*detail = "\"createdIds\" is a map of strings";
	if (json_get(root, "createdIds", &created) &&
	    json_kind(created) != JSON_IS_NULL &&
	    (json_kind(created) != JSON_IS_OBJECT || !read_created(r, created)))
		return false;
	*detail = "A call is a list of a name, an object and an id";
	for (size_t i = 0; i < json_count(*calls); i++)
		if (!is_call(json_at(*calls, i)))
			return false;
	if (!read_using(r, using, problem, detail))
		return false;
	if (json_count(*calls) > JMAP_CALLS_IN_REQUEST) {
		*problem = "limit";
		*detail = "maxCallsInRequest";
		return false;
	}
	return true;
}

static void write_created(struct jmap_request *r, struct json_writer *w)
{
	struct map_entry e;
	size_t at = 0;

	json_object(w);
	while (map_next(&r->created, &at, &e)) {
		const struct str *id = e.value;

		json_key(w, e.key);
		json_str(w, *id);
	}
	json_end(w);
}

static void write_answer(struct jmap_request *r, struct buf *out)
{
	struct json_writer w;

	buf_add_z(out, "{\"methodResponses\":[");
	buf_add(out, buf_str(&r->out));
	buf_add_z(out, "],\"sessionState\":");
	w = json_writer(out);
	json_str(&w, jmap_session_state(&r->arena, r->user));
	if (r->tell_created) {
		buf_add_z(out, ",\"createdIds\":");
		w = json_writer(out);
		write_created(r, &w);
	}
	buf_add_c(out, '}');
}

bool jmap_request_run(struct jmap_server *j, const struct jmap_user *u,
                      struct str body, struct buf *out, const char **problem,
                      const char **detail)
{
	struct jmap_request r = { .server = j,
		                  .store = j->ctx.store,
		                  .user = u };
	struct err err = ERR_INIT;
	struct json_doc *doc;
	struct json calls;
	bool ok;

	if (json_parse(&doc, body, &request_limits, &err) < 0) {
		*problem = err.kind == ERR_TOO_BIG ? "limit" : "notJSON";
		*detail = err.kind == ERR_TOO_BIG ? "maxSizeRequest"
		                                  : "The body is no I-JSON";
		return false;
	}
	arena_init(&r.arena);
	map_init(&r.created, random_u64());
	buf_init(&r.out, JMAP_ANSWER_MAX);
	ok = check(&r, json_root(doc), &calls, problem, detail);
	if (ok) {
		for (size_t i = 0; i < json_count(calls); i++)
			run_call(&r, json_as_str(json_at(json_at(calls, i), 0)),
			         json_at(json_at(calls, i), 1),
			         json_as_str(json_at(json_at(calls, i), 2)));
		write_answer(&r, out);
	}
	buf_deinit(&r.out);
	map_deinit(&r.created);
	arena_deinit(&r.arena);
	json_free(&doc);
	return ok;
}
