#include "sieve/regex.h"
#include "sieve/run.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

/* "foreverypart" within one another. */
#define LOOPS_MAX 4

struct compiler {
	struct sieve_program *p;
	struct arena *a; /* of the program */
	struct sieve_error *err;
	uint64_t required;
	bool past_requires;
	/* Depth of "if" blocks whose "ihave" named something unknown: errors
	 * there come when they are run, if ever (RFC 5463, 4). */
	unsigned lenient;
	struct str loop_names[LOOPS_MAX]; /* of those around */
	unsigned loops;
};

static bool op_of(struct compiler *c, const struct sieve_node *n, bool test,
                  struct sieve_op *op);

static bool fail(struct compiler *c, struct sieve_position at, const char *fmt,
                 ...) ATTR_PRINTF(3, 4);

static bool fail(struct compiler *c, struct sieve_position at, const char *fmt,
                 ...)
{
	va_list ap;

	c->err->at = at;
	va_start(ap, fmt);
	(void)vsnprintf(c->err->text, sizeof(c->err->text), fmt, ap);
	va_end(ap);
	return false;
}

/* ---- encoded characters (RFC 5228, 2.4.2.4) ---- */

static bool add_codes(struct str list, bool unicode, struct buf *out)
{
	struct str one;

	list = str_trim(list);
	if (list.n == 0)
		return false;
	while (str_cut(&list, ' ', &one)) {
		uint32_t v = 0;

		if (one.n == 0)
			continue;
		if (one.n > (unicode ? 6u : 2u))
			return false;
		for (size_t i = 0; i < one.n; i++) {
			int h = ascii_hex(one.p[i]);

			if (h < 0)
				return false;
			v = v << 4 | (uint32_t)h;
		}
		if (!unicode) {
			buf_add_c(out, (char)v);
		} else {
			char u[4];

			if (v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
				return false;
			buf_add(out, (struct str){ u, utf8_encode(v, u) });
		}
	}
	return true;
}

static struct str decode_characters(struct compiler *c, struct str s)
{
	struct buf out;
	struct str done;

	if (!(c->required & EXT_ENCODED_CHARACTER) ||
	    str_find(s, STR("${")) == STR_NPOS)
		return s;
	buf_init(&out, s.n * 4 + 16);
	while (s.n > 0) {
		bool hex = str_starts_case(s, STR("${hex:"));
		bool uni = str_starts_case(s, STR("${unicode:"));
		size_t skip = hex ? 6 : 10, before = out.n;
		size_t end = hex || uni ? str_chr(s, '}') : STR_NPOS;

		if (end != STR_NPOS &&
		    add_codes((struct str){ s.p + skip, end - skip }, uni,
		              &out)) {
			s = str_from(s, end + 1);
			continue;
		}
		buf_truncate(&out, before);
		buf_add_c(&out, s.p[0]);
		s = str_from(s, 1);
	}
	done = arena_dup(c->a, buf_str(&out));
	buf_deinit(&out);
	return done;
}

/* ---- arguments ---- */

static void take_strings(struct compiler *c, const struct sieve_argument *arg,
                         struct sieve_strings *out)
{
	const struct str *in = arg->kind == SIEVE_LIST ? arg->list : &arg->text;

	out->n = arg->kind == SIEVE_LIST ? arg->n_list : 1;
	out->v = arena_array(c->a, out->n, sizeof(*out->v));
	for (size_t i = 0; i < out->n; i++) {
		out->v[i] = arena_dup(c->a, decode_characters(c, in[i]));
		out->variable |= (c->required & EXT_VARIABLES) &&
		                 str_find(out->v[i], STR("${")) != STR_NPOS;
	}
}

static bool has_type(const struct sieve_argument *arg, char type)
{
	switch (type) {
	case 'S': return arg->kind == SIEVE_STRING;
	case 'L': return arg->kind == SIEVE_STRING || arg->kind == SIEVE_LIST;
	case 'N': return arg->kind == SIEVE_NUMBER;
	default: return false;
	}
}

static const char *type_name(char type)
{
	return type == 'S'   ? "a string"
	       : type == 'L' ? "a string or a list of strings"
	                     : "a number";
}

/* The argument behind a tag, which must be there. */
static const struct sieve_argument *value_of(struct compiler *c,
                                             const struct sieve_node *n,
                                             size_t *i, char type)
{
	const struct sieve_argument *tag = &n->args[*i];

	if (*i + 1 >= n->n_args || !has_type(&n->args[*i + 1], type)) {
		(void)fail(c, tag->at, ":%.*s needs %s behind it",
		           STR_ARG(tag->text), type_name(type));
		return NULL;
	}
	return &n->args[++*i];
}

static bool need_ext(struct compiler *c, struct sieve_position at, uint64_t ext,
                     const char *name)
{
	if (ext == 0 || (c->required & ext))
		return true;
	return fail(c, at, "\"%s\" is used without its \"require\"", name);
}

static bool parse_relation(struct str s, enum sieve_relation *out)
{
	static const char names[6][3] = {
		[REL_GT] = "gt", [REL_GE] = "ge", [REL_LT] = "lt",
		[REL_LE] = "le", [REL_EQ] = "eq", [REL_NE] = "ne",
	};

	for (size_t i = 0; i < 6; i++) {
		if (!str_eq_case(s, str_z(names[i])))
			continue;
		*out = (enum sieve_relation)i;
		return true;
	}
	return false;
}

static bool set_comparator(struct compiler *c, const struct sieve_argument *v,
                           struct sieve_op *op)
{
	if (str_eq(v->text, STR("i;octet")))
		op->comparator = CMP_OCTET;
	else if (str_eq(v->text, STR("i;ascii-casemap")))
		op->comparator = CMP_ASCII_CASEMAP;
	else if (str_eq(v->text, STR("i;ascii-numeric")))
		op->comparator = CMP_NUMERIC;
	else if (str_eq(v->text, STR("i;unicode-casemap")))
		op->comparator = CMP_UNICODE;
	else
		return fail(c, v->at, "unknown comparator \"%.*s\"",
		            STR_ARG(v->text));
	return op->comparator != CMP_NUMERIC ||
	       need_ext(c, v->at, EXT_COMPARATOR_NUMERIC,
	                "comparator-i;ascii-numeric");
}

/* :is, :contains, :matches, :list, :count, :value, :comparator; *used says that the
 * tag was one of them. */
static bool match_tag(struct compiler *c, const struct sieve_node *n, size_t *i,
                      struct sieve_op *op, bool *used)
{
	const struct sieve_argument *tag = &n->args[*i], *v;
	struct str t = tag->text;

	*used = true;
	if (str_eq_case(t, STR("is"))) {
		op->match = MATCH_IS;
	} else if (str_eq_case(t, STR("contains"))) {
		op->match = MATCH_CONTAINS;
	} else if (str_eq_case(t, STR("matches"))) {
		op->match = MATCH_GLOB;
	} else if (str_eq_case(t, STR("regex"))) {
		op->match = MATCH_REGEX;
		return need_ext(c, tag->at, EXT_REGEX, "regex");
	} else if (str_eq_case(t, STR("count")) ||
	           str_eq_case(t, STR("value"))) {
		op->match =
			ascii_lower(t.p[0]) == 'c' ? MATCH_COUNT : MATCH_VALUE;
		if (!need_ext(c, tag->at, EXT_RELATIONAL, "relational"))
			return false;
		v = value_of(c, n, i, 'S');
		if (!v)
			return false;
		if (!parse_relation(v->text, &op->relation))
			return fail(c, v->at,
			            "a relation is one of \"gt\", "
			            "\"ge\", \"lt\", \"le\", \"eq\", "
			            "\"ne\"");
	} else if (str_eq_case(t, STR("comparator"))) {
		v = value_of(c, n, i, 'S');
		op->comparator_set = true;
		return v && set_comparator(c, v, op);
	} else if (str_eq_case(t, STR("list")) &&
	           (op->row->takes & TAKES_LIST)) {
		op->match = MATCH_LIST;
		return need_ext(c, tag->at, EXT_EXTLISTS, "extlists");
	} else {
		*used = false;
	}
	return true;
}

static bool part_tag(struct compiler *c, const struct sieve_argument *tag,
                     struct sieve_op *op, bool *used)
{
	static const struct {
		const char *name;
		enum sieve_address_part part;
	} parts[] = {
		{ "all", PART_ALL },       { "localpart", PART_LOCAL },
		{ "domain", PART_DOMAIN }, { "user", PART_USER },
		{ "detail", PART_DETAIL },
	};

	*used = false;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if (!str_eq_case(tag->text, str_z(parts[i].name)))
			continue;
		*used = true;
		op->part = parts[i].part;
		op->part_set = true;
		return op->part < PART_USER ||
		       need_ext(c, tag->at, EXT_SUBADDRESS, "subaddress");
	}
	return true;
}

