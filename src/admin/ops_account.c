/* Operations on accounts. */
#include "admin/explain.h"
#include "admin/ops.h"

#define BOTH  (ADMIN_DOMAIN | ADMIN_OPERATOR)
#define EVERY (ADMIN_OWN | ADMIN_DOMAIN | ADMIN_OPERATOR)

/* ---- how an account is told ---- */

static const struct admin_field target_fields[] = {
	{ "address", ADMIN_IS_TEXT, false, NULL, NULL },
	{ "confirmed", ADMIN_IS_FLAG, false, NULL,
	  "Whether mail may go there" },
	ADMIN_FIELD_END,
};

static const struct admin_field state_fields[] = {
	{ "address", ADMIN_IS_TEXT, false, NULL, NULL },
	{ "name", ADMIN_IS_TEXT, false, NULL, "Of the person" },
	{ "quota_bytes", ADMIN_IS_NUMBER, false, NULL, NULL },
	{ "own_quota", ADMIN_IS_FLAG, false, NULL,
	  "It has a quota of its own, not the default" },
	{ "suspended", ADMIN_IS_TEXTS, false, NULL, "login, send, receive" },
	{ "forward", ADMIN_IS_OBJECTS, false, target_fields, NULL },
	{ "keep", ADMIN_IS_FLAG, false, NULL,
	  "With a forward: a copy is kept" },
	{ "senders", ADMIN_IS_TEXTS, false, NULL,
	  "Further addresses it may send as" },
	ADMIN_FIELD_END,
};

static const struct admin_field full_fields[] = {
	{ "address", ADMIN_IS_TEXT, false, NULL, NULL },
	{ "name", ADMIN_IS_TEXT, false, NULL, "Of the person" },
	{ "quota_bytes", ADMIN_IS_NUMBER, false, NULL, NULL },
	{ "own_quota", ADMIN_IS_FLAG, false, NULL, NULL },
	{ "suspended", ADMIN_IS_TEXTS, false, NULL,
	  "login, send, receive; its domain's too" },
	{ "forward", ADMIN_IS_OBJECTS, false, target_fields, NULL },
	{ "keep", ADMIN_IS_FLAG, false, NULL, NULL },
	{ "senders", ADMIN_IS_TEXTS, false, NULL, NULL },
	{ "used_bytes", ADMIN_IS_NUMBER, false, NULL, NULL },
	{ "messages", ADMIN_IS_NUMBER, false, NULL, NULL },
	{ "created", ADMIN_IS_TIME, false, NULL, NULL },
	ADMIN_FIELD_END,
};

static void write_state(struct json_writer *w, const struct admin_account *acc,
                        unsigned flags)
{
	json_member_str(w, "address", acc->row.address);
	json_member_str(w, "name", acc->row.name);
	json_member_u64(w, "quota_bytes", acc->row.quota_bytes);
	json_member_bool(w, "own_quota", acc->row.own_quota != 0);
	admin_write_flags(w, "suspended", flags);
	admin_write_targets(w, "forward", acc->forwards, acc->forwards_n);
	json_member_bool(w, "keep", acc->row.keep);
	admin_write_list(w, "senders", acc->senders, acc->senders_n);
}

int admin_state_account(struct admin_call *c, struct json_writer *w,
                        struct err *err)
{
	struct admin_account acc;

	if (admin_account_get(c->adm, c->address, c->a, &acc, err) < 0)
		return -1;
	json_object(w);
	write_state(w, &acc, acc.row.own_flags);
	json_end(w);
	return 0;
}

static int get(struct admin_call *c, struct err *err)
{
	struct admin_account acc;

	if (admin_account_get(c->adm, c->address, c->a, &acc, err) < 0)
		return -1;
	json_object(c->w);
	write_state(c->w, &acc, acc.row.flags);
	json_member_u64(c->w, "used_bytes", acc.used_bytes);
	json_member_u64(c->w, "messages", acc.messages);
	json_member_time(c->w, "created", acc.row.created_us);
	json_end(c->w);
	return 0;
}

/* ---- parameters ---- */

#define ADDRESS_PARAM                                               \
	{                                                           \
		"address", ADMIN_ADDRESS, ADMIN_NEEDED, 0, NULL,    \
			"The whole address, which is the user name" \
	}

static const struct admin_param one_params[] = { ADDRESS_PARAM,
	                                         ADMIN_PARAM_END };

