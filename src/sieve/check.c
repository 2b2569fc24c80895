/* Rules for the arguments of one command or test that the table cannot say.
 * What holds a variable is looked at when it runs. */
#include "sieve/run.h"

/* The string of a tag when it is known now. */
static bool known(const struct sieve_tag_value *t, struct str *out)
{
	if (!t->set || t->strings.n != 1 || t->strings.variable)
		return false;
	*out = t->strings.v[0];
	return true;
}

static const char *check_envelope(struct arena *a, uint64_t required,
                                  const struct sieve_op *op)
{
	for (size_t i = 0; i < op->pos[0].n && !op->pos[0].variable; i++) {
		struct str name = op->pos[0].v[i];
		enum sieve_envelope_part part;

		if (!sieve_envelope_part(name, required, &part))
			return arena_fmt(a, "the envelope has no part \"%.*s\"",
			                 STR_ARG(name))
			        .p;
		if (op->part_set && part > ENVELOPE_TO)
			return arena_fmt(a, "\"%.*s\" has no address part",
			                 STR_ARG(name))
			        .p;
	}
	return NULL;
}

enum {
	REDIRECT_COPY,
	REDIRECT_NOTIFY,
	REDIRECT_RET,
	REDIRECT_RELATIVE,
	REDIRECT_ABSOLUTE,
	REDIRECT_MODE,
	REDIRECT_TRACE,
	REDIRECT_LIST,
};

/* What is not there is told when the script is put, not with every message. */
static const char *check_lists(struct arena *a,
                               const struct sieve_strings *names)
{
	for (size_t i = 0; i < names->n && !names->variable; i++)
		if (sieve_list_find(names->v[i]) == SIEVE_LIST_NONE)
			return arena_fmt(a, "there is no list \"%.*s\" here",
			                 STR_ARG(names->v[i]))
			        .p;
	return NULL;
}

static const char *check_redirect(struct arena *a, const struct sieve_op *op)
{
	const struct sieve_tag_value *t = op->tag;
	bool by = t[REDIRECT_RELATIVE].set || t[REDIRECT_ABSOLUTE].set, yes;
	struct str v;
	unsigned n;

	if (t[REDIRECT_RELATIVE].set && t[REDIRECT_ABSOLUTE].set)
		return ":bytimerelative and :bytimeabsolute exclude each other";
	if (!by && (t[REDIRECT_MODE].set || t[REDIRECT_TRACE].set))
		return ":bymode and :bytrace need a time";
	if (known(&t[REDIRECT_NOTIFY], &v) && !sieve_notify_parse(v, &n))
		return ":notify is \"NEVER\", or some of \"SUCCESS\", "
		       "\"FAILURE\", \"DELAY\" with commas";
	if (known(&t[REDIRECT_RET], &v) && !sieve_ret_parse(v, &n))
		return ":ret is \"FULL\" or \"HDRS\"";
	if (known(&t[REDIRECT_MODE], &v) && !sieve_bymode_parse(v, &yes))
		return ":bymode is \"notify\" or \"return\"";
	return t[REDIRECT_LIST].set ? check_lists(a, &op->pos[0]) : NULL;
}

enum { REPLACE_MIME, REPLACE_SUBJECT, REPLACE_FROM };

/* RFC 5703, 5: an entity is not given a subject or an author. */
static const char *check_replace(const struct sieve_op *op)
{
	const struct sieve_tag_value *t = op->tag;

	if (t[REPLACE_MIME].set &&
	    (t[REPLACE_SUBJECT].set || t[REPLACE_FROM].set))
		return ":subject and :from do not go with :mime";
	return NULL;
}

const char *sieve_check(struct arena *a, uint64_t required,
                        const struct sieve_op *op)
{
	const char *wrong = NULL;

	if (op->match == MATCH_LIST)
		wrong = check_lists(a, &op->pos[op->n_pos - 1]);
	if (wrong)
		return wrong;
	if (op->row->run == sieve_envelope)
		return check_envelope(a, required, op);
	if (op->row->run == sieve_redirect)
		return check_redirect(a, op);
	if (op->row->run == sieve_replace)
		return check_replace(op);
	return NULL;
}
