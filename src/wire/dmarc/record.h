/*
 * wire/dmarc/record.h - a DMARC policy record (RFC 9989, 4.7).
 *
 * Unknown tags and unusable values of known ones are passed over, as the
 * standard asks; only "v=DMARC1" at the start is needed for a text to be a
 * record at all.
 */
#ifndef WIRE_DMARC_RECORD_H
#define WIRE_DMARC_RECORD_H

#include "base/str.h"

enum dmarc_policy { DMARC_NONE, DMARC_QUARANTINE, DMARC_REJECT };

enum dmarc_psd { DMARC_PSD_UNKNOWN, DMARC_PSD_YES, DMARC_PSD_NO };

#define DMARC_URIS_MAX 8

struct dmarc_record {
	enum dmarc_policy p, sp, np; /* sp falls back to p, np to sp */
	bool strict_dkim, strict_spf;
	bool testing; /* t=y */
	enum dmarc_psd psd;
	struct str rua[DMARC_URIS_MAX]; /* "mailto:..." */
	size_t n_rua;
	struct str ruf[DMARC_URIS_MAX];
	size_t n_ruf;
};

/* False when the text is no DMARC record.  Without a usable p= the policy is
 * "none", if rua= names someone, else it is no record (RFC 9989, 4.7). */
bool dmarc_record_parse(struct str text, struct dmarc_record *out)
	ATTR_MUST_USE;

/* The record by which others say that they want reports about a domain (RFC
 * 9990, 4): "v=DMARC1" is enough; rua= is read. */
bool dmarc_report_record_parse(struct str text, struct dmarc_record *out)
	ATTR_MUST_USE;

const char *dmarc_policy_name(enum dmarc_policy p);

#endif