static bool index_tag(struct compiler *c, const struct sieve_node *n, size_t *i,
                      struct sieve_op *op, bool *used)
{
	const struct sieve_argument *tag = &n->args[*i], *v;

	*used = true;
	if (str_eq_case(tag->text, STR("index"))) {
		v = value_of(c, n, i, 'N');
		if (!v)
			return false;
		if (v->number == 0)
			return fail(c, v->at, ":index counts from 1");
		op->index = v->number;
		return need_ext(c, tag->at, EXT_INDEX, "index");
	}
	if (str_eq_case(tag->text, STR("last"))) {
		op->index_last = true;
		return need_ext(c, tag->at, EXT_INDEX, "index");
	}
	*used = false;
	return true;
}

static bool own_tag(struct compiler *c, const struct sieve_node *n, size_t *i,
                    struct sieve_op *op)
{
	const struct sieve_argument *tag = &n->args[*i], *v;
	const struct sieve_row *row = op->row;

	for (size_t k = 0; k < SIEVE_TAG_MAX && row->tags[k].name; k++) {
		struct sieve_tag_value *val = &op->tag[k];

		if (!str_eq_case(tag->text, str_z(row->tags[k].name)))
			continue;
		if (val->set)
			return fail(c, tag->at, ":%s stands twice",
			            row->tags[k].name);
		val->set = true;
		if (!need_ext(c, tag->at, row->tags[k].ext, row->tags[k].name))
			return false;
		if (row->tags[k].type == ' ')
			return true;
		v = value_of(c, n, i, row->tags[k].type);
		if (!v)
			return false;
		if (row->tags[k].type == 'N')
			val->number = v->number;
		else
			take_strings(c, v, &val->strings);
		return true;
	}
	return fail(c, tag->at, "\"%s\" does not take :%.*s", row->name,
	            STR_ARG(tag->text));
}

