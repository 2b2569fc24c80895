#include "wire/imap/search.h"

#include <assert.h>

#include "wire/imap/date.h"
#include "wire/imap/write.h"

enum args {
	NONE,
	FLAG_ON,  /* value is the flag */
	FLAG_OFF, /* likewise, not set */
	WORD,     /* KEYWORD: an atom */
	NOT_WORD, /* UNKEYWORD */
	DAY,
	NUMBER,
	NUMBER_NZ,
	NUMBER64,
	FIELD, /* HEADER name with the key's own name: a string follows */
	NAMED, /* HEADER: name and string follow */
	STRING,
	OBJECT, /* an objectid */
	SET,    /* UID */
	MODSEQ,
	NEW_OLD,
};

static const struct key {
	struct str name;
	enum imap_search_op op;
	enum args args;
	uint32_t value;
} keys[] = {
	{ STR_INIT("ALL"), IMAP_S_ALL, NONE, 0 },
	{ STR_INIT("ANSWERED"), IMAP_S_FLAG, FLAG_ON, IMAP_ANSWERED },
	{ STR_INIT("BCC"), IMAP_S_HEADER, FIELD, 0 },
	{ STR_INIT("BEFORE"), IMAP_S_BEFORE, DAY, 0 },
	{ STR_INIT("BODY"), IMAP_S_BODY, STRING, 0 },
	{ STR_INIT("CC"), IMAP_S_HEADER, FIELD, 0 },
	{ STR_INIT("DELETED"), IMAP_S_FLAG, FLAG_ON, IMAP_DELETED },
	{ STR_INIT("DRAFT"), IMAP_S_FLAG, FLAG_ON, IMAP_DRAFT },
	{ STR_INIT("EMAILID"), IMAP_S_EMAILID, OBJECT, 0 },
	{ STR_INIT("FLAGGED"), IMAP_S_FLAG, FLAG_ON, IMAP_FLAGGED },
	{ STR_INIT("FROM"), IMAP_S_HEADER, FIELD, 0 },
	{ STR_INIT("HEADER"), IMAP_S_HEADER, NAMED, 0 },
	{ STR_INIT("KEYWORD"), IMAP_S_KEYWORD, WORD, 0 },
	{ STR_INIT("LARGER"), IMAP_S_LARGER, NUMBER64, 0 },
	{ STR_INIT("MODSEQ"), IMAP_S_MODSEQ, MODSEQ, 0 },
	{ STR_INIT("NEW"), IMAP_S_AND, NEW_OLD, 1 },
	{ STR_INIT("OLD"), IMAP_S_NOT, NEW_OLD, 0 },
	{ STR_INIT("OLDER"), IMAP_S_OLDER, NUMBER_NZ, 0 },
	{ STR_INIT("ON"), IMAP_S_ON, DAY, 0 },
	{ STR_INIT("RECENT"), IMAP_S_FLAG, FLAG_ON, IMAP_RECENT },
	{ STR_INIT("SAVEDATESUPPORTED"), IMAP_S_SAVEDATESUPPORTED, NONE, 0 },
	{ STR_INIT("SAVEDBEFORE"), IMAP_S_SAVEDBEFORE, DAY, 0 },
	{ STR_INIT("SAVEDON"), IMAP_S_SAVEDON, DAY, 0 },
	{ STR_INIT("SAVEDSINCE"), IMAP_S_SAVEDSINCE, DAY, 0 },
	{ STR_INIT("SEEN"), IMAP_S_FLAG, FLAG_ON, IMAP_SEEN },
	{ STR_INIT("SENTBEFORE"), IMAP_S_SENTBEFORE, DAY, 0 },
	{ STR_INIT("SENTON"), IMAP_S_SENTON, DAY, 0 },
	{ STR_INIT("SENTSINCE"), IMAP_S_SENTSINCE, DAY, 0 },
	{ STR_INIT("SINCE"), IMAP_S_SINCE, DAY, 0 },
	{ STR_INIT("SMALLER"), IMAP_S_SMALLER, NUMBER64, 0 },
	{ STR_INIT("SUBJECT"), IMAP_S_HEADER, FIELD, 0 },
	{ STR_INIT("TEXT"), IMAP_S_TEXT, STRING, 0 },
	{ STR_INIT("THREADID"), IMAP_S_THREADID, OBJECT, 0 },
	{ STR_INIT("TO"), IMAP_S_HEADER, FIELD, 0 },
	{ STR_INIT("UID"), IMAP_S_UID, SET, 0 },
	{ STR_INIT("UNANSWERED"), IMAP_S_FLAG, FLAG_OFF, IMAP_ANSWERED },
	{ STR_INIT("UNDELETED"), IMAP_S_FLAG, FLAG_OFF, IMAP_DELETED },
	{ STR_INIT("UNDRAFT"), IMAP_S_FLAG, FLAG_OFF, IMAP_DRAFT },
	{ STR_INIT("UNFLAGGED"), IMAP_S_FLAG, FLAG_OFF, IMAP_FLAGGED },
	{ STR_INIT("UNKEYWORD"), IMAP_S_KEYWORD, NOT_WORD, 0 },
	{ STR_INIT("UNSEEN"), IMAP_S_FLAG, FLAG_OFF, IMAP_SEEN },
	{ STR_INIT("YOUNGER"), IMAP_S_YOUNGER, NUMBER_NZ, 0 },
};

