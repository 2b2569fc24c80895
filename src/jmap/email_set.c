/* Email/set, /import and /copy (RFC 8621, 4.6, 4.8, 4.7). */
#include <string.h>

#include "config/config.h"
#include "jmap/compose.h"
#include "jmap/email.h"
#include "jmap/methods.h"
#include "jmap/pointer.h"
#include "os/clock.h"
#include "store/append.h"
#include "store/email_change.h"

#define PLACES_MAX 100

/* What is noted of updates and destructions, and how it went. */
struct email_set {
	struct email_change list[JMAP_SET_BATCH];
	size_t n;
	bool failed; /* all of it, with err */
	struct err err;
	/* What was looked up already. */
	uint64_t known_mailboxes[PLACES_MAX];
	size_t known_n;
	struct flag_names *names;
};

/* Where an Email is to be, and with what keywords. */
struct wish {
	uint64_t mailboxes[PLACES_MAX];
	size_t n;
	uint64_t flags;
	int64_t received_us; /* 0: now */
};

/* ---- mailboxIds and keywords as whole maps ---- */

static bool mailbox_exists(struct jmap_set *s, uint64_t no)
{
	struct email_set *set = s->arg;
	struct err err = ERR_INIT;
	struct mailbox box;

	for (size_t i = 0; set && i < set->known_n; i++)
		if (set->known_mailboxes[i] == no)
			return true;
	if (!no || mailbox_get_no(s->c->store, s->c->account, no, s->c->arena,
	                          &box, &err) < 0)
		return false;
	if (set && set->known_n < PLACES_MAX)
		set->known_mailboxes[set->known_n++] = no;
	return true;
}

static int read_mailboxes(struct jmap_set *s, struct json v, struct wish *w)
{
	struct json_members m = { .object = v };
	struct str id;
	struct json yes;

	w->n = 0;
	while (json_member_next(&m, &id, &yes)) {
		uint64_t no = jmap_no(s->c, id, STORE_ID_MAILBOX);

		if (w->n == PLACES_MAX)
			return jmap_set_refuse(s, "tooManyMailboxes", NULL,
			                       "over %d mailboxes", PLACES_MAX);
		if (!json_as_bool(yes) || !mailbox_exists(s, no))
			return jmap_set_refuse(s, "invalidProperties",
			                       "mailboxIds", "no such mailbox");
		w->mailboxes[w->n++] = no;
	}
	if (w->n == 0)
		return jmap_set_refuse(s, "invalidProperties", "mailboxIds",
		                       "an Email is in one mailbox at least");
	return 0;
}

/* The bit of a name that is known already; 0: it is not. */
static uint64_t known_bit(struct jmap_set *s, struct str name)
{
	struct email_set *set = s->arg;
	struct err ignored = ERR_INIT;

	if (!set)
		return 0;
	if (!set->names) {
		set->names = arena_zalloc(s->c->arena, sizeof(*set->names));
		if (flags_names(s->c->store, s->c->account, s->c->arena,
		                set->names, &ignored) < 0)
			return 0;
	}
	for (unsigned i = 0; i < FLAG_BITS; i++)
		if (set->names->names[i].n &&
		    str_eq_case(set->names->names[i], name))
			return UINT64_C(1) << i;
	return 0;
}

static int keyword_bit(struct jmap_set *s, struct str keyword, uint64_t *bit)
{
	struct err err = ERR_INIT;
	struct str name;

	if (!jmap_keyword_parse(keyword, &name))
		return jmap_set_refuse(s, "invalidProperties", "keywords",
		                       "not a keyword");
	*bit = known_bit(s, name);
	if (*bit)
		return 0;
	if (flags_bits(s->c->store, s->c->account, &name, 1, true, bit, &err) ==
	    0)
		return 0;
	return err.kind == ERR_TOO_BIG
	               ? jmap_set_refuse(s, "tooManyKeywords", NULL,
	                                 "too many keywords")
	               : jmap_set_fail(s, &err);
}