static bool tag_argument(struct compiler *c, const struct sieve_node *n,
                         size_t *i, struct sieve_op *op)
{
	unsigned takes = op->row->takes;
	bool used = false;

	if ((takes & TAKES_MATCH) && !match_tag(c, n, i, op, &used))
		return false;
	if (!used && (takes & TAKES_PART) &&
	    !part_tag(c, &n->args[*i], op, &used))
		return false;
	if (!used && (takes & TAKES_INDEX) && !index_tag(c, n, i, op, &used))
		return false;
	return used || own_tag(c, n, i, op);
}

/* Which positions are there: all, or with TAKES_FEWER all but the first. */
static bool place_arguments(struct compiler *c, struct sieve_op *op,
                            const struct sieve_argument **args, size_t n)
{
	const struct sieve_row *row = op->row;
	size_t want = strlen(row->pos), skip = 0;

	if (n + 1 == want && (row->takes & TAKES_FEWER))
		skip = 1;
	else if (n + 1 == want && (row->takes & TAKES_SHORT))
		want--;
	if (n + skip != want)
		return fail(c, op->at, "\"%s\" has %zu arguments, it takes %zu",
		            row->name, n, want);
	op->n_pos = want;
	for (size_t i = 0; i < n; i++) {
		char type = row->pos[i + skip];

		if (!has_type(args[i], type))
			return fail(c, args[i]->at, "\"%s\" needs %s here",
			            row->name, type_name(type));
		if (type == 'N')
			op->number[i + skip] = args[i]->number;
		else
			take_strings(c, args[i], &op->pos[i + skip]);
	}
	return true;
}

