#include <string.h>

#include "base/mem.h"
#include "config/private.h"
#include "config/suggest.h"
#include "os/file.h"
#include "os/host.h"

/* Where a setting was first seen in the file being read. */
struct seen {
	unsigned file, line;
};

struct loader {
	struct config_snapshot *out;
	struct config_report *report;
	unsigned files; /* read so far, this one included */
	struct seen seen[OPT_COUNT];
};

/* One file being read. */
struct source_file {
	struct str path, folder;
	unsigned number;
	struct str section; /* empty before the first */
	bool skip;          /* the section is unknown: said once */
};

struct str config_folder_of(struct str path)
{
	size_t slash = str_rchr(path, '/');

	if (slash == STR_NPOS)
		return STR(".");
	return slash == 0 ? STR("/") : str_to(path, slash);
}

static void complain(struct loader *l, const struct source_file *f,
                     const struct toml_mark *m, struct str text,
                     struct str hint)
{
	config_report_add(l->report, &(struct config_problem){
					     .file = f->path,
					     .line = m->line,
					     .column = m->column,
					     .width = m->width,
					     .source = m->source,
					     .text = text,
					     .hint = hint,
				     });
}

static struct str last_part(struct str key)
{
	size_t dot = str_rchr(key, '.');

	return dot == STR_NPOS ? key : str_from(key, dot + 1);
}

/* What the writer of an unknown key may have meant: something spelled alike,
 * or the same word in another section. */
static struct str key_hint(struct arena *a, struct str section, struct str key)
{
	struct suggest s = suggest(key);
	struct str best;

	for (unsigned id = 0; id < OPT_COUNT; id++)
		suggest_try(&s, config_row((enum config_option)id)->key);
	for (unsigned id = 0; id < OPT_COUNT && s.distance > 1; id++) {
		const char *k = config_row((enum config_option)id)->key;

		if (str_eq_case(last_part(str_z(k)), last_part(key)))
			s.best = k;
	}
	if (!s.best)
		return STR("posthus config doc lists all settings");
	best = str_z(s.best);
	if (section.n && str_starts(best, section) && best.n > section.n &&
	    best.p[section.n] == '.')
		best = str_from(best, section.n + 1);
	return arena_fmt(a, "did you mean \"%.*s\"?", STR_ARG(best));
}

/* The next dotted head of a key: "limits", then "limits.domain". */
static bool next_head(struct str key, size_t *at, struct str *head)
{
	size_t dot = str_chr(str_from(key, *at), '.');

	if (dot == STR_NPOS)
		return false;
	*head = str_to(key, *at + dot);
	*at += dot + 1;
	return true;
}

static bool is_section(struct str name, struct suggest *s, struct arena *a)
{
	for (unsigned id = 0; id < OPT_COUNT; id++) {
		struct str key = str_z(config_row((enum config_option)id)->key);
		struct str head;

		for (size_t at = 0; next_head(key, &at, &head);) {
			if (str_eq(head, name))
				return true;
			suggest_try(s, arena_strz(a, head));
		}
	}
	return false;
}

static void take_section(struct loader *l, struct source_file *f,
                         const struct toml_item *it)
{
	struct arena *a = &l->report->arena;
	struct suggest s = suggest(it->key);

	f->section = it->key;
	f->skip = !is_section(it->key, &s, a);
	if (!f->skip)
		return;
	complain(l, f, &it->key_mark,
	         arena_fmt(a, "unknown section [%.*s]", STR_ARG(it->key)),
	         s.best ? arena_fmt(a, "did you mean [%s]?", s.best)
	                : STR("posthus config doc lists all settings"));
}

/* A secret kept in a file of its own. */
static bool read_secret(struct loader *l, const struct source_file *f,
                        const struct toml_item *it, struct config_value *out)
{
	struct arena *a = &l->out->arena;
	struct err err = ERR_INIT;
	struct str path = it->value.text;
	char *content;
	size_t n;

	if (it->value.type != TOML_STRING) {
		complain(l, f, &it->value_mark, STR("a path is expected"),
		         STR("write it in quotes"));
		return false;
	}
	if (!str_starts(path, STR("/")))
		path = arena_fmt(a, "%.*s/%.*s", STR_ARG(f->folder),
		                 STR_ARG(path));
	if (file_read_all(arena_strz(a, path), CONFIG_SECRET_MAX, &content, &n,
	                  &err) < 0) {
		complain(l, f, &it->value_mark, STR("the file cannot be read"),
		         str_z(err.text));
		return false;
	}
	out->text = arena_dup(a, str_trim((struct str){ content, n }));
	mem_wipe(content, n);
	mem_free(content);
	return true;
}