static int read_keywords(struct jmap_set *s, struct json v, uint64_t *flags)
{
	struct json_members m = { .object = v };
	struct str name;
	struct json yes;

	*flags = 0;
	if (json_kind(v) != JSON_IS_OBJECT && json_kind(v) != JSON_IS_NULL)
		return jmap_set_refuse(s, "invalidProperties", "keywords",
		                       "not a map");
	while (json_member_next(&m, &name, &yes)) {
		uint64_t bit = 0;

		if (!json_as_bool(yes))
			return jmap_set_refuse(s, "invalidProperties",
			                       "keywords", "a value is true");
		if (keyword_bit(s, name, &bit) < 0)
			return -1;
		*flags |= bit;
	}
	return 0;
}

static int read_wish(struct jmap_set *s, struct json v, struct wish *w)
{
	struct json ids = { NULL }, keywords, at;
	int zone;

	*w = (struct wish){ .n = 0 };
	(void)json_get(v, "mailboxIds", &ids);
	if (read_mailboxes(s, ids, w) < 0 ||
	    (json_get(v, "keywords", &keywords) &&
	     read_keywords(s, keywords, &w->flags) < 0))
		return -1;
	if (json_get(v, "receivedAt", &at) && json_kind(at) != JSON_IS_NULL &&
	    !jmap_date_parse(json_as_str(at), &w->received_us, &zone))
		return jmap_set_refuse(s, "invalidProperties", "receivedAt",
		                       "not a date");
	return 0;
}

/* ---- create ---- */

static int store_message(struct jmap_set *s, struct str bytes,
                         const struct wish *w)
{
	struct jmap_call *c = s->c;
	struct append_target t = { .account = c->account,
		                   .mailbox = w->mailboxes[0],
		                   .also = w->mailboxes + 1,
		                   .also_n = w->n - 1,
		                   .flags = w->flags,
		                   .internaldate_us = w->received_us };
	struct err err = ERR_INIT;
	int rc = append_prepare_str(&t.message, c->store, bytes, &err);

	if (rc == 0)
		rc = append_commit(c->store, &t, 1, (struct str){ NULL, 0 },
		                   NULL, &err);
	append_free(&t.message);
	if (rc < 0)
		return jmap_set_fail(s, &err);
	jmap_set_created(s, str_z(store_id(STORE_ID_EMAIL, t.email).z));
	json_member_z(s->w, "blobId", store_id(STORE_ID_BLOB, t.email).z);
	json_member_z(s->w, "threadId", store_id(STORE_ID_THREAD, t.thread).z);
	json_member_u64(s->w, "size", bytes.n);
	return 0;
}

static int create(struct jmap_set *s, struct json v)
{
	struct jmap_server *j = s->c->req->server;
	struct jmap_compose c = { .set = s,
		                  .host = config_str(j->ctx.config,
		                                     OPT_SERVER_HOSTNAME),
		                  .now_us = clock_wall_us() };
	struct wish w;
	struct buf b;
	int rc;

	if (read_wish(s, v, &w) < 0)
		return -1;
	buf_init(&b,
	         (size_t)config_u64(j->ctx.config, OPT_LIMITS_MESSAGE_BYTES));
	c.out = &b;
	rc = jmap_compose(&c, v);
	if (rc == 0)
		rc = store_message(s, buf_str(&b), &w);
	buf_deinit(&b);
	return rc;
}

/* ---- update ---- */

struct change {
	bool mailboxes, keywords; /* something of it is asked for */
	struct wish to;
	uint64_t flags; /* before */
};

static void start_change(const struct fetch_email *e, struct change *ch)
{
	memset(ch, 0, sizeof(*ch));
	ch->flags = jmap_email_flags(e);
	ch->to.flags = ch->flags;
	for (size_t i = 0; i < e->places_n && ch->to.n < PLACES_MAX; i++) {
		const struct fetch_place *p = &e->places[i];

		if (!(p->flags & FLAG_DELETED) &&
		    (ch->to.n == 0 ||
		     ch->to.mailboxes[ch->to.n - 1] != p->mailbox))
			ch->to.mailboxes[ch->to.n++] = p->mailbox;
	}
}

