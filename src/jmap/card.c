/* ContactCard/get, /changes and /copy (RFC 9610, 3.1, 3.2 and 3.6). */
#include "jmap/contact.h"
#include "jmap/methods.h"
#include "jmap/pointer.h"

int jmap_card_parse(const struct object *o, struct json_doc **out,
                    struct err *err)
{
	if (json_parse(out, o->content, NULL, err) == 0)
		return 0;
	err->kind = ERR_CORRUPT;
	return -1;
}

/* ---- /get ---- */

struct getting {
	struct jmap_call *c;
	bool all_properties;
	struct str *names; /* else these */
	size_t names_n, cards_n;
};

static void write_id(struct jmap_call *c, const void *object)
{
	const struct object *o = object;

	jmap_write_id(&c->w, JMAP_ID_CARD, o->no);
}

static const struct jmap_property rows[] = {
	{ "id", JMAP_SERVER_SET, write_id },
};

/* A card may have any property: of a later version, of a vendor. */
static bool add_name(struct jmap_call *c, struct str name, void *arg)
{
	struct getting *g = arg;

	if (!g->names)
		g->names = arena_array(c->arena, JMAP_OBJECTS_IN_GET,
		                       sizeof(*g->names));
	for (size_t i = 0; i < name.n; i++)
		if (!ascii_is_alpha(name.p[i]) && !ascii_is_digit(name.p[i]) &&
		    !ascii_is_one_of(name.p[i], "@:.-_/"))
			return false;
	if (!name.n || g->names_n == JMAP_OBJECTS_IN_GET)
		return false;
	g->names[g->names_n++] = name;
	return true;
}

static bool is_wanted(const struct getting *g, struct str name)
{
	for (size_t i = 0; i < g->names_n && !g->all_properties; i++)
		if (str_eq(g->names[i], name))
			return true;
	return g->all_properties;
}

static int write_card(void *arg, const struct object *o, struct err *err)
{
	struct getting *g = arg;
	struct jmap_call *c = g->c;
	struct json_members m;
	struct json_doc *doc;
	struct str name;
	struct json v;

	if (++g->cards_n > JMAP_OBJECTS_IN_GET)
		return jmap_error(c, "requestTooLarge", "over %d cards",
		                  JMAP_OBJECTS_IN_GET);
	if (jmap_card_parse(o, &doc, err) < 0)
		return -1;
	m = (struct json_members){ .object = json_root(doc) };
	json_object(&c->w);
	jmap_get_write(c, rows, 1, 1, o);
	while (json_member_next(&m, &name, &v)) {
		if (!is_wanted(g, name))
			continue;
		json_key(&c->w, name);
		if (str_eq(name, STR("media")))
			jmap_card_media_show(&c->w, c->arena, o->no, v);
		else
			json_copy(&c->w, v);
	}
	json_end(&c->w);
	json_free(&doc);
	return 0;
}

/* 1, 0: there is none, -1. */
static int write_no(struct getting *g, uint64_t no, struct err *err)
{
	struct arena a;
	struct object o;
	int rc;

	if (!no)
		return 0;
	arena_init(&a);
	rc = object_get(g->c->store, g->c->account, CHANGE_CARD, no, &a, &o,
	                err);
	if (rc == 0)
		rc = write_card(g, &o, err) < 0 ? -1 : 1;
	else if (err->kind == ERR_NOT_FOUND)
		rc = 0;
	arena_deinit(&a);
	return rc;
}

static int write_list(struct getting *g, const struct jmap_get *get,
                      struct str *missing, size_t *missing_n, struct err *err)
{
	if (get->all)
		return object_each(g->c->store, g->c->account, CHANGE_CARD,
		                   write_card, g, err);
	for (size_t i = 0; i < get->ids_n; i++) {
		int rc = write_no(g, jmap_no(g->c, get->ids[i], JMAP_ID_CARD),
		                  err);

		if (rc < 0)
			return -1;
		if (rc == 0)
			missing[(*missing_n)++] = get->ids[i];
	}
	return 0;
}

int jmap_contact_card_get(struct jmap_call *c)
{
	static const char *const known[] = { "accountId", "ids", "properties",
		                             NULL };
	struct getting g = { .c = c };
	struct jmap_get get = { .ids = NULL };
	struct change_state state;
	struct err err = ERR_INIT;
	struct str *missing;
	size_t missing_n = 0;
	struct json v;

	if (jmap_args_known(c, known) < 0 ||
	    jmap_get_read(c, rows, 1, add_name, &g, &get) < 0 ||
	    jmap_state(c, CHANGE_CARD, &state) < 0)
		return -1;
	g.all_properties = !jmap_arg(c, "properties", &v);
	missing = arena_array(c->arena, get.ids_n + 1, sizeof(*missing));
	jmap_get_begin(c, jmap_state_text(c->arena, state));
	if (write_list(&g, &get, missing, &missing_n, &err) < 0)
		return c->error ? -1 : jmap_fail(c, &err);
	jmap_get_end(c, missing, missing_n);
	return 0;
}

/* ---- /changes and /copy ---- */

int jmap_contact_card_changes(struct jmap_call *c)
{
	static const struct jmap_changes type = { .type = CHANGE_CARD,
		                                  .letter = JMAP_ID_CARD };

	return jmap_changes_run(c, &type);
}

/* There is one account only, and within one nothing is copied (RFC 8620,
 * 5.4). */
int jmap_contact_card_copy(struct jmap_call *c)
{
	struct str from = { NULL, 0 };

	if (jmap_args_account(c) < 0 ||
	    jmap_arg_str(c, "fromAccountId", &from) < 0)
		return -1;
	if (!from.p || str_eq(from, str_z(jmap_account_id(c->req->user).z)))
		return jmap_error(c, "invalidArguments",
		                  "fromAccountId is of another account");
	return jmap_error(c, "fromAccountNotFound", "no such account");
}
