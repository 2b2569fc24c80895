#include "transfer/filters.h"

#include <string.h>

#include "base/mem.h"
#include "os/clock.h"
#include "os/dir.h"
#include "os/file.h"
#include "sieve/sieve.h"
#include "store/script.h"
#include "wire/json/read.h"
#include "wire/json/write.h"

#define FILE_NAME_MAX 100
#define INDEX_MAX     ((size_t)4 * 1024 * 1024)
#define SCRIPTS_MAX   1000 /* of a folder */

static const struct script_limits limits_default = { 50, 256 * 1024 };

static const char *join(struct arena *a, const char *path, struct str name)
{
	return arena_fmt(a, "%s/%.*s", path, STR_ARG(name)).p;
}

/* ---- export ---- */

/* Safe on any file system, and no other script's: 3 in "main-3". */
static struct str file_name(struct arena *a, struct str name, size_t number)
{
	char *p = arena_strz(a, name);
	size_t n = name.n < FILE_NAME_MAX ? name.n : FILE_NAME_MAX;
	bool same = n == name.n;

	for (size_t i = 0; i < n; i++) {
		if (ascii_is_alpha(p[i]) || ascii_is_digit(p[i]) ||
		    p[i] == '-' || (p[i] == '.' && i > 0))
			continue;
		p[i] = '_';
		same = false;
	}
	return same ? arena_fmt(a, "%.*s.sieve", (int)n, p)
	            : arena_fmt(a, "%.*s_%zu.sieve", (int)n, p, number);
}

static int write_scripts(const struct transfer *t, const char *dir,
                         struct arena *a, struct json_writer *w,
                         struct transfer_counts *n, struct err *err)
{
	struct script *list, s;
	size_t count;

	if (script_list(t->store, t->account, a, &list, &count, err) < 0)
		return -1;
	json_key(w, STR("scripts"));
	json_array(w);
	for (size_t i = 0; i < count; i++) {
		struct str file = file_name(a, list[i].name, i + 1);

		if (script_get_no(t->store, t->account, list[i].no, a, &s,
		                  err) < 0) {
			if (err->kind != ERR_NOT_FOUND)
				return -1;
			continue; /* removed a moment ago */
		}
		if (file_replace(join(a, dir, file), s.text, 0600, err) < 0)
			return -1;
		json_object(w);
		json_member_str(w, "file", file);
		json_member_str(w, "name", s.name);
		json_member_bool(w, "active", s.active);
		json_end(w);
		n->scripts++;
	}
	json_end(w);
	return 0;
}

static int write_vacation(const struct transfer *t, struct arena *a,
                          struct json_writer *w, bool *any, struct err *err)
{
	struct vacation v;

	if (vacation_get(t->store, t->account, a, &v, err) < 0) {
		if (err->kind != ERR_NOT_FOUND)
			return -1;
		*err = (struct err)ERR_INIT;
		return 0;
	}
	*any = true;
	json_key(w, STR("vacation"));
	json_object(w);
	json_member_bool(w, "on", v.on);
	json_member_i64(w, "from", v.from_us / US_PER_SEC);
	json_member_i64(w, "until", v.until_us / US_PER_SEC);
	json_member_u64(w, "days", v.days);
	json_member_str(w, "subject", v.subject);
	json_member_str(w, "text", v.text);
	json_member_str(w, "html", v.html);
	json_end(w);
	return 0;
}

static int export_in(const struct transfer *t, const char *path,
                     struct arena *a, struct transfer_counts *n,
                     struct err *err)
{
	const char *dir = join(a, path, STR("sieve"));
	struct json_writer w;
	struct script *list;
	bool any = false;
	struct buf b;
	size_t count;
	int rc;

