/*
 * Reports that came back are joined with what they answer (RFC 8621, 7:
 * dsnBlobIds, mdnBlobIds, deliveryStatus).
 *
 * A report names the message by the Message-ID in the header it returns, or,
 * a receipt, in a field of its own (RFC 8098, 3.2.5); a status report also by
 * the ENVID it was sent with (RFC 3464, 2.2.1).  Only the submissions of the
 * account that got the report are looked through, so one that names another's
 * message changes nothing.
 */
#include <string.h>

#include "jmap/blob.h"
#include "jmap/mdn.h"
#include "jmap/submission.h"
#include "store/report.h"
#include "wire/dsn/dsn.h"
#include "wire/message/field.h"
#include "wire/message/msgid.h"

/* In one call; those behind them are for the next. */
#define AT_ONCE  100
#define PART_MAX ((size_t)1024 * 1024)

struct report {
	enum jmap_report kind;
	uint64_t email;
	struct str original_id; /* of the message it is about */
	struct str answered_id; /* In-Reply-To, where that is not told */
	struct dsn_report dsn;
	struct jmap_mdn_fields mdn;
};

/* ---- reading ---- */

static const struct {
	const char *subtype;
	enum jmap_report kind;
} status_parts[] = {
	{ "delivery-status", JMAP_REPORT_DSN },
	{ "global-delivery-status", JMAP_REPORT_DSN },
	{ "disposition-notification", JMAP_REPORT_MDN },
	{ "global-disposition-notification", JMAP_REPORT_MDN },
};

static bool find_kind(const struct mime_part *p, enum jmap_report *out)
{
	for (size_t i = 0; i < sizeof(status_parts) / sizeof(*status_parts);
	     i++)
		if (mime_part_is(p, "message", status_parts[i].subtype)) {
			*out = status_parts[i].kind;
			return true;
		}
	return false;
}

/* Decoded; empty when it is over PART_MAX. */
static struct str bytes_of(struct arena *a, struct str message,
                           const struct mime_part *p)
{
	struct str out = { NULL, 0 };
	struct buf b;

	buf_init(&b, PART_MAX);
	jmap_part_decode(&b, message, p);
	if (!buf_overflow(&b))
		out = arena_dup(a, buf_str(&b));
	buf_deinit(&b);
	return out;
}

static struct str id_in(struct arena *a, struct str header, enum field_id field)
{
	struct field_index *ix = arena_alloc(a, sizeof(*ix));

	field_index_make(header, ix);
	return arena_dup(a, msgid_parse(a, ix->first[field]));
}

/* What is returned: a message, its header, or either of them encoded. */
static struct str returned_id(struct arena *a, struct str message,
                              const struct mime_part *p)
{
	struct str header;

	if (!p)
		return STR("");
	if (p->kind == MIME_MESSAGE && p->child)
		header = mime_part_header(p->child, message);
	else
		header = bytes_of(a, message, p);
	header = str_to(header, field_header_length(header));
	return id_in(a, header, FIELD_MESSAGE_ID);
}

/* RFC 6522, 3: words, the status, what is returned. */
static bool read_message(struct arena *a, struct str message,
                         struct report *out)
{
	const struct mime_part *root = mime_parse(a, message, NULL);
	const struct mime_part *status = root->child ? root->child->next : NULL;
	struct str fields;

	if (!mime_part_is(root, "multipart", "report") || !status ||
	    !find_kind(status, &out->kind))
		return false;
	fields = bytes_of(a, message, status);
	out->original_id = returned_id(a, message, status->next);
	out->answered_id =
		id_in(a, mime_part_header(root, message), FIELD_IN_REPLY_TO);
	if (out->kind == JMAP_REPORT_DSN)
		return dsn_read(a, fields, NULL, &out->dsn);
	jmap_mdn_read(a, fields, &out->mdn);
	if (out->mdn.original_message_id.n)
		out->original_id = msgid_parse(a, out->mdn.original_message_id);
	return out->mdn.disposition.n > 0;
}

/* 1, 0 when there is nothing to join, -1. */
static int read_report(const struct jmap_following *f, struct report *out,
                       struct err *err)
{
	struct str prefix, message;
	struct body *body;
	int rc;

