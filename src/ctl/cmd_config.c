#include "base/mem.h"
#include "ctl/out.h"

int ctl_run_config_check(struct ctl *c)
{
	static const struct out_column columns[] = {
		{ "file", "file" },
		{ "result", "result" },
	};
	struct out o;
	int rc = ctl_config(c);

	if (rc != CTL_OK)
		return rc;
	if (!c->json) {
		ctl_note(c, "%s: no mistakes", c->config_path);
		return CTL_OK;
	}
	out_begin(&o, c, columns, 2, true);
	out_z(&o, c->config_path);
	out_z(&o, "valid");
	return out_end(&o);
}

static const struct out_column columns[] = {
	{ "key", "SETTING" },
	{ "value", "VALUE" },
	{ "origin", "FROM" },
	{ "default", NULL },
};

int ctl_run_config_show(struct ctl *c)
{
	bool all = ctl_option(c, "effective") != NULL;
	struct buf value;
	struct out o;
	int rc = ctl_config(c);

	if (rc != CTL_OK)
		return rc;
	buf_init(&value, 1 << 20);
	out_begin(&o, c, columns, 4, false);
	for (unsigned i = 0; i < OPT_COUNT; i++) {
		enum config_option id = (enum config_option)i;

		if (!all && config_is_default(c->cfg, id))
			continue;
		buf_reset(&value);
		config_value_write(c->cfg, id, &value);
		out_z(&o, config_row(id)->key);
		out_text(&o, buf_str(&value));
		out_z(&o, config_origin(c->cfg, id));
		out_flag(&o, config_is_default(c->cfg, id));
	}
	buf_deinit(&value);
	return out_end(&o);
}

static const struct out_column doc_columns[] = {
	{ "key", "SETTING" },     { "type", "TYPE" },
	{ "default", "DEFAULT" }, { "range", "RANGE" },
	{ "reloadable", "LIVE" }, { "sentence", "WHAT" },
};

static int doc_json(struct ctl *c)
{
	struct out o;

	out_begin(&o, c, doc_columns, 6, false);
	for (unsigned i = 0; i < OPT_COUNT; i++) {
		const struct config_row *row =
			config_row((enum config_option)i);

		out_z(&o, row->key);
		out_z(&o, config_type_name(row->type));
		out_z(&o, row->def);
		out_z(&o, row->range);
		out_flag(&o, row->when == CONFIG_LIVE);
		out_z(&o, row->sentence);
	}
	return out_end(&o);
}

int ctl_run_config_doc(struct ctl *c)
{
	struct buf out;
	int rc;

	if (c->json)
		return doc_json(c);
	buf_init(&out, 1 << 20);
	config_doc_write(&out);
	rc = out_write(c, buf_str(&out));
	buf_deinit(&out);
	return rc;
}
