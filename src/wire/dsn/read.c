#include "base/utf8.h"
#include "wire/dsn/dsn.h"
#include "wire/message/date.h"
#include "wire/message/field.h"
#include "wire/message/header.h"

const struct dsn_limits dsn_limits_default = {
	.bytes_max = (size_t)1024 * 1024,
	.rcpts_max = 1000,
};

bool dsn_status_is_valid(struct str s)
{
	struct str part;
	uint32_t v;
	int n = 0;

	if (s.n < 5 || (s.p[0] != '2' && s.p[0] != '4' && s.p[0] != '5') ||
	    s.p[1] != '.' || s.p[s.n - 1] == '.')
		return false;
	while (str_cut(&s, '.', &part)) {
		if (part.n > 3 || !str_to_u32(part, &v))
			return false;
		n++;
	}
	return n == 3;
}

/* A comment at the end, as in "5.1.1 (no such user)", is not the value. */
static struct str first_word(struct str v)
{
	size_t i = 0;

	while (i < v.n && v.p[i] != ' ' && v.p[i] != '\t' && v.p[i] != '(')
		i++;
	return str_to(v, i);
}

/* "\x{F6}" is a letter again; what is no such thing stays. */
static struct str take_xtext(struct arena *a, struct str s)
{
	struct buf b;
	struct str r;

	if (str_find(s, STR("\\x{")) == STR_NPOS)
		return s;
	buf_init(&b, s.n);
	while (s.n) {
		uint32_t c = 0;
		size_t i = 3;

		if (str_starts(s, STR("\\x{")))
			for (; i < s.n && i < 9 && ascii_hex(s.p[i]) >= 0; i++)
				c = c << 4 | (uint32_t)ascii_hex(s.p[i]);
		if (i > 3 && i < s.n && s.p[i] == '}' && c >= ' ') {
			utf8_add(&b, c);
			s = str_from(s, i + 1);
			continue;
		}
		buf_add_c(&b, s.p[0]);
		s = str_from(s, 1);
	}
	r = arena_dup(a, buf_str(&b));
	buf_deinit(&b);
	return r;
}

static void take_typed(struct arena *a, struct str v, struct str *type,
                       struct str *value)
{
	struct str t;

	if (!str_cut(&v, ';', &t) || v.n == 0)
		return;
	if (type)
		*type = str_trim(t);
	*value = str_trim(v);
	if (str_eq_case(str_trim(t), STR("utf-8")))
		*value = take_xtext(a, *value);
}

static void take_time(struct str v, int64_t *out)
{
	struct date d;

	if (date_parse(v, &d))
		*out = d.us;
}

static void message_field(struct arena *a, struct str name, struct str v,
                          struct dsn_message *m)
{
	if (str_eq_case(name, STR("Original-Envelope-Id")))
		m->envid = v;
	else if (str_eq_case(name, STR("Reporting-MTA")))
		take_typed(a, v, NULL, &m->reporting_mta);
	else if (str_eq_case(name, STR("Received-From-MTA")))
		take_typed(a, v, NULL, &m->received_from);
	else if (str_eq_case(name, STR("Arrival-Date")))
		take_time(v, &m->arrival_us);
	else if (str_eq_case(name, STR("Deliver-By-Date")))
		take_time(v, &m->by_us);
}

static bool take_action(struct str v, enum dsn_action *out)
{
	struct str word = first_word(v);

	for (int i = DSN_FAILED; i <= DSN_EXPANDED; i++)
		if (str_eq_case(word,
		                str_z(dsn_action_name((enum dsn_action)i)))) {
			*out = (enum dsn_action)i;
			return true;
		}
	return false;
}

static void rcpt_field(struct arena *a, struct str name, struct str v,
                       struct dsn_rcpt *r, bool *has_action)
{
	if (str_eq_case(name, STR("Original-Recipient")))
		take_typed(a, v, &r->original_type, &r->original);
	else if (str_eq_case(name, STR("Final-Recipient")))
		take_typed(a, v, &r->final_type, &r->final);
	else if (str_eq_case(name, STR("Action")))
		*has_action = take_action(v, &r->action);
	else if (str_eq_case(name, STR("Status")))
		r->status = first_word(v);
	else if (str_eq_case(name, STR("Remote-MTA")))
		take_typed(a, v, NULL, &r->remote_mta);
	else if (str_eq_case(name, STR("Diagnostic-Code")))
		take_typed(a, v, NULL, &r->diagnostic);
	else if (str_eq_case(name, STR("Last-Attempt-Date")))
		take_time(v, &r->last_us);
	else if (str_eq_case(name, STR("Will-Retry-Until")))
		take_time(v, &r->until_us);
}

/* Cut the next line off, its end included. */
static struct str next_line(struct str *rest)
{
	size_t end = str_chr(*rest, '\n');
	size_t n = end == STR_NPOS ? rest->n : end + 1;
	struct str line = str_to(*rest, n);

	*rest = str_from(*rest, n);
	return line;
}

/* The next run of lines between empty ones. */
static bool next_group(struct str *rest, struct str *out)
{
	struct str line;

	*out = (struct str){ NULL, 0 };
	while (rest->n) {
		line = next_line(rest);
		if (str_trim(line).n > 0)
			*out = out->n ? str_to(*out, out->n + line.n) : line;
		else if (out->n)
			break;
	}
	return out->n > 0;
}

static void read_group(struct arena *a, struct str group,
                       struct dsn_message *message, struct dsn_rcpt *rcpt,
                       bool *has_action)
{
	struct header_reader r = header_reader(group);
	struct header_field f;
	enum header_result res;

	while ((res = header_next(&r, &f)) != HEADER_END) {
		struct str v;

		if (res != HEADER_FIELD)
			continue;
		v = str_trim(field_unfold(a, f.raw));
		message_field(a, f.name, v, message);
		rcpt_field(a, f.name, v, rcpt, has_action);
	}
}

bool dsn_read(struct arena *a, struct str body, const struct dsn_limits *limits,
              struct dsn_report *out)
{
	struct dsn_report rep = { .rcpts_n = 0 };
	struct str group;
	size_t cap = 0;

	if (!limits)
		limits = &dsn_limits_default;
	if (body.n > limits->bytes_max) {
		body.n = limits->bytes_max;
		rep.cut = true;
	}
	while (next_group(&body, &group)) {
		struct dsn_rcpt rcpt = { .action = DSN_FAILED };
		bool has_action = false;

		read_group(a, group, &rep.message, &rcpt, &has_action);
		if (!has_action || rcpt.final.n == 0 ||
		    !dsn_status_is_valid(rcpt.status))
			continue;
		if (rep.rcpts_n == limits->rcpts_max) {
			rep.cut = true;
			break;
		}
		rep.rcpts = arena_grow(a, rep.rcpts, rep.rcpts_n, &cap,
		                       sizeof(*rep.rcpts));
		rep.rcpts[rep.rcpts_n++] = rcpt;
	}
	if (rep.rcpts_n == 0)
		return false;
	*out = rep;
	return true;
}
