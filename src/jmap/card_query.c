/* ContactCard/query and /queryChanges (RFC 9610, 3.3 and 3.4). */
#include "jmap/contact.h"
#include "jmap/header.h"
#include "jmap/methods.h"
#include "jmap/query.h"
#include "text/nfc.h"
#include "wire/jscontact/card.h"

/* Of one card's text, as it is looked through. */
#define TEXT_MAX ((size_t)1024 * 1024)

/* What a condition is asked of. */
struct view {
	struct json card;
	struct arena *arena; /* until the next card */
};

/* ---- the text of a card ---- */

struct field {
	const char *filter;   /* NULL: only "text" looks here */
	const char *property; /* of the card */
	const char *members[4];
	const char *kind; /* components of this kind alone */
	bool single;      /* one object, not a map of them */
	bool components;  /* their values too */
};

static const struct field fields[] = {
	{ "name", "name", { "full" }, NULL, true, true },
	{ "name/given", "name", { NULL }, "given", true, true },
	{ "name/surname", "name", { NULL }, "surname", true, true },
	{ "name/surname2", "name", { NULL }, "surname2", true, true },
	{ "nickname", "nicknames", { "name" }, NULL, false, false },
	{ "organization", "organizations", { "name" }, NULL, false, false },
	{ "email", "emails", { "address", "label" }, NULL, false, false },
	{ "phone", "phones", { "number", "label" }, NULL, false, false },
	{ "onlineService",
	  "onlineServices",
	  { "service", "uri", "user", "label" },
	  NULL,
	  false,
	  false },
	{ "address", "addresses", { "full" }, NULL, false, true },
	{ "note", "notes", { "note" }, NULL, false, false },
	{ NULL, "titles", { "name" }, NULL, false, false },
	{ NULL, "personalInfo", { "value" }, NULL, false, false },
};

#define FIELDS_N (sizeof(fields) / sizeof(fields[0]))

static void add_string(struct buf *b, struct json object, const char *name)
{
	struct json v = { NULL };

	if (!json_get(object, name, &v) || json_kind(v) != JSON_IS_STRING)
		return;
	buf_add(b, json_as_str(v));
	buf_add_c(b, '\n');
}

static bool is_kind(struct json component, const char *kind)
{
	struct json v = { NULL };

	return !kind || (json_get(component, "kind", &v) &&
	                 str_eq(json_as_str(v), str_z(kind)));
}

static void add_object(struct buf *b, const struct field *f, struct json o)
{
	struct json list = { NULL };

	for (size_t i = 0; i < 4 && f->members[i]; i++)
		add_string(b, o, f->members[i]);
	if (!f->components || !json_get(o, "components", &list))
		return;
	for (size_t i = 0; i < json_count(list); i++)
		if (is_kind(json_at(list, i), f->kind))
			add_string(b, json_at(list, i), "value");
}

static void add_field(struct buf *b, const struct field *f, struct json card)
{
	struct json_members m;
	struct str name;
	struct json v, kid;

	if (!json_get(card, f->property, &v))
		return;
	if (f->single) {
		add_object(b, f, v);
		return;
	}
	m = (struct json_members){ .object = v };
	while (json_member_next(&m, &name, &kid))
		add_object(b, f, kid);
}

/* Ready to look in; `f` NULL: all of it. */
static struct str text_of(const struct view *v, const struct field *f)
{
	struct str out;
	struct buf b;

	buf_init(&b, TEXT_MAX);
	for (size_t i = 0; i < FIELDS_N; i++)
		if (f ? f == &fields[i] : !fields[i].kind)
			add_field(&b, &fields[i], v->card);
	out = text_casemap_key(v->arena, buf_str(&b));
	buf_deinit(&b);
	return out;
}

/* ---- what is looked for ---- */

/* A word, or a phrase within quotes where \ takes the next as it is (RFC
 * 9610, 3.3.1).  False at the end. */
static bool next_token(struct arena *a, struct str *s, struct str *out)
{
	char *p = arena_alloc(a, s->n + 1);
	char quote = 0;
	size_t i = 0, n = 0;

	while (i < s->n && ascii_is_one_of(s->p[i], " \t\r\n"))
		i++;
	if (i == s->n)
		return false;
	if (ascii_is_one_of(s->p[i], "\"'") &&
	    str_chr(str_from(*s, i + 1), s->p[i]) != STR_NPOS)
		quote = s->p[i++];
	for (; i < s->n; i++) {
		if (quote ? s->p[i] == quote
		          : ascii_is_one_of(s->p[i], " \t\r\n")) {
			i++;
			break;
		}
		if (quote && s->p[i] == '\\' && i + 1 < s->n)
			i++;
		p[n++] = s->p[i];
	}
	*s = str_from(*s, i);
	*out = (struct str){ p, n };
	return true;
}

static bool has_words(const struct view *v, const struct field *f,
                      struct str words)
{
	struct str text = text_of(v, f), token;

	while (next_token(v->arena, &words, &token))
		if (str_find(text, text_casemap_key(v->arena, token)) ==
		    STR_NPOS)
			return false;
	return true;
}

/* ---- conditions ---- */

static int64_t time_of(struct json card, const char *name)
{
	struct json v = { NULL };
	int64_t s = 0;

	return json_get(card, name, &v) &&
	                       jscontact_time_parse(json_as_str(v), &s)
	               ? s
	               : INT64_MIN;
}

/* 1, 0, -1: it is no such condition. */
static int time_condition(const struct view *v, struct str name,
                          struct str date)
{
	static const struct {
		const char *name, *property;
		bool after;
	} rows[] = {
		{ "createdBefore", "created", false },
		{ "createdAfter", "created", true },
		{ "updatedBefore", "updated", false },
		{ "updatedAfter", "updated", true },
	};

