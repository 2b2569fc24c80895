/* Identity/get and /changes (RFC 8621, 6.1 and 6.2). */
#include "jmap/identity.h"

#include "directory/directory.h"
#include "jmap/methods.h"
#include "jmap/pointer.h"

#define CONTENT_MAX (3 * JMAP_SIGNATURE_MAX)

/* ---- content ---- */

static struct str member(struct arena *a, struct json doc, const char *name)
{
	struct json v = { NULL };

	(void)json_get(doc, name, &v);
	return arena_dup(a, json_as_str(v));
}

/* A member as JSON. */
static struct str raw(struct arena *a, struct json doc, const char *name)
{
	struct json_writer w;
	struct json v;
	struct str out;
	struct buf b;

	if (!json_get(doc, name, &v))
		return STR("null");
	buf_init(&b, CONTENT_MAX);
	w = json_writer(&b);
	json_copy(&w, v);
	out = arena_dup(a, buf_str(&b));
	buf_deinit(&b);
	return out;
}

static int read_content(struct arena *a, const struct object *o,
                        struct jmap_identity *out, struct err *err)
{
	struct json_doc *doc;
	struct json root;

	if (json_parse(&doc, o->content, &json_limits_default, err) < 0) {
		err->kind = ERR_CORRUPT;
		return -1;
	}
	root = json_root(doc);
	*out = (struct jmap_identity){
		.o = *o,
		.email = member(a, root, "email"),
		.name = member(a, root, "name"),
		.text_signature = member(a, root, "textSignature"),
		.html_signature = member(a, root, "htmlSignature"),
		.reply_to = raw(a, root, "replyTo"),
		.bcc = raw(a, root, "bcc"),
		.given = member(a, root, "given"),
	};
	json_free(&doc);
	return 0;
}

struct str jmap_identity_content(struct arena *a,
                                 const struct jmap_identity *it)
{
	struct json_writer w;
	struct str out;
	struct buf b;

	buf_init(&b, OBJECT_CONTENT_MAX);
	w = json_writer(&b);
	json_object(&w);
	json_member_str(&w, "email", it->email);
	json_member_str(&w, "name", it->name);
	json_member_str(&w, "textSignature", it->text_signature);
	json_member_str(&w, "htmlSignature", it->html_signature);
	json_member_str(&w, "given", it->given);
	json_key(&w, STR("replyTo"));
	json_raw(&w, it->reply_to);
	json_key(&w, STR("bcc"));
	json_raw(&w, it->bcc);
	json_end(&w);
	out = arena_dup(a, buf_str(&b));
	buf_deinit(&b);
	return out;
}

/* ---- what the directory says ---- */

struct wanted {
	struct arena *arena;
	struct str v[JMAP_IDENTITIES];
	size_t n;
};

static bool add_wanted(void *arg, struct str address)
{
	struct wanted *w = arg;

	/* "*@example.com" is no address. */
	if (w->n < JMAP_IDENTITIES && address.n && address.p[0] != '*')
		w->v[w->n++] = arena_dup(w->arena, address);
	return w->n < JMAP_IDENTITIES;
}

static bool is_wanted(const struct wanted *w, struct str email)
{
	for (size_t i = 0; i < w->n; i++)
		if (str_eq(w->v[i], email))
			return true;
	return false;
}

struct syncing {
	struct jmap_call *c;
	struct jmap_identity *list;
	size_t n;
	struct object_write *writes;
	size_t writes_n;
};

static void remove_or_rename(struct syncing *s, const struct wanted *w)
{
	struct str person = s->c->req->user->name;

	for (size_t i = 0; i < s->n; i++) {
		struct jmap_identity *it = &s->list[i];
		struct object_write *o = &s->writes[s->writes_n];
		bool own_name = str_eq(it->name, it->given);

		if (!it->o.first)
			continue;
		*o = (struct object_write){ .type = CHANGE_IDENTITY,
			                    .object = it->o };
		if (!is_wanted(w, it->email)) {
			o->what = OBJECT_DESTROY;
		} else if (!str_eq(it->given, person)) {
			it->given = person;
			if (own_name)
				it->name = person;
			o->what = OBJECT_UPDATE;
			o->object.content =
				jmap_identity_content(s->c->arena, it);
		} else {
			continue;
		}
		s->writes_n++;
	}
}

static void add_missing(struct syncing *s, const struct wanted *w)
{
	for (size_t i = 0; i < w->n; i++) {
		struct jmap_identity it = {
			.email = w->v[i],
			.name = s->c->req->user->name,
			.given = s->c->req->user->name,
			.text_signature = STR(""),
			.html_signature = STR(""),
			.reply_to = STR("null"),
			.bcc = STR("null"),
		};
		size_t k = 0;

		while (k < s->n && !(s->list[k].o.first &&
		                     str_eq(s->list[k].email, w->v[i])))
			k++;
		if (k < s->n)
			continue;
		s->writes[s->writes_n++] = (struct object_write){
			.type = CHANGE_IDENTITY,
			.what = OBJECT_CREATE,
			.object = { .first = 1,
			            .name = it.email,
			            .content =
			                    jmap_identity_content(s->c->arena,
			                                          &it) },
			.unique = true,
		};
	}
}

