/* posthus domain dmarc: what others report about a domain. */
#include "admin/dmarc.h"
#include "ctl/show.h"

static const struct out_column columns[] = {
	{ "source", "SOURCE" }, { "messages", "MESSAGES" },
	{ "result", "RESULT" }, { "by", "BY" },
	{ "author", "AUTHOR" }, { "reporters", "REPORTED BY" },
	{ "reports", NULL },    { "spf", NULL },
	{ "dkim", NULL },       { "disposition", NULL },
	{ "reason", NULL },
};

struct showing {
	struct out *o;
	struct arena *a;
	uint64_t messages, failed;
};

static void text_or_none(struct out *o, struct str s)
{
	if (s.n)
		out_text(o, s);
	else
		out_none(o);
}

static bool show_line(void *arg, const struct tally_line *l)
{
	const struct dmarc_report_row *r = &l->row;
	struct showing *s = arg;
	bool passed = r->dkim || r->spf;

	s->messages += r->count;
	s->failed += passed ? 0 : r->count;
	out_text(s->o, r->source_ip);
	out_number(s->o, r->count);
	out_z(s->o, admin_dmarc_words(r));
	out_text(s->o, admin_dmarc_how(r, s->a));
	text_or_none(s->o, r->header_from);
	text_or_none(s->o, l->orgs);
	out_number(s->o, l->reports);
	out_flag(s->o, r->spf);
	out_flag(s->o, r->dkim);
	out_z(s->o, dmarc_disposition_name(r->disposition));
	text_or_none(s->o, r->reason);
	return true;
}

int ctl_run_domain_dmarc(struct ctl *c)
{
	const char *asked = ctl_option(c, "days");
	uint64_t days = ADMIN_DMARC_DAYS;
	struct err err = ERR_INIT;
	struct out o;
	struct showing s = { .o = &o, .a = &c->arena };
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	if (asked &&
	    (!str_to_u64(str_z(asked), TALLY_KEEP_DAYS, &days) || days == 0))
		return ctl_usage(c, "--days is 1 to 90");
	out_begin(&o, c, columns, sizeof(columns) / sizeof(columns[0]), false);
	if (admin_dmarc_each(c->admin, ctl_arg(c, 0), (unsigned)days, show_line,
	                     &s, &err) < 0)
		return ctl_fail(c, &err, "posthus domain list",
		                "cannot show the reports about %.*s",
		                STR_ARG(ctl_arg(c, 0)));
	rc = out_end(&o);
	if (s.messages == 0)
		ctl_note(c,
		         "nobody has reported yet; reports go to the address "
		         "in the domain's DMARC record: posthus domain dns");
	else
		ctl_note(c, "%llu of %llu messages failed",
		         (unsigned long long)s.failed,
		         (unsigned long long)s.messages);
	return rc;
}
