#include "verify/auth_results.h"

#include "wire/dkim/results.h"

/* Reasons are for people; the longest is an explanation of a domain. */
#define REASON_MAX 200

static void add_value(struct buf *out, const char *name, struct str value)
{
	if (value.n == 0)
		return;
	buf_fmt(out, " %s=", name);
	auth_results_value(out, value);
}

static void add_reason(struct buf *out, struct str why)
{
	if (why.n == 0)
		return;
	if (why.n > REASON_MAX)
		why.n = REASON_MAX;
	buf_add(out, STR(" reason="));
	auth_results_value(out, why);
}

static void write_spf(struct buf *out, const struct verify_spf_result *r,
                      struct str helo)
{
	buf_fmt(out, ";\r\n\tspf=%s", spf_result_name(r->result));
	add_reason(out, r->reason);
	if (r->helo)
		add_value(out, "smtp.helo", r->domain.n ? r->domain : helo);
	else
		add_value(out, "smtp.mailfrom", r->domain);
}

static const char *algorithm_name(enum dkim_algorithm a)
{
	switch (a) {
	case DKIM_RSA_SHA256: return "rsa-sha256";
	case DKIM_ED25519_SHA256: return "ed25519-sha256";
	case DKIM_RSA_SHA1: return "rsa-sha1";
	}
	return "";
}

static void write_dkim(struct buf *out, const struct verify_dkim_result *r)
{
	if (r->n == 0)
		buf_add(out, STR(";\r\n\tdkim=none"));
	for (size_t i = 0; i < r->n; i++) {
		const struct verify_dkim *d = &r->v[i];

		buf_fmt(out, ";\r\n\tdkim=%s",
		        verify_dkim_status_name(d->status));
		add_reason(out, d->why);
		if (d->domain.n == 0)
			continue;
		add_value(out, "header.d", d->domain);
		add_value(out, "header.s", d->selector);
		add_value(out, "header.a", str_z(algorithm_name(d->algorithm)));
		/* RFC 6008: which of several of one domain. */
		add_value(out, "header.b", d->b);
	}
}

static void write_dmarc(struct buf *out, const struct verify_dmarc_result *r,
                        struct str arc_by)
{
	buf_fmt(out, ";\r\n\tdmarc=%s", dmarc_result_name(r->o.result));
	if (r->o.policy_domain.n)
		buf_fmt(out, " (p=%s)", dmarc_policy_name(r->o.policy));
	if (arc_by.n)
		add_reason(out, STR("a trusted sealer saw it pass (ARC)"));
	add_value(out, "header.from", r->author);
}

static void write_arc(struct buf *out, const struct verify_arc_result *r)
{
	if (r->status == ARC_NONE)
		return;
	buf_fmt(out, ";\r\n\tarc=%s", verify_arc_status_name(r->status));
	if (r->status == ARC_PASS)
		buf_fmt(out, " (%zu set%s)", r->chain.n,
		        r->chain.n == 1 ? "" : "s");
	add_reason(out, r->why);
	add_value(out, "header.d", r->sealer);
}

void verify_results_write(struct buf *out, const struct verify_summary *s)
{
	buf_fmt(out, "Authentication-Results: %.*s", STR_ARG(s->hostname));
	if (!s->spf && !s->dkim && !s->dmarc)
		buf_add(out, STR("; none"));
	if (s->spf)
		write_spf(out, s->spf, s->helo);
	if (s->dkim)
		write_dkim(out, s->dkim);
	if (s->dmarc)
		write_dmarc(out, s->dmarc, s->arc_by);
	if (s->arc)
		write_arc(out, s->arc);
	buf_add(out, STR("\r\n"));
}
