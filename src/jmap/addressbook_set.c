/* AddressBook/set (RFC 9610, 2.3). */
#include "jmap/contact.h"
#include "jmap/methods.h"
#include "jmap/pointer.h"

#define NAME_MAX        255 /* RFC 9610, 2 */
#define DESCRIPTION_MAX 4000
#define TRIES           8 /* while others write */

struct book_set {
	bool remove_contents;
	struct str make_default;
};

static int wrong(struct jmap_set *s, struct str name, const char *why)
{
	return jmap_set_refuse(s, "invalidProperties",
	                       arena_strz(s->c->arena, name), "%s", why);
}

/* ---- what is asked for ---- */

static bool is_line(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return false;
	return true;
}

static int read_name(struct jmap_set *s, struct str name, struct json v,
                     struct jmap_book *b)
{
	b->name = json_as_str(v);
	if (json_kind(v) != JSON_IS_STRING || !b->name.n ||
	    b->name.n > NAME_MAX || !is_line(b->name))
		return wrong(s, name, "a line of 1 to 255 octets");
	return 0;
}

static int read_description(struct jmap_set *s, struct str name, struct json v,
                            struct jmap_book *b)
{
	b->description = (struct str){ NULL, 0 };
	if (json_kind(v) == JSON_IS_NULL)
		return 0;
	b->description = json_as_str(v);
	if (json_kind(v) != JSON_IS_STRING ||
	    b->description.n > DESCRIPTION_MAX)
		return wrong(s, name, "a text of at most 4000 octets, or null");
	return 0;
}

/* What the server sets may be told again as it is (RFC 8620, 5.3). */
static bool is_as_before(struct jmap_set *s, struct str name, struct json v,
                         const struct jmap_book *old)
{
	struct json may = { NULL };

	if (!old)
		return false;
	if (str_eq(name, STR("id")))
		return str_eq(jmap_id(s->c, json_as_str(v)),
		              str_z(store_id(JMAP_ID_BOOK, old->o.no).z));
	if (str_eq(name, STR("isDefault")))
		return json_kind(v) == JSON_IS_BOOL &&
		       json_as_bool(v) == (old->o.first != 0);
	return str_eq(name, STR("myRights")) &&
	       json_get(v, "mayDelete", &may) &&
	       json_as_bool(may) == (old->o.first == 0);
}

/* One property; `old` is NULL for a new book. */
static int read_property(struct jmap_set *s, struct str name, struct json v,
                         const struct jmap_book *old, struct jmap_book *b)
{
	if (str_chr(name, '/') != STR_NPOS)
		return jmap_set_refuse(s, "invalidPatch", NULL,
		                       "nothing is at \"%.*s\"", STR_ARG(name));
	if (str_eq(name, STR("name")))
		return read_name(s, name, v, b);
	if (str_eq(name, STR("description")))
		return read_description(s, name, v, b);
	if (str_eq(name, STR("sortOrder"))) {
		b->order = 0;
		return json_kind(v) == JSON_IS_NULL ||
		                       (json_as_u64(v, &b->order) &&
		                        b->order <= INT32_MAX)
		               ? 0
		               : wrong(s, name, "from 0 to 2^31-1");
	}
	if (str_eq(name, STR("isSubscribed"))) {
		b->subscribed = json_as_bool(v);
		return json_kind(v) == JSON_IS_BOOL
		               ? 0
		               : wrong(s, name, "true or false");
	}
	if (str_eq(name, STR("shareWith")))
		return json_kind(v) == JSON_IS_NULL
		               ? 0
		               : jmap_set_refuse(s, "forbidden", "shareWith",
		                                 "books are not shared");
	return is_as_before(s, name, v, old)
	               ? 0
	               : wrong(s, name, "unknown, or the server sets it");
}

static int read_book(struct jmap_set *s, struct json v,
                     const struct jmap_book *old, struct jmap_book *b)
{
	struct json_members m = { .object = v };
	struct str name;
	struct json value;

	while (json_member_next(&m, &name, &value))
		if (read_property(s, name, value, old, b) < 0)
			return -1;
	return 0;
}

/* ---- create and update ---- */

