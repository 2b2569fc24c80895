#include "wire/dmarc/record.h"

static bool policy(struct str v, enum dmarc_policy *out)
{
	if (str_eq_case(v, STR("none")))
		*out = DMARC_NONE;
	else if (str_eq_case(v, STR("quarantine")))
		*out = DMARC_QUARANTINE;
	else if (str_eq_case(v, STR("reject")))
		*out = DMARC_REJECT;
	else
		return false;
	return true;
}

/* uri *(*WSP "," *WSP uri); an old "!10m" at the end of one is cut off. */
static size_t uris(struct str v, struct str out[DMARC_URIS_MAX])
{
	struct str uri;
	size_t n = 0;

	while (n < DMARC_URIS_MAX && str_cut(&v, ',', &uri)) {
		size_t bang;

		uri = str_trim(uri);
		bang = str_chr(uri, '!');
		if (bang != STR_NPOS)
			uri = str_to(uri, bang);
		if (str_chr(uri, ':') != STR_NPOS)
			out[n++] = uri;
	}
	return n;
}

struct found {
	bool p, sp, np;
};

static void take_tag(struct str name, struct str v, struct dmarc_record *r,
                     struct found *f)
{
	if (str_eq_case(name, STR("p")))
		f->p = policy(v, &r->p);
	else if (str_eq_case(name, STR("sp")))
		f->sp = policy(v, &r->sp);
	else if (str_eq_case(name, STR("np")))
		f->np = policy(v, &r->np);
	else if (str_eq_case(name, STR("adkim")))
		r->strict_dkim = str_eq_case(v, STR("s"));
	else if (str_eq_case(name, STR("aspf")))
		r->strict_spf = str_eq_case(v, STR("s"));
	else if (str_eq_case(name, STR("t")))
		r->testing = str_eq_case(v, STR("y"));
	else if (str_eq_case(name, STR("psd")))
		r->psd = str_eq_case(v, STR("y"))   ? DMARC_PSD_YES
		         : str_eq_case(v, STR("n")) ? DMARC_PSD_NO
		                                    : DMARC_PSD_UNKNOWN;
	else if (str_eq_case(name, STR("rua")))
		r->n_rua = uris(v, r->rua);
	else if (str_eq_case(name, STR("ruf")))
		r->n_ruf = uris(v, r->ruf);
}

/* "v" *WSP "=" *WSP "DMARC1", case-sensitive, before the first ";". */
static bool is_record(struct str *text)
{
	struct str first, name;

	if (!str_cut(text, ';', &first) || str_chr(first, '=') == STR_NPOS ||
	    !str_cut(&first, '=', &name))
		return false;
	return str_eq(str_trim(name), STR("v")) &&
	       str_eq(str_trim(first), STR("DMARC1"));
}

static bool read_tags(struct str text, struct dmarc_record *r, struct found *f)
{
	struct str tag, name;

	if (!is_record(&text))
		return false;
	while (str_cut(&text, ';', &tag)) {
		if (str_chr(tag, '=') == STR_NPOS || !str_cut(&tag, '=', &name))
			continue;
		take_tag(str_trim(name), str_trim(tag), r, f);
	}
	return true;
}

bool dmarc_report_record_parse(struct str text, struct dmarc_record *out)
{
	struct dmarc_record r = { .p = DMARC_NONE };
	struct found f = { false, false, false };

	if (!read_tags(text, &r, &f))
		return false;
	*out = r;
	return true;
}

bool dmarc_record_parse(struct str text, struct dmarc_record *out)
{
	struct dmarc_record r = { .p = DMARC_NONE };
	struct found f = { false, false, false };

	if (!read_tags(text, &r, &f))
		return false;
	if (!f.p && r.n_rua == 0 && r.psd != DMARC_PSD_YES)
		return false;
	if (!f.p)
		r.p = DMARC_NONE;
	if (!f.sp)
		r.sp = r.p;
	if (!f.np)
		r.np = r.sp;
	*out = r;
	return true;
}

const char *dmarc_policy_name(enum dmarc_policy p)
{
	static const char *const names[] = {
		[DMARC_NONE] = "none",
		[DMARC_QUARANTINE] = "quarantine",
		[DMARC_REJECT] = "reject",
	};

	return names[p];
}
