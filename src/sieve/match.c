#include "sieve/match.h"

#include <string.h>

#include "sieve/regex.h"
#include "sieve/run.h"
#include "text/nfc.h"

/* Of a longer text the beginning is matched. */
#define REGEX_TEXT_MAX ((size_t)64 * 1024)

static bool same(char a, char b, bool fold)
{
	return fold ? ascii_lower(a) == ascii_lower(b) : a == b;
}

/* What stands between stars, matched at one place.  `takes` gets where each
 * "?" matched. */
static bool segment_at(struct str seg, struct str text, size_t at, bool fold,
                       size_t *len)
{
	size_t t = at;

	for (size_t i = 0; i < seg.n; i++, t++) {
		if (t == text.n)
			return false;
		if (seg.p[i] == '?')
			continue;
		if (seg.p[i] == '\\' && i + 1 < seg.n)
			i++;
		if (!same(seg.p[i], text.p[t], fold))
			return false;
	}
	*len = t - at;
	return true;
}

/* Bytes of text that a segment takes: escapes count once. */
static size_t segment_length(struct str seg)
{
	size_t n = 0;

	for (size_t i = 0; i < seg.n; i++, n++)
		if (seg.p[i] == '\\' && i + 1 < seg.n)
			i++;
	return n;
}

static void capture(struct sieve_captures *c, struct str text, size_t at,
                    size_t n)
{
	if (c && c->n < 10)
		c->v[c->n++] = (struct str){ text.p + at, n };
}

static void capture_marks(struct sieve_captures *c, struct str seg,
                          struct str text, size_t at)
{
	for (size_t i = 0; c && i < seg.n; i++, at++) {
		if (seg.p[i] == '\\' && i + 1 < seg.n)
			i++;
		else if (seg.p[i] == '?')
			capture(c, text, at, 1);
	}
}

/* The next "*" that is not escaped, or the end. */
static size_t segment_end(struct str p, size_t from)
{
	while (from < p.n && p.p[from] != '*')
		from += p.p[from] == '\\' && from + 1 < p.n ? 2 : 1;
	return from < p.n ? from : p.n;
}

bool sieve_glob(struct str pattern, struct str text, bool fold,
                struct sieve_captures *caps)
{
	size_t end = segment_end(pattern, 0), at = 0, len;
	struct sieve_captures found = { .n = 0 };
	struct str seg = str_to(pattern, end);

	capture(&found, text, 0, text.n);
	if (!segment_at(seg, text, 0, fold, &len) ||
	    (end == pattern.n && len != text.n))
		return false;
	capture_marks(&found, seg, text, 0);
	at = len;
	while (end < pattern.n) {
		size_t from = end + 1, star = at;
		bool last;

		end = segment_end(pattern, from);
		seg = (struct str){ pattern.p + from, end - from };
		last = end == pattern.n;
		if (last) {
			/* The rest must end the text. */
			size_t need = segment_length(seg);

			if (need > text.n - at)
				return false;
			at = text.n - need;
			if (!segment_at(seg, text, at, fold, &len))
				return false;
		} else {
			while (!segment_at(seg, text, at, fold, &len))
				if (++at > text.n)
					return false;
		}
		capture(&found, text, star, at - star);
		capture_marks(&found, seg, text, at);
		at += len;
	}
	if (caps)
		*caps = found;
	return true;
}

static struct str digits(struct str s)
{
	size_t n = 0;

	while (n < s.n && ascii_is_digit(s.p[n]))
		n++;
	s.n = n;
	while (s.n > 1 && s.p[0] == '0')
		s = str_from(s, 1);
	return s;
}

int sieve_numeric_cmp(struct str a, struct str b)
{
	a = digits(a);
	b = digits(b);
	if (a.n == 0 || b.n == 0)
		return (a.n == 0) - (b.n == 0);
	if (a.n != b.n)
		return a.n < b.n ? -1 : 1;
	return str_cmp(a, b);
}

static int order(enum sieve_comparator cmp, struct str a, struct str b)
{
	switch (cmp) {
	case CMP_OCTET: return str_cmp(a, b);
	case CMP_ASCII_CASEMAP: return str_cmp_case(a, b);
	case CMP_NUMERIC: return sieve_numeric_cmp(a, b);
	case CMP_UNICODE: return text_casemap_cmp(a, b);
	}
	return 0;
}