/* The keys are the last of the positions; those with variables in them are
 * looked at when they are known. */
static bool regexes(struct compiler *c, struct sieve_op *op)
{
	const struct sieve_strings *keys;
	const char *why = NULL;

	if (op->n_pos == 0)
		return true;
	keys = &op->pos[op->n_pos - 1];
	op->regexes = arena_array(c->a, keys->n + 1, sizeof(*op->regexes));
	for (size_t i = 0; i < keys->n; i++) {
		if (keys->variable &&
		    str_find(keys->v[i], STR("${")) != STR_NPOS)
			continue;
		op->regexes[i] =
			sieve_regex_compile(c->a, keys->v[i],
		                            op->comparator != CMP_OCTET, &why);
		if (!op->regexes[i])
			return fail(c, op->at, "\"%.*s\", %s",
			            STR_ARG(keys->v[i]), why);
	}
	return true;
}

static bool arguments(struct compiler *c, const struct sieve_node *n,
                      struct sieve_op *op)
{
	const struct sieve_argument *pos[SIEVE_POS_MAX];
	size_t n_pos = 0;

	for (size_t i = 0; i < n->n_args; i++) {
		if (n->args[i].kind == SIEVE_TAG) {
			if (!tag_argument(c, n, &i, op))
				return false;
			continue;
		}
		if (n_pos == SIEVE_POS_MAX)
			return fail(c, n->args[i].at, "too many arguments");
		pos[n_pos++] = &n->args[i];
	}
	if (op->index_last && op->index == 0 && (op->row->takes & TAKES_INDEX))
		return fail(c, op->at, ":last needs :index");
	/* RFC 5231, 5: only numbers and counts are compared so. */
	if (op->comparator == CMP_NUMERIC &&
	    (op->match == MATCH_CONTAINS || op->match == MATCH_GLOB ||
	     op->match == MATCH_REGEX))
		return fail(c, op->at,
		            "i;ascii-numeric has no parts to look "
		            "for");
	/* RFC 6134, 2.2: the list says what is equal. */
	if (op->match == MATCH_LIST && op->comparator_set)
		return fail(c, op->at, ":list takes no comparator");
	return place_arguments(c, op, pos, n_pos) &&
	       (op->match != MATCH_REGEX || regexes(c, op));
}

static bool tests_of(struct compiler *c, const struct sieve_node *n,
                     struct sieve_op *op)
{
	bool one = op->row->takes & TAKES_TEST;
	bool list = op->row->takes & TAKES_TESTS;
	struct sieve_op **tail = &op->tests;

	if (one && (n->n_tests != 1 || n->test_list))
		return fail(c, n->at, "\"%s\" needs one test", op->row->name);
	if (list && !n->test_list)
		return fail(c, n->at, "\"%s\" needs tests in parentheses",
		            op->row->name);
	if (!one && !list && n->n_tests > 0)
		return fail(c, n->tests[0]->at, "a semicolon is missing");
	for (size_t i = 0; i < n->n_tests; i++) {
		*tail = arena_zalloc(c->a, sizeof(**tail));
		if (!op_of(c, n->tests[i], true, *tail))
			return false;
		tail = &(*tail)->next;
	}
	return true;
}

static bool names_unknown_list(const struct sieve_strings *names)
{
	for (size_t i = 0; i < names->n; i++)
		if (!names->variable &&
		    sieve_list_find(names->v[i]) == SIEVE_LIST_NONE)
			return true;
	return false;
}

/* Does the test ask for something we do not have?  Only "ihave" and
 * "valid_ext_list" themselves, and within allof: then the block cannot run. */
