/* AddressBook/get and /changes (RFC 9610, 2.1 and 2.2). */
#include "jmap/contact.h"
#include "jmap/methods.h"

#define FIRST_NAME "Contacts"
#define BOOK_MAX   ((size_t)64 * 1024)

/* ---- the content of an object ---- */

static struct str member(struct arena *a, struct json root, const char *name)
{
	struct json v = { NULL };

	(void)json_get(root, name, &v);
	return json_kind(v) == JSON_IS_STRING ? arena_dup(a, json_as_str(v))
	                                      : (struct str){ NULL, 0 };
}

static int read_content(struct arena *a, const struct object *o,
                        struct jmap_book *out, struct err *err)
{
	struct json v = { NULL };
	struct json_doc *doc;
	struct json root;

	if (json_parse(&doc, o->content, NULL, err) < 0) {
		err->kind = ERR_CORRUPT;
		return -1;
	}
	root = json_root(doc);
	*out = (struct jmap_book){ .o = *o,
		                   .name = member(a, root, "name"),
		                   .description =
		                           member(a, root, "description") };
	if (json_get(root, "sortOrder", &v) && !json_as_u64(v, &out->order))
		out->order = 0;
	out->subscribed = json_get(root, "isSubscribed", &v) && json_as_bool(v);
	json_free(&doc);
	return 0;
}

struct str jmap_book_content(struct arena *a, const struct jmap_book *b)
{
	struct json_writer w;
	struct str out;
	struct buf text;

	buf_init(&text, BOOK_MAX);
	w = json_writer(&text);
	json_object(&w);
	json_member_str(&w, "name", b->name);
	if (b->description.p)
		json_member_str(&w, "description", b->description);
	json_member_u64(&w, "sortOrder", b->order);
	json_member_bool(&w, "isSubscribed", b->subscribed);
	json_end(&w);
	out = arena_dup(a, buf_str(&text));
	buf_deinit(&text);
	return out;
}

/* ---- all of an account ---- */

static int make_first(struct jmap_call *c, struct err *err)
{
	struct jmap_book b = { .name = STR(FIRST_NAME), .subscribed = true };
	struct object_write w = {
		.type = CHANGE_ADDRESS_BOOK,
		.what = OBJECT_CREATE,
		.object = { .first = 1,
		            .name = STR(CONTACT_FIRST_BOOK),
		            .content = jmap_book_content(c->arena, &b) },
		.unique = true,
	};

	/* Another request may have made it just now. */
	if (object_write(c->store, c->account, &w, 1, err) == 0 || w.other)
		return 0;
	return -1;
}

static int read_list(struct jmap_call *c, struct jmap_books *out,
                     struct err *err)
{
	struct change_state all[CHANGE_TYPES];
	struct object *objects;

	/* The state first: what is newer than it is found out by the guard. */
	if (change_states(c->store, c->account, all, err) < 0 ||
	    object_list(c->store, c->account, CHANGE_ADDRESS_BOOK, c->arena,
	                &objects, &out->n, err) < 0)
		return -1;
	out->state = all[CHANGE_ADDRESS_BOOK].modseq;
	out->list = arena_array(c->arena, out->n + 1, sizeof(*out->list));
	for (size_t i = 0; i < out->n; i++)
		if (read_content(c->arena, &objects[i], &out->list[i], err) < 0)
			return -1;
	return 0;
}

int jmap_books_read(struct jmap_call *c, struct jmap_books *out)
{
	struct err err = ERR_INIT;

	if (read_list(c, out, &err) < 0 ||
	    (out->n == 0 &&
	     (make_first(c, &err) < 0 || read_list(c, out, &err) < 0)))
		return jmap_fail(c, &err);
	return 0;
}

const struct jmap_book *jmap_books_find(const struct jmap_books *l, uint64_t no)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->list[i].o.no == no)
			return &l->list[i];
	return NULL;
}

/* ---- properties ---- */