static const struct admin_param add_params[] = {
	ADDRESS_PARAM,
	{ "name", ADMIN_TEXT, 0, 200, NULL, "The name of the person" },
	{ "password", ADMIN_SECRET, 0, 0, NULL,
	  "Without one nobody can log in yet" },
	{ "quota_bytes", ADMIN_BYTES, ADMIN_DEFAULT, 0, NULL,
	  "The most it holds; null: the default" },
	ADMIN_PARAM_END,
};

/* Room costs the operator: an administrator gives less than usual alone. */
static int check_quota(struct admin_call *c, struct err *err)
{
	const struct admin_value *q = admin_arg(c, "quota_bytes");
	uint64_t usual = config_u64(c->adm->cfg, OPT_LIMITS_QUOTA_BYTES);

	if (!q->given || q->is_default)
		return 0;
	if (q->u == 0)
		return admin_blame(c, "quota_bytes", err, ERR_INVALID,
		                   "a quota is more than 0; null is the "
		                   "default");
	if (q->u > usual && !(c->by->roles & ADMIN_OPERATOR))
		return admin_blame(c, "quota_bytes", err, ERR_DENIED,
		                   "more than %llu bytes is the operator's to "
		                   "give",
		                   (unsigned long long)usual);
	return 0;
}

static int add(struct admin_call *c, struct err *err)
{
	struct admin_account_new n = {
		.address = c->address,
		.name = admin_arg_text(c, "name"),
		.password = admin_arg_text(c, "password"),
		.quota_bytes = admin_arg(c, "quota_bytes")->u,
	};

	if (check_quota(c, err) < 0)
		return -1;
	if (admin_arg_given(c, "password") && !n.password.n)
		return admin_blame(c, "password", err, ERR_INVALID,
		                   "the password is empty");
	c->field = "address";
	if (admin_account_add(c->adm, &n, NULL, err) < 0)
		return -1;
	c->field = NULL;
	return 0;
}

static const struct admin_param set_params[] = {
	ADDRESS_PARAM,
	{ "name", ADMIN_TEXT, 0, 200, NULL, "The name of the person" },
	{ "quota_bytes", ADMIN_BYTES, ADMIN_DEFAULT, 0, NULL,
	  "The most it holds; null: the default" },
	ADMIN_PARAM_END,
};

static int set(struct admin_call *c, struct err *err)
{
	bool name = admin_arg_given(c, "name");
	bool quota = admin_arg_given(c, "quota_bytes");

	if (!name && !quota)
		return admin_blame(c, NULL, err, ERR_INVALID,
		                   "there is nothing to set");
	if (quota && check_quota(c, err) < 0)
		return -1;
	c->field = quota ? "quota_bytes" : "name";
	if (quota &&
	    admin_account_quota(c->adm, c->address,
	                        admin_arg(c, "quota_bytes")->u, err) < 0)
		return -1;
	if (name && admin_account_name(c->adm, c->address,
	                               admin_arg_text(c, "name"), err) < 0)
		return -1;
	c->field = NULL;
	return 0;
}

static const struct admin_param flag_params[] = {
	ADDRESS_PARAM,
	{ "what", ADMIN_CHOICES, 0, 0, "login|send|receive",
	  "What of it; without: all three" },
	ADMIN_PARAM_END,
};

static int suspend(struct admin_call *c, struct err *err)
{
	return admin_account_flags(c->adm, c->address, admin_flags_asked(c), 0,
	                           err);
}

static int resume(struct admin_call *c, struct err *err)
{
	return admin_account_flags(c->adm, c->address, 0, admin_flags_asked(c),
	                           err);
}

static const struct admin_param remove_params[] = {
	ADDRESS_PARAM,
	{ "erase", ADMIN_FLAG, 0, 0, NULL,
	  "Erase the mail now; it cannot be restored" },
	ADMIN_PARAM_END,
};

static int drop(struct admin_call *c, struct err *err)
{
	return admin_account_remove(c->adm, c->address,
	                            admin_arg_flag(c, "erase"), err);
}

static int restore(struct admin_call *c, struct err *err)
{
	return admin_account_restore(c->adm, c->address, err);
}

static const struct admin_param password_params[] = {
	ADDRESS_PARAM,
	{ "password", ADMIN_SECRET, ADMIN_NEEDED, 0, NULL, "The new password" },
	{ "current", ADMIN_SECRET, 0, 0, NULL,
	  "The present one; needed with a session and for the own address" },
	ADMIN_PARAM_END,
};

static int password(struct admin_call *c, struct err *err)
{
	c->field = "password";
	if (admin_password_set(c->adm, c->address,
	                       admin_arg_text(c, "password"), err) < 0)
		return -1;
	c->field = NULL;
	admin_tell_owner(c, SECURITY_PASSWORD);
	return 0;
}

