#include "config/private.h"

static void write_value(const struct config_row *row,
                        const struct config_value *v, struct buf *out)
{
	switch (row->type) {
	case CONFIG_INT: buf_add_u64(out, v->u); break;
	case CONFIG_SIZE:
		if (v->u < 1024 || v->u % 1024) {
			buf_add_u64(out, v->u);
			break;
		}
		buf_add_c(out, '"');
		config_size_write(out, v->u);
		buf_add_c(out, '"');
		break;
	case CONFIG_TIME:
		buf_add_c(out, '"');
		config_time_write(out, v->u);
		buf_add_c(out, '"');
		break;
	case CONFIG_BOOL: buf_add_z(out, v->u ? "true" : "false"); break;
	case CONFIG_TEXT:
	case CONFIG_CHOICE: toml_write_string(out, v->text); break;
	case CONFIG_LIST:
		buf_add_c(out, '[');
		for (size_t i = 0; i < v->items_n; i++) {
			buf_add_z(out, i ? ", " : "");
			toml_write_string(out, v->items[i]);
		}
		buf_add_c(out, ']');
		break;
	}
}

static const struct config_value *value(const struct config *cfg,
                                        enum config_option id)
{
	return &atomic_load_explicit(&cfg->now, memory_order_acquire)->v[id];
}

void config_value_write(const struct config *cfg, enum config_option id,
                        struct buf *out)
{
	const struct config_row *row = config_row(id);
	const struct config_value *v = value(cfg, id);

	if (row->when == CONFIG_SECRET && v->set && v->text.n)
		buf_add_z(out, "(secret)");
	else
		write_value(row, v, out);
}

/* "limits" of "limits.domain.queued": sections are the first word. */
static struct str section_of(const struct config_row *row)
{
	struct str key = str_z(row->key), section = STR("");

	str_cut(&key, '.', &section);
	return section;
}

static const char *key_in_section(const struct config_row *row)
{
	return row->key + section_of(row).n + 1;
}

/* Rows of one section stand together in the table. */
static void write_section(struct buf *out, struct str *section,
                          const struct config_row *row)
{
	struct str s = section_of(row);

	if (str_eq(s, *section))
		return;
	buf_fmt(out, "%s[%.*s]\n", section->n ? "\n" : "", STR_ARG(s));
	*section = s;
}

void config_write(const struct config *cfg, bool changed_only, struct buf *out)
{
	struct str section = STR("");

	for (unsigned i = 0; i < OPT_COUNT; i++) {
		enum config_option id = (enum config_option)i;
		const struct config_row *row = config_row(id);

		if (changed_only && config_is_default(cfg, id))
			continue;
		write_section(out, &section, row);
		buf_fmt(out, "%s = ", key_in_section(row));
		write_value(row, value(cfg, id), out);
		buf_add_c(out, '\n');
	}
}

/* Comment lines of at most 78 characters. */
static void write_comment(struct buf *out, struct str text)
{
	size_t column = 0;
	struct str word;

	while (str_cut(&text, ' ', &word)) {
		if (column == 0 || column + 1 + word.n > 78) {
			buf_fmt(out, "%s# %.*s", column ? "\n" : "",
			        STR_ARG(word));
			column = 2 + word.n;
		} else {
			buf_fmt(out, " %.*s", STR_ARG(word));
			column += 1 + word.n;
		}
	}
	buf_add_c(out, '\n');
}

static void write_range(struct buf *out, const struct config_row *row)
{
	struct str rest = str_z(row->range), choice;
	size_t dots = str_find(rest, STR(".."));

	if (dots != STR_NPOS) {
		buf_fmt(out, "# From %.*s to %.*s.",
		        STR_ARG(str_to(rest, dots)),
		        STR_ARG(str_from(rest, dots + 2)));
	} else if (rest.n) {
		buf_add_z(out, "# One of");
		while (str_cut(&rest, '|', &choice))
			buf_fmt(out, " %.*s%s", STR_ARG(choice),
			        rest.n ? "," : ".");
	} else {
		return;
	}
	buf_add_z(out,
	          row->when == CONFIG_LIVE ? " A reload takes it up.\n" : "\n");
}

void config_doc_write(struct buf *out)
{
	struct str section = STR("");
	struct config *cfg = NULL;
	struct config_report none;

	config_report_init(&none);
	if (config_load(&cfg, &(struct config_source){ .text = STR("") },
	                &none) < 0)
		err_die("the defaults are not valid");
	write_comment(out, STR("Every setting of Posthus with its default. An "
	                       "empty file is a valid one; remove the # before "
	                       "a setting to change it."));
	buf_add_c(out, '\n');
	for (unsigned i = 0; i < OPT_COUNT; i++) {
		enum config_option id = (enum config_option)i;
		const struct config_row *row = config_row(id);

		write_section(out, &section, row);
		buf_add_c(out, '\n');
		write_comment(out, str_z(row->sentence));
		write_range(out, row);
		buf_fmt(out, "#%s = ", key_in_section(row));
		write_value(row, value(cfg, id), out);
		buf_add_c(out, '\n');
	}
	config_free(&cfg);
	config_report_deinit(&none);
}
