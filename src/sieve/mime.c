/* The parts of a message, one by one, and their headers (RFC 5703). */
#include "base/utf8.h"
#include "sieve/run.h"
#include "text/extract.h"
#include "wire/message/header.h"

enum {
	TAG_MIME,
	TAG_ANYCHILD,
	TAG_TYPE,
	TAG_SUBTYPE,
	TAG_CONTENTTYPE,
	TAG_PARAM
};

/* ---- loops ---- */

static void leave(struct sieve_run_state *s, struct str name)
{
	if (s->breaking &&
	    (s->break_name.n == 0 || str_eq(s->break_name, name)))
		s->breaking = false;
}

/* Within another loop: the parts below the one at hand.  What was replaced is
 * settled when no loop is left that knows the parts. */
int sieve_foreverypart(struct sieve_run_state *s, const struct sieve_op *op)
{
	const struct mime_part *outer = s->part;
	const struct mime_part *top = outer ? outer : s->root;
	const struct mime_part *p = outer ? sieve_part_next(s, top, top) : top;
	struct str name = sieve_value(s, &op->tag[0].strings);
	unsigned generation = s->generation;
	bool broken = false;
	int rc = 0;

	while (p && rc == 0 && !broken && !s->stopped && !s->returned) {
		s->part = p;
		rc = sieve_ops_run(s, op->block);
		broken = s->breaking;
		if (s->generation != generation)
			break;
		p = sieve_part_next(s, top, p);
	}
	if (!outer || s->generation == generation)
		s->part = outer;
	leave(s, name);
	if (rc == 0 && !outer && s->n_swaps)
		sieve_settle(s);
	return rc;
}

int sieve_break(struct sieve_run_state *s, const struct sieve_op *op)
{
	s->breaking = true;
	s->break_name = sieve_value(s, &op->tag[0].strings);
	return 0;
}

/* ---- extracttext (RFC 5703, 7) ---- */

enum { TAG_FIRST = 8 };

static struct str first_characters(struct str text, uint64_t n)
{
	struct str rest = text;
	uint32_t c;

	while (n-- > 0 && utf8_next(&rest, &c) != UTF8_END)
		;
	return str_to(text, text.n - rest.n);
}

int sieve_extracttext(struct sieve_run_state *s, const struct sieve_op *op)
{
	struct str text = STR("");
	const struct mime_part *p;

	p = sieve_view(s, s->part).part;
	if (p->kind == MIME_SINGLE && mime_part_is(p, "text", NULL))
		text = buf_str(&sieve_text_of(s, s->part, false)->text);
	if (op->tag[TAG_FIRST].set)
		text = first_characters(text, op->tag[TAG_FIRST].number);
	text = utf8_head(text, SIEVE_VALUE_MAX);
	if (!sieve_variable_set(s, op->pos[0].v[0],
	                        sieve_modify(s, op->tag, text)))
		return sieve_fail(s, op, ERR_INVALID,
		                  "\"%.*s\" cannot be a variable",
		                  STR_ARG(op->pos[0].v[0]));
	return 0;
}

/* ---- tests ---- */

static bool is_of(struct sieve_comparison *c, const struct sieve_op *op,
                  struct str raw)
{
	const struct sieve_tag_value *t = op->tag;
	struct mime_params params;
	struct sieve_strings names;
	struct str value;
	size_t slash;

	(void)mime_params_parse(c->s->a, raw, NULL, &value, &params);
	slash = str_chr(value, '/');
	if (t[TAG_CONTENTTYPE].set)
		return sieve_compare(c, value);
	if (t[TAG_TYPE].set)
		return sieve_compare(c, slash == STR_NPOS
		                                ? value
		                                : str_to(value, slash));
	if (t[TAG_SUBTYPE].set)
		return sieve_compare(c, slash == STR_NPOS
		                                ? STR("")
		                                : str_from(value, slash + 1));
	names = sieve_values(c->s, &t[TAG_PARAM].strings);
	for (size_t i = 0; i < names.n; i++) {
		const struct mime_param *p =
			mime_params_find(&params, names.v[i]);

		if (p && sieve_compare(c, text_param(c->s->a, p)))
			return true;
	}
	return false;
}

bool sieve_mime_compare_header(struct sieve_comparison *c,
                               const struct sieve_op *op, struct str raw)
{
	for (size_t i = TAG_TYPE; i <= TAG_PARAM; i++)
		if (op->tag[i].set)
			return is_of(c, op, raw);
	return sieve_compare(c, str_trim(text_header(c->s->a, raw)));
}

/* Each field of the part with this name; true when one will do. */
static bool each_field(struct sieve_comparison *c, const struct sieve_op *op,
                       const struct mime_part *p, struct str name,
                       bool (*compare)(struct sieve_comparison *c,
                                       const struct sieve_op *op,
                                       struct str raw))
{
	struct sieve_view v = sieve_view(c->s, p);
	struct str header = mime_part_header(v.part, v.message);
	struct header_reader r = header_reader(header);
	struct header_field f;
	enum header_result got;

	/* Headers may be large, parts many, and loops ask again. */
	c->s->header_bytes += header.n;
	if (c->s->header_bytes > SIEVE_HEADERS_MAX) {
		(void)sieve_fail(c->s, op, ERR_TOO_BIG,
		                 "the headers of parts take too long");
		c->failed = true;
		return true;
	}
	while ((got = header_next(&r, &f)) != HEADER_END)
		if (got == HEADER_FIELD && str_eq_case(f.name, name) &&
		    compare(c, op, f.raw))
			return true;
	return false;
}

static const struct mime_part *first_part(const struct sieve_run_state *s)
{
	return s->part ? s->part : s->root;
}

int sieve_mime_test(struct sieve_run_state *s, const struct sieve_op *op,
                    bool (*compare)(struct sieve_comparison *c,
                                    const struct sieve_op *op, struct str raw))
{
	struct sieve_strings names = sieve_values(s, &op->pos[0]);
	const struct mime_part *top = first_part(s);
	struct sieve_comparison c;

	if (op->index)
		return sieve_fail(s, op, ERR_INVALID,
		                  ":index and :mime exclude each other here");
	sieve_compare_begin(&c, s, op, &op->pos[1]);
	for (const struct mime_part *p = top; p && !c.matched && !c.failed;
	     p = op->tag[TAG_ANYCHILD].set ? sieve_part_next(s, top, p) : NULL)
		for (size_t i = 0; i < names.n && !c.matched && !c.failed; i++)
			(void)each_field(&c, op, p, names.v[i], compare);
	return sieve_compare_end(&c);
}

static bool any(struct sieve_comparison *c, const struct sieve_op *op,
                struct str raw)
{
	(void)c;
	(void)op;
	(void)raw;
	return true;
}

int sieve_mime_exists(struct sieve_run_state *s, const struct sieve_op *op)
{
	struct sieve_strings names = sieve_values(s, &op->pos[0]);
	const struct mime_part *top = first_part(s);
	struct sieve_comparison c = { .s = s, .op = op };

	for (size_t i = 0; i < names.n; i++) {
		bool found = false;

		for (const struct mime_part *p = top; p && !found;
		     p = op->tag[TAG_ANYCHILD].set ? sieve_part_next(s, top, p)
		                                   : NULL)
			found = each_field(&c, op, p, names.v[i], any);
		if (c.failed)
			return -1;
		if (!found)
			return 0;
	}
	return 1;
}
