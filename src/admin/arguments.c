/* The arguments of an operation: from text and from JSON, within limits. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "admin/ops.h"
#include "base/civil.h"
#include "base/utf8.h"
#include "os/clock.h"

/* What a type holds where the row says nothing else. */
#define TEXT_MAX     1000
#define ADDRESS_MAX  400
#define NUMBER_MAX   INT64_MAX
#define AHEAD_MAX_US (INT64_C(36500) * US_PER_DAY)

int admin_blame(struct admin_call *c, const char *name, struct err *err,
                enum err_kind kind, const char *fmt, ...)
{
	char text[sizeof(err->text)];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	c->field = name;
	return err_set(err, kind, "%s", text);
}

static size_t find(const struct admin_call *c, const char *name)
{
	const struct admin_param *p = c->op->params;

	for (size_t i = 0; p && p[i].name; i++)
		if (strcmp(p[i].name, name) == 0)
			return i;
	return SIZE_MAX;
}

const struct admin_value *admin_arg(const struct admin_call *c,
                                    const char *name)
{
	size_t i = find(c, name);

	if (i == SIZE_MAX)
		err_die("%s has no parameter %s", c->op->name, name);
	return &c->v[i];
}

struct str admin_arg_text(const struct admin_call *c, const char *name)
{
	return admin_arg(c, name)->s;
}

bool admin_arg_flag(const struct admin_call *c, const char *name)
{
	return admin_arg(c, name)->b;
}

bool admin_arg_given(const struct admin_call *c, const char *name)
{
	return admin_arg(c, name)->given;
}

size_t admin_arg_limit(const struct admin_call *c)
{
	uint64_t n = admin_arg(c, "limit")->u;

	return n ? (size_t)n : ADMIN_PAGE;
}

/* ---- times ---- */

/* "2026-11-24", with "T10:00" or "T10:00:30", and "Z". */
static bool read_date(struct str s, int64_t *out)
{
	static const size_t at[] = { 0, 5, 8, 11, 14, 17 };
	uint64_t v[6] = { 0 };
	size_t parts = s.n == 10 ? 3 : s.n == 16 ? 5 : s.n == 19 ? 6 : 0;
	struct civil t;

	if (s.n && s.p[s.n - 1] == 'Z')
		return read_date(str_to(s, s.n - 1), out);
	if (!parts || s.p[4] != '-' || s.p[7] != '-')
		return false;
	for (size_t i = 0; i < parts; i++)
		if (!str_to_u64(str_to(str_from(s, at[i]), i ? 2 : 4), 9999,
		                &v[i]))
			return false;
	if (v[1] < 1 || v[1] > 12 || v[2] < 1 || v[2] > 31 || v[3] > 23 ||
	    v[4] > 59 || v[5] > 60)
		return false;
	t = (struct civil){ .year = (int32_t)v[0],
		            .month = (int8_t)v[1],
		            .day = (int8_t)v[2],
		            .hour = (int8_t)v[3],
		            .minute = (int8_t)v[4],
		            .second = (int8_t)v[5] };
	*out = civil_seconds(&t) * US_PER_SEC;
	return true;
}

bool admin_time_parse(struct str s, int64_t now_us, bool ahead, int64_t *out)
{
	int64_t unit = 0;
	uint64_t n;

	switch (s.n ? s.p[s.n - 1] : 0) {
	case 's': unit = US_PER_SEC; break;
	case 'm': unit = US_PER_MIN; break;
	case 'h': unit = US_PER_HOUR; break;
	case 'd': unit = US_PER_DAY; break;
	default: return read_date(s, out);
	}
	if (!str_to_u64(str_to(s, s.n - 1), (uint64_t)(AHEAD_MAX_US / unit),
	                &n))
		return false;
	*out = ahead ? now_us + (int64_t)n * unit : now_us - (int64_t)n * unit;
	return true;
}

/* ---- texts ---- */

static bool is_word(const char *words, struct str s)
{
	struct str rest = str_z(words), one;

	while (str_cut(&rest, '|', &one))
		if (str_eq(one, s))
			return true;
	return false;
}