static bool asks_unknown(const struct sieve_op *t)
{
	uint64_t ext;

	if (t->row->run == NULL)
		return false;
	if (t->row->run == sieve_valid_ext_list)
		return names_unknown_list(&t->pos[0]);
	if (strcmp(t->row->name, "ihave") == 0) {
		for (size_t i = 0; i < t->pos[0].n; i++)
			if (!sieve_ext_find(t->pos[0].v[i], &ext))
				return true;
		return false;
	}
	if (strcmp(t->row->name, "allof") != 0)
		return false;
	for (const struct sieve_op *k = t->tests; k; k = k->next)
		if (asks_unknown(k))
			return true;
	return false;
}

/* What "ihave" names is there without a "require" (RFC 5463, 4). */
static void allow_what_is_there(struct compiler *c, const struct sieve_op *t)
{
	uint64_t ext;

	if (strcmp(t->row->name, "ihave") == 0)
		for (size_t i = 0; i < t->pos[0].n; i++)
			if (sieve_ext_find(t->pos[0].v[i], &ext))
				c->required |= ext;
	for (const struct sieve_op *k = t->tests; k; k = k->next)
		allow_what_is_there(c, k);
}

static bool require(struct compiler *c, const struct sieve_op *op)
{
	if (c->past_requires)
		return fail(c, op->at, "\"require\" must come first");
	for (size_t i = 0; i < op->pos[0].n; i++) {
		uint64_t ext;

		if (!sieve_ext_find(op->pos[0].v[i], &ext))
			return fail(c, op->at,
			            "there is no extension \"%.*s\" here",
			            STR_ARG(op->pos[0].v[i]));
		c->required |= ext;
	}
	return true;
}

static bool has_tag(const struct sieve_op *op, const char *name)
{
	for (size_t k = 0; k < SIEVE_TAG_MAX && op->row->tags[k].name; k++)
		if (strcmp(op->row->tags[k].name, name) == 0)
			return op->tag[k].set;
	return false;
}

/* Kept beside the program, so that who runs it can have them ready. */
static bool note_include(struct compiler *c, const struct sieve_op *op)
{
	struct sieve_program *p = c->p;
	struct str name = op->pos[0].v[0];
	bool global = has_tag(op, "global");

	if (global && has_tag(op, "personal"))
		return fail(c, op->at,
		            ":personal and :global exclude each other");
	for (size_t i = 0; i < p->n_includes; i++)
		if (p->includes[i].global == global &&
		    str_eq(p->includes[i].name, name))
			return true;
	if (p->n_includes == SIEVE_INCLUDES_MAX)
		return fail(c, op->at, "more than %d scripts are included",
		            SIEVE_INCLUDES_MAX);
	if (!p->includes)
		p->includes = arena_array(c->a, SIEVE_INCLUDES_MAX,
		                          sizeof(*p->includes));
	p->includes[p->n_includes++] =
		(struct sieve_include){ .name = name, .global = global };
	return true;
}

static bool block_of(struct compiler *c, const struct sieve_node *first,
                     struct sieve_op **out)
{
	enum sieve_row_kind before = ROW_ACTION;
	struct sieve_op **tail = out;

	for (const struct sieve_node *n = first; n; n = n->next) {
		struct sieve_op *op = arena_zalloc(c->a, sizeof(*op));

		if (!op_of(c, n, false, op))
			return false;
		if ((op->row->kind == ROW_ELSIF || op->row->kind == ROW_ELSE) &&
		    before != ROW_IF && before != ROW_ELSIF)
			return fail(c, op->at, "\"%s\" without \"if\"",
			            op->row->name);
		before = op->row->kind;
		if (op->row->kind == ROW_REQUIRE) {
			if (!require(c, op))
				return false;
			continue;
		}
		c->past_requires = true;
		*tail = op;
		tail = &op->next;
	}
	return true;
}

static struct str loop_name(const struct sieve_op *op)
{
	return op->tag[0].set ? op->tag[0].strings.v[0] : STR("");
}

/* "break" and "extracttext" stand within a loop, "break :name" in the one of
 * that name (RFC 5703, 3 and 7). */
