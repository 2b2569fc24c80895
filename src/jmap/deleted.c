/* DeletedEmail: memberships with \Deleted, to be purged or brought back (R33).
 * An id is the mailbox and the UID in it: "D3-17". */
#include "jmap/email.h"
#include "jmap/mailbox.h"
#include "jmap/own.h"
#include "store/expunge.h"
#include "store/meta.h"
#include "store/query.h"

#define QUERY_LIMIT_MAX 1000

struct place {
	uint64_t mailbox;
	uint32_t uid;
};

static bool read_place(struct str id, struct place *out)
{
	struct str box;
	uint64_t uid;

	if (id.n < 2 || id.p[0] != 'D' || str_chr(id, '-') == STR_NPOS)
		return false;
	id = str_from(id, 1);
	if (!str_cut(&id, '-', &box) ||
	    !str_to_u64(box, INT64_MAX, &out->mailbox) ||
	    !str_to_u64(id, UINT32_MAX, &uid) || uid == 0)
		return false;
	out->uid = (uint32_t)uid;
	return true;
}

static void write_place(struct json_writer *w, struct arena *a, uint64_t box,
                        uint32_t uid)
{
	json_str(w, arena_fmt(a, "D%llu-%u", (unsigned long long)box, uid));
}

/* ---- count ---- */

int jmap_deleted_count(struct jmap_call *c)
{
	static const char *const known[] = { "accountId", NULL };
	struct change_state state;
	struct jmap_mailboxes l;

	if (jmap_args_known(c, known) < 0 || jmap_args_account(c) < 0 ||
	    jmap_state(c, CHANGE_MAILBOX, &state) < 0 ||
	    jmap_mailboxes_read(c, false, &l) < 0)
		return -1;
	jmap_get_begin(c, jmap_state_text(c->arena, state));
	for (size_t i = 0; i < l.n; i++) {
		const struct mailbox *m = l.list[i].m;

		if (m->deleted == 0)
			continue;
		json_object(&c->w);
		json_key(&c->w, STR("mailboxId"));
		jmap_write_id(&c->w, STORE_ID_MAILBOX, m->no);
		json_member_u64(&c->w, "total", m->deleted);
		json_member_u64(&c->w, "size", m->deleted_bytes);
		json_end(&c->w);
	}
	json_end(&c->w);
	return 0;
}

/* ---- query ---- */

/* The argument "mailboxId"; 0 after jmap_error(). */
static uint64_t mailbox_of(struct jmap_call *c)
{
	struct str id = { NULL, 0 };
	struct err err = ERR_INIT;
	struct mailbox m;
	uint64_t no;

	if (jmap_arg_str(c, "mailboxId", &id) < 0)
		return 0;
	no = jmap_no(c, id, STORE_ID_MAILBOX);
	if (no &&
	    mailbox_get_no(c->store, c->account, no, c->arena, &m, &err) == 0)
		return no;
	(void)jmap_error(c, "invalidArguments", "no such mailbox");
	return 0;
}

static int find_deleted(struct jmap_call *c, uint64_t mailbox,
                        struct uidset *out)
{
	struct query *q = query_flags(c->arena, FLAG_DELETED, 0);
	struct err err = ERR_INIT;

	return query_run(c->store, c->account, mailbox, q, NULL, out, &err) < 0
	               ? jmap_fail(c, &err)
	               : 0;
}

/* The newest first. */
static void write_ids(struct jmap_call *c, uint64_t mailbox,
                      const struct uidset *uids, uint64_t position,
                      uint64_t limit)
{
	uint64_t n = uidset_count(uids);

	json_key(&c->w, STR("ids"));
	json_array(&c->w);
	for (uint64_t i = position; i < n && i - position < limit; i++)
		write_place(&c->w, c->arena, mailbox,
		            uidset_at(uids, n - 1 - i));
	json_end(&c->w);
}