	if (script_list(t->store, t->account, a, &list, &count, err) < 0 ||
	    (count && file_mkdir(dir, 0700, err) < 0))
		return -1;
	buf_init(&b, INDEX_MAX);
	w = json_writer(&b);
	w.pretty = true;
	json_object(&w);
	rc = write_scripts(t, dir, a, &w, n, err);
	if (rc == 0)
		rc = write_vacation(t, a, &w, &any, err);
	json_end(&w);
	buf_add_c(&b, '\n');
	if (rc == 0 && (any || n->scripts) &&
	    (file_mkdir(dir, 0700, err) < 0 ||
	     file_replace(join(a, dir, STR("index.json")), buf_str(&b), 0600,
	                  err) < 0))
		rc = -1;
	buf_deinit(&b);
	return rc;
}

int filters_export(const struct transfer *t, const char *path,
                   struct transfer_counts *n, struct err *err)
{
	struct arena a;
	int rc;

	arena_init(&a);
	rc = export_in(t, path, &a, n, err);
	arena_deinit(&a);
	return rc;
}

/* ---- import ---- */

struct taking {
	const struct transfer *t;
	struct transfer_counts *n;
	struct arena *a;
	const char *dir;
	struct script *there; /* what the account had before */
	size_t there_n;
	struct err *err;
};

static void refuse(const struct taking *k, struct str file,
                   const struct err *why)
{
	k->n->failed++;
	if (k->t->report)
		k->t->report(k->t->report_arg,
		             arena_fmt(k->a, "sieve/%.*s", STR_ARG(file)), why);
}

static int read_file(const struct taking *k, struct str name, size_t max,
                     struct str *out, struct err *err)
{
	size_t n;
	char *p;

	if (str_chr(name, '/') != STR_NPOS || str_starts(name, STR(".")) ||
	    str_chr(name, '\0') != STR_NPOS)
		return err_set(err, ERR_INVALID, "not the name of a file");
	if (file_read_all(join(k->a, k->dir, name), max, &p, &n, err) < 0)
		return -1;
	*out = arena_dup(k->a, (struct str){ p, n });
	mem_free(p);
	return 0;
}

static int check(struct str text, struct err *err)
{
	struct sieve_program *p;
	struct sieve_error e;

	if (!sieve_compile(text, &p, &e))
		return err_set(err, ERR_INVALID, "line %u, column %u: %s",
		               e.at.line, e.at.column, e.text);
	sieve_program_free(&p);
	return 0;
}

/* 1: it is taken or was there; 0: reported; -1. */
static int take_script(const struct taking *k, struct str file, struct str name)
{
	const struct script_limits *max =
		k->t->scripts.scripts ? &k->t->scripts : &limits_default;
	struct script_write w = { .name = name };
	struct err why = ERR_INIT;
	struct script old;

	if (read_file(k, file, (size_t)max->bytes, &w.text, &why) < 0 ||
	    check(w.text, &why) < 0) {
		refuse(k, file, &why);
		return 0;
	}
	if (script_write(k->t->store, k->t->account, &w, max, &why) == 0) {
		k->n->scripts++;
		return 1;
	}
	if (why.kind == ERR_EXISTS) {
		if (script_get_no(k->t->store, k->t->account, w.other, k->a,
		                  &old, k->err) < 0)
			return -1;
		if (str_eq(old.text, w.text)) {
			k->n->known++;
			return 1;
		}
	}
	if (why.kind == ERR_EXISTS || why.kind == ERR_INVALID ||
	    why.kind == ERR_TOO_BIG) {
		refuse(k, file, &why);
		return 0;
	}
	*k->err = why;
	return -1;
}

static int activate(const struct taking *k, struct str name)
{
	for (size_t i = 0; i < k->there_n; i++)
		if (k->there[i].active)
			return 0;
	return script_activate(k->t->store, k->t->account, name, k->err);
}

static int take_indexed(const struct taking *k, struct json list)
{
	for (size_t i = 0; i < json_count(list) && i < SCRIPTS_MAX; i++) {
		struct json one = json_at(list, i), file, name, active;
		int rc;

		if (!json_get(one, "file", &file) ||
		    !json_get(one, "name", &name))
			continue;
		rc = take_script(k, json_as_str(file), json_as_str(name));
		if (rc > 0 && json_get(one, "active", &active) &&
		    json_as_bool(active))
			rc = activate(k, json_as_str(name));
		if (rc < 0)
			return -1;
	}
	return 0;
}

