#include "jmap/object.h"

#include <stdarg.h>
#include <string.h>

#include "log/log.h"

/* A map of the answer: nothing is written until it has a member. */
struct part {
	struct buf b;
	struct json_writer w;
	bool any;
};

struct answer {
	struct part created, updated, not_created, not_updated, not_destroyed;
	struct part destroyed; /* a list */
};

/* An entry of "created" or "updated". */
struct jmap_set_result {
	struct str key; /* its creation id, or its id as it was written */
	struct str id;
	struct str members; /* as JSON, without the braces */
	bool created;
};

static void part_init(struct part *p)
{
	buf_init(&p->b, JMAP_ANSWER_MAX);
}

static struct json_writer *part_open(struct part *p, bool list)
{
	if (!p->any) {
		p->w = json_writer(&p->b);
		if (list)
			json_array(&p->w);
		else
			json_object(&p->w);
		p->any = true;
	}
	return &p->w;
}

static void part_write(struct jmap_call *c, const char *name, struct part *p)
{
	json_key(&c->w, str_z(name));
	if (p->any) {
		json_end(&p->w);
		json_raw(&c->w, buf_str(&p->b));
	} else {
		json_null(&c->w);
	}
	buf_deinit(&p->b);
}

/* ---- errors ---- */

int jmap_set_refuse(struct jmap_set *s, const char *type, const char *property,
                    const char *fmt, ...)
{
	struct buf b;
	va_list ap;

	buf_init(&b, 2000);
	va_start(ap, fmt);
	buf_vfmt(&b, fmt, ap);
	va_end(ap);
	s->error = type;
	s->description = arena_dup(s->c->arena, buf_str(&b));
	buf_deinit(&b);
	if (property && s->properties_n < JMAP_SET_PROPERTIES_MAX)
		s->properties[s->properties_n++] =
			arena_dup(s->c->arena, str_z(property));
	return -1;
}

int jmap_set_fail(struct jmap_set *s, const struct err *err)
{
	struct log_line l;

	switch (err->kind) {
	case ERR_NOT_FOUND:
		return jmap_set_refuse(s, "notFound", NULL, "not there");
	case ERR_OVER_QUOTA:
		return jmap_set_refuse(s, "overQuota", NULL,
		                       "the quota is used up");
	case ERR_TOO_BIG:
		return jmap_set_refuse(s, "tooLarge", NULL, "over a limit");
	case ERR_DENIED:
		return jmap_set_refuse(s, "forbidden", NULL, "not allowed");
	case ERR_INVALID:
		return jmap_set_refuse(s, "invalidProperties", NULL, "%s",
		                       err->text);
	default: break;
	}
	log_begin(&l, LOG_ERROR, "jmap.trouble");
	log_u64(&l, "account", (uint64_t)s->c->account.id);
	log_err(&l, err);
	log_end(&l);
	return jmap_set_refuse(s, "serverFail", NULL,
	                       "temporary failure, try later");
}

static void write_error(const struct jmap_set *s, struct json_writer *w)
{
	json_object(w);
	json_member_z(w, "type", s->error);
	if (s->description.n)
		json_member_str(w, "description", s->description);
	if (s->properties_n) {
		json_key(w, STR("properties"));
		json_array(w);
		for (size_t i = 0; i < s->properties_n; i++)
			json_str(w, s->properties[i]);
		json_end(w);
	}
	if (s->blob_missing.n) {
		json_key(w, STR("notFound"));
		json_array(w);
		json_str(w, s->blob_missing);
		json_end(w);
	}
	if (s->recipient.n) {
		json_key(w, STR("invalidRecipients"));
		json_array(w);
		json_str(w, s->recipient);
		json_end(w);
	}
	if (s->existing.n)
		json_member_str(w, "existingId", s->existing);
	if (s->limit_name)
		json_member_u64(w, s->limit_name, s->limit);
	json_end(w);
}

static struct jmap_set_result *add_result(struct jmap_set *s)
{
	if (s->results_n == s->results_cap) {
		size_t cap = s->results_cap ? s->results_cap * 2 : 16;
		struct jmap_set_result *more =
			arena_array(s->c->arena, cap, sizeof(*more));

		for (size_t i = 0; i < s->results_n; i++)
			more[i] = s->results[i];
		s->results = more;
		s->results_cap = cap;
	}
	return &s->results[s->results_n++];
}

/* `object` is all of it but the brace at its end. */
static void keep_result(struct jmap_set *s, struct str key, struct str id,
                        struct str object, bool created)
{
	*add_result(s) = (struct jmap_set_result){
		.key = arena_dup(s->c->arena, key),
		.id = arena_dup(s->c->arena, id),
		.members = arena_dup(s->c->arena, str_from(object, 1)),
		.created = created,
	};
}

