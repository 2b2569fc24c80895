/* Mailbox/set (RFC 8621, 2.5). */
#include <stdlib.h>

#include "jmap/mailbox.h"
#include "jmap/methods.h"
#include "text/nfc.h"

struct mailbox_set {
	bool remove_emails;
};

/* What a create or an update asks for. */
struct wish {
	bool has_name, has_parent, has_role, has_subscribed;
	struct str name;
	uint64_t parent; /* 0: the top */
	enum mailbox_use use;
	bool subscribed;
};

static int read_name(struct jmap_set *s, struct json v, struct wish *w)
{
	struct str name = json_as_str(v);
	struct err err = ERR_INIT;

	if (text_nfc(s->c->arena, name, &name, &err) < 0 || name.n == 0 ||
	    name.n > JMAP_MAILBOX_NAME_MAX || str_chr(name, '/') != STR_NPOS ||
	    mailbox_name_check(name, &err) < 0)
		return jmap_set_refuse(s, "invalidProperties", "name",
		                       "not a name for a mailbox");
	w->has_name = true;
	w->name = name;
	return 0;
}

static int read_parent(struct jmap_set *s, struct json v, struct wish *w)
{
	w->has_parent = true;
	w->parent = 0;
	if (json_kind(v) == JSON_IS_NULL)
		return 0;
	w->parent = jmap_set_no(s, json_as_str(v), STORE_ID_MAILBOX);
	if (!w->parent)
		return jmap_set_refuse(s, "invalidProperties", "parentId",
		                       "no such mailbox");
	return 0;
}

static int read_role(struct jmap_set *s, struct json v, struct wish *w)
{
	w->has_role = true;
	w->use = MAILBOX_USE_NONE;
	if (json_kind(v) == JSON_IS_NULL ||
	    (jmap_role_parse(json_as_str(v), &w->use) &&
	     w->use != MAILBOX_USE_INBOX))
		return 0;
	return jmap_set_refuse(s, "invalidProperties", "role",
	                       "not a role that can be given");
}

static bool same_value(const struct jmap_mailbox *old, struct str name,
                       struct json v)
{
	uint64_t order;

	/* Clients send back what they were given. */
	if (str_eq(name, STR("sortOrder")))
		return json_as_u64(v, &order) &&
		       (order == 0 ||
		        (old && order == jmap_role_order(old->m->use)));
	if (old && str_eq(name, STR("id")))
		return str_eq(json_as_str(v),
		              str_z(store_id(STORE_ID_MAILBOX, old->m->no).z));
	return false;
}

static int read_wish(struct jmap_set *s, struct json o,
                     const struct jmap_mailbox *old, struct wish *w)
{
	struct json_members m = { .object = o };
	struct str name;
	struct json v;
	int rc = 0;

	*w = (struct wish){ .has_name = false };
	while (rc == 0 && json_member_next(&m, &name, &v)) {
		if (str_eq(name, STR("name"))) {
			rc = read_name(s, v, w);
		} else if (str_eq(name, STR("parentId"))) {
			rc = read_parent(s, v, w);
		} else if (str_eq(name, STR("role"))) {
			rc = read_role(s, v, w);
		} else if (str_eq(name, STR("isSubscribed")) &&
		           json_kind(v) == JSON_IS_BOOL) {
			w->has_subscribed = true;
			w->subscribed = json_as_bool(v);
		} else if (!same_value(old, name, v)) {
			rc = jmap_set_refuse(
				s, "invalidProperties",
				arena_strz(s->c->arena, name),
				"unknown, of a wrong type, or not to be set");
		}
	}
	return rc;
}

