/* The arguments of MAIL. */
#include "wire/message/timestamp.h"
#include "wire/smtp/private.h"
#include "wire/smtp/xtext.h"

static enum smtp_parse read_size(const struct smtp_param *p, struct arena *a,
                                 void *into)
{
	struct smtp_mail *m = into;

	(void)a;
	/* RFC 1870, 4: at most 20 digits; what no number holds is too big. */
	if (!p->has_value || p->value.n == 0 || p->value.n > 20)
		return SMTP_PARSE_PARAM;
	if (!str_to_u64(p->value, UINT64_MAX, &m->size)) {
		size_t i;

		for (i = 0; i < p->value.n; i++)
			if (!ascii_is_digit(p->value.p[i]))
				return SMTP_PARSE_PARAM;
		m->size = UINT64_MAX;
	}
	m->has_size = true;
	return SMTP_PARSE_OK;
}

static enum smtp_parse read_body(const struct smtp_param *p, struct arena *a,
                                 void *into)
{
	struct smtp_mail *m = into;

	(void)a;
	if (str_eq_case(p->value, STR("7BIT")))
		m->body = SMTP_BODY_7BIT;
	else if (str_eq_case(p->value, STR("8BITMIME")))
		m->body = SMTP_BODY_8BITMIME;
	else if (str_eq_case(p->value, STR("BINARYMIME")))
		m->body = SMTP_BODY_BINARYMIME;
	else
		return SMTP_PARSE_PARAM;
	m->has_body = true;
	return SMTP_PARSE_OK;
}

static enum smtp_parse read_smtputf8(const struct smtp_param *p,
                                     struct arena *a, void *into)
{
	struct smtp_mail *m = into;

	(void)a;
	if (p->has_value)
		return SMTP_PARSE_PARAM;
	m->smtputf8 = true;
	return SMTP_PARSE_OK;
}

static enum smtp_parse read_ret(const struct smtp_param *p, struct arena *a,
                                void *into)
{
	struct smtp_mail *m = into;

	(void)a;
	if (str_eq_case(p->value, STR("FULL")))
		m->ret = SMTP_RET_FULL;
	else if (str_eq_case(p->value, STR("HDRS")))
		m->ret = SMTP_RET_HDRS;
	else
		return SMTP_PARSE_PARAM;
	return SMTP_PARSE_OK;
}

/* RFC 3461, 4.4: at most 100 characters, printable when decoded. */
static enum smtp_parse read_envid(const struct smtp_param *p, struct arena *a,
                                  void *into)
{
	struct smtp_mail *m = into;

	if (p->value.n == 0 || p->value.n > 100 ||
	    !xtext_decode(p->value, a, &m->envid) ||
	    !smtp_param_is_printable(m->envid))
		return SMTP_PARSE_PARAM;
	return SMTP_PARSE_OK;
}

/* RFC 4954, 5: an address in xtext, or <>. */
static enum smtp_parse read_auth(const struct smtp_param *p, struct arena *a,
                                 void *into)
{
	struct smtp_mail *m = into;
	struct smtp_path path;

	m->has_auth = true;
	if (str_eq(p->value, STR("<>")))
		return SMTP_PARSE_OK;
	if (p->value.n == 0 || p->value.n > 500 ||
	    !xtext_decode(p->value, a, &m->auth) ||
	    !smtp_address_parse(m->auth, a, &path))
		return SMTP_PARSE_PARAM;
	return SMTP_PARSE_OK;
}

/* ---- a later time ---- */

/* RFC 4865, 4: one of the two. */
static enum smtp_parse read_holdfor(const struct smtp_param *p, struct arena *a,
                                    void *into)
{
	struct smtp_mail *m = into;

	(void)a;
	if (p->value.n > 9 || m->hold != SMTP_HOLD_NONE ||
	    !str_to_u64(p->value, SMTP_HOLD_SECONDS_MAX, &m->hold_s))
		return SMTP_PARSE_PARAM;
	m->hold = SMTP_HOLD_FOR;
	return SMTP_PARSE_OK;
}

