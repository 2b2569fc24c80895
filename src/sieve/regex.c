#include "sieve/regex.h"

#include <string.h>

#include "base/mem.h"

#define DEPTH_MAX   50
#define REPEATS_MAX 3 /* "x*+?" of one thing */
#define GROUPS      9 /* that are remembered */
#define SAVES       (2 * (GROUPS + 1))

enum node_kind {
	NODE_EMPTY,
	NODE_SET,
	NODE_BEGIN,
	NODE_END,
	NODE_CAT,
	NODE_OR,
	NODE_REPEAT,
	NODE_GROUP
};

struct set {
	unsigned char bits[32];
	bool wide; /* and the rest of a character behind its first byte */
};

struct node {
	enum node_kind kind;
	struct node *a, *b;
	struct set *set;
	unsigned min, max; /* REPEAT; max UINT_MAX: any number */
	unsigned group;
};

enum op { OP_SET, OP_SPLIT, OP_JUMP, OP_SAVE, OP_BEGIN, OP_END, OP_MATCH };

struct code {
	enum op op;
	unsigned x, y; /* where to, first x; SAVE: the slot */
	const struct set *set;
};

struct sieve_regex {
	struct code *code;
	unsigned n;
	unsigned saves;
};

#define MANY (~0u)

struct parser {
	struct arena *a;
	struct str in;
	bool fold;
	unsigned groups, depth;
	const char *why;
};

/* ---- sets ---- */

static void set_add(struct set *s, unsigned char c, bool fold)
{
	s->bits[c >> 3] |= (unsigned char)(1u << (c & 7));
	if (fold && ascii_is_alpha((char)c)) {
		c ^= 0x20;
		s->bits[c >> 3] |= (unsigned char)(1u << (c & 7));
	}
}

static bool set_has(const struct set *s, unsigned char c)
{
	return s->bits[c >> 3] >> (c & 7) & 1;
}

/* All first bytes that are not in it: 0x80 to 0xbf begin no character. */
static void set_negate(struct set *s)
{
	for (unsigned c = 0; c < 256; c++) {
		unsigned char bit = (unsigned char)(1u << (c & 7));

		if (c >= 0x80 && c < 0xc0)
			s->bits[c >> 3] &= (unsigned char)~bit;
		else
			s->bits[c >> 3] ^= bit;
	}
	s->wide = true;
}

/* ---- parsing ---- */

static struct node *node(struct parser *p, enum node_kind kind, struct node *a,
                         struct node *b)
{
	struct node *n = arena_zalloc(p->a, sizeof(*n));

	n->kind = kind;
	n->a = a;
	n->b = b;
	return n;
}

static struct node *wrong(struct parser *p, const char *why)
{
	if (!p->why)
		p->why = why;
	return node(p, NODE_EMPTY, NULL, NULL);
}

static bool peek(const struct parser *p, char c)
{
	return p->in.n > 0 && p->in.p[0] == c;
}

static char take(struct parser *p)
{
	char c = p->in.p[0];

	p->in = str_from(p->in, 1);
	return c;
}

static struct node *one_char(struct parser *p, char c)
{
	struct node *n = node(p, NODE_SET, NULL, NULL);

	n->set = arena_zalloc(p->a, sizeof(*n->set));
	set_add(n->set, (unsigned char)c, p->fold);
	return n;
}

static bool in_class(struct str name, unsigned char c)
{
	bool alpha = ascii_is_alpha((char)c), digit = ascii_is_digit((char)c);
	bool print = c >= 32 && c < 127;

	if (str_eq(name, STR("alpha")))
		return alpha;
	if (str_eq(name, STR("digit")))
		return digit;
	if (str_eq(name, STR("alnum")))
		return alpha || digit;
	if (str_eq(name, STR("upper")))
		return c >= 'A' && c <= 'Z';
	if (str_eq(name, STR("lower")))
		return c >= 'a' && c <= 'z';
	if (str_eq(name, STR("space")))
		return c == ' ' || (c >= 9 && c <= 13);
	if (str_eq(name, STR("blank")))
		return c == ' ' || c == '\t';
	if (str_eq(name, STR("punct")))
		return print && c != ' ' && !alpha && !digit;
	if (str_eq(name, STR("print")))
		return print;
	if (str_eq(name, STR("graph")))
		return print && c != ' ';
	if (str_eq(name, STR("cntrl")))
		return c < 32 || c == 127;
	if (str_eq(name, STR("xdigit")))
		return ascii_hex((char)c) >= 0;
	return false;
}

