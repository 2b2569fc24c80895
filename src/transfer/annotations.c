#include "transfer/annotations.h"

#include "base/base64.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "os/file.h"
#include "store/mailbox.h"
#include "store/metadata.h"
#include "wire/json/read.h"
#include "wire/json/write.h"

#define FILE_NAME "annotations.jsonl"
/* All that an account can have: each byte six at most, and the words. */
#define FILE_MAX    ((size_t)256 * 1024 * 1024)
#define ENTRIES_MAX 10000 /* of a mailbox */
#define VALUE_MAX   ((size_t)64 * 1024)

static const char *path_of(struct arena *a, const char *path)
{
	return arena_fmt(a, "%s/" FILE_NAME, path).p;
}

/* ---- export ---- */

static void write_value(struct json_writer *w, struct str value)
{
	struct buf b;

	if (utf8_is_valid(value) && str_chr(value, '\0') == STR_NPOS) {
		json_member_str(w, "value", value);
		return;
	}
	buf_init(&b, base64_length(value.n) + 1);
	base64_encode(&b, value);
	json_member_str(w, "base64", buf_str(&b));
	buf_deinit(&b);
}

static struct str name_of(const struct mailbox *list, size_t n, uint64_t no)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].no == no)
			return list[i].name;
	return STR("");
}

static int write_file(const char *path, const struct metadata_entry *v,
                      size_t n, const struct mailbox *boxes, size_t n_boxes,
                      struct err *err)
{
	struct buf b;
	int rc;

	buf_init(&b, FILE_MAX);
	for (size_t i = 0; i < n; i++) {
		struct str name = name_of(boxes, n_boxes, v[i].mailbox);
		struct json_writer w = json_writer(&b);

		if (v[i].mailbox && !name.n) /* deleted meanwhile */
			continue;
		json_object(&w);
		json_member_str(&w, "mailbox", name);
		json_member_str(&w, "name", v[i].name);
		write_value(&w, v[i].value);
		json_end(&w);
		buf_add_c(&b, '\n');
	}
	rc = buf_overflow(&b)
	             ? err_set(err, ERR_TOO_BIG, "too many annotations")
	             : file_replace(path, buf_str(&b), 0600, err);
	buf_deinit(&b);
	return rc;
}

int annotations_export(const struct transfer *t, const char *path,
                       struct err *err)
{
	struct metadata_entry *v;
	struct mailbox *boxes;
	size_t n, n_boxes;
	struct arena a;
	int rc;

	arena_init(&a);
	rc = metadata_list_all(t->store, t->account, &a, &v, &n, err);
	if (rc == 0)
		rc = mailbox_list(t->store, t->account, &a, &boxes, &n_boxes,
		                  err);
	if (rc == 0 && n > 0)
		rc = write_file(path_of(&a, path), v, n, boxes, n_boxes, err);
	arena_deinit(&a);
	return rc;
}

/* ---- import ---- */

struct taking {
	const struct transfer *t;
	struct transfer_counts *n;
	struct arena *a; /* of one entry */
	struct err *err;
};

static void refuse(const struct taking *k, const char *why)
{
	struct err err = ERR_INIT;

	(void)err_set(&err, ERR_INVALID, "%s", why);
	k->n->failed++;
	if (k->t->report)
		k->t->report(k->t->report_arg, STR(FILE_NAME), &err);
}

static bool is_ours(const struct err *err)
{
	return err->kind != ERR_NOT_FOUND && err->kind != ERR_INVALID &&
	       err->kind != ERR_TOO_BIG && err->kind != ERR_OVER_QUOTA &&
	       err->kind != ERR_DENIED && err->kind != ERR_EXISTS;
}

static bool read_value(const struct taking *k, struct json one, struct str *out)
{
	struct json v = { NULL };
	struct buf b;
	bool ok;

	if (json_get(one, "value", &v) && json_kind(v) == JSON_IS_STRING) {
		*out = arena_dup(k->a, json_as_str(v));
		return true;
	}
	if (!json_get(one, "base64", &v) || json_kind(v) != JSON_IS_STRING)
		return false;
	buf_init(&b, VALUE_MAX);
	ok = base64_decode(&b, json_as_str(v)) && !buf_overflow(&b);
	if (ok)
		*out = arena_dup(k->a, buf_str(&b));
	buf_deinit(&b);
	return ok;
}

static struct str text(struct json v, const char *name)
{
	struct json s = { NULL };

	(void)json_get(v, name, &s);
	return json_as_str(s);
}

/* One more, unless it is there. */
static int put(const struct taking *k, const struct metadata_entry *e)
{
	const struct transfer *t = k->t;
	struct metadata_write w = {
		.mailbox = e->mailbox,
		.entries = e,
		.n = 1,
		.max = { VALUE_MAX, ENTRIES_MAX, METADATA_ACCOUNT_MAX },
	};
	struct err why = ERR_INIT;
	struct str old;

	if (metadata_get(t->store, t->account, e->mailbox, e->name, k->a, &old,
	                 &why) == 0) {
		k->n->known++;
		return 0;
	}
	if (metadata_write(t->store, t->account, &w, &why) == 0)
		return 0;
	if (is_ours(&why)) {
		*k->err = why;
		return -1;
	}
	refuse(k, why.text);
	return 0;
}

static int take(const struct taking *k, struct json one)
{
	struct metadata_entry e = { .name = text(one, "name") };
	struct str mailbox = text(one, "mailbox");
	struct err why = ERR_INIT;
	struct mailbox m;

	if (!read_value(k, one, &e.value) ||
	    metadata_name_check(e.name) != METADATA_NAME_ENTRY ||
	    str_eq_case(e.name, METADATA_SPECIAL_USE)) {
		refuse(k, "not an annotation");
		return 0;
	}
	if (mailbox.n) {
		if (mailbox_get(k->t->store, k->t->account, mailbox, k->a, &m,
		                &why) < 0) {
			if (!is_ours(&why)) {
				refuse(k, "no such mailbox");
				return 0;
			}
			*k->err = why;
			return -1;
		}
		e.mailbox = m.no;
	}
	return put(k, &e);
}

static int take_line(const struct taking *k, struct str line)
{
	struct err why = ERR_INIT;
	struct json_doc *doc;
	int rc;

	if (json_parse(&doc, line, NULL, &why) < 0) {
		refuse(k, why.text);
		return 0;
	}
	rc = take(k, json_root(doc));
	json_free(&doc);
	return rc;
}

static int take_all(const struct taking *k, struct str file)
{
	int rc = 0;

	while (rc == 0 && file.n > 0) {
		size_t end = str_chr(file, '\n');
		struct str line = end == STR_NPOS ? file : str_to(file, end);

		file = str_from(file, line.n + (end != STR_NPOS));
		arena_reset(k->a);
		if (line.n)
			rc = take_line(k, line);
	}
	return rc;
}

int annotations_import(const struct transfer *t, const char *path,
                       struct transfer_counts *n, struct err *err)
{
	struct err ignored = ERR_INIT;
	struct arena a;
	struct taking k = { .t = t, .n = n, .a = &a, .err = err };
	size_t size;
	char *p;
	int rc = 0;

	arena_init(&a);
	if (file_read_all(path_of(&a, path), FILE_MAX, &p, &size, &ignored) ==
	    0) {
		rc = take_all(&k, (struct str){ p, size });
		mem_free(p);
	}
	arena_deinit(&a);
	return rc;
}
