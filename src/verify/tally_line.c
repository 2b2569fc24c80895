/* A row of a report as one line of text, which is its key. */
#include "verify/tally_private.h"

#define FIELD_MAX 320

/* From peers: no tab, no line end, not too long. */
static void field(struct buf *out, struct str s)
{
	if (s.n > FIELD_MAX)
		s.n = FIELD_MAX;
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] > ' ')
			buf_add_c(out, ascii_lower(s.p[i]));
		else if (s.p[i] == ' ')
			buf_add_c(out, ' ');
	buf_add_c(out, '\t');
}

/* Of a signature: no colon, no blank. */
static void word(struct buf *out, struct str s, char end)
{
	if (s.n > FIELD_MAX)
		s.n = FIELD_MAX;
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] > ' ' && s.p[i] != ':')
			buf_add_c(out, ascii_lower(s.p[i]));
	buf_add_c(out, end);
}

void tally_line_write(struct buf *out, const struct dmarc_report_row *r)
{
	field(out, r->source_ip);
	buf_fmt(out, "%d\t%d\t%d\t", (int)r->disposition, r->dkim, r->spf);
	field(out, r->reason);
	field(out, r->comment);
	field(out, r->header_from);
	field(out, r->envelope_from);
	field(out, r->spf_domain);
	field(out, r->spf_result);
	for (size_t i = 0; i < r->n; i++) {
		word(out, r->signature[i].domain, ':');
		word(out, r->signature[i].selector, ':');
		word(out, r->signature[i].result, ' ');
	}
}

static bool number(struct str *line, uint64_t max, uint64_t *out)
{
	struct str s;

	return str_cut(line, '\t', &s) && str_to_u64(s, max, out);
}

bool tally_line_read(struct str line, struct dmarc_report_row *out)
{
	struct dmarc_report_row r = { .count = 0 };
	struct str one;
	uint64_t did, dkim, spf;

	if (!str_cut(&line, '\t', &r.source_ip) ||
	    !number(&line, DMARC_DID_REJECT, &did) ||
	    !number(&line, 1, &dkim) || !number(&line, 1, &spf) ||
	    !str_cut(&line, '\t', &r.reason) ||
	    !str_cut(&line, '\t', &r.comment) ||
	    !str_cut(&line, '\t', &r.header_from) ||
	    !str_cut(&line, '\t', &r.envelope_from) ||
	    !str_cut(&line, '\t', &r.spf_domain) ||
	    !str_cut(&line, '\t', &r.spf_result))
		return false;
	r.disposition = (enum dmarc_disposition)did;
	r.dkim = dkim != 0;
	r.spf = spf != 0;
	while (r.n < DMARC_REPORT_DKIM_MAX && str_cut(&line, ' ', &one)) {
		if (!str_cut(&one, ':', &r.signature[r.n].domain) ||
		    !str_cut(&one, ':', &r.signature[r.n].selector))
			return false;
		r.signature[r.n++].result = one;
	}
	*out = r;
	return true;
}
