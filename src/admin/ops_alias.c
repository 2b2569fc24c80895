/* Operations on aliases. */
#include "admin/ops.h"

#define BOTH (ADMIN_DOMAIN | ADMIN_OPERATOR)

static const struct admin_field fields[] = {
	{ "address", ADMIN_IS_TEXT, false, NULL, NULL },
	{ "targets", ADMIN_IS_TEXTS, false, NULL, NULL },
	ADMIN_FIELD_END,
};

static int state(struct admin_call *c, struct json_writer *w, struct err *err)
{
	struct directory_resolved r;

	if (admin_alias_get(c->adm, c->address, c->a, &r, err) < 0)
		return -1;
	json_object(w);
	json_member_str(w, "address", r.address);
	json_key(w, STR("targets"));
	json_array(w);
	for (size_t i = 0; i < r.targets_n; i++)
		json_str(w, r.targets[i].address);
	json_end(w);
	json_end(w);
	return 0;
}

static int get(struct admin_call *c, struct err *err)
{
	return state(c, c->w, err);
}

static const struct admin_param one_params[] = {
	{ "address", ADMIN_ADDRESS, ADMIN_NEEDED, 0, NULL, "The alias" },
	ADMIN_PARAM_END,
};

static const struct admin_param set_params[] = {
	{ "address", ADMIN_ADDRESS, ADMIN_NEEDED, 0, NULL, "The alias" },
	{ "targets", ADMIN_LIST, ADMIN_NEEDED, 0, NULL,
	  "Where it passes mail on to, here or elsewhere" },
	ADMIN_PARAM_END,
};

static int change(struct admin_call *c, bool replace, struct err *err)
{
	const struct admin_value *v = admin_arg(c, "targets");

	c->field = "targets";
	if (!v->items_n)
		return err_set(err, ERR_INVALID, "an alias needs a target");
	if (admin_alias_set(c->adm, c->address, v->items, v->items_n, replace,
	                    err) < 0) {
		if (err->kind == ERR_EXISTS)
			c->field = "address";
		return -1;
	}
	c->field = NULL;
	return 0;
}

static int add(struct admin_call *c, struct err *err)
{
	return change(c, false, err);
}

static int set(struct admin_call *c, struct err *err)
{
	return change(c, true, err);
}

static int drop(struct admin_call *c, struct err *err)
{
	return admin_alias_remove(c->adm, c->address, err);
}

#define ROW(n, m, p, ch, par, sh, fn, words)                                   \
	{                                                                      \
		.name = n, .method = m, .path = p, .who = BOTH,                \
		.area = ADMIN_AREA_ADDRESSES, .changes = ch,                   \
		.subject = ADMIN_OF_ADDRESS, .params = par, .shape = sh,       \
		.result = fields, .run = fn, .state = state, .sentence = words \
	}

const struct admin_operation admin_ops_alias[] = {
	ROW("alias.add", "POST", "/aliases", true, set_params, ADMIN_ONE, add,
	    "Make an alias: it passes mail on, and nobody can log in"),
	ROW("alias.get", "GET", "/aliases/{address}", false, one_params,
	    ADMIN_ONE, get, "Show an alias"),
	ROW("alias.set", "PUT", "/aliases/{address}", true, set_params,
	    ADMIN_ONE, set, "Set the targets of an alias anew"),
	ROW("alias.remove", "DELETE", "/aliases/{address}", true, one_params,
	    ADMIN_NOTHING, drop, "Remove an alias"),
	ADMIN_OP_END,
};