static int read_all(struct jmap_call *c, struct syncing *s, struct err *err)
{
	struct object *objects;

	if (object_list(c->store, c->account, CHANGE_IDENTITY, c->arena,
	                &objects, &s->n, err) < 0)
		return -1;
	s->list = arena_array(c->arena, s->n + 1, sizeof(*s->list));
	for (size_t i = 0; i < s->n; i++)
		if (read_content(c->arena, &objects[i], &s->list[i], err) < 0)
			return -1;
	return 0;
}

static int sync_once(struct jmap_call *c, struct syncing *s, struct err *err)
{
	struct wanted *w = arena_alloc(c->arena, sizeof(*w));

	*s = (struct syncing){ .c = c };
	w->arena = c->arena;
	w->n = 0;
	(void)add_wanted(w, c->req->user->address);
	if (directory_grant_each(c->req->server->ctx.directory, c->account.id,
	                         add_wanted, w, err) < 0 ||
	    read_all(c, s, err) < 0)
		return -1;
	s->writes = arena_array(c->arena, s->n + w->n + 1, sizeof(*s->writes));
	remove_or_rename(s, w);
	add_missing(s, w);
	if (s->writes_n == 0)
		return 0;
	return object_write(c->store, c->account, s->writes, s->writes_n, err) <
	                       0
	               ? -1
	               : read_all(c, s, err);
}

int jmap_identities(struct jmap_call *c, struct jmap_identity **out, size_t *n)
{
	struct err err = ERR_INIT;
	struct syncing s;
	int rc = sync_once(c, &s, &err);

	/* Another request did the same: what it wrote is there now. */
	if (rc < 0 && (err.kind == ERR_EXISTS || err.kind == ERR_NOT_FOUND))
		rc = sync_once(c, &s, &err);
	if (rc < 0)
		return jmap_fail(c, &err);
	*out = s.list;
	*n = s.n;
	return 0;
}

/* ---- properties ---- */

static void write_id(struct jmap_call *c, const void *o)
{
	const struct jmap_identity *it = o;

	jmap_write_id(&c->w, JMAP_ID_IDENTITY, it->o.no);
}

#define STRING(function, field)                                  \
	static void function(struct jmap_call *c, const void *o) \
	{                                                        \
		const struct jmap_identity *it = o;              \
                                                                 \
		json_str(&c->w, it->field);                      \
	}

STRING(write_name, name)
STRING(write_email, email)
STRING(write_text, text_signature)
STRING(write_html, html_signature)

static void write_reply_to(struct jmap_call *c, const void *o)
{
	const struct jmap_identity *it = o;

	json_raw(&c->w, it->reply_to);
}

static void write_bcc(struct jmap_call *c, const void *o)
{
	const struct jmap_identity *it = o;

	json_raw(&c->w, it->bcc);
}

static void write_may_delete(struct jmap_call *c, const void *o)
{
	const struct jmap_identity *it = o;

	json_bool(&c->w, !it->o.first);
}

static const struct jmap_property rows[] = {
	{ "id", JMAP_SERVER_SET, write_id },
	{ "name", 0, write_name },
	{ "email", JMAP_IMMUTABLE, write_email },
	{ "replyTo", 0, write_reply_to },
	{ "bcc", 0, write_bcc },
	{ "textSignature", 0, write_text },
	{ "htmlSignature", 0, write_html },
	{ "mayDelete", JMAP_SERVER_SET, write_may_delete },
};

#define ROWS_N (sizeof(rows) / sizeof(rows[0]))

/* ---- the calls ---- */

static const struct jmap_identity *find(const struct jmap_identity *list,
                                        size_t n, uint64_t no)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].o.no == no)
			return &list[i];
	return NULL;
}

static void write_one(struct jmap_call *c, const struct jmap_get *g,
                      const struct jmap_identity *it)
{
	json_object(&c->w);
	jmap_get_write(c, rows, ROWS_N, g->wanted, it);
	json_end(&c->w);
}

int jmap_identity_get(struct jmap_call *c)
{
	static const char *const known[] = { "accountId", "ids", "properties",
		                             NULL };
	struct jmap_identity *list = NULL;
	struct change_state state;
	struct jmap_get g = { .ids = NULL };
	struct str *missing;
	size_t n = 0, missing_n = 0;

	if (jmap_args_known(c, known) < 0 ||
	    jmap_get_read(c, rows, ROWS_N, NULL, NULL, &g) < 0 ||
	    jmap_identities(c, &list, &n) < 0 ||
	    jmap_state(c, CHANGE_IDENTITY, &state) < 0)
		return -1;
	missing = arena_array(c->arena, g.ids_n + 1, sizeof(*missing));
	jmap_get_begin(c, jmap_state_text(c->arena, state));
	for (size_t i = 0; g.all && i < n; i++)
		write_one(c, &g, &list[i]);
	for (size_t i = 0; i < g.ids_n; i++) {
		const struct jmap_identity *it =
			find(list, n, jmap_no(c, g.ids[i], JMAP_ID_IDENTITY));

		if (it)
			write_one(c, &g, it);
		else
			missing[missing_n++] = g.ids[i];
	}
	jmap_get_end(c, missing, missing_n);
	return 0;
}

int jmap_identity_changes(struct jmap_call *c)
{
	static const struct jmap_changes type = { .type = CHANGE_IDENTITY,
		                                  .letter = JMAP_ID_IDENTITY };
	struct jmap_identity *list;
	size_t n;

	if (jmap_identities(c, &list, &n) < 0)
		return -1;
	return jmap_changes_run(c, &type);
}