static bool check_loop(struct compiler *c, const struct sieve_op *op)
{
	struct str name;

	if (op->row->run != sieve_break && op->row->run != sieve_extracttext)
		return true;
	if (c->loops == 0)
		return fail(c, op->at, "\"%s\" stands in no foreverypart",
		            op->row->name);
	if (op->row->run == sieve_extracttext)
		return need_ext(c, op->at, EXT_VARIABLES, "variables");
	name = loop_name(op);
	for (unsigned i = 0; name.n && i < c->loops; i++)
		if (str_eq(c->loop_names[i], name))
			return true;
	return name.n == 0 || fail(c, op->at,
	                           "no foreverypart around it is called "
	                           "\"%.*s\"",
	                           STR_ARG(name));
}

static bool loop_block(struct compiler *c, const struct sieve_node *n,
                       struct sieve_op *op)
{
	bool ok;

	if (c->loops == LOOPS_MAX)
		return fail(c, op->at, "too many loops in one another");
	c->loop_names[c->loops++] = loop_name(op);
	ok = block_of(c, n->block, &op->block);
	c->loops--;
	return ok;
}

static bool op_parts(struct compiler *c, const struct sieve_node *n,
                     struct sieve_op *op)
{
	enum sieve_row_kind kind = op->row->kind;
	bool wants_block = kind == ROW_IF || kind == ROW_ELSIF ||
	                   kind == ROW_ELSE || kind == ROW_LOOP;
	const char *wrong;
	bool lenient;

	if (!need_ext(c, n->at, op->row->ext, op->row->name) ||
	    !arguments(c, n, op) || !tests_of(c, n, op))
		return false;
	if (n->has_block != wants_block)
		return fail(c, n->at,
		            wants_block ? "\"%s\" needs a block in braces"
		                        : "\"%s\" takes no block",
		            op->row->name);
	if (op->row->run == sieve_include && !note_include(c, op))
		return false;
	wrong = sieve_check(c->a, c->required, op);
	if (wrong)
		return fail(c, op->at, "%s", wrong);
	if (!check_loop(c, op))
		return false;
	if (!wants_block)
		return true;
	if (kind == ROW_LOOP)
		return loop_block(c, n, op);
	if (op->tests)
		allow_what_is_there(c, op->tests);
	lenient = op->tests && asks_unknown(op->tests);
	c->lenient += lenient;
	if (!block_of(c, n->block, &op->block))
		return false;
	c->lenient -= lenient;
	return true;
}

static bool op_of(struct compiler *c, const struct sieve_node *n, bool test,
                  struct sieve_op *op)
{
	op->row = sieve_row_find(n->name, test);
	op->at = n->at;
	if (op->row && op_parts(c, n, op))
		return true;
	if (!op->row)
		(void)fail(c, n->at, "there is no %s \"%.*s\"",
		           test ? "test" : "command", STR_ARG(n->name));
	if (c->lenient == 0)
		return false;
	/* It is an error only if it is reached. */
	memset(op, 0, sizeof(*op));
	op->row = sieve_row_find(test ? STR("false") : STR("stop"), test);
	op->at = n->at;
	op->unsupported = true;
	return true;
}

bool sieve_compile(struct str script, struct sieve_program **out,
                   struct sieve_error *err)
{
	struct sieve_program *p = mem_zalloc(sizeof(*p));
	struct compiler c = { .p = p, .a = &p->arena, .err = err };
	struct sieve_script tree;
	struct arena scratch;
	bool ok;

	arena_init(&p->arena);
	arena_init(&scratch);
	ok = sieve_parse(script, NULL, &scratch, &tree, err) &&
	     block_of(&c, tree.first, &p->first);
	arena_deinit(&scratch);
	p->exts = c.required;
	if (!ok) {
		sieve_program_free(&p);
		return false;
	}
	*out = p;
	return true;
}

void sieve_program_free(struct sieve_program **p)
{
	if (!*p)
		return;
	arena_deinit(&(*p)->arena);
	mem_free(*p);
	*p = NULL;
}

size_t sieve_program_includes(const struct sieve_program *p,
                              const struct sieve_include **out)
{
	*out = p->includes;
	return p->n_includes;
}