	int64_t at, us;
	int zone;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!str_eq(name, str_z(rows[i].name)))
			continue;
		if (!jmap_date_parse(date, &us, &zone))
			return -1;
		at = time_of(v->card, rows[i].property);
		if (at == INT64_MIN)
			return 0;
		return rows[i].after ? at >= us / 1000000 : at < us / 1000000;
	}
	return -1;
}

static bool has_member(struct json card, const char *property, struct str key)
{
	struct json map, yes;

	return json_get(card, property, &map) && json_get_str(map, key, &yes);
}

/* Exactly; a card without a kind is an individual (RFC 9553, 2.1.4). */
static bool equals(struct json card, const char *property, struct str want)
{
	struct json v = { NULL };

	if (!json_get(card, property, &v))
		return str_eq(str_z(property), STR("kind")) &&
		       str_eq(want, STR("individual"));
	return str_eq(json_as_str(v), want);
}

static int condition(struct jmap_call *c, const void *object, struct str name,
                     struct json value)
{
	const struct view *v = object;
	struct str s = json_as_str(value);
	int rc;

	if (json_kind(value) != JSON_IS_STRING)
		return jmap_query_unsupported(c, name);
	if (str_eq(name, STR("inAddressBook")))
		return has_member(v->card, "addressBookIds", jmap_id(c, s));
	if (str_eq(name, STR("uid")))
		return equals(v->card, "uid", s);
	if (str_eq(name, STR("kind")))
		return equals(v->card, "kind", s);
	if (str_eq(name, STR("hasMember")))
		return has_member(v->card, "members", s);
	if (str_eq(name, STR("text")))
		return has_words(v, NULL, s);
	for (size_t i = 0; i < FIELDS_N; i++)
		if (fields[i].filter && str_eq(name, str_z(fields[i].filter)))
			return has_words(v, &fields[i], s);
	rc = time_condition(v, name, s);
	return rc < 0 ? jmap_query_unsupported(c, name) : rc;
}

/* ---- order ---- */

struct key {
	int64_t created, updated;
	struct str given, surname, surname2;
};

static const char *const sorts[] = { "created", "updated", "name/given",
	                             "name/surname", "name/surname2" };

static int compare(const void *pa, const void *pb, size_t sort)
{
	const struct key *a = pa, *b = pb;

	switch (sort) {
	case 0: return a->created < b->created ? -1 : a->created > b->created;
	case 1: return a->updated < b->updated ? -1 : a->updated > b->updated;
	case 2: return str_cmp(a->given, b->given);
	case 3: return str_cmp(a->surname, b->surname);
	default: return str_cmp(a->surname2, b->surname2);
	}
}

/* The first component of the kind. */
static struct str component(struct arena *a, struct json card, const char *kind)
{
	struct json name = { NULL }, list = { NULL }, v = { NULL };

	(void)json_get(card, "name", &name);
	(void)json_get(name, "components", &list);
	for (size_t i = 0; i < json_count(list); i++)
		if (is_kind(json_at(list, i), kind) &&
		    json_get(json_at(list, i), "value", &v))
			return text_casemap_key(a, json_as_str(v));
	return STR("");
}

static const struct jmap_query_type type = {
	.type = CHANGE_CARD,
	.letter = JMAP_ID_CARD,
	.condition = condition,
	.filtered = true,
	.sorts = sorts,
	.sorts_n = sizeof(sorts) / sizeof(sorts[0]),
	.compare = compare,
};

/* ---- reading them ---- */

struct reading {
	struct jmap_call *c;
	struct arena scratch;
	struct jmap_query_item *items;
	size_t n;
};

static int read_card(void *arg, const struct object *o, struct err *err)
{
	struct reading *r = arg;
	struct view v = { .arena = &r->scratch };
	struct arena *a = r->c->arena;
	struct json_doc *doc;
	struct key *k;
	int rc;

	/* A write may have come behind the count. */
	if (r->n == OBJECTS_MAX)
		return 0;
	if (jmap_card_parse(o, &doc, err) < 0)
		return -1;
	arena_reset(&r->scratch);
	v.card = json_root(doc);
	rc = jmap_query_matches(r->c, &type, &v);
	if (rc > 0) {
		k = arena_alloc(a, sizeof(*k));
		*k = (struct key){ .created = time_of(v.card, "created"),
			           .updated = time_of(v.card, "updated"),
			           .given = component(a, v.card, "given"),
			           .surname = component(a, v.card, "surname"),
			           .surname2 =
			                   component(a, v.card, "surname2") };
		r->items[r->n++] =
			(struct jmap_query_item){ .no = o->no, .object = k };
	}
	json_free(&doc);
	return rc < 0 ? -1 : 0;
}

static int read_all(struct jmap_call *c, struct reading *r)
{
	struct err err = ERR_INIT;
	int rc;

	*r = (struct reading){ .c = c };
	if (jmap_args_account(c) < 0)
		return -1;
	r->items = arena_array(c->arena, OBJECTS_MAX, sizeof(*r->items));
	arena_init(&r->scratch);
	rc = object_each(c->store, c->account, CHANGE_CARD, read_card, r, &err);
	arena_deinit(&r->scratch);
	if (rc < 0)
		return c->error ? -1 : jmap_fail(c, &err);
	return 0;
}

int jmap_contact_card_query(struct jmap_call *c)
{
	struct reading r;

	return read_all(c, &r) < 0 ? -1
	                           : jmap_query_run(c, &type, r.items, r.n);
}

int jmap_contact_card_query_changes(struct jmap_call *c)
{
	struct reading r;

	return read_all(c, &r) < 0
	               ? -1
	               : jmap_query_changes_run(c, &type, r.items, r.n);
}