static bool first_time(struct loader *l, const struct source_file *f,
                       enum config_option id, const struct toml_item *it)
{
	struct seen *seen = &l->seen[id];

	if (seen->file == f->number) {
		complain(l, f, &it->key_mark,
		         arena_fmt(&l->report->arena,
		                   "\"%s\" is set twice in this file",
		                   config_row(id)->key),
		         arena_fmt(&l->report->arena, "the first is in line %u",
		                   seen->line));
		return false;
	}
	*seen = (struct seen){ f->number, it->key_mark.line };
	return true;
}

static void take_value(struct loader *l, const struct source_file *f,
                       enum config_option id, bool from_file,
                       const struct toml_item *it)
{
	struct arena *a = &l->out->arena;
	struct config_value v = { .set = true };
	struct config_wrong wrong = { .text = STR("") };
	const char *trouble;

	if (!first_time(l, f, id, it))
		return;
	if (from_file) {
		if (!read_secret(l, f, it, &v))
			return;
	} else if (!config_value_take(config_row(id), &it->value, a, &v,
	                              &wrong)) {
		complain(l, f, &it->value_mark, wrong.text, wrong.hint);
		return;
	}
	trouble = config_value_check(id, &v);
	if (trouble) {
		complain(l, f, &it->value_mark,
		         arena_fmt(a, "\"%s\" is not valid",
		                   config_row(id)->key),
		         str_z(trouble));
		return;
	}
	v.origin =
		arena_fmt(a, "%.*s:%u", STR_ARG(f->path), it->key_mark.line).p;
	l->out->v[id] = v;
}

static void take_pair(struct loader *l, const struct source_file *f,
                      const struct toml_item *it)
{
	struct arena *a = &l->report->arena;
	struct str key = it->key;
	enum config_option id;

	if (f->section.n)
		key = arena_fmt(a, "%.*s.%.*s", STR_ARG(f->section),
		                STR_ARG(it->key));
	id = config_find(key);
	if (id != OPT_COUNT) {
		take_value(l, f, id, false, it);
		return;
	}
	if (str_ends(key, STR("_file"))) {
		id = config_find(str_to(key, key.n - 5));
		if (id != OPT_COUNT && config_row(id)->when == CONFIG_SECRET) {
			take_value(l, f, id, true, it);
			return;
		}
	}
	complain(l, f, &it->key_mark,
	         arena_fmt(a, "unknown setting \"%.*s\"", STR_ARG(key)),
	         key_hint(a, f->section, key));
}

static void read_file(struct loader *l, struct str path,
                      const struct source_file *from,
                      const struct toml_mark *mark);

static void include_one(struct loader *l, const struct source_file *f,
                        const struct toml_item *it, struct str path)
{
	struct arena *a = &l->out->arena;

	if (!str_starts(path, STR("/")))
		path = arena_fmt(a, "%.*s/%.*s", STR_ARG(f->folder),
		                 STR_ARG(path));
	if (l->files >= CONFIG_INCLUDE_MAX) {
		complain(l, f, &it->value_mark,
		         STR("too many files are included"),
		         STR("does a file include itself?"));
		return;
	}
	read_file(l, path, f, &it->value_mark);
}

/* What is included comes first, so that this file wins. */
static void take_include(struct loader *l, const struct source_file *f,
                         const struct toml_item *it)
{
	if (it->value.type == TOML_STRING)
		include_one(l, f, it, it->value.text);
	else if (it->value.type == TOML_ARRAY)
		for (size_t i = 0; i < it->value.items_n; i++)
			include_one(l, f, it, it->value.items[i]);
	else
		complain(l, f, &it->value_mark, STR("a path is expected"),
		         STR("write it in quotes"));
}

static void read_text(struct loader *l, struct source_file *f, struct str text)
{
	struct toml_reader r = toml_reader(text);
	struct toml_item it;
	enum toml_result res;

	while ((res = toml_next(&r, &l->out->arena, &it)) != TOML_END) {
		if (res == TOML_BAD)
			complain(l, f, &it.mark, str_z(it.error),
			         str_z(it.hint));
		else if (res == TOML_SECTION)
			take_section(l, f, &it);
		else if (!f->section.n && str_eq(it.key, STR("include")))
			take_include(l, f, &it);
		else if (!f->skip)
			take_pair(l, f, &it);
	}
}

