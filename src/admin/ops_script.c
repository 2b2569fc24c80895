/* Filter scripts and the vacation. */
#include "admin/ops.h"
#include "admin/script.h"
#include "crypto/hash.h"

#define EVERY (ADMIN_OWN | ADMIN_DOMAIN | ADMIN_OPERATOR)
/* What sorts somebody's mail is their own affair. */
#define OWNER (ADMIN_OWN | ADMIN_OPERATOR)

/* ---- vacation ---- */

static const struct admin_field vacation_fields[] = {
	{ "on", ADMIN_IS_FLAG, false, NULL, NULL },
	{ "from", ADMIN_IS_TIME, true, NULL, NULL },
	{ "until", ADMIN_IS_TIME, true, NULL, NULL },
	{ "days", ADMIN_IS_NUMBER, false, NULL,
	  "Between two answers to one sender" },
	{ "subject", ADMIN_IS_TEXT, false, NULL, NULL },
	{ "text", ADMIN_IS_TEXT, false, NULL, NULL },
	ADMIN_FIELD_END,
};

/* One that was never set is off. */
static int get_vacation(struct admin_call *c, struct vacation *v,
                        struct err *err)
{
	*v = (struct vacation){ .days = 7 };
	if (admin_vacation_get(c->adm, c->address, c->a, v, err) == 0)
		return 0;
	if (err->kind == ERR_NOT_FOUND) {
		struct directory_account acc;

		*err = (struct err)ERR_INIT;
		return admin_account_find(c->adm, c->address, c->a, &acc, err);
	}
	return -1;
}

static int vacation_state(struct admin_call *c, struct json_writer *w,
                          struct err *err)
{
	struct vacation v;

	if (get_vacation(c, &v, err) < 0)
		return -1;
	json_object(w);
	json_member_bool(w, "on", v.on);
	json_member_time(w, "from", v.from_us);
	json_member_time(w, "until", v.until_us);
	json_member_u64(w, "days", v.days);
	json_member_str(w, "subject", v.subject);
	json_member_str(w, "text", v.text);
	json_end(w);
	return 0;
}

static int vacation_get_one(struct admin_call *c, struct err *err)
{
	return vacation_state(c, c->w, err);
}

static const struct admin_param vacation_params[] = {
	{ "address", ADMIN_ADDRESS, ADMIN_NEEDED, 0, NULL, "The account" },
	{ "text", ADMIN_TEXT, ADMIN_NEEDED, VACATION_TEXT_MAX, NULL,
	  "What is answered" },
	{ "subject", ADMIN_TEXT, 0, VACATION_SUBJECT_MAX, NULL,
	  "Without: that of the message, with \"Auto:\" before it" },
	{ "from", ADMIN_TIME, ADMIN_DEFAULT, 0, NULL,
	  "From then on; null: now" },
	{ "until", ADMIN_TIME, ADMIN_DEFAULT, 0, NULL,
	  "Until then; null: until it is switched off" },
	{ "days", ADMIN_NUMBER, 0, 365, NULL,
	  "Between two answers to one sender: 7" },
	ADMIN_PARAM_END,
};

static const struct admin_param one_params[] = {
	{ "address", ADMIN_ADDRESS, ADMIN_NEEDED, 0, NULL, "The account" },
	ADMIN_PARAM_END,
};

/* Who sets the own one knows of it. */
static int set_vacation(struct admin_call *c, const struct vacation *v,
                        struct err *err)
{
	if (admin_vacation_set(c->adm, c->address, v, err) < 0)
		return -1;
	if (!str_eq(c->by->address, c->address))
		admin_tell_owner(c, SECURITY_VACATION);
	return 0;
}

static int vacation_put(struct admin_call *c, struct err *err)
{
	struct vacation v = {
		.on = true,
		.from_us = admin_arg(c, "from")->us,
		.until_us = admin_arg(c, "until")->us,
		.days = 7,
		.subject = admin_arg_text(c, "subject"),
		.text = admin_arg_text(c, "text"),
	};

	if (admin_arg_given(c, "days"))
		v.days = (uint32_t)admin_arg(c, "days")->u;
	if (v.until_us && v.until_us <= v.from_us)
		return admin_blame(c, "until", err, ERR_INVALID,
		                   "it ends before it begins");
	return set_vacation(c, &v, err);
}

static int vacation_off(struct admin_call *c, struct err *err)
{
	struct vacation v;

	if (admin_vacation_get(c->adm, c->address, c->a, &v, err) < 0)
		return -1;
	v.on = false;
	return set_vacation(c, &v, err);
}

/* ---- scripts ---- */

static const struct admin_field script_fields[] = {
	{ "name", ADMIN_IS_TEXT, false, NULL, NULL },
	{ "active", ADMIN_IS_FLAG, false, NULL, NULL },
	{ "bytes", ADMIN_IS_NUMBER, false, NULL, NULL },
	ADMIN_FIELD_END,
};

static const struct admin_field state_fields[] = {
	{ "name", ADMIN_IS_TEXT, false, NULL, NULL },
	{ "active", ADMIN_IS_FLAG, false, NULL, NULL },
	{ "bytes", ADMIN_IS_NUMBER, false, NULL, NULL },
	{ "sha256", ADMIN_IS_TEXT, false, NULL, "Of its text" },
	ADMIN_FIELD_END,
};

static const struct admin_field text_fields[] = {
	{ "name", ADMIN_IS_TEXT, false, NULL, NULL },
	{ "active", ADMIN_IS_FLAG, false, NULL, NULL },
	{ "text", ADMIN_IS_TEXT, false, NULL, NULL },
	ADMIN_FIELD_END,
};

