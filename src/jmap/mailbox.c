/* Mailbox/get and /changes (RFC 8621, 2). */
#include "jmap/mailbox.h"

#include "jmap/methods.h"

static const struct {
	const char *role;
	unsigned order;
} uses[MAILBOX_USE_COUNT] = {
	[MAILBOX_USE_NONE] = { NULL, 10 },
	[MAILBOX_USE_INBOX] = { "inbox", 1 },
	[MAILBOX_USE_SENT] = { "sent", 3 },
	[MAILBOX_USE_DRAFTS] = { "drafts", 2 },
	[MAILBOX_USE_TRASH] = { "trash", 6 },
	[MAILBOX_USE_JUNK] = { "junk", 5 },
	[MAILBOX_USE_ARCHIVE] = { "archive", 4 },
};

const char *jmap_role_name(enum mailbox_use use)
{
	return uses[use].role;
}

unsigned jmap_role_order(enum mailbox_use use)
{
	return uses[use].order;
}

bool jmap_role_parse(struct str name, enum mailbox_use *out)
{
	for (int i = 0; i < MAILBOX_USE_COUNT; i++)
		if (uses[i].role && str_eq(name, str_z(uses[i].role))) {
			*out = (enum mailbox_use)i;
			return true;
		}
	return false;
}

/* ---- the tree ---- */

static struct str last_level(const struct mailbox *m)
{
	size_t slash = str_rchr(m->name, '/');

	if (m->use == MAILBOX_USE_INBOX)
		return STR("Inbox");
	return slash == STR_NPOS ? m->name : str_from(m->name, slash + 1);
}

static const struct mailbox *above(const struct mailbox *list, size_t n,
                                   const struct mailbox *m)
{
	size_t slash = str_rchr(m->name, '/');

	for (size_t i = 0; slash != STR_NPOS && i < n; i++)
		if (str_eq(list[i].name, str_to(m->name, slash)))
			return &list[i];
	return NULL;
}

static int count(struct jmap_call *c, struct jmap_mailboxes *l)
{
	struct emails_counts *counts =
		arena_array(c->arena, l->n + 1, sizeof(*counts));
	const struct emails *set;
	struct err err = ERR_INIT;

	for (size_t i = 0; i < l->n; i++) {
		counts[i].mailbox = l->list[i].m->no;
		l->list[i].counts = &counts[i];
	}
	if (emails_open(&set, c->store, c->account, &err) < 0)
		return jmap_fail(c, &err);
	emails_count(set, counts, l->n);
	emails_close(&set);
	return 0;
}

int jmap_mailboxes_read(struct jmap_call *c, bool counts,
                        struct jmap_mailboxes *out)
{
	struct err err = ERR_INIT;
	struct mailbox *list;

	if (mailbox_list(c->store, c->account, c->arena, &list, &out->n, &err) <
	    0)
		return jmap_fail(c, &err);
	out->list = arena_array(c->arena, out->n + 1, sizeof(*out->list));
	for (size_t i = 0; i < out->n; i++)
		out->list[i] = (struct jmap_mailbox){
			.m = &list[i],
			.parent = above(list, out->n, &list[i]),
			.name = last_level(&list[i]),
		};
	return counts ? count(c, out) : 0;
}

const struct jmap_mailbox *jmap_mailboxes_find(const struct jmap_mailboxes *l,
                                               uint64_t no)
{
	for (size_t i = 0; no && i < l->n; i++)
		if (l->list[i].m->no == no)
			return &l->list[i];
	return NULL;
}

/* ---- properties ---- */

static void write_id(struct jmap_call *c, const void *o)
{
	const struct jmap_mailbox *b = o;

	jmap_write_id(&c->w, STORE_ID_MAILBOX, b->m->no);
}

static void write_name(struct jmap_call *c, const void *o)
{
	const struct jmap_mailbox *b = o;

	json_str(&c->w, b->name);
}

static void write_parent(struct jmap_call *c, const void *o)
{
	const struct jmap_mailbox *b = o;

	if (b->parent)
		jmap_write_id(&c->w, STORE_ID_MAILBOX, b->parent->no);
	else
		json_null(&c->w);
}

static void write_role(struct jmap_call *c, const void *o)
{
	const struct jmap_mailbox *b = o;

	json_z(&c->w, jmap_role_name(b->m->use));
}

static void write_order(struct jmap_call *c, const void *o)
{
	const struct jmap_mailbox *b = o;

	json_u64(&c->w, jmap_role_order(b->m->use));
}

static void write_total(struct jmap_call *c, const void *o)
{
	const struct jmap_mailbox *b = o;

	json_u64(&c->w, b->counts->total);
}

static void write_unread(struct jmap_call *c, const void *o)
{
	const struct jmap_mailbox *b = o;

	json_u64(&c->w, b->counts->unread);
}

