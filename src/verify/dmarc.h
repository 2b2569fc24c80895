/*
 * verify/dmarc.h - does what passed belong to the author (RFC 9989)?
 *
 * The author's domain is that of From:.  Several authors of one domain are
 * one; of different domains the message is exempt (RFC 9989, 5.3.1), which
 * shows as permerror.  The policy is found by the walk up the DNS tree.
 */
#ifndef VERIFY_DMARC_H
#define VERIFY_DMARC_H

#include "verify/dkim.h"
#include "verify/spf.h"
#include "wire/dmarc/evaluate.h"

struct verify_dmarc_result {
	struct str author; /* domain of From:, "" without a single one */
	struct dmarc_outcome o;
};

/* `from` is the raw value of the one From: field, empty when there is none or
 * several.  `spf` may be NULL.  Views lie in `a`. */
void verify_dmarc(struct verify *v, struct str from,
                  const struct verify_spf_result *spf,
                  const struct verify_dkim_result *dkim,
                  struct verify_budget *b, struct arena *a,
                  struct verify_dmarc_result *out);

#endif
