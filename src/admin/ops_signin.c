/* What an administrator does for who cannot log in any more; app passwords. */
#include <stdio.h>

#include "admin/ops.h"
#include "base/mem.h"

static const struct admin_param params[] = {
	{ "address", ADMIN_ADDRESS, ADMIN_NEEDED, 0, NULL, "The account" },
	{ "current", ADMIN_SECRET, 0, 0, NULL,
	  "The password; needed with a session and for the own address" },
	ADMIN_PARAM_END,
};

static const struct admin_field link_fields[] = {
	{ "link", ADMIN_IS_TEXT, false, NULL,
	  "Shown only now; whoever has it chooses the password, once" },
	{ "expires", ADMIN_IS_TIME, false, NULL, NULL },
	ADMIN_FIELD_END,
};

static int make_link(struct admin_call *c, struct err *err)
{
	struct str text;
	int64_t until_us = 0;

	if (admin_start_make(c->adm, c->address, c->a, &text, &until_us, err) <
	    0)
		return -1;
	admin_tell_owner(c, SECURITY_LINK);
	json_object(c->w);
	json_member_str(c->w, "link", text);
	json_member_time(c->w, "expires", until_us);
	json_end(c->w);
	return 0;
}

static int totp_off(struct admin_call *c, struct err *err)
{
	if (admin_totp_off(c->adm, c->address, err) < 0)
		return -1;
	admin_tell_owner(c, SECURITY_TOTP_OFF);
	return 0;
}

/* ---- app passwords; owners have the webmail for their own ---- */

static const struct admin_param app_params[] = {
	{ "address", ADMIN_ADDRESS, ADMIN_NEEDED, 0, NULL, "The account" },
	{ "name", ADMIN_TEXT, ADMIN_NEEDED, GATE_NAME_MAX, NULL,
	  "What it is for" },
	{ "services", ADMIN_CHOICES, 0, 0, "imap|pop3|smtp|sieve|jmap",
	  "Without: all" },
	{ "network", ADMIN_TEXT, 0, GATE_NETWORK_MAX - 1, NULL,
	  "From where alone: \"192.0.2.0/24\"" },
	ADMIN_PARAM_END,
};

static const struct admin_field app_fields[] = {
	{ "id", ADMIN_IS_NUMBER, false, NULL, NULL },
	{ "secret", ADMIN_IS_TEXT, false, NULL, "Shown only now" },
	ADMIN_FIELD_END,
};

static unsigned services_of(const struct admin_value *v)
{
	static const struct {
		struct str name;
		enum gate_protocol protocol;
	} rows[] = {
		{ STR_INIT("imap"), GATE_IMAP },
		{ STR_INIT("pop3"), GATE_POP3 },
		{ STR_INIT("smtp"), GATE_SMTP },
		{ STR_INIT("sieve"), GATE_SIEVE },
		{ STR_INIT("jmap"), GATE_HTTP },
	};

	unsigned set = 0;

	for (size_t i = 0; i < v->items_n; i++)
		for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++)
			if (str_eq(v->items[i], rows[k].name))
				set |= 1u << rows[k].protocol;
	return set ? set : GATE_SERVICES;
}

static int app_add(struct admin_call *c, struct err *err)
{
	struct str name = admin_arg_text(c, "name");
	struct str network = admin_arg_text(c, "network");
	struct gate_app app = { .services =
		                        services_of(admin_arg(c, "services")) };
	char secret[24];
	int64_t id;

	(void)snprintf(app.name, sizeof(app.name), "%.*s", STR_ARG(name));
	(void)snprintf(app.network, sizeof(app.network), "%.*s",
	               STR_ARG(network));
	if (admin_app_add(c->adm, c->address, &app, secret, &id, err) < 0)
		return -1;
	admin_tell_owner(c, SECURITY_APP_ADDED);
	json_object(c->w);
	json_member_u64(c->w, "id", (uint64_t)id);
	json_member_z(c->w, "secret", secret);
	json_end(c->w);
	mem_wipe(secret, sizeof(secret));
	return 0;
}

static const struct admin_param app_drop_params[] = {
	{ "address", ADMIN_ADDRESS, ADMIN_NEEDED, 0, NULL, "The account" },
	{ "id", ADMIN_NUMBER, ADMIN_NEEDED, INT64_MAX, NULL, "Its number" },
	ADMIN_PARAM_END,
};

static int app_drop(struct admin_call *c, struct err *err)
{
	if (admin_app_remove(c->adm, c->address, (int64_t)admin_arg(c, "id")->u,
	                     err) < 0)
		return -1;
	admin_tell_owner(c, SECURITY_APP_REMOVED);
	return 0;
}

#define ROW(n, m, p, sh, res, fn, words)                                      \
	{                                                                     \
		.name = n, .method = m, .path = p,                            \
		.who = ADMIN_DOMAIN | ADMIN_OPERATOR,                         \
		.area = ADMIN_AREA_ADDRESSES, .changes = true,                \
		.elsewhere = true, .asks = true, .subject = ADMIN_OF_ADDRESS, \
		.params = params, .shape = sh, .result = res, .run = fn,      \
		.sentence = words,                                            \
	}

const struct admin_operation admin_ops_signin[] = {
	ROW("account.link", "POST", "/accounts/{address}/link", ADMIN_ONE,
	    link_fields, make_link,
	    "Make a link at which the owner chooses a password"),
	ROW("totp.off", "DELETE", "/accounts/{address}/totp", ADMIN_NOTHING,
	    NULL, totp_off,
	    "Switch off the two-step login of who lost the second step"),
	{ .name = "app.add",
	  .who = ADMIN_OPERATOR,
	  .area = ADMIN_AREA_ADDRESSES,
	  .changes = true,
	  .elsewhere = true,
	  .subject = ADMIN_OF_ADDRESS,
	  .params = app_params,
	  .shape = ADMIN_ONE,
	  .result = app_fields,
	  .run = app_add,
	  .sentence = "Make an app password" },
	{ .name = "app.remove",
	  .who = ADMIN_OPERATOR,
	  .area = ADMIN_AREA_ADDRESSES,
	  .changes = true,
	  .elsewhere = true,
	  .subject = ADMIN_OF_ADDRESS,
	  .params = app_drop_params,
	  .run = app_drop,
	  .sentence = "Take an app password away" },
	ADMIN_OP_END,
};
