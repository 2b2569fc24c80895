/* EmailSubmission/set (RFC 8621, 7.5). */
#include <string.h>

#include "intake/intake.h"
#include "jmap/header.h"
#include "jmap/identity.h"
#include "jmap/methods.h"
#include "jmap/pointer.h"
#include "jmap/submission.h"
#include "log/log.h"
#include "os/clock.h"

/* What was made, changed or destroyed, for onSuccess...: submission ->
 * Email. */
struct done {
	struct str creation_id, id;
	uint64_t email;
};

struct submission_set {
	struct done *done;
	size_t n, cap;
};

static void remember(struct jmap_set *s, struct str id, uint64_t email)
{
	struct submission_set *set = s->arg;

	if (set->n == set->cap) {
		struct done *more;

		set->cap = set->cap ? set->cap * 2 : 8;
		more = arena_array(s->c->arena, set->cap, sizeof(*more));
		if (set->n)
			memcpy(more, set->done, set->n * sizeof(*more));
		set->done = more;
	}
	set->done[set->n++] = (struct done){ s->creation_id, id, email };
}

static struct str id_of(struct jmap_set *s, uint64_t no)
{
	return arena_dup(s->c->arena,
	                 str_z(store_id(JMAP_ID_SUBMISSION, no).z));
}

/* ---- create ---- */

struct asked {
	struct jmap_identity identity;
	uint64_t email;
	struct json envelope;
};

static int find_identity(struct jmap_set *s, struct str id,
                         struct jmap_identity *out)
{
	uint64_t no = jmap_no(s->c, id, JMAP_ID_IDENTITY);
	struct jmap_identity *list;
	size_t n;

	if (jmap_identities(s->c, &list, &n) < 0)
		return jmap_set_refuse(s, "serverFail", NULL,
		                       "temporary failure, try later");
	for (size_t i = 0; i < n; i++)
		if (list[i].o.no == no) {
			*out = list[i];
			return 0;
		}
	return jmap_set_refuse(s, "invalidProperties", "identityId",
	                       "no such identity");
}

static int read_create(struct jmap_set *s, struct json v, struct asked *out)
{
	struct json_members m = { .object = v };
	struct str name, identity = { NULL, 0 }, id = { NULL, 0 };
	struct json value;

	*out = (struct asked){ .email = 0 };
	while (json_member_next(&m, &name, &value)) {
		if (str_eq(name, STR("identityId")))
			identity = json_as_str(value);
		else if (str_eq(name, STR("emailId")))
			id = json_as_str(value);
		else if (str_eq(name, STR("envelope")))
			out->envelope = value;
		else
			return jmap_set_refuse(
				s, "invalidProperties",
				arena_strz(s->c->arena, name),
				"unknown, or the server sets it");
	}
	if (find_identity(s, identity, &out->identity) < 0)
		return -1;
	if (out->envelope.v && json_kind(out->envelope) != JSON_IS_OBJECT &&
	    json_kind(out->envelope) != JSON_IS_NULL)
		return jmap_set_refuse(s, "invalidProperties", "envelope",
		                       "not an envelope");
	out->email = jmap_no(s->c, id, STORE_ID_EMAIL);
	return out->email ? 0
	                  : jmap_set_refuse(s, "invalidProperties", "emailId",
	                                    "no such Email");
}

/* It is sent, whatever becomes of the record. */
static void keep(struct jmap_set *s, struct jmap_submission *sub)
{
	struct object_write w = { .type = CHANGE_SUBMISSION,
		                  .what = OBJECT_CREATE,
		                  .object = sub->o,
		                  .max = JMAP_SUBMISSIONS,
		                  .trim = true };
	struct err err = ERR_INIT;

	w.object.content = jmap_submission_content(s->c->arena, sub);
	if (object_write(s->c->store, s->c->account, &w, 1, &err) < 0)
		log_fail(LOG_ERROR, "jmap.submission.unkept", &err);
	sub->o.no = w.object.no;
}

static void write_created(struct jmap_set *s, const struct asked *ask,
                          const struct jmap_submission *sub)
{
	jmap_set_created(s, id_of(s, sub->o.no));
	json_member_z(s->w, "threadId",
	              store_id(STORE_ID_THREAD, sub->thread).z);
	json_key(s->w, STR("sendAt"));
	jmap_write_utc(s->w, sub->o.at_us / US_PER_SEC);
	json_member_z(s->w, "undoStatus", jmap_undo_name(sub->undo));
	if (json_kind(ask->envelope) != JSON_IS_OBJECT) {
		json_key(s->w, STR("envelope"));
		json_raw(s->w, sub->envelope);
	}
	json_key(s->w, STR("deliveryStatus"));
	jmap_write_deliveries(s->w, sub);
	json_key(s->w, STR("dsnBlobIds"));
	jmap_write_reports(s->w, sub, JMAP_REPORT_DSN);
	json_key(s->w, STR("mdnBlobIds"));
	jmap_write_reports(s->w, sub, JMAP_REPORT_MDN);
}

static int create(struct jmap_set *s, struct json v)
{
	struct jmap_submission sub = { .queued = 0 };
	struct asked ask;

	if (read_create(s, v, &ask) < 0)
		return -1;
	sub.o.first = (int64_t)ask.email;
	sub.o.second = (int64_t)ask.identity.o.no;
	if (jmap_submission_send(s, ask.envelope, ask.identity.email, &sub) < 0)
		return -1;
	keep(s, &sub);
	write_created(s, &ask, &sub);
	remember(s, id_of(s, sub.o.no), ask.email);
	return 0;
}

/* ---- update: canceled ---- */