static int64_t seconds(struct json v, const char *name)
{
	struct json s;
	int64_t n;

	if (!json_get(v, name, &s) || !json_as_i64(s, &n) || n < 0 ||
	    n > INT64_C(253402300799)) /* the end of year 9999 */
		return 0;
	return n * US_PER_SEC;
}

static struct str text(struct json v, const char *name)
{
	struct json s;

	return json_get(v, name, &s) ? json_as_str(s) : STR("");
}

static int take_vacation(const struct taking *k, struct json in)
{
	struct vacation v = { .days = 7 }, old;
	struct err why = ERR_INIT;
	struct json on;
	uint64_t days;

	if (vacation_get(k->t->store, k->t->account, k->a, &old, &why) == 0) {
		k->n->known++;
		return 0;
	}
	v.on = json_get(in, "on", &on) && json_as_bool(on);
	v.from_us = seconds(in, "from");
	v.until_us = seconds(in, "until");
	if (json_get(in, "days", &on) && json_as_u64(on, &days) && days < 1000)
		v.days = (uint32_t)days;
	v.subject = text(in, "subject");
	v.text = text(in, "text");
	v.html = text(in, "html");
	if (vacation_set(k->t->store, k->t->account, &v, &why) == 0)
		return 0;
	if (why.kind == ERR_INVALID || why.kind == ERR_TOO_BIG) {
		refuse(k, STR("index.json, vacation"), &why);
		return 0;
	}
	*k->err = why;
	return -1;
}

static int take_index(const struct taking *k, struct str index)
{
	struct err why = ERR_INIT;
	struct json_doc *doc;
	struct json v;
	int rc = 0;

	if (json_parse(&doc, index, NULL, &why) < 0) {
		refuse(k, STR("index.json"), &why);
		return 0;
	}
	if (json_get(json_root(doc), "scripts", &v) &&
	    json_kind(v) == JSON_IS_ARRAY)
		rc = take_indexed(k, v);
	if (rc == 0 && json_get(json_root(doc), "vacation", &v) &&
	    json_kind(v) == JSON_IS_OBJECT)
		rc = take_vacation(k, v);
	json_free(&doc);
	return rc;
}

static int take_files(const struct taking *k)
{
	struct dir_entry *e;
	size_t n;

	if (dir_list(k->dir, k->a, &e, &n, k->err) < 0)
		return -1;
	for (size_t i = 0; i < n && i < SCRIPTS_MAX; i++) {
		struct str name = e[i].name;

		if (e[i].kind != DIR_FILE || !str_ends(name, STR(".sieve")) ||
		    name.n == 6 || name.p[0] == '.')
			continue;
		if (take_script(k, name, str_to(name, name.n - 6)) < 0)
			return -1;
	}
	return 0;
}

int filters_import(const struct transfer *t, const char *path,
                   struct transfer_counts *n, struct err *err)
{
	struct err ignored = ERR_INIT;
	struct dir_info info;
	struct str index;
	struct arena a;
	struct taking k = { .t = t, .n = n, .a = &a, .err = err };
	int rc;

	arena_init(&a);
	k.dir = join(&a, path, STR("sieve"));
	if (dir_info(k.dir, &info, &ignored) < 0 || info.kind != DIR_FOLDER) {
		arena_deinit(&a);
		return 0;
	}
	rc = script_list(t->store, t->account, &a, &k.there, &k.there_n, err);
	if (rc == 0)
		rc = read_file(&k, STR("index.json"), INDEX_MAX, &index,
		               &ignored) == 0
		             ? take_index(&k, index)
		             : take_files(&k);
	arena_deinit(&a);
	return rc;
}