/* "[:alpha:]", at its "[:". */
static bool class(struct parser *p, struct set *s)
{
	size_t end = str_find(p->in, STR(":]"));
	bool any = false;
	struct str name;

	if (end == STR_NPOS)
		return false;
	name = (struct str){ p->in.p + 2, end - 2 };
	for (unsigned c = 0; c < 128; c++)
		if (in_class(name, (unsigned char)c)) {
			set_add(s, (unsigned char)c, p->fold);
			any = true;
		}
	p->in = str_from(p->in, end + 2);
	return any;
}

static struct node *bracket(struct parser *p)
{
	struct node *n = node(p, NODE_SET, NULL, NULL);
	bool negated = false, first = true;

	n->set = arena_zalloc(p->a, sizeof(*n->set));
	if (peek(p, '^')) {
		(void)take(p);
		negated = true;
	}
	for (;; first = false) {
		unsigned char from, to;

		if (p->in.n == 0)
			return wrong(p, "a \"[\" has no \"]\"");
		if (str_starts(p->in, STR("[:"))) {
			if (!class(p, n->set))
				return wrong(p, "no such class in brackets");
			continue;
		}
		if (str_starts(p->in, STR("[=")) ||
		    str_starts(p->in, STR("[.")))
			return wrong(p, "\"[=\" and \"[.\" are not here");
		from = to = (unsigned char)take(p);
		if (from == ']' && !first)
			break;
		if (p->in.n > 1 && p->in.p[0] == '-' && p->in.p[1] != ']') {
			(void)take(p);
			to = (unsigned char)take(p);
		}
		if (from > 127 || to > 127)
			return wrong(p, "brackets take ASCII alone");
		if (from > to)
			return wrong(p, "a range goes backwards");
		for (unsigned c = from; c <= to; c++)
			set_add(n->set, (unsigned char)c, p->fold);
	}
	if (negated)
		set_negate(n->set);
	return n;
}

static struct node *either(struct parser *p);

static struct node *group(struct parser *p)
{
	unsigned number = ++p->groups;
	struct node *n;

	if (++p->depth > DEPTH_MAX)
		return wrong(p, "it is nested too deep");
	n = node(p, NODE_GROUP, either(p), NULL);
	n->group = number;
	p->depth--;
	if (!peek(p, ')'))
		return wrong(p, "a \"(\" has no \")\"");
	(void)take(p);
	return n;
}

static struct node *atom(struct parser *p)
{
	struct node *n;
	char c = take(p);

	switch (c) {
	case '(': return group(p);
	case '[': return bracket(p);
	case '^': return node(p, NODE_BEGIN, NULL, NULL);
	case '$': return node(p, NODE_END, NULL, NULL);
	case '.':
		n = node(p, NODE_SET, NULL, NULL);
		n->set = arena_zalloc(p->a, sizeof(*n->set));
		set_negate(n->set);
		return n;
	case '*':
	case '+':
	case '?':
	case '{': return wrong(p, "there is nothing to repeat");
	case '\\':
		if (p->in.n == 0)
			return wrong(p, "a backslash ends it");
		if (ascii_is_digit(p->in.p[0]) || ascii_is_alpha(p->in.p[0]))
			return wrong(p, "a backslash makes no letter special");
		return one_char(p, take(p));
	default: return one_char(p, c);
	}
}

static bool number(struct parser *p, unsigned *out)
{
	unsigned n = 0;

	if (p->in.n == 0 || !ascii_is_digit(p->in.p[0]))
		return false;
	while (p->in.n && ascii_is_digit(p->in.p[0])) {
		n = n * 10 + (unsigned)(take(p) - '0');
		if (n > REGEX_REPEAT_MAX)
			return false;
	}
	*out = n;
	return true;
}