#define KEYS (sizeof(keys) / sizeof(keys[0]))

struct reader {
	struct imap_parser *p;
	struct imap_search_program *out;
	unsigned depth, count;
};

static bool parse_key(struct reader *r, struct imap_search *s);

static struct imap_search *new_node(struct reader *r)
{
	return arena_zalloc(r->p->arena, sizeof(struct imap_search));
}

/* Wrap what *s is into NOT. */
static void negate(struct reader *r, struct imap_search *s)
{
	struct imap_search *child = new_node(r);

	*child = *s;
	child->next = NULL;
	*s = (struct imap_search){ .op = IMAP_S_NOT, .children = child };
}

/* search-key *(SP search-key), up to `end` or the end of the command. */
static bool parse_keys(struct reader *r, struct imap_search *s, bool in_parens)
{
	struct imap_search **tail = &s->children, *key;

	s->op = IMAP_S_AND;
	do {
		/* A blank at the end of the line is nothing. */
		if (!in_parens && r->p->in.n == 0 && s->children)
			break;
		key = new_node(r);
		*tail = key;
		if (!parse_key(r, key))
			return false;
		tail = &key->next;
	} while (imap_accept(r->p, ' '));
	if (in_parens && !imap_parse_char(r->p, ')'))
		return false;
	assert(s->children);
	if (!s->children->next) {
		struct imap_search *next = s->next;

		*s = *s->children;
		s->next = next;
	}
	return true;
}

static bool parse_not(struct reader *r, struct imap_search *s)
{
	s->op = IMAP_S_NOT;
	s->children = new_node(r);
	return imap_parse_sp(r->p) && parse_key(r, s->children);
}

static bool parse_or(struct reader *r, struct imap_search *s)
{
	s->op = IMAP_S_OR;
	s->children = new_node(r);
	s->children->next = new_node(r);
	return imap_parse_sp(r->p) && parse_key(r, s->children) &&
	       imap_parse_sp(r->p) && parse_key(r, s->children->next);
}

/* NEW is (RECENT UNSEEN), OLD is NOT RECENT. */
static void make_new_or_old(struct reader *r, struct imap_search *s,
                            bool is_new)
{
	struct imap_search *recent = new_node(r);

	*recent =
		(struct imap_search){ .op = IMAP_S_FLAG, .flag = IMAP_RECENT };
	s->children = recent;
	if (!is_new)
		return;
	recent->next = new_node(r);
	*recent->next =
		(struct imap_search){ .op = IMAP_S_FLAG, .flag = IMAP_SEEN };
	negate(r, recent->next);
}

/* "MODSEQ" [SP entry-name SP entry-type-req] SP mod-sequence-valzer */
static bool parse_modseq(struct reader *r, struct imap_search *s)
{
	struct str entry;

	r->out->has_modseq = true;
	if (imap_peek(r->p, '"')) {
		if (!imap_parse_string(r->p, &entry) || !imap_parse_sp(r->p))
			return false;
		/* Flags have no modseq of their own here, which RFC 7162,
		 * 3.1.5 allows: the message's is compared. */
		if (!imap_accept_word(r->p, STR("priv")) &&
		    !imap_accept_word(r->p, STR("shared")) &&
		    !imap_accept_word(r->p, STR("all")))
			return imap_parse_fail(r->p, "Bad entry type");
		if (!imap_parse_sp(r->p))
			return false;
	}
	return imap_parse_number64(r->p, &s->number);
}

