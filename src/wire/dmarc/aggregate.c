#include "wire/dmarc/aggregate.h"

#include "wire/xml/read.h"

static const char *const dispositions[] = {
	[DMARC_DID_NOTHING] = "none",
	[DMARC_DID_PASS] = "pass",
	[DMARC_DID_QUARANTINE] = "quarantine",
	[DMARC_DID_REJECT] = "reject",
};

const char *dmarc_disposition_name(enum dmarc_disposition d)
{
	return dispositions[d];
}

/* ---- writing ---- */

static void element(struct buf *out, const char *name, struct str text)
{
	buf_fmt(out, "<%s>", name);
	xml_add(out, text);
	buf_fmt(out, "</%s>\n", name);
}

static void optional(struct buf *out, const char *name, struct str text)
{
	if (text.n)
		element(out, name, text);
}

static void number(struct buf *out, const char *name, uint64_t n)
{
	buf_fmt(out, "<%s>%llu</%s>\n", name, (unsigned long long)n, name);
}

void dmarc_report_begin(struct buf *out, const struct dmarc_report *r)
{
	buf_add_z(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	               "<feedback xmlns=\"urn:ietf:params:xml:ns:dmarc-2.0\">\n"
	               "<version>1.0</version>\n<report_metadata>\n");
	element(out, "org_name", r->org_name);
	element(out, "email", r->email);
	element(out, "report_id", r->report_id);
	buf_add_z(out, "<date_range>\n");
	number(out, "begin", (uint64_t)r->begin_s);
	number(out, "end", (uint64_t)r->end_s);
	buf_add_z(out, "</date_range>\n");
	optional(out, "generator", r->generator);
	buf_add_z(out, "</report_metadata>\n<policy_published>\n");
	element(out, "domain", r->domain);
	element(out, "discovery_method", STR("treewalk"));
	element(out, "p", str_z(dmarc_policy_name(r->p)));
	element(out, "sp", str_z(dmarc_policy_name(r->sp)));
	element(out, "np", str_z(dmarc_policy_name(r->np)));
	element(out, "adkim", r->strict_dkim ? STR("s") : STR("r"));
	element(out, "aspf", r->strict_spf ? STR("s") : STR("r"));
	element(out, "testing", r->testing ? STR("y") : STR("n"));
	buf_add_z(out, "</policy_published>\n");
}

static struct str pass_or_fail(bool pass)
{
	return pass ? STR("pass") : STR("fail");
}

void dmarc_report_row(struct buf *out, const struct dmarc_report_row *row)
{
	buf_add_z(out, "<record>\n<row>\n");
	element(out, "source_ip", row->source_ip);
	number(out, "count", row->count);
	buf_add_z(out, "<policy_evaluated>\n");
	element(out, "disposition", str_z(dispositions[row->disposition]));
	element(out, "dkim", pass_or_fail(row->dkim));
	element(out, "spf", pass_or_fail(row->spf));
	if (row->reason.n) {
		buf_add_z(out, "<reason>\n");
		element(out, "type", row->reason);
		optional(out, "comment", row->comment);
		buf_add_z(out, "</reason>\n");
	}
	buf_add_z(out, "</policy_evaluated>\n</row>\n<identifiers>\n");
	element(out, "header_from", row->header_from);
	optional(out, "envelope_from", row->envelope_from);
	buf_add_z(out, "</identifiers>\n<auth_results>\n");
	for (size_t i = 0; i < row->n; i++) {
		buf_add_z(out, "<dkim>\n");
		element(out, "domain", row->signature[i].domain);
		element(out, "selector", row->signature[i].selector);
		element(out, "result", row->signature[i].result);
		buf_add_z(out, "</dkim>\n");
	}
	if (row->spf_domain.n) {
		buf_add_z(out, "<spf>\n");
		element(out, "domain", row->spf_domain);
		element(out, "scope", STR("mfrom"));
		element(out, "result", row->spf_result);
		buf_add_z(out, "</spf>\n");
	}
	buf_add_z(out, "</auth_results>\n</record>\n");
}

void dmarc_report_end(struct buf *out)
{
	buf_add_z(out, "</feedback>\n");
}

/* ---- reading ---- */

