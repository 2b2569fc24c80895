#include "sieve/run.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"

int sieve_fail(struct sieve_run_state *s, const struct sieve_op *op,
               enum err_kind kind, const char *fmt, ...)
{
	char words[160];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(words, sizeof(words), fmt, ap);
	va_end(ap);
	return err_set(s->err, kind, "line %u: %s", op->at.line, words);
}

static int bounded(struct sieve_run_state *s, const struct sieve_op *op)
{
	if (++s->steps > SIEVE_STEPS_MAX)
		return sieve_fail(s, op, ERR_TOO_BIG, "the script is too long");
	if (s->a->total - s->bytes_before > SIEVE_BYTES_MAX ||
	    s->copied > SIEVE_BYTES_MAX + SIEVE_COPIES_MAX * s->f->message.n)
		return sieve_fail(s, op, ERR_TOO_BIG,
		                  "the script makes too much text");
	if (op->unsupported)
		return sieve_fail(s, op, ERR_INVALID,
		                  "this needs an extension that is not here");
	return 0;
}

int sieve_test_run(struct sieve_run_state *s, const struct sieve_op *test)
{
	if (bounded(s, test) < 0)
		return -1;
	return test->row->run(s, test);
}

/* One if and its elsifs and else; *last is the last of them. */
static int branch(struct sieve_run_state *s, const struct sieve_op *op,
                  const struct sieve_op **last)
{
	bool done = false;
	int rc = 0;

	for (;; op = op->next) {
		*last = op;
		if (!done && op->row->kind != ROW_ELSE) {
			rc = sieve_test_run(s, op->tests);
			if (rc < 0)
				return -1;
		}
		if (!done && (op->row->kind == ROW_ELSE || rc > 0)) {
			if (sieve_ops_run(s, op->block) < 0)
				return -1;
			done = true;
		}
		if (!op->next || (op->next->row->kind != ROW_ELSIF &&
		                  op->next->row->kind != ROW_ELSE))
			return 0;
	}
}

int sieve_ops_run(struct sieve_run_state *s, const struct sieve_op *first)
{
	for (const struct sieve_op *op = first;
	     op && !s->stopped && !s->returned && !s->breaking; op = op->next) {
		if (bounded(s, op) < 0)
			return -1;
		if (op->row->kind == ROW_IF) {
			if (branch(s, op, &op) < 0)
				return -1;
		} else if (op->row->run(s, op) < 0) {
			return -1;
		}
	}
	return 0;
}

int sieve_stop(struct sieve_run_state *s, const struct sieve_op *op)
{
	(void)op;
	s->stopped = true;
	return 0;
}

int sieve_error_cmd(struct sieve_run_state *s, const struct sieve_op *op)
{
	struct str why = sieve_value(s, &op->pos[0]);

	return sieve_fail(s, op, ERR_INVALID, "%.*s", STR_ARG(why));
}

/* The implicit keep (RFC 5228, 2.10.2), with the flags set so far. */
static void keep_after_all(struct sieve_run_state *s)
{
	struct sieve_action *act;

	if (!s->keep || s->out->n == SIEVE_ACTIONS_MAX)
		return;
	for (size_t i = 0; i < s->out->n; i++)
		if (s->out->actions[i].kind == SIEVE_KEEP)
			return;
	act = &s->out->actions[s->out->n++];
	*act = (struct sieve_action){ .kind = SIEVE_KEEP,
		                      .implicit = true,
		                      .message = sieve_edition(s),
		                      .flags = s->flags,
		                      .n_flags = s->n_flags };
}

int sieve_run(const struct sieve_program *p, const struct sieve_facts *f,
              const struct sieve_host *host, struct arena *a,
              struct sieve_result *out, struct err *err)
{
	struct sieve_run_state *s = mem_zalloc(sizeof(*s));
	int rc;

	s->f = f;
	s->host = host;
	s->a = a;
	s->out = out;
	s->err = err;
	s->message = f->message;
	s->root = f->root;
	s->keep = true;
	s->regex_steps = SIEVE_REGEX_STEPS;
	s->bytes_before = a->total;
	out->n = 0;
	sieve_scope_enter(s, p);
	rc = sieve_fields_load(s);
	if (rc == 0)
		rc = sieve_ops_run(s, p->first);
	if (rc == 0)
		keep_after_all(s);
	sieve_texts_free(s);
	mem_free(s);
	return rc;
}
