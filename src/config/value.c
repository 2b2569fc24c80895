#include "base/utf8.h"
#include "config/private.h"
#include "os/clock.h"

struct unit {
	const char *name;
	uint64_t factor;
};

static const struct unit sizes[] = {
	{ "T", UINT64_C(1) << 40 },
	{ "G", UINT64_C(1) << 30 },
	{ "M", UINT64_C(1) << 20 },
	{ "K", UINT64_C(1) << 10 },
	{ "", 1 },
};

static const struct unit times[] = {
	{ "w", (uint64_t)US_PER_DAY * 7 }, { "d", (uint64_t)US_PER_DAY },
	{ "h", (uint64_t)US_PER_HOUR },    { "m", (uint64_t)US_PER_MIN },
	{ "s", (uint64_t)US_PER_SEC },     { "ms", (uint64_t)US_PER_MS },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* digits, perhaps a blank, a unit. */
static bool parse_unit(struct str s, const struct unit *units, size_t n,
                       uint64_t *out)
{
	struct str unit;
	size_t digits = 0;
	uint64_t v;

	while (digits < s.n && ascii_is_digit(s.p[digits]))
		digits++;
	unit = str_trim(str_from(s, digits));
	for (size_t i = 0; i < n; i++)
		if (str_eq_case(unit, str_z(units[i].name))) {
			uint64_t most = UINT64_MAX / units[i].factor;

			if (!str_to_u64(str_to(s, digits), most, &v))
				return false;
			*out = v * units[i].factor;
			return true;
		}
	return false;
}

/* "70MB" and "70MiB" are 70M. */
bool config_size_parse(struct str s, uint64_t *out)
{
	if (s.n && ascii_lower(s.p[s.n - 1]) == 'b')
		s.n--;
	if (s.n > 1 && s.p[s.n - 1] == 'i')
		s.n--;
	return parse_unit(s, sizes, COUNT(sizes), out);
}

bool config_size_of(struct str s, uint64_t *out)
{
	return config_size_parse(str_trim(s), out);
}

bool config_time_parse(struct str s, uint64_t *us_out)
{
	return parse_unit(s, times, COUNT(times), us_out);
}

/* In the largest unit that gives a whole number. */
static void write_unit(struct buf *out, uint64_t v, const struct unit *units,
                       size_t n)
{
	size_t i = 0;

	while (i < n - 1 && (v == 0 || v % units[i].factor))
		i++;
	buf_fmt(out, "%llu%s", (unsigned long long)(v / units[i].factor),
	        units[i].name);
}

void config_size_write(struct buf *out, uint64_t v)
{
	write_unit(out, v, sizes, COUNT(sizes));
}

/* Weeks are understood, but days read better; 0 is "0s". */
void config_time_write(struct buf *out, uint64_t us)
{
	if (us == 0)
		buf_add_z(out, "0s");
	else
		write_unit(out, us, times + 1, COUNT(times) - 1);
}

static const char *example(enum config_type type)
{
	switch (type) {
	case CONFIG_INT: return "a whole number is expected";
	case CONFIG_SIZE: return "a size is expected, 1048576 or \"70M\"";
	case CONFIG_TIME:
		return "a time is expected, \"30s\", \"5m\", \"2h\", \"14d\"";
	case CONFIG_BOOL: return "true or false is expected";
	case CONFIG_TEXT: return "text in quotes is expected";
	case CONFIG_CHOICE: return "a word in quotes is expected";
	case CONFIG_LIST: return "a list is expected: [\"...\", \"...\"]";
	}
	return "";
}

static bool wrong_type(const struct config_row *row, struct arena *a,
                       struct config_wrong *wrong)
{
	wrong->text =
		arena_fmt(a, "\"%s\" takes another kind of value", row->key);
	wrong->hint = str_z(example(row->type));
	return false;
}

static void write_amount(const struct config_row *row, struct buf *out,
                         uint64_t v)
{
	if (row->type == CONFIG_TIME)
		config_time_write(out, v);
	else if (row->type == CONFIG_SIZE)
		config_size_write(out, v);
	else
		buf_add_u64(out, v);
}

static bool in_range(const struct config_row *row, uint64_t v, bool negative,
                     struct arena *a, struct config_wrong *wrong)
{
	struct config_range range = config_row_range(row);
	struct buf text;

	if (!negative && v >= range.least && v <= range.most)
		return true;
	buf_init(&text, 200);
	buf_add_z(&text, "between ");
	write_amount(row, &text, range.least);
	buf_add_z(&text, " and ");
	write_amount(row, &text, range.most);
	wrong->text =
		arena_fmt(a, "\"%s\" is too %s", row->key,
	                  negative || v < range.least ? "small" : "large");
	wrong->hint = arena_dup(a, buf_str(&text));
	buf_deinit(&text);
	return false;
}

/* Choices are few and short: say them all. */
static bool take_choice(const struct config_row *row, struct str word,
                        struct arena *a, struct config_value *out,
                        struct config_wrong *wrong)
{
	int place = config_row_choice(row, word);
	struct str rest = str_z(row->range), choice;
	struct str all = STR("");

	if (place >= 0) {
		out->u = (uint64_t)place;
		out->text = arena_dup(a, word);
		return true;
	}
	while (str_cut(&rest, '|', &choice))
		all = arena_fmt(a, "%.*s%s\"%.*s\"", STR_ARG(all),
		                !all.n        ? ""
		                : rest.n == 0 ? " or "
		                              : ", ",
		                STR_ARG(choice));
	wrong->text =
		arena_fmt(a, "\"%s\" has no choice \"%.*s\"", row->key,
	                  STR_ARG(str_to(word, word.n > 60 ? 60 : word.n)));
	wrong->hint = arena_fmt(a, "it is %.*s", STR_ARG(all));
	return false;
}

static bool take_amount(const struct config_row *row, struct str text,
                        struct arena *a, struct config_value *out,
                        struct config_wrong *wrong)
{
	uint64_t v;

	if (row->type == CONFIG_TIME ? !config_time_parse(text, &v)
	                             : !config_size_parse(text, &v))
		return wrong_type(row, a, wrong);
	if (!in_range(row, v, false, a, wrong))
		return false;
	out->u = v;
	return true;
}

static bool take_number(const struct config_row *row,
                        const struct toml_value *v, struct arena *a,
                        struct config_value *out, struct config_wrong *wrong)
{
	if (!in_range(row, v->number, v->negative, a, wrong))
		return false;
	out->u = v->number;
	return true;
}

bool config_value_take(const struct config_row *row, const struct toml_value *v,
                       struct arena *a, struct config_value *out,
                       struct config_wrong *wrong)
{
	bool string = v->type == TOML_STRING;

	switch (row->type) {
	case CONFIG_INT:
	case CONFIG_SIZE:
		if (v->type == TOML_INTEGER)
			return take_number(row, v, a, out, wrong);
		if (string && row->type == CONFIG_SIZE)
			return take_amount(row, v->text, a, out, wrong);
		break;
	case CONFIG_TIME:
		if (string)
			return take_amount(row, v->text, a, out, wrong);
		break;
	case CONFIG_BOOL:
		if (v->type != TOML_BOOLEAN)
			break;
		out->u = v->truth;
		return true;
	case CONFIG_TEXT:
		if (!string)
			break;
		out->text = arena_dup(a, v->text);
		return true;
	case CONFIG_CHOICE:
		if (string)
			return take_choice(row, v->text, a, out, wrong);
		break;
	case CONFIG_LIST:
		if (v->type != TOML_ARRAY)
			break;
		out->items = v->items;
		out->items_n = v->items_n;
		return true;
	}
	return wrong_type(row, a, wrong);
}

/* Items parted by blanks or commas; empty ones do not count. */
static void split_list(struct str bare, struct arena *a, struct toml_value *out)
{
	size_t most = 1, n = 0;
	struct str *items;

	for (size_t i = 0; i < bare.n; i++)
		most += bare.p[i] == ' ' || bare.p[i] == ',';
	items = arena_array(a, most, sizeof(*items));
	for (size_t i = 0, from = 0; i <= bare.n; i++) {
		if (i < bare.n && bare.p[i] != ' ' && bare.p[i] != ',')
			continue;
		if (i > from)
			items[n++] = arena_dup(a, (struct str){ bare.p + from,
			                                        i - from });
		from = i + 1;
	}
	out->type = TOML_ARRAY;
	out->items = items;
	out->items_n = n;
}

/* A value that begins as TOML does is read as TOML. */
static bool read_quoted(struct str bare, struct arena *a,
                        struct toml_value *out, struct config_wrong *wrong)
{
	struct str text = arena_fmt(a, "x = %.*s", STR_ARG(bare));
	struct toml_reader r = toml_reader(text);
	struct toml_item it;

	if (toml_next(&r, a, &it) == TOML_PAIR) {
		*out = it.value;
		return true;
	}
	wrong->text = str_z(it.error);
	wrong->hint = str_z(it.hint);
	return false;
}

bool config_value_take_bare(const struct config_row *row, struct str bare,
                            bool is_default, struct arena *a,
                            struct config_value *out,
                            struct config_wrong *wrong)
{
	struct toml_value v = { .type = TOML_STRING, .text = bare };
	bool quoted =
		!is_default && bare.n &&
		(bare.p[0] == '"' || bare.p[0] == '\'' || bare.p[0] == '[');

	if (bare.n > TOML_STRING_MAX || !utf8_is_valid(bare)) {
		wrong->text = STR("the value is too long, or not UTF-8");
		return false;
	}
	if (quoted) {
		if (!read_quoted(bare, a, &v, wrong))
			return false;
	} else if (row->type == CONFIG_LIST) {
		split_list(bare, a, &v);
	} else if (row->type == CONFIG_BOOL) {
		v.truth = str_eq(bare, STR("true"));
		if (v.truth || str_eq(bare, STR("false")))
			v.type = TOML_BOOLEAN;
	} else if (row->type == CONFIG_INT) {
		v.negative = bare.n > 1 && bare.p[0] == '-';
		if (str_to_u64(str_from(bare, v.negative), UINT64_MAX,
		               &v.number))
			v.type = TOML_INTEGER;
	}
	return config_value_take(row, &v, a, out, wrong);
}