/* "{2}", "{2,}", "{2,5}", behind the brace. */
static bool bounds(struct parser *p, unsigned *min, unsigned *max)
{
	if (!number(p, min))
		return false;
	*max = *min;
	if (peek(p, ',')) {
		(void)take(p);
		*max = MANY;
		if (!peek(p, '}') && !number(p, max))
			return false;
	}
	if (!peek(p, '}') || *max < *min)
		return false;
	(void)take(p);
	return true;
}

static struct node *piece(struct parser *p)
{
	struct node *n = atom(p), *r;
	unsigned times = 0;

	while (p->in.n && ascii_is_one_of(p->in.p[0], "*+?{") && !p->why) {
		char c = take(p);

		r = node(p, NODE_REPEAT, n, NULL);
		r->min = c == '+';
		r->max = c == '?' ? 1 : MANY;
		if (c == '{' && !bounds(p, &r->min, &r->max))
			return wrong(p,
			             "a repetition is {number}, at most 255");
		if (++times > REPEATS_MAX)
			return wrong(p, "it is nested too deep");
		n = r;
	}
	return n;
}

/* Both lists grow at their right end, so that the tree is as deep as it is
 * nested, and no deeper. */
static struct node *sequence(struct parser *p)
{
	struct node *first = node(p, NODE_EMPTY, NULL, NULL);
	struct node **tail = &first;

	while (p->in.n && !peek(p, '|') && !peek(p, ')') && !p->why) {
		*tail = node(p, NODE_CAT, piece(p), *tail);
		tail = &(*tail)->b;
	}
	return first;
}

static struct node *either(struct parser *p)
{
	struct node *first = sequence(p);
	struct node **tail = &first;

	while (peek(p, '|') && !p->why) {
		(void)take(p);
		*tail = node(p, NODE_OR, *tail, sequence(p));
		tail = &(*tail)->b;
	}
	return first;
}

/* ---- the program ---- */

struct emitter {
	struct code *code;
	unsigned n;
	bool full;
	const struct set *tail; /* 0x80 to 0xbf */
};

static unsigned emit(struct emitter *e, enum op op, unsigned x, unsigned y,
                     const struct set *set)
{
	if (e->n == REGEX_CODE_MAX) {
		e->full = true;
		return 0;
	}
	e->code[e->n] = (struct code){ op, x, y, set };
	return e->n++;
}

static void emit_node(struct emitter *e, const struct node *n);

/* x*: L1: split L2, L3; L2: x; jump L1; L3 */
static void emit_star(struct emitter *e, const struct node *x)
{
	unsigned split = emit(e, OP_SPLIT, 0, 0, NULL);

	e->code[split].x = e->n;
	emit_node(e, x);
	(void)emit(e, OP_JUMP, split, 0, NULL);
	e->code[split].y = e->n;
}

static void emit_repeat(struct emitter *e, const struct node *n)
{
	unsigned last = MANY, split;

	for (unsigned i = 0; i < n->min && !e->full; i++)
		emit_node(e, n->a);
	if (n->max == MANY) {
		emit_star(e, n->a);
		return;
	}
	for (unsigned i = n->min; i < n->max && !e->full; i++) {
		/* All lead to the end; until it is known they are a chain. */
		split = emit(e, OP_SPLIT, 0, last, NULL);
		e->code[split].x = e->n;
		last = split;
		emit_node(e, n->a);
	}
	while (last != MANY && !e->full) {
		split = last;
		last = e->code[split].y;
		e->code[split].y = e->n;
	}
}

static void emit_set(struct emitter *e, const struct set *set)
{
	unsigned split;

	(void)emit(e, OP_SET, 0, 0, set);
	if (!set->wide)
		return;
	split = emit(e, OP_SPLIT, 0, 0, NULL);
	e->code[split].x = e->n;
	(void)emit(e, OP_SET, 0, 0, e->tail);
	(void)emit(e, OP_JUMP, split, 0, NULL);
	e->code[split].y = e->n;
}

