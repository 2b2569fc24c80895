#include "verify/arc.h"

#include "crypto/hash.h"
#include "os/clock.h"
#include "wire/dkim/results.h"

struct checking {
	struct verify *v;
	struct verify_budget *b;
	struct arena *a;
	int64_t now_s;
	struct str why;
};

const char *verify_arc_status_name(enum arc_status s)
{
	switch (s) {
	case ARC_NONE: return "none";
	case ARC_PASS: return "pass";
	case ARC_FAIL: break;
	}
	return "fail";
}

static bool check_message(struct checking *c, const struct arc_set *set,
                          struct str header, struct str body)
{
	struct dkim_bodies *bodies = dkim_bodies_new(c->a);
	const struct dkim_signature *s = &set->message;
	unsigned char digest[32];
	size_t i;

	if (!verify_dkim_usable(s, c->now_s, &c->why))
		return false;
	i = dkim_bodies_add(bodies, s->body_canon, s->body_limit);
	dkim_bodies_run(bodies, body);
	if (verify_dkim_body(bodies, i, s, &c->why) != DKIM_PASS)
		return false;
	verify_dkim_digest(header, set->message_raw, s, digest);
	return verify_dkim_key(c->v, c->b, s, digest, c->a, &c->why) ==
	       DKIM_PASS;
}

static bool check_seal(struct checking *c, const struct arc_chain *chain,
                       size_t i)
{
	const struct dkim_signature *s = &chain->v[i].seal;
	unsigned char digest[32];
	struct buf text;

	if (!verify_dkim_usable(s, c->now_s, &c->why))
		return false;
	buf_init(&text, 2 * ARC_BYTES_MAX);
	arc_seal_text(chain, i, &text);
	hash_bytes(HASH_SHA256, buf_str(&text), digest);
	buf_deinit(&text);
	return verify_dkim_key(c->v, c->b, s, digest, c->a, &c->why) ==
	       DKIM_PASS;
}

void verify_arc(struct verify *v, struct str header, struct str body,
                struct verify_budget *b, struct arena *a,
                struct verify_arc_result *out)
{
	struct checking c = {
		.v = v, .b = b, .a = a, .now_s = clock_wall_us() / US_PER_SEC
	};
	struct arc_chain chain;
	bool ok;

	*out = (struct verify_arc_result){ .status = ARC_NONE };
	switch (arc_chain_read(header, a, &chain)) {
	case ARC_READ_NONE: return;
	case ARC_READ_BAD:
		out->status = ARC_FAIL;
		out->why = chain.why;
		return;
	case ARC_READ_CHAIN: break;
	}
	ok = check_message(&c, &chain.v[chain.n - 1], header, body);
	for (size_t i = chain.n; ok && i-- > 0;)
		ok = check_seal(&c, &chain, i);
	if (!ok) {
		out->status = ARC_FAIL;
		out->why = c.why;
		return;
	}
	out->status = ARC_PASS;
	out->chain = chain;
	out->sealer = chain.v[chain.n - 1].seal.domain;
}

static bool is_trusted(struct str domain, const struct str *trusted, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_is_under(domain, trusted[i]))
			return true;
	return false;
}

/* "dmarc=pass header.from=AUTHOR" among what a set says. */
static bool passed_dmarc(const struct arc_set *set, struct str author,
                         struct arena *a)
{
	struct auth_results_reader r;
	struct auth_result one;

	if (!auth_results_begin(set->results, a, &r))
		return false;
	while (auth_results_next(&r, a, &one))
		if (str_eq_case(one.method, STR("dmarc")))
			return str_eq_case(one.result, STR("pass")) &&
			       str_eq_case(auth_result_get(&one, "header.from"),
			                   author);
	return false;
}

bool verify_arc_vouches(const struct verify_arc_result *r,
                        const struct str *trusted, size_t n, struct str author,
                        struct arena *a, struct str *by_out)
{
	size_t i;

	if (r->status != ARC_PASS || author.n == 0)
		return false;
	for (i = r->chain.n; i > 0; i--)
		if (!is_trusted(r->chain.v[i - 1].seal.domain, trusted, n))
			break;
	if (i == r->chain.n)
		return false;
	*by_out = r->chain.v[i].seal.domain;
	return passed_dmarc(&r->chain.v[i], author, a);
}