/* Where an element stands that means something; all else is passed over. */
enum place {
	NOWHERE,
	FEEDBACK,
	METADATA,
	RANGE,
	PUBLISHED,
	RECORD,
	ROW,
	EVALUATED,
	REASON,
	IDENTIFIERS,
	RESULTS,
	DKIM,
	SPF,
};

static const struct {
	enum place parent;
	struct str name;
	enum place place;
} places[] = {
	{ NOWHERE, STR_INIT("feedback"), FEEDBACK },
	{ FEEDBACK, STR_INIT("report_metadata"), METADATA },
	{ METADATA, STR_INIT("date_range"), RANGE },
	{ FEEDBACK, STR_INIT("policy_published"), PUBLISHED },
	{ FEEDBACK, STR_INIT("record"), RECORD },
	{ RECORD, STR_INIT("row"), ROW },
	{ ROW, STR_INIT("policy_evaluated"), EVALUATED },
	{ EVALUATED, STR_INIT("reason"), REASON },
	{ RECORD, STR_INIT("identifiers"), IDENTIFIERS },
	{ RECORD, STR_INIT("auth_results"), RESULTS },
	{ RESULTS, STR_INIT("dkim"), DKIM },
	{ RESULTS, STR_INIT("spf"), SPF },
};

struct reading {
	struct arena *a; /* of the report */
	struct arena rows;
	bool (*each)(void *arg, const struct dmarc_report_row *row);
	void *arg;
	enum place at[XML_DEPTH_MAX + 1]; /* of each element that is open */
	size_t depth;
	struct dmarc_report report;
	struct dmarc_report_row row;
	size_t rows_n;
	bool metadata, too_many, stopped;
};

static enum place place_of(enum place parent, struct str name, size_t depth)
{
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (places[i].parent == parent &&
		    (parent != NOWHERE || depth == 0) &&
		    str_eq(places[i].name, name))
			return places[i].place;
	return NOWHERE;
}

static int64_t seconds(struct str text)
{
	uint64_t n;

	return str_to_u64(text, INT32_MAX * (uint64_t)64, &n) ? (int64_t)n : 0;
}

static enum dmarc_policy policy_of(struct str text)
{
	return str_eq_case(text, STR("reject"))       ? DMARC_REJECT
	       : str_eq_case(text, STR("quarantine")) ? DMARC_QUARANTINE
	                                              : DMARC_NONE;
}

static enum dmarc_disposition disposition_of(struct str text)
{
	for (unsigned i = 0; i < sizeof(dispositions) / sizeof(dispositions[0]);
	     i++)
		if (str_eq_case(text, str_z(dispositions[i])))
			return (enum dmarc_disposition)i;
	return DMARC_DID_NOTHING;
}

static void take_metadata(struct reading *r, enum place in, struct str name,
                          struct str text)
{
	struct dmarc_report *p = &r->report;

	if (in == RANGE && str_eq(name, STR("begin")))
		p->begin_s = seconds(text);
	else if (in == RANGE && str_eq(name, STR("end")))
		p->end_s = seconds(text);
	else if (in == METADATA && str_eq(name, STR("org_name")))
		p->org_name = arena_dup(r->a, text);
	else if (in == METADATA && str_eq(name, STR("email")))
		p->email = arena_dup(r->a, text);
	else if (in == METADATA && str_eq(name, STR("report_id")))
		p->report_id = arena_dup(r->a, text);
	else if (in == METADATA && str_eq(name, STR("generator")))
		p->generator = arena_dup(r->a, text);
}

static void take_policy(struct reading *r, struct str name, struct str text)
{
	struct dmarc_report *p = &r->report;

	if (str_eq(name, STR("domain")))
		p->domain = arena_dup(r->a, text);
	else if (str_eq(name, STR("p")))
		p->p = policy_of(text);
	else if (str_eq(name, STR("sp")))
		p->sp = policy_of(text);
	else if (str_eq(name, STR("np")))
		p->np = policy_of(text);
	else if (str_eq(name, STR("adkim")))
		p->strict_dkim = str_eq(text, STR("s"));
	else if (str_eq(name, STR("aspf")))
		p->strict_spf = str_eq(text, STR("s"));
	else if (str_eq(name, STR("testing")))
		p->testing = str_eq(text, STR("y"));
}