void jmap_set_tell(struct jmap_set *s, struct str id, const char *member,
                   bool value)
{
	struct jmap_set_result *r = NULL;

	for (size_t i = 0; i < s->results_n; i++)
		if (str_eq(s->results[i].id, id))
			r = &s->results[i];
	if (!r) {
		keep_result(s, id, id, STR("{"), false);
		r = &s->results[s->results_n - 1];
	}
	r->members = arena_fmt(s->c->arena, "%.*s%s\"%s\":%s",
	                       STR_ARG(r->members), r->members.n ? "," : "",
	                       member, value ? "true" : "false");
}

static void write_results(struct jmap_set *s, struct answer *a)
{
	for (size_t i = 0; i < s->results_n; i++) {
		const struct jmap_set_result *r = &s->results[i];
		struct json_writer *out =
			part_open(r->created ? &a->created : &a->updated,
		                  false);

		json_key(out, r->key);
		if (r->created || r->members.n)
			json_raw(out, arena_fmt(s->c->arena, "{%.*s}",
			                        STR_ARG(r->members)));
		else
			json_null(out);
	}
}

static void forget_error(struct jmap_set *s)
{
	s->error = NULL;
	s->properties_n = 0;
	s->existing = (struct str){ NULL, 0 };
	s->blob_missing = (struct str){ NULL, 0 };
	s->recipient = (struct str){ NULL, 0 };
	s->limit_name = NULL;
	s->later = false;
}

void jmap_set_error_write(struct jmap_set *s, struct json_writer *w)
{
	write_error(s, w);
	forget_error(s);
}

/* ---- create ---- */

void jmap_set_created(struct jmap_set *s, struct str id)
{
	jmap_created(s->c->req, s->creation_id, id);
	s->made = arena_dup(s->c->arena, id);
	json_member_str(s->w, "id", id);
}

uint64_t jmap_set_no(struct jmap_set *s, struct str written, char letter)
{
	struct json v;

	if (written.n > 1 && written.p[0] == '#' && !jmap_id(s->c, written).p &&
	    letter == s->type->letter &&
	    json_get_str(s->create, str_from(written, 1), &v))
		s->later = true;
	return jmap_no(s->c, written, letter);
}

/* One object; true when it waits for another. */
static bool create_one(struct jmap_set *s, struct answer *a, struct str id,
                       struct json v, bool last)
{
	struct json_writer w;
	struct buf b;
	bool later = false;
	int rc = -1;

	forget_error(s);
	s->creation_id = id;
	buf_init(&b, JMAP_ANSWER_MAX);
	w = json_writer(&b);
	json_object(&w);
	s->w = &w;
	if (json_kind(v) != JSON_IS_OBJECT)
		(void)jmap_set_refuse(s, "invalidProperties", NULL,
		                      "not an object");
	else if (s->type->singleton)
		(void)jmap_set_refuse(s, "singleton", NULL, "there is one");
	else
		rc = s->type->create(s, v);
	if (rc == 0) {
		keep_result(s, id, s->made, buf_str(&b), true);
	} else if (s->later && !last) {
		later = true;
	} else {
		struct json_writer *out = part_open(&a->not_created, false);

		s->refused = true;
		json_key(out, id);
		write_error(s, out);
	}
	buf_deinit(&b);
	return later;
}

/* In the order of the text, but for what needs another of them. */
static void create_all(struct jmap_set *s, struct answer *a)
{
	size_t n = json_count(s->create), left = n, before;
	bool *done = arena_zalloc(s->c->arena, n + 1);

	do {
		struct json_members m = { .object = s->create };
		struct str id;
		struct json v;
		bool last = false;

		before = left;
		for (size_t i = 0; json_member_next(&m, &id, &v); i++)
			if (!done[i] && !create_one(s, a, id, v, last)) {
				done[i] = true;
				left--;
			}
	} while (left && left < before);
	if (left) {
		struct json_members m = { .object = s->create };
		struct str id;
		struct json v;

		for (size_t i = 0; json_member_next(&m, &id, &v); i++)
			if (!done[i])
				(void)create_one(s, a, id, v, true);
	}
	s->creation_id = (struct str){ NULL, 0 };
}

/* ---- update and destroy ---- */

static bool is_destroyed_too(struct jmap_set *s, const struct str *destroy,
                             size_t n, struct str id)
{
	struct str real = jmap_id(s->c, id);

	for (size_t i = 0; i < n; i++)
		if (str_eq(jmap_id(s->c, destroy[i]), real))
			return true;
	return false;
}

static uint64_t number_of(const struct jmap_set *s, struct str id)
{
	if (s->type->singleton)
		return str_eq(id, str_z(s->type->singleton));
	return jmap_no(s->c, id, s->type->letter);
}

