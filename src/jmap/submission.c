/* A submission as it is kept; EmailSubmission/get and /changes (RFC 8621, 7.1
 * and 7.2). */
#include "jmap/submission.h"

#include <string.h>

#include "jmap/header.h"
#include "jmap/identity.h"
#include "jmap/methods.h"
#include "jmap/pointer.h"
#include "os/clock.h"

static const char *const undo_names[] = { "pending", "final", "canceled" };
static const char *const delivered_names[] = { "queued", "yes", "no",
	                                       "unknown" };
static const char *const report_names[] = { "dsn", "mdn" };

const char *jmap_undo_name(enum jmap_undo undo)
{
	return undo_names[undo];
}

/* ---- content ---- */

static unsigned find_name(const char *const *names, unsigned n, struct str name)
{
	for (unsigned i = 0; i < n; i++)
		if (str_eq(name, str_z(names[i])))
			return i;
	return n - 1;
}

static enum jmap_delivered delivered_of(struct str name)
{
	return (enum jmap_delivered)find_name(delivered_names, 4, name);
}

/* The string, or the empty view. */
static struct str member(struct json object, const char *name)
{
	struct json v = { NULL };

	(void)json_get(object, name, &v);
	return json_as_str(v);
}

static void read_deliveries(struct arena *a, struct json v,
                            struct jmap_submission *out)
{
	struct json_members m = { .object = v };
	struct str rcpt;
	struct json d;

	out->deliveries =
		arena_array(a, json_count(v) + 1, sizeof(*out->deliveries));
	while (json_member_next(&m, &rcpt, &d)) {
		struct jmap_delivery *it = &out->deliveries[out->deliveries_n];

		it->rcpt = arena_dup(a, rcpt);
		it->reply = arena_dup(a, member(d, "smtpReply"));
		it->delivered = delivered_of(member(d, "delivered"));
		it->told = delivered_of(member(d, "told"));
		it->displayed = str_eq(member(d, "displayed"), STR("yes"));
		out->deliveries_n++;
	}
}

static void read_reports(struct arena *a, struct json root,
                         struct jmap_submission *out)
{
	for (int kind = 0; kind < JMAP_REPORT_KINDS; kind++) {
		struct json list = { NULL };
		size_t n = 0;

		(void)json_get(root, report_names[kind], &list);
		out->reports[kind].v =
			arena_array(a, json_count(list) + 1, sizeof(uint64_t));
		while (n < json_count(list) &&
		       json_as_u64(json_at(list, n), &out->reports[kind].v[n]))
			n++;
		out->reports[kind].n = n;
	}
}

static struct str text_of(struct arena *a, struct json v)
{
	struct json_writer w;
	struct str out;
	struct buf b;

	buf_init(&b, OBJECT_CONTENT_MAX);
	w = json_writer(&b);
	json_copy(&w, v);
	out = arena_dup(a, buf_str(&b));
	buf_deinit(&b);
	return out;
}

int jmap_submission_read(struct arena *a, const struct object *o,
                         struct jmap_submission *out, struct err *err)
{
	struct json_doc *doc;
	struct json root, v = { NULL };
	uint64_t n = 0;

	if (json_parse(&doc, o->content, &json_limits_default, err) < 0) {
		err->kind = ERR_CORRUPT;
		return -1;
	}
	root = json_root(doc);
	*out = (struct jmap_submission){ .o = *o };
	if (json_get(root, "thread", &v) && json_as_u64(v, &n))
		out->thread = n;
	if (json_get(root, "queued", &v) && json_as_u64(v, &n))
		out->queued = (int64_t)n;
	(void)json_get(root, "undoStatus", &v);
	out->undo = (enum jmap_undo)find_name(undo_names, 3, json_as_str(v));
	out->envelope = STR("null");
	if (json_get(root, "envelope", &v))
		out->envelope = text_of(a, v);
	if (json_get(root, "deliveryStatus", &v))
		read_deliveries(a, v, out);
	out->message_id = arena_dup(a, member(root, "messageId"));
	out->envid = arena_dup(a, member(root, "envid"));
	read_reports(a, root, out);
	json_free(&doc);
	return 0;
}

