/* Operations on domains. */
#include "admin/ops.h"
#include "admin/records.h"
#include "directory/page.h"
#include "directory/setting.h"

/* ---- how a domain is told ---- */

static const struct admin_field check_fields[] = {
	{ "state", ADMIN_IS_TEXT, false, NULL, "ok, warning or wrong" },
	{ "time", ADMIN_IS_TIME, false, NULL, NULL },
	ADMIN_FIELD_END,
};

static const struct admin_field row_fields[] = {
	{ "domain", ADMIN_IS_TEXT, false, NULL, "As people read it" },
	{ "ascii", ADMIN_IS_TEXT, false, NULL, "As DNS has it" },
	{ "alias_of", ADMIN_IS_TEXT, true, NULL,
	  "The domain that it is another name of" },
	{ "accounts", ADMIN_IS_NUMBER, false, NULL, NULL },
	{ "aliases", ADMIN_IS_NUMBER, false, NULL, NULL },
	{ "catchall", ADMIN_IS_TEXT, true, NULL,
	  "Who gets mail to addresses that do not exist" },
	{ "postmaster", ADMIN_IS_TEXT, true, NULL,
	  "Who gets mail to postmaster and abuse" },
	{ "suspended", ADMIN_IS_TEXTS, false, NULL, "login, send, receive" },
	{ "created", ADMIN_IS_TIME, false, NULL, NULL },
	{ "check", ADMIN_IS_OBJECT, true, check_fields,
	  "The last look at its DNS records" },
	ADMIN_FIELD_END,
};

static const struct admin_field state_fields[] = {
	{ "domain", ADMIN_IS_TEXT, false, NULL, NULL },
	{ "alias_of", ADMIN_IS_TEXT, true, NULL, NULL },
	{ "catchall", ADMIN_IS_TEXT, true, NULL, NULL },
	{ "postmaster", ADMIN_IS_TEXT, true, NULL, NULL },
	{ "suspended", ADMIN_IS_TEXTS, false, NULL, NULL },
	ADMIN_FIELD_END,
};

static void text_or_null(struct json_writer *w, const char *key, struct str s)
{
	if (s.n)
		json_member_str(w, key, s);
	else
		json_member_z(w, key, NULL);
}

static int write_check(struct admin_call *c, int64_t id, struct err *err)
{
	struct directory_check k;

	json_key(c->w, STR("check"));
	if (directory_check_get(c->adm->dir, id, c->a, &k, err) < 0) {
		if (err->kind != ERR_NOT_FOUND)
			return -1;
		*err = (struct err)ERR_INIT;
		json_null(c->w);
		return 0;
	}
	json_object(c->w);
	json_member_str(c->w, "state", k.state);
	json_member_time(c->w, "time", k.at_us);
	json_end(c->w);
	return 0;
}

static int write_row(struct admin_call *c, const struct directory_domain *d,
                     struct err *err)
{
	json_object(c->w);
	json_member_str(c->w, "domain", d->display);
	json_member_str(c->w, "ascii", d->name);
	text_or_null(c->w, "alias_of", d->alias_of_name);
	json_member_u64(c->w, "accounts", d->accounts);
	json_member_u64(c->w, "aliases", d->aliases);
	text_or_null(c->w, "catchall", d->catchall_address);
	text_or_null(c->w, "postmaster", d->admin_address);
	admin_write_flags(c->w, "suspended", d->flags);
	json_member_time(c->w, "created", d->created_us);
	if (write_check(c, d->id, err) < 0)
		return -1;
	json_end(c->w);
	return 0;
}

/* What is written anew: the row in c->domain may be older than a change. */
int admin_state_domain(struct admin_call *c, struct json_writer *w,
                       struct err *err)
{
	struct directory_domain d;

	if (!c->domain.name.n)
		return err_set(err, ERR_NOT_FOUND, "it is not there yet");
	if (directory_domain_get(c->adm->dir, c->domain.name, c->a, &d, err) <
	    0)
		return -1;
	json_object(w);
	json_member_str(w, "domain", d.name);
	text_or_null(w, "alias_of", d.alias_of_name);
	text_or_null(w, "catchall", d.catchall_address);
	text_or_null(w, "postmaster", d.admin_address);
	admin_write_flags(w, "suspended", d.flags);
	json_end(w);
	return 0;
}