/* What is noted and not done yet. */
struct pending {
	struct str ids[JMAP_SET_BATCH]; /* as they were written */
	uint64_t nos[JMAP_SET_BATCH];
	size_t n;
	bool destroys;
};

static bool is_pending(const struct pending *p, uint64_t no)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->nos[i] == no)
			return true;
	return false;
}

static void tell_update(struct jmap_set *s, struct answer *a, struct str id,
                        int rc, struct str changed)
{
	struct json_writer *out;

	if (rc == 0) {
		keep_result(s, id, jmap_id(s->c, id), changed, false);
		return;
	}
	s->refused = true;
	out = part_open(&a->not_updated, false);
	json_key(out, id);
	write_error(s, out);
}

static void not_destroyed(struct jmap_set *s, struct answer *a, struct str id)
{
	struct json_writer *out = part_open(&a->not_destroyed, false);

	s->refused = true;
	json_key(out, id);
	write_error(s, out);
}

static void flush(struct jmap_set *s, struct answer *a, struct pending *p)
{
	if (p->n == 0)
		return;
	s->type->commit(s);
	for (size_t i = 0; i < p->n; i++) {
		int rc;

		forget_error(s);
		rc = s->type->result(s, i);
		if (!p->destroys)
			tell_update(s, a, p->ids[i], rc, STR("{"));
		else if (rc < 0)
			not_destroyed(s, a, p->ids[i]);
		else
			json_str(part_open(&a->destroyed, true), p->ids[i]);
	}
	p->n = 0;
}

static void note(struct jmap_set *s, struct answer *a, struct pending *p,
                 struct str id, uint64_t no)
{
	p->ids[p->n] = id;
	p->nos[p->n++] = no;
	if (p->n == JMAP_SET_BATCH)
		flush(s, a, p);
}

static int update_one(struct jmap_set *s, uint64_t no, struct json v,
                      bool destroyed)
{
	if (destroyed)
		return jmap_set_refuse(s, "willDestroy", NULL,
		                       "it is destroyed as well");
	if (!no)
		return jmap_set_refuse(s, "notFound", NULL, "no such id");
	if (json_kind(v) != JSON_IS_OBJECT)
		return jmap_set_refuse(s, "invalidPatch", NULL,
		                       "not an object");
	return s->type->update(s, no, v);
}

static void update_all(struct jmap_set *s, struct answer *a, struct json update,
                       const struct str *destroy, size_t destroy_n)
{
	struct json_members m = { .object = update };
	struct pending *p = arena_zalloc(s->c->arena, sizeof(*p));
	struct str id;
	struct json v;

	while (json_member_next(&m, &id, &v)) {
		uint64_t no = number_of(s, id);
		struct json_writer w;
		struct buf b;
		int rc;

		/* The same under two names: what was asked first is done. */
		if (is_pending(p, no))
			flush(s, a, p);
		forget_error(s);
		buf_init(&b, JMAP_ANSWER_MAX);
		w = json_writer(&b);
		json_object(&w);
		s->w = &w;
		rc = update_one(s, no, v,
		                is_destroyed_too(s, destroy, destroy_n, id));
		if (rc > 0)
			note(s, a, p, id, no);
		else
			tell_update(s, a, id, rc, buf_str(&b));
		buf_deinit(&b);
	}
	flush(s, a, p);
}

static void destroy_all(struct jmap_set *s, struct answer *a,
                        const struct str *ids, size_t n)
{
	uint64_t *list = arena_array(s->c->arena, n + 1, sizeof(*list));
	struct pending *p = arena_zalloc(s->c->arena, sizeof(*p));
	size_t found = 0;

	p->destroys = true;
	for (size_t i = 0; i < n; i++) {
		uint64_t no = number_of(s, ids[i]);
		bool twice = false;

		for (size_t k = 0; k < found && !twice; k++)
			twice = list[k] == no;
		forget_error(s);
		if (no && s->type->singleton) {
			(void)jmap_set_refuse(s, "singleton", NULL,
			                      "it cannot be destroyed");
			not_destroyed(s, a, ids[i]);
		} else if (no && !twice) {
			list[found++] = no;
		} else if (!no) {
			(void)jmap_set_refuse(s, "notFound", NULL,
			                      "no such id");
			not_destroyed(s, a, ids[i]);
		}
	}
	if (s->type->destroy_order)
		s->type->destroy_order(s, list, found);
	for (size_t i = 0; i < found; i++) {
		struct str id =
			arena_dup(s->c->arena,
		                  str_z(store_id(s->type->letter, list[i]).z));
		int rc;

		forget_error(s);
		rc = s->type->destroy(s, list[i]);
		if (rc > 0)
			note(s, a, p, id, list[i]);
		else if (rc < 0)
			not_destroyed(s, a, id);
		else
			json_str(part_open(&a->destroyed, true), id);
	}
	flush(s, a, p);
}