int jmap_deleted_query(struct jmap_call *c)
{
	static const char *const known[] = { "accountId", "mailboxId",
		                             "position", "limit", NULL };
	struct uidset uids = UIDSET_EMPTY;
	uint64_t mailbox, position = 0, limit = QUERY_LIMIT_MAX;
	struct change_state state;
	int rc;

	if (jmap_args_known(c, known) < 0 || jmap_args_account(c) < 0 ||
	    jmap_arg_u64(c, "position", &position) < 0 ||
	    jmap_arg_u64(c, "limit", &limit) < 0 ||
	    jmap_state(c, CHANGE_EMAIL, &state) < 0)
		return -1;
	mailbox = mailbox_of(c);
	if (!mailbox)
		return -1;
	if (limit > QUERY_LIMIT_MAX)
		limit = QUERY_LIMIT_MAX;
	rc = find_deleted(c, mailbox, &uids);
	if (rc == 0) {
		jmap_write_account(c);
		jmap_write_state(c, "queryState", state);
		json_member_u64(&c->w, "position", position);
		json_member_u64(&c->w, "total", uidset_count(&uids));
		write_ids(c, mailbox, &uids, position, limit);
	}
	uidset_deinit(&uids);
	return rc;
}

/* ---- get ---- */

static void write_field(struct jmap_call *c, struct str fields,
                        const char *member, const char *field,
                        enum jmap_form form)
{
	struct jmap_header h = { str_z(field), form, false };

	json_key(&c->w, str_z(member));
	jmap_header_write(&c->w, c->arena, &h, &fields, 1);
}

static void write_one(struct jmap_call *c, struct place at,
                      const struct fetch_row *row)
{
	struct str fields = meta_get(row->meta, META_FIELDS);
	struct json_writer *w = &c->w;

	json_object(w);
	json_key(w, STR("id"));
	write_place(w, c->arena, at.mailbox, at.uid);
	json_key(w, STR("mailboxId"));
	jmap_write_id(w, STORE_ID_MAILBOX, at.mailbox);
	json_key(w, STR("emailId"));
	jmap_write_id(w, STORE_ID_EMAIL, row->email);
	json_key(w, STR("threadId"));
	jmap_write_id(w, STORE_ID_THREAD, row->thread);
	json_key(w, STR("blobId"));
	jmap_write_id(w, STORE_ID_BLOB, row->email);
	json_member_u64(w, "size", row->size);
	json_key(w, STR("receivedAt"));
	jmap_write_utc(w, row->internaldate_s);
	json_member_bool(w, "isSeen", (row->flags & FLAG_SEEN) != 0);
	write_field(c, fields, "from", "From", JMAP_ADDRESSES);
	write_field(c, fields, "to", "To", JMAP_ADDRESSES);
	write_field(c, fields, "subject", "Subject", JMAP_TEXT);
	json_member_str(w, "preview", meta_get(row->meta, META_PREVIEW));
	json_end(w);
}

int jmap_deleted_get(struct jmap_call *c)
{
	static const char *const known[] = { "accountId", "ids", NULL };
	struct str *ids, *missing;
	struct change_state state;
	size_t n, missing_n = 0;

	if (jmap_args_known(c, known) < 0 || jmap_args_account(c) < 0 ||
	    jmap_read_ids(c, "ids", JMAP_OBJECTS_IN_GET, &ids, &n) < 0 ||
	    jmap_state(c, CHANGE_EMAIL, &state) < 0)
		return -1;
	if (!ids)
		return jmap_error(c, "invalidArguments", "no ids");
	missing = arena_array(c->arena, n + 1, sizeof(*missing));
	jmap_get_begin(c, jmap_state_text(c->arena, state));
	for (size_t i = 0; i < n; i++) {
		struct fetch_row row;
		struct err err = ERR_INIT;
		struct place at;

		if (read_place(ids[i], &at) &&
		    fetch_one(c->store, c->account, at.mailbox, at.uid,
		              FETCH_META, c->arena, &row, &err) == 0 &&
		    row.flags & FLAG_DELETED)
			write_one(c, at, &row);
		else if (err.kind != ERR_NONE && err.kind != ERR_NOT_FOUND)
			return jmap_fail(c, &err);
		else
			missing[missing_n++] = ids[i];
	}
	jmap_get_end(c, missing, missing_n);
	return 0;
}

/* ---- purge and restore ---- */

/* What is to be changed in one mailbox. */
struct work {
	uint64_t mailbox;
	struct uidset uids;
	struct uidset done;
};

static int purge(struct jmap_call *c, struct work *w)
{
	struct err err = ERR_INIT;

	return expunge_deleted(c->store, c->account, w->mailbox, &w->uids,
	                       &w->done, NULL, &err) < 0
	               ? jmap_fail(c, &err)
	               : 0;
}