static void emit_or(struct emitter *e, const struct node *n)
{
	unsigned split = emit(e, OP_SPLIT, 0, 0, NULL), jump;

	e->code[split].x = e->n;
	emit_node(e, n->a);
	jump = emit(e, OP_JUMP, 0, 0, NULL);
	e->code[split].y = e->n;
	emit_node(e, n->b);
	e->code[jump].x = e->n;
}

static void emit_node(struct emitter *e, const struct node *n)
{
	if (e->full)
		return;
	switch (n->kind) {
	case NODE_EMPTY: return;
	case NODE_SET: emit_set(e, n->set); return;
	case NODE_BEGIN: (void)emit(e, OP_BEGIN, 0, 0, NULL); return;
	case NODE_END: (void)emit(e, OP_END, 0, 0, NULL); return;
	case NODE_CAT:
		for (; n->kind == NODE_CAT; n = n->b)
			emit_node(e, n->a);
		return;
	case NODE_OR: emit_or(e, n); return;
	case NODE_REPEAT: emit_repeat(e, n); return;
	case NODE_GROUP:
		if (n->group <= GROUPS)
			(void)emit(e, OP_SAVE, 2 * n->group, 0, NULL);
		emit_node(e, n->a);
		if (n->group <= GROUPS)
			(void)emit(e, OP_SAVE, 2 * n->group + 1, 0, NULL);
		return;
	}
}

const struct sieve_regex *sieve_regex_compile(struct arena *a,
                                              struct str pattern, bool fold,
                                              const char **why)
{
	struct parser p = { .a = a, .in = pattern, .fold = fold };
	struct sieve_regex *re = arena_zalloc(a, sizeof(*re));
	struct set *tail = arena_zalloc(a, sizeof(*tail));
	struct emitter e = { .tail = tail };
	struct node *n;

	for (unsigned c = 0x80; c < 0xc0; c++)
		set_add(tail, (unsigned char)c, false);
	if (pattern.n > REGEX_CODE_MAX)
		p.why = "it is too long";
	n = p.why ? NULL : either(&p);
	if (!p.why && p.in.n)
		p.why = "a \")\" has no \"(\"";
	if (!p.why) {
		e.code = arena_array(a, REGEX_CODE_MAX, sizeof(*e.code));
		(void)emit(&e, OP_SAVE, 0, 0, NULL);
		emit_node(&e, n);
		(void)emit(&e, OP_SAVE, 1, 0, NULL);
		(void)emit(&e, OP_MATCH, 0, 0, NULL);
		if (e.full)
			p.why = "it is too long";
	}
	if (p.why) {
		*why = p.why;
		return NULL;
	}
	re->code = e.code;
	re->n = e.n;
	re->saves = 2 * ((p.groups < GROUPS ? p.groups : GROUPS) + 1);
	return re;
}

/* ---- running ---- */

/* The possibilities at one place of the text, the best first. */
struct threads {
	unsigned *pc;
	size_t *saves; /* `re->saves` for each */
	unsigned n;
};

struct machine {
	const struct sieve_regex *re;
	struct str text;
	unsigned *mark; /* by instruction: at which place it was added, + 1 */
	unsigned *stack;
	size_t *stack_saves; /* of each */
	uint64_t *budget;
	size_t at;
};