static void read_file(struct loader *l, struct str path,
                      const struct source_file *from,
                      const struct toml_mark *mark)
{
	struct source_file f = { .path = path, .number = ++l->files };
	struct arena *a = &l->out->arena;
	struct err err = ERR_INIT;
	char *content;
	size_t n;

	f.folder = config_folder_of(path);
	if (file_read_all(arena_strz(a, path), CONFIG_FILE_MAX, &content, &n,
	                  &err) < 0) {
		struct toml_mark none = { .line = 0 };

		complain(l, from ? from : &f, mark ? mark : &none,
		         STR("the configuration cannot be read"),
		         str_z(err.text));
		return;
	}
	read_text(l, &f, arena_dup(a, (struct str){ content, n }));
	mem_free(content);
}

/* "key=value" of a command line. */
static void read_set(struct loader *l, const char *set)
{
	struct arena *a = &l->out->arena;
	struct source_file f = {
		.path = arena_fmt(a, "--set %s", set),
	};
	struct toml_mark none = { .line = 0 };
	struct config_wrong wrong = { .text = STR("") };
	struct config_value v = { .set = true, .origin = "--set" };
	struct str value = str_z(set), key;
	enum config_option id;
	const char *trouble;

	if (str_chr(value, '=') == STR_NPOS) {
		complain(l, &f, &none, STR("= is expected"),
		         STR("write  --set key=value"));
		return;
	}
	str_cut(&value, '=', &key);
	key = str_trim(key);
	id = config_find(key);
	if (id == OPT_COUNT) {
		complain(l, &f, &none,
		         arena_fmt(a, "unknown setting \"%.*s\"", STR_ARG(key)),
		         key_hint(a, STR(""), key));
		return;
	}
	if (!config_value_take_bare(config_row(id), str_trim(value), false, a,
	                            &v, &wrong)) {
		complain(l, &f, &none, wrong.text, wrong.hint);
		return;
	}
	trouble = config_value_check(id, &v);
	if (trouble)
		complain(l, &f, &none,
		         arena_fmt(a, "\"%.*s\" is not valid", STR_ARG(key)),
		         str_z(trouble));
	else
		l->out->v[id] = v;
}

static void set_defaults(struct config_snapshot *s)
{
	for (unsigned id = 0; id < OPT_COUNT; id++) {
		const struct config_row *row =
			config_row((enum config_option)id);
		struct config_wrong wrong;

		if (!config_value_take_bare(row, str_z(row->def), true,
		                            &s->arena, &s->v[id], &wrong))
			err_die("default of %s: %.*s", row->key,
			        STR_ARG(wrong.text));
		s->v[id].origin = "default";
	}
}

static struct str lower(struct arena *a, struct str s)
{
	char *p = arena_strz(a, s);

	for (size_t i = 0; i < s.n; i++)
		p[i] = ascii_lower(p[i]);
	return (struct str){ p, s.n };
}

/* The names that follow from others when they are not set. */
static void set_names(struct config_snapshot *s)
{
	char machine[256];
	struct str host = s->v[OPT_SERVER_HOSTNAME].text;
	struct str domain = s->v[OPT_PROVIDER_DOMAIN].text;
	size_t dot;

	if (!host.n) {
		host_name(machine, sizeof(machine));
		host = str_z(machine);
		if (str_chr(host, '.') == STR_NPOS)
			host = arena_fmt(&s->arena, "%s.localdomain", machine);
	}
	s->hostname = lower(&s->arena, host);
	dot = str_chr(s->hostname, '.');
	if (!domain.n)
		domain = dot == STR_NPOS ? s->hostname
		                         : str_from(s->hostname, dot + 1);
	s->provider_domain = lower(&s->arena, domain);
}

struct config_snapshot *config_snapshot_load(const struct config_source *from,
                                             struct config_report *report)
{
	struct loader l = { .report = report };
	size_t before = report->mistakes;

	l.out = mem_zalloc(sizeof(*l.out));
	arena_init(&l.out->arena);
	set_defaults(l.out);
	if (from->text.p) {
		struct source_file f = {
			.path = from->path ? str_z(from->path) : STR("config"),
			.number = ++l.files,
		};

		f.folder = config_folder_of(f.path);
		read_text(&l, &f, arena_dup(&l.out->arena, from->text));
	} else if (from->path) {
		read_file(&l, str_z(from->path), NULL, NULL);
	}
	for (const char *const *set = from->set; set && *set; set++)
		read_set(&l, *set);
	config_snapshot_check(l.out, report);
	if (report->mistakes == before) {
		set_names(l.out);
		return l.out;
	}
	config_snapshot_free(l.out);
	return NULL;
}

void config_snapshot_free(struct config_snapshot *s)
{
	arena_deinit(&s->arena);
	mem_free(s);
}
