#include "transfer/contacts.h"

#include "base/mem.h"
#include "os/file.h"
#include "store/contact.h"
#include "store/object.h"
#include "wire/jscontact/card.h"
#include "wire/json/copy.h"

#define FILE_NAME "contacts.jsonl"
/* All that an account can have, and the ends of lines. */
#define FILE_MAX                                          \
	((size_t)CONTACT_BYTES_MAX +                      \
	 (size_t)CONTACT_CARDS_MAX * (OBJECT_SMALL + 1) + \
	 (size_t)CONTACT_BOOKS_MAX * 8192)

static const char *path_of(struct arena *a, const char *path)
{
	return arena_fmt(a, "%s/" FILE_NAME, path).p;
}

/* ---- export ---- */

static int add_book(void *arg, const struct object *o, struct err *err)
{
	struct buf *b = arg;
	struct json_writer w = json_writer(b);

	(void)err;
	json_object(&w);
	json_member_z(&w, "id", store_id(STORE_ID_BOOK, o->no).z);
	json_member_bool(&w, "default", o->first != 0);
	json_key(&w, STR("book"));
	json_raw(&w, o->content);
	json_end(&w);
	buf_add_c(b, '\n');
	return 0;
}

static int add_card(void *arg, const struct object *o, struct err *err)
{
	struct buf *b = arg;

	(void)err;
	buf_add(b, o->content);
	buf_add_c(b, '\n');
	return 0;
}

int contacts_export(const struct transfer *t, const char *path, struct err *err)
{
	struct arena a;
	struct buf b;
	int rc;

	arena_init(&a);
	buf_init(&b, FILE_MAX);
	rc = object_each(t->store, t->account, CHANGE_ADDRESS_BOOK, add_book,
	                 &b, err);
	if (rc == 0)
		rc = object_each(t->store, t->account, CHANGE_CARD, add_card,
		                 &b, err);
	if (rc == 0 && buf_overflow(&b))
		rc = err_set(err, ERR_TOO_BIG, "too many contacts");
	if (rc == 0 && b.n > 0)
		rc = file_replace(path_of(&a, path), buf_str(&b), 0600, err);
	buf_deinit(&b);
	arena_deinit(&a);
	return rc;
}

/* ---- import ---- */

struct book {
	struct str id; /* in the file */
	uint64_t no;   /* here */
};

struct taking {
	const struct transfer *t;
	struct transfer_counts *n;
	struct arena *a; /* of all */
	struct arena line;
	struct book books[CONTACT_BOOKS_MAX];
	size_t books_n;
	uint64_t first; /* the default here; 0: not known yet */
	struct err *err;
};

static int refuse(struct taking *k, const char *why)
{
	struct err err = ERR_INIT;

	(void)err_set(&err, ERR_INVALID, "%s", why);
	k->n->failed++;
	if (k->t->report)
		k->t->report(k->t->report_arg, STR(FILE_NAME), &err);
	return 0;
}

static struct str text(struct json v, const char *name)
{
	struct json s = { NULL };

	(void)json_get(v, name, &s);
	return json_as_str(s);
}

/* What one object could not be, the others still may. */
static int failed(struct taking *k)
{
	struct err why = *k->err;

	if (why.kind != ERR_TOO_BIG)
		return -1;
	*k->err = (struct err)ERR_INIT;
	return refuse(k, why.text);
}

static struct str book_content(struct taking *k, struct json book)
{
	struct json v = { NULL };
	struct json_writer w;
	struct str out;
	uint64_t order = 0;
	struct buf b;

	if (json_get(book, "sortOrder", &v) &&
	    (!json_as_u64(v, &order) || order > INT32_MAX))
		order = 0;
	v = (struct json){ NULL };
	(void)json_get(book, "isSubscribed", &v);
	buf_init(&b, OBJECT_CONTENT_MAX);
	w = json_writer(&b);
	json_object(&w);
	json_member_str(&w, "name", text(book, "name"));
	if (text(book, "description").n)
		json_member_str(&w, "description", text(book, "description"));
	json_member_u64(&w, "sortOrder", order);
	json_member_bool(&w, "isSubscribed", json_as_bool(v));
	json_end(&w);
	out = arena_dup(&k->line, buf_str(&b));
	buf_deinit(&b);
	return out;
}

struct looking {
	struct str name;
	uint64_t by_name, first;
};

static int look_at(void *arg, const struct object *o, struct err *err)
{
	struct looking *l = arg;
	struct json_doc *doc;

	if (o->first)
		l->first = o->no;
	if (json_parse(&doc, o->content, NULL, err) < 0)
		return -1;
	if (str_eq(text(json_root(doc), "name"), l->name))
		l->by_name = o->no;
	json_free(&doc);
	return 0;
}

static int make_book(struct taking *k, struct json book, bool first,
                     uint64_t *no)
{
	struct object_write w = {
		.type = CHANGE_ADDRESS_BOOK,
		.what = OBJECT_CREATE,
		.object = { .first = first,
		            .name = first ? STR(CONTACT_FIRST_BOOK) : STR(""),
		            .content = book_content(k, book) },
		.max = CONTACT_BOOKS_MAX,
		.unique = first,
	};

	if (object_write(k->t->store, k->t->account, &w, 1, k->err) < 0 &&
	    !w.other)
		return failed(k);
	*k->err = (struct err)ERR_INIT;
	*no = w.other ? w.other : w.object.no;
	return 0;
}