static int create(struct jmap_set *s, struct json v)
{
	struct jmap_book b = { .subscribed = true };
	struct object_write w = { .type = CHANGE_ADDRESS_BOOK,
		                  .what = OBJECT_CREATE,
		                  .max = CONTACT_BOOKS_MAX };
	struct err err = ERR_INIT;
	struct json x;

	if (read_book(s, v, NULL, &b) < 0)
		return -1;
	if (!b.name.n)
		return wrong(s, STR("name"), "a book has a name");
	w.object.content = jmap_book_content(s->c->arena, &b);
	if (object_write(s->c->store, s->c->account, &w, 1, &err) < 0)
		return err.kind == ERR_TOO_BIG
		               ? jmap_set_refuse(s, "overQuota", NULL,
		                                 "there are %d books already",
		                                 CONTACT_BOOKS_MAX)
		               : jmap_set_fail(s, &err);
	jmap_set_created(s, str_z(store_id(JMAP_ID_BOOK, w.object.no).z));
	json_member_bool(s->w, "isDefault", false);
	json_key(s->w, STR("myRights"));
	json_raw(s->w, STR("{\"mayRead\":true,\"mayWrite\":true,"
	                   "\"mayShare\":false,\"mayDelete\":true}"));
	if (!json_get(v, "sortOrder", &x))
		json_member_u64(s->w, "sortOrder", 0);
	if (!json_get(v, "isSubscribed", &x))
		json_member_bool(s->w, "isSubscribed", true);
	return 0;
}

static int busy(struct jmap_set *s)
{
	return jmap_set_refuse(s, "serverFail", NULL,
	                       "it changes all the time, try later");
}

static int books_of(struct jmap_set *s, struct jmap_books *out)
{
	if (jmap_books_read(s->c, out) == 0)
		return 0;
	s->c->error = NULL;
	return jmap_set_refuse(s, "serverFail", NULL, "temporary failure");
}

static int update(struct jmap_set *s, uint64_t no, struct json patch)
{
	for (int i = 0; i < TRIES; i++) {
		const struct jmap_book *old;
		struct object_write w;
		struct err err = ERR_INIT;
		struct jmap_books books;
		struct jmap_book b;

		if (books_of(s, &books) < 0)
			return -1;
		old = jmap_books_find(&books, no);
		if (!old)
			return jmap_set_refuse(s, "notFound", NULL,
			                       "no such book");
		b = *old;
		if (read_book(s, patch, old, &b) < 0)
			return -1;
		w = (struct object_write){ .type = CHANGE_ADDRESS_BOOK,
			                   .what = OBJECT_UPDATE,
			                   .object = old->o };
		w.object.content = jmap_book_content(s->c->arena, &b);
		if (str_eq(w.object.content, old->o.content) ||
		    object_write(s->c->store, s->c->account, &w, 1, &err) == 0)
			return 0;
		if (err.kind != ERR_EXISTS)
			return jmap_set_fail(s, &err);
	}
	return busy(s);
}

/* ---- destroy ---- */

struct emptying {
	struct jmap_set *s;
	struct str book; /* its id */
	struct object_write *list;
	size_t n, cap;
};

static void add(struct emptying *e, struct object_write w)
{
	if (e->n == e->cap) {
		struct object_write *more;

		e->cap = e->cap ? e->cap * 2 : 16;
		more = arena_array(e->s->c->arena, e->cap, sizeof(*more));
		for (size_t i = 0; i < e->n; i++)
			more[i] = e->list[i];
		e->list = more;
	}
	e->list[e->n++] = w;
}

/* The card without one of its books. */
static struct str without(struct arena *a, struct json card, struct str book)
{
	struct json_members m = { .object = card };
	struct json_writer w;
	struct str name, out;
	struct json v;
	struct buf b;

	buf_init(&b, OBJECT_CONTENT_MAX);
	w = json_writer(&b);
	json_object(&w);
	while (json_member_next(&m, &name, &v)) {
		struct json_members in = { .object = v };
		struct str id;
		struct json yes;

		json_key(&w, name);
		if (!str_eq(name, STR("addressBookIds"))) {
			json_copy(&w, v);
			continue;
		}
		json_object(&w);
		while (json_member_next(&in, &id, &yes))
			if (!str_eq(id, book))
				json_member_bool(&w, arena_strz(a, id), true);
		json_end(&w);
	}
	json_end(&w);
	out = arena_dup(a, buf_str(&b));
	buf_deinit(&b);
	return out;
}

static int find_card(void *arg, const struct object *o, struct err *err)
{
	struct emptying *e = arg;
	struct arena *a = e->s->c->arena;
	struct object_write w = { .type = CHANGE_CARD,
		                  .what = OBJECT_DESTROY,
		                  .object = *o };
	struct json books, yes;
	struct json_doc *doc;

	if (jmap_card_parse(o, &doc, err) < 0)
		return -1;
	w.object.content = (struct str){ NULL, 0 };
	w.object.name = arena_dup(a, o->name);
	if (json_get(json_root(doc), "addressBookIds", &books) &&
	    json_get_str(books, e->book, &yes)) {
		if (json_count(books) > 1) {
			w.what = OBJECT_UPDATE;
			w.object.content = without(a, json_root(doc), e->book);
		}
		add(e, w);
	}
	json_free(&doc);
	return 0;
}

