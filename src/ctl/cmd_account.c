#include "ctl/show.h"
#include "wire/json/read.h"

/* An error about the account that the first argument names. */
static int fail(struct ctl *c, const struct err *err, const char *what)
{
	struct str address = ctl_arg(c, 0);
	const char *hint = NULL;

	if (err->kind == ERR_NOT_FOUND)
		hint = show_address_hint(c, address);
	return ctl_fail(c, err, hint, "cannot %s %.*s", what, STR_ARG(address));
}

int ctl_run_account_add(struct ctl *c)
{
	struct str address = ctl_arg(c, 0), password = { NULL, 0 };
	const char *quota = ctl_option(c, "quota");
	struct err err = ERR_INIT;
	uint64_t bytes;
	int rc = CTL_OK;

	if (quota)
		rc = show_quota_asked(c, quota, &bytes);
	if (rc == CTL_OK)
		rc = ctl_admin(c);
	if (rc == CTL_OK)
		rc = ctl_password(c, false, &password);
	if (rc != CTL_OK)
		return rc;
	if (CTL_DO(c, &err, "account.add", CTL_GIVE("address", address),
	           CTL_GIVE("name", str_z(ctl_option(c, "name"))),
	           CTL_GIVE("quota_bytes", str_z(quota)),
	           CTL_GIVE("password", password)) < 0)
		return fail(c, &err, "add the account");
	if (!password.p)
		ctl_note(c, "no password yet: posthus passwd %.*s",
		         STR_ARG(address));
	return ctl_done(c, "address", address, "added");
}