static bool relates(enum sieve_relation r, int cmp)
{
	switch (r) {
	case REL_GT: return cmp > 0;
	case REL_GE: return cmp >= 0;
	case REL_LT: return cmp < 0;
	case REL_LE: return cmp <= 0;
	case REL_EQ: return cmp == 0;
	case REL_NE: return cmp != 0;
	}
	return false;
}

/* An expression that is none any more, or takes too long, ends the script:
 * the message is kept and the owner told. */
static bool match_regex(struct sieve_comparison *c, struct str value, size_t i)
{
	struct sieve_run_state *s = c->s;
	const struct sieve_op *op = c->op;
	const struct sieve_regex *re = op->regexes ? op->regexes[i] : NULL;
	const char *why = NULL;
	int rc;

	if (c->failed)
		return false;
	if (!re)
		re = sieve_regex_compile(s->a, c->keys.v[i],
		                         op->comparator != CMP_OCTET, &why);
	if (!re) {
		(void)sieve_fail(s, op, ERR_INVALID, "\"%.*s\", %s",
		                 STR_ARG(c->keys.v[i]), why);
		c->failed = true;
		return false;
	}
	rc = sieve_regex_match(re,
	                       str_to(value, value.n < REGEX_TEXT_MAX
	                                             ? value.n
	                                             : REGEX_TEXT_MAX),
	                       &s->regex_steps,
	                       sieve_requires(s, EXT_VARIABLES) ? &s->captures
	                                                        : NULL);
	if (rc < 0) {
		(void)sieve_fail(s, op, ERR_TOO_BIG,
		                 "the expressions take too long");
		c->failed = true;
	}
	return rc > 0;
}

static bool one_key(struct sieve_comparison *c, struct str value, size_t i)
{
	struct str key = c->keys.v[i];
	const struct sieve_op *op = c->op;
	bool fold = op->comparator != CMP_OCTET;

	switch (op->match) {
	case MATCH_IS: return order(op->comparator, value, key) == 0;
	case MATCH_VALUE:
		return relates(op->relation, order(op->comparator, value, key));
	case MATCH_CONTAINS:
		if (op->comparator == CMP_UNICODE) {
			value = text_casemap_key(c->s->a, value);
			key = text_casemap_key(c->s->a, key);
		}
		return (fold ? str_find_case(value, key)
		             : str_find(value, key)) != STR_NPOS;
	case MATCH_GLOB:
		return sieve_glob(key, value, fold,
		                  sieve_requires(c->s, EXT_VARIABLES)
		                          ? &c->s->captures
		                          : NULL);
	case MATCH_REGEX: return match_regex(c, value, i);
	case MATCH_LIST: return sieve_list_match(c, value, key);
	case MATCH_COUNT: return false;
	}
	return false;
}

void sieve_compare_begin(struct sieve_comparison *c, struct sieve_run_state *s,
                         const struct sieve_op *op,
                         const struct sieve_strings *keys)
{
	*c = (struct sieve_comparison){ .s = s, .op = op };
	c->keys = sieve_values(s, keys);
}

bool sieve_compare(struct sieve_comparison *c, struct str value)
{
	c->count++;
	for (size_t i = 0; !c->matched && i < c->keys.n; i++)
		c->matched = one_key(c, value, i);
	return c->matched;
}

bool sieve_compare_folds(const struct sieve_comparison *c)
{
	return c->op->match == MATCH_CONTAINS &&
	       c->op->comparator == CMP_ASCII_CASEMAP;
}

bool sieve_compare_folded(struct sieve_comparison *c, struct str folded)
{
	c->count++;
	for (size_t i = 0; !c->matched && i < c->keys.n; i++) {
		struct str key = c->keys.v[i];
		char *low = arena_strz(c->s->a, key);

		for (size_t k = 0; k < key.n; k++)
			low[k] = ascii_lower(low[k]);
		c->matched = str_find(folded, (struct str){ low, key.n }) !=
		             STR_NPOS;
	}
	return c->matched;
}

/* :count compares the number of values, always as a number (RFC 5231, 4). */
int sieve_compare_end(struct sieve_comparison *c)
{
	struct str n;

	if (c->failed)
		return -1;
	if (c->op->match != MATCH_COUNT)
		return c->matched;
	n = arena_fmt(c->s->a, "%llu", (unsigned long long)c->count);
	for (size_t i = 0; i < c->keys.n; i++)
		if (relates(c->op->relation,
		            sieve_numeric_cmp(n, c->keys.v[i])))
			return 1;
	return 0;
}