/* 0, 1: others wrote meanwhile, -1 after jmap_set_refuse(). */
static int destroy_once(struct jmap_set *s, uint64_t no)
{
	const struct book_set *arg = s->arg;
	struct emptying e = { .s = s };
	struct object_guard guards[2] = { { .type = CHANGE_CARD },
		                          { .type = CHANGE_ADDRESS_BOOK } };
	struct change_state all[CHANGE_TYPES];
	const struct jmap_book *b;
	struct jmap_books books;
	struct err err = ERR_INIT;

	if (books_of(s, &books) < 0)
		return -1;
	b = jmap_books_find(&books, no);
	if (!b)
		return jmap_set_refuse(s, "notFound", NULL, "no such book");
	if (b->o.first)
		return jmap_set_refuse(s, "forbidden", NULL,
		                       "it is the default book");
	e.book = arena_dup(s->c->arena, str_z(store_id(JMAP_ID_BOOK, no).z));
	if (change_states(s->c->store, s->c->account, all, &err) < 0)
		return jmap_set_fail(s, &err);
	guards[0].modseq = all[CHANGE_CARD].modseq;
	guards[1].modseq = books.state;
	if (object_each(s->c->store, s->c->account, CHANGE_CARD, find_card, &e,
	                &err) < 0)
		return jmap_set_fail(s, &err);
	if (e.n && !arg->remove_contents)
		return jmap_set_refuse(s, "addressBookHasContents", NULL,
		                       "%zu cards are in it", e.n);
	add(&e, (struct object_write){ .type = CHANGE_ADDRESS_BOOK,
	                               .what = OBJECT_DESTROY,
	                               .object = { .no = no } });
	if (object_write_guarded(s->c->store, s->c->account, e.list, e.n,
	                         guards, 2, &err) == 0)
		return 0;
	return err.kind == ERR_EXISTS ? 1 : jmap_set_fail(s, &err);
}

static int destroy(struct jmap_set *s, uint64_t no)
{
	for (int i = 0; i < TRIES; i++) {
		int rc = destroy_once(s, no);

		if (rc <= 0)
			return rc;
	}
	return busy(s);
}

/* ---- which is the default ---- */

static void tell(struct jmap_set *s, uint64_t no, bool yes)
{
	struct str id =
		arena_dup(s->c->arena, str_z(store_id(JMAP_ID_BOOK, no).z));

	jmap_set_tell(s, id, "isDefault", yes);
}

static int set_default(struct jmap_set *s)
{
	const struct book_set *arg = s->arg;
	uint64_t no = jmap_no(s->c, arg->make_default, JMAP_ID_BOOK);

	for (int i = 0; i < TRIES; i++) {
		struct object_write w[2] = {
			{ .type = CHANGE_ADDRESS_BOOK, .what = OBJECT_UPDATE },
			{ .type = CHANGE_ADDRESS_BOOK, .what = OBJECT_UPDATE },
		};
		struct err err = ERR_INIT;
		struct jmap_books books;
		const struct jmap_book *b;
		size_t n = 0;

		if (jmap_books_read(s->c, &books) < 0)
			return -1;
		b = jmap_books_find(&books, no);
		if (!b || b->o.first)
			return 0;
		w[n].object = b->o;
		w[n++].object.first = 1;
		for (size_t k = 0; k < books.n && n < 2; k++)
			if (books.list[k].o.first) {
				w[n].object = books.list[k].o;
				w[n++].object.first = 0;
			}
		if (object_write(s->c->store, s->c->account, w, n, &err) == 0) {
			tell(s, no, true);
			if (n > 1)
				tell(s, w[1].object.no, false);
			return 0;
		}
		if (err.kind != ERR_EXISTS)
			return jmap_fail(s->c, &err);
	}
	return 0; /* it stays as it is */
}

static int finish(struct jmap_set *s, bool good)
{
	const struct book_set *arg = s->arg;

	return good && arg->make_default.p ? set_default(s) : 0;
}

int jmap_address_book_set(struct jmap_call *c)
{
	static const char *const args[] = { "onDestroyRemoveContents",
		                            "onSuccessSetIsDefault", NULL };
	static const struct jmap_set_type type = { .state = CHANGE_ADDRESS_BOOK,
		                                   .letter = JMAP_ID_BOOK,
		                                   .args = args,
		                                   .create = create,
		                                   .update = update,
		                                   .destroy = destroy,
		                                   .finish = finish };
	struct book_set arg = { .remove_contents = false };
	struct jmap_books books;

	if (jmap_args_account(c) < 0 ||
	    jmap_arg_bool(c, "onDestroyRemoveContents", &arg.remove_contents) <
	            0 ||
	    jmap_arg_str(c, "onSuccessSetIsDefault", &arg.make_default) < 0 ||
	    jmap_books_read(c, &books) < 0)
		return -1;
	return jmap_set_run(c, &type, &arg);
}