static int restore(struct jmap_call *c, struct work *w)
{
	struct flags_change fc = { .op = FLAGS_REMOVE,
		                   .flags = FLAG_DELETED,
		                   .unchanged_since = UINT64_MAX };
	struct flags_result r = { .modseq = 0 };
	struct err err = ERR_INIT;

	if (flags_store(c->store, c->account, w->mailbox, &w->uids, &fc, &r,
	                &err) < 0)
		return jmap_fail(c, &err);
	uidset_add_set(&w->done, &r.changed);
	flags_result_deinit(&r);
	return 0;
}

static void write_done(struct jmap_call *c, const struct work *w)
{
	for (size_t i = 0; i < w->done.n; i++)
		for (uint64_t uid = w->done.p[i].first;
		     uid <= w->done.p[i].last; uid++)
			write_place(&c->w, c->arena, w->mailbox, (uint32_t)uid);
}

/* Those named, a mailbox at a time; what is not there is passed over. */
static int change_ids(struct jmap_call *c, const struct str *ids, size_t n,
                      int (*change)(struct jmap_call *c, struct work *w))
{
	bool *taken = arena_zalloc(c->arena, n + 1);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct work w = { .mailbox = 0 };
		struct place at;

		if (taken[i] || !read_place(ids[i], &at))
			continue;
		w.mailbox = at.mailbox;
		for (size_t k = i; k < n; k++)
			if (read_place(ids[k], &at) &&
			    at.mailbox == w.mailbox) {
				taken[k] = true;
				uidset_add(&w.uids, at.uid, at.uid);
			}
		rc = change(c, &w);
		/* A mailbox that is gone has none of them. */
		if (rc < 0 && c->error &&
		    str_eq(str_z(c->error), STR("invalidArguments"))) {
			c->error = NULL;
			rc = 0;
		}
		if (rc == 0)
			write_done(c, &w);
		uidset_deinit(&w.uids);
		uidset_deinit(&w.done);
	}
	return rc;
}

static int change_mailbox(struct jmap_call *c, uint64_t mailbox,
                          int (*change)(struct jmap_call *c, struct work *w))
{
	struct work w = { .mailbox = mailbox };
	int rc = find_deleted(c, mailbox, &w.uids);

	if (rc == 0 && w.uids.n)
		rc = change(c, &w);
	if (rc == 0)
		write_done(c, &w);
	uidset_deinit(&w.uids);
	uidset_deinit(&w.done);
	return rc;
}

/* Of "ids", or all of "mailboxId". */
static int change_them(struct jmap_call *c, const char *member,
                       int (*change)(struct jmap_call *c, struct work *w))
{
	static const char *const known[] = { "accountId", "ids", "mailboxId",
		                             NULL };
	struct change_state state;
	uint64_t mailbox = 0;
	struct str *ids;
	struct json v;
	size_t n;
	int rc;

	if (jmap_args_known(c, known) < 0 || jmap_args_account(c) < 0 ||
	    jmap_read_ids(c, "ids", JMAP_OBJECTS_IN_SET, &ids, &n) < 0)
		return -1;
	if ((ids != NULL) == jmap_arg(c, "mailboxId", &v))
		return jmap_error(c, "invalidArguments",
		                  "either ids or a mailboxId");
	if (!ids) {
		mailbox = mailbox_of(c);
		if (!mailbox)
			return -1;
	}
	if (jmap_state(c, CHANGE_EMAIL, &state) < 0)
		return -1;
	jmap_write_account(c);
	jmap_write_state(c, "oldState", state);
	json_key(&c->w, str_z(member));
	json_array(&c->w);
	rc = ids ? change_ids(c, ids, n, change)
	         : change_mailbox(c, mailbox, change);
	json_end(&c->w);
	if (rc < 0 || jmap_state(c, CHANGE_EMAIL, &state) < 0)
		return -1;
	jmap_write_state(c, "newState", state);
	return 0;
}

int jmap_deleted_purge(struct jmap_call *c)
{
	return change_them(c, "purged", purge);
}

int jmap_deleted_restore(struct jmap_call *c)
{
	return change_them(c, "restored", restore);
}