static void write_threads(struct jmap_call *c, const void *o)
{
	const struct jmap_mailbox *b = o;

	json_u64(&c->w, b->counts->threads);
}

static void write_unread_threads(struct jmap_call *c, const void *o)
{
	const struct jmap_mailbox *b = o;

	json_u64(&c->w, b->counts->unread_threads);
}

void jmap_write_rights(struct json_writer *w, bool inbox)
{
	static const struct {
		const char *name;
		bool of_inbox;
	} rights[] = {
		{ "mayReadItems", true },   { "mayAddItems", true },
		{ "mayRemoveItems", true }, { "maySetSeen", true },
		{ "maySetKeywords", true }, { "mayCreateChild", false },
		{ "mayRename", false },     { "mayDelete", false },
		{ "maySubmit", true },
	};

	json_object(w);
	for (size_t i = 0; i < sizeof(rights) / sizeof(rights[0]); i++)
		json_member_bool(w, rights[i].name,
		                 !inbox || rights[i].of_inbox);
	json_end(w);
}

static void write_rights(struct jmap_call *c, const void *o)
{
	const struct jmap_mailbox *b = o;

	jmap_write_rights(&c->w, b->m->use == MAILBOX_USE_INBOX);
}

static void write_subscribed(struct jmap_call *c, const void *o)
{
	const struct jmap_mailbox *b = o;

	json_bool(&c->w, b->m->subscribed);
}

static const struct jmap_property rows[] = {
	{ "id", JMAP_SERVER_SET, write_id },
	{ "name", 0, write_name },
	{ "parentId", 0, write_parent },
	{ "role", 0, write_role },
	{ "sortOrder", 0, write_order },
	{ "totalEmails", JMAP_SERVER_SET, write_total },
	{ "unreadEmails", JMAP_SERVER_SET, write_unread },
	{ "totalThreads", JMAP_SERVER_SET, write_threads },
	{ "unreadThreads", JMAP_SERVER_SET, write_unread_threads },
	{ "myRights", JMAP_SERVER_SET, write_rights },
	{ "isSubscribed", 0, write_subscribed },
};

#define ROWS_N (sizeof(rows) / sizeof(rows[0]))

static bool wants_counts(const struct jmap_get *g)
{
	return jmap_get_wants(g, rows, ROWS_N, "totalEmails") ||
	       jmap_get_wants(g, rows, ROWS_N, "unreadEmails") ||
	       jmap_get_wants(g, rows, ROWS_N, "totalThreads") ||
	       jmap_get_wants(g, rows, ROWS_N, "unreadThreads");
}

static void write_one(struct jmap_call *c, const struct jmap_get *g,
                      const struct jmap_mailbox *b)
{
	json_object(&c->w);
	jmap_get_write(c, rows, ROWS_N, g->wanted, b);
	json_end(&c->w);
}

int jmap_mailbox_get(struct jmap_call *c)
{
	static const char *const known[] = { "accountId", "ids", "properties",
		                             NULL };
	struct jmap_mailboxes l;
	struct change_state state;
	struct jmap_get g;
	struct str *missing;
	size_t n = 0;

	if (jmap_args_known(c, known) < 0 ||
	    jmap_get_read(c, rows, ROWS_N, NULL, NULL, &g) < 0 ||
	    jmap_state(c, CHANGE_MAILBOX, &state) < 0 ||
	    jmap_mailboxes_read(c, wants_counts(&g), &l) < 0)
		return -1;
	missing = arena_array(c->arena, g.ids_n + 1, sizeof(*missing));
	jmap_get_begin(c, jmap_state_text(c->arena, state));
	for (size_t i = 0; g.all && i < l.n; i++)
		write_one(c, &g, &l.list[i]);
	for (size_t i = 0; i < g.ids_n; i++) {
		const struct jmap_mailbox *b =
			jmap_mailboxes_find(&l, jmap_no(c, g.ids[i],
		                                        STORE_ID_MAILBOX));

		if (b)
			write_one(c, &g, b);
		else
			missing[n++] = g.ids[i];
	}
	jmap_get_end(c, missing, n);
	return 0;
}

/* RFC 8621, 2.2: when nothing but counts changed, they alone need fetching. */
static void write_updated(struct jmap_call *c, const struct change_list *list)
{
	static const char *const counts[] = { "totalEmails", "unreadEmails",
		                              "totalThreads", "unreadThreads" };

	json_key(&c->w, STR("updatedProperties"));
	if (!list->only_counts) {
		json_null(&c->w);
		return;
	}
	json_array(&c->w);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		json_z(&c->w, counts[i]);
	json_end(&c->w);
}

int jmap_mailbox_changes(struct jmap_call *c)
{
	static const struct jmap_changes type = { .type = CHANGE_MAILBOX,
		                                  .letter = STORE_ID_MAILBOX,
		                                  .member = write_updated };

	return jmap_changes_run(c, &type);
}