static bool parse_small_number(struct reader *r, struct imap_search *s, bool nz)
{
	uint32_t n;

	if (nz ? !imap_parse_nz_number(r->p, &n) : !imap_parse_number(r->p, &n))
		return false;
	s->number = n;
	return true;
}

static bool parse_args(struct reader *r, struct imap_search *s,
                       const struct key *k)
{
	struct imap_parser *p = r->p;

	switch (k->args) {
	case NONE: return true;
	case FLAG_ON: s->flag = k->value; return true;
	case FLAG_OFF:
		s->flag = k->value;
		negate(r, s);
		return true;
	case NEW_OLD: make_new_or_old(r, s, k->value != 0); return true;
	case WORD:
	case NOT_WORD:
	case DAY:
	case NUMBER:
	case NUMBER_NZ:
	case NUMBER64:
	case FIELD:
	case NAMED:
	case STRING:
	case OBJECT:
	case SET:
	case MODSEQ: break;
	}
	if (!imap_parse_sp(p))
		return false;
	switch (k->args) {
	case WORD: return imap_parse_atom(p, &s->text);
	case NOT_WORD:
		if (!imap_parse_atom(p, &s->text))
			return false;
		negate(r, s);
		return true;
	case DAY: return imap_parse_date(p, &s->day);
	case NUMBER: return parse_small_number(r, s, false);
	case NUMBER_NZ: return parse_small_number(r, s, true);
	case NUMBER64: return imap_parse_number64(p, &s->number);
	case FIELD: s->name = k->name; return imap_parse_astring(p, &s->text);
	case NAMED:
		return imap_parse_astring(p, &s->name) && imap_parse_sp(p) &&
		       imap_parse_astring(p, &s->text);
	case STRING:
	case OBJECT: return imap_parse_astring(p, &s->text);
	case SET: return imap_parse_seqset(p, &s->set);
	case MODSEQ: return parse_modseq(r, s);
	case NONE:
	case FLAG_ON:
	case FLAG_OFF:
	case NEW_OLD: break;
	}
	return false;
}

static bool parse_named(struct reader *r, struct imap_search *s)
{
	if (imap_accept_word(r->p, STR("NOT")))
		return parse_not(r, s);
	if (imap_accept_word(r->p, STR("OR")))
		return parse_or(r, s);
	for (size_t i = 0; i < KEYS; i++) {
		if (!imap_accept_word(r->p, keys[i].name))
			continue;
		s->op = keys[i].op;
		return parse_args(r, s, &keys[i]);
	}
	return imap_parse_fail(r->p, "Unknown search key");
}

static bool parse_key_at(struct reader *r, struct imap_search *s)
{
	struct imap_parser *p = r->p;

	if (imap_accept(p, '('))
		return parse_keys(r, s, true);
	if (p->in.n > 0 && (ascii_is_digit(p->in.p[0]) || p->in.p[0] == '*' ||
	                    p->in.p[0] == '$')) {
		s->op = IMAP_S_SEQ;
		return imap_parse_seqset(p, &s->set);
	}
	return parse_named(r, s);
}

static bool parse_key(struct reader *r, struct imap_search *s)
{
	bool ok;

	if (r->depth == IMAP_DEPTH_MAX)
		return imap_parse_fail(r->p, "Search nested too deeply");
	if (++r->count > IMAP_SEARCH_KEYS_MAX)
		return imap_parse_fail(r->p, "Too many search keys");
	r->depth++;
	ok = parse_key_at(r, s);
	r->depth--;
	return ok;
}

static const struct {
	struct str name;
	uint32_t bit;
} results[] = {
	{ STR_INIT("MIN"), IMAP_RETURN_MIN },
	{ STR_INIT("MAX"), IMAP_RETURN_MAX },
	{ STR_INIT("ALL"), IMAP_RETURN_ALL },
	{ STR_INIT("COUNT"), IMAP_RETURN_COUNT },
	{ STR_INIT("SAVE"), IMAP_RETURN_SAVE },
};