static int patch_keyword(struct jmap_set *s, struct str name, struct json v,
                         struct change *ch)
{
	uint64_t bit = 0;

	if (json_kind(v) != JSON_IS_NULL && !json_as_bool(v))
		return jmap_set_refuse(s, "invalidProperties", "keywords",
		                       "true or null");
	if (keyword_bit(s, name, &bit) < 0)
		return -1;
	ch->keywords = true;
	if (json_as_bool(v))
		ch->to.flags |= bit;
	else
		ch->to.flags &= ~bit;
	return 0;
}

static int patch_mailbox(struct jmap_set *s, struct str id, struct json v,
                         struct change *ch)
{
	uint64_t no = jmap_no(s->c, id, STORE_ID_MAILBOX);
	struct wish *w = &ch->to;
	size_t i = 0;

	ch->mailboxes = true;
	while (i < w->n && w->mailboxes[i] != no)
		i++;
	if (json_kind(v) == JSON_IS_NULL) {
		if (i < w->n)
			w->mailboxes[i] = w->mailboxes[--w->n];
		return 0;
	}
	if (!json_as_bool(v) || !mailbox_exists(s, no))
		return jmap_set_refuse(s, "invalidProperties", "mailboxIds",
		                       "no such mailbox");
	if (i == w->n && w->n == PLACES_MAX)
		return jmap_set_refuse(s, "tooManyMailboxes", NULL,
		                       "over %d mailboxes", PLACES_MAX);
	if (i == w->n)
		w->mailboxes[w->n++] = no;
	return 0;
}

static int read_patch(struct jmap_set *s, struct json patch, struct change *ch)
{
	struct json_members m = { .object = patch };
	struct str path, step;
	struct json v;
	int rc = 0;

	while (rc == 0 && json_member_next(&m, &path, &v)) {
		struct str rest = path;

		if (str_eq(path, STR("mailboxIds"))) {
			ch->mailboxes = true;
			rc = read_mailboxes(s, v, &ch->to);
		} else if (str_eq(path, STR("keywords"))) {
			ch->keywords = true;
			rc = read_keywords(s, v, &ch->to.flags);
		} else if (!str_cut(&rest, '/', &step) || rest.n == 0 ||
		           !jmap_pointer_unescape(s->c->arena, rest, &rest)) {
			rc = jmap_set_refuse(s, "invalidProperties",
			                     arena_strz(s->c->arena, path),
			                     "does not change");
		} else if (str_eq(step, STR("keywords"))) {
			rc = patch_keyword(s, rest, v, ch);
		} else if (str_eq(step, STR("mailboxIds"))) {
			rc = patch_mailbox(s, rest, v, ch);
		} else {
			rc = jmap_set_refuse(s, "invalidProperties",
			                     arena_strz(s->c->arena, path),
			                     "does not change");
		}
	}
	if (rc == 0 && ch->to.n == 0)
		return jmap_set_refuse(s, "invalidProperties", "mailboxIds",
		                       "an Email is in one mailbox at least");
	return rc;
}

static int find(struct jmap_set *s, uint64_t no, struct fetch_email *out)
{
	struct err err = ERR_INIT;

	if (fetch_email(s->c->store, s->c->account, no, FETCH_IDS, s->c->arena,
	                out, &err) < 0)
		return jmap_set_fail(s, &err);
	if (!jmap_email_visible(out))
		return jmap_set_refuse(s, "notFound", NULL, "not there");
	return 0;
}

static void commit(struct jmap_set *s)
{
	struct email_set *set = s->arg;

	set->err = (struct err)ERR_INIT;
	set->failed = email_change_all(s->c->store, s->c->account, set->list,
	                               set->n, &set->err) < 0;
	set->n = 0;
}

static int result(struct jmap_set *s, size_t i)
{
	const struct email_set *set = s->arg;
	struct err err = { .kind = set->list[i].failed };

	if (set->failed)
		return jmap_set_fail(s, &set->err);
	return err.kind == ERR_NONE ? 0 : jmap_set_fail(s, &err);
}

