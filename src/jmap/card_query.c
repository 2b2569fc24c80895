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

static bool in_book(struct jmap_call *c, const void *object, struct json v,
                    const struct jmap_condition *row)
{
	const struct view *o = object;

	(void)row;
	return has_member(o->card, "addressBookIds",
	                  jmap_id(c, json_as_str(v)));
}

static bool has_group_member(struct jmap_call *c, const void *object,
                             struct json v, const struct jmap_condition *row)
{
	const struct view *o = object;

	(void)c;
	(void)row;
	return has_member(o->card, "members", json_as_str(v));
}

/* The property that has the condition's name. */
static bool is_equal(struct jmap_call *c, const void *object, struct json v,
                     const struct jmap_condition *row)
{
	const struct view *o = object;

	(void)c;
	return equals(o->card, row->name, json_as_str(v));
}

/* In the field of that name, or in all when there is none: "text". */
static bool in_text(struct jmap_call *c, const void *object, struct json v,
                    const struct jmap_condition *row)
{
	const struct field *f = NULL;

	(void)c;
	for (size_t i = 0; i < FIELDS_N; i++)
		if (fields[i].filter &&
		    str_eq(str_z(fields[i].filter), str_z(row->name)))
			f = &fields[i];
	return has_words(object, f, json_as_str(v));
}

static bool by_time(struct jmap_call *c, const void *object, struct json v,
                    const struct jmap_condition *row)
{
	bool created = str_starts(str_z(row->name), STR("created"));
	const struct view *o = object;
	int64_t at = time_of(o->card, created ? "created" : "updated"), us;
	int zone;

	(void)c;
	if (at == INT64_MIN || !jmap_date_parse(json_as_str(v), &us, &zone))
		return false;
	return str_ends(str_z(row->name), STR("After")) ? at >= us / 1000000
	                                                : at < us / 1000000;
}

static const struct jmap_condition conditions[] = {
	{ "inAddressBook", JMAP_IS_STRING, in_book },
	{ "uid", JMAP_IS_STRING, is_equal },
	{ "kind", JMAP_IS_STRING, is_equal },
	{ "hasMember", JMAP_IS_STRING, has_group_member },
	{ "createdBefore", JMAP_IS_DATE, by_time },
	{ "createdAfter", JMAP_IS_DATE, by_time },
	{ "updatedBefore", JMAP_IS_DATE, by_time },
	{ "updatedAfter", JMAP_IS_DATE, by_time },
	{ "text", JMAP_IS_STRING, in_text },
	{ "name", JMAP_IS_STRING, in_text },
	{ "name/given", JMAP_IS_STRING, in_text },
	{ "name/surname", JMAP_IS_STRING, in_text },
	{ "name/surname2", JMAP_IS_STRING, in_text },
	{ "nickname", JMAP_IS_STRING, in_text },
	{ "organization", JMAP_IS_STRING, in_text },
	{ "email", JMAP_IS_STRING, in_text },
	{ "phone", JMAP_IS_STRING, in_text },
	{ "onlineService", JMAP_IS_STRING, in_text },
	{ "address", JMAP_IS_STRING, in_text },
	{ "note", JMAP_IS_STRING, in_text },
};

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

static const struct jmap_criteria criteria = {
	conditions,
	sizeof(conditions) / sizeof(conditions[0]),
	sorts,
	sizeof(sorts) / sizeof(sorts[0]),
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

	/* A write may have come behind the count. */
	if (r->n == OBJECTS_MAX)
		return 0;
	if (jmap_card_parse(o, &doc, err) < 0)
		return -1;
	arena_reset(&r->scratch);
	v.card = json_root(doc);
	if (jmap_criteria_match(r->c, &criteria, &v)) {
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
	return 0;
}

static int read_all(struct jmap_call *c, struct jmap_query_item **out,
                    size_t *n)
{
	struct reading r = { .c = c };
	struct err err = ERR_INIT;
	int rc;

	r.items = arena_array(c->arena, OBJECTS_MAX, sizeof(*r.items));
	arena_init(&r.scratch);
	rc = object_each(c->store, c->account, CHANGE_CARD, read_card, &r,
	                 &err);
	arena_deinit(&r.scratch);
	*out = r.items;
	*n = r.n;
	return rc < 0 ? jmap_fail(c, &err) : 0;
}

static const struct jmap_query_type type = {
	.type = CHANGE_CARD,
	.letter = JMAP_ID_CARD,
	.criteria = &criteria,
	.read = read_all,
	.filtered = true,
	.compare = compare,
};

int jmap_contact_card_query(struct jmap_call *c)
{
	return jmap_query_run(c, &type);
}

int jmap_contact_card_query_changes(struct jmap_call *c)
{
	return jmap_query_changes_run(c, &type);
}