static void write_id(struct jmap_call *c, const void *o)
{
	const struct jmap_book *b = o;

	jmap_write_id(&c->w, JMAP_ID_BOOK, b->o.no);
}

static void write_name(struct jmap_call *c, const void *o)
{
	const struct jmap_book *b = o;

	json_str(&c->w, b->name);
}

static void write_description(struct jmap_call *c, const void *o)
{
	const struct jmap_book *b = o;

	if (b->description.p)
		json_str(&c->w, b->description);
	else
		json_null(&c->w);
}

static void write_order(struct jmap_call *c, const void *o)
{
	const struct jmap_book *b = o;

	json_u64(&c->w, b->order);
}

static void write_default(struct jmap_call *c, const void *o)
{
	const struct jmap_book *b = o;

	json_bool(&c->w, b->o.first != 0);
}

static void write_subscribed(struct jmap_call *c, const void *o)
{
	const struct jmap_book *b = o;

	json_bool(&c->w, b->subscribed);
}

static void write_share(struct jmap_call *c, const void *o)
{
	(void)o;
	json_null(&c->w);
}

/* The default stays: there is always one. */
static void write_rights(struct jmap_call *c, const void *o)
{
	const struct jmap_book *b = o;

	json_object(&c->w);
	json_member_bool(&c->w, "mayRead", true);
	json_member_bool(&c->w, "mayWrite", true);
	json_member_bool(&c->w, "mayShare", false);
	json_member_bool(&c->w, "mayDelete", !b->o.first);
	json_end(&c->w);
}

static const struct jmap_property rows[] = {
	{ "id", JMAP_SERVER_SET, write_id },
	{ "name", 0, write_name },
	{ "description", 0, write_description },
	{ "sortOrder", 0, write_order },
	{ "isDefault", JMAP_SERVER_SET, write_default },
	{ "isSubscribed", 0, write_subscribed },
	{ "shareWith", 0, write_share },
	{ "myRights", JMAP_SERVER_SET, write_rights },
};

#define ROWS_N (sizeof(rows) / sizeof(rows[0]))

/* ---- the calls ---- */

static void write_one(struct jmap_call *c, const struct jmap_get *g,
                      const struct jmap_book *b)
{
	json_object(&c->w);
	jmap_get_write(c, rows, ROWS_N, g->wanted, b);
	json_end(&c->w);
}

int jmap_address_book_get(struct jmap_call *c)
{
	static const char *const known[] = { "accountId", "ids", "properties",
		                             NULL };
	struct jmap_books books;
	struct change_state state;
	struct jmap_get g = { .ids = NULL };
	struct str *missing;
	size_t missing_n = 0;

	if (jmap_args_known(c, known) < 0 ||
	    jmap_get_read(c, rows, ROWS_N, NULL, NULL, &g) < 0 ||
	    jmap_books_read(c, &books) < 0 ||
	    jmap_state(c, CHANGE_ADDRESS_BOOK, &state) < 0)
		return -1;
	state.modseq = books.state;
	missing = arena_array(c->arena, g.ids_n + 1, sizeof(*missing));
	jmap_get_begin(c, jmap_state_text(c->arena, state));
	for (size_t i = 0; g.all && i < books.n; i++)
		write_one(c, &g, &books.list[i]);
	for (size_t i = 0; i < g.ids_n; i++) {
		const struct jmap_book *b =
			jmap_books_find(&books,
		                        jmap_no(c, g.ids[i], JMAP_ID_BOOK));

		if (b)
			write_one(c, &g, b);
		else
			missing[missing_n++] = g.ids[i];
	}
	jmap_get_end(c, missing, missing_n);
	return 0;
}

int jmap_address_book_changes(struct jmap_call *c)
{
	static const struct jmap_changes type = { .type = CHANGE_ADDRESS_BOOK,
		                                  .letter = JMAP_ID_BOOK };
	struct jmap_books books;

	/* The first is made in the state before. */
	if (jmap_args_account(c) < 0 || jmap_books_read(c, &books) < 0)
		return -1;
	return jmap_changes_run(c, &type);
}
