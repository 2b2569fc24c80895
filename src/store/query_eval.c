#include "store/query_eval.h"

#include <string.h>

#include "text/extract.h"
#include "text/fold.h"
#include "wire/message/header.h"

/* ---- make ready ---- */

static int make(struct arena *a, const struct query *q, int depth, int *nodes,
                struct cond **out, struct err *err)
{
	struct cond *c = arena_zalloc(a, sizeof(*c)), **next = &c->kids;

	if (depth > QUERY_DEPTH_MAX || ++*nodes > QUERY_NODES_MAX)
		return err_set(err, ERR_TOO_BIG, "the search has over %d terms",
		               QUERY_NODES_MAX);
	if (q->text.n > QUERY_TEXT_MAX || q->header.n > QUERY_TEXT_MAX)
		return err_set(err, ERR_TOO_BIG,
		               "a text to search is over %d bytes",
		               QUERY_TEXT_MAX);
	c->q = q;
	c->text = text_fold_dup(a, q->text);
	if (q->header.n)
		c->header = arena_fmt(a, "%.*s:",
		                      STR_ARG(text_fold_dup(a, q->header)));
	for (const struct query *kid = q->kids; kid; kid = kid->next) {
		if (make(a, kid, depth + 1, nodes, next, err) < 0)
			return -1;
		next = &(*next)->next;
	}
	*out = c;
	return 0;
}

int cond_make(struct arena *a, const struct query *q, struct cond **out,
              struct err *err)
{
	int nodes = 0;

	return make(a, q, 1, &nodes, out, err);
}

/* ---- ask ---- */

static enum answer answer(bool yes)
{
	return yes ? ANSWER_YES : ANSWER_NO;
}

static bool contains(struct str s, struct str what)
{
	return what.n == 0 ||
	       (s.n >= what.n && memmem(s.p, s.n, what.p, what.n) != NULL);
}

/* In a section of one of the kinds in `kinds`. */
static bool in_sections(struct str text, const char *kinds, struct str what)
{
	enum text_section kind;
	struct str section;

	while (text_section_next(&text, &kind, &section))
		if (ascii_is_one_of((char)kind, kinds) &&
		    contains(section, what))
			return true;
	return false;
}

/* The raw fields with this name in `header`. */
static bool in_fields(struct str header, struct str name, const struct cond *c,
                      struct arena *scratch)
{
	struct header_reader r = header_reader(header);
	struct header_field f;
	enum header_result got;

	while ((got = header_next(&r, &f)) != HEADER_END) {
		if (got != HEADER_FIELD || !str_eq_case(f.name, name))
			continue;
		if (c->text.n == 0 ||
		    contains(text_fold_dup(scratch,
		                           text_header(scratch, f.raw)),
		             c->text))
			return true;
	}
	return false;
}

/* "name: value" sections. */
static bool in_header_sections(struct str text, const struct cond *c)
{
	enum text_section kind;
	struct str section;

	while (text_section_next(&text, &kind, &section))
		if (kind == TEXT_HEADER && str_starts(section, c->header) &&
		    contains(str_from(section, c->header.n), c->text))
			return true;
	return false;
}

/* The kind of section that a field has for itself, or 0. */
static const char *own_section(struct str header)
{
	static const struct {
		struct str name;
		const char *kind;
	} own[] = {
		{ STR_INIT("subject:"), "s" }, { STR_INIT("from:"), "f" },
		{ STR_INIT("to:"), "t" },      { STR_INIT("cc:"), "c" },
		{ STR_INIT("bcc:"), "k" },
	};

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (str_eq(header, own[i].name))
			return own[i].kind;
	return NULL;
}

static enum answer ask_header(const struct cond *c, const struct subject *s,
                              struct arena *scratch)
{
	struct str name, fields;
	const char *own;

	if (c->header.n == 0)
		return ANSWER_NO;
	if (s->known < KNOWN_META)
		return ANSWER_UNKNOWN;
	name = str_to(c->header, c->header.n - 1);
	fields = meta_get(s->meta, META_FIELDS);
	if (in_fields(s->prefix, name, c, scratch))
		return ANSWER_YES;
	if (fields.p && meta_has_field(name))
		return answer(in_fields(fields, name, c, scratch));
	if (s->known < KNOWN_TEXT)
		return ANSWER_UNKNOWN;
	own = own_section(c->header);
	if (own && c->text.n && in_sections(s->text, own, c->text))
		return ANSWER_YES;
	if (in_header_sections(s->text, c))
		return ANSWER_YES;
	/* Signatures and what was cut are in the message alone. */
	if (s->known < KNOWN_ALL)
		return s->text_cut || str_starts(name, STR("arc-")) ||
		                       str_starts(name, STR("dkim-")) ||
		                       str_starts(name, STR("domainkey-")) ||
		                       own
		               ? ANSWER_UNKNOWN
		               : ANSWER_NO;
	return answer(in_fields(s->header, name, c, scratch));
}

/* What a field of its own says is often enough, and is at hand before the
 * text is unpacked.  That it says nothing means nothing: the text has the last
 * word. */
static bool found_early(const struct cond *c, const struct subject *s,
                        const char *kinds, struct arena *scratch)
{
	static const struct {
		const char *kinds;
		struct str name;
	} own[] = {
		{ "f", STR_INIT("From") },
		{ "t", STR_INIT("To") },
		{ "c", STR_INIT("Cc") },
		{ "k", STR_INIT("Bcc") },
	};

	if (!kinds || kinds[0] == 's')
		return contains(text_fold_dup(scratch,
		                              meta_get(s->meta, META_SUBJECT)),
		                c->text);
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (kinds[0] == own[i].kinds[0])
			return in_fields(meta_get(s->meta, META_FIELDS),
			                 own[i].name, c, scratch);
	return false;
}