static size_t bytes_max(const struct admin_param *p)
{
	if (p->max && p->type != ADMIN_NUMBER && p->type != ADMIN_BYTES)
		return (size_t)p->max;
	switch (p->type) {
	case ADMIN_SECRET: return ADMIN_PASSWORD_MAX;
	case ADMIN_ADDRESS:
	case ADMIN_NAME:
	case ADMIN_LIST: return ADDRESS_MAX;
	default: return TEXT_MAX;
	}
}

static int check_text(struct admin_call *c, const struct admin_param *p,
                      struct str s, struct err *err)
{
	if (s.n > bytes_max(p))
		return admin_blame(c, p->name, err, ERR_TOO_BIG,
		                   "%s holds at most %zu bytes", p->name,
		                   bytes_max(p));
	if (!utf8_is_valid(s) || memchr(s.p ? s.p : "", 0, s.n))
		return admin_blame(c, p->name, err, ERR_INVALID,
		                   "%s is not UTF-8 text", p->name);
	return 0;
}

static int wrong(struct admin_call *c, const struct admin_param *p,
                 const char *what, struct err *err)
{
	return admin_blame(c, p->name, err, ERR_INVALID, "%s is %s", p->name,
	                   what);
}

static int set_number(struct admin_call *c, const struct admin_param *p,
                      struct admin_value *v, uint64_t n, struct err *err)
{
	uint64_t max = p->max ? p->max : NUMBER_MAX;

	if (n > max)
		return admin_blame(c, p->name, err, ERR_TOO_BIG,
		                   "%s is at most %llu", p->name,
		                   (unsigned long long)max);
	v->u = n;
	return 0;
}

static int add_item(struct admin_call *c, const struct admin_param *p,
                    struct admin_value *v, struct str s, struct err *err)
{
	struct str *more;

	if (p->type == ADMIN_CHOICES && !is_word(p->words, s))
		return admin_blame(c, p->name, err, ERR_INVALID,
		                   "%s are of: %s", p->name, p->words);
	if (v->items_n == ADMIN_ITEMS_MAX)
		return admin_blame(c, p->name, err, ERR_TOO_BIG,
		                   "%s holds at most %d", p->name,
		                   ADMIN_ITEMS_MAX);
	more = arena_array(c->a, v->items_n + 1, sizeof(*more));
	for (size_t i = 0; i < v->items_n; i++)
		more[i] = v->items[i];
	more[v->items_n++] = arena_dup(c->a, s);
	v->items = more;
	return 0;
}

static int set_text(struct admin_call *c, const struct admin_param *p,
                    struct admin_value *v, struct str s, struct err *err)
{
	uint64_t n = 0;

	switch (p->type) {
	case ADMIN_TEXT:
	case ADMIN_ADDRESS:
	case ADMIN_NAME:
	case ADMIN_SECRET: break;
	case ADMIN_NUMBER:
		if (!str_to_u64(s, UINT64_MAX, &n))
			return wrong(c, p, "a whole number", err);
		return set_number(c, p, v, n, err);
	case ADMIN_BYTES:
		if (!config_size_of(s, &n))
			return wrong(c, p, "a size such as 500M or 5G", err);
		return set_number(c, p, v, n, err);
	case ADMIN_FLAG:
		v->b = str_eq(s, STR("true"));
		if (!v->b && !str_eq(s, STR("false")))
			return wrong(c, p, "true or false", err);
		return 0;
	case ADMIN_TIME:
		if (!admin_time_parse(s, clock_wall_us(),
		                      p->flags & ADMIN_AHEAD, &v->us))
			return wrong(c, p,
			             "a time such as 2026-03-01T12:00:00Z, "
			             "2026-03-01 or 30d",
			             err);
		return 0;
	case ADMIN_CHOICE:
		if (!is_word(p->words, s))
			return admin_blame(c, p->name, err, ERR_INVALID,
			                   "%s is one of: %s", p->name,
			                   p->words);
		break;
	case ADMIN_CHOICES:
	case ADMIN_LIST: return add_item(c, p, v, s, err);
	}
	v->s = arena_dup(c->a, s);
	return 0;
}