/* The whole name of `name` below `parent`. */
static int whole_name(struct jmap_set *s, const struct jmap_mailboxes *l,
                      uint64_t parent, struct str name, struct str *out)
{
	const struct jmap_mailbox *p = jmap_mailboxes_find(l, parent);
	struct err err = ERR_INIT;

	*out = name;
	if (parent && !p)
		return jmap_set_refuse(s, "invalidProperties", "parentId",
		                       "no such mailbox");
	if (p)
		*out = arena_fmt(s->c->arena, "%.*s/%.*s", STR_ARG(p->m->name),
		                 STR_ARG(name));
	/* Too deep, too long, below INBOX. */
	if (mailbox_name_check(*out, &err) < 0)
		return jmap_set_refuse(s, "invalidProperties", "parentId", "%s",
		                       err.text);
	return 0;
}

static bool role_is_free(const struct jmap_mailboxes *l, enum mailbox_use use,
                         const struct jmap_mailbox *self)
{
	for (size_t i = 0; i < l->n; i++)
		if (&l->list[i] != self && l->list[i].m->use == use)
			return false;
	return true;
}

static int check_role(struct jmap_set *s, const struct jmap_mailboxes *l,
                      const struct wish *w, const struct jmap_mailbox *self)
{
	if (!w->has_role || w->use == MAILBOX_USE_NONE ||
	    role_is_free(l, w->use, self))
		return 0;
	return jmap_set_refuse(s, "invalidProperties", "role",
	                       "another mailbox has this role");
}

static int failed(struct jmap_set *s, const struct err *err)
{
	if (err->kind == ERR_EXISTS)
		return jmap_set_refuse(s, "invalidProperties", "name",
		                       "a mailbox of this name is there");
	if (err->kind == ERR_TOO_BIG)
		return jmap_set_refuse(s, "overQuota", NULL,
		                       "too many mailboxes");
	return jmap_set_fail(s, err);
}

static void write_created(struct jmap_set *s, uint64_t no, const struct wish *w)
{
	jmap_set_created(s, str_z(store_id(STORE_ID_MAILBOX, no).z));
	json_member_u64(s->w, "sortOrder", jmap_role_order(w->use));
	json_member_u64(s->w, "totalEmails", 0);
	json_member_u64(s->w, "unreadEmails", 0);
	json_member_u64(s->w, "totalThreads", 0);
	json_member_u64(s->w, "unreadThreads", 0);
	if (!w->has_subscribed)
		json_member_bool(s->w, "isSubscribed", false);
	json_key(s->w, STR("myRights"));
	jmap_write_rights(s->w, false);
}

static int reload(struct jmap_set *s, struct jmap_mailboxes *l)
{
	if (jmap_mailboxes_read(s->c, false, l) == 0)
		return 0;
	s->c->error = NULL;
	return jmap_set_refuse(s, "serverFail", NULL, "temporary failure");
}

static int create(struct jmap_set *s, struct json v)
{
	struct jmap_call *c = s->c;
	struct err err = ERR_INIT;
	struct jmap_mailboxes l;
	struct str name;
	struct mailbox_wish box;
	struct wish w;
	uint64_t no;

	if (read_wish(s, v, NULL, &w) < 0 || reload(s, &l) < 0)
		return -1;
	if (!w.has_name)
		return jmap_set_refuse(s, "invalidProperties", "name",
		                       "a mailbox needs a name");
	if (whole_name(s, &l, w.parent, w.name, &name) < 0 ||
	    check_role(s, &l, &w, NULL) < 0)
		return -1;
	box = (struct mailbox_wish){ .name = name,
		                     .use = w.use,
		                     .has_subscribed = w.subscribed,
		                     .subscribed = w.subscribed };
	if (mailbox_make(c->store, c->account, &box, &no, &err) < 0)
		return failed(s, &err);
	write_created(s, no, &w);
	return 0;
}

