/* Limits of sending, and accounts on hold. */
#include "admin/ops.h"
#include "os/clock.h"

#define BOTH  (ADMIN_DOMAIN | ADMIN_OPERATOR)
#define EVERY (ADMIN_OWN | ADMIN_DOMAIN | ADMIN_OPERATOR)

static const struct admin_field user_fields[] = {
	{ "address", ADMIN_IS_TEXT, false, NULL, NULL },
	{ "used", ADMIN_IS_NUMBER, false, NULL, NULL },
	ADMIN_FIELD_END,
};

static const struct admin_field row_fields[] = {
	{ "limit", ADMIN_IS_TEXT, false, NULL, "messages_5min" },
	{ "used", ADMIN_IS_NUMBER, false, NULL, NULL },
	{ "most", ADMIN_IS_NUMBER, true, NULL, "null: not limited" },
	{ "window_s", ADMIN_IS_NUMBER, true, NULL, "null: how many at a time" },
	{ "frees", ADMIN_IS_TIME, true, NULL,
	  "When one more fits, or the first leaves" },
	{ "own", ADMIN_IS_FLAG, false, NULL,
	  "Set by the operator, not as configured" },
	{ "users", ADMIN_IS_OBJECTS, false, user_fields,
	  "Who used most stands first" },
	ADMIN_FIELD_END,
};

static const struct admin_param domain_params[] = {
	{ "domain", ADMIN_NAME, ADMIN_NEEDED, 0, NULL, "The domain" },
	ADMIN_PARAM_END,
};

static const struct admin_param address_params[] = {
	{ "address", ADMIN_ADDRESS, ADMIN_NEEDED, 0, NULL, "The account" },
	ADMIN_PARAM_END,
};

static void write_limit(struct json_writer *w, const struct admin_limit *l)
{
	json_object(w);
	json_member_z(w, "limit", l->key);
	json_member_u64(w, "used", l->used);
	if (l->limited)
		json_member_u64(w, "most", l->limit);
	else
		json_member_z(w, "most", NULL);
	if (l->length_us)
		json_member_i64(w, "window_s", l->length_us / US_PER_SEC);
	else
		json_member_z(w, "window_s", NULL);
	json_member_time(w, "frees", l->frees_us);
	json_member_bool(w, "own", l->own);
	json_key(w, STR("users"));
	json_array(w);
	for (size_t i = 0; i < l->users_n; i++) {
		if (!l->users[i].address.n)
			continue;
		json_object(w);
		json_member_str(w, "address", l->users[i].address);
		json_member_u64(w, "used", l->users[i].n);
		json_end(w);
	}
	json_end(w);
	json_end(w);
}

static struct str subject_of(const struct admin_call *c)
{
	return c->address.n ? c->address : c->domain.name;
}

static int show(struct admin_call *c, struct err *err)
{
	struct admin_limit rows[ADMIN_LIMITS];
	size_t n;

	if (admin_limits_show(c->adm, subject_of(c), c->a, rows, &n, err) < 0)
		return -1;
	admin_page_begin(c);
	for (size_t i = 0; i < n; i++)
		write_limit(c->w, &rows[i]);
	admin_page_end(c, STR(""));
	return 0;
}

/* Those that are its own: what the operator can edit. */
static int state(struct admin_call *c, struct json_writer *w, struct err *err)
{
	struct admin_limit rows[ADMIN_LIMITS];
	size_t n;

	if (admin_limits_show(c->adm, subject_of(c), c->a, rows, &n, err) < 0)
		return -1;
	json_object(w);
	for (size_t i = 0; i < n; i++)
		if (rows[i].own)
			json_member_u64(w, rows[i].key, rows[i].limit);
	json_end(w);
	return 0;
}

#define SET_PARAMS                                                   \
	{ "limit", ADMIN_TEXT, ADMIN_NEEDED,                         \
	  40,      NULL,       "Which one, such as messages_5min" }, \
	{                                                            \
		"most", ADMIN_NUMBER, ADMIN_NEEDED | ADMIN_DEFAULT,  \
			1000000000, NULL, "null: as configured"      \
	}

static const struct admin_param domain_set_params[] = {
	{ "domain", ADMIN_NAME, ADMIN_NEEDED, 0, NULL, "The domain" },
	SET_PARAMS,
	ADMIN_PARAM_END,
};

static const struct admin_param address_set_params[] = {
	{ "address", ADMIN_ADDRESS, ADMIN_NEEDED, 0, NULL, "The account" },
	SET_PARAMS,
	ADMIN_PARAM_END,
};

static int set(struct admin_call *c, struct err *err)
{
	const struct admin_value *most = admin_arg(c, "most");

	c->field = "limit";
	if (admin_limit_set(c->adm, subject_of(c), admin_arg_text(c, "limit"),
	                    most->is_default, most->u, err) < 0)
		return -1;
	c->field = NULL;
	return 0;
}

