#include "admin/dmarc.h"

#include "admin/private.h"
#include "os/clock.h"

#define DAY_S (US_PER_DAY / US_PER_SEC)

int admin_dmarc_each(struct admin *adm, struct str domain, unsigned days,
                     bool (*each)(void *arg, const struct tally_line *l),
                     void *arg, struct err *err)
{
	int64_t now_s = clock_wall_us() / US_PER_SEC;
	struct directory_domain d;
	struct tally *t = NULL;
	struct arena a;
	int rc;

	arena_init(&a);
	rc = directory_domain_get(adm->dir, domain, &a, &d, err);
	if (rc == 0)
		rc = tally_open(&t, config_data_path(adm->cfg, &a, ""), false,
		                err);
	if (rc == 0)
		rc = tally_report_each(t, d.name, now_s - days * DAY_S, each,
		                       arg, err);
	tally_close(&t);
	arena_deinit(&a);
	return rc;
}

const char *admin_dmarc_words(const struct dmarc_report_row *r)
{
	if (r->dkim || r->spf)
		return "passed";
	switch (r->disposition) {
	case DMARC_DID_REJECT: return "failed, refused";
	case DMARC_DID_QUARANTINE: return "failed, taken for spam";
	case DMARC_DID_PASS:
	case DMARC_DID_NOTHING: break;
	}
	return "failed, delivered all the same";
}

struct str admin_dmarc_how(const struct dmarc_report_row *r, struct arena *a)
{
	struct str other = { NULL, 0 };

	if (r->dkim || r->spf)
		return r->dkim && r->spf ? STR("SPF and DKIM")
		       : r->dkim         ? STR("DKIM")
		                         : STR("SPF");
	/* Somebody vouches for it, under another name: most often a service
	 * that sends for the domain and is not set up for it. */
	for (size_t i = 0; i < r->n && !other.n; i++)
		if (str_eq(r->signature[i].result, STR("pass")))
			other = r->signature[i].domain;
	if (other.n)
		return arena_fmt(a, "signed by %.*s", STR_ARG(other));
	if (str_eq(r->spf_result, STR("pass")) && r->spf_domain.n)
		return arena_fmt(a, "sent by %.*s", STR_ARG(r->spf_domain));
	return STR("nobody vouches for it");
}
