#include <assert.h>

#include "config/private.h"

static const struct config_row rows[OPT_COUNT] = {
#define OPTION(id, key, type, def, range, when, sentence)                        \
	[OPT_##id] = {                                                           \
		(key), (def), (range), (sentence), CONFIG_##type, CONFIG_##when, \
	},
#include "config/options.def"
#undef OPTION
};

const struct config_row *config_row(enum config_option id)
{
	assert(id < OPT_COUNT);
	return &rows[id];
}

enum config_option config_find(struct str key)
{
	unsigned id = 0;

	while (id < OPT_COUNT && !str_eq(key, str_z(rows[id].key)))
		id++;
	return (enum config_option)id;
}

const char *config_type_name(enum config_type type)
{
	switch (type) {
	case CONFIG_INT: return "number";
	case CONFIG_SIZE: return "size";
	case CONFIG_TIME: return "time";
	case CONFIG_BOOL: return "true or false";
	case CONFIG_TEXT: return "text";
	case CONFIG_CHOICE: return "choice";
	case CONFIG_LIST: return "list";
	}
	return "";
}

static uint64_t bound(const struct config_row *row, struct str s)
{
	uint64_t v = 0;
	bool ok = row->type == CONFIG_TIME ? config_time_parse(s, &v)
	                                   : config_size_parse(s, &v);

	assert(ok);
	return v;
}

struct config_range config_row_range(const struct config_row *row)
{
	struct str range = str_z(row->range);
	size_t dots = str_find(range, STR(".."));

	assert(dots != STR_NPOS);
	return (struct config_range){
		.least = bound(row, str_to(range, dots)),
		.most = bound(row, str_from(range, dots + 2)),
	};
}

int config_row_choice(const struct config_row *row, struct str word)
{
	struct str rest = str_z(row->range), choice;

	for (int i = 0; str_cut(&rest, '|', &choice); i++)
		if (str_eq(choice, word))
			return i;
	return -1;
}
