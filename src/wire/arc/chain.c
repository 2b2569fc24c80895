#include "wire/arc/chain.h"

#include "wire/message/header.h"

static bool fail(struct arc_chain *c, const char *why)
{
	c->why = str_z(why);
	return false;
}

/* "i=n;" at the start of the results, taken off (RFC 8617, 4.1.1). */
static bool take_instance(struct str *value, unsigned *out)
{
	struct str first, name;
	uint64_t n;

	if (!str_cut(value, ';', &first) || !str_cut(&first, '=', &name) ||
	    !str_eq(str_trim(name), STR("i")) ||
	    !str_to_u64(str_trim(first), ARC_SETS_MAX, &n) || n == 0)
		return false;
	*out = (unsigned)n;
	return true;
}

static struct arc_set *set_of(struct arc_chain *c, unsigned instance)
{
	if (instance > c->n)
		c->n = instance;
	return &c->v[instance - 1];
}

static bool put(struct arc_chain *c, struct str *place, struct str raw)
{
	if (place->n)
		return fail(c, "two fields of a kind have one number");
	*place = raw;
	return true;
}

/* One field; false when the chain is broken by it. */
static bool take_field(struct arc_chain *c, const struct header_field *f,
                       struct str raw, struct arena *a)
{
	struct err err = ERR_INIT;
	struct dkim_signature s;
	struct arc_set *set;
	struct str value = f->raw;
	unsigned n;

	if (str_eq_case(f->name, STR("ARC-Authentication-Results"))) {
		if (!take_instance(&value, &n))
			return fail(c, "the results have no number");
		set = set_of(c, n);
		set->results = value;
		return put(c, &set->results_raw, raw);
	}
	if (str_eq_case(f->name, STR("ARC-Message-Signature"))) {
		if (dkim_arc_message_parse(value, a, &s, &err) < 0)
			goto bad;
		set = set_of(c, s.instance);
		set->message = s;
		return put(c, &set->message_raw, raw);
	}
	if (dkim_arc_seal_parse(value, a, &s, &err) < 0)
		goto bad;
	set = set_of(c, s.instance);
	set->seal = s;
	return put(c, &set->seal_raw, raw);
bad:
	c->why = arena_dup(a, str_z(err.text));
	return false;
}

/* RFC 8617, 5.2, step 3. */
static bool is_whole(struct arc_chain *c)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct arc_set *s = &c->v[i];

		if (!s->results_raw.n || !s->message_raw.n || !s->seal_raw.n)
			return fail(c, "a set is not whole");
		if (str_eq_case(s->seal.chain, STR("fail")))
			return fail(c, "it had failed before");
		if (!str_eq_case(s->seal.chain,
		                 i == 0 ? STR("none") : STR("pass")))
			return fail(c, "a seal says what it may not");
	}
	return true;
}

static bool is_of_arc(struct str name)
{
	return str_eq_case(name, STR("ARC-Seal")) ||
	       str_eq_case(name, STR("ARC-Message-Signature")) ||
	       str_eq_case(name, STR("ARC-Authentication-Results"));
}

enum arc_read arc_chain_read(struct str header, struct arena *a,
                             struct arc_chain *out)
{
	struct header_reader r = header_reader(header);
	struct arc_chain c = { .n = 0 };
	const char *from = header.p;
	enum header_result got;
	struct header_field f;
	size_t bytes = 0;
	bool ok = true;

	while (ok && (got = header_next(&r, &f)) != HEADER_END) {
		struct str raw = { from, (size_t)(r.rest.p - from) };

		from = r.rest.p;
		if (got != HEADER_FIELD || !is_of_arc(f.name))
			continue;
		if (!c.v)
			c.v = arena_array(a, ARC_SETS_MAX, sizeof(*c.v));
		bytes += raw.n;
		ok = bytes <= ARC_BYTES_MAX ? take_field(&c, &f, raw, a)
		                            : fail(&c, "it is too long");
	}
	if (ok)
		ok = is_whole(&c);
	*out = c;
	return !ok ? ARC_READ_BAD : c.n ? ARC_READ_CHAIN : ARC_READ_NONE;
}

void arc_seal_text(const struct arc_chain *c, size_t i, struct buf *out)
{
	struct buf own;

	for (size_t k = 0; k <= i; k++) {
		const struct arc_set *s = &c->v[k];

		dkim_header_canon(DKIM_RELAXED, s->results_raw, true, out);
		dkim_header_canon(DKIM_RELAXED, s->message_raw, true, out);
		if (k < i)
			dkim_header_canon(DKIM_RELAXED, s->seal_raw, true, out);
	}
	buf_init(&own, c->v[i].seal_raw.n + 16);
	dkim_without_b(c->v[i].seal_raw, &own);
	dkim_header_canon(DKIM_RELAXED, buf_str(&own), false, out);
	buf_deinit(&own);
}