static int find(struct jmap_set *s, uint64_t no, struct jmap_submission *out)
{
	struct err err = ERR_INIT;
	struct object o;

	if (object_get(s->c->store, s->c->account, CHANGE_SUBMISSION, no,
	               s->c->arena, &o, &err) < 0 ||
	    jmap_submission_read(s->c->arena, &o, out, &err) < 0)
		return jmap_set_fail(s, &err);
	return 0;
}

/* In the queue first: it decides.  What is not written here after that is
 * found out by the next call. */
static int cancel(struct jmap_set *s, struct jmap_submission *sub)
{
	struct object_write w = { .type = CHANGE_SUBMISSION,
		                  .what = OBJECT_UPDATE };
	struct err err = ERR_INIT;
	bool done = false;

	if (sub->undo == JMAP_CANCELED)
		return 0;
	if (sub->undo != JMAP_FINAL &&
	    intake_withdraw(s->c->req->server->ctx.intake, sub->o.name,
	                    s->c->account.id, s->c->req->user->address, &done,
	                    &err) < 0)
		return jmap_set_fail(s, &err);
	if (!done)
		return jmap_set_refuse(s, "cannotUnsend", NULL, "it is sent");
	sub->undo = JMAP_CANCELED;
	sub->o.open = 0;
	sub->deliveries_n = 0;
	w.object = sub->o;
	w.object.content = jmap_submission_content(s->c->arena, sub);
	if (object_write(s->c->store, s->c->account, &w, 1, &err) < 0 &&
	    err.kind != ERR_EXISTS)
		return jmap_set_fail(s, &err);
	/* What else changed by it. */
	json_key(s->w, STR("deliveryStatus"));
	json_null(s->w);
	return 0;
}

static int update(struct jmap_set *s, uint64_t no, struct json patch)
{
	struct json_members m = { .object = patch };
	struct jmap_submission sub = { .o = { .no = 0 } };
	bool wanted = false;
	struct str name;
	struct json v;

	if (find(s, no, &sub) < 0)
		return -1;
	while (json_member_next(&m, &name, &v)) {
		struct str to = json_as_str(v);

		if (!str_eq(name, STR("undoStatus")) ||
		    (!str_eq(to, STR("canceled")) &&
		     !str_eq(to, str_z(jmap_undo_name(sub.undo)))))
			return jmap_set_refuse(s, "invalidProperties",
			                       arena_strz(s->c->arena, name),
			                       "does not change so");
		wanted = str_eq(to, STR("canceled"));
	}
	if (wanted && cancel(s, &sub) < 0)
		return -1;
	remember(s, id_of(s, no), (uint64_t)sub.o.first);
	return 0;
}

/* The record goes; what is on its way goes on. */
static int destroy(struct jmap_set *s, uint64_t no)
{
	struct object_write w = { .type = CHANGE_SUBMISSION,
		                  .what = OBJECT_DESTROY,
		                  .object = { .no = no } };
	struct jmap_submission sub = { .o = { .no = 0 } };
	struct err err = ERR_INIT;

	if (find(s, no, &sub) < 0)
		return -1;
	if (object_write(s->c->store, s->c->account, &w, 1, &err) < 0)
		return jmap_set_fail(s, &err);
	remember(s, id_of(s, no), (uint64_t)sub.o.first);
	return 0;
}

/* ---- onSuccessUpdateEmail, onSuccessDestroyEmail (RFC 8621, 7.5) ---- */

static const struct done *find_done(const struct submission_set *set,
                                    struct str written)
{
	for (size_t i = 0; i < set->n; i++)
		if (str_eq(written, set->done[i].id) ||
		    (written.n && written.p[0] == '#' &&
		     str_eq(str_from(written, 1), set->done[i].creation_id)))
			return &set->done[i];
	return NULL;
}

/* An Email/set behind this call, when there is anything to do. */
static void follow(struct jmap_call *c, const struct submission_set *set)
{
	struct json_writer w;
	struct json update, list;
	struct json_members m;
	struct str name;
	struct json v;

	if (set->n == 0 || (!jmap_arg(c, "onSuccessUpdateEmail", &update) &&
	                    !jmap_arg(c, "onSuccessDestroyEmail", &list)))
		return;
	w = json_writer(&c->follow);
	json_object(&w);
	json_member_z(&w, "accountId", jmap_account_id(c->req->user).z);
	json_key(&w, STR("update"));
	json_object(&w);
	if (jmap_arg(c, "onSuccessUpdateEmail", &update)) {
		m = (struct json_members){ .object = update };
		while (json_member_next(&m, &name, &v)) {
			const struct done *it = find_done(set, name);

			if (!it)
				continue;
			json_key(&w,
			         str_z(store_id(STORE_ID_EMAIL, it->email).z));
			json_copy(&w, v);
		}
	}
	json_end(&w);
	json_key(&w, STR("destroy"));
	json_array(&w);
	for (size_t i = 0; jmap_arg(c, "onSuccessDestroyEmail", &list) &&
	                   i < json_count(list);
	     i++) {
		const struct done *it =
			find_done(set, json_as_str(json_at(list, i)));

		if (it)
			jmap_write_id(&w, STORE_ID_EMAIL, it->email);
	}
	json_end(&w);
	json_end(&w);
}

int jmap_submission_set(struct jmap_call *c)
{
	static const char *const args[] = { "onSuccessUpdateEmail",
		                            "onSuccessDestroyEmail", NULL };
	static const struct jmap_set_type type = { .state = CHANGE_SUBMISSION,
		                                   .letter = JMAP_ID_SUBMISSION,
		                                   .args = args,
		                                   .create = create,
		                                   .update = update,
		                                   .destroy = destroy };
	struct submission_set set = { .n = 0 };

	if (jmap_submissions_refresh(c) < 0 || jmap_set_run(c, &type, &set) < 0)
		return -1;
	follow(c, &set);
	return 0;
}