/* "RETURN (" [option *(SP option)] ")" SP */
static bool parse_return(struct imap_parser *p, struct imap_search_program *out)
{
	out->has_return = true;
	if (!imap_parse_sp(p) || !imap_parse_char(p, '('))
		return false;
	while (!imap_peek(p, ')')) {
		size_t i = 0, n = sizeof(results) / sizeof(results[0]);

		while (i < n && !imap_accept_word(p, results[i].name))
			i++;
		if (i == n)
			return imap_parse_fail(p, "Unknown RETURN option");
		out->results |= results[i].bit;
		if (!imap_accept(p, ' '))
			break;
	}
	if (!out->results)
		out->results = IMAP_RETURN_ALL;
	return imap_parse_char(p, ')') && imap_parse_sp(p);
}

bool imap_parse_search(struct imap_parser *p, struct imap_search_program *out)
{
	struct imap_search_program prog = { 0 };
	struct reader r = { .p = p, .out = &prog };

	if (imap_accept_word(p, STR("RETURN")) && !parse_return(p, &prog))
		return false;
	if (imap_accept_word(p, STR("CHARSET"))) {
		if (!imap_parse_sp(p) ||
		    !imap_parse_astring(p, &prog.charset) || !imap_parse_sp(p))
			return false;
	}
	prog.root = new_node(&r);
	if (!parse_keys(&r, prog.root, false) || !imap_parse_end(p))
		return false;
	*out = prog;
	return true;
}

static const struct key *key_of(const struct imap_search *s)
{
	for (size_t i = 0; i < KEYS; i++) {
		if (keys[i].op != s->op || keys[i].args == FLAG_OFF ||
		    keys[i].args == NOT_WORD || keys[i].args == FIELD ||
		    keys[i].args == NEW_OLD)
			continue;
		if (s->op != IMAP_S_FLAG || keys[i].value == s->flag)
			return &keys[i];
	}
	return NULL;
}

static void write_children(struct buf *b, const struct imap_search *s)
{
	for (const struct imap_search *c = s->children; c; c = c->next) {
		if (c != s->children)
			buf_add_c(b, ' ');
		imap_search_write(b, c);
	}
}

static void write_set(struct buf *b, const struct imap_seqset *s)
{
	if (s->saved)
		buf_add_c(b, '$');
	for (size_t i = 0; i < s->n; i++) {
		if (i > 0)
			buf_add_c(b, ',');
		if (s->r[i].first == IMAP_STAR)
			buf_add_c(b, '*');
		else
			buf_add_u64(b, s->r[i].first);
		if (s->r[i].first == s->r[i].last)
			continue;
		buf_add_c(b, ':');
		if (s->r[i].last == IMAP_STAR)
			buf_add_c(b, '*');
		else
			buf_add_u64(b, s->r[i].last);
	}
}

static void write_leaf(struct buf *b, const struct imap_search *s)
{
	const struct key *k = key_of(s);

	if (s->op == IMAP_S_SEQ) {
		write_set(b, &s->set);
		return;
	}
	if (!k)
		return;
	buf_add(b, k->name);
	if (k->args == NONE || k->args == FLAG_ON)
		return;
	buf_add_c(b, ' ');
	if (k->args == SET) {
		write_set(b, &s->set);
	} else if (k->args == DAY) {
		imap_write_date(b, s->day);
	} else if (k->args == WORD) {
		buf_add(b, s->text);
	} else if (k->args == NAMED) {
		imap_write_astring(b, s->name);
		buf_add_c(b, ' ');
		imap_write_astring(b, s->text);
	} else if (k->args == STRING || k->args == OBJECT) {
		imap_write_astring(b, s->text);
	} else {
		buf_add_u64(b, s->number);
	}
}

void imap_search_write(struct buf *b, const struct imap_search *s)
{
	if (s->op == IMAP_S_AND) {
		buf_add_c(b, '(');
		write_children(b, s);
		buf_add_c(b, ')');
	} else if (s->op == IMAP_S_OR || s->op == IMAP_S_NOT) {
		buf_add_z(b, s->op == IMAP_S_OR ? "OR " : "NOT ");
		write_children(b, s);
	} else {
		write_leaf(b, s);
	}
}