	if (body_open_email(&body, f->store, f->account, out->email, err) < 0)
		return err->kind == ERR_NOT_FOUND ? 0 : -1;
	rc = body_view(body, &prefix, &message, err);
	if (rc == 0)
		rc = read_message(f->arena, message, out);
	body_close(&body);
	return rc;
}

/* ---- whom it tells of ---- */

/* "rfc822; bo@far.example" */
static struct str address_in(struct str typed)
{
	struct str type;

	return str_cut(&typed, ';', &type) && typed.n ? str_trim(typed)
	                                              : STR("");
}

static struct jmap_delivery *find_delivery(struct jmap_submission *s,
                                           struct str original,
                                           struct str final)
{
	for (size_t i = 0; i < s->deliveries_n; i++)
		if (str_eq_case(s->deliveries[i].rcpt, original) ||
		    str_eq_case(s->deliveries[i].rcpt, final))
			return &s->deliveries[i];
	return NULL;
}

/* The i-th that the report tells of; NULL when it was not sent to them. */
static struct jmap_delivery *delivery_of(struct jmap_submission *s,
                                         const struct report *r, size_t i)
{
	if (r->kind == JMAP_REPORT_DSN)
		return find_delivery(s, r->dsn.rcpts[i].original,
		                     r->dsn.rcpts[i].final);
	return find_delivery(s, address_in(r->mdn.original_recipient),
	                     address_in(r->mdn.final_recipient));
}

static size_t tells_of(const struct report *r)
{
	return r->kind == JMAP_REPORT_DSN ? r->dsn.rcpts_n : 1;
}

/* ---- which submission it answers ---- */

struct search {
	const struct report *report;
	struct arena *scratch;
	struct str needles[3]; /* ids as they stand in a content; or empty */
	uint64_t best;         /* its number; 0: none yet */
	unsigned rank;
};

static struct str as_json(struct arena *a, struct str id)
{
	struct json_writer w;
	struct str out;
	struct buf b;

	if (!id.n)
		return id;
	buf_init(&b, PART_MAX);
	w = json_writer(&b);
	json_str(&w, id);
	out = arena_dup(a, buf_str(&b));
	buf_deinit(&b);
	return out;
}

static bool is_same(struct str a, struct str b)
{
	return a.n && str_eq(a, b);
}

/* 0: not this one.  A message may have been sent several times: then ENVID
 * and recipients say which. */
static unsigned rank_of(struct jmap_submission *s, const struct report *r)
{
	bool envid = r->kind == JMAP_REPORT_DSN &&
	             is_same(s->envid, r->dsn.message.envid);
	unsigned rank = 1;

	if (r->original_id.n && s->message_id.n
	            ? !str_eq(r->original_id, s->message_id)
	            : !envid && !is_same(s->message_id, r->answered_id))
		return 0;
	if (envid)
		rank += 2;
	for (size_t i = 0; i < tells_of(r); i++)
		if (delivery_of(s, r, i))
			return rank + 1;
	return rank;
}

static int on_object(void *arg, const struct object *o, struct err *err)
{
	struct search *x = arg;
	struct jmap_submission s;
	bool mentioned = false;
	unsigned rank;

	for (size_t i = 0; i < 3 && !mentioned; i++)
		mentioned = x->needles[i].n &&
		            str_find(o->content, x->needles[i]) != STR_NPOS;
	if (!mentioned)
		return 0;
	arena_reset(x->scratch);
	if (jmap_submission_read(x->scratch, o, &s, err) < 0)
		return -1;
	rank = rank_of(&s, x->report);
	if (rank && rank >= x->rank) {
		x->rank = rank;
		x->best = o->no;
	}
	return 0;
}

/* 1, 0 when there is none, -1. */
static int find_submission(const struct jmap_following *f,
                           const struct report *r, struct jmap_submission *out,
                           struct err *err)
{
	struct arena scratch;
	struct search x = { .report = r, .scratch = &scratch };
	struct object o;
	int rc;