static int update(struct jmap_set *s, uint64_t no, struct json patch)
{
	struct email_set *set = s->arg;
	struct email_change *c = &set->list[set->n];
	struct fetch_email e;
	struct change ch;
	uint64_t *to;

	if (find(s, no, &e) < 0)
		return -1;
	start_change(&e, &ch);
	if (read_patch(s, patch, &ch) < 0)
		return -1;
	*c = (struct email_change){ .email = no };
	if (ch.mailboxes) {
		to = arena_array(s->c->arena, ch.to.n, sizeof(*to));
		memcpy(to, ch.to.mailboxes, ch.to.n * sizeof(*to));
		c->mailboxes = to;
		c->n = ch.to.n;
	}
	if (ch.keywords) {
		c->add = ch.to.flags & ~ch.flags;
		/* $seen is shown when all places have it, and leaves all. */
		c->remove = ch.flags & ~ch.to.flags & ~FLAG_DELETED;
	}
	set->n++;
	return 1;
}

static int destroy(struct jmap_set *s, uint64_t no)
{
	struct email_set *set = s->arg;
	struct fetch_email e;

	if (find(s, no, &e) < 0)
		return -1;
	set->list[set->n++] =
		(struct email_change){ .email = no, .destroy = true };
	return 1;
}

int jmap_email_set(struct jmap_call *c)
{
	static const struct jmap_set_type type = { .state = CHANGE_EMAIL,
		                                   .letter = STORE_ID_EMAIL,
		                                   .create = create,
		                                   .update = update,
		                                   .destroy = destroy,
		                                   .commit = commit,
		                                   .result = result };
	struct email_set *set = arena_zalloc(c->arena, sizeof(*set));

	return jmap_set_run(c, &type, set);
}

/* ---- import ---- */

static int import_one(struct jmap_set *s, struct json v)
{
	struct jmap_blob blob;
	struct err err = ERR_INIT;
	struct json id;
	struct wish w;
	struct buf all;
	int rc;

	if (read_wish(s, v, &w) < 0)
		return -1;
	if (!json_get(v, "blobId", &id) || json_kind(id) != JSON_IS_STRING)
		return jmap_set_refuse(s, "invalidProperties", "blobId",
		                       "no blobId");
	if (jmap_blob_open(&blob, s->c->store, s->c->account,
	                   jmap_id(s->c, json_as_str(id)), &err) < 0)
		return err.kind == ERR_NOT_FOUND
		               ? jmap_set_refuse(s, "invalidProperties",
		                                 "blobId", "no such blob")
		               : jmap_set_fail(s, &err);
	buf_init(&all, blob.prefix.n + blob.bytes.n);
	if (blob.prefix.n) {
		buf_add(&all, blob.prefix);
		buf_add(&all, blob.bytes);
	}
	if (blob.bytes.n == 0)
		rc = jmap_set_refuse(s, "invalidEmail", NULL, "it is empty");
	else
		rc = store_message(s, all.n ? buf_str(&all) : blob.bytes, &w);
	buf_deinit(&all);
	jmap_blob_close(&blob);
	return rc;
}

int jmap_email_import(struct jmap_call *c)
{
	static const struct jmap_set_type type = { .state = CHANGE_EMAIL,
		                                   .letter = STORE_ID_EMAIL,
		                                   .create_arg = "emails",
		                                   .create = import_one };

	return jmap_set_run(c, &type, NULL);
}

/* There is one account only, and within one nothing is copied (RFC 8620,
 * 5.4). */
int jmap_email_copy(struct jmap_call *c)
{
	struct str from = { NULL, 0 };

	if (jmap_args_account(c) < 0 ||
	    jmap_arg_str(c, "fromAccountId", &from) < 0)
		return -1;
	if (str_eq(from, str_z(jmap_account_id(c->req->user).z)))
		return jmap_error(c, "invalidArguments",
		                  "both accounts are the same");
	return jmap_error(c, "fromAccountNotFound", "no such account");
}
