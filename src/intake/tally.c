/* What DMARC came to is counted for the owner of the domain (RFC 9990). */
#include "verify/tally.h"
#include "config/config.h"
#include "intake/looked.h"
#include "intake/private.h"

/* Tags as we understood them; addresses are what their owner wrote. */
static struct str record_text(const struct dmarc_record *r, struct arena *a)
{
	struct str out;
	struct buf b;

	buf_init(&b, 2000);
	buf_fmt(&b, "v=DMARC1; p=%s; sp=%s; np=%s; adkim=%s; aspf=%s; t=%s",
	        dmarc_policy_name(r->p), dmarc_policy_name(r->sp),
	        dmarc_policy_name(r->np), r->strict_dkim ? "s" : "r",
	        r->strict_spf ? "s" : "r", r->testing ? "y" : "n");
	for (size_t i = 0; i < r->n_rua; i++) {
		buf_add_z(&b, i ? "," : "; rua=");
		for (size_t k = 0; k < r->rua[i].n && k < 320; k++)
			if ((unsigned char)r->rua[i].p[k] > ' ' &&
			    r->rua[i].p[k] != ';' && r->rua[i].p[k] != ',')
				buf_add_c(&b, r->rua[i].p[k]);
	}
	out = buf_overflow(&b) ? STR("") : arena_dup(a, buf_str(&b));
	buf_deinit(&b);
	return out;
}

static void fill_row(const struct intake_work *w, const struct looked *l,
                     struct dmarc_report_row *row)
{
	size_t at = str_rchr(w->m->sender, '@');

	row->dkim = l->dmarc.o.aligned_dkim;
	row->spf = l->dmarc.o.aligned_spf;
	row->header_from = l->dmarc.author;
	if (at != STR_NPOS)
		row->envelope_from = str_from(w->m->sender, at + 1);
	row->spf_domain = l->spf.domain;
	row->spf_result = str_z(spf_result_name(l->spf.result));
	for (size_t i = 0; i < l->dkim.n; i++) {
		const struct verify_dkim *d = &l->dkim.v[i];

		if (d->domain.n == 0)
			continue;
		row->signature[row->n].domain = d->domain;
		row->signature[row->n].selector = d->selector;
		row->signature[row->n++].result =
			str_z(verify_dkim_status_name(d->status));
	}
}

/* Why what the policy asks for was not done. */
static void explain(const struct intake_work *w, const struct looked *l,
                    struct dmarc_report_row *row)
{
	const struct dmarc_outcome *o = &l->dmarc.o;

	if (o->result != DMARC_RESULT_FAIL)
		return;
	if (l->sum.arc_by.n) {
		row->reason = STR("trusted_forwarder");
		row->comment = arena_fmt(w->arena, "arc=pass as.d=%.*s",
		                         STR_ARG(l->sum.arc_by));
	} else if (o->record.testing) {
		row->reason = STR("policy_test_mode");
	} else if ((o->policy == DMARC_REJECT &&
	            row->disposition != DMARC_DID_REJECT) ||
	           (o->policy == DMARC_QUARANTINE &&
	            row->disposition == DMARC_DID_NOTHING)) {
		row->reason = STR("local_policy");
	}
}

void intake_tally(const struct intake_work *w, bool refused)
{
	const struct looked *l = w->looked;
	const struct dmarc_outcome *o = &l->dmarc.o;
	struct tally_seen s = { .at_us = w->at_us, .domain = o->policy_domain };
	char ip[NET_ADDR_TEXT_MAX];

	if (!w->in->o.tally || o->policy_domain.n == 0 ||
	    o->record.n_rua == 0 ||
	    !config_bool(w->in->o.config, OPT_DMARC_REPORTS) ||
	    (o->result != DMARC_RESULT_PASS && o->result != DMARC_RESULT_FAIL))
		return;
	s.record = record_text(&o->record, w->arena);
	s.row.source_ip = str_z(net_addr_text(&w->m->peer, ip));
	s.row.disposition = refused                          ? DMARC_DID_REJECT
	                    : o->result == DMARC_RESULT_PASS ? DMARC_DID_PASS
	                    : w->quarantine ? DMARC_DID_QUARANTINE
	                                    : DMARC_DID_NOTHING;
	fill_row(w, l, &s.row);
	explain(w, l, &s.row);
	tally_add(w->in->o.tally, &s);
}

void intake_offer_report(const struct intake_work *w)
{
	const struct looked *l = w->looked;
	struct str by = { NULL, 0 };

	if (w->m->way != INTAKE_MX || w->fields.count[FIELD_SUBJECT] != 1)
		return;
	if (l && l->dmarc.o.result == DMARC_RESULT_PASS)
		by = l->dmarc.author;
	(void)tally_offer(w->in->o.tally,
	                  field_unfold(w->arena,
	                               w->fields.first[FIELD_SUBJECT]),
	                  w->bytes, by, w->at_us);
}