static const struct admin_param name_params[] = {
	{ "address", ADMIN_ADDRESS, ADMIN_NEEDED, 0, NULL, "The account" },
	{ "name", ADMIN_TEXT, ADMIN_NEEDED, SCRIPT_NAME_MAX, NULL,
	  "The script" },
	ADMIN_PARAM_END,
};

static const struct admin_param put_params[] = {
	{ "address", ADMIN_ADDRESS, ADMIN_NEEDED, 0, NULL, "The account" },
	{ "name", ADMIN_TEXT, ADMIN_NEEDED, SCRIPT_NAME_MAX, NULL,
	  "The script" },
	{ "text", ADMIN_TEXT, ADMIN_NEEDED | ADMIN_PRIVATE, 256 * 1024, NULL,
	  "Sieve (RFC 5228); it is checked first" },
	ADMIN_PARAM_END,
};

static int script_all(struct admin_call *c, struct err *err)
{
	struct script *v;
	size_t n;

	if (admin_script_list(c->adm, c->address, c->a, &v, &n, err) < 0)
		return -1;
	admin_page_begin(c);
	for (size_t i = 0; i < n; i++) {
		json_object(c->w);
		json_member_str(c->w, "name", v[i].name);
		json_member_bool(c->w, "active", v[i].active);
		json_member_u64(c->w, "bytes", v[i].size);
		json_end(c->w);
	}
	admin_page_end(c, STR(""));
	return 0;
}

/* Its text is nobody's but the owner's: the audit has a digest. */
static int script_state(struct admin_call *c, struct json_writer *w,
                        struct err *err)
{
	unsigned char digest[HASH_MAX];
	char hex[2 * HASH_MAX + 1];
	struct script s;

	if (admin_script_get(c->adm, c->address, admin_arg_text(c, "name"),
	                     c->a, &s, err) < 0)
		return -1;
	hash_bytes(HASH_SHA256, s.text, digest);
	hash_hex(digest, hash_size(HASH_SHA256), hex);
	json_object(w);
	json_member_str(w, "name", s.name);
	json_member_bool(w, "active", s.active);
	json_member_u64(w, "bytes", s.text.n);
	json_member_z(w, "sha256", hex);
	json_end(w);
	return 0;
}

static int script_one(struct admin_call *c, struct err *err)
{
	struct script s;

	if (admin_script_get(c->adm, c->address, admin_arg_text(c, "name"),
	                     c->a, &s, err) < 0)
		return -1;
	json_object(c->w);
	json_member_str(c->w, "name", s.name);
	json_member_bool(c->w, "active", s.active);
	json_member_str(c->w, "text", s.text);
	json_end(c->w);
	return 0;
}

static int script_set(struct admin_call *c, struct err *err)
{
	c->field = "text";
	if (admin_script_put(c->adm, c->address, admin_arg_text(c, "name"),
	                     admin_arg_text(c, "text"), err) < 0)
		return -1;
	c->field = NULL;
	return 0;
}

static int script_on(struct admin_call *c, struct err *err)
{
	return admin_script_activate(c->adm, c->address,
	                             admin_arg_text(c, "name"), err);
}

static int script_none(struct admin_call *c, struct err *err)
{
	return admin_script_activate(c->adm, c->address, STR(""), err);
}

static int script_drop(struct admin_call *c, struct err *err)
{
	return admin_script_remove(c->adm, c->address,
	                           admin_arg_text(c, "name"), err);
}

/* Scripts and the vacation lie in the store. */
#define ROW(n, m, p, w, ch, par, sh, res, fn, st, words)                     \
	{                                                                    \
		.name = n, .method = m, .path = "/accounts/{address}/" p,    \
		.who = w, .area = ADMIN_AREA_ADDRESSES, .changes = ch,       \
		.elsewhere = ch, .subject = ADMIN_OF_ADDRESS, .params = par, \
		.shape = sh, .result = res, .run = fn, .state = st,          \
		.sentence = words                                            \
	}

const struct admin_operation admin_ops_script[] = {
	ROW("vacation.get", "GET", "vacation", EVERY, false, one_params,
	    ADMIN_ONE, vacation_fields, vacation_get_one, vacation_state,
	    "Show what is answered while an owner is away"),
	ROW("vacation.set", "PUT", "vacation", EVERY, true, vacation_params,
	    ADMIN_ONE, vacation_fields, vacation_put, vacation_state,
	    "Answer mail while an owner is away"),
	ROW("vacation.off", "DELETE", "vacation", EVERY, true, one_params,
	    ADMIN_NOTHING, NULL, vacation_off, vacation_state,
	    "Answer no more"),
	ROW("script.list", "GET", "scripts", OWNER, false, one_params,
	    ADMIN_MANY, script_fields, script_all, NULL,
	    "List the filter scripts of an account"),
	ROW("script.get", "GET", "scripts/{name}", OWNER, false, name_params,
	    ADMIN_ONE, text_fields, script_one, script_state,
	    "Show a filter script"),
	ROW("script.put", "PUT", "scripts/{name}", OWNER, true, put_params,
	    ADMIN_ONE, state_fields, script_set, script_state,
	    "Keep a filter script"),
	ROW("script.activate", "POST", "scripts/{name}/activate", OWNER, true,
	    name_params, ADMIN_ONE, state_fields, script_on, script_state,
	    "Run this filter script and no other"),
	ROW("script.deactivate", "POST", "scripts-off", OWNER, true, one_params,
	    ADMIN_NOTHING, NULL, script_none, NULL, "Run no filter script"),
	ROW("script.remove", "DELETE", "scripts/{name}", OWNER, true,
	    name_params, ADMIN_NOTHING, NULL, script_drop, script_state,
	    "Remove a filter script"),
	ADMIN_OP_END,
};
