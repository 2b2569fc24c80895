/*
 * admin/dmarc.h - what others report about mail in a domain's name.
 */
#ifndef ADMIN_DMARC_H
#define ADMIN_DMARC_H

#include "admin/admin.h"
#include "verify/tally.h"

#define ADMIN_DMARC_DAYS 30 /* that are added up, when nothing else is said */

/* The rows of the last `days`, those alike added up, the most first; `each`
 * returns false to stop.  Names under the domain count too. */
int admin_dmarc_each(struct admin *adm, struct str domain, unsigned days,
                     bool (*each)(void *arg, const struct tally_line *l),
                     void *arg, struct err *err) ATTR_MUST_USE;

/* What a row means: "passed", "failed, refused". */
const char *admin_dmarc_words(const struct dmarc_report_row *r);
/* By what: "SPF and DKIM", "DKIM", "SPF", or what was there instead. */
struct str admin_dmarc_how(const struct dmarc_report_row *r, struct arena *a);

#endif
