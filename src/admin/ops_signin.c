/* What an administrator does for who cannot log in any more. */
#include "admin/ops.h"

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
	ADMIN_OP_END,
};
