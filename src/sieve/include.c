/* Scripts within scripts, and what they share (RFC 6609). */
#include "sieve/run.h"

/* Scripts within one another, and all of one run. */
#define DEPTH_MAX 10

enum { TAG_PERSONAL, TAG_GLOBAL, TAG_ONCE, TAG_OPTIONAL };

static bool is_running(const struct sieve_run_state *s,
                       const struct sieve_program *p)
{
	for (const struct sieve_scope *k = s->scope; k; k = k->before)
		if (k->p == p)
			return true;
	return false;
}

static unsigned depth_of(const struct sieve_run_state *s)
{
	unsigned n = 0;

	for (const struct sieve_scope *k = s->scope; k; k = k->before)
		n++;
	return n;
}

static bool was_run(const struct sieve_run_state *s,
                    const struct sieve_program *p)
{
	for (size_t i = 0; i < s->n_included; i++)
		if (s->included[i] == p)
			return true;
	return false;
}

void sieve_scope_enter(struct sieve_run_state *s, const struct sieve_program *p)
{
	struct sieve_scope *scope = arena_zalloc(s->a, sizeof(*scope));

	scope->p = p;
	scope->before = s->scope;
	s->scope = scope;
	s->captures.n = 0;
}

static int run_included(struct sieve_run_state *s,
                        const struct sieve_program *p)
{
	struct sieve_captures captures = s->captures;
	int rc;

	sieve_scope_enter(s, p);
	rc = sieve_ops_run(s, p->first);
	s->scope = s->scope->before;
	s->captures = captures;
	s->returned = false;
	return rc;
}

int sieve_include(struct sieve_run_state *s, const struct sieve_op *op)
{
	const struct sieve_tag_value *t = op->tag;
	struct str name = op->pos[0].v[0]; /* no variable (RFC 6609, 3.2) */
	const struct sieve_program *p;
	const char *why = NULL;

	p = s->host->include(s->host->ctx, name, t[TAG_GLOBAL].set, &why);
	if (!p && why)
		return sieve_fail(s, op, ERR_INVALID, "\"%.*s\", %s",
		                  STR_ARG(name), why);
	if (!p)
		return t[TAG_OPTIONAL].set
		               ? 0
		               : sieve_fail(s, op, ERR_INVALID,
		                            "there is no script \"%.*s\"",
		                            STR_ARG(name));
	if (is_running(s, p))
		return sieve_fail(s, op, ERR_INVALID,
		                  "\"%.*s\" includes itself", STR_ARG(name));
	if (t[TAG_ONCE].set && was_run(s, p))
		return 0;
	if (depth_of(s) > DEPTH_MAX ||
	    (!was_run(s, p) && s->n_included == SIEVE_INCLUDES_MAX))
		return sieve_fail(s, op, ERR_TOO_BIG,
		                  "too many scripts are included");
	if (!was_run(s, p))
		s->included[s->n_included++] = p;
	return run_included(s, p);
}

int sieve_return(struct sieve_run_state *s, const struct sieve_op *op)
{
	(void)op;
	s->returned = true;
	return 0;
}

int sieve_global(struct sieve_run_state *s, const struct sieve_op *op)
{
	struct sieve_scope *scope = s->scope;

	for (size_t i = 0; i < op->pos[0].n; i++) {
		if (scope->n_shared == SIEVE_VARIABLES_MAX)
			return sieve_fail(s, op, ERR_TOO_BIG,
			                  "too many variables");
		scope->shared[scope->n_shared++] = op->pos[0].v[i];
	}
	return 0;
}
