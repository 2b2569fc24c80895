#include "wire/sieve/parse.h"

#include <stdio.h>

#include "wire/sieve/lex.h"

const struct sieve_limits sieve_limits_default = {
	.script_max = (size_t)256 * 1024,
	.nodes_max = 20000,
	.depth_max = 32,
	.string_max = (size_t)64 * 1024,
};

/* Arguments of one command, strings of one list. */
#define ARGS_MAX ((size_t)64)

struct parser {
	struct sieve_lexer lex;
	struct sieve_token t; /* the one not consumed yet */
	const struct sieve_limits *limits;
	struct arena *a;
	struct sieve_error *err;
	size_t nodes;
	unsigned depth;
};

static bool command(struct parser *p, struct sieve_node **out);
static bool test(struct parser *p, struct sieve_node **out);

static void step(struct parser *p)
{
	p->t = sieve_lexer_next(&p->lex);
}

static bool refuse(struct parser *p, const char *why)
{
	/* The lexer has said already what is wrong with a bad token. */
	if (p->t.kind == SIEVE_T_BAD)
		return false;
	p->err->at = p->t.at;
	(void)snprintf(p->err->text, sizeof(p->err->text), "%s", why);
	return false;
}

static bool count(struct parser *p)
{
	if (++p->nodes <= p->limits->nodes_max)
		return true;
	return refuse(p, "the script has too many parts");
}

static bool is_punct(const struct parser *p, char c)
{
	return p->t.kind == SIEVE_T_PUNCT && p->t.punct == c;
}

static bool expect(struct parser *p, char c, const char *why)
{
	if (!is_punct(p, c))
		return refuse(p, why);
	step(p);
	return true;
}

static bool string_list(struct parser *p, struct sieve_argument *arg)
{
	size_t cap = 8;

	arg->kind = SIEVE_LIST;
	arg->list = arena_array(p->a, cap, sizeof(*arg->list));
	step(p);
	while (p->t.kind == SIEVE_T_STRING) {
		if (!count(p))
			return false;
		if (arg->n_list == cap) {
			struct str *old = arg->list;

			cap *= 2;
			arg->list = arena_array(p->a, cap, sizeof(*old));
			for (size_t i = 0; i < arg->n_list; i++)
				arg->list[i] = old[i];
		}
		arg->list[arg->n_list++] = p->t.text;
		step(p);
		if (!is_punct(p, ','))
			break;
		step(p);
		if (p->t.kind != SIEVE_T_STRING)
			return refuse(p,
			              "a string is missing behind the comma");
	}
	if (arg->n_list == 0)
		return refuse(p, "a list has at least one string");
	return expect(p, ']', "the list of strings has no closing bracket");
}

/* One argument; *found is false when the token is none. */
static bool argument(struct parser *p, struct sieve_argument *arg, bool *found)
{
	*arg = (struct sieve_argument){ .at = p->t.at, .text = p->t.text };
	*found = true;
	switch (p->t.kind) {
	case SIEVE_T_NUMBER:
		arg->kind = SIEVE_NUMBER;
		arg->number = p->t.number;
		break;
	case SIEVE_T_TAG: arg->kind = SIEVE_TAG; break;
	case SIEVE_T_STRING: arg->kind = SIEVE_STRING; break;
	case SIEVE_T_PUNCT:
		if (p->t.punct == '[')
			return count(p) && string_list(p, arg);
		*found = false;
		return true;
	case SIEVE_T_END:
	case SIEVE_T_WORD:
	case SIEVE_T_BAD: *found = false; return true;
	}
	if (!count(p))
		return false;
	step(p);
	return true;
}

static bool arguments(struct parser *p, struct sieve_node *n)
{
	struct sieve_argument args[ARGS_MAX];
	bool found = true;

	for (;;) {
		struct sieve_argument arg;

		if (!argument(p, &arg, &found))
			return false;
		if (!found)
			break;
		if (n->n_args == ARGS_MAX)
			return refuse(p, "too many arguments");
		args[n->n_args++] = arg;
	}
	n->args = arena_array(p->a, n->n_args, sizeof(*n->args));
	for (size_t i = 0; i < n->n_args; i++)
		n->args[i] = args[i];
	return true;
}

static bool add_test(struct parser *p, struct sieve_node *n,
                     struct sieve_node **tests)
{
	if (n->n_tests == ARGS_MAX)
		return refuse(p, "too many tests in one list");
	return test(p, &tests[n->n_tests++]);
}

/* test, or "(" test *("," test) ")" */
static bool tests(struct parser *p, struct sieve_node *n)
{
	struct sieve_node *found[ARGS_MAX] = { NULL };

	if (is_punct(p, '(')) {
		n->test_list = true;
		do {
			step(p);
			if (!add_test(p, n, found))
				return false;
		} while (is_punct(p, ','));
		if (!expect(p, ')',
		            "the list of tests has no closing "
		            "parenthesis"))
			return false;
	} else if (p->t.kind == SIEVE_T_WORD) {
		if (!add_test(p, n, found))
			return false;
	}
	n->tests = arena_array(p->a, n->n_tests, sizeof(struct sieve_node *));
	for (size_t i = 0; i < n->n_tests; i++)
		n->tests[i] = found[i];
	return true;
}

static bool name_arguments_tests(struct parser *p, const char *missing,
                                 struct sieve_node **out)
{
	struct sieve_node *n;

	if (p->t.kind != SIEVE_T_WORD)
		return refuse(p, missing);
	if (!count(p))
		return false;
	n = *out = arena_zalloc(p->a, sizeof(*n));
	n->name = p->t.text;
	n->at = p->t.at;
	step(p);
	return arguments(p, n) && tests(p, n);
}

static bool enter(struct parser *p)
{
	if (++p->depth <= p->limits->depth_max)
		return true;
	return refuse(p, "too deep");
}

static bool test(struct parser *p, struct sieve_node **out)
{
	if (!enter(p) || !name_arguments_tests(p, "a test is missing", out))
		return false;
	p->depth--;
	return true;
}

/* Commands up to "}" or the end. */
static bool commands(struct parser *p, struct sieve_node **first)
{
	struct sieve_node **tail = first;

	while (p->t.kind != SIEVE_T_END && !is_punct(p, '}')) {
		if (!command(p, tail))
			return false;
		tail = &(*tail)->next;
	}
	return true;
}

static bool command(struct parser *p, struct sieve_node **out)
{
	struct sieve_node *n;

	if (!name_arguments_tests(p, "a command is missing", out))
		return false;
	n = *out;
	if (is_punct(p, ';')) {
		step(p);
		return true;
	}
	if (!is_punct(p, '{'))
		return refuse(p, "a semicolon is missing");
	n->has_block = true;
	step(p);
	if (!enter(p) || !commands(p, &n->block) ||
	    !expect(p, '}', "the block has no closing brace"))
		return false;
	p->depth--;
	return true;
}

bool sieve_parse(struct str text, const struct sieve_limits *limits,
                 struct arena *a, struct sieve_script *out,
                 struct sieve_error *err)
{
	struct parser p = {
		.limits = limits ? limits : &sieve_limits_default,
		.a = a,
		.err = err,
	};

	*out = (struct sieve_script){ NULL };
	*err = (struct sieve_error){ .at = { 1, 1 } };
	if (text.n > p.limits->script_max)
		return refuse(&p, "the script is too long");
	sieve_lexer_init(&p.lex, text, p.limits->string_max, a, err);
	step(&p);
	if (!commands(&p, &out->first))
		return false;
	if (p.t.kind != SIEVE_T_END)
		return refuse(&p, "a closing brace without a block");
	return true;
}
