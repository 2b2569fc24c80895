#include "wire/dmarc/evaluate.h"

#define WALK_MAX 8

struct step {
	struct str domain;
	struct dmarc_record record;
};

/* The records met on the way up, from the domain itself on. */
struct walk {
	struct step found[WALK_MAX];
	size_t n;
	bool at_start; /* found[0] is the domain's own */
};

const char *dmarc_result_name(enum dmarc_result r)
{
	static const char *const names[] = {
		[DMARC_RESULT_NONE] = "none",
		[DMARC_RESULT_PASS] = "pass",
		[DMARC_RESULT_FAIL] = "fail",
		[DMARC_RESULT_TEMPERROR] = "temperror",
		[DMARC_RESULT_PERMERROR] = "permerror",
	};

	return names[r];
}

static struct str parent(struct str d)
{
	size_t dot = str_chr(d, '.');

	return dot == STR_NPOS ? str_from(d, d.n) : str_from(d, dot + 1);
}

static size_t labels(struct str d)
{
	size_t n = 0;
	struct str label;

	while (str_cut(&d, '.', &label))
		n++;
	return n;
}

/* Exactly one DMARC record at the name, or none; more are as none. */
static enum dmarc_dns_status fetch(struct str domain,
                                   const struct dmarc_dns *dns, struct arena *a,
                                   struct dmarc_record *out)
{
	struct str name = arena_fmt(a, "_dmarc.%.*s", STR_ARG(domain));
	struct dmarc_record r;
	enum dmarc_dns_status st;
	size_t n = 0, seen = 0;
	struct str *txt = NULL;

	st = dns->txt(dns->ctx, name, a, &txt, &n);
	if (st != DMARC_DNS_OK)
		return st;
	for (size_t i = 0; i < n; i++) {
		if (!dmarc_record_parse(txt[i], &r))
			continue;
		*out = r;
		seen++;
	}
	return seen == 1 ? DMARC_DNS_OK : DMARC_DNS_NONE;
}

/* RFC 9989, 4.10: the domain, then up label by label; from a name of eight
 * labels or more straight to seven. */
static bool tree_walk(struct str domain, const struct dmarc_dns *dns,
                      struct arena *a, struct walk *w)
{
	struct str d = domain;

	*w = (struct walk){ .n = 0 };
	for (size_t i = 0; i < WALK_MAX && d.n > 0; i++) {
		struct step *s = &w->found[w->n];
		enum dmarc_dns_status st = fetch(d, dns, a, &s->record);

		if (st == DMARC_DNS_FAIL)
			return false;
		if (st == DMARC_DNS_OK) {
			s->domain = d;
			w->at_start |= i == 0;
			w->n++;
			if (s->record.psd != DMARC_PSD_UNKNOWN)
				break;
		}
		d = parent(d);
		while (i == 0 && labels(d) > 7)
			d = parent(d);
	}
	return true;
}

/* The name one label below `top`, on the way to `domain`. */
static struct str one_below(struct str domain, struct str top)
{
	struct str d = domain;

	while (d.n > 0 && !str_eq_case(parent(d), top))
		d = parent(d);
	return d;
}

/* RFC 9989, 4.10.2. */
static struct str org_of_walk(struct str domain, const struct walk *w)
{
	const struct step *last;

	if (w->n == 0)
		return domain;
	last = &w->found[w->n - 1]; /* the fewest labels; psd= ended there */
	if (last->record.psd == DMARC_PSD_YES && !(w->at_start && w->n == 1))
		return one_below(domain, last->domain);
	return last->domain;
}

bool dmarc_org_domain(struct str domain, const struct dmarc_dns *dns,
                      struct arena *a, struct str *out)
{
	struct walk w;

	if (!tree_walk(domain, dns, a, &w))
		return false;
	*out = org_of_walk(domain, &w);
	return true;
}

enum aligned { ALIGNED_NO, ALIGNED_YES, ALIGNED_UNKNOWN };

static enum aligned is_aligned(struct str domain, bool strict,
                               struct str author, struct str org,
                               const struct dmarc_dns *dns, struct arena *a)
{
	struct str other;

	if (str_eq_case(domain, author))
		return ALIGNED_YES;
	if (strict)
		return ALIGNED_NO;
	/* Not under the author's organization: no need to ask. */
	if (!str_is_under(domain, org))
		return ALIGNED_NO;
	if (!dmarc_org_domain(domain, dns, a, &other))
		return ALIGNED_UNKNOWN;
	return str_eq_case(other, org) ? ALIGNED_YES : ALIGNED_NO;
}

/* p for the domain that has the record, sp below it, np for names that do
 * not exist (RFC 9989, 4.7). */
static enum dmarc_policy wanted(const struct dmarc_facts *f,
                                const struct dmarc_dns *dns,
                                const struct step *s)
{
	enum dmarc_policy p = s->record.p;

	if (!str_eq_case(f->author, s->domain))
		p = dns->exists(dns->ctx, f->author) == DMARC_DNS_NONE
		            ? s->record.np
		            : s->record.sp;
	if (s->record.testing && p != DMARC_NONE)
		p = p == DMARC_REJECT ? DMARC_QUARANTINE : DMARC_NONE;
	return p;
}

/* The record that holds: the author's own, else the organization's, else the
 * public suffix's (RFC 9989, 4.10.1). */
static const struct step *policy_step(const struct walk *w, struct str org)
{
	if (w->n == 0)
		return NULL;
	if (w->at_start)
		return &w->found[0];
	for (size_t i = 0; i < w->n; i++)
		if (str_eq_case(w->found[i].domain, org))
			return &w->found[i];
	return &w->found[w->n - 1];
}

static void check_alignment(const struct dmarc_facts *f,
                            const struct dmarc_dns *dns, struct arena *a,
                            struct dmarc_outcome *o)
{
	bool unknown = false;
	enum aligned al;

	if (f->spf_domain.n) {
		al = is_aligned(f->spf_domain, o->record.strict_spf, f->author,
		                o->org_domain, dns, a);
		o->aligned_spf = al == ALIGNED_YES;
		unknown |= al == ALIGNED_UNKNOWN;
	}
	for (size_t i = 0; i < f->n_dkim && !o->aligned_dkim; i++) {
		al = is_aligned(f->dkim_domains[i], o->record.strict_dkim,
		                f->author, o->org_domain, dns, a);
		o->aligned_dkim = al == ALIGNED_YES;
		unknown |= al == ALIGNED_UNKNOWN;
	}
	if (o->aligned_spf || o->aligned_dkim)
		o->result = DMARC_RESULT_PASS;
	else
		o->result =
			unknown ? DMARC_RESULT_TEMPERROR : DMARC_RESULT_FAIL;
}

void dmarc_evaluate(const struct dmarc_facts *f, const struct dmarc_dns *dns,
                    struct arena *a, struct dmarc_outcome *out)
{
	const struct step *s;
	struct walk w;

	*out = (struct dmarc_outcome){ .result = DMARC_RESULT_NONE };
	if (f->author.n == 0) {
		out->result = DMARC_RESULT_PERMERROR;
		return;
	}
	if (!tree_walk(f->author, dns, a, &w)) {
		out->result = DMARC_RESULT_TEMPERROR;
		return;
	}
	out->org_domain = org_of_walk(f->author, &w);
	s = policy_step(&w, out->org_domain);
	if (!s)
		return;
	out->record = s->record;
	out->policy_domain = s->domain;
	out->policy = wanted(f, dns, s);
	check_alignment(f, dns, a, out);
}
