#include "wire/mtasts/policy.h"

static bool is_wsp(char c)
{
	return c == ' ' || c == '\t';
}

static struct str trim_wsp(struct str s)
{
	while (s.n && is_wsp(s.p[0]))
		s = str_from(s, 1);
	while (s.n && is_wsp(s.p[s.n - 1]))
		s.n--;
	return s;
}

static bool is_alnum(char c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c);
}

/* ---- the record ---- */

/* The version comes first, and nothing else looks like it. */
static bool take_version(struct str *txt)
{
	static const struct str version = STR_INIT("v=STSv1");
	struct str rest;

	if (!str_starts(*txt, version))
		return false;
	rest = trim_wsp(str_from(*txt, version.n));
	if (rest.n && rest.p[0] != ';')
		return false;
	*txt = rest;
	return true;
}

bool mtasts_record_is(struct str txt)
{
	return take_version(&txt);
}

static bool is_id(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_alnum(s.p[i]))
			return false;
	return s.n >= 1 && s.n <= MTASTS_ID_MAX;
}

/* RFC 8461, 3.1: sts-ext-name, 32 characters at most. */
static bool is_ext_name(struct str s)
{
	if (s.n == 0 || s.n > 32 || !is_alnum(s.p[0]))
		return false;
	for (size_t i = 1; i < s.n; i++)
		if (!is_alnum(s.p[i]) && s.p[i] != '_' && s.p[i] != '-' &&
		    s.p[i] != '.')
			return false;
	return true;
}

bool mtasts_record_parse(struct str txt, struct str *id_out)
{
	struct str field, id = { NULL, 0 };

	if (!take_version(&txt))
		return false;
	while (str_cut(&txt, ';', &field)) {
		struct str value = trim_wsp(field), name;

		if (value.n == 0)
			continue; /* before the first, behind the last */
		if (str_chr(value, '=') == STR_NPOS)
			return false;
		(void)str_cut(&value, '=', &name);
		if (!is_ext_name(name) || value.n == 0)
			return false;
		if (!str_eq(name, STR("id")))
			continue; /* an extension */
		if (id.n || !is_id(value))
			return false;
		id = value;
	}
	if (id.n == 0)
		return false;
	*id_out = id;
	return true;
}

/* ---- the policy ---- */

/* Which fields were read: all but mx count once, the first (RFC 8461, 3.2). */
#define GOT_VERSION 1u
#define GOT_MODE    2u
#define GOT_AGE     4u

struct reader {
	struct mtasts_policy *out;
	unsigned got;
	const char *why;
};

static bool bad(struct reader *r, const char *why)
{
	r->why = why;
	return false;
}

static bool first(struct reader *r, unsigned bit)
{
	bool is = !(r->got & bit);

	r->got |= bit;
	return is;
}

static bool take_mode(struct reader *r, struct str v)
{
	if (str_eq(v, STR("enforce")))
		r->out->mode = MTASTS_ENFORCE;
	else if (str_eq(v, STR("testing")))
		r->out->mode = MTASTS_TESTING;
	else if (str_eq(v, STR("none")))
		r->out->mode = MTASTS_NONE;
	else
		return bad(r, "an unknown mode");
	return true;
}

/* A name, or a star and a name. */
static bool is_pattern(struct str s)
{
	bool label = false;

	if (str_starts(s, STR("*.")))
		s = str_from(s, 2);
	if (s.n == 0 || s.n > 253)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '.' ? !label : !is_alnum(c) && c != '-' && c != '_')
			return false;
		label = c != '.';
	}
	return label;
}

static bool take_mx(struct reader *r, struct str v)
{
	if (v.n > 1 && v.p[v.n - 1] == '.')
		v.n--; /* not allowed, but clear */
	if (!is_pattern(v))
		return bad(r, "an mx that is no name");
	if (r->out->mx_n == MTASTS_MX_MAX)
		return bad(r, "too many mx");
	r->out->mx[r->out->mx_n++] = v;
	return true;
}

static bool take_age(struct reader *r, struct str v)
{
	uint64_t n;

	if (v.n > 10 || !str_to_u64(v, 9999999999, &n))
		return bad(r, "max_age is no number");
	r->out->max_age_s =
		n < MTASTS_MAX_AGE_MAX ? (uint32_t)n : MTASTS_MAX_AGE_MAX;
	return true;
}

static bool take_field(struct reader *r, struct str name, struct str v)
{
	if (str_eq(name, STR("version"))) {
		if (!first(r, GOT_VERSION))
			return true;
		return str_eq(v, STR("STSv1")) || bad(r, "another version");
	}
	if (str_eq(name, STR("mode")))
		return !first(r, GOT_MODE) || take_mode(r, v);
	if (str_eq(name, STR("max_age")))
		return !first(r, GOT_AGE) || take_age(r, v);
	if (str_eq(name, STR("mx")))
		return take_mx(r, v);
	return true; /* an extension */
}

static bool take_line(struct reader *r, struct str line)
{
	struct str name;

	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	line = trim_wsp(line);
	if (line.n == 0)
		return true;
	for (size_t i = 0; i < line.n; i++)
		if ((unsigned char)line.p[i] < 32 && line.p[i] != '\t')
			return bad(r, "control characters");
	if (str_chr(line, ':') == STR_NPOS)
		return bad(r, "a line without a colon");
	(void)str_cut(&line, ':', &name);
	return take_field(r, trim_wsp(name), trim_wsp(line));
}

bool mtasts_policy_parse(struct str file, struct mtasts_policy *out,
                         const char **why)
{
	struct reader r = { .out = out };
	struct str line;
	bool ok = file.n <= MTASTS_POLICY_MAX || bad(&r, "too large");

	out->mode = MTASTS_NONE;
	out->max_age_s = 0;
	out->mx_n = 0;
	while (ok && str_cut(&file, '\n', &line))
		ok = take_line(&r, line);
	if (ok && !(r.got & GOT_VERSION))
		ok = bad(&r, "no version");
	if (ok && !(r.got & GOT_MODE))
		ok = bad(&r, "no mode");
	if (ok && !(r.got & GOT_AGE))
		ok = bad(&r, "no max_age");
	if (ok && out->mx_n == 0 && out->mode != MTASTS_NONE)
		ok = bad(&r, "no mx");
	if (!ok)
		*why = r.why;
	return ok;
}

static bool matches(struct str pattern, struct str host)
{
	size_t dot;

	if (!str_starts(pattern, STR("*.")))
		return str_eq_case(pattern, host);
	dot = str_chr(host, '.');
	return dot != STR_NPOS && dot > 0 &&
	       str_eq_case(str_from(pattern, 2), str_from(host, dot + 1));
}

bool mtasts_policy_has(const struct mtasts_policy *p, struct str host)
{
	if (host.n && host.p[host.n - 1] == '.')
		host.n--;
	for (size_t i = 0; i < p->mx_n; i++)
		if (matches(p->mx[i], host))
			return true;
	return false;
}