/* ---- senders ---- */

static const struct admin_param sender_params[] = {
	ADDRESS_PARAM,
	{ "sender", ADMIN_TEXT, ADMIN_NEEDED, 400, NULL,
	  "An address of a hosted domain, or *@DOMAIN for all of it" },
	ADMIN_PARAM_END,
};

/* Nobody gives away what belongs to somebody else's domain. */
static int check_sender(struct admin_call *c, struct str sender,
                        struct err *err)
{
	size_t at = str_rchr(sender, '@');
	int64_t domain;

	if (c->by->roles & ADMIN_OPERATOR)
		return 0;
	if (at == STR_NPOS)
		return admin_blame(c, "sender", err, ERR_INVALID,
		                   "a sender is an address, or *@DOMAIN");
	return admin_access_name(c, "sender", str_from(sender, at + 1), &domain,
	                         err);
}

static int change_sender(struct admin_call *c, bool remove, struct err *err)
{
	struct str sender = admin_arg_text(c, "sender");

	if (check_sender(c, sender, err) < 0)
		return -1;
	c->field = "sender";
	if (admin_grant(c->adm, c->address, sender, remove, err) < 0)
		return -1;
	c->field = NULL;
	return 0;
}

static int sender_add(struct admin_call *c, struct err *err)
{
	return change_sender(c, false, err);
}

static int sender_drop(struct admin_call *c, struct err *err)
{
	return change_sender(c, true, err);
}

/* ---- logins ---- */

static const struct admin_field login_fields[] = {
	{ "protocol", ADMIN_IS_TEXT, false, NULL, NULL },
	{ "ip", ADMIN_IS_TEXT, false, NULL, NULL },
	{ "result", ADMIN_IS_TEXT, false, NULL,
	  "ok, wrong, locked, case, suspended, code, app-only" },
	{ "why", ADMIN_IS_TEXT, false, NULL, NULL },
	{ "first", ADMIN_IS_TIME, false, NULL, NULL },
	{ "last", ADMIN_IS_TIME, false, NULL, NULL },
	{ "times", ADMIN_IS_NUMBER, false, NULL, NULL },
	ADMIN_FIELD_END,
};

const char *admin_protocol_name(enum gate_protocol p)
{
	switch (p) {
	case GATE_SMTP: return "smtp";
	case GATE_IMAP: return "imap";
	case GATE_POP3: return "pop3";
	case GATE_SIEVE: return "sieve";
	case GATE_HTTP: return "http";
	case GATE_WEB: return "web";
	}
	return "";
}

static const char *verdict_name(enum gate_verdict v)
{
	switch (v) {
	case GATE_OK: return "ok";
	case GATE_WRONG: return "wrong";
	case GATE_LOCKED: return "locked";
	case GATE_CASE: return "case";
	case GATE_SUSPENDED: return "suspended";
	case GATE_CODE: return "code";
	case GATE_APP_ONLY: return "app-only";
	case GATE_TEMP: return "trouble";
	}
	return "";
}

static bool write_login(void *arg, const struct admin_login *l)
{
	struct json_writer *w = arg;

	json_object(w);
	json_member_z(w, "protocol", admin_protocol_name(l->protocol));
	json_member_str(w, "ip", l->ip);
	json_member_z(w, "result", verdict_name(l->verdict));
	json_member_str(w, "why", l->why);
	json_member_time(w, "first", l->first_us);
	json_member_time(w, "last", l->last_us);
	json_member_u64(w, "times", l->n);
	json_end(w);
	return true;
}

static int logins(struct admin_call *c, struct err *err)
{
	admin_page_begin(c);
	if (admin_logins(c->adm, c->address, write_login, c->w, err) < 0)
		return -1;
	admin_page_end(c, STR(""));
	return 0;
}

/* ---- removed accounts ---- */

static const struct admin_field removed_fields[] = {
	{ "address", ADMIN_IS_TEXT, false, NULL, NULL },
	{ "name", ADMIN_IS_TEXT, false, NULL, NULL },
	{ "removed", ADMIN_IS_TIME, false, NULL, NULL },
	{ "erased", ADMIN_IS_TIME, false, NULL, "When it is gone for good" },
	ADMIN_FIELD_END,
};

static const struct admin_param removed_params[] = {
	{ "domain", ADMIN_NAME, 0, 0, NULL, "Of this domain alone" },
	ADMIN_PARAM_END,
};

struct removed {
	struct admin_call *c;
	int64_t domain; /* 0: of all that are the caller's */
};