static int take_book(struct taking *k, struct json line, struct json book)
{
	struct str name = text(book, "name");
	struct looking l = { .name = name };
	struct json v = { NULL };
	uint64_t no = 0;
	bool first;

	if (!name.n || name.n > 255 || k->books_n == CONTACT_BOOKS_MAX)
		return refuse(k, "not an address book");
	if (object_each(k->t->store, k->t->account, CHANGE_ADDRESS_BOOK,
	                look_at, &l, k->err) < 0)
		return -1;
	first = json_get(line, "default", &v) && json_as_bool(v);
	no = first ? l.first : l.by_name;
	if (!no && make_book(k, book, first, &no) < 0)
		return -1;
	if (first)
		k->first = no;
	if (no)
		k->books[k->books_n++] =
			(struct book){ .id = arena_dup(k->a, text(line, "id")),
			               .no = no };
	return 0;
}

static uint64_t book_of(const struct taking *k, struct str id)
{
	for (size_t i = 0; i < k->books_n; i++)
		if (str_eq(k->books[i].id, id))
			return k->books[i].no;
	return k->first;
}

static void write_books(struct taking *k, struct json_writer *w, struct json v)
{
	struct json_members m = { .object = v };
	uint64_t done[CONTACT_BOOKS_MAX];
	size_t n = 0;
	struct str id;
	struct json yes;

	json_object(w);
	while (n < CONTACT_BOOKS_MAX && json_member_next(&m, &id, &yes)) {
		uint64_t no = book_of(k, id);
		bool twice = false;

		for (size_t i = 0; i < n; i++)
			twice |= done[i] == no;
		if (twice)
			continue;
		done[n++] = no;
		json_member_bool(w, store_id(STORE_ID_BOOK, no).z, true);
	}
	if (n == 0)
		json_member_bool(w, store_id(STORE_ID_BOOK, k->first).z, true);
	json_end(w);
}

/* The card as it is kept here. */
static struct str card_content(struct taking *k, struct json card)
{
	struct json_members m = { .object = card };
	struct json books = { NULL };
	struct json_writer w;
	struct str name, out;
	struct json v;
	struct buf b;

	(void)json_get(card, "addressBookIds", &books);
	buf_init(&b, CONTACT_CARD_MAX);
	w = json_writer(&b);
	json_object(&w);
	json_key(&w, STR("addressBookIds"));
	write_books(k, &w, books);
	while (json_member_next(&m, &name, &v))
		if (!str_eq(name, STR("addressBookIds")) &&
		    !str_eq(name, STR("id"))) {
			json_key(&w, name);
			json_copy(&w, v);
		}
	json_end(&w);
	out = buf_overflow(&b) ? (struct str){ NULL, 0 }
	                       : arena_dup(&k->line, buf_str(&b));
	buf_deinit(&b);
	return out;
}

/* There is always a default one: made where neither the file nor the account
 * has it. */
static int need_book(struct taking *k)
{
	static const char line[] = "{\"id\":\"\",\"default\":true,\"book\":"
				   "{\"name\":\"Contacts\","
				   "\"isSubscribed\":true}}";
	struct json_doc *doc;
	struct json book;
	int rc = 0;

	if (k->first)
		return 0;
	if (json_parse(&doc, str_z(line), NULL, k->err) < 0)
		return -1;
	if (json_get(json_root(doc), "book", &book))
		rc = take_book(k, json_root(doc), book);
	json_free(&doc);
	return rc;
}

static int take_card(struct taking *k, struct json card)
{
	struct object_write w = { .type = CHANGE_CARD,
		                  .what = OBJECT_CREATE,
		                  .max = CONTACT_CARDS_MAX,
		                  .bytes_max = CONTACT_BYTES_MAX,
		                  .unique = true };
	struct jscontact_problem p;

	if (!jscontact_check(card, &p))
		return refuse(
			k,
			arena_fmt(&k->line, "no card: %s %s", p.path, p.why).p);
	if (need_book(k) < 0)
		return -1;
	w.object.name = text(card, "uid");
	w.object.content = card_content(k, card);
	if (!w.object.content.n)
		return refuse(k, "the card is too large");
	if (object_write(k->t->store, k->t->account, &w, 1, k->err) == 0)
		return 0;
	if (!w.other)
		return failed(k);
	*k->err = (struct err)ERR_INIT;
	k->n->known++;
	return 0;
}

static int take_line(struct taking *k, struct str line)
{
	struct err why = ERR_INIT;
	struct json_doc *doc;
	struct json book;
	int rc;

	if (json_parse(&doc, line, NULL, &why) < 0)
		return refuse(k, why.text);
	rc = json_get(json_root(doc), "book", &book)
	             ? take_book(k, json_root(doc), book)
	             : take_card(k, json_root(doc));
	json_free(&doc);
	return rc;
}

static int take_all(struct taking *k, struct str file)
{
	int rc = 0;

	while (rc == 0 && file.n > 0) {
		size_t end = str_chr(file, '\n');
		struct str line = end == STR_NPOS ? file : str_to(file, end);

		file = str_from(file, line.n + (end != STR_NPOS));
		arena_reset(&k->line);
		if (line.n)
			rc = take_line(k, line);
	}
	return rc == 0 && k->books_n ? need_book(k) : rc;
}

int contacts_import(const struct transfer *t, const char *path,
                    struct transfer_counts *n, struct err *err)
{
	struct err ignored = ERR_INIT;
	struct arena a;
	struct taking *k;
	size_t size;
	char *p;
	int rc = 0;

	arena_init(&a);
	if (file_read_all(path_of(&a, path), FILE_MAX, &p, &size, &ignored) ==
	    0) {
		k = arena_zalloc(&a, sizeof(*k));
		k->t = t;
		k->n = n;
		k->a = &a;
		k->err = err;
		arena_init(&k->line);
		rc = take_all(k, (struct str){ p, size });
		arena_deinit(&k->line);
		mem_free(p);
	}
	arena_deinit(&a);
	return rc;
}
