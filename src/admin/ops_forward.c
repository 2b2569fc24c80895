/* Operations on the forward of an account. */
#include "admin/ops.h"

#define EVERY (ADMIN_OWN | ADMIN_DOMAIN | ADMIN_OPERATOR)

static const struct admin_field target_fields[] = {
	{ "address", ADMIN_IS_TEXT, false, NULL, NULL },
	{ "confirmed", ADMIN_IS_FLAG, false, NULL,
	  "Whether mail may go there" },
	ADMIN_FIELD_END,
};

static const struct admin_field fields[] = {
	{ "targets", ADMIN_IS_OBJECTS, false, target_fields, NULL },
	{ "keep", ADMIN_IS_FLAG, false, NULL, "A copy is kept" },
	{ "characters", ADMIN_IS_NUMBER, false, NULL,
	  "Of the addresses together" },
	{ "characters_max", ADMIN_IS_NUMBER, false, NULL, NULL },
	ADMIN_FIELD_END,
};

static const struct admin_field full_fields[] = {
	{ "targets", ADMIN_IS_OBJECTS, false, target_fields, NULL },
	{ "keep", ADMIN_IS_FLAG, false, NULL, "A copy is kept" },
	{ "characters", ADMIN_IS_NUMBER, false, NULL,
	  "Of the addresses together" },
	{ "characters_max", ADMIN_IS_NUMBER, false, NULL, NULL },
	{ "health", ADMIN_IS_TEXTS, false, NULL,
	  "How each target fares, in words" },
	ADMIN_FIELD_END,
};

/* R4 counts characters of the addresses alone. */
static uint64_t characters(const struct directory_target *v, size_t n)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < v[i].address.n; k++)
			sum += ((unsigned char)v[i].address.p[k] & 0xc0) !=
			       0x80;
	return sum;
}

static int read_it(struct admin_call *c, struct admin_account *acc,
                   struct err *err)
{
	return admin_account_get(c->adm, c->address, c->a, acc, err);
}

static void write_members(struct admin_call *c, struct json_writer *w,
                          const struct admin_account *acc)
{
	admin_write_targets(w, "targets", acc->forwards, acc->forwards_n);
	json_member_bool(w, "keep", acc->row.keep);
	json_member_u64(w, "characters",
	                characters(acc->forwards, acc->forwards_n));
	json_member_u64(w, "characters_max",
	                config_u64(c->adm->cfg, OPT_LIMITS_FORWARD_CHARACTERS));
}

static int state(struct admin_call *c, struct json_writer *w, struct err *err)
{
	struct admin_account acc;

	if (read_it(c, &acc, err) < 0)
		return -1;
	json_object(w);
	write_members(c, w, &acc);
	json_end(w);
	return 0;
}

/* An account without a forward has an empty one, with the meter. */
static int get(struct admin_call *c, struct err *err)
{
	struct admin_account acc;
	struct str *health = NULL;
	size_t n = 0;

	if (read_it(c, &acc, err) < 0)
		return -1;
	if (acc.forwards_n && admin_forward_health(c->adm, acc.row.id, c->a,
	                                           &health, &n, err) < 0)
		return -1;
	json_object(c->w);
	write_members(c, c->w, &acc);
	admin_write_list(c->w, "health", health, n);
	json_end(c->w);
	return 0;
}

static const struct admin_param one_params[] = {
	{ "address", ADMIN_ADDRESS, ADMIN_NEEDED, 0, NULL, "The account" },
	ADMIN_PARAM_END,
};

static const struct admin_param drop_params[] = {
	{ "address", ADMIN_ADDRESS, ADMIN_NEEDED, 0, NULL, "The account" },
	{ "current", ADMIN_SECRET, 0, 0, NULL,
	  "The password; needed with a session and for the own address" },
	ADMIN_PARAM_END,
};

static const struct admin_param set_params[] = {
	{ "address", ADMIN_ADDRESS, ADMIN_NEEDED, 0, NULL, "The account" },
	{ "targets", ADMIN_LIST, ADMIN_NEEDED, 0, NULL,
	  "All of them; those from before are replaced" },
	{ "keep", ADMIN_FLAG, 0, 0, NULL, "Keep a copy in the account" },
	{ "confirmed", ADMIN_FLAG, 0, 0, NULL,
	  "Ask nobody at the targets; for the operator alone" },
	{ "current", ADMIN_SECRET, 0, 0, NULL,
	  "The password; needed with a session and for the own address" },
	ADMIN_PARAM_END,
};

static int set(struct admin_call *c, struct err *err)
{
	const struct admin_value *v = admin_arg(c, "targets");
	bool confirmed = admin_arg_flag(c, "confirmed");
	size_t asked = 0;

	if (confirmed && !(c->by->roles & ADMIN_OPERATOR))
		return admin_blame(c, "confirmed", err, ERR_DENIED,
		                   "only the operator spares the targets "
		                   "the question");
	c->field = "targets";
	if (!v->items_n)
		return err_set(err, ERR_INVALID, "a forward needs a target");
	if (admin_forward_set(c->adm, c->address, v->items, v->items_n,
	                      admin_arg_flag(c, "keep"), confirmed, &asked,
	                      err) < 0)
		return -1;
	c->field = NULL;
	c->count = asked;
	admin_tell_owner(c, SECURITY_FORWARD);
	return 0;
}

static int drop(struct admin_call *c, struct err *err)
{
	if (admin_forward_set(c->adm, c->address, NULL, 0, true, true, NULL,
	                      err) < 0)
		return -1;
	admin_tell_owner(c, SECURITY_FORWARD);
	return 0;
}

static const struct admin_param confirm_params[] = {
	{ "token", ADMIN_TEXT, ADMIN_NEEDED, 100, NULL,
	  "The last part of the link that was sent" },
	ADMIN_PARAM_END,
};

static int confirm(struct admin_call *c, struct err *err)
{
	return directory_proposal_confirm(c->adm->dir,
	                                  admin_arg_text(c, "token"), err);
}

#define ROW(n, m, ch, ask, par, sh, res, fn, words)                            \
	{                                                                      \
		.name = n, .method = m, .path = "/accounts/{address}/forward", \
		.who = EVERY, .area = ADMIN_AREA_ADDRESSES, .changes = ch,     \
		.asks = ask, .subject = ADMIN_OF_ADDRESS, .params = par,       \
		.shape = sh, .result = res, .run = fn, .state = state,         \
		.sentence = words                                              \
	}

const struct admin_operation admin_ops_forward[] = {
	ROW("forward.get", "GET", false, false, one_params, ADMIN_ONE,
	    full_fields, get, "Show where an account passes its mail on to"),
	ROW("forward.set", "PUT", true, true, set_params, ADMIN_ONE, fields,
	    set, "Set where an account passes its mail on to"),
	ROW("forward.remove", "DELETE", true, true, drop_params, ADMIN_NOTHING,
	    NULL, drop, "Take a forward away"),
	{ .name = "forward.confirm",
	  .who = ADMIN_OPERATOR,
	  .area = ADMIN_AREA_ADDRESSES,
	  .changes = true,
	  .params = confirm_params,
	  .run = confirm,
	  .sentence = "Let a target get the mail, as its link does" },
	ADMIN_OP_END,
};