static int reset(struct admin_call *c, struct err *err)
{
	return admin_limits_reset(c->adm, subject_of(c), err);
}

/* ---- holds ---- */

static const struct admin_field held_fields[] = {
	{ "address", ADMIN_IS_TEXT, false, NULL, NULL },
	{ "messages", ADMIN_IS_NUMBER, false, NULL, "Held in the queue" },
	ADMIN_FIELD_END,
};

static bool write_held(void *arg, const struct admin_held *h)
{
	struct json_writer *w = arg;

	json_object(w);
	json_member_str(w, "address", h->address);
	json_member_u64(w, "messages", h->messages);
	json_end(w);
	return true;
}

static int hold_list(struct admin_call *c, struct err *err)
{
	admin_page_begin(c);
	if (admin_hold_list(c->adm, write_held, c->w, err) < 0)
		return -1;
	admin_page_end(c, STR(""));
	return 0;
}

static int hold_add(struct admin_call *c, struct err *err)
{
	return admin_hold(c->adm, c->address, ADMIN_HOLD_ADD, c->by->who,
	                  &c->count, err);
}

static int hold_release(struct admin_call *c, struct err *err)
{
	return admin_hold(c->adm, c->address, ADMIN_HOLD_RELEASE, c->by->who,
	                  &c->count, err);
}

static int hold_discard(struct admin_call *c, struct err *err)
{
	return admin_hold(c->adm, c->address, ADMIN_HOLD_DISCARD, c->by->who,
	                  &c->count, err);
}

/* ---- the rows ---- */

#define ROW(n, m, p, w, ch, else_, sub, par, sh, res, fn, st, words)           \
	{                                                                      \
		.name = n, .method = m, .path = p, .who = w,                   \
		.area = ADMIN_AREA_SENDING, .changes = ch, .elsewhere = else_, \
		.subject = sub, .params = par, .shape = sh, .result = res,     \
		.run = fn, .state = st, .sentence = words                      \
	}

const struct admin_operation admin_ops_limits[] = {
	ROW("limits.domain", "GET", "/domains/{domain}/limits", BOTH, false,
	    false, ADMIN_OF_DOMAIN, domain_params, ADMIN_MANY, row_fields, show,
	    state, "Show the limits of a domain, and who used them"),
	ROW("limits.account", "GET", "/accounts/{address}/limits", EVERY, false,
	    false, ADMIN_OF_ADDRESS, address_params, ADMIN_MANY, row_fields,
	    show, state, "Show what an account used of limits"),
	ROW("limits.set_domain", "PUT", "/domains/{domain}/limits/{limit}",
	    ADMIN_OPERATOR, true, false, ADMIN_OF_DOMAIN, domain_set_params,
	    ADMIN_NOTHING, NULL, set, state, "Set a limit of a domain"),
	ROW("limits.set_account", "PUT", "/accounts/{address}/limits/{limit}",
	    ADMIN_OPERATOR, true, false, ADMIN_OF_ADDRESS, address_set_params,
	    ADMIN_NOTHING, NULL, set, state, "Set a limit of an account"),
	ROW("limits.reset_domain", "POST", "/domains/{domain}/limits-reset",
	    ADMIN_OPERATOR, true, true, ADMIN_OF_DOMAIN, domain_params,
	    ADMIN_NOTHING, NULL, reset, NULL,
	    "Let what a domain sent so far count no more"),
	ROW("limits.reset_account", "POST", "/accounts/{address}/limits-reset",
	    ADMIN_OPERATOR, true, true, ADMIN_OF_ADDRESS, address_params,
	    ADMIN_NOTHING, NULL, reset, NULL,
	    "Let what an account sent so far count no more"),
	ROW("hold.list", "GET", "/holds", ADMIN_OPERATOR, false, false,
	    ADMIN_OF_NONE, NULL, ADMIN_MANY, held_fields, hold_list, NULL,
	    "List the accounts whose outgoing mail is held"),
	ROW("hold.add", "PUT", "/holds/{address}", ADMIN_OPERATOR, true, false,
	    ADMIN_OF_ADDRESS, address_params, ADMIN_NOTHING, NULL, hold_add,
	    admin_state_account, "Hold what an account sends from now on"),
	ROW("hold.release", "POST", "/holds/{address}/release", ADMIN_OPERATOR,
	    true, false, ADMIN_OF_ADDRESS, address_params, ADMIN_NOTHING, NULL,
	    hold_release, admin_state_account,
	    "Let go what is held, and what comes"),
	ROW("hold.discard", "POST", "/holds/{address}/discard", ADMIN_OPERATOR,
	    true, true, ADMIN_OF_ADDRESS, address_params, ADMIN_NOTHING, NULL,
	    hold_discard, NULL, "Throw away what is held; the hold stays"),
	ADMIN_OP_END,
};