/* Follow all that takes no character, in order of priority. */
static bool add(struct machine *m, struct threads *t, unsigned pc,
                const size_t *saves)
{
	const struct sieve_regex *re = m->re;
	unsigned depth = 0, k = re->saves;

	m->stack[depth] = pc;
	memcpy(m->stack_saves, saves, k * sizeof(*saves));
	depth++;
	while (depth > 0) {
		size_t *own = m->stack_saves + (size_t)(depth - 1) * k;
		const struct code *c = &re->code[m->stack[depth - 1]];
		unsigned now = m->stack[depth - 1];

		if (*m->budget == 0)
			return false;
		(*m->budget)--;
		if (m->mark[now] == m->at + 1) {
			depth--;
			continue;
		}
		m->mark[now] = (unsigned)(m->at + 1);
		switch (c->op) {
		case OP_JUMP: m->stack[depth - 1] = c->x; continue;
		case OP_SPLIT: /* the second waits below the first */
			m->stack[depth - 1] = c->y;
			m->stack[depth] = c->x;
			memcpy(own + k, own, k * sizeof(*own));
			depth++;
			continue;
		case OP_SAVE:
			own[c->x] = m->at;
			m->stack[depth - 1] = now + 1;
			continue;
		case OP_BEGIN:
		case OP_END:
			if (m->at == (c->op == OP_BEGIN ? 0 : m->text.n))
				m->stack[depth - 1] = now + 1;
			else
				depth--;
			continue;
		case OP_SET:
		case OP_MATCH:
			t->pc[t->n] = now;
			memcpy(t->saves + (size_t)t->n * k, own,
			       k * sizeof(*own));
			t->n++;
			depth--;
			continue;
		}
	}
	return true;
}

/* One place: 1 when a possibility ended in a match, which is kept. */
static int step(struct machine *m, struct threads *now, struct threads *next,
                size_t *matched)
{
	unsigned k = m->re->saves;
	unsigned char c =
		m->at < m->text.n ? (unsigned char)m->text.p[m->at] : 0;
	size_t here = m->at;
	bool found = false;

	next->n = 0;
	m->at++;
	for (unsigned i = 0; i < now->n && !found; i++) {
		const struct code *code = &m->re->code[now->pc[i]];
		const size_t *saves = now->saves + (size_t)i * k;

		if (code->op == OP_MATCH) {
			memcpy(matched, saves, k * sizeof(*matched));
			found = true; /* all behind it are worse */
		} else if (here < m->text.n && set_has(code->set, c) &&
		           !add(m, next, now->pc[i] + 1, saves)) {
			return -1;
		}
	}
	return found;
}

static int run(struct machine *m, struct threads list[2], size_t *matched)
{
	size_t none[SAVES];
	unsigned now = 0;
	int found = 0;

	for (unsigned i = 0; i < SAVES; i++)
		none[i] = SIZE_MAX;
	for (;;) {
		int rc;

		/* It may begin here, unless it began before. */
		if (!found && !add(m, &list[now], 0, none))
			return -1;
		if (list[now].n == 0 && (found || m->at == m->text.n))
			return found;
		rc = step(m, &list[now], &list[!now], matched);
		if (rc < 0)
			return -1;
		found |= rc;
		if (m->at > m->text.n)
			return found;
		now = !now;
	}
}

int sieve_regex_match(const struct sieve_regex *re, struct str text,
                      uint64_t *budget, struct sieve_captures *caps)
{
	struct machine m = { .re = re, .text = text, .budget = budget };
	size_t matched[SAVES], k = re->saves, depth = (size_t)re->n + 1;
	struct threads list[2];
	int rc;

	m.mark = mem_array(re->n, sizeof(*m.mark));
	m.stack = mem_array(depth, sizeof(*m.stack));
	m.stack_saves = mem_array(depth * k, sizeof(*m.stack_saves));
	for (int i = 0; i < 2; i++) {
		list[i].pc = mem_array(re->n, sizeof(*list[i].pc));
		list[i].saves = mem_array(re->n * k, sizeof(*list[i].saves));
		list[i].n = 0;
	}
	rc = run(&m, list, matched);
	if (rc > 0 && caps) {
		caps->n = k / 2;
		for (size_t i = 0; i < k / 2; i++)
			caps->v[i] =
				matched[2 * i] == SIZE_MAX ||
						matched[2 * i + 1] == SIZE_MAX
					? STR("")
					: (struct str){
						  text.p + matched[2 * i],
						  matched[2 * i + 1] -
							  matched[2 * i]
					  };
	}
	for (int i = 0; i < 2; i++) {
		mem_free(list[i].pc);
		mem_free(list[i].saves);
	}
	mem_free(m.mark);
	mem_free(m.stack);
	mem_free(m.stack_saves);
	return rc;
}