static void take_signature(struct reading *r, struct str name, struct str text)
{
	struct dmarc_report_row *row = &r->row;

	if (row->n == 0)
		return;
	if (str_eq(name, STR("domain")))
		row->signature[row->n - 1].domain = text;
	else if (str_eq(name, STR("selector")))
		row->signature[row->n - 1].selector = text;
	else if (str_eq(name, STR("result")))
		row->signature[row->n - 1].result = text;
}

static void take_row(struct reading *r, enum place in, struct str name,
                     struct str text)
{
	struct dmarc_report_row *row = &r->row;
	struct str copy = arena_dup(&r->rows, text);

	if (in == ROW && str_eq(name, STR("source_ip")))
		row->source_ip = copy;
	else if (in == ROW && str_eq(name, STR("count")))
		row->count = (uint64_t)seconds(text);
	else if (in == EVALUATED && str_eq(name, STR("disposition")))
		row->disposition = disposition_of(text);
	else if (in == EVALUATED && str_eq(name, STR("dkim")))
		row->dkim = str_eq_case(text, STR("pass"));
	else if (in == EVALUATED && str_eq(name, STR("spf")))
		row->spf = str_eq_case(text, STR("pass"));
	else if (in == REASON && str_eq(name, STR("type")))
		row->reason = copy;
	else if (in == REASON && str_eq(name, STR("comment")))
		row->comment = copy;
	else if (in == IDENTIFIERS && str_eq(name, STR("header_from")))
		row->header_from = copy;
	else if (in == IDENTIFIERS && str_eq(name, STR("envelope_from")))
		row->envelope_from = copy;
	else if (in == SPF && str_eq(name, STR("domain")))
		row->spf_domain = copy;
	else if (in == SPF && str_eq(name, STR("result")))
		row->spf_result = copy;
	else if (in == DKIM)
		take_signature(r, name, copy);
}

static bool finish_row(struct reading *r)
{
	bool more = true;

	if (++r->rows_n > DMARC_REPORT_ROWS_MAX) {
		r->too_many = true;
		return false;
	}
	if (r->row.source_ip.n && r->row.count)
		more = r->each(r->arg, &r->row);
	arena_reset(&r->rows);
	r->stopped = !more;
	return more;
}

static bool open_element(struct reading *r, struct str name)
{
	enum place parent = r->depth ? r->at[r->depth - 1] : NOWHERE;
	enum place p = place_of(parent, name, r->depth);

	if (r->depth > XML_DEPTH_MAX)
		return true; /* the reader refuses it */
	r->at[r->depth++] = p;
	r->metadata |= p == METADATA;
	if (p == RECORD)
		r->row = (struct dmarc_report_row){ .count = 0 };
	if (p == DKIM && r->row.n < DMARC_REPORT_DKIM_MAX)
		r->row.n++;
	return true;
}

static bool on_event(void *arg, enum xml_event event, struct str name,
                     struct str text)
{
	struct reading *r = arg;
	enum place in;

	if (event == XML_OPEN)
		return open_element(r, name);
	r->depth--;
	in = r->depth ? r->at[r->depth - 1] : NOWHERE;
	if (r->at[r->depth] == RECORD)
		return finish_row(r);
	if (r->at[r->depth] != NOWHERE)
		return true;
	switch (in) {
	case METADATA:
	case RANGE: take_metadata(r, in, name, text); break;
	case PUBLISHED: take_policy(r, name, text); break;
	case ROW:
	case EVALUATED:
	case REASON:
	case IDENTIFIERS:
	case DKIM:
	case SPF: take_row(r, in, name, text); break;
	case NOWHERE:
	case FEEDBACK:
	case RECORD:
	case RESULTS: break;
	}
	return true;
}

int dmarc_report_read(struct str xml, struct arena *a,
                      bool (*each)(void *arg,
                                   const struct dmarc_report_row *row),
                      void *arg, struct dmarc_report *out, struct err *err)
{
	struct reading r = { .a = a, .each = each, .arg = arg };
	int rc;

	arena_init(&r.rows);
	rc = xml_each(xml, DMARC_REPORT_MAX, on_event, &r, err);
	arena_deinit(&r.rows);
	if (rc < 0)
		return -1;
	if (r.too_many)
		return err_set(err, ERR_TOO_BIG, "over %d rows",
		               DMARC_REPORT_ROWS_MAX);
	if (!r.metadata || r.report.domain.n == 0)
		return err_set(err, ERR_INVALID, "no DMARC report");
	*out = r.report;
	return 0;
}