static enum smtp_parse read_holduntil(const struct smtp_param *p,
                                      struct arena *a, void *into)
{
	struct smtp_mail *m = into;

	(void)a;
	if (m->hold != SMTP_HOLD_NONE ||
	    !timestamp_parse(p->value, &m->hold_until_us))
		return SMTP_PARSE_PARAM;
	m->hold = SMTP_HOLD_UNTIL;
	return SMTP_PARSE_OK;
}

/* RFC 2852, 4: [+-] at most nine digits ";" N or R, and T. */
static enum smtp_parse read_by(const struct smtp_param *p, struct arena *a,
                               void *into)
{
	struct smtp_mail *m = into;
	struct str mode = p->value, time;
	bool minus;
	uint64_t s;

	(void)a;
	if (str_chr(mode, ';') == STR_NPOS)
		return SMTP_PARSE_PARAM;
	(void)str_cut(&mode, ';', &time);
	minus = time.n && time.p[0] == '-';
	if (time.n && (minus || time.p[0] == '+'))
		time = str_from(time, 1);
	if (time.n > 9 || !str_to_u64(time, SMTP_HOLD_SECONDS_MAX, &s))
		return SMTP_PARSE_PARAM;
	m->by_s = minus ? -(int64_t)s : (int64_t)s;
	m->by_trace = mode.n == 2 && ascii_lower(mode.p[1]) == 't';
	if (mode.n != 1u + m->by_trace)
		return SMTP_PARSE_PARAM;
	switch (ascii_lower(mode.p[0])) {
	case 'n': m->by = SMTP_BY_NOTIFY; return SMTP_PARSE_OK;
	case 'r': m->by = SMTP_BY_RETURN; break;
	default: return SMTP_PARSE_PARAM;
	}
	/* What is to be returned must have had some time. */
	return m->by_s > 0 ? SMTP_PARSE_OK : SMTP_PARSE_PARAM;
}

/* RFC 6710, 6: -9 to 9, one digit. */
static enum smtp_parse read_priority(const struct smtp_param *p,
                                     struct arena *a, void *into)
{
	struct smtp_mail *m = into;
	struct str v = p->value;
	bool minus = v.n == 2 && v.p[0] == '-';

	(void)a;
	if (minus)
		v = str_from(v, 1);
	if (v.n != 1 || !ascii_is_digit(v.p[0]))
		return SMTP_PARSE_PARAM;
	m->priority = minus ? -(v.p[0] - '0') : v.p[0] - '0';
	m->has_priority = true;
	return SMTP_PARSE_OK;
}

static enum smtp_parse read_requiretls(const struct smtp_param *p,
                                       struct arena *a, void *into)
{
	struct smtp_mail *m = into;

	(void)a;
	if (p->has_value)
		return SMTP_PARSE_PARAM;
	m->requiretls = true;
	return SMTP_PARSE_OK;
}

enum smtp_parse smtp_mail_parse(struct str args, struct arena *a,
                                struct smtp_mail *out)
{
	static const struct smtp_param_row rows[] = {
		{ "SIZE", read_size },
		{ "BODY", read_body },
		{ "SMTPUTF8", read_smtputf8 },
		{ "RET", read_ret },
		{ "ENVID", read_envid },
		{ "AUTH", read_auth },
		{ "HOLDFOR", read_holdfor },
		{ "HOLDUNTIL", read_holduntil },
		{ "BY", read_by },
		{ "MT-PRIORITY", read_priority },
		{ "REQUIRETLS", read_requiretls },
	};
	struct smtp_mail m = { 0 };
	enum smtp_parse r;

	if (!smtp_param_word(&args, STR("FROM:")))
		return SMTP_PARSE_SYNTAX;
	if (!smtp_path_parse(&args, false, a, &m.path))
		return SMTP_PARSE_ADDRESS;
	r = smtp_params_read(args, rows, sizeof(rows) / sizeof(rows[0]), a, &m);
	if (r == SMTP_PARSE_OK)
		*out = m;
	return r;
}
