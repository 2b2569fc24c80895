#include "transfer/identities.h"

#include "base/mem.h"
#include "os/file.h"
#include "store/object.h"
#include "wire/json/read.h"
#include "wire/json/write.h"

#define IDENTITIES_MAX 200
#define FILE_MAX       ((size_t)IDENTITIES_MAX * OBJECT_CONTENT_MAX)

static const char *path_of(struct arena *a, const char *path)
{
	return arena_fmt(a, "%s/identities.json", path).p;
}

/* ---- export ---- */

static int write_file(const struct transfer *t, const char *path,
                      struct arena *a, struct err *err)
{
	struct json_writer w;
	struct object *list;
	struct buf b;
	size_t n;
	int rc;

	if (object_list(t->store, t->account, CHANGE_IDENTITY, a, &list, &n,
	                err) < 0)
		return -1;
	if (n == 0)
		return 0;
	buf_init(&b, FILE_MAX + 65536);
	w = json_writer(&b);
	json_array(&w);
	for (size_t i = 0; i < n; i++) {
		json_object(&w);
		json_member_bool(&w, "fixed", list[i].first != 0);
		json_key(&w, STR("identity"));
		json_raw(&w, list[i].content);
		json_end(&w);
	}
	json_end(&w);
	buf_add_c(&b, '\n');
	rc = buf_overflow(&b)
	             ? err_set(err, ERR_TOO_BIG, "too many identities")
	             : file_replace(path_of(a, path), buf_str(&b), 0600, err);
	buf_deinit(&b);
	return rc;
}

int identities_export(const struct transfer *t, const char *path,
                      struct err *err)
{
	struct arena a;
	int rc;

	arena_init(&a);
	rc = write_file(t, path, &a, err);
	arena_deinit(&a);
	return rc;
}

/* ---- import ---- */

struct taking {
	const struct transfer *t;
	struct transfer_counts *n;
	struct arena *a;
	struct object *there;
	size_t there_n;
	struct err *err;
};

static void refuse(const struct taking *k, const char *why)
{
	struct err err = ERR_INIT;

	(void)err_set(&err, ERR_INVALID, "%s", why);
	k->n->failed++;
	if (k->t->report)
		k->t->report(k->t->report_arg, STR("identities.json"), &err);
}

static struct str text(struct json v, const char *name)
{
	struct json s = { NULL };

	(void)json_get(v, name, &s);
	return json_as_str(s);
}

/* A list of {name, email}, or null. */
static void add_addresses(struct json_writer *w, struct json v,
                          const char *name)
{
	struct json list = { NULL };

	(void)json_get(v, name, &list);
	json_key(w, str_z(name));
	if (json_kind(list) != JSON_IS_ARRAY) {
		json_null(w);
		return;
	}
	json_array(w);
	for (size_t i = 0; i < json_count(list); i++) {
		if (!text(json_at(list, i), "email").n)
			continue;
		json_object(w);
		json_member_str(w, "name", text(json_at(list, i), "name"));
		json_member_str(w, "email", text(json_at(list, i), "email"));
		json_end(w);
	}
	json_end(w);
}

/* As it is kept, whatever else the file says. */
static struct str content_of(struct arena *a, struct json v)
{
	static const char *const names[] = { "email", "name", "textSignature",
		                             "htmlSignature", "given" };
	struct json_writer w;
	struct str out = { NULL, 0 };
	struct buf b;

	buf_init(&b, OBJECT_CONTENT_MAX);
	w = json_writer(&b);
	json_object(&w);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		json_member_str(&w, names[i], text(v, names[i]));
	add_addresses(&w, v, "replyTo");
	add_addresses(&w, v, "bcc");
	json_end(&w);
	if (!buf_overflow(&b))
		out = arena_dup(a, buf_str(&b));
	buf_deinit(&b);
	return out;
}

/* The one for this address, or of this content. */
static const struct object *find(const struct taking *k, bool fixed,
                                 struct str email, struct str content)
{
	for (size_t i = 0; i < k->there_n; i++) {
		const struct object *o = &k->there[i];

		if (fixed ? o->first && str_eq(o->name, email)
		          : str_eq(o->content, content))
			return o;
	}
	return NULL;
}

static int take(const struct taking *k, struct json one)
{
	struct json fixed = { NULL }, identity = { NULL };
	struct object_write w = { .type = CHANGE_IDENTITY,
		                  .what = OBJECT_CREATE,
		                  .max = IDENTITIES_MAX };
	const struct object *old;
	struct str email;

	(void)json_get(one, "fixed", &fixed);
	(void)json_get(one, "identity", &identity);
	email = text(identity, "email");
	w.object.content = content_of(k->a, identity);
	if (!email.n || !w.object.content.n) {
		refuse(k, "not an identity");
		return 0;
	}
	old = find(k, json_as_bool(fixed), email, w.object.content);
	/* What its owner changed stays. */
	if (old && (!json_as_bool(fixed) || old->changed != old->created)) {
		k->n->known++;
		return 0;
	}
	if (old) {
		struct str content = w.object.content;

		w.what = OBJECT_UPDATE;
		w.object = *old;
		w.object.content = content;
	} else if (json_as_bool(fixed)) {
		w.object.first = 1;
		w.object.name = email;
		w.unique = true;
	}
	if (object_write(k->t->store, k->t->account, &w, 1, k->err) == 0)
		return 0;
	if (k->err->kind != ERR_EXISTS && k->err->kind != ERR_TOO_BIG)
		return -1;
	refuse(k, k->err->text);
	*k->err = (struct err)ERR_INIT;
	return 0;
}

static int take_all(const struct taking *k, struct str file)
{
	struct json_limits limits = json_limits_default;
	struct err why = ERR_INIT;
	struct json_doc *doc;
	int rc = 0;

	limits.bytes_max = FILE_MAX + 65536;
	if (json_parse(&doc, file, &limits, &why) < 0) {
		refuse(k, why.text);
		return 0;
	}
	for (size_t i = 0;
	     rc == 0 && i < json_count(json_root(doc)) && i < IDENTITIES_MAX;
	     i++)
		rc = take(k, json_at(json_root(doc), i));
	json_free(&doc);
	return rc;
}

int identities_import(const struct transfer *t, const char *path,
                      struct transfer_counts *n, struct err *err)
{
	struct err ignored = ERR_INIT;
	struct arena a;
	struct taking k = { .t = t, .n = n, .a = &a, .err = err };
	size_t size;
	char *p;
	int rc = 0;

	arena_init(&a);
	if (file_read_all(path_of(&a, path), FILE_MAX + 65536, &p, &size,
	                  &ignored) == 0) {
		rc = object_list(t->store, t->account, CHANGE_IDENTITY, &a,
		                 &k.there, &k.there_n, err);
		if (rc == 0)
			rc = take_all(&k, (struct str){ p, size });
		mem_free(p);
	}
	arena_deinit(&a);
	return rc;
}
