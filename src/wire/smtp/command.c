#include "wire/smtp/command.h"

#include "wire/smtp/private.h"
#include "wire/smtp/xtext.h"

struct smtp_command smtp_command_split(struct str line)
{
	struct smtp_command c;
	size_t i = 0;

	/* White space before a verb is an error the table will not find;
	 * behind a command it is let pass (RFC 5321, 4.1.1). */
	while (i < line.n && !smtp_is_wsp(line.p[i]))
		i++;
	c.verb = str_to(line, i);
	c.args = smtp_trim_wsp(str_from(line, i));
	return c;
}

bool smtp_command_is_clean(struct str line)
{
	size_t i;

	for (i = 0; i < line.n; i++) {
		unsigned char c = (unsigned char)line.p[i];

		if ((c < 32 && c != '\t') || c == 127)
			return false;
	}
	return true;
}

/* ---- RCPT ---- */

static enum smtp_parse read_notify(const struct smtp_param *p, struct arena *a,
                                   void *into)
{
	struct smtp_rcpt *r = into;
	struct str rest = p->value, word;

	(void)a;
	if (rest.n == 0 || rest.p[rest.n - 1] == ',')
		return SMTP_PARSE_PARAM;
	while (str_cut(&rest, ',', &word)) {
		unsigned bit;

		if (str_eq_case(word, STR("NEVER")))
			bit = SMTP_NOTIFY_NEVER;
		else if (str_eq_case(word, STR("SUCCESS")))
			bit = SMTP_NOTIFY_SUCCESS;
		else if (str_eq_case(word, STR("FAILURE")))
			bit = SMTP_NOTIFY_FAILURE;
		else if (str_eq_case(word, STR("DELAY")))
			bit = SMTP_NOTIFY_DELAY;
		else
			return SMTP_PARSE_PARAM;
		if (r->notify & bit)
			return SMTP_PARSE_PARAM;
		r->notify |= bit;
	}
	/* RFC 3461, 4.1: NEVER stands alone. */
	if ((r->notify & SMTP_NOTIFY_NEVER) && r->notify != SMTP_NOTIFY_NEVER)
		return SMTP_PARSE_PARAM;
	return SMTP_PARSE_OK;
}

/* RFC 3461, 4.2: type;xtext, 500 characters together; RFC 6533, 3: utf-8. */
static enum smtp_parse read_orcpt(const struct smtp_param *p, struct arena *a,
                                  void *into)
{
	struct smtp_rcpt *r = into;
	struct str rest = p->value;
	bool ok;

	if (p->value.n > 500 || str_chr(rest, ';') == STR_NPOS)
		return SMTP_PARSE_PARAM;
	(void)str_cut(&rest, ';', &r->orcpt_type);
	if (!smtp_param_keyword_is_valid(r->orcpt_type) || rest.n == 0)
		return SMTP_PARSE_PARAM;
	if (str_eq_case(r->orcpt_type, STR("utf-8")))
		ok = xtext_utf8_decode(rest, a, &r->orcpt);
	else
		ok = xtext_decode(rest, a, &r->orcpt) &&
		     smtp_param_is_printable(r->orcpt);
	return ok ? SMTP_PARSE_OK : SMTP_PARSE_PARAM;
}

enum smtp_parse smtp_rcpt_parse(struct str args, struct arena *a,
                                struct smtp_rcpt *out)
{
	static const struct smtp_param_row rows[] = {
		{ "NOTIFY", read_notify },
		{ "ORCPT", read_orcpt },
	};
	struct smtp_rcpt r = { 0 };
	enum smtp_parse res;

	if (!smtp_param_word(&args, STR("TO:")))
		return SMTP_PARSE_SYNTAX;
	if (!smtp_path_parse(&args, true, a, &r.path) || r.path.null)
		return SMTP_PARSE_ADDRESS;
	/* RFC 5321, 4.1.1.3: Postmaster alone may stand without a domain. */
	if (r.path.domain.n == 0 &&
	    !str_eq_case(r.path.local, STR("postmaster")))
		return SMTP_PARSE_ADDRESS;
	res = smtp_params_read(args, rows, sizeof(rows) / sizeof(rows[0]), a,
	                       &r);
	if (res == SMTP_PARSE_OK)
		*out = r;
	return res;
}

/* ---- BDAT, HELO ---- */

enum smtp_parse smtp_bdat_parse(struct str args, struct smtp_bdat *out)
{
	struct smtp_bdat b = { 0 };
	size_t n = 0;
	struct str last;

	while (n < args.n && !smtp_is_wsp(args.p[n]))
		n++;
	/* RFC 3030, 2: a chunk that no number holds can not be read over. */
	if (n > 20 || !str_to_u64(str_to(args, n), INT64_MAX, &b.size))
		return SMTP_PARSE_SYNTAX;
	last = smtp_trim_wsp(str_from(args, n));
	b.last = str_eq_case(last, STR("LAST"));
	if (last.n && !b.last)
		return SMTP_PARSE_SYNTAX;
	*out = b;
	return SMTP_PARSE_OK;
}

enum smtp_helo smtp_helo_kind(struct str name)
{
	if (name.n && name.p[0] == '[')
		return smtp_literal_is_valid(name) ? SMTP_HELO_LITERAL
		                                   : SMTP_HELO_BAD;
	if (!smtp_domain_is_valid(name))
		return SMTP_HELO_BAD;
	return str_chr(name, '.') == STR_NPOS ? SMTP_HELO_SHORT
	                                      : SMTP_HELO_NAME;
}
