/* FilterCondition of Email (RFC 8621, 4.4.1). */
#include "jmap/filter.h"

#include "jmap/email.h"

struct reading {
	struct jmap_call *c;
	struct jmap_texts *texts;
	int depth, nodes;
};

static int wrong(struct jmap_call *c, struct str name)
{
	return jmap_error(c, "invalidArguments", "filter \"%.*s\"",
	                  STR_ARG(name));
}

static int too_long(struct reading *r)
{
	return jmap_error(r->c, "unsupportedFilter", "too deep or long");
}

/* ---- each condition gives a query, or NULL and an error ---- */

static struct query *in_mailbox(struct reading *r, struct json v, int arg)
{
	(void)arg;
	if (json_kind(v) != JSON_IS_STRING)
		return NULL;
	/* One that is not there has none: 0 is no mailbox. */
	return query_number(r->c->arena, QUERY_IN_MAILBOX,
	                    jmap_no(r->c, json_as_str(v), STORE_ID_MAILBOX));
}

static struct query *in_other(struct reading *r, struct json v, int arg)
{
	struct query *q = query_new(r->c->arena, QUERY_IN_OTHER);
	uint64_t *list;

	(void)arg;
	if (json_kind(v) != JSON_IS_ARRAY)
		return NULL;
	list = arena_array(r->c->arena, json_count(v) + 1, sizeof(*list));
	for (size_t i = 0; i < json_count(v); i++) {
		if (json_kind(json_at(v, i)) != JSON_IS_STRING)
			return NULL;
		list[i] = jmap_no(r->c, json_as_str(json_at(v, i)),
		                  STORE_ID_MAILBOX);
	}
	q->numbers = list;
	q->numbers_n = json_count(v);
	return q;
}

static struct query *date(struct reading *r, struct json v, int op)
{
	int64_t us;
	int zone;

	if (!jmap_date_parse(json_as_str(v), &us, &zone))
		return NULL;
	return query_time(r->c->arena, (enum query_op)op, us / 1000000);
}

/* Theirs: at least, less than.  Ours: larger, smaller. */
static struct query *size(struct reading *r, struct json v, int op)
{
	uint64_t n;

	if (!json_as_u64(v, &n))
		return NULL;
	if (op == QUERY_LARGER && n == 0)
		return query_new(r->c->arena, QUERY_AND);
	return query_number(r->c->arena, (enum query_op)op,
	                    op == QUERY_LARGER ? n - 1 : n);
}

/* The bit; 0 when no message can have it. */
static bool keyword_bit(struct reading *r, struct json v, uint64_t *bit)
{
	struct err err = ERR_INIT;
	struct str name;

	if (!jmap_keyword_parse(json_as_str(v), &name))
		return false;
	if (flags_bits(r->c->store, r->c->account, &name, 1, false, bit, &err) <
	    0) {
		(void)jmap_fail(r->c, &err);
		return false;
	}
	return true;
}

static struct query *never(struct reading *r)
{
	return query_new(r->c->arena, QUERY_OR);
}

static struct query *has_keyword(struct reading *r, struct json v, int yes)
{
	uint64_t bit;

	if (!keyword_bit(r, v, &bit))
		return NULL;
	if (!bit)
		return yes ? never(r) : query_new(r->c->arena, QUERY_AND);
	return query_flags(r->c->arena, yes ? bit : 0, yes ? 0 : bit);
}

enum { THREAD_ALL, THREAD_SOME, THREAD_NONE };

static struct query *thread_keyword(struct reading *r, struct json v, int what)
{
	struct query *q, *not ;
	uint64_t bit;

	if (!keyword_bit(r, v, &bit))
		return NULL;
	if (r->texts)
		r->texts->by_thread = true;
	q = query_new(r->c->arena,
	              what == THREAD_ALL ? QUERY_THREAD_ALL : QUERY_THREAD_ANY);
	q->flags_all = bit;
	if (!bit)
		q = never(r);
	if (what != THREAD_NONE)
		return q;
	not = query_new(r->c->arena, QUERY_NOT);
	query_add(not, q);
	return not ;
}

static struct query *attachment(struct reading *r, struct json v, int arg)
{
	struct query *q = query_new(r->c->arena, QUERY_HAS_ATTACHMENT), *not ;

	(void)arg;
	if (json_kind(v) != JSON_IS_BOOL)
		return NULL;
	if (json_as_bool(v))
		return q;
	not = query_new(r->c->arena, QUERY_NOT);
	query_add(not, q);
	return not ;
}

static void remember(struct reading *r, struct str text)
{
	if (r->texts && r->texts->n < 64)
		r->texts->v[r->texts->n++] = text;
}

/* The next word, or what stands in quotes (RFC 8621, 4.4.1). */
static bool next_word(struct str *s, struct str *word)
{
	char end = ' ';
	size_t n = 0;

	*s = str_trim(*s);
	if (s->n == 0)
		return false;
	if (s->p[0] == '"' || s->p[0] == '\'') {
		size_t close = str_chr(str_from(*s, 1), s->p[0]);

		if (close != STR_NPOS) {
			end = s->p[0];
			*s = str_from(*s, 1);
		}
	}
	while (n < s->n && s->p[n] != end)
		n++;
	*word = str_to(*s, n);
	*s = str_from(*s, n < s->n ? n + 1 : n);
	return true;
}