static enum answer ask_text(const struct cond *c, const struct subject *s,
                            const char *kinds, struct arena *scratch)
{
	bool found;

	if (c->text.n == 0)
		return ANSWER_YES;
	if (s->known < KNOWN_META)
		return ANSWER_UNKNOWN;
	if (s->known < KNOWN_TEXT)
		return found_early(c, s, kinds, scratch) ? ANSWER_YES
		                                         : ANSWER_UNKNOWN;
	if (kinds)
		found = in_sections(s->text, kinds, c->text);
	else
		found = contains(s->text, c->text) ||
		        contains(text_fold_dup(scratch, s->prefix), c->text);
	if (!found && s->text_cut && s->known < KNOWN_ALL)
		return ANSWER_UNKNOWN;
	return answer(found);
}

static enum answer ask_sent(const struct cond *c, const struct subject *s)
{
	int64_t day;

	if (s->known < KNOWN_META)
		return ANSWER_UNKNOWN;
	/* Disregarding time and zone (RFC 9051, 6.4.4): as it is written. */
	day = s->has_sort && s->sort.has_sent
	              ? s->sort.sent_s + (int64_t)s->sort.sent_zone * 60
	              : s->m.received_s;
	return answer(c->q->op == QUERY_SENT_BEFORE ? day < c->q->time_s
	                                            : day >= c->q->time_s);
}

static enum answer ask_kids(const struct cond *c, const struct subject *s,
                            struct arena *scratch)
{
	enum answer stop = c->q->op == QUERY_AND ? ANSWER_NO : ANSWER_YES;
	bool unknown = false;

	for (const struct cond *kid = c->kids; kid; kid = kid->next) {
		enum answer a = cond_ask(kid, s, scratch);

		if (a == stop)
			return c->q->op == QUERY_NOT ? ANSWER_NO : stop;
		unknown |= a == ANSWER_UNKNOWN;
	}
	if (unknown)
		return ANSWER_UNKNOWN;
	return answer(c->q->op != QUERY_OR);
}

static enum answer ask_meta(const struct cond *c, const struct subject *s)
{
	if (s->known < KNOWN_META)
		return ANSWER_UNKNOWN;
	if (c->q->op == QUERY_EMAIL)
		return answer((uint64_t)s->email == c->q->number);
	if (c->q->op == QUERY_THREAD)
		return answer((uint64_t)s->thread == c->q->number);
	return answer(s->has_sort && s->sort.has_attachment);
}

static enum answer ask_places(const struct query *q, const struct subject *s)
{
	for (size_t i = 0; i < s->places_n; i++) {
		bool listed = false;

		if (q->op == QUERY_IN_MAILBOX) {
			if (s->places[i] == q->number)
				return ANSWER_YES;
			continue;
		}
		for (size_t k = 0; k < q->numbers_n && !listed; k++)
			listed = q->numbers[k] == s->places[i];
		if (!listed)
			return ANSWER_YES;
	}
	return ANSWER_NO;
}

enum answer cond_ask(const struct cond *c, const struct subject *s,
                     struct arena *scratch)
{
	const struct query *q = c->q;
	const struct member *m = &s->m;

	switch (q->op) {
	case QUERY_AND:
	case QUERY_OR:
	case QUERY_NOT: return ask_kids(c, s, scratch);
	case QUERY_FLAGS:
		return answer((m->flags & q->flags_all) == q->flags_all &&
		              !(m->flags & q->flags_none));
	case QUERY_UIDS: return answer(uidset_has(q->uids, m->uid));
	case QUERY_LARGER: return answer((uint64_t)m->size > q->number);
	case QUERY_SMALLER: return answer((uint64_t)m->size < q->number);
	case QUERY_MODSEQ: return answer((uint64_t)m->modseq >= q->number);
	case QUERY_INTERNAL_BEFORE: return answer(m->received_s < q->time_s);
	case QUERY_INTERNAL_SINCE: return answer(m->received_s >= q->time_s);
	case QUERY_SAVED_BEFORE: return answer(m->saved_s < q->time_s);
	case QUERY_SAVED_SINCE: return answer(m->saved_s >= q->time_s);
	case QUERY_SENT_BEFORE:
	case QUERY_SENT_SINCE: return ask_sent(c, s);
	case QUERY_EMAIL:
	case QUERY_THREAD:
	case QUERY_HAS_ATTACHMENT: return ask_meta(c, s);
	case QUERY_HEADER: return ask_header(c, s, scratch);
	case QUERY_FROM: return ask_text(c, s, "f", scratch);
	case QUERY_TO: return ask_text(c, s, "t", scratch);
	case QUERY_CC: return ask_text(c, s, "c", scratch);
	case QUERY_BCC: return ask_text(c, s, "k", scratch);
	case QUERY_SUBJECT: return ask_text(c, s, "s", scratch);
	case QUERY_BODY: return ask_text(c, s, "bna", scratch);
	case QUERY_TEXT: return ask_text(c, s, NULL, scratch);
	case QUERY_IN_MAILBOX:
	case QUERY_IN_OTHER: return ask_places(q, s);
	case QUERY_THREAD_ALL:
		return answer((s->thread_all & q->flags_all) == q->flags_all);
	case QUERY_THREAD_ANY:
		return answer((s->thread_any & q->flags_all) == q->flags_all);
	}
	return ANSWER_NO;
}