static const struct admin_param *param_of(struct admin_call *c,
                                          const char *name,
                                          struct admin_value **v,
                                          struct err *err)
{
	size_t i = find(c, name);

	if (i == SIZE_MAX) {
		err_drop(admin_blame(c, arena_strz(c->a, str_z(name)), err,
		                     ERR_INVALID, "%s has no parameter \"%s\"",
		                     c->op->name, name));
		return NULL;
	}
	*v = &c->v[i];
	return &c->op->params[i];
}

int admin_give(struct admin_call *c, const char *name, struct str text,
               struct err *err)
{
	struct admin_value *v;
	const struct admin_param *p = param_of(c, name, &v, err);

	if (!p || check_text(c, p, text, err) < 0)
		return -1;
	v->given = true;
	if (p->flags & ADMIN_DEFAULT && str_eq(text, STR("default"))) {
		v->is_default = true;
		return 0;
	}
	return set_text(c, p, v, text, err);
}

int admin_give_list(struct admin_call *c, const char *name,
                    const struct str *items, size_t n, struct err *err)
{
	struct admin_value *v;
	const struct admin_param *p = param_of(c, name, &v, err);

	if (!p)
		return -1;
	if (p->type != ADMIN_LIST && p->type != ADMIN_CHOICES)
		return wrong(c, p, "one value, not a list", err);
	v->given = true;
	for (size_t i = 0; i < n; i++)
		if (check_text(c, p, items[i], err) < 0 ||
		    add_item(c, p, v, items[i], err) < 0)
			return -1;
	return 0;
}

/* ---- JSON ---- */

static int give_array(struct admin_call *c, const struct admin_param *p,
                      struct admin_value *v, struct json value, struct err *err)
{
	if (json_kind(value) != JSON_IS_ARRAY)
		return wrong(c, p, "an array of texts", err);
	v->given = true;
	for (size_t i = 0; i < json_count(value); i++) {
		struct json item = json_at(value, i);

		if (json_kind(item) != JSON_IS_STRING)
			return wrong(c, p, "an array of texts", err);
		if (check_text(c, p, json_as_str(item), err) < 0 ||
		    add_item(c, p, v, json_as_str(item), err) < 0)
			return -1;
	}
	return 0;
}

static int give_value(struct admin_call *c, const struct admin_param *p,
                      struct admin_value *v, struct json value, struct err *err)
{
	uint64_t n = 0;

	if (json_kind(value) == JSON_IS_NULL) {
		if (!(p->flags & ADMIN_DEFAULT))
			return wrong(c, p, "not to be null", err);
		v->given = v->is_default = true;
		return 0;
	}
	v->given = true;
	switch (p->type) {
	case ADMIN_LIST:
	case ADMIN_CHOICES: return give_array(c, p, v, value, err);
	case ADMIN_FLAG:
		if (json_kind(value) != JSON_IS_BOOL)
			return wrong(c, p, "true or false", err);
		v->b = json_as_bool(value);
		return 0;
	case ADMIN_NUMBER:
		if (!json_as_u64(value, &n))
			return wrong(c, p, "a whole number", err);
		return set_number(c, p, v, n, err);
	case ADMIN_BYTES:
		if (json_as_u64(value, &n))
			return set_number(c, p, v, n, err);
		break;
	default: break;
	}
	if (json_kind(value) != JSON_IS_STRING)
		return wrong(c, p, "a text", err);
	if (check_text(c, p, json_as_str(value), err) < 0)
		return -1;
	return set_text(c, p, v, json_as_str(value), err);
}

int admin_give_json(struct admin_call *c, struct json object, struct err *err)
{
	struct json_members m = { .object = object };
	struct json value;
	struct str name;

	while (json_member_next(&m, &name, &value)) {
		struct admin_value *v;
		const struct admin_param *p =
			param_of(c, arena_strz(c->a, name), &v, err);

		if (!p)
			return -1;
		if (v->given)
			return wrong(c, p, "given twice", err);
		if (give_value(c, p, v, value, err) < 0)
			return -1;
	}
	return 0;
}