static const struct out_column columns[] = {
	{ "address", "ADDRESS" },   { "name", "NAME" },
	{ "quota_bytes", "QUOTA" }, { "suspended", "SUSPENDED" },
	{ "forward", "FORWARD" },   { "keep", NULL },
	{ "created", "CREATED" },
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static bool show_row(void *arg, const struct directory_entry *e)
{
	struct out *o = arg;

	out_text(o, e->address);
	out_text(o, e->name);
	out_bytes(o, e->quota_bytes);
	show_flags(o, e->flags);
	out_list(o, e->targets, e->targets_n);
	out_flag(o, e->keep);
	out_time(o, e->created_us);
	return true;
}

static const struct out_column removed_columns[] = {
	{ "address", "ADDRESS" },
	{ "name", "NAME" },
	{ "removed", "REMOVED" },
};

static bool show_removed(void *arg, const struct directory_account *acc)
{
	struct out *o = arg;

	out_text(o, acc->address);
	out_text(o, acc->name);
	out_time(o, acc->removed_us);
	return true;
}

int ctl_run_account_list(struct ctl *c)
{
	bool removed = ctl_option(c, "removed") != NULL;
	struct err err = ERR_INIT;
	struct directory *dir;
	int64_t domain;
	struct out o;
	int rc = ctl_admin(c);

	if (rc == CTL_OK)
		rc = show_domain_asked(c, ctl_arg(c, 0), &domain);
	if (rc != CTL_OK)
		return rc;
	dir = admin_directory(c->admin);
	if (removed) {
		out_begin(&o, c, removed_columns, 3, false);
		rc = directory_removed_each(dir, show_removed, &o, &err);
	} else {
		out_begin(&o, c, columns, COLUMNS, false);
		rc = directory_entry_each(dir, domain, DIRECTORY_ACCOUNT,
		                          show_row, &o, &err);
	}
	if (rc < 0)
		return ctl_fail(c, &err, NULL, "cannot list the accounts");
	return out_end(&o);
}

static const struct out_column single_columns[] = {
	{ "address", "address" },     { "name", "name" },
	{ "password", "password" },   { "quota_bytes", "quota" },
	{ "used_bytes", "used" },     { "messages", "messages" },
	{ "suspended", "suspended" }, { "forward", "forward" },
	{ "keep", "keeps a copy" },   { "senders", "may send as" },
	{ "created", "created" },     { "id", "id" },
};

int ctl_run_account_show(struct ctl *c)
{
	struct admin_account acc;
	struct err err = ERR_INIT;
	struct out o;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	if (admin_account_get(c->admin, ctl_arg(c, 0), &c->arena, &acc, &err) <
	    0)
		return fail(c, &err, "show the account");
	out_begin(&o, c, single_columns,
	          sizeof(single_columns) / sizeof(single_columns[0]), true);
	out_text(&o, acc.display);
	out_text(&o, acc.row.name);
	out_flag(&o, acc.has_password);
	out_bytes(&o, acc.row.quota_bytes);
	out_bytes(&o, acc.used_bytes);
	out_number(&o, acc.messages);
	show_flags(&o, acc.row.flags);
	show_targets(&o, &c->arena, acc.forwards, acc.forwards_n);
	out_flag(&o, acc.row.keep);
	out_list(&o, acc.senders, acc.senders_n);
	out_time(&o, acc.row.created_us);
	out_number(&o, (uint64_t)acc.row.id);
	return out_end(&o);
}

int ctl_run_account_set(struct ctl *c)
{
	const char *name = ctl_option(c, "name");
	const char *quota = ctl_option(c, "quota");
	struct err err = ERR_INIT;
	uint64_t bytes = 0;
	int rc = CTL_OK;

	if (!name && !quota)
		return ctl_usage(c, "there is nothing to set: --name NAME or "
		                    "--quota SIZE");
	if (quota)
		rc = show_quota_asked(c, quota, &bytes);
	if (rc == CTL_OK)
		rc = ctl_admin(c);
	if (rc != CTL_OK)
		return rc;
	if (CTL_DO(c, &err, "account.set", CTL_GIVE("address", ctl_arg(c, 0)),
	           CTL_GIVE("quota_bytes", str_z(quota)),
	           CTL_GIVE("name", str_z(name))) < 0)
		return fail(c, &err, "change the account");
	return ctl_done(c, "address", ctl_arg(c, 0), "changed");
}

static int set_flags(struct ctl *c, const char *operation, const char *result)
{
	struct err err = ERR_INIT;
	const struct str *what;
	size_t n = show_flags_asked(c, &what);
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	if (CTL_DO(c, &err, operation, CTL_GIVE("address", ctl_arg(c, 0)),
	           CTL_LIST("what", what, n)) < 0)
		return fail(c, &err, "change the account");
	return ctl_done(c, "address", ctl_arg(c, 0), result);
}

int ctl_run_account_suspend(struct ctl *c)
{
	return set_flags(c, "account.suspend", "suspended");
}

int ctl_run_account_resume(struct ctl *c)
{
	return set_flags(c, "account.resume", "resumed");
}

static int grant(struct ctl *c, bool remove)
{
	struct err err = ERR_INIT;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	if (CTL_DO(c, &err, remove ? "sender.remove" : "sender.add",
	           CTL_GIVE("address", ctl_arg(c, 0)),
	           CTL_GIVE("sender", ctl_arg(c, 1))) < 0)
		return fail(c, &err, "change the senders of");
	return ctl_done(c, "address", ctl_arg(c, 0),
	                remove ? "sender revoked" : "sender granted");
}

int ctl_run_account_grant(struct ctl *c)
{
	return grant(c, false);
}

int ctl_run_account_revoke(struct ctl *c)
{
	return grant(c, true);
}

int ctl_run_account_rm(struct ctl *c)
{
	bool erase = ctl_option(c, "erase") != NULL;
	struct str address = ctl_arg(c, 0);
	struct directory_account acc;
	struct err err = ERR_INIT;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	if (admin_account_find(c->admin, address, &c->arena, &acc, &err) < 0)
		return fail(c, &err, "remove the account");
	if (!ctl_confirm(c,
	                 erase ? "%.*s and all its mail will be gone for good."
	                       : "%.*s will be removed; posthus account "
	                         "restore brings it back.",
	                 STR_ARG(acc.address)))
		return CTL_USAGE;
	if (CTL_DO(c, &err, "account.remove", CTL_GIVE("address", address),
	           CTL_GIVE("erase", erase ? STR("true") : STR("false"))) < 0)
		return fail(c, &err, "remove the account");
	return ctl_done(c, "address", acc.address,
	                erase ? "erased" : "removed");
}

int ctl_run_account_restore(struct ctl *c)
{
	struct err err = ERR_INIT;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	if (CTL_DO(c, &err, "account.restore",
	           CTL_GIVE("address", ctl_arg(c, 0))) < 0)
		return ctl_fail(c, &err, "posthus account list --removed",
		                "cannot restore the account %.*s",
		                STR_ARG(ctl_arg(c, 0)));
	return ctl_done(c, "address", ctl_arg(c, 0), "restored");
}

static const struct out_column link_columns[] = {
	{ "address", "address" },
	{ "link", "link" },
	{ "expires", "good until" },
};

int ctl_run_account_link(struct ctl *c)
{
	struct str address = ctl_arg(c, 0), answer = STR("");
	struct json link = { NULL };
	struct err err = ERR_INIT;
	struct json_doc *doc;
	int64_t until;
	struct out o;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	if (ctl_operate(c, "account.link",
	                (const struct ctl_give[]){
				CTL_GIVE("address", address) },
	                1, &answer, &err) < 0 ||
	    admin_start_until(c->admin, address, &until, &err) < 0)
		return fail(c, &err, "make a link for");
	if (json_parse(&doc, answer, NULL, &err) < 0)
		return ctl_fail(c, &err, NULL, "cannot show the link");
	out_begin(&o, c, link_columns, 3, true);
	out_text(&o, address);
	out_text(&o, json_get(json_root(doc), "link", &link) ? json_as_str(link)
	                                                     : STR(""));
	out_time(&o, until);
	rc = out_end(&o);
	json_free(&doc);
	return rc;
}

int ctl_run_passwd(struct ctl *c)
{
	struct directory_account acc;
	struct err err = ERR_INIT;
	struct str password;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	/* Before anything is asked: is there such an account? */
	if (admin_account_find(c->admin, ctl_arg(c, 0), &c->arena, &acc, &err) <
	    0)
		return fail(c, &err, "set the password of");
	rc = ctl_password(c, true, &password);
	if (rc != CTL_OK)
		return rc;
	if (CTL_DO(c, &err, "account.password",
	           CTL_GIVE("address", ctl_arg(c, 0)),
	           CTL_GIVE("password", password)) < 0)
		return fail(c, &err, "set the password of");
	return ctl_done(c, "address", acc.address, "password set");
}