/* ---- reading ---- */

static const struct admin_param list_params[] = {
	ADMIN_PAGE_PARAMS,
	ADMIN_PARAM_END,
};

static int list(struct admin_call *c, struct err *err)
{
	struct directory_find f = {
		.admin = c->by->roles & ADMIN_OPERATOR ? 0 : c->by->account,
		.search = admin_arg_text(c, "search"),
		.after = admin_arg_text(c, "after"),
		.limit = admin_arg_limit(c),
	};
	struct directory_domain *v;
	size_t n;

	if (directory_domain_page(c->adm->dir, &f, c->a, &v, &n, err) < 0)
		return -1;
	admin_page_begin(c);
	for (size_t i = 0; i < n; i++)
		if (write_row(c, &v[i], err) < 0)
			return -1;
	admin_page_end(c, n == f.limit ? v[n - 1].name : STR(""));
	return 0;
}

static const struct admin_param one_params[] = {
	{ "domain", ADMIN_NAME, ADMIN_NEEDED, 0, NULL, "The domain" },
	ADMIN_PARAM_END,
};

static int get(struct admin_call *c, struct err *err)
{
	return write_row(c, &c->domain, err);
}

/* ---- changing ---- */

static const struct admin_param add_params[] = {
	{ "domain", ADMIN_NAME, ADMIN_NEEDED, 0, NULL, "The new domain" },
	{ "alias_of", ADMIN_NAME, 0, 0, NULL,
	  "A domain that is there, of which this is another name" },
	ADMIN_PARAM_END,
};

static int add(struct admin_call *c, struct err *err)
{
	struct admin_domain_new n = { .name = admin_arg_text(c, "domain"),
		                      .alias_of =
		                              admin_arg_text(c, "alias_of") };

	c->field = "domain";
	if (admin_domain_add(c->adm, &n, err) < 0)
		return -1;
	c->field = NULL;
	return directory_domain_get(c->adm->dir, n.name, c->a, &c->domain, err);
}

static const struct admin_param set_params[] = {
	{ "domain", ADMIN_NAME, ADMIN_NEEDED, 0, NULL, "The domain" },
	{ "postmaster", ADMIN_ADDRESS, ADMIN_DEFAULT, 0, NULL,
	  "Who gets mail to postmaster and abuse; null: the oldest account" },
	ADMIN_PARAM_END,
};

static int set(struct admin_call *c, struct err *err)
{
	struct str to = admin_arg_text(c, "postmaster");

	if (!admin_arg_given(c, "postmaster"))
		return admin_blame(c, "postmaster", err, ERR_INVALID,
		                   "there is nothing to set");
	if (to.n && admin_access_address(c, "postmaster", to, err) < 0)
		return -1;
	c->field = to.n ? "postmaster" : NULL;
	return admin_domain_admin(c->adm, c->domain.name, to, err);
}

static const struct admin_param flag_params[] = {
	{ "domain", ADMIN_NAME, ADMIN_NEEDED, 0, NULL, "The domain" },
	{ "what", ADMIN_CHOICES, 0, 0, "login|send|receive",
	  "What of it; without: all three" },
	ADMIN_PARAM_END,
};

unsigned admin_flags_asked(const struct admin_call *c)
{
	const struct admin_value *v = admin_arg(c, "what");
	unsigned flags = 0;

	for (size_t i = 0; i < v->items_n; i++)
		if (str_eq(v->items[i], STR("login")))
			flags |= DIRECTORY_NO_LOGIN;
		else if (str_eq(v->items[i], STR("send")))
			flags |= DIRECTORY_NO_SEND;
		else
			flags |= DIRECTORY_NO_RECEIVE;
	return flags ? flags
	             : DIRECTORY_NO_LOGIN | DIRECTORY_NO_SEND |
	                       DIRECTORY_NO_RECEIVE;
}