/* Everything is looked at before anything is changed. */
static int update(struct jmap_set *s, uint64_t no, struct json patch)
{
	const struct jmap_mailbox *old;
	struct jmap_call *c = s->c;
	struct err err = ERR_INIT;
	struct jmap_mailboxes l;
	struct str name;
	struct mailbox_wish box = { .has_use = false };
	struct wish w;

	if (reload(s, &l) < 0)
		return -1;
	old = jmap_mailboxes_find(&l, no);
	if (!old)
		return jmap_set_refuse(s, "notFound", NULL, "no such mailbox");
	if (read_wish(s, patch, old, &w) < 0)
		return -1;
	name = old->m->name;
	if (old->m->use == MAILBOX_USE_INBOX) {
		if ((w.has_name && !str_eq(w.name, old->name)) || w.parent ||
		    (w.has_role && w.use != MAILBOX_USE_INBOX))
			return jmap_set_refuse(s, "forbidden", NULL,
			                       "the inbox stays as it is");
	} else if (whole_name(s, &l,
	                      w.has_parent  ? w.parent
	                      : old->parent ? old->parent->no
	                                    : 0,
	                      w.has_name ? w.name : old->name, &name) < 0) {
		return -1;
	}
	if (check_role(s, &l, &w, old) < 0)
		return -1;
	if (!str_eq(name, old->m->name))
		box.name = name;
	box.has_use = w.has_role && w.use != old->m->use;
	box.use = w.use;
	box.has_subscribed =
		w.has_subscribed && w.subscribed != old->m->subscribed;
	box.subscribed = w.subscribed;
	if (!box.name.n && !box.has_use && !box.has_subscribed)
		return 0;
	return mailbox_alter(c->store, c->account, no, &box, &err) < 0
	               ? failed(s, &err)
	               : 0;
}

static int destroy(struct jmap_set *s, uint64_t no)
{
	const struct mailbox_set *arg = s->arg;
	const struct jmap_mailbox *b;
	struct jmap_call *c = s->c;
	struct err err = ERR_INIT;
	struct jmap_mailboxes l;

	if (reload(s, &l) < 0)
		return -1;
	b = jmap_mailboxes_find(&l, no);
	if (!b)
		return jmap_set_refuse(s, "notFound", NULL, "no such mailbox");
	if (b->m->has_children)
		return jmap_set_refuse(s, "mailboxHasChild", NULL,
		                       "there are mailboxes below it");
	/* Those that wait for an EXPUNGE are none any more. */
	if (!arg->remove_emails && b->m->total > b->m->deleted)
		return jmap_set_refuse(s, "mailboxHasEmail", NULL,
		                       "it is not empty");
	if (mailbox_delete(c->store, c->account, no, &err) < 0)
		return err.kind == ERR_EXISTS
		               ? jmap_set_refuse(s, "mailboxHasChild", NULL,
		                                 "there are mailboxes below it")
		               : jmap_set_fail(s, &err);
	return 0;
}

/* Children before their parents. */
static void destroy_order(struct jmap_set *s, uint64_t *list, size_t n)
{
	uint64_t *sorted = arena_array(s->c->arena, n + 1, sizeof(*sorted));
	struct jmap_mailboxes l;
	size_t at = 0;

	if (reload(s, &l) < 0)
		return;
	/* The list is in the order of names: a child stands behind. */
	for (size_t i = l.n; i-- > 0;)
		for (size_t k = 0; k < n; k++)
			if (l.list[i].m->no == list[k])
				sorted[at++] = list[k];
	for (size_t k = 0; k < n; k++)
		if (!jmap_mailboxes_find(&l, list[k]))
			sorted[at++] = list[k];
	for (size_t k = 0; k < n; k++)
		list[k] = sorted[k];
}

int jmap_mailbox_set(struct jmap_call *c)
{
	static const char *const args[] = { "onDestroyRemoveEmails", NULL };
	static const struct jmap_set_type type = {
		.state = CHANGE_MAILBOX,
		.letter = STORE_ID_MAILBOX,
		.args = args,
		.create = create,
		.update = update,
		.destroy = destroy,
		.destroy_order = destroy_order,
	};
	struct mailbox_set arg = { .remove_emails = false };

	if (jmap_arg_bool(c, "onDestroyRemoveEmails", &arg.remove_emails) < 0)
		return -1;
	return jmap_set_run(c, &type, &arg);
}
