/* Operations on reports of others. */
#include "admin/dmarc.h"
#include "admin/ops.h"

static const struct admin_param params[] = {
	{ "domain", ADMIN_NAME, ADMIN_NEEDED, 0, NULL, "The domain" },
	{ "days", ADMIN_NUMBER, 0, TALLY_KEEP_DAYS, NULL,
	  "How many days are added up; without, 30" },
	ADMIN_PARAM_END,
};

static const struct admin_field fields[] = {
	{ "source", ADMIN_IS_TEXT, false, NULL, "The address it came from" },
	{ "messages", ADMIN_IS_NUMBER, false, NULL, NULL },
	{ "result", ADMIN_IS_TEXT, false, NULL, "In words" },
	{ "by", ADMIN_IS_TEXT, false, NULL, "What vouched for it, in words" },
	{ "author", ADMIN_IS_TEXT, false, NULL, "The domain in From:" },
	{ "reporters", ADMIN_IS_TEXT, false, NULL, "Who reported it" },
	{ "reports", ADMIN_IS_NUMBER, false, NULL, "How many have it" },
	{ "spf", ADMIN_IS_FLAG, false, NULL, "SPF passed in alignment" },
	{ "dkim", ADMIN_IS_FLAG, false, NULL, "DKIM passed in alignment" },
	{ "disposition", ADMIN_IS_TEXT, false, NULL,
	  "none, pass, quarantine or reject" },
	{ "reason", ADMIN_IS_TEXT, true, NULL,
	  "Why the policy was not followed" },
	ADMIN_FIELD_END,
};

static bool write_line(void *arg, const struct tally_line *l)
{
	const struct dmarc_report_row *r = &l->row;
	struct admin_call *c = arg;
	struct json_writer *w = c->w;

	json_object(w);
	json_member_str(w, "source", r->source_ip);
	json_member_u64(w, "messages", r->count);
	json_member_z(w, "result", admin_dmarc_words(r));
	json_member_str(w, "by", admin_dmarc_how(r, c->a));
	json_member_str(w, "author", r->header_from);
	json_member_str(w, "reporters", l->orgs);
	json_member_u64(w, "reports", l->reports);
	json_member_bool(w, "spf", r->spf);
	json_member_bool(w, "dkim", r->dkim);
	json_member_z(w, "disposition", dmarc_disposition_name(r->disposition));
	if (r->reason.n)
		json_member_str(w, "reason", r->reason);
	else
		json_member_z(w, "reason", NULL);
	json_end(w);
	return true;
}

static int list(struct admin_call *c, struct err *err)
{
	const struct admin_value *days = admin_arg(c, "days");
	unsigned n =
		days->given && days->u ? (unsigned)days->u : ADMIN_DMARC_DAYS;
	int rc;

	admin_page_begin(c);
	rc = admin_dmarc_each(c->adm, c->domain.name, n, write_line, c, err);
	admin_page_end(c, STR(""));
	return rc;
}

const struct admin_operation admin_ops_dmarc[] = {
	{ .name = "domain.dmarc",
	  .method = "GET",
	  .path = "/domains/{domain}/dmarc",
	  .who = ADMIN_DOMAIN | ADMIN_OPERATOR,
	  .area = ADMIN_AREA_DOMAINS,
	  .subject = ADMIN_OF_DOMAIN,
	  .params = params,
	  .shape = ADMIN_MANY,
	  .result = fields,
	  .run = list,
	  .sentence = "Show what others report about mail in a domain's name" },
	ADMIN_OP_END,
};
