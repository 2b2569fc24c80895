/* Any text as a configuration: every mark lies in the text, and what is valid
 * is written as a file that gives the same settings. */
#include "config/config.h"

#include <assert.h>
#include <stdint.h>

#include "base/utf8.h"
#include "config/toml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_mark(struct str text, const struct toml_mark *m)
{
	assert(m->line >= 1 && m->column >= 1 && m->width >= 1);
	assert(m->source.p >= text.p &&
	       m->source.p + m->source.n <= text.p + text.n);
	assert(m->column <= utf8_count(m->source) + 1);
}

static void walk(struct str text)
{
	struct toml_reader r = toml_reader(text);
	struct toml_item it;
	enum toml_result res;
	struct arena a;

	arena_init(&a);
	while ((res = toml_next(&r, &a, &it)) != TOML_END) {
		check_mark(text, res == TOML_BAD ? &it.mark : &it.key_mark);
		assert(it.key.n <= TOML_KEY_MAX);
		if (res == TOML_PAIR)
			check_mark(text, &it.value_mark);
		arena_reset(&a);
	}
	arena_deinit(&a);
}

static void same_again(struct str text, struct config_report *report)
{
	struct config_source from = { .text = text };
	struct config *cfg = NULL, *again = NULL;
	struct buf one, two;
	int rc;

	if (config_load(&cfg, &from, report) < 0) {
		assert(report->mistakes > 0);
		return;
	}
	buf_init(&one, 1 << 24);
	buf_init(&two, 1 << 24);
	config_write(cfg, false, &one);
	from.text = buf_str(&one);
	rc = config_load(&again, &from, report);
	assert(rc == 0);
	config_write(again, false, &two);
	assert(str_eq(buf_str(&one), buf_str(&two)));
	buf_deinit(&one);
	buf_deinit(&two);
	config_free(&cfg);
	config_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	struct config_report report;
	struct buf out;

	if (size == 0)
		return 0;
	walk(text);
	/* What names files would read them. */
	if (str_find(text, STR("include")) != STR_NPOS ||
	    str_find(text, STR("_file")) != STR_NPOS)
		return 0;
	config_report_init(&report);
	buf_init(&out, 1 << 24);
	same_again(text, &report);
	config_report_write(&report, &out);
	buf_deinit(&out);
	config_report_deinit(&report);
	return 0;
}