static int suspend(struct admin_call *c, struct err *err)
{
	return admin_domain_flags(c->adm, c->domain.name, admin_flags_asked(c),
	                          0, err);
}

static int resume(struct admin_call *c, struct err *err)
{
	return admin_domain_flags(c->adm, c->domain.name, 0,
	                          admin_flags_asked(c), err);
}

static int drop(struct admin_call *c, struct err *err)
{
	return admin_domain_remove(c->adm, c->domain.name, err);
}

/* ---- its records ---- */

static const struct admin_field record_fields[] = {
	{ "name", ADMIN_IS_TEXT, false, NULL, NULL },
	{ "type", ADMIN_IS_TEXT, false, NULL, "MX, TXT, CNAME or SRV" },
	{ "value", ADMIN_IS_TEXT, false, NULL, "A text is not quoted" },
	{ "data", ADMIN_IS_TEXT, false, NULL, "As a zone file has it" },
	{ "for", ADMIN_IS_TEXT, false, NULL, "What it is for" },
	{ "needed", ADMIN_IS_FLAG, false, NULL,
	  "Without it mail does not work as it should" },
	{ "selector", ADMIN_IS_TEXT, true, NULL, "Of a DKIM key" },
	{ "state", ADMIN_IS_TEXT, true, NULL,
	  "Of a DKIM key: waits, signs or retired" },
	ADMIN_FIELD_END,
};

static void write_record(struct json_writer *w, const struct admin_record *r)
{
	struct buf data;

	buf_init(&data, 8192);
	admin_record_data(r, &data);
	json_object(w);
	json_member_str(w, "name", r->name);
	json_member_z(w, "type", admin_record_type_name(r->type));
	json_member_str(w, "value", r->value);
	json_member_str(w, "data", buf_str(&data));
	json_member_z(w, "for", r->what);
	json_member_bool(w, "needed", r->needed);
	text_or_null(w, "selector", r->selector);
	text_or_null(w, "state", str_z(r->state));
	json_end(w);
	buf_deinit(&data);
}

static int records(struct admin_call *c, struct err *err)
{
	struct admin_records *r = arena_zalloc(c->a, sizeof(*r));

	if (admin_domain_records(c->adm, c->domain.name, c->a, r, err) < 0)
		return -1;
	admin_page_begin(c);
	for (size_t i = 0; i < r->n; i++)
		write_record(c->w, &r->v[i]);
	admin_page_end(c, STR(""));
	return 0;
}

static int rotate(struct admin_call *c, struct err *err)
{
	return admin_domain_rotate(c->adm, c->domain.name, err);
}

/* ---- its check ---- */

static int check_get(struct admin_call *c, struct err *err)
{
	struct directory_check k;

	if (directory_check_get(c->adm->dir, c->domain.id, c->a, &k, err) < 0)
		return -1;
	json_raw(c->w, k.result);
	return 0;
}

static int check_again(struct admin_call *c, struct err *err)
{
	if (!c->adm->check)
		return err_set(err, ERR_TEMP, "nobody checks here");
	return c->adm->check(c->adm->check_arg, c->domain.name, err);
}

/* ---- the catch-all ---- */

static const struct admin_param catchall_params[] = {
	{ "domain", ADMIN_NAME, ADMIN_NEEDED, 0, NULL, "The domain" },
	{ "address", ADMIN_ADDRESS, ADMIN_NEEDED, 0, NULL,
	  "The account that gets mail to addresses that do not exist" },
	ADMIN_PARAM_END,
};

static int catchall_set(struct admin_call *c, struct err *err)
{
	struct str to = admin_arg_text(c, "address");

	if (admin_access_address(c, "address", to, err) < 0)
		return -1;
	c->field = "address";
	return admin_catchall_set(c->adm, c->domain.name, to, err);
}

static int catchall_drop(struct admin_call *c, struct err *err)
{
	return admin_catchall_set(c->adm, c->domain.name, STR(""), err);
}

/* ---- the rows ---- */

