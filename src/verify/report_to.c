#include "verify/report_to.h"

#include "verify/dmarc.h"
#include "verify/private.h"
#include "wire/dmarc/record.h"
#include "wire/smtp/path.h"

/* "mailto:a%40b@c?..." (RFC 6068): the one address in it. */
static bool read_uri(struct str uri, struct arena *a, struct smtp_path *out)
{
	struct str text;
	struct buf b;
	size_t at;

	if (!str_starts_case(uri, STR("mailto:")) || uri.n > 500)
		return false;
	uri = str_from(uri, 7);
	at = str_chr(uri, '?');
	if (at != STR_NPOS)
		uri = str_to(uri, at);
	buf_init(&b, 500);
	for (size_t i = 0; i < uri.n; i++) {
		int high = 0, low = 0;

		if (uri.p[i] == '%' && i + 2 < uri.n &&
		    (high = ascii_hex(uri.p[i + 1])) >= 0 &&
		    (low = ascii_hex(uri.p[i + 2])) >= 0) {
			buf_add_c(&b, (char)(high << 4 | low));
			i += 2;
		} else {
			buf_add_c(&b, uri.p[i]);
		}
	}
	text = arena_dup(a, buf_str(&b));
	buf_deinit(&b);
	return smtp_address_parse(text, a, out) && out->domain.n > 0;
}

static enum verify_report_to no(struct report_address *out, const char *why)
{
	out->why = why;
	return REPORT_TO_NO;
}

/* Does it say that it wants them?  *named is the address that it prefers. */
static enum verify_report_to ask(struct asking *q, struct str domain,
                                 struct str other, struct arena *a,
                                 struct smtp_path *to,
                                 struct report_address *out)
{
	struct str name = arena_fmt(a, "%.*s._report._dmarc.%.*s",
	                            STR_ARG(domain), STR_ARG(other));
	struct dmarc_record r;
	struct smtp_path named;
	struct str *txt;
	size_t n;

	switch (verify_ask_txt(q, name, a, &txt, &n)) {
	case DNS_FAIL: return REPORT_TO_LATER;
	case DNS_NODATA:
	case DNS_NXDOMAIN: return no(out, "it does not ask for them");
	case DNS_OK: break;
	}
	for (size_t i = 0; i < n; i++) {
		if (!dmarc_report_record_parse(txt[i], &r))
			continue;
		/* Only within the domain that says so. */
		if (r.n_rua > 0 && read_uri(r.rua[0], a, &named) &&
		    str_eq_case(named.domain, to->domain))
			*to = named;
		return REPORT_TO_YES;
	}
	return no(out, "it does not ask for them");
}

enum verify_report_to verify_report_to(struct verify *v, struct str domain,
                                       struct str uri, struct verify_budget *b,
                                       struct arena *a,
                                       struct report_address *out)
{
	enum verify_report_to may = REPORT_TO_YES;
	struct str other, mine, its;
	struct smtp_path to;
	struct asking q;

	*out = (struct report_address){ .why = "" };
	if (!read_uri(uri, a, &to) || !verify_domain(to.domain, a, &other))
		return no(out, "it is no address");
	verify_asking_init(&q, v, b);
	if (!verify_dmarc_org(&q, domain, a, &mine) ||
	    !verify_dmarc_org(&q, other, a, &its))
		return REPORT_TO_LATER;
	if (!str_eq_case(mine, its))
		may = ask(&q, domain, other, a, &to, out);
	out->address = to.address;
	return may;
}