/* All words of it, in any order. */
static struct query *text(struct reading *r, struct json v, int op)
{
	struct query *all = query_new(r->c->arena, QUERY_AND);
	struct str s = json_as_str(v), word;

	if (json_kind(v) != JSON_IS_STRING)
		return NULL;
	while (next_word(&s, &word)) {
		if (++r->nodes > QUERY_NODES_MAX) {
			(void)too_long(r);
			return NULL;
		}
		if (!word.n)
			continue;
		query_add(all,
		          query_text(r->c->arena, (enum query_op)op, word));
		if (op == QUERY_TEXT || op == QUERY_SUBJECT || op == QUERY_BODY)
			remember(r, word);
	}
	return all;
}

static struct query *header(struct reading *r, struct json v, int arg)
{
	size_t n = json_count(v);

	(void)arg;
	if (json_kind(v) != JSON_IS_ARRAY || n < 1 || n > 2 ||
	    json_kind(json_at(v, 0)) != JSON_IS_STRING ||
	    (n == 2 && json_kind(json_at(v, 1)) != JSON_IS_STRING))
		return NULL;
	return query_header(r->c->arena, json_as_str(json_at(v, 0)),
	                    n == 2 ? json_as_str(json_at(v, 1)) : STR(""));
}

static const struct {
	const char *name;
	struct query *(*make)(struct reading *r, struct json v, int arg);
	int arg;
} conditions[] = {
	{ "inMailbox", in_mailbox, 0 },
	{ "inMailboxOtherThan", in_other, 0 },
	{ "before", date, QUERY_INTERNAL_BEFORE },
	{ "after", date, QUERY_INTERNAL_SINCE },
	{ "minSize", size, QUERY_LARGER },
	{ "maxSize", size, QUERY_SMALLER },
	{ "allInThreadHaveKeyword", thread_keyword, THREAD_ALL },
	{ "someInThreadHaveKeyword", thread_keyword, THREAD_SOME },
	{ "noneInThreadHaveKeyword", thread_keyword, THREAD_NONE },
	{ "hasKeyword", has_keyword, 1 },
	{ "notKeyword", has_keyword, 0 },
	{ "hasAttachment", attachment, 0 },
	{ "text", text, QUERY_TEXT },
	{ "from", text, QUERY_FROM },
	{ "to", text, QUERY_TO },
	{ "cc", text, QUERY_CC },
	{ "bcc", text, QUERY_BCC },
	{ "subject", text, QUERY_SUBJECT },
	{ "body", text, QUERY_BODY },
	{ "header", header, 0 },
};

#define CONDITIONS_N (sizeof(conditions) / sizeof(conditions[0]))

/* ---- the tree ---- */

static int read_filter(struct reading *r, struct json v, struct query **out);

static int read_condition(struct reading *r, struct json v, struct query **out)
{
	struct json_members m = { .object = v };
	struct str name;
	struct json value;

	*out = query_new(r->c->arena, QUERY_AND);
	while (json_member_next(&m, &name, &value)) {
		struct query *q = NULL;
		size_t i = 0;

		while (i < CONDITIONS_N &&
		       !str_eq(name, str_z(conditions[i].name)))
			i++;
		if (i == CONDITIONS_N)
			return jmap_error(r->c, "unsupportedFilter", "\"%.*s\"",
			                  STR_ARG(name));
		q = conditions[i].make(r, value, conditions[i].arg);
		if (!q)
			return r->c->error ? -1 : wrong(r->c, name);
		query_add(*out, q);
	}
	return 0;
}

static int read_operator(struct reading *r, struct json v, struct json op,
                         struct query **out)
{
	struct str name = json_as_str(op);
	struct json list;

	if (!json_get(v, "conditions", &list) ||
	    json_kind(list) != JSON_IS_ARRAY)
		return wrong(r->c, STR("conditions"));
	if (str_eq(name, STR("AND")))
		*out = query_new(r->c->arena, QUERY_AND);
	else if (str_eq(name, STR("OR")))
		*out = query_new(r->c->arena, QUERY_OR);
	else if (str_eq(name, STR("NOT")))
		*out = query_new(r->c->arena, QUERY_NOT);
	else
		return wrong(r->c, STR("operator"));
	for (size_t i = 0; i < json_count(list); i++) {
		struct query *kid = NULL;

		if (read_filter(r, json_at(list, i), &kid) < 0)
			return -1;
		query_add(*out, kid);
	}
	return 0;
}

static int read_filter(struct reading *r, struct json v, struct query **out)
{
	struct json op;
	int rc;

	/* A condition may take three levels of the store's tree. */
	if (r->depth > QUERY_DEPTH_MAX / 4 || ++r->nodes > QUERY_NODES_MAX)
		return too_long(r);
	if (json_kind(v) != JSON_IS_OBJECT)
		return wrong(r->c, STR("filter"));
	r->depth++;
	rc = json_get(v, "operator", &op) ? read_operator(r, v, op, out)
	                                  : read_condition(r, v, out);
	r->depth--;
	return rc;
}

int jmap_filter_read(struct jmap_call *c, struct json filter,
                     struct query **out, struct jmap_texts *texts)
{
	struct reading r = { .c = c, .texts = texts };

	if (json_kind(filter) == JSON_IS_NONE ||
	    json_kind(filter) == JSON_IS_NULL) {
		*out = query_new(c->arena, QUERY_AND);
		return 0;
	}
	return read_filter(&r, filter, out);
}