static bool write_removed(void *arg, const struct directory_account *acc)
{
	const struct removed *r = arg;
	struct admin_call *c = r->c;

	if (r->domain ? acc->domain_id != r->domain
	              : !admin_caller_has_domain(c->by, acc->domain_id))
		return true;
	json_object(c->w);
	json_member_str(c->w, "address", acc->address);
	json_member_str(c->w, "name", acc->name);
	json_member_time(c->w, "removed", acc->removed_us);
	json_member_time(c->w, "erased",
	                 acc->removed_us +
	                         config_us(c->adm->cfg, OPT_STORE_UNDELETE));
	json_end(c->w);
	return true;
}

static int removed(struct admin_call *c, struct err *err)
{
	struct removed r = { .c = c };

	if (admin_arg_given(c, "domain") &&
	    admin_access_name(c, "domain", admin_arg_text(c, "domain"),
	                      &r.domain, err) < 0)
		return -1;
	admin_page_begin(c);
	if (directory_removed_each(c->adm->dir, write_removed, &r, err) < 0)
		return -1;
	admin_page_end(c, STR(""));
	return 0;
}

/* ---- the rows ---- */

#define ROW(n, m, p, w, ch, par, sh, res, fn, st, words)                 \
	{                                                                \
		.name = n, .method = m, .path = p, .who = w,             \
		.area = ADMIN_AREA_ADDRESSES, .changes = ch,             \
		.subject = ADMIN_OF_ADDRESS, .params = par, .shape = sh, \
		.result = res, .run = fn, .state = st, .sentence = words \
	}

const struct admin_operation admin_ops_account[] = {
	ROW("account.add", "POST", "/accounts", BOTH, true, add_params,
	    ADMIN_ONE, state_fields, add, admin_state_account,
	    "Make an account: mail is stored, and there is a login"),
	ROW("account.get", "GET", "/accounts/{address}", EVERY, false,
	    one_params, ADMIN_ONE, full_fields, get, admin_state_account,
	    "Show an account and what it holds"),
	ROW("account.set", "PATCH", "/accounts/{address}", BOTH, true,
	    set_params, ADMIN_ONE, state_fields, set, admin_state_account,
	    "Change the name or the quota"),
	ROW("account.suspend", "POST", "/accounts/{address}/suspend", BOTH,
	    true, flag_params, ADMIN_ONE, state_fields, suspend,
	    admin_state_account, "Suspend login, sending or receiving"),
	ROW("account.resume", "POST", "/accounts/{address}/resume", BOTH, true,
	    flag_params, ADMIN_ONE, state_fields, resume, admin_state_account,
	    "Undo a suspension"),
	ROW("account.remove", "DELETE", "/accounts/{address}", BOTH, true,
	    remove_params, ADMIN_NOTHING, NULL, drop, admin_state_account,
	    "Remove an account; its mail is kept for a while"),
	ROW("account.restore", "POST", "/accounts/{address}/restore", BOTH,
	    true, one_params, ADMIN_ONE, state_fields, restore,
	    admin_state_account, "Bring a removed account back"),
	{ .name = "account.removed",
	  .method = "GET",
	  .path = "/removed",
	  .who = BOTH,
	  .area = ADMIN_AREA_ADDRESSES,
	  .params = removed_params,
	  .shape = ADMIN_MANY,
	  .result = removed_fields,
	  .run = removed,
	  .sentence = "List the accounts that can be restored" },
	{ .name = "account.password",
	  .method = "PUT",
	  .path = "/accounts/{address}/password",
	  .who = EVERY,
	  .area = ADMIN_AREA_ADDRESSES,
	  .changes = true,
	  .elsewhere = true,
	  .asks = true,
	  .subject = ADMIN_OF_ADDRESS,
	  .params = password_params,
	  .run = password,
	  .sentence = "Set the password of an account" },
	ROW("sender.add", "PUT", "/accounts/{address}/senders/{sender}", BOTH,
	    true, sender_params, ADMIN_ONE, state_fields, sender_add,
	    admin_state_account, "Allow one more sender address"),
	ROW("sender.remove", "DELETE", "/accounts/{address}/senders/{sender}",
	    BOTH, true, sender_params, ADMIN_NOTHING, NULL, sender_drop,
	    admin_state_account, "Take a sender address back"),
	ROW("account.logins", "GET", "/accounts/{address}/logins", EVERY, false,
	    one_params, ADMIN_MANY, login_fields, logins, NULL,
	    "List the last attempts to log in"),
	ADMIN_OP_END,
};