#define ROW(n, m, p, w, ch, par, sh, res, fn, st, words)                 \
	{                                                                \
		.name = n, .method = m, .path = p, .who = w,             \
		.area = ADMIN_AREA_DOMAINS, .changes = ch,               \
		.subject = ADMIN_OF_DOMAIN, .params = par, .shape = sh,  \
		.result = res, .run = fn, .state = st, .sentence = words \
	}
#define BOTH (ADMIN_DOMAIN | ADMIN_OPERATOR)

const struct admin_operation admin_ops_domain[] = {
	{ .name = "domain.list",
	  .method = "GET",
	  .path = "/domains",
	  .who = BOTH,
	  .area = ADMIN_AREA_DOMAINS,
	  .params = list_params,
	  .shape = ADMIN_MANY,
	  .result = row_fields,
	  .run = list,
	  .sentence = "List the domains" },
	{ .name = "domain.add",
	  .method = "POST",
	  .path = "/domains",
	  .who = ADMIN_OPERATOR,
	  .area = ADMIN_AREA_DOMAINS,
	  .changes = true,
	  .params = add_params,
	  .shape = ADMIN_ONE,
	  .result = state_fields,
	  .run = add,
	  .state = admin_state_domain,
	  .sentence = "Take mail for a domain" },
	ROW("domain.get", "GET", "/domains/{domain}", BOTH, false, one_params,
	    ADMIN_ONE, row_fields, get, admin_state_domain, "Show a domain"),
	ROW("domain.set", "PATCH", "/domains/{domain}", BOTH, true, set_params,
	    ADMIN_ONE, state_fields, set, admin_state_domain,
	    "Change a domain"),
	ROW("domain.suspend", "POST", "/domains/{domain}/suspend",
	    ADMIN_OPERATOR, true, flag_params, ADMIN_ONE, state_fields, suspend,
	    admin_state_domain,
	    "Suspend login, sending or receiving of a domain"),
	ROW("domain.resume", "POST", "/domains/{domain}/resume", ADMIN_OPERATOR,
	    true, flag_params, ADMIN_ONE, state_fields, resume,
	    admin_state_domain, "Undo a suspension of a domain"),
	ROW("domain.remove", "DELETE", "/domains/{domain}", ADMIN_OPERATOR,
	    true, one_params, ADMIN_NOTHING, NULL, drop, admin_state_domain,
	    "Remove a domain that has no addresses"),
	{ .name = "domain.records",
	  .method = "GET",
	  .path = "/domains/{domain}/records",
	  .who = BOTH,
	  .area = ADMIN_AREA_DOMAINS,
	  .subject = ADMIN_OF_DOMAIN,
	  .host_too = true,
	  .params = one_params,
	  .shape = ADMIN_MANY,
	  .result = record_fields,
	  .run = records,
	  .sentence = "List the DNS records that a domain needs" },
	{ .name = "domain.rotate",
	  .method = "POST",
	  .path = "/domains/{domain}/rotate",
	  .who = BOTH,
	  .area = ADMIN_AREA_DOMAINS,
	  .changes = true,
	  .elsewhere = true,
	  .subject = ADMIN_OF_DOMAIN,
	  .host_too = true,
	  .params = one_params,
	  .run = rotate,
	  .sentence = "Make new DKIM keys beside the present ones" },
	ROW("check.get", "GET", "/domains/{domain}/check", BOTH, false,
	    one_params, ADMIN_ONE, admin_checked_fields, check_get, NULL,
	    "Show how the domain looked from outside the last time"),
	ROW("check.run", "POST", "/domains/{domain}/check", BOTH, false,
	    one_params, ADMIN_NOTHING, NULL, check_again, NULL,
	    "Look again, in the background"),
	ROW("catchall.set", "PUT", "/domains/{domain}/catchall", BOTH, true,
	    catchall_params, ADMIN_ONE, state_fields, catchall_set,
	    admin_state_domain, "Set the catch-all of a domain"),
	ROW("catchall.remove", "DELETE", "/domains/{domain}/catchall", BOTH,
	    true, one_params, ADMIN_NOTHING, NULL, catchall_drop,
	    admin_state_domain, "Take the catch-all of a domain away"),
	ADMIN_OP_END,
};