static enum jmap_delivered delivered(const struct jmap_delivery *d)
{
	return d->delivered == JMAP_DELIVERED_UNKNOWN ? d->told : d->delivered;
}

/* `kept`: as it is stored; else as clients see it. */
static void write_deliveries(struct json_writer *w,
                             const struct jmap_submission *s, bool kept)
{
	if (s->deliveries_n == 0) {
		json_null(w);
		return;
	}
	json_object(w);
	for (size_t i = 0; i < s->deliveries_n; i++) {
		const struct jmap_delivery *it = &s->deliveries[i];

		json_key(w, it->rcpt);
		json_object(w);
		json_member_str(w, "smtpReply", it->reply);
		if (kept)
			json_member_z(w, "told", delivered_names[it->told]);
		json_member_z(
			w, "delivered",
			delivered_names[kept ? it->delivered : delivered(it)]);
		json_member_z(w, "displayed",
		              it->displayed ? "yes" : "unknown");
		json_end(w);
	}
	json_end(w);
}

void jmap_write_deliveries(struct json_writer *w,
                           const struct jmap_submission *s)
{
	write_deliveries(w, s, false);
}

void jmap_write_reports(struct json_writer *w, const struct jmap_submission *s,
                        enum jmap_report kind)
{
	json_array(w);
	for (size_t i = 0; i < s->reports[kind].n; i++)
		jmap_write_id(w, STORE_ID_BLOB, s->reports[kind].v[i]);
	json_end(w);
}

static void keep_reports(struct json_writer *w, const struct jmap_submission *s)
{
	for (int kind = 0; kind < JMAP_REPORT_KINDS; kind++) {
		if (s->reports[kind].n == 0)
			continue;
		json_key(w, str_z(report_names[kind]));
		json_array(w);
		for (size_t i = 0; i < s->reports[kind].n; i++)
			json_u64(w, s->reports[kind].v[i]);
		json_end(w);
	}
}

struct str jmap_submission_content(struct arena *a,
                                   const struct jmap_submission *s)
{
	struct json_writer w;
	struct str out;
	struct buf b;

	buf_init(&b, 2 * OBJECT_CONTENT_MAX);
	w = json_writer(&b);
	json_object(&w);
	json_member_u64(&w, "thread", s->thread);
	json_member_u64(&w, "queued", (uint64_t)s->queued);
	json_member_z(&w, "undoStatus", undo_names[s->undo]);
	json_key(&w, STR("envelope"));
	json_raw(&w, s->envelope);
	json_key(&w, STR("deliveryStatus"));
	write_deliveries(&w, s, true);
	json_member_str(&w, "messageId", s->message_id);
	json_member_str(&w, "envid", s->envid);
	keep_reports(&w, s);
	json_end(&w);
	out = arena_dup(a, buf_str(&b));
	buf_deinit(&b);
	return out;
}

/* ---- properties ---- */

static void write_id(struct jmap_call *c, const void *o)
{
	const struct jmap_submission *s = o;

	jmap_write_id(&c->w, JMAP_ID_SUBMISSION, s->o.no);
}

static void write_identity(struct jmap_call *c, const void *o)
{
	const struct jmap_submission *s = o;

	jmap_write_id(&c->w, JMAP_ID_IDENTITY, (uint64_t)s->o.second);
}

static void write_email(struct jmap_call *c, const void *o)
{
	const struct jmap_submission *s = o;

	jmap_write_id(&c->w, STORE_ID_EMAIL, (uint64_t)s->o.first);
}

static void write_thread(struct jmap_call *c, const void *o)
{
	const struct jmap_submission *s = o;

	jmap_write_id(&c->w, STORE_ID_THREAD, s->thread);
}

static void write_envelope(struct jmap_call *c, const void *o)
{
	const struct jmap_submission *s = o;

	json_raw(&c->w, s->envelope);
}

static void write_send_at(struct jmap_call *c, const void *o)
{
	const struct jmap_submission *s = o;

	jmap_write_utc(&c->w, s->o.at_us / US_PER_SEC);
}

static void write_undo(struct jmap_call *c, const void *o)
{
	const struct jmap_submission *s = o;

	json_z(&c->w, undo_names[s->undo]);
}

