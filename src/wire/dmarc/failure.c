#include "wire/dmarc/failure.h"

#include "wire/message/field.h"
#include "wire/message/header.h"

static struct str plain(struct arena *a, struct str raw)
{
	struct str s = str_trim(field_unfold(a, raw));

	if (s.n >= 2 && s.p[0] == '<' && s.p[s.n - 1] == '>')
		return (struct str){ s.p + 1, s.n - 2 };
	return s;
}

bool dmarc_failure_parse(struct str text, struct arena *a,
                         struct dmarc_failure *out)
{
	struct dmarc_failure f = { .failure = { NULL, 0 } };

	const struct {
		struct str name;
		struct str *to;
	} fields[] = {
		{ STR("Reported-Domain"), &f.domain },
		{ STR("Source-IP"), &f.source_ip },
		{ STR("Auth-Failure"), &f.failure },
		{ STR("Original-Mail-From"), &f.mail_from },
		{ STR("Identity-Alignment"), &f.alignment },
		{ STR("DKIM-Domain"), &f.dkim_domain },
		{ STR("SPF-DNS"), &f.spf_dns },
	};
	struct header_reader r = header_reader(text);
	enum header_result got;
	struct header_field one;
	bool is_failure = false;

	while ((got = header_next(&r, &one)) != HEADER_END) {
		if (got != HEADER_FIELD)
			continue;
		if (str_eq_case(one.name, STR("Feedback-Type")))
			is_failure = str_eq_case(str_trim(one.raw),
			                         STR("auth-failure"));
		/* The first of a name counts: RFC 6591 allows one each. */
		for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
			if (fields[i].to->n == 0 &&
			    str_eq_case(one.name, fields[i].name))
				*fields[i].to = plain(a, one.raw);
	}
	if (!is_failure || f.domain.n == 0)
		return false;
	*out = f;
	return true;
}