	x.needles[0] = as_json(f->arena, r->original_id);
	x.needles[1] = as_json(f->arena, r->answered_id);
	x.needles[2] = as_json(f->arena, r->dsn.message.envid);
	arena_init(&scratch);
	rc = object_each(f->store, f->account, CHANGE_SUBMISSION, on_object, &x,
	                 err);
	arena_deinit(&scratch);
	if (rc < 0 || !x.best)
		return rc;
	if (object_get(f->store, f->account, CHANGE_SUBMISSION, x.best,
	               f->arena, &o, err) < 0)
		return err->kind == ERR_NOT_FOUND ? 0 : -1;
	return jmap_submission_read(f->arena, &o, out, err) < 0 ? -1 : 1;
}

/* ---- joining ---- */

static bool is_joined(const struct jmap_submission *s, const struct report *r)
{
	for (size_t i = 0; i < s->reports[r->kind].n; i++)
		if (s->reports[r->kind].v[i] == r->email)
			return true;
	return false;
}

static void add_blob(struct arena *a, struct jmap_submission *s,
                     const struct report *r)
{
	size_t n = s->reports[r->kind].n;
	uint64_t *v;

	if (n >= JMAP_REPORTS_MAX)
		return;
	v = arena_array(a, n + 1, sizeof(*v));
	if (n)
		memcpy(v, s->reports[r->kind].v, n * sizeof(*v));
	v[n] = r->email;
	s->reports[r->kind].v = v;
	s->reports[r->kind].n = n + 1;
}

static bool is_displayed(const struct report *r)
{
	struct str rest = r->mdn.disposition, part;

	return str_cut(&rest, ';', &part) && str_cut(&rest, '/', &part) &&
	       str_eq_case(str_trim(part), STR("displayed"));
}

/* RFC 8621, 7: what is neither delivered nor failed tells nothing. */
static void tell(struct jmap_delivery *d, const struct report *r, size_t i)
{
	if (r->kind == JMAP_REPORT_MDN)
		d->displayed |= is_displayed(r);
	else if (r->dsn.rcpts[i].action == DSN_DELIVERED)
		d->told = JMAP_DELIVERED_YES;
	else if (r->dsn.rcpts[i].action == DSN_FAILED)
		d->told = JMAP_DELIVERED_NO;
}

static void apply(struct arena *a, struct jmap_submission *s,
                  const struct report *r)
{
	add_blob(a, s, r);
	for (size_t i = 0; i < tells_of(r); i++) {
		struct jmap_delivery *d = delivery_of(s, r, i);

		/* An alias answers by another name; sent to one alone, it is
		 * that one's. */
		if (!d && s->deliveries_n == 1 && tells_of(r) == 1)
			d = &s->deliveries[0];
		if (d)
			tell(d, r, i);
	}
}

/* 1: the report is settled, 0: another request was faster, -1. */
static int join(const struct jmap_following *f, uint64_t email, struct err *err)
{
	struct object_write w = { .type = CHANGE_SUBMISSION,
		                  .what = OBJECT_UPDATE };
	struct report r = { .email = email };
	struct jmap_submission s;
	int rc = read_report(f, &r, err);

	if (rc > 0)
		rc = find_submission(f, &r, &s, err);
	if (rc <= 0)
		return rc < 0 ? -1 : 1;
	if (is_joined(&s, &r))
		return 1;
	apply(f->arena, &s, &r);
	w.object = s.o;
	w.object.content = jmap_submission_content(f->arena, &s);
	if (object_write(f->store, f->account, &w, 1, err) == 0)
		return 1;
	if (err->kind == ERR_EXISTS)
		return 0;
	/* It was destroyed meanwhile, or holds no more. */
	return err->kind == ERR_NOT_FOUND || err->kind == ERR_TOO_BIG ? 1 : -1;
}

int jmap_reports_join(const struct jmap_following *f, struct err *err)
{
	struct jmap_following each = *f;
	struct arena arena;
	uint64_t *list;
	size_t n, settled = 0;
	int rc = 0;

	if (report_list(f->store, f->account, AT_ONCE, f->arena, &list, &n,
	                err) < 0)
		return -1;
	arena_init(&arena);
	each.arena = &arena;
	for (size_t i = 0; i < n && rc >= 0; i++) {
		arena_reset(&arena);
		rc = join(&each, list[i], err);
		if (rc > 0)
			list[settled++] = list[i];
	}
	arena_deinit(&arena);
	if (rc < 0)
		return -1;
	return report_done(f->store, f->account, list, settled, err);
}