static void write_delivery(struct jmap_call *c, const void *o)
{
	jmap_write_deliveries(&c->w, o);
}

static void write_dsns(struct jmap_call *c, const void *o)
{
	jmap_write_reports(&c->w, o, JMAP_REPORT_DSN);
}

static void write_mdns(struct jmap_call *c, const void *o)
{
	jmap_write_reports(&c->w, o, JMAP_REPORT_MDN);
}

static const struct jmap_property rows[] = {
	{ "id", JMAP_SERVER_SET, write_id },
	{ "identityId", JMAP_IMMUTABLE, write_identity },
	{ "emailId", JMAP_IMMUTABLE, write_email },
	{ "threadId", JMAP_SERVER_SET, write_thread },
	{ "envelope", JMAP_IMMUTABLE, write_envelope },
	{ "sendAt", JMAP_SERVER_SET, write_send_at },
	{ "undoStatus", 0, write_undo },
	{ "deliveryStatus", JMAP_SERVER_SET, write_delivery },
	{ "dsnBlobIds", JMAP_SERVER_SET, write_dsns },
	{ "mdnBlobIds", JMAP_SERVER_SET, write_mdns },
};

#define ROWS_N (sizeof(rows) / sizeof(rows[0]))

/* ---- the calls ---- */

static int write_one(struct jmap_call *c, const struct jmap_get *g,
                     const struct object *o)
{
	struct jmap_submission s;
	struct err err = ERR_INIT;

	if (jmap_submission_read(c->arena, o, &s, &err) < 0)
		return jmap_fail(c, &err);
	json_object(&c->w);
	jmap_get_write(c, rows, ROWS_N, g->wanted, &s);
	json_end(&c->w);
	return 0;
}

static int write_all(struct jmap_call *c, const struct jmap_get *g)
{
	struct err err = ERR_INIT;
	struct object *list;
	size_t n;

	if (object_list(c->store, c->account, CHANGE_SUBMISSION, c->arena,
	                &list, &n, &err) < 0)
		return jmap_fail(c, &err);
	if (n > JMAP_OBJECTS_IN_GET)
		return jmap_error(c, "requestTooLarge",
		                  "there are %zu: name those wanted", n);
	for (size_t i = 0; i < n; i++)
		if (write_one(c, g, &list[i]) < 0)
			return -1;
	return 0;
}

int jmap_submission_get(struct jmap_call *c)
{
	static const char *const known[] = { "accountId", "ids", "properties",
		                             NULL };
	struct change_state state;
	struct jmap_get g;
	struct str *missing;
	size_t n = 0;

	if (jmap_args_known(c, known) < 0 ||
	    jmap_get_read(c, rows, ROWS_N, NULL, NULL, &g) < 0 ||
	    jmap_submissions_refresh(c) < 0 ||
	    jmap_state(c, CHANGE_SUBMISSION, &state) < 0)
		return -1;
	missing = arena_array(c->arena, g.ids_n + 1, sizeof(*missing));
	jmap_get_begin(c, jmap_state_text(c->arena, state));
	if (g.all && write_all(c, &g) < 0)
		return -1;
	for (size_t i = 0; i < g.ids_n; i++) {
		struct err err = ERR_INIT;
		struct object o;

		if (object_get(c->store, c->account, CHANGE_SUBMISSION,
		               jmap_no(c, g.ids[i], JMAP_ID_SUBMISSION),
		               c->arena, &o, &err) == 0) {
			if (write_one(c, &g, &o) < 0)
				return -1;
		} else if (err.kind == ERR_NOT_FOUND) {
			missing[n++] = g.ids[i];
		} else {
			return jmap_fail(c, &err);
		}
	}
	jmap_get_end(c, missing, n);
	return 0;
}

int jmap_submission_changes(struct jmap_call *c)
{
	static const struct jmap_changes type = { .type = CHANGE_SUBMISSION,
		                                  .letter =
		                                          JMAP_ID_SUBMISSION };

	if (jmap_submissions_refresh(c) < 0)
		return -1;
	return jmap_changes_run(c, &type);
}