/* ---- the call ---- */

static int check_args(struct jmap_call *c, const struct jmap_set_type *t)
{
	static const char *const usual[] = { "accountId", "ifInState", "create",
		                             "update", "destroy" };
	static const char *const alone[] = { "create", "update", "destroy",
		                             NULL };
	const char *names[16];
	size_t n = 0;

	if (t->no_account)
		return jmap_args_known(c, alone);
	for (size_t i = 0; i < (t->create_arg ? 2 : 5); i++)
		names[n++] = usual[i];
	if (t->create_arg)
		names[n++] = t->create_arg;
	for (size_t i = 0; t->args && t->args[i]; i++)
		names[n++] = t->args[i];
	names[n] = NULL;
	return jmap_args_known(c, names) < 0 || jmap_args_account(c) < 0 ? -1
	                                                                 : 0;
}

static int read_map(struct jmap_call *c, const char *name, struct json *out)
{
	out->v = NULL;
	if (!jmap_arg(c, name, out)) {
		out->v = NULL;
		return 0;
	}
	if (json_kind(*out) != JSON_IS_OBJECT)
		return jmap_error(c, "invalidArguments", "\"%s\" is no map",
		                  name);
	return 0;
}

static int state_of(struct jmap_call *c, const struct jmap_set_type *t,
                    struct str *out)
{
	struct change_state now;

	if (t->no_account) {
		*out = STR("");
		return 0;
	}
	if (t->fixed_state) {
		*out = str_z(t->fixed_state);
		return 0;
	}
	if (jmap_state(c, t->state, &now) < 0)
		return -1;
	*out = jmap_state_text(c->arena, now);
	return 0;
}

static int check_state(struct jmap_call *c, struct str now)
{
	struct str want = { NULL, 0 };

	if (jmap_arg_str(c, "ifInState", &want) < 0)
		return -1;
	if (want.p && !str_eq(want, now))
		return jmap_error(c, "stateMismatch",
		                  "the state is another by now");
	return 0;
}

static int write_answer(struct jmap_call *c, const struct jmap_set_type *t,
                        struct str old, struct answer *a)
{
	struct str now = old;
	int rc = 0;

	if (!t->no_account) {
		jmap_write_account(c);
		json_member_str(&c->w, "oldState", old);
		rc = state_of(c, t, &now);
		json_member_str(&c->w, "newState", now);
	}
	part_write(c, "created", &a->created);
	part_write(c, "notCreated", &a->not_created);
	if (t->create_arg)
		return rc;
	part_write(c, "updated", &a->updated);
	part_write(c, "destroyed", &a->destroyed);
	part_write(c, "notUpdated", &a->not_updated);
	part_write(c, "notDestroyed", &a->not_destroyed);
	return rc;
}

int jmap_set_run(struct jmap_call *c, const struct jmap_set_type *t, void *arg)
{
	struct jmap_set s = { .c = c, .type = t, .arg = arg };
	struct str old;
	struct answer a = { .created = { .any = false } };
	struct json update;
	struct str *destroy;
	size_t destroy_n;
	int rc = 0;

	if (check_args(c, t) < 0 ||
	    read_map(c, t->create_arg ? t->create_arg : "create", &s.create) <
	            0 ||
	    read_map(c, "update", &update) < 0 ||
	    jmap_read_ids(c, "destroy", JMAP_OBJECTS_IN_SET, &destroy,
	                  &destroy_n) < 0)
		return -1;
	if (t->create_arg && !s.create.v)
		return jmap_error(c, "invalidArguments", "no \"%s\"",
		                  t->create_arg);
	if (json_count(s.create) + json_count(update) + destroy_n >
	    JMAP_OBJECTS_IN_SET)
		return jmap_error(c, "requestTooLarge", "over %d objects",
		                  JMAP_OBJECTS_IN_SET);
	if (state_of(c, t, &old) < 0 || check_state(c, old) < 0)
		return -1;
	part_init(&a.created);
	part_init(&a.updated);
	part_init(&a.destroyed);
	part_init(&a.not_created);
	part_init(&a.not_updated);
	part_init(&a.not_destroyed);
	create_all(&s, &a);
	update_all(&s, &a, update, destroy, destroy_n);
	destroy_all(&s, &a, destroy, destroy_n);
	if (t->finish)
		rc = t->finish(&s, !s.refused);
	write_results(&s, &a);
	return write_answer(c, t, old, &a) < 0 ? -1 : rc;
}
